"""Who is told that an enterprise joined or left a pilot."""

from __future__ import annotations

from marketplace.base.context import Context
from marketplace.base.text import N_, Text
from marketplace.pilots.members.events import MemberConfirmed, MemberWithdrawn
from marketplace.pilots.programmes import queries as pilots
from marketplace.record.notices import actions as notices


def confirmed(ctx: Context, fact: MemberConfirmed) -> None:
    """The enterprise learns that it is on the list."""
    pilot = pilots.read(ctx, fact.pilot_id)
    text = Text(N_("贵单位已列入试点“{pilot}”的改造企业名单。"), {"pilot": pilot.name})
    notices.tell(ctx, organisation_id=fact.enterprise_id, text=text, url=f"/members/{fact.member_id}")


def withdrawn(ctx: Context, fact: MemberWithdrawn) -> None:
    """The enterprise learns that it is off the list."""
    pilot = pilots.read(ctx, fact.pilot_id)
    text = Text(N_("贵单位已移出试点“{pilot}”的改造企业名单。"), {"pilot": pilot.name})
    notices.tell(ctx, organisation_id=fact.enterprise_id, text=text, url=f"/members/{fact.member_id}")
