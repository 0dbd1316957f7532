"""Who is told what happens to a request."""

from __future__ import annotations

from typing import Any

from marketplace.base.context import Context
from marketplace.base.money import Yuan
from marketplace.base.roles import Role
from marketplace.base.text import N_, Text
from marketplace.people.organisations import queries as organisations
from marketplace.record.notices import actions as notices
from vouchers.requests.events import VoucherRequested, VoucherRequestReviewed
from vouchers.requests.models import VoucherRequest
from vouchers.requests.states import Desk, Verdict

_DECIDED = {
    Verdict.RETURNED: N_("服务券申领 {number} 被退回，请补正：{reason}"),
    Verdict.REJECTED: N_("服务券申领 {number} 未予批准：{reason}"),
}


def requested(ctx: Context, fact: VoucherRequested) -> None:
    """The pilot office hears of it."""
    row = ctx.session.get_one(VoucherRequest, fact.request_id)
    name = organisations.names(ctx, [row.enterprise_id]).get(row.enterprise_id, "")
    words = Text(N_("{name} 申领服务券 {wanted}，待初审。"), {"name": name, "wanted": Yuan(row.wanted_fen)})
    notices.tell(ctx, role=Role.PILOT, pilot_id=row.pilot_id, text=words, url=f"/voucher-requests/{row.id}/review")


def reviewed(ctx: Context, fact: VoucherRequestReviewed) -> None:
    """The city hears of the first office's yes, the enterprise of a no; the voucher itself tells of the last yes."""
    row = ctx.session.get_one(VoucherRequest, fact.request_id)
    if fact.verdict is not Verdict.APPROVED:
        words = Text(_DECIDED[fact.verdict], {"number": row.number, "reason": fact.reason})
        notices.tell(ctx, organisation_id=row.enterprise_id, text=words, url=f"/voucher-requests/{row.id}")
    elif fact.desk is Desk.PILOT:
        name = organisations.names(ctx, [row.enterprise_id]).get(row.enterprise_id, "")
        words = Text(
            N_("{name} 申领服务券，初审同意 {agreed}，待复审。"), {"name": name, "agreed": Yuan(fact.agreed_fen or 0)}
        )
        notices.tell(ctx, role=Role.CITY, region=row.city, text=words, url=f"/voucher-requests/{row.id}/review")


SUBSCRIPTIONS: dict[type, Any] = {VoucherRequested: requested, VoucherRequestReviewed: reviewed}
