"""Who is told what happens to an adjustment."""

from __future__ import annotations

import uuid
from typing import Any

from marketplace.base.context import Context
from marketplace.base.money import Yuan
from marketplace.base.roles import Role
from marketplace.base.text import N_, Text
from marketplace.record.notices import actions as notices
from vouchers.adjustments.events import AdjustmentBooked, AdjustmentDeclined, AdjustmentProposed
from vouchers.adjustments.models import Adjustment
from vouchers.adjustments.states import KINDS


def _finance(ctx: Context, adjustment_id: uuid.UUID, text: str, **values: Any) -> None:
    row = ctx.session.get_one(Adjustment, adjustment_id)
    told = Text(text, {"kind": Text(KINDS[row.kind]), "amount": Yuan(row.amount_fen), **values})
    for place in ({"pilot_id": row.pilot_id}, {"region": row.city}):
        notices.tell(ctx, role=Role.FINANCE, **place, text=told, url=f"/adjustments/{row.id}")


def proposed(ctx: Context, fact: AdjustmentProposed) -> None:
    """The checkers hear of it: finance at the pilot and in the city."""
    _finance(ctx, fact.adjustment_id, N_("{kind}（{amount}）已提出，待另一人复核入账。"))


def booked(ctx: Context, fact: AdjustmentBooked) -> None:
    _finance(ctx, fact.adjustment_id, N_("{kind}（{amount}）已入账。"))


def declined(ctx: Context, fact: AdjustmentDeclined) -> None:
    _finance(ctx, fact.adjustment_id, N_("{kind}（{amount}）未予入账：{reason}"), reason=fact.reason)


SUBSCRIPTIONS: dict[type, Any] = {
    AdjustmentProposed: proposed,
    AdjustmentBooked: booked,
    AdjustmentDeclined: declined,
}
