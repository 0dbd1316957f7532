"""What a claim must satisfy, how its amount spreads over the contract's lines, and what cuts leave of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from marketplace.base.errors import Invalid, Refusal
from marketplace.base.money import Yuan, spread
from marketplace.base.states import Label, Labels
from marketplace.base.text import N_, Text
from marketplace.shop.orders.states import ORDER, OrderState
from vouchers.claims import own_part
from vouchers.claims.own_part import Due, Payment
from vouchers.claims.states import CUTS, CutCode
from vouchers.claims.verdicts import Check, Status
from vouchers.invoices.rules import Match

PILOT_DAYS = 5
"""Working days for the pilot office's review."""
CITY_DAYS = 5
"""Working days for the city's review."""
PAYMENT_DAYS = 10
"""Working days from the city's decision to the payment."""
MAX_TEXT = 2000

RELATIONS = {
    "same.organisation": N_("同一主体"),
    "same.legal_representative": N_("法定代表人相同"),
    "same.phone": N_("电话相同"),
    "same.address": N_("地址相同"),
    "same.account": N_("账户相同"),
    "holds": N_("一方持有另一方股权"),
    "same.shareholder": N_("股东相同"),
    "representative.holds": N_("法定代表人持股"),
}


@dataclass(frozen=True)
class Facts:
    """Everything that speaks for or against a claim; amounts in fen."""

    ground: Check
    """What the order or the contract says of it: see `of_order` and `of_contract`."""
    match: Match
    subsidy_fen: int
    open_fen: int
    """Redeemed and neither refunded, settled nor in a living claim."""
    claimed_in: str | None
    """Number of the living claim that already holds the order's part."""
    frozen: bool
    account: Text | None
    """Why the payee's account may not be paid now; None when it may."""
    account_code: str = ""
    banned_until: date | None = None
    ban_clause: str = ""
    relations: Sequence[str] = field(default_factory=tuple)
    own: Due | None = None
    """What the enterprise had to pay itself; None of a contract of direct expenditure, which has no such part."""
    payment: Payment | None = None
    has_proof: bool = False
    direct: bool = False
    """Of a contract of direct expenditure, not of an order."""


def checks(facts: Facts) -> list[Check]:
    """Every rule with its answer, in the order of the story."""
    return [
        *standing(facts.ground, facts.match, facts.frozen),
        *_parts(facts),
        *paid_itself(facts),
        *_payee(facts),
    ]


def standing(
    ground: Check, match: Match, frozen: bool, unchecked: int | None = None, must: bool = False
) -> list[Check]:
    """What must hold from the claim until the money leaves: an undisputed order (or a confirmed contract) and three
    papers that agree.

    `unchecked`: how many invoices nobody looked up in the tax service lately; `must` makes of that warning a no.
    """
    return [ground, *_papers(match), *_official(unchecked, must), *_frozen(frozen)]


def of_member(listed: bool) -> list[Check]:
    """An enterprise that has left the pilot's list since gets nothing of the pilot's money until it is back on it."""
    if listed:
        return []
    text = Text(N_("企业已不在本试点的改造名单内，不能兑付；请核实名单，或不予兑付。"))
    return [Check("claim.not_on_the_list", Status.FAIL, text, "二(一)")]


def _official(unchecked: int | None, must: bool) -> list[Check]:
    """An invoice may be red-flushed at any time: what was looked up long ago is looked up again."""
    if unchecked is None:
        return []
    if not unchecked:
        return [Check("invoice.checked", Status.PASS, Text(N_("发票近期均已在税务平台查验，状态正常。")), "四(二)")]
    text = Text(N_("有 {count} 张发票近 30 天没有在税务平台查验，付款前请查验并登记。"), {"count": unchecked})
    return [Check("invoice.unchecked", Status.FAIL if must else Status.WARN, text, "四(二)")]


def of_contract(confirmed: bool) -> Check:
    """Whether a contract of direct expenditure was confirmed by two persons."""
    if confirmed:
        return Check("claim.contract_confirmed", Status.PASS, Text(N_("合同已由另一人复核确认。")), "四(二)")
    text = Text(N_("合同尚未复核确认，不能兑付。"))
    return Check("claim.contract_not_confirmed", Status.FAIL, text, "四(二)")


def of_order(state: OrderState) -> Check:
    """Whether the enterprise confirmed the delivery and disputes nothing."""
    values = {"state": Label(ORDER.labels[state])}
    if state is OrderState.DISPUTED:
        text = Text(N_("订单有争议（{state}），裁定之前不能兑付。"), values)
        return Check("claim.order_disputed", Status.FAIL, text, "四(二)")
    if state is not OrderState.CONFIRMED:
        text = Text(N_("企业尚未确认交付（订单状态：{state}），不能兑付。"), values)
        return Check("claim.order_not_confirmed", Status.FAIL, text, "二(五)")
    return Check("claim.order_confirmed", Status.PASS, Text(N_("企业已确认交付，订单无争议。")), "二(五)")


def _papers(match: Match) -> list[Check]:
    gaps = [Check(gap.code, Status.FAIL, gap.text, gap.clause) for gap in match.gaps]
    if gaps:
        return gaps
    values = {"amount": Yuan(match.invoiced_fen), "day": match.accepted_on}
    text = Text(N_("合同、验收（{day}）与发票一致：{amount}。"), values)
    return [Check("match.three_way", Status.PASS, text, "四(二)")]


def _frozen(frozen: bool) -> list[Check]:
    if not frozen:
        return []
    return [Check("claim.voucher_frozen", Status.FAIL, Text(N_("资金已冻结，解冻之前不能兑付。")), "四(二)")]


def _parts(facts: Facts) -> list[Check]:
    if facts.claimed_in:
        words = (
            N_("已验收的金额已在兑付申请 {number} 中。")
            if facts.direct
            else N_("该订单核销的金额已在兑付申请 {number} 中。")
        )
        text = Text(words, {"number": facts.claimed_in})
        return [Check("claim.part_claimed", Status.FAIL, text, "四(二)")]
    if facts.open_fen <= 0:
        text = Text(
            N_("该合同没有已验收、尚未兑付的金额。") if facts.direct else N_("该订单没有已核销、尚未兑付的补贴金额。")
        )
        return [Check("claim.nothing_redeemed", Status.FAIL, text, "四(二)")]
    values = {"open": Yuan(facts.open_fen), "subsidy": Yuan(facts.subsidy_fen)}
    if facts.open_fen > facts.subsidy_fen:
        text = Text(N_("已核销 {open} 超过按方案计算的补贴 {subsidy}。"), values)
        return [Check("claim.above_subsidy", Status.FAIL, text, "四(二)")]
    words = (
        N_("本次申请 {open}，不超过合同中的奖补资金 {subsidy}。")
        if facts.direct
        else N_("本次申请 {open}，不超过补贴 {subsidy}。")
    )
    return [Check("claim.amount", Status.PASS, Text(words, values), "四(二)")]


def paid_itself(facts: Facts) -> list[Check]:
    """Whether the enterprise paid its own part, by the receipt."""
    return own_part.checks(facts.own, facts.payment, facts.has_proof) if facts.own else []


def _payee(facts: Facts) -> list[Check]:
    found = []
    if facts.account is not None:
        found.append(Check(facts.account_code, Status.WARN, facts.account))
    else:
        found.append(Check("account.payable", Status.PASS, Text(N_("收款账户已启用，户名与单位名称一致。"))))
    if facts.banned_until is not None:
        text = Text(
            N_("收款单位在禁入期内（至 {until}），已完成的工作仍可兑付，请复核。"), {"until": facts.banned_until}
        )
        found.append(Check("claim.payee_banned", Status.WARN, text, facts.ban_clause))
    if facts.relations:
        named = Labels(RELATIONS[code] for code in facts.relations)
        text = Text(N_("企业与服务商疑似关联：{relations}。"), {"relations": named})
        found.append(Check("claim.related_parties", Status.WARN, text, "二(四)"))
    return found


def warnings(facts: Facts) -> list[Check]:
    """What a reviewer should see beside the papers: the enterprise's payment, the payee's account, ban, relations."""
    return [*paid_itself(facts), *_payee(facts)]


def refuse(found: Sequence[Check]) -> None:
    """Refuse with the first rule that fails, its clause and values."""
    for check in found:
        if check.status is Status.FAIL:
            raise check.refusal()


def apportion(amount_fen: int, lines: Sequence[tuple[int, bool]]) -> list[int]:
    """The amount over contract lines given as (basis in fen, eligible): largest remainder, sums to the amount."""
    weights = [basis if eligible else 0 for basis, eligible in lines]
    if not any(weights):
        weights = [basis for basis, _ in lines]
    return spread(amount_fen, weights)


@dataclass(frozen=True)
class Cut:
    """A part of the claim that is not accepted: contract line (1 for the first), fen, and why."""

    line: int
    amount_fen: int
    code: CutCode
    reason: str
    clause: str = ""

    def kept(self) -> dict[str, Any]:
        """As it is written down."""
        return {
            "line": self.line,
            "amount": self.amount_fen,
            "code": self.code.value,
            "clause": self.clause.strip() or CUTS[self.code][1],
            "reason": self.reason.strip(),
        }


def check_cuts(cuts: Sequence[Cut], shares: Sequence[int]) -> None:
    """Each cut names a line of the contract, its reason, and not more than the line's share of the claim."""
    seen: set[int] = set()
    for cut in cuts:
        if not 1 <= cut.line <= len(shares) or cut.line in seen:
            raise Refusal("claim.cut_line", N_("核减须对应合同的一行，每行一次。"), field="cuts")
        seen.add(cut.line)
        if cut.amount_fen <= 0:
            raise Invalid({f"cut{cut.line}_amount": [N_("核减金额应大于零。")]}, code="claim.cut_amount")
        if not cut.reason.strip():
            raise Invalid({f"cut{cut.line}_reason": [N_("请写明核减理由。")]}, code="claim.cut_without_reason")
        if cut.amount_fen > shares[cut.line - 1]:
            raise Refusal(
                "claim.cut_above_line",
                N_("第 {line} 行核减 {cut}，超过该行对应的补贴 {share}。"),
                clause=cut.kept()["clause"],
                field=f"cut{cut.line}_amount",
                line=cut.line,
                cut=Yuan(cut.amount_fen),
                share=Yuan(shares[cut.line - 1]),
            )


def after_cuts_of_parts(asked: Mapping[int, int], cuts: Sequence[Cut]) -> dict[int, tuple[int, list[dict[str, Any]]]]:
    """The same where each line is a part of its own, in the order of the redemptions: a cut takes from its part."""
    kept: dict[int, tuple[int, list[dict[str, Any]]]] = {part: (amount, []) for part, amount in asked.items()}
    ids = sorted(asked)
    for cut in cuts:
        part = ids[cut.line - 1]
        kept[part] = (kept[part][0] - cut.amount_fen, [*kept[part][1], cut.kept()])
    return kept


def after_cuts(asked: Mapping[int, int], cuts: Sequence[Cut]) -> dict[int, tuple[int, list[dict[str, Any]]]]:
    """What each redeemed part keeps, with its share of each cut: redemption id → (approved fen, reasons).

    A cut is spread over the parts by what is left of them (largest remainder), so that the cuts of the parts add up
    to the cuts of the claim and no part is cut below zero.
    """
    ids = sorted(asked)
    left = [asked[part] for part in ids]
    reasons: list[list[dict[str, Any]]] = [[] for _ in ids]
    for cut in cuts:
        for place, share in enumerate(spread(cut.amount_fen, left)):
            if share:
                left[place] -= share
                reasons[place].append({**cut.kept(), "amount": share})
    return {part: (left[place], reasons[place]) for place, part in enumerate(ids)}


def check_notes(notes: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    """Notes by field, trimmed, empty ones left out; refuses a field that a claim has not."""
    if set(notes) - set(known):
        raise Refusal("claim.note_field", N_("没有这样的申请内容。"), field="notes")
    return {name: text.strip()[:MAX_TEXT] for name, text in notes.items() if text.strip()}
