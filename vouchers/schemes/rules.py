"""How much an order gets: pure arithmetic over a version's terms, in one fixed order, each step kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from marketplace.base import money
from marketplace.base.errors import Refusal
from marketplace.base.money import Yuan
from marketplace.base.states import Label, Labels
from marketplace.base.text import N_, Text
from marketplace.shop.catalogue.states import CostType
from marketplace.shop.orders.events import CostLine
from vouchers.schemes.states import BASES, Basis, OnShort


class Terms(Protocol):
    """What the arithmetic needs of a scheme version."""

    basis: Basis
    rate_bps: int
    cap_voucher_fen: int
    cap_enterprise_year_fen: int | None
    cost_types: list[str]
    on_short: OnShort


class Offered(Protocol):
    """What the price hint needs of a scheme version."""

    category: str
    rate_bps: int
    cap_voucher_fen: int
    cost_types: list[str]


STEPS = {
    "eligible": N_("可补贴金额（{lines} 行，按{basis}）"),
    "excluded": N_("不予补贴的明细（{lines} 行）"),
    "rate": N_("补贴比例 {percent}%"),
    "cap_voucher": N_("单券上限"),
    "cap_enterprise_year": N_("企业年度余额"),
    "voucher_left": N_("券面余额"),
    "result": N_("补贴（取最小，舍去不足一分的部分）"),
}


@dataclass(frozen=True)
class Step:
    """One line of the arithmetic: a code of `STEPS`, an amount in fen, and what the label needs."""

    code: str
    amount_fen: int
    values: dict[str, Any]

    def kept(self) -> dict[str, Any]:
        return {"code": self.code, "amount_fen": self.amount_fen, "values": self.values}


@dataclass(frozen=True)
class Trace:
    """The computed subsidy in fen with every step that led to it."""

    amount_fen: int
    steps: tuple[Step, ...]
    short_of_fen: int
    """How much less than the terms alone would give, because the voucher or a quota ran short."""


def percent(bps: int) -> str:
    """Ten-thousandths as a percentage without trailing zeros: 4000 gives 40, 1250 gives 12.5."""
    return f"{bps // 100}.{bps % 100:02d}".rstrip("0").rstrip(".")


def compute(terms: Terms, lines: Sequence[CostLine], *, voucher_left_fen: int, enterprise_year_used_fen: int) -> Trace:
    """Eligible lines → rate → smallest of the caps → what is left, rounded down to the fen once.

    Refuses when nothing is eligible, and when the voucher or the yearly quota runs short under terms that say so.
    """
    counted = [x for x in lines if x.cost_type.value in terms.cost_types]
    left_out = [x for x in lines if x.cost_type.value not in terms.cost_types]
    eligible = sum(_of(x, terms.basis) for x in counted)
    steps = [Step("eligible", eligible, {"lines": len(counted), "basis": terms.basis.value})]
    if left_out:
        steps.append(Step("excluded", sum(_of(x, terms.basis) for x in left_out), {"lines": len(left_out)}))
    rated = money.share(eligible, terms.rate_bps)
    steps.append(Step("rate", rated, {"percent": percent(terms.rate_bps)}))
    steps.append(Step("cap_voucher", terms.cap_voucher_fen, {}))
    wanted = min(rated, terms.cap_voucher_fen)
    if wanted <= 0:
        raise Refusal("subsidy.nothing_eligible", N_("订单中没有本券可补贴的费用类型。"), clause="四(二)")
    limits = [("voucher_left", voucher_left_fen)]
    if terms.cap_enterprise_year_fen is not None:
        limits.insert(0, ("cap_enterprise_year", max(0, terms.cap_enterprise_year_fen - enterprise_year_used_fen)))
    steps += [Step(code, amount, {}) for code, amount in limits]
    amount = min([wanted, *(limit for _, limit in limits)])
    if amount < wanted and (terms.on_short is OnShort.REFUSE or amount <= 0):
        _refuse(wanted, limits)
    steps.append(Step("result", amount, {}))
    return Trace(amount, tuple(steps), wanted - amount)


def _of(line: CostLine, basis: Basis) -> int:
    return line.net_fen if basis is Basis.NET else line.gross_fen


def _refuse(wanted: int, limits: list[tuple[str, int]]) -> None:
    code, left = min(limits, key=lambda limit: limit[1])
    if code == "voucher_left":
        raise Refusal(
            "voucher.too_small",
            N_("本单补贴 {wanted}，超过券面余额 {left}；请减少数量，或使用余额足够的券。"),
            clause="四(二)",
            field="voucher_id",
            wanted=Yuan(wanted),
            left=Yuan(left),
        )
    raise Refusal(
        "quota.enterprise_year",
        N_("本单补贴 {wanted}，超过企业本年度剩余额度 {left}。"),
        clause="四(二)",
        field="voucher_id",
        wanted=Yuan(wanted),
        left=Yuan(left),
    )


def explain(code: str, values: Mapping[str, Any]) -> Text:
    """A kept step as a sentence in the reader's language."""
    shown = dict(values)
    if "basis" in shown:
        shown["basis"] = Label(BASES[Basis(shown["basis"])])
    return Text(STEPS[code], shown)


def lowest_after(
    price_fen: int, cost_type: CostType, categories: Mapping[str, str], offers: Iterable[tuple[str, Offered]]
) -> int | None:
    """The price of one unit after the best voucher on offer, in fen; None where no voucher pays for it.

    `categories` are the listing's (pilot type → category), `offers` pairs of pilot type and terms.
    """
    best = 0
    for kind, terms in offers:
        if categories.get(kind) == terms.category and cost_type.value in terms.cost_types:
            best = max(best, min(money.share(price_fen, terms.rate_bps), terms.cap_voucher_fen))
    return price_fen - best if best else None


def check_amounts(*, rate_bps: int, caps_fen: Sequence[int | None]) -> None:
    """A rate above 0 and up to 100 %, caps above zero."""
    if not 1 <= rate_bps <= 10_000:
        raise Refusal("scheme.rate", N_("补贴比例应大于 0 且不超过 100%。"), field="rate")
    if any(cap is not None and not 0 < cap <= money.MAX_FEN for cap in caps_fen):
        raise Refusal("scheme.cap", N_("上限金额应大于零。"), field="cap_voucher")


def check_terms(
    *, category: str, categories: Mapping[str, str], cost_types: Sequence[str], known_cost_types: Sequence[str]
) -> None:
    """Terms a version may not have: a category that the pilot type lacks, no or unknown cost types (四(二))."""
    if category not in categories:
        raise Refusal(
            "category.not_for_pilot_type",
            N_("资金用途“{category}”不在本试点类型的目录内，可用：{allowed}。"),
            clause="四(二)",
            field="category",
            category=category[:40],
            allowed=Labels(categories.values()),
        )
    if not cost_types or set(cost_types) - set(known_cost_types):
        raise Refusal("scheme.cost_types", N_("请选择可补贴的费用类型。"), field="cost_types")
