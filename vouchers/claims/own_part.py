"""That the enterprise paid its own part: contract, invoice and money between the same two parties (三流一致)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Any

from marketplace.base.money import Yuan
from marketplace.base.text import N_, Text
from vouchers.claims.verdicts import Check, Status

_IGNORED = str.maketrans("", "", " \u3000\t·•.")


@dataclass(frozen=True)
class Payment:
    """What the bank's receipt says, as typed from it; the amount in fen."""

    paid_on: date
    amount_fen: int
    payer: str
    receiver: str
    reference: str

    def kept(self) -> dict[str, Any]:
        """As it is written down, with words trimmed."""
        return {
            "paid_on": self.paid_on,
            "amount_fen": self.amount_fen,
            "payer": self.payer.strip(),
            "receiver": self.receiver.strip(),
            "reference": self.reference.strip(),
        }


@dataclass(frozen=True)
class Due:
    """What a receipt is measured against: the two parties of contract and invoice, the enterprise's own part in fen,
    the contract's day. `whole`: the enterprise pays everything first and is paid back."""

    enterprise: str
    provider: str
    own_fen: int
    signed_on: date | None
    today: date
    whole: bool


def checks(due: Due, payment: Payment | None, has_proof: bool) -> list[Check]:
    """Every answer about the enterprise's own payment. Without a receipt: a no where the enterprise is paid back, else
    a warning, unless there is nothing that it had to pay."""
    if payment is None:
        return _without(due, has_proof)
    found = [*_parties(due, payment), *_day(due, payment), *_amount(due, payment)]
    if found:
        return found
    values = {"amount": Yuan(payment.amount_fen), "day": payment.paid_on}
    text = Text(N_("企业于 {day} 付给服务商 {amount}，与合同、发票为同样两方，不少于企业应付部分。"), values)
    return [Check("payment.own_part", Status.PASS, text, "四(二)")]


def _without(due: Due, has_proof: bool) -> list[Check]:
    if due.whole and not has_proof:
        text = Text(N_("通用（先付后补）方式须附企业全额付款凭证。"))
        return [Check("claim.proof_missing", Status.FAIL, text, "四(二)")]
    if has_proof:
        text = Text(N_("已附企业付款凭证，但没有填写回单内容，请对照凭证核对付款双方和金额。"))
        return [Check("payment.unread", Status.WARN, text, "四(二)")]
    if due.own_fen <= 0:
        return []
    text = Text(N_("企业自付 {amount} 尚无付款凭证。"), {"amount": Yuan(due.own_fen)})
    return [Check("payment.unproved", Status.WARN, text, "四(二)")]


def _parties(due: Due, payment: Payment) -> list[Check]:
    found = []
    if _bare(payment.payer) != _bare(due.enterprise):
        text = Text(N_("付款方“{given}”不是合同和发票上的企业“{wanted}”。"), _both(payment.payer, due.enterprise))
        found.append(Check("payment.payer", Status.FAIL, text, "四(二)", "payer"))
    if _bare(payment.receiver) != _bare(due.provider):
        text = Text(N_("收款方“{given}”不是合同和发票上的服务商“{wanted}”。"), _both(payment.receiver, due.provider))
        found.append(Check("payment.receiver", Status.FAIL, text, "四(二)", "receiver"))
    return found


def _both(given: str, wanted: str) -> dict[str, str]:
    return {"given": given.strip()[:80], "wanted": wanted}


def _bare(name: str) -> str:
    """A name without the differences between a bank's printer and the register: width, spaces, brackets."""
    return unicodedata.normalize("NFKC", name).translate(_IGNORED).casefold()


def _day(due: Due, payment: Payment) -> list[Check]:
    first = due.signed_on
    if payment.paid_on <= due.today and (first is None or payment.paid_on >= first):
        return []
    values = {"day": payment.paid_on, "first": first or payment.paid_on}
    text = Text(N_("付款日期 {day} 不在合同签订日 {first} 至今天之间。"), values)
    return [Check("payment.day", Status.FAIL, text, "四(一)", "paid_on")]


def _amount(due: Due, payment: Payment) -> list[Check]:
    if payment.amount_fen >= due.own_fen:
        return []
    values = {"amount": Yuan(payment.amount_fen), "own": Yuan(due.own_fen)}
    text = Text(N_("回单金额 {amount} 少于企业应付的 {own}。"), values)
    return [Check("payment.too_little", Status.FAIL, text, "四(二)", "paid")]
