"""How much an order gets: a version's terms written as rules of a book, and computed by the book's own evaluator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol

from marketplace.base import money
from marketplace.base.errors import Refusal
from marketplace.base.money import Yuan
from marketplace.base.states import Labels
from marketplace.base.text import N_, Bilingual
from marketplace.policy.books.keys import Bps, Clause, Fen
from marketplace.policy.books.subsidy import Cap, Cost, Rate, Subsidy
from marketplace.policy.engine.limits import Help
from marketplace.policy.engine.project import Expense, Grant, Line, Project
from marketplace.policy.engine.subsidy import evaluate
from marketplace.shop.catalogue.states import CostType
from marketplace.shop.orders.events import CostLine
from vouchers.schemes.states import Basis, OnShort

CLAUSE = Clause("四(二)")
MAX_DAYS = 3_660
"""Ten years: no voucher outlives a pilot."""
ORDER = ("costs", "rate", "caps")
"""The steps of a scheme, as a book names them; the caps are taken as they stand in `terms_as_rules`."""
VOUCHER, ORDERED, YEAR, PROVIDER, LEFT = (
    "cap_voucher", "cap_order", "cap_enterprise_year", "cap_provider_year", "voucher_left",
)  # fmt: skip
COSTS = {
    CostType.SOFTWARE: ("软件", "Software"),
    CostType.CLOUD: ("云服务", "Cloud services"),
    CostType.HARDWARE: ("数据采集与传输硬件", "Hardware that collects and transmits data"),
    CostType.SERVICE: ("实施与服务", "Implementation and services"),
}
"""What the lines of the arithmetic call the types of cost: like a book's, in both languages."""


class Terms(Protocol):
    """What the arithmetic needs of a scheme version."""

    basis: Basis
    rate_bps: int
    cap_voucher_fen: int
    cap_order_fen: int | None
    cap_enterprise_year_fen: int | None
    cap_provider_year_fen: int | None
    on_short: OnShort

    @property
    def cost_types(self) -> Sequence[str]: ...


class Offered(Terms, Protocol):
    """What the price hint needs of a scheme version."""

    category: str


@dataclass(frozen=True)
class Trace:
    """The computed subsidy in fen with every line of the arithmetic that led to it."""

    amount_fen: int
    steps: tuple[Line, ...]
    short_of_fen: int
    """How much less than the terms alone would give, because the voucher or a quota ran short."""

    @property
    def kept(self) -> list[dict[str, Any]]:
        """The lines as they are kept with the order, and shown."""
        return [step.kept() for step in self.steps]


def percent(bps: int) -> str:
    """Ten-thousandths as a percentage without trailing zeros: 4000 gives 40, 1250 gives 12.5."""
    return f"{bps // 100}.{bps % 100:02d}".rstrip("0").rstrip(".")


def terms_as_rules(terms: Terms, *, voucher_left_fen: int | None = None) -> Subsidy:
    """A version's terms as the rules of a subsidy: the evaluator knows no other."""
    costs = {
        kind.value: Cost(
            code=kind.value,
            clause=CLAUSE,
            name_zh=zh,
            name_en=en,
            counts="full" if kind.value in terms.cost_types else "not",
        )
        for kind, (zh, en) in COSTS.items()
    }
    rate = Rate(code="rate", clause=CLAUSE, name_zh="补贴比例", name_en="Rate of the subsidy", bps=Bps(terms.rate_bps))
    caps = [_cap(VOUCHER, "单券上限", "Most for one voucher", terms.cap_voucher_fen, "claim")]
    if terms.cap_order_fen is not None:
        caps.append(_cap(ORDERED, "单笔订单上限", "Most for one order", terms.cap_order_fen, "claim"))
    if terms.cap_enterprise_year_fen is not None:
        name = "企业年度额度", "Quota of the enterprise and year"
        caps.append(_cap(YEAR, *name, terms.cap_enterprise_year_fen, "enterprise", "calendar_year"))
    if terms.cap_provider_year_fen is not None:
        name = "服务商年度额度", "Quota of the provider and year"
        caps.append(_cap(PROVIDER, *name, terms.cap_provider_year_fen, "provider", "calendar_year"))
    if voucher_left_fen is not None:
        caps.append(_cap(LEFT, "券面余额", "Left on the voucher", voucher_left_fen, "claim"))
    return Subsidy(
        clause=CLAUSE,
        order=ORDER,
        basis=terms.basis.value,
        costs=costs,
        rates={rate.code: rate},
        caps={cap.code: cap for cap in caps},
    )


def _cap(code: str, zh: str, en: str, amount: int, per: str, span: str = "ever") -> Cap:
    return Cap(code=code, clause=CLAUSE, name_zh=zh, name_en=en, per=(per,), span=span, amount=Fen(amount))


def compute(
    terms: Terms,
    lines: Sequence[CostLine],
    *,
    on: date,
    voucher_left_fen: int | None = None,
    enterprise_year_used_fen: int = 0,
    provider_year_used_fen: int = 0,
) -> Trace:
    """What an order of these lines gets on a day: what counts, the rate, the smallest of the caps, rounded down once.

    `voucher_left_fen` is what the voucher still holds, where one pays. Refuses when nothing is eligible, and when the
    voucher or a yearly quota runs short under terms that say so.
    """
    project = Project(
        enterprise="enterprise",
        claim="order",
        day=on,
        expenses=tuple(
            Expense(type=x.cost_type.value, net_fen=x.net_fen, gross_fen=x.gross_fen, provider="provider")
            for x in lines
        ),
        earlier=(
            Grant(day=on, amount_fen=enterprise_year_used_fen, enterprise="enterprise", claim="earlier"),
            Grant(
                day=on, amount_fen=provider_year_used_fen, enterprise="anybody", claim="earlier", provider="provider"
            ),
        ),
    )
    outcome = evaluate(terms_as_rules(terms, voucher_left_fen=voucher_left_fen), project)
    caps = {line.code: line for line in outcome.lines if line.step == "caps"}
    wanted, amount = caps[ORDERED if ORDERED in caps else VOUCHER].after_fen, outcome.reached_fen
    if wanted <= 0:
        raise Refusal("subsidy.nothing_eligible", N_("订单中没有本券可补贴的费用类型。"), clause=CLAUSE)
    if amount < wanted and (terms.on_short is OnShort.REFUSE or amount <= 0):
        short = [
            code for code in (YEAR, PROVIDER, LEFT) if code in caps and caps[code].after_fen < caps[code].before_fen
        ]
        _refuse(wanted, amount, short[-1] if short else YEAR)
    return Trace(amount, outcome.lines, wanted - amount)


def _refuse(wanted: int, left: int, short: str) -> None:
    """Say which of the quotas ran short: the last one that cut the amount."""
    if short == PROVIDER:
        raise Refusal(
            "quota.provider_year",
            N_("本单补贴 {wanted}，超过该服务商本年度剩余额度 {left}；请选择其他服务商，或明年再下单。"),
            clause=CLAUSE,
            field="voucher_id",
            wanted=Yuan(wanted),
            left=Yuan(left),
        )
    if short == LEFT:
        raise Refusal(
            "voucher.too_small",
            N_("本单补贴 {wanted}，超过券面余额 {left}；请减少数量，或使用余额足够的券。"),
            clause=CLAUSE,
            field="voucher_id",
            wanted=Yuan(wanted),
            left=Yuan(left),
        )
    raise Refusal(
        "quota.enterprise_year",
        N_("本单补贴 {wanted}，超过企业本年度剩余额度 {left}。"),
        clause=CLAUSE,
        field="voucher_id",
        wanted=Yuan(wanted),
        left=Yuan(left),
    )


def explain(values: Mapping[str, Any]) -> Bilingual:
    """A kept line of the arithmetic as a sentence in the reader's language; `values` are those it was kept with."""
    return Bilingual(values["zh"], {}, values["en"])


def lowest_after(
    price_fen: int, cost_type: CostType, categories: Mapping[str, str], offers: Iterable[tuple[str, Offered]], on: date
) -> int | None:
    """The price of one unit after the best voucher on offer, in fen; None where no voucher pays for it.

    `categories` are the listing's (pilot type → category), `offers` pairs of pilot type and terms.
    """
    best = 0
    line = CostLine("", cost_type, price_fen, price_fen)
    for kind, terms in offers:
        if categories.get(kind) == terms.category and cost_type.value in terms.cost_types:
            try:
                best = max(best, compute(terms, [line], on=on).amount_fen)
            except Refusal:  # too little for a fen
                continue
    return price_fen - best if best else None


def check_amounts(*, rate_bps: int, caps_fen: Sequence[int | None]) -> None:
    """A rate above 0 and up to 100 %, caps above zero."""
    if not 1 <= rate_bps <= 10_000:
        raise Refusal("scheme.rate", N_("补贴比例应大于 0 且不超过 100%。"), field="rate")
    if any(cap is not None and not 0 < cap <= money.MAX_FEN for cap in caps_fen):
        raise Refusal("scheme.cap", N_("上限金额应大于零。"), field="cap_voucher")


MOST_FACES = 20


def check_faces(faces_fen: Sequence[int] | None, *, automatic_fen: int | None, cap_voucher_fen: int) -> None:
    """Face values to choose from, and the automatic one among them, are above zero and within the cap of a voucher."""
    faces = sorted(set(faces_fen or ()))
    if len(faces) > MOST_FACES or any(not 0 < face <= cap_voucher_fen for face in faces):
        raise Refusal(
            "scheme.faces",
            N_("面额档次最多 {most} 个，每个应大于零且不超过单券上限 {cap}。"),
            clause=CLAUSE,
            field="faces",
            most=MOST_FACES,
            cap=Yuan(cap_voucher_fen),
        )
    if automatic_fen is not None:
        check_face(automatic_fen, cap_voucher_fen=cap_voucher_fen, faces_fen=faces, field="automatic")


def check_face(face_fen: int, *, cap_voucher_fen: int, faces_fen: Sequence[int] | None, field: str = "face") -> None:
    """A face, in fen, is above zero, within the cap of one voucher, and one of the face values where there are some."""
    if not 0 < face_fen <= cap_voucher_fen:
        raise Refusal(
            "voucher.above_cap",
            N_("面额 {face} 应大于零且不超过单券上限 {cap}。"),
            field=field,
            face=Yuan(face_fen),
            cap=Yuan(cap_voucher_fen),
        )
    if faces_fen and face_fen not in faces_fen:
        raise Refusal(
            "voucher.other_face",
            N_("面额 {face} 不在方案的面额档次内：{faces}。"),
            clause=CLAUSE,
            field=field,
            face=Yuan(face_fen),
            faces=Labels(str(Yuan(face)) for face in faces_fen),
        )


def check_days_and_use(*, use_days: int | None, redeem_days: int | None, min_use_bps: int | None) -> None:
    """Days from 1 to 3,660 and a share up to 100 %, where they are given."""
    for field, days in (("use_days", use_days), ("redeem_days", redeem_days)):
        if days is not None and not 1 <= days <= MAX_DAYS:
            raise Refusal("scheme.days_count", N_("天数应在 1 至 {most} 之间。"), field=field, most=MAX_DAYS)
    if min_use_bps is not None and not 1 <= min_use_bps <= 10_000:
        raise Refusal("scheme.min_use", N_("最低使用率应大于 0 且不超过 100%。"), field="min_use")


def check_use(claimed_fen: int, used_fen: int, min_use_bps: int | None) -> None:
    """An enterprise gets another voucher of a scheme once it has used enough of those before, both sums in fen."""
    if min_use_bps is not None and claimed_fen > 0 and used_fen * 10_000 < claimed_fen * min_use_bps:
        raise Refusal(
            "voucher.underused",
            N_("此前的券共 {claimed}，已使用 {used}，未达到方案要求的 {least}%，暂不能再领。"),
            clause=CLAUSE,
            claimed=Yuan(claimed_fen),
            used=Yuan(used_fen),
            least=percent(min_use_bps),
        )


def last_day(latest: date, days: int | None, today: date) -> date:
    """The earlier of the latest day and so many days from today, both inclusive."""
    return latest if days is None else min(latest, today + timedelta(days=days))


def check_book(limits: Help, *, rate_bps: int, caps_fen: Mapping[str, int | None]) -> None:
    """Refuse terms under which one enterprise would get more than the book lets it have; `caps_fen` by field."""
    if limits.rate_bps is not None and rate_bps > limits.rate_bps:
        raise Refusal(
            "scheme.rate_above_book",
            N_("补贴比例 {rate}% 超过规则书规定的单个企业补助比例上限 {most}%。"),
            clause=limits.rate_clause,
            field="rate",
            rate=percent(rate_bps),
            most=percent(limits.rate_bps),
        )
    for field, cap in caps_fen.items():
        if limits.cap is not None and cap is not None and cap > limits.cap:
            raise Refusal(
                "scheme.cap_above_book",
                N_("上限 {cap} 超过规则书规定的单个企业补助上限 {most}。"),
                clause=limits.cap_clause,
                field=field,
                cap=Yuan(cap),
                most=Yuan(limits.cap),
            )


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
