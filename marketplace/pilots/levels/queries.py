"""Looking up levels as of a day."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date

from sqlalchemy import Select, func, select

from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.base.permissions import visible as narrow
from marketplace.pilots.levels.models import LevelRecord
from marketplace.pilots.levels.permissions import READ


def visible(ctx: Context) -> Select[LevelRecord]:
    """Records this person may see: an enterprise its own, officers those of their place."""
    return narrow(
        ctx,
        READ,
        select(LevelRecord),
        own=[LevelRecord.enterprise_id],
        pilot=LevelRecord.pilot_id,
        city=LevelRecord.city,
    )


def search(ctx: Context, *, enterprise_id: uuid.UUID | None = None, scale: str | None = None) -> Select[LevelRecord]:
    """The same, narrowed by enterprise and scale."""
    wanted = [(LevelRecord.enterprise_id, enterprise_id), (LevelRecord.scale, scale)]
    return visible(ctx).where(*(column == value for column, value in wanted if value))


def get(ctx: Context, record_id: uuid.UUID) -> LevelRecord:
    """One record this person may see; 404 otherwise."""
    found = ctx.session.scalars(visible(ctx).where(LevelRecord.id == record_id)).one_or_none()
    if found is None:
        raise NotFound("level_record")
    return found


def latest(ctx: Context, enterprise_id: uuid.UUID, scale: str, day: date) -> LevelRecord | None:
    """The level that held on a day: the last assessment on or before it, the later entry first; asks nothing."""
    return ctx.session.scalars(
        select(LevelRecord)
        .where(LevelRecord.enterprise_id == enterprise_id, LevelRecord.scale == scale, LevelRecord.assessed_on <= day)
        .order_by(LevelRecord.assessed_on.desc(), LevelRecord.created_at.desc(), LevelRecord.id.desc())
        .limit(1)
    ).one_or_none()


def latest_among(
    ctx: Context, enterprise_ids: Iterable[uuid.UUID], scale: str, day: date
) -> dict[uuid.UUID, LevelRecord]:
    """The same for many enterprises in one query."""
    place = (
        func.row_number()
        .over(
            partition_by=LevelRecord.enterprise_id,
            order_by=(LevelRecord.assessed_on.desc(), LevelRecord.created_at.desc(), LevelRecord.id.desc()),
        )
        .label("place")
    )
    inner = (
        select(LevelRecord.id, place)
        .where(
            LevelRecord.enterprise_id.in_(set(enterprise_ids)),
            LevelRecord.scale == scale,
            LevelRecord.assessed_on <= day,
        )
        .subquery()
    )
    wanted = select(LevelRecord).join(inner, inner.c.id == LevelRecord.id).where(inner.c.place == 1)
    return {row.enterprise_id: row for row in ctx.session.scalars(wanted)}


def history(ctx: Context, enterprise_id: uuid.UUID) -> list[LevelRecord]:
    """Every record of an enterprise within reach, newest assessment first."""
    statement = visible(ctx).where(LevelRecord.enterprise_id == enterprise_id)
    return list(ctx.session.scalars(statement.order_by(LevelRecord.assessed_on.desc(), LevelRecord.created_at.desc())))
