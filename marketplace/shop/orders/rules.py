"""What an order and its contract must satisfy; each answer is a refusal with its clause, or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from marketplace.base.errors import Invalid, Refusal
from marketplace.base.money import Yuan, spread
from marketplace.base.states import Label
from marketplace.base.text import N_, Text
from marketplace.shop.catalogue.states import COST_TYPES, CostType

MAX_QUANTITY = 10_000
MAX_MILESTONES = 6


@dataclass(frozen=True)
class LineInput:
    """A contract line as typed: exact quantity and unit price (yuan, tax included), tax in fen."""

    name: str
    cost_type: CostType
    quantity: Decimal
    unit_price: Decimal
    gross_fen: int
    tax_fen: int

    @property
    def net_fen(self) -> int:
        return self.gross_fen - self.tax_fen


def check_lines(lines: Sequence[LineInput], ordered: Mapping[CostType, int]) -> int:
    """The contract's gross amount in fen. Refuses arithmetic that does not hold and a price above the order.

    `ordered` is what the order holds of each kind of cost, in fen.
    """
    ordered_fen = sum(ordered.values())
    if not lines:
        raise Invalid({"lines": [N_("合同至少需要一个明细行。")]})
    faults: list[Text | str] = []
    for number, line in enumerate(lines, start=1):
        exact = (line.quantity * line.unit_price * 100).quantize(Decimal(1), ROUND_HALF_UP)
        if int(exact) != line.gross_fen:
            faults.append(
                Text(
                    N_("第 {number} 行：数量 × 单价为 {expected}，与价税合计 {given} 不符。"),
                    {"number": number, "expected": Yuan(int(exact)), "given": Yuan(line.gross_fen)},
                )
            )
        if not 0 <= line.tax_fen < line.gross_fen:
            faults.append(Text(N_("第 {number} 行：税额应小于价税合计。"), {"number": number}))
    if faults:
        raise Invalid({"lines": faults}, code="contract.arithmetic")
    gross = sum(line.gross_fen for line in lines)
    if gross > ordered_fen:
        raise Refusal(
            "contract.above_order",
            N_("合同金额 {gross} 高于订单（即目录公开价）金额 {ordered}，请按公开价签约。"),
            clause="二(四)",
            field="lines",
            gross=Yuan(gross),
            ordered=Yuan(ordered_fen),
        )
    _check_cost_types(lines, ordered)
    return gross


def _check_cost_types(lines: Sequence[LineInput], ordered: Mapping[CostType, int]) -> None:
    """No kind of cost grows between order and contract, or the subsidy would be paid for something else (四(二))."""
    for kind in sorted({line.cost_type for line in lines}):
        gross = sum(line.gross_fen for line in lines if line.cost_type is kind)
        if gross > ordered.get(kind, 0):
            raise Refusal(
                "contract.cost_type_above_order",
                N_("合同中“{kind}”类费用 {gross} 高于订单中该类费用 {ordered}。"),
                clause="四(二)",
                field="lines",
                kind=Label(COST_TYPES[kind]),
                gross=Yuan(gross),
                ordered=Yuan(ordered.get(kind, 0)),
            )


@dataclass(frozen=True)
class MilestoneInput:
    """A stage of the work as agreed: its name, and its share of the contract in fen, tax included."""

    name: str
    gross_fen: int


def check_milestones(milestones: Sequence[MilestoneInput], gross_fen: int) -> None:
    """No milestones, or two and more that add up to the contract's gross amount in fen; else Invalid."""
    if not milestones:
        return
    faults: list[Text | str] = []
    if not 2 <= len(milestones) <= MAX_MILESTONES:
        faults.append(Text(N_("分阶段交付须有 2 至 {most} 个阶段。"), {"most": MAX_MILESTONES}))
    for number, milestone in enumerate(milestones, start=1):
        if not milestone.name.strip() or milestone.gross_fen <= 0:
            faults.append(Text(N_("第 {number} 阶段：请填写名称和大于零的金额。"), {"number": number}))
    total = sum(milestone.gross_fen for milestone in milestones)
    if not faults and total != gross_fen:
        faults.append(
            Text(
                N_("各阶段金额合计 {total}，与合同价税合计 {gross} 不符。"),
                {"total": Yuan(total), "gross": Yuan(gross_fen)},
            )
        )
    if faults:
        raise Invalid({"milestones": faults}, code="contract.milestones")


def shares(subsidy_fen: int, milestones: Sequence[MilestoneInput]) -> list[int]:
    """How a subsidy falls on milestones, in fen: by their amounts, largest remainder, to the fen.

    Refuses a milestone so small that nothing of the subsidy would fall on it.
    """
    found = spread(subsidy_fen, [milestone.gross_fen for milestone in milestones])
    if subsidy_fen and min(found) == 0:
        raise Refusal(
            "contract.milestone_too_small",
            N_("第 {number} 阶段金额过小，分摊不到一分钱补贴，请与其他阶段合并。"),
            field="milestones",
            number=found.index(0) + 1,
        )
    return found


def check_signing_day(signed_on: date, *, today: date, first: date | None, last: date | None) -> None:
    """A contract is signed inside the pilot's period and not in the future."""
    if signed_on > today:
        raise Refusal("contract.in_future", N_("合同签订日期 {day} 晚于今天。"), field="signed_on", day=signed_on)
    if (first and signed_on < first) or (last and signed_on > last):
        raise Refusal(
            "contract.outside_period",
            N_("合同签订日期 {day} 不在试点实施期 {first} 至 {last} 内。"),
            clause="四(一)",
            field="signed_on",
            day=signed_on,
            first=first,
            last=last,
        )
