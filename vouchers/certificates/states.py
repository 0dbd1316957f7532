"""What a certificate is worth when somebody asks."""

from __future__ import annotations

from enum import StrEnum

from marketplace.base.text import N_


class Standing(StrEnum):
    """Never kept: told anew from the claim whenever somebody asks."""

    PAYABLE = "payable"
    IN_PAYMENT = "in_payment"
    PAID = "paid"
    WITHDRAWN = "withdrawn"


STANDINGS = {
    Standing.PAYABLE: N_("已审定，尚未付款"),
    Standing.IN_PAYMENT: N_("已列入付款，银行办理中"),
    Standing.PAID: N_("已付款"),
    Standing.WITHDRAWN: N_("已失效"),
}
TONES = {Standing.PAYABLE: "ok", Standing.IN_PAYMENT: "warn", Standing.PAID: "quiet", Standing.WITHDRAWN: "bad"}
