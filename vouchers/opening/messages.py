"""Who is told of opening entries: whoever may release them, and the person who prepared them."""

from __future__ import annotations

from typing import Any

from marketplace.base.context import Context
from marketplace.base.money import Yuan
from marketplace.base.roles import Role
from marketplace.base.text import N_, Text
from marketplace.record.notices import actions as notices
from vouchers.ledger.models.openings import Opening
from vouchers.opening.events import OpeningReleased, OpeningReturned, OpeningSubmitted


def submitted(ctx: Context, fact: OpeningSubmitted) -> None:
    """Both finance desks that may reach it: the pilot's and the city's."""
    opening = ctx.session.get_one(Opening, fact.opening_id)
    values = {"number": opening.number, "rows": fact.rows, "paid": Yuan(fact.paid_fen)}
    text = Text(N_("期初数据 {number}（{rows} 行，已支付 {paid}）待另一人复核入账。"), values)
    url = f"/openings/{opening.id}"
    notices.tell(ctx, role=Role.FINANCE, pilot_id=opening.pilot_id, text=text, url=url)
    notices.tell(ctx, role=Role.FINANCE, region=opening.city, text=text, url=url)


def returned(ctx: Context, fact: OpeningReturned) -> None:
    _maker(ctx, fact.opening_id, N_("期初数据 {number} 已退回，请按复核意见更正。"))


def released(ctx: Context, fact: OpeningReleased) -> None:
    _maker(ctx, fact.opening_id, N_("期初数据 {number} 已复核入账。"))


def _maker(ctx: Context, opening_id: Any, text: str) -> None:
    opening = ctx.session.get_one(Opening, opening_id)
    told = Text(text, {"number": opening.number})
    notices.tell(ctx, person_id=opening.maker_id, text=told, url=f"/openings/{opening.id}")


SUBSCRIPTIONS: dict[type, Any] = {
    OpeningSubmitted: submitted,
    OpeningReturned: returned,
    OpeningReleased: released,
}
