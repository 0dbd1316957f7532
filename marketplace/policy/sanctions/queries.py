"""Looking up bans."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select

from marketplace.base.context import Context
from marketplace.base.errors import NotFound, Refusal
from marketplace.base.permissions import visible as narrow
from marketplace.base.text import N_
from marketplace.policy.sanctions.models import Ban
from marketplace.policy.sanctions.permissions import READ
from marketplace.policy.sanctions.states import BanState, Subject


def holding(day: date) -> ColumnElement[bool]:
    """The condition that a ban holds on a day; both its days are inside."""
    return and_(Ban.state == BanState.IMPOSED, Ban.from_day <= day, Ban.until_day >= day)


def active(ctx: Context, kind: Subject | str, subject_id: Any, day: date) -> Ban | None:
    """The ban that holds for an organisation or a region on a day, the longest one; None where none does."""
    return ctx.session.scalars(
        select(Ban)
        .where(Ban.subject_kind == Subject(kind), Ban.subject_id == str(subject_id), holding(day))
        .order_by(Ban.until_day.desc())
        .limit(1)
    ).one_or_none()


def active_among(ctx: Context, kind: Subject | str, subject_ids: Iterable[Any], day: date) -> dict[str, Ban]:
    """The same for many subjects at once, by subject id."""
    wanted = [str(subject_id) for subject_id in subject_ids]
    if not wanted:
        return {}
    found = ctx.session.scalars(
        select(Ban)
        .where(Ban.subject_kind == Subject(kind), Ban.subject_id.in_(wanted), holding(day))
        .order_by(Ban.until_day)
    )
    return {ban.subject_id: ban for ban in found}


def visible(ctx: Context) -> Select[Ban]:
    """Bans this person may see: everybody those that hold today, officers all."""
    return narrow(ctx, READ, select(Ban), public=holding(ctx.today))


def search(
    ctx: Context, *, words: str | None = None, kind: Subject | None = None, state: BanState | None = None
) -> Select[Ban]:
    """The same, narrowed by words of the subject's name, the kind of subject and the state."""
    statement = visible(ctx)
    if words:
        statement = statement.where(Ban.subject_name.contains(words, autoescape=True))
    if kind is not None:
        statement = statement.where(Ban.subject_kind == kind)
    if state is not None:
        statement = statement.where(Ban.state == state)
    return statement


def get(ctx: Context, ban_id: uuid.UUID, *, lock: bool = False) -> Ban:
    """One ban; 404 where it is not to be seen."""
    statement = visible(ctx).where(Ban.id == ban_id)
    ban = ctx.session.scalars(statement.with_for_update() if lock else statement).one_or_none()
    if ban is None:
        raise NotFound("ban")
    return ban


def require_none(ctx: Context, kind: Subject | str, subject_id: Any, *, field: str | None = None) -> None:
    """Refuse when a ban holds today for an organisation or a region (`ban.active`, the clause of the ban)."""
    ban = active(ctx, kind, subject_id, ctx.today)
    if ban is not None:
        raise Refusal(
            "ban.active",
            N_("“{name}”被取消资格至 {until}（{basis}）。"),
            clause=ban.clause,
            field=field,
            name=ban.subject_name,
            until=ban.until_day,
            basis=ban.basis,
        )
