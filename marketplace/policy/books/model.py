"""What a rule book holds. Money is integer fen, shares are ten-thousandths (bps), clauses as the notice writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from os.path import commonprefix

from marketplace.policy.books.keys import NONE, Bps, Clause, Fen, Template, key
from marketplace.policy.books.subsidy import Subsidy


@dataclass(frozen=True, kw_only=True)
class Named:
    """Something with a Chinese and an English name."""

    name_zh: str = key("中文名称", "name in Chinese")
    name_en: str = key("英文名称", "name in English")


@dataclass(frozen=True, kw_only=True)
class Item(Named):
    """One provision: its code (the table's own key), clause, name and explanation."""

    code: str = key("代码", "the name of the table", code=True)
    clause: Clause = key("依据", "where the policy says it")
    text_zh: str = key("中文说明", "explanation in Chinese", default="")
    text_en: str = key("英文说明", "explanation in English", default="")


@dataclass(frozen=True, kw_only=True)
class Category(Item):
    """A use of the money; `bucket` decides on which side of the split it stands (四(二))."""

    bucket: str = key("归类", "on which side of the split the use stands", choice=("renovation", "other"))


@dataclass(frozen=True, kw_only=True)
class Ceiling:
    """Limits of the help for one enterprise, where a policy has them: a share of its contracts, an amount in fen."""

    enterprise_rate_bps: Bps | None = key(
        "单个企业补助比例上限", "most of its contracts one enterprise gets", default=None
    )
    enterprise_cap: Fen | None = key("单个企业补助上限", "most that one enterprise gets", default=None)


@dataclass(frozen=True, kw_only=True)
class PilotClass(Item, Ceiling):
    """A class of pilot: award cap in fen (四(一)), least number of renovated enterprises (二(二)), 0 for none."""

    award_cap: Fen = key("奖补资金上限", "most that a pilot of the class is awarded")
    minimum_enterprises: int = key(
        "改造企业最少户数", "least number of renovated enterprises; 0 is none", default=0, ground="minimum_clause"
    )
    minimum_clause: Clause = key("户数依据", "clause of that number", default=Clause(""))


@dataclass(frozen=True, kw_only=True)
class Focus(Item):
    """What the members of a pilot must belong to: the one cluster a zone names, the chain a county chose."""

    kind: str = key("聚焦方式", "what the plan names", choice=("cluster", "chain"))
    key_enterprises_only: bool = key(
        "仅限重点企业", "only key enterprises may be members", default=False, ground="key_clause"
    )
    key_clause: Clause = key("聚焦依据", "clause of that")


NO_FOCUS = Focus(code="", clause=Clause(""), name_zh="", name_en="", kind="", key_clause=Clause(""))
"""Where a policy does not ask that the members belong together."""


@dataclass(frozen=True, kw_only=True)
class PilotType(Item):
    """A kind of pilot area with its split of the money, its categories, its classes and its nomination quota."""

    renovation_floor_bps: Bps = key(
        "企业改造占比下限", "least share of the award for renovation", ground="share_clause"
    )
    other_ceiling_bps: Bps = key(
        "其他用途占比上限", "greatest share for all other uses; both sum to 10000", ground="share_clause"
    )
    share_clause: Clause = key("占比依据", "clause of the split")
    quota_clause: Clause = key("名额依据", "clause of the quota", default=Clause(""))
    quota: Mapping[str, int] = key(
        "推荐名额", "areas that a city of this class may put forward per batch", default=NONE, ground="quota_clause"
    )
    focus: Focus = key("聚焦方向", "what members of a pilot belong to", default=NO_FOCUS)
    regions: tuple[str, ...] = key(
        "可申报的地区", "kinds of places that may be such a pilot; none is the kind named like the type",
        choice=("city", "county", "zone"), default=(),
    )  # fmt: skip
    classes: Mapping[str, PilotClass] = key("类别", "classes of pilots")
    categories: Mapping[str, Category] = key("资金用途", "uses of the money")

    @property
    def places(self) -> tuple[str, ...]:
        """Kinds of places that may be such a pilot."""
        return self.regions or (self.code,)

    def bucket(self, code: str) -> str | None:
        """``renovation``, ``other``, or None for a code that is no category of this type."""
        category = self.categories.get(code)
        return category.bucket if category else None


@dataclass(frozen=True, kw_only=True)
class Batch(Item, Ceiling):
    """One batch: last days of the two years of implementation, both inclusive (四(一)); a pilot of a batch without
    them brings its own."""

    year1_end: date | None = key("实施期第一年最后一天", "last day of year 1, itself inside", default=None)
    year2_end: date | None = key("实施期第二年最后一天", "last day of year 2, itself inside", default=None)
    applications_until: date | None = key("申报截止日", "last day of recommendation, itself inside", default=None)


@dataclass(frozen=True, kw_only=True)
class Tranche(Item):
    """A part of the award, from when it may be there, and whether an evaluation comes first (四(一))."""

    share_bps: Bps = key("比例", "share of the award; all tranches sum to 10000")
    available: str = key("可拨付时间", "from when it may come", choice=("approval", "year1_end", "year2_end"))
    evaluation: bool = key("须先评估", "an evaluation comes first", default=False)


@dataclass(frozen=True, kw_only=True)
class Prohibited(Item):
    """A use that the policy forbids, with the further names by which it is recognised."""

    aliases_zh: tuple[str, ...] = key("也写作", "further names by which it is recognised", default=())


@dataclass(frozen=True, kw_only=True)
class OtherSupport:
    """Which other public money excludes support, and which does not (四(二))."""

    clause: Clause = key("依据", "where the policy says it")
    excluding_zh: tuple[str, ...] = key("排除的资金（中文）", "money that excludes support, in Chinese")
    excluding_en: tuple[str, ...] = key("排除的资金（英文）", "the same in English")
    permitted: tuple[str, ...] = key("不算重复支持的资金", "names that are no double support", default=())


@dataclass(frozen=True, kw_only=True)
class LevelScale(Named):
    """The scale of digital levels, lowest first; targets name its steps (二(二))."""

    code: str = key("代码", "name of the scale")
    clause: Clause = key("依据", "where the policy says it")
    edition_zh: str = key("版本（中文）", "edition in Chinese")
    edition_en: str = key("版本（英文）", "edition in English")
    levels: tuple[str, ...] = key("等级（由低到高）", "steps, lowest first")

    def rank(self, level: str) -> int | None:
        """The place of a level from 1, or None: written in full (``L6``, ``二级``), without what all steps share
        (``6``, ``二``), or by its place (``2级``)."""
        return self._places.get(level.strip().casefold())

    @cached_property
    def _places(self) -> dict[str, int]:
        steps = [step.casefold() for step in self.levels]
        before = commonprefix(steps) if len(steps) > 1 else ""
        after = commonprefix([step[::-1] for step in steps])[::-1] if len(steps) > 1 else ""
        bare = [step[len(before) : len(step) - len(after)] for step in steps]
        numbers = [str(place) for place in range(1, len(steps) + 1)]
        forms = [steps, bare]
        if not any(name.isdecimal() for name in bare):
            forms += [numbers, [f"{before}{number}{after}" for number in numbers]]
        places: dict[str, int] = {}
        for names in forms:
            for place, name in enumerate(names, start=1):
                if name:
                    places.setdefault(name, place)
        return places


@dataclass(frozen=True, kw_only=True)
class Targets:
    """What renovated enterprises must reach (二(二)) and how many must be key links of the chain (二(一)).

    A level that is not given is no target; a key link without one of its own must reach the level of the others.
    """

    level_clause: Clause = key("水平依据", "clause of the levels", default=Clause(""))
    key_link_level: str = key(
        "关键环节企业应达水平", "level that a key link must reach", default="", ground="level_clause"
    )
    other_level: str = key(
        "其他企业应达水平", "level that every other enterprise must reach", default="", ground="level_clause"
    )
    key_link_clause: Clause = key("关键环节占比依据", "clause of the share of key links", default=Clause(""))
    key_link_share_bps: Bps = key(
        "关键环节企业占比下限", "least share of key links; 0 is none", default=Bps(0), ground="key_link_clause"
    )


@dataclass(frozen=True, kw_only=True)
class Base(Named):
    """One denominator of the split: what is measured against it, and how a miss is told.

    `reachable`: a floor that is missed stays open while the rest of the base can still reach it.
    """

    code: str = key("代码", "``award``, ``received``, ``committed`` or ``paid``", code=True)
    numerator: str = key("分子", "what is measured against it", choice=("arranged", "paid"))
    numerator_zh: str = key("分子名称（中文）", "the numerator's name in Chinese")
    numerator_en: str = key("分子名称（英文）", "the same in English")
    miss: str = key("未达到时", "what a miss means", choice=("fail", "warn"))
    reachable: bool = key("余额仍可补足时待定", "a missed floor stays open while the rest can reach it")


@dataclass(frozen=True, kw_only=True)
class CheckRule(Item):
    """A check: its arithmetic as a sentence, and what to do, by status."""

    message_zh: Template = key("算式（中文）", "the arithmetic as a sentence in Chinese")
    message_en: Template = key("算式（英文）", "the same in English")
    advice_zh: Mapping[str, Template] = key("建议（中文）", "what to do, by status, in Chinese", default=NONE)
    advice_en: Mapping[str, Template] = key("建议（英文）", "the same in English", default=NONE)
    bases: tuple[str, ...] = key("基数", "of share checks: the bases, in the order of the answer", default=())


@dataclass(frozen=True, kw_only=True)
class FindingRule:
    """A finding: how severe, by which clause, in which words."""

    code: str = key("代码", "the finding", code=True)
    clause: Clause = key("依据", "where the policy says it")
    severity: str = key("程度", "how severe", choice=("fail", "warn"))
    zh: Template = key("中文语句", "the sentence in Chinese")
    en: Template = key("英文语句", "the sentence in English")


@dataclass(frozen=True, kw_only=True)
class Condition(Item):
    """A condition of application, declared by the area and shown by evidence (三(一))."""

    types: tuple[str, ...] = key("适用的试点类型", "pilot types that it is asked of")
    evidence_zh: tuple[str, ...] = key("佐证材料（中文）", "what shows it, in Chinese")
    evidence_en: tuple[str, ...] = key("佐证材料（英文）", "the same in English")


@dataclass(frozen=True, kw_only=True)
class Application:
    """How an area is put forward (五(一))."""

    clause: Clause = key("依据", "where the policy says it")
    departments_zh: tuple[str, ...] = key("推荐部门（中文）", "departments that recommend, in Chinese")
    departments_en: tuple[str, ...] = key("推荐部门（英文）", "the same in English")
    joint: bool = key("须联合推荐", "all of them sign")
    once_clause: Clause = key("不重复申报的依据", "clause of `once`")
    once: bool = key("不重复申报", "a pilot does not apply again", ground="once_clause")
    conditions: Mapping[str, Condition] = key("申报条件", "conditions of application")
    documents: Mapping[str, Item] = key("申报材料", "papers to be handed in")


@dataclass(frozen=True, kw_only=True)
class Selection:
    """How a city finds its providers (二(四))."""

    clause: Clause = key("依据", "where the policy says it")
    run_by: str = key("组织者", "who selects", choice=("city", "pilot", "province"))
    public: bool = key("公开遴选", "the selection is public")
    free_choice: bool = key("企业自愿选择", "enterprises choose freely")
    qualities: Mapping[str, Item] = key("服务商条件", "what a provider must have")
    deposits: Mapping[str, Item] = key("能力沉淀", "where capabilities remain after the pilot")


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """Who judges a renovation, and from which angles (二(五))."""

    clause: Clause = key("依据", "where the policy says it")
    led_by: str = key("牵头验收", "who leads", choice=("city", "pilot", "province"))
    angles: Mapping[str, Item] = key("验收角度", "from which angles it is judged")


@dataclass(frozen=True, kw_only=True)
class Report(Item):
    """A report that a pilot owes; `every_months` is absent where the policy only says "regularly"."""

    every_months: int | None = key("每几个月", "months from one to the next", default=None)


@dataclass(frozen=True, kw_only=True)
class Sanction(Item):
    """What follows from falsification or from a poor evaluation; `years` only for a ban."""

    cause: str = key("原因", "what it follows from", choice=("falsification", "evaluation"))
    effect: str = key("处理", "what follows", choice=("veto", "ban", "rectify", "suspend", "recover"))
    years: int | None = key("年限", "years of a ban", default=None)


@dataclass(frozen=True, kw_only=True)
class Silent:
    """What the text does not say: the question, and who decides it. It reaches a person, the engine never guesses."""

    code: str = key("代码", "the name of the table", code=True)
    clause: Clause = key("依据", "where the policy comes nearest to it")
    question_zh: str = key("问题（中文）", "what is left open, in Chinese")
    question_en: str = key("问题（英文）", "the same in English")
    decides_zh: str = key("决定者（中文）", "who decides, in Chinese")
    decides_en: str = key("决定者（英文）", "the same in English")


NO_SUPPORT_RULE = OtherSupport(clause=Clause(""), excluding_zh=(), excluding_en=())
NO_SCALE = LevelScale(
    code="", clause=Clause(""), name_zh="", name_en="", edition_zh="", edition_en="", levels=()
)  # fmt: skip
NO_APPLICATION = Application(
    clause=Clause(""), departments_zh=(), departments_en=(), joint=False, once_clause=Clause(""), once=False,
    conditions=NONE, documents=NONE,
)  # fmt: skip
NO_ACCEPTANCE = Acceptance(clause=Clause(""), led_by="", angles=NONE)
"""What stands for a part that a policy does not have: it demands nothing."""


@dataclass(frozen=True, kw_only=True)
class Book(Named):
    """One policy. `version` and `content_hash` are what a pilot, a scheme or a call keeps of it."""

    code: str = key("代码", "the name of the file")
    version: str = key("版本", "raised with every change of a published book")
    issuers_zh: tuple[str, ...] = key("发文单位（中文）", "who issued the policy, in Chinese")
    issuers_en: tuple[str, ...] = key("发文单位（英文）", "the same in English")
    effective_from: date = key("施行日期", "first day on which this version is in force")
    effective_until: date | None = key("失效日期", "last day, where there is one", default=None)
    pilot_years: int = key("试点年数", "years of a pilot")
    extends: str | None = key("所依据的规则", "the book that this one is laid over", default=None)
    removes: tuple[str, ...] = key("不再沿用", "keys and tables of that book that do not apply", default=())
    checks_applied: tuple[str, ...] = key("核查项目", "which checks judge a pilot, in this order", default=())
    findings_applied: tuple[str, ...] = key("疑点项目", "which findings rows can have", default=())
    city_classes: Mapping[str, Item] = key("设区市类别", "classes of cities, first class first", default=NONE)
    types: Mapping[str, PilotType] = key("试点类型", "kinds of pilot areas")
    batches: Mapping[str, Batch] = key("批次", "batches with their calendars", default=NONE)
    tranches: Mapping[str, Tranche] = key("分期", "parts in which the award comes", default=NONE)
    prohibited: Mapping[str, Prohibited] = key("禁止用途", "uses that are forbidden by name", default=NONE)
    other_support: OtherSupport = key("重复支持", "other public money", default=NO_SUPPORT_RULE)
    level_scale: LevelScale = key("水平等级", "the scale of digital levels", default=NO_SCALE)
    targets: Targets = key("目标", "levels and key links", default=Targets())
    bases: Mapping[str, Base] = key("占比基数", "denominators of the split", default=NONE)
    checks: Mapping[str, CheckRule] = key("核查规则", "the checks' words", default=NONE)
    findings: Mapping[str, FindingRule] = key("疑点规则", "the findings' words", default=NONE)
    application: Application = key("申报", "how an area is put forward", default=NO_APPLICATION)
    selection: Selection | None = key("服务商遴选", "how providers are found", default=None)
    acceptance: Acceptance = key("验收", "who accepts and how", default=NO_ACCEPTANCE)
    steps: Mapping[str, Item] = key("办理环节", "steps of the procedure", default=NONE)
    duties: Mapping[str, Item] = key("责任", "duties", default=NONE)
    reports: Mapping[str, Report] = key("报送", "reports that are owed", default=NONE)
    sanctions: Mapping[str, Sanction] = key("处理措施", "consequences", default=NONE)
    subsidy: Subsidy | None = key("补贴计算", "how the subsidy of one project is computed", default=None)
    silent: Mapping[str, Silent] = key("未作规定的事项", "what the text leaves to a person", default=NONE)
    content_hash: str = key("内容指纹", "SHA-256 of the content", default="", made=True)
