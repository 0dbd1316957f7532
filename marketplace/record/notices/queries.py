"""The inbox of whoever looks, and what waits in the outbox."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from marketplace.base.clock import midnight
from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.base.paging import Key, Page, fetch
from marketplace.base.text import N_
from marketplace.record.notices.models import Notice, NoticeRead, Outbox
from marketplace.record.notices.permissions import READ_OUTBOX

MANY = 100
"""Unread notices are counted up to here."""


def get(ctx: Context, notice_id: uuid.UUID) -> Notice:
    """A notice addressed to this person, or NotFound."""
    notice = ctx.session.scalars(select(Notice).where(Notice.id == notice_id, addressed(ctx))).one_or_none()
    if notice is None:
        raise NotFound("notice")
    return notice


def addressed(ctx: Context) -> ColumnElement[bool]:
    """Whether a notice is for whoever acts: for the person, or for all whose assignment fits everything it names."""
    who = ctx.who
    group: list[ColumnElement[bool]] = [Notice.person_id.is_(None)]
    for column, value in (
        (Notice.organisation_id, who.organisation_id),
        (Notice.role, who.role.value if who.role else None),
        (Notice.region, who.region),
        (Notice.pilot_id, who.pilot_id),
    ):
        group.append(column.is_(None) if value is None else or_(column.is_(None), column == value))
    return or_(Notice.person_id == who.person_id, and_(*group))


def _unread(ctx: Context) -> ColumnElement[bool]:
    mark = select(NoticeRead.notice_id).where(
        NoticeRead.notice_id == Notice.id, NoticeRead.person_id == ctx.who.person_id
    )
    return ~mark.exists()


def unread(ctx: Context) -> int:
    """How many notices this person has not read, counted up to a hundred; 0 for a visitor. For the header."""
    if ctx.actor is None:
        return 0
    some = select(Notice.id).where(addressed(ctx), _unread(ctx)).limit(MANY).subquery()
    return ctx.session.execute(select(func.count()).select_from(some)).scalar_one()


class Reading(StrEnum):
    UNREAD = "unread"
    READ = "read"


READINGS = {Reading.UNREAD: N_("未读"), Reading.READ: N_("已读")}


@dataclass(frozen=True)
class Entry:
    """A notice in the inbox, and whether it was read."""

    notice: Notice
    read: bool

    @property
    def id(self) -> uuid.UUID:
        return self.notice.id


def inbox(
    ctx: Context,
    *,
    state: Reading | None = None,
    since: date | None = None,
    until: date | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Entry]:
    """This person's notices: unread first, then newest first."""
    read = case((_unread(ctx), 0), else_=1)
    statement: Select[tuple[Notice, int]] = select(Notice, read).where(addressed(ctx))
    if state is not None:
        statement = statement.where(_unread(ctx) if state is Reading.UNREAD else ~_unread(ctx))
    if since is not None:
        statement = statement.where(Notice.created_at >= midnight(since))
    if until is not None:
        statement = statement.where(Notice.created_at < midnight(until + timedelta(days=1)))
    page = fetch(ctx.session, statement, [Key(read), Key(Notice.id, descending=True)], cursor=cursor, limit=limit)
    return Page([Entry(row[0], bool(row[1])) for row in page.items], page.next_cursor, page.cursor, page.limit)


def waiting(
    ctx: Context,
    *,
    topic: str | None = None,
    failed: bool | None = None,
    order: Sequence[Key] = (Key(Outbox.id),),
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Outbox]:
    """Messages that were not sent yet, oldest first. Their contents are not for the administrator's eyes."""
    ctx.require(READ_OUTBOX)
    statement = select(Outbox).where(Outbox.sent_at.is_(None))
    if topic is not None:
        statement = statement.where(Outbox.topic == topic)
    if failed:
        statement = statement.where(Outbox.last_error.is_not(None))
    return fetch(ctx.session, statement, order, cursor=cursor, limit=limit)
