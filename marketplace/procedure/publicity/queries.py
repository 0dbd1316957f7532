"""Notices are public: nobody is asked who reads them. Objections are for officers of the place and auditors."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select

from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.base.ids import normal_number
from marketplace.base.paging import Key, Page, fetch
from marketplace.base.permissions import visible
from marketplace.procedure.publicity import permissions
from marketplace.procedure.publicity.models import NoticeItem, Objection, PublicNotice
from marketplace.procedure.publicity.states import RUNNING, NoticeState, ObjectionState

NEWEST = [Key(PublicNotice.starts_on, True), Key(PublicNotice.id, True)]
OLDEST = [Key(PublicNotice.starts_on), Key(PublicNotice.id)]


def get(ctx: Context, notice_id: uuid.UUID) -> PublicNotice:
    """One notice; public."""
    notice = ctx.session.get(PublicNotice, notice_id)
    if notice is None:
        raise NotFound("public_notice")
    return notice


def lock(ctx: Context, notice_id: uuid.UUID) -> PublicNotice:
    """The notice, held until the end of the act."""
    notice = ctx.session.get(PublicNotice, notice_id, with_for_update=True, populate_existing=True)
    if notice is None:
        raise NotFound("public_notice")
    return notice


def items(ctx: Context, notice_id: uuid.UUID) -> list[NoticeItem]:
    """What a notice lists, in its order."""
    statement = select(NoticeItem).where(NoticeItem.notice_id == notice_id).order_by(NoticeItem.position)
    return list(ctx.session.scalars(statement))


def search(
    ctx: Context,
    *,
    city: str | None = None,
    state: NoticeState | None = None,
    subject_kind: str | None = None,
    subject_id: uuid.UUID | None = None,
    words: str | None = None,
    since: date | None = None,
    until: date | None = None,
    order: Sequence[Key] = NEWEST,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[PublicNotice]:
    """All notices, the newest first; public. `since` and `until` bound the day of publication."""
    statement = select(PublicNotice)
    for column, value in (
        (PublicNotice.city, city),
        (PublicNotice.state, state),
        (PublicNotice.subject_kind, subject_kind),
        (PublicNotice.subject_id, subject_id),
    ):
        if value:
            statement = statement.where(column == value)
    if words:
        statement = statement.where(PublicNotice.title.contains(words, autoescape=True))
    if since is not None:
        statement = statement.where(PublicNotice.starts_on >= since)
    if until is not None:
        statement = statement.where(PublicNotice.starts_on <= until)
    return fetch(ctx.session, statement, order, limit=limit, cursor=cursor)


def of_subject(ctx: Context, subject_kind: str, subject_id: uuid.UUID) -> list[PublicNotice]:
    """The notices of one subject, the newest first."""
    statement = select(PublicNotice).where(
        PublicNotice.subject_kind == subject_kind, PublicNotice.subject_id == subject_id
    )
    return list(ctx.session.scalars(statement.order_by(PublicNotice.created_at.desc())))


def objections(ctx: Context) -> Select[Objection]:
    """Objections this person may see, with their personal data."""
    return visible(ctx, permissions.READ_OBJECTIONS, select(Objection), city=Objection.city)


def objections_to(ctx: Context, notice_id: uuid.UUID) -> list[Objection]:
    """The objections to a notice that this person may see, in the order of their coming."""
    statement = objections(ctx).where(Objection.notice_id == notice_id)
    return list(ctx.session.scalars(statement.order_by(Objection.created_at, Objection.id)))


def objection(ctx: Context, objection_id: uuid.UUID, *, lock: bool = False) -> Objection:
    """One objection; 404 where it is not to be seen."""
    statement = objections(ctx).where(Objection.id == objection_id)
    found = ctx.session.scalars(statement.with_for_update() if lock else statement).one_or_none()
    if found is None:
        raise NotFound("objection")
    return found


def by_receipt(ctx: Context, receipt: str) -> Objection:
    """The objection of a receipt, for whoever holds it; show its state and ruling only, never name or contact."""
    bare = normal_number(receipt)
    found = bare and ctx.session.scalars(select(Objection).where(Objection.receipt == bare)).one_or_none()
    if not found:
        raise NotFound("objection")
    return found


def rulings(ctx: Context, notice_id: uuid.UUID) -> list[Objection]:
    """Decided objections of a notice: their rulings are public, the persons are not."""
    statement = select(Objection).where(Objection.notice_id == notice_id, Objection.state != ObjectionState.OPEN)
    return list(ctx.session.scalars(statement.order_by(Objection.ruled_at)))


def open_objections(ctx: Context, notice_id: uuid.UUID) -> int:
    """How many objections to a notice wait for their ruling."""
    statement = select(func.count()).where(Objection.notice_id == notice_id, Objection.state == ObjectionState.OPEN)
    return ctx.session.scalar(statement) or 0


def ripe(ctx: Context) -> list[PublicNotice]:
    """Notices of this officer's own place whose last day has passed and that nobody objects to."""
    statement: Select[Any] = visible(ctx, permissions.PUBLISH, select(PublicNotice), city=PublicNotice.city)
    return list(
        ctx.session.scalars(
            statement.where(PublicNotice.city == ctx.who.region)
            .where(PublicNotice.state == NoticeState.OPEN, PublicNotice.ends_on < ctx.today)
            .order_by(PublicNotice.ends_on)
            .limit(20)
        )
    )


def waiting(ctx: Context) -> list[Objection]:
    """Objections that this officer's own place has to rule on, the most urgent first.

    A province may rule on those of its cities, too, but nobody waits for it.
    """
    statement: Select[Any] = visible(ctx, permissions.RULE, select(Objection), city=Objection.city)
    return list(
        ctx.session.scalars(
            statement.where(Objection.city == ctx.who.region, Objection.state == ObjectionState.OPEN)
            .order_by(Objection.due_on, Objection.id)
            .limit(20)
        )
    )


def running(ctx: Context, subject_kind: str, subject_id: uuid.UUID) -> PublicNotice | None:
    """The notice of a subject that runs now."""
    return ctx.session.scalars(
        select(PublicNotice).where(
            PublicNotice.subject_kind == subject_kind,
            PublicNotice.subject_id == subject_id,
            PublicNotice.state.in_(RUNNING),
        )
    ).one_or_none()
