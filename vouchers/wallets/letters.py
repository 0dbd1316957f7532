"""What is told after a redemption has committed: the provider learns that it may claim."""

from __future__ import annotations

import uuid

from marketplace.base.context import Context
from marketplace.base.money import Yuan
from marketplace.base.text import N_, Text
from marketplace.record.notices import actions as notices
from marketplace.record.notices.outbox import Message


def redeemed(ctx: Context, message: Message) -> None:
    """Tell the provider that the enterprise confirmed the delivery and the voucher was redeemed."""
    notices.tell(
        ctx,
        organisation_id=uuid.UUID(message.payload["provider_id"]),
        text=Text(
            N_("企业已确认交付，服务券核销 {amount}。验收通过后可提交发票申请兑付。"),
            {"amount": Yuan(message.payload["amount_fen"])},
        ),
        url=f"/orders/{message.payload['order_id']}",
    )
