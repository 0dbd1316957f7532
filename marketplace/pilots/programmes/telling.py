"""Who is told of what happened to a pilot."""

from __future__ import annotations

from marketplace.base.context import Context
from marketplace.base.money import Yuan
from marketplace.base.roles import Role
from marketplace.base.text import N_, Text
from marketplace.pilots.programmes import queries
from marketplace.pilots.programmes.events import PilotApproved, PilotSuspended, PlanChangeApproved, TrancheReleased
from marketplace.record.notices import actions as notices


def approved(ctx: Context, fact: PilotApproved) -> None:
    """City and office learn that the plan is approved, and with how much."""
    pilot = queries.read(ctx, fact.pilot_id)
    text = Text(N_("试点“{pilot}”已批复，奖补资金 {amount}。"), {"pilot": pilot.name, "amount": Yuan(fact.award_fen)})
    notices.tell(ctx, organisation_id=pilot.office_organisation_id, text=text, url=f"/pilots/{pilot.id}")
    notices.tell(ctx, role=Role.CITY, region=pilot.city, text=text, url=f"/pilots/{pilot.id}")


def suspended(ctx: Context, fact: PilotSuspended) -> None:
    """City and office learn that the pilot is suspended."""
    pilot = queries.read(ctx, fact.pilot_id)
    text = Text(N_("试点“{pilot}”被暂停试点资格。"), {"pilot": pilot.name})
    notices.tell(ctx, organisation_id=pilot.office_organisation_id, text=text, url=f"/pilots/{pilot.id}")
    notices.tell(ctx, role=Role.CITY, region=pilot.city, text=text, url=f"/pilots/{pilot.id}")


def released(ctx: Context, fact: TrancheReleased) -> None:
    """The finance officers of the pilot learn that money is under way."""
    pilot = queries.read(ctx, fact.pilot_id)
    text = Text(
        N_("“{pilot}”第 {number} 期资金 {amount} 已下达，到账后请确认。"),
        {"pilot": pilot.name, "number": fact.number, "amount": Yuan(fact.amount_fen)},
    )
    notices.tell(
        ctx, role=Role.FINANCE, pilot_id=pilot.id, text=text, url=f"/pilots/tranches/{fact.tranche_id}/receipt"
    )


def change_approved(ctx: Context, fact: PlanChangeApproved) -> None:
    """The office learns that its change of plan is approved."""
    pilot = queries.read(ctx, fact.pilot_id)
    text = Text(N_("试点“{pilot}”的实施方案调整已获批准。"), {"pilot": pilot.name})
    notices.tell(ctx, organisation_id=pilot.office_organisation_id, text=text, url=f"/pilots/{pilot.id}")
