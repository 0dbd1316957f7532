"""What a request must satisfy: the same rules before the enterprise that asks and the office that decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from marketplace.base.errors import Invalid, Refusal
from marketplace.base.money import MAX_FEN, Yuan, share
from marketplace.base.text import N_, Text
from vouchers.requests.states import FIELDS, Verdict
from vouchers.schemes.rules import percent

CLAUSE = "四(二)"
DAYS = 5
"""Working days that each office has."""
MAX_TEXT = 1000


class Terms(Protocol):
    """What is asked of a scheme version."""

    @property
    def rate_bps(self) -> int: ...
    @property
    def cap_voucher_fen(self) -> int: ...


@dataclass(frozen=True)
class Wish:
    """What an enterprise asks for: the face and what it means to spend, in fen, and what for."""

    wanted_fen: int
    planned_fen: int
    purpose: str


def most_fen(terms: Terms, planned_fen: int) -> int:
    """The largest face for what an enterprise means to spend: its share by the rate, rounded down, within the cap."""
    return min(share(planned_fen, terms.rate_bps), terms.cap_voucher_fen)


def check_wish(terms: Terms, wish: Wish, *, promised: bool) -> None:
    """Refuses an empty or endless purpose, no promise, no amounts, a face above what the terms would pay (四(二))."""
    missing: dict[str, list[Text | str]] = {}
    if not 0 < len(wish.purpose.strip()) <= MAX_TEXT:
        missing["purpose"] = [N_("请填写，不超过 1000 字。")]
    if not promised:
        missing["promised"] = [N_("请阅读并勾选承诺。")]
    for field, amount in (("wanted", wish.wanted_fen), ("planned", wish.planned_fen)):
        if not 0 < amount <= MAX_FEN:
            missing[field] = [N_("金额应大于零。")]
    if missing:
        raise Invalid(missing)
    most = most_fen(terms, wish.planned_fen)
    if wish.wanted_fen > most:
        raise Refusal(
            "voucher_request.above_terms",
            N_("申领 {wanted}，超过可申领的 {most}：计划投入 {planned} × {rate}%，且不超过单券上限 {cap}。"),
            clause=CLAUSE,
            field="wanted",
            wanted=Yuan(wish.wanted_fen),
            most=Yuan(most),
            planned=Yuan(wish.planned_fen),
            rate=percent(terms.rate_bps),
            cap=Yuan(terms.cap_voucher_fen),
        )


def check_verdict(verdict: Verdict, reason: str, notes: Mapping[str, str]) -> dict[str, str]:
    """The notes by field, trimmed; a no needs its reason, sending back a note to at least one field."""
    if set(notes) - set(FIELDS):
        raise Refusal("voucher_request.note_field", N_("没有这样的申请内容。"), field="notes")
    kept = {name: said.strip()[:MAX_TEXT] for name, said in notes.items() if said.strip()}
    if verdict is Verdict.APPROVED:
        return kept
    if not reason.strip():
        raise Invalid({"reason": [N_("请写明理由。")]})
    if verdict is Verdict.RETURNED and not kept:
        raise Invalid({"notes": [N_("请至少对一项内容写明需要补正什么。")]}, code="voucher_request.return_without_note")
    return kept


def check_agreed(agreed_fen: int, wanted_fen: int, before_fen: int, reason: str) -> None:
    """An office agrees to no more than was asked for, and says why it agrees to another face than the one before."""
    if not 0 < agreed_fen <= wanted_fen:
        raise Refusal(
            "voucher_request.above_wanted",
            N_("批准的面额 {agreed} 应大于零且不超过申领的 {wanted}。"),
            field="agreed",
            agreed=Yuan(agreed_fen),
            wanted=Yuan(wanted_fen),
        )
    if agreed_fen != before_fen and not reason.strip():
        raise Invalid({"reason": [N_("批准的面额与申领或初审的不同，请写明理由。")]})
