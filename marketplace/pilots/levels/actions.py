"""Recording levels. A record is never changed; a correction is a later record of the same day."""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import select

from marketplace.base.context import Context
from marketplace.base.errors import Invalid, Refusal
from marketplace.base.permissions import Scope
from marketplace.base.text import N_
from marketplace.people.organisations import queries as organisations
from marketplace.pilots.levels import permissions
from marketplace.pilots.levels.events import LevelRecorded
from marketplace.pilots.levels.models import LevelRecord
from marketplace.pilots.members.models import Member
from marketplace.pilots.members.states import MemberState
from marketplace.pilots.programmes import queries as pilots
from marketplace.pilots.programmes.models import Pilot
from marketplace.pilots.programmes.rules import named
from marketplace.policy.editions import queries as editions
from marketplace.record.audit import actions as audit
from marketplace.record.documents import actions as documents


def record(
    ctx: Context,
    *,
    enterprise_id: uuid.UUID,
    value: str,
    assessor: str,
    assessed_on: date,
    scale: str | None = None,
    version: str | None = None,
    pilot_id: uuid.UUID | None = None,
    evidence_document_id: uuid.UUID | None = None,
) -> LevelRecord:
    """Record the level of an enterprise on the scale of its pilot's rule book (二(二)).

    Without `pilot_id` the pilot is the one in which the enterprise is a member. `version` defaults to the edition of
    the scale that the book names.
    """
    enterprise = organisations.by_id(ctx, enterprise_id)
    pilot = _pilot(ctx, enterprise_id, pilot_id)
    ctx.require(permissions.RECORD, Scope.of(pilot_id=pilot.id, city=pilot.city))
    known = editions.book(ctx, pilot.edition_id).level_scale
    if scale is not None and scale != known.code:
        raise Refusal(
            "level.other_scale",
            N_("试点采用{scale}，不能按其他标准登记。"),
            clause=known.clause,
            field="scale",
            scale=named(known),
        )
    rank = known.rank(value)
    if rank is None:
        raise Refusal(
            "level.unknown",
            N_("“{value}”不是{scale}的等级（{first}—{last}）。"),
            clause=known.clause,
            field="value",
            value=value[:20],
            scale=named(known),
            first=known.levels[0],
            last=known.levels[-1],
        )
    if assessed_on > ctx.today:
        raise Refusal("level.in_the_future", N_("评定日期不能晚于今天。"), clause=known.clause, field="assessed_on")
    if not assessor.strip():
        raise Invalid({"assessor": [N_("此项必填。")]})
    row = ctx.add(
        LevelRecord(
            enterprise_id=enterprise.id,
            city=pilot.city,
            pilot_id=pilot.id,
            edition_id=pilot.edition_id,
            scale=known.code,
            version=(version or known.edition_zh).strip(),
            value=known.levels[rank - 1],
            rank=rank,
            assessor=assessor.strip(),
            assessed_on=assessed_on,
            evidence_document_id=documents.get(ctx, evidence_document_id).id if evidence_document_id else None,
            recorded_by=ctx.actor.person_id if ctx.actor else None,
        )
    )
    ctx.session.flush()
    audit.record(ctx, "level.recorded", row, enterprise_id=enterprise.id, value=row.value, assessed_on=assessed_on)
    ctx.announce(LevelRecorded(row.id, enterprise.id, row.scale, row.value, assessed_on))
    return row


def _pilot(ctx: Context, enterprise_id: uuid.UUID, pilot_id: uuid.UUID | None) -> Pilot:
    """The pilot in which the enterprise is a live member."""
    wanted = select(Member.pilot_id).where(Member.enterprise_id == enterprise_id, Member.state != MemberState.WITHDRAWN)
    if pilot_id is not None:
        wanted = wanted.where(Member.pilot_id == pilot_id)
    found = ctx.session.scalars(wanted.order_by(Member.created_at.desc()).limit(1)).one_or_none()
    if found is None:
        raise Refusal("level.no_member", N_("该企业不在试点的改造企业名单中。"), field="enterprise_id")
    return pilots.read(ctx, found)
