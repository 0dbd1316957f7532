"""What a payee's programs may hear of a claim."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from marketplace.base.context import Context
from marketplace.base.text import N_
from marketplace.people.webhooks.topics import Topic
from vouchers.claims import events
from vouchers.claims.models import ClaimForm


def _payee(ctx: Context, data: Mapping[str, Any]) -> Iterable[uuid.UUID]:
    form = ctx.session.get(ClaimForm, uuid.UUID(data["claim_id"]))
    return () if form is None else (form.payee_id,)


TOPICS = (
    Topic("claim.submitted", N_("兑付申请已提交"), events.ClaimSubmitted, ("claim_id", "round", "amount_fen"), _payee),
    Topic(
        "claim.reviewed",
        N_("兑付申请有了审核意见"),
        events.ClaimReviewed,
        ("claim_id", "step", "decision", "approved_fen"),
        _payee,
    ),
    Topic("claim.overturned", N_("兑付申请因异议成立而终止"), events.ClaimOverturned, ("claim_id", "reason"), _payee),
    Topic(
        "claim.paid",
        N_("兑付申请已付款"),
        events.ClaimPaid,
        ("claim_id", "amount_fen", "reference", "paid_on"),
        _payee,
    ),
    Topic(
        "claim.payment_failed",
        N_("兑付付款被银行退回"),
        events.PaymentFailed,
        ("claim_id", "amount_fen", "reason"),
        _payee,
    ),
)
