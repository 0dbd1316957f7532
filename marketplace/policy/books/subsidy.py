"""How a book says what one project gets: rates, caps, windows and gates as tables, and the order they are taken in.

Every rule may be `silent`: then it names a question and who decides it, and the engine asks instead of computing it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from marketplace.policy.books.keys import NONE, Bps, Clause, Fen, Moment, key

ATTRIBUTES = ("level", "batch", "year", "size", "region", "theme", "industry", "list", "status")
"""What may be known of an applicant and its project; each holds one text or several."""
MOMENTS = ("contract", "invoice", "payment", "acceptance", "application")
SCOPES = ("enterprise", "contract", "category", "item", "provider", "claim")
"""What money can be counted by; ``claim`` is the project in hand."""
STEPS = (
    "gates", "windows", "counts", "costs", "shares", "minimum.spend", "rate", "bonus.inside", "minimum.subsidy", "caps",
    "bonus.outside", "round", "tranches",
)  # fmt: skip
"""What can be done, in the order that most policies mean."""
SPANS = ("ever", "calendar_year", "rolling_year")


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule of the subsidy: clause, name, and where the text is silent, the question and who decides it."""

    code: str = key("代码", "the name of the table", code=True)
    clause: Clause = key("依据", "where the policy says it")
    name_zh: str = key("中文名称", "name in Chinese")
    name_en: str = key("英文名称", "name in English")
    silent: bool = key("文本未作规定", "the text does not say it: a person is asked", default=False)
    question_zh: str = key("问题（中文）", "what to ask, in Chinese", default="")
    question_en: str = key("问题（英文）", "the same in English", default="")
    decides_zh: str = key("决定者（中文）", "who decides, in Chinese", default="")
    decides_en: str = key("决定者（英文）", "the same in English", default="")


@dataclass(frozen=True, kw_only=True)
class Gate(Rule):
    """What an applicant must be or must not be, by level, size, industry, list, status and the like."""

    attribute: str = key("审查内容", "what is looked at", choice=ATTRIBUTES)
    allowed: tuple[str, ...] = key("允许", "one of these it must be", default=())
    forbidden: tuple[str, ...] = key("不允许", "none of these it may be", default=())
    at_least: str = key("不低于", "of levels: this step of the scale or a higher one", default="")
    by_prefix: bool = key("按前缀", "a name covers what begins with it (industry and region codes)", default=False)


@dataclass(frozen=True, kw_only=True)
class Extension:
    """A window that was prolonged later."""

    announced: date = key("公布日", "from this day on the new end is known")
    closes: Moment = key("延至", "the new end")
    clause: Clause = key("依据", "the paper that says so")


@dataclass(frozen=True, kw_only=True)
class Window(Rule):
    """When a contract, an invoice, a payment, an acceptance or the application must lie."""

    moment: str = key("所指时间", "what must lie inside", choice=MOMENTS)
    opens: Moment | None = key("起", "first day or moment", default=None)
    opens_inside: bool = key("含起点", "the beginning itself is inside", default=True)
    closes: Moment | None = key("止", "last day or moment", default=None)
    closes_inside: bool = key("含终点", "the end itself is inside", default=True)
    effect: str = key(
        "不在期内时", "refuse the project, or leave out the costs concerned", choice=("refuse", "exclude"),
        default="refuse",
    )  # fmt: skip
    extensions: tuple[Extension, ...] = key("延期", "later ends, in the order of their announcement", default=())


@dataclass(frozen=True, kw_only=True)
class Count(Rule):
    """How many projects one applicant may have."""

    per: tuple[str, ...] = key("计数对象", "what is counted by", choice=SCOPES, default=("enterprise",))
    most: int | None = key("最多", "the project in hand included", default=None)
    span: str = key("期间", "over which time", choice=SPANS, default="ever")


@dataclass(frozen=True, kw_only=True)
class Cost(Rule):
    """A type of cost that counts in full, in part, or not."""

    counts: str = key("计入方式", "how it counts", choice=("full", "part", "not"), default="full")
    part_bps: Bps | None = key("计入比例", "of a type that counts in part", default=None)


@dataclass(frozen=True, kw_only=True)
class Share(Rule):
    """A limit of some costs as a share of the project or of the award: what is above is cut, or all is refused."""

    cost_types: tuple[str, ...] = key("费用类型", "whose sum is limited", default=())
    base: str = key(
        "基数", "all costs of the project, those that count in the end, or the pilot's award",
        choice=("project", "counted", "award"), default="project",
    )  # fmt: skip
    most_bps: Bps | None = key("最高占比", "greatest share", default=None)
    least_bps: Bps | None = key("最低占比", "least share; only refuses", default=None)
    effect: str = key("超出时", "cut what is above, or refuse", choice=("cut", "refuse"), default="cut")


@dataclass(frozen=True, kw_only=True)
class Minimum(Rule):
    """The least spend or subsidy: below it a project is refused, or the amount is raised to it."""

    of: str = key("对象", "what must reach it", choice=("spend", "subsidy"), default="spend")
    amount: Fen | None = key("最低金额", "the least amount", default=None)
    otherwise: str = key("不足时", "what happens below it", choice=("refuse", "raise"), default="refuse")


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of a table: where every attribute named is one of the texts, this share or amount holds."""

    when: Mapping[str, tuple[str, ...]] = key("条件", "attribute and texts; none is always", default=NONE)
    bps: Bps | None = key("比例", "share", default=None)
    amount: Fen | None = key("金额", "amount", default=None)


@dataclass(frozen=True, kw_only=True)
class Slice:
    """A marginal slice: what lies below `up_to` and above the slice before is paid at this share."""

    up_to: Fen | None = key("至", "upper end; the last slice has none", default=None)
    bps: Bps = key("比例", "share of the slice")


@dataclass(frozen=True, kw_only=True)
class Rate(Rule):
    """What share of the eligible costs is paid: flat, by table, or in marginal slices."""

    cost_types: tuple[str, ...] = key(
        "费用类型", "whose costs it pays; none is all that no other rate names", default=()
    )
    bps: Bps | None = key("比例", "a flat share", default=None)
    rows: tuple[Row, ...] = key("比例表", "a table; the first line that fits holds", default=())
    slices: tuple[Slice, ...] = key("分段比例", "marginal slices, lowest first", default=())


@dataclass(frozen=True, kw_only=True)
class Bonus(Rule):
    """An addition for what the applicant is or did."""

    when: Mapping[str, tuple[str, ...]] = key("条件", "attribute and texts; none is always", default=NONE)
    bps: Bps | None = key("比例", "a share of the eligible costs", default=None)
    amount: Fen | None = key("金额", "a fixed amount", default=None)
    inside_cap: bool = key("计入上限", "added before the caps are taken", default=True)


@dataclass(frozen=True, kw_only=True)
class Cap(Rule):
    """The most that is paid; of several caps the smallest wins."""

    per: tuple[str, ...] = key("对象", "whose money is counted together", choice=SCOPES, default=("enterprise",))
    span: str = key("期间", "over which time earlier payments count", choice=SPANS, default="ever")
    months: int = key("滚动月数", "of a rolling year: how many months back", default=12)
    average: bool = key("按平均", "the average over all of them, instead of each", default=False)
    amount: Fen | None = key("金额", "the most", default=None)
    rows: tuple[Row, ...] = key("金额表", "a table of amounts; the first line that fits holds", default=())


@dataclass(frozen=True, kw_only=True)
class Instalment(Rule):
    """A part of the subsidy and what it waits for."""

    share_bps: Bps = key("比例", "share of the subsidy; all sum to 10000")
    waits: str = key("拨付条件", "at once, for an event, or for a number", choice=("nothing", "event", "count"))
    event: str = key("事件", "which event, or what is counted", default="")
    reached: int | None = key("数量", "how many of them", default=None)


@dataclass(frozen=True, kw_only=True)
class Goal(Rule):
    """A target that is no money: it is told with the result and changes no amount."""

    measure: str = key("指标", "what is measured")
    at_least: int | None = key("不低于", "the least number", default=None)
    by: date | None = key("期限", "last day, itself inside", default=None)


@dataclass(frozen=True, kw_only=True)
class Subsidy:
    """How much one project gets. `order` says in which order the parts are taken; a part that is missing is nothing."""

    clause: Clause = key("依据", "where the policy says it")
    order: tuple[str, ...] = key("计算顺序", "the steps, in the order they are taken", choice=STEPS, default=STEPS)
    currency: str = key("币种", "three letters", default="CNY")
    rounding: str = key(
        "舍入方式", "how fractions end", choice=("down", "up", "half_up", "half_even"), default="down"
    )  # fmt: skip
    round_to: Fen = key("取整单位", "the result is a multiple of this", default=Fen(1))
    basis: str = key("计价口径", "amounts without or with tax", choice=("net", "gross", "silent"), default="gross")
    unlisted: str = key(
        "未列明的费用", "how a type of cost counts that [costs] does not name", choice=("full", "not", "ask"),
        default="not",
    )  # fmt: skip
    gates: Mapping[str, Gate] = key("资格", "what an applicant must be", default=NONE)
    windows: Mapping[str, Window] = key("时间要求", "when things must lie", default=NONE)
    counts: Mapping[str, Count] = key("次数", "how many projects", default=NONE)
    costs: Mapping[str, Cost] = key("费用类型", "by type of cost; none means that all count in full", default=NONE)
    shares: Mapping[str, Share] = key("占比", "limits of some costs", default=NONE)
    minimums: Mapping[str, Minimum] = key("最低金额", "least spend, least subsidy", default=NONE)
    rates: Mapping[str, Rate] = key("补贴比例", "what share is paid", default=NONE)
    bonuses: Mapping[str, Bonus] = key("奖励", "additions", default=NONE)
    caps: Mapping[str, Cap] = key("上限", "the most", default=NONE)
    instalments: Mapping[str, Instalment] = key("分期", "parts and what they wait for", default=NONE)
    goals: Mapping[str, Goal] = key("目标", "targets apart from money", default=NONE)
