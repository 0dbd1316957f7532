"""Pure decisions about a call: whether its terms hold together, and what in them deserves a second look."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from marketplace.base.errors import Invalid
from marketplace.base.text import N_, Text
from marketplace.shop.roster.states import ServiceClass
from providers.calls.states import YES_NO, ConditionKind, Fact, Operator

FULL = 100
"""Points of the whole scoring table."""
USUAL_PUBLICITY = 5
"""Working days that a public notice usually runs."""
SHORT_PERIOD = 10
"""Calendar days below which applicants have little time."""

_HERE = r"(?:本市|本地|本区|本县|市内|我市|当地)"
_LOCAL = tuple(
    re.compile(pattern)
    for pattern in (
        _HERE + r".{0,6}(?:注册|登记|设立|纳税|社保|分公司|分支机构|办事处|经营场所)",
        r"(?:注册地|登记地|住所|分公司|分支机构|纳税地?).{0,6}" + _HERE,
        r"(?:仅限|只限|优先).{0,6}" + _HERE,
        _HERE + r"(?:企业|服务商|供应商).{0,4}(?:优先|加分)",
    )
)
FAIR_COMPETITION = "公平竞争审查条例第九条"


@dataclass(frozen=True)
class Remark:
    """Something in a call that an officer should look at again; it never blocks."""

    code: str
    text: Text
    clause: str


@dataclass(frozen=True)
class Condition:
    """One condition of a call. A machine condition compares a fact of the dossier with a number."""

    code: str
    label: str
    kind: ConditionKind
    fact: Fact | None = None
    operator: Operator | None = None
    value: int | None = None


def condition(data: Mapping[str, Any]) -> Condition:
    """A stored condition as an object."""
    return Condition(
        data["code"],
        data["label"],
        ConditionKind(data["kind"]),
        Fact(data["fact"]) if data.get("fact") else None,
        Operator(data["operator"]) if data.get("operator") else None,
        data.get("value"),
    )


def check_terms(
    *,
    seats: Mapping[str, int],
    conditions: Sequence[Mapping[str, Any]],
    scoring: Sequence[Mapping[str, Any]],
    tie_break: Iterable[str],
    pass_line: int,
    opens_on: date,
    closes_on: date,
    publicity_days: int,
    term_years: int,
) -> None:
    """Refuse terms that do not hold together; every fault beside its field (`call.terms`)."""
    errors: dict[str, list[Text | str]] = {}
    if not any(seats.values()) or any(n < 0 for n in seats.values()) or set(seats) - {k.value for k in ServiceClass}:
        errors["seats"] = [N_("请至少为一个类别填写拟选数量。")]
    errors |= _scoring_faults(scoring, tie_break)
    errors |= _condition_faults(conditions)
    if not 0 <= pass_line <= FULL:
        errors["pass_line"] = [N_("入围分数线应在 0 到 100 之间。")]
    if closes_on < opens_on:
        errors["closes_on"] = [N_("截止日期不能早于开始日期。")]
    if publicity_days < 1:
        errors["publicity_days"] = [N_("公示期至少 1 个工作日。")]
    if not 1 <= term_years <= 10:
        errors["term_years"] = [N_("有效期应为 1 到 10 年。")]
    if errors:
        raise Invalid(errors, "call.terms")


def _scoring_faults(scoring: Sequence[Mapping[str, Any]], tie_break: Iterable[str]) -> dict[str, list[Text | str]]:
    codes = [line["code"] for line in scoring]
    total = sum(line["max"] for line in scoring)
    if total != FULL or any(line["max"] < 1 for line in scoring):
        values = {"total": total}
        return {"scoring": [Text(N_("评分表各项分值之和应为 100 分，现为 {total} 分。"), values)]}
    if len(set(codes)) != len(codes) or not all(line["label"].strip() for line in scoring):
        return {"scoring": [N_("评分表各项应有不同的名称。")]}
    if set(tie_break) - set(codes):
        return {"tie_break": [N_("同分时比较的项目应在评分表中。")]}
    return {}


def _condition_faults(conditions: Sequence[Mapping[str, Any]]) -> dict[str, list[Text | str]]:
    codes = [c["code"] for c in conditions]
    if not conditions:
        return {"conditions": [N_("请至少填写一项申报条件。")]}
    if len(set(codes)) != len(codes) or not all(c["label"].strip() for c in conditions):
        return {"conditions": [N_("申报条件应有不同的代码和名称。")]}
    for data in conditions:
        if data["kind"] == ConditionKind.MACHINE and (
            not data.get("fact") or not data.get("operator") or data.get("value") is None or data["value"] < 0
        ):
            return {"conditions": [N_("自动核对的条件应有比较的事实、方式和数值。")]}
    return {}


def lint(texts: Iterable[str], *, publicity_days: int, opens_on: date, closes_on: date, clause: str) -> list[Remark]:
    """What an officer should look at again before publishing: local protection, short periods."""
    found = []
    for text in texts:
        hits = [hit.group(0) for hit in (pattern.search(text) for pattern in _LOCAL) if hit]
        if hits:
            message = Text(N_("“{words}”可能构成地方保护，公平竞争审查不允许以此作为条件。"), {"words": hits[0]})
            found.append(Remark("call.local_protection", message, FAIR_COMPETITION))
    if publicity_days < USUAL_PUBLICITY:
        message = Text(N_("公示期通常不少于 {usual} 个工作日。"), {"usual": USUAL_PUBLICITY})
        found.append(Remark("call.short_publicity", message, clause))
    if (closes_on - opens_on).days + 1 < SHORT_PERIOD:
        message = Text(N_("报名期不足 {usual} 天，申报单位准备时间较短。"), {"usual": SHORT_PERIOD})
        found.append(Remark("call.short_period", message, clause))
    return found


@dataclass(frozen=True)
class Outcome:
    """A condition held against an applicant: pass, fail, or for a person to decide; with what was found."""

    condition: Condition
    result: str
    actual: int | None

    @property
    def passed(self) -> bool:
        return self.result == "pass"


def hold(conditions: Iterable[Condition], facts: Mapping[Fact, int | None]) -> list[Outcome]:
    """Hold the conditions against what is known of an applicant. An unknown fact is for a person."""
    return [_outcome(c, facts) for c in conditions]


def _outcome(condition: Condition, facts: Mapping[Fact, int | None]) -> Outcome:
    if condition.kind is ConditionKind.PERSON or condition.fact is None or condition.value is None:
        return Outcome(condition, "person", None)
    actual = facts.get(condition.fact)
    if actual is None:
        return Outcome(condition, "person", None)
    good = {
        Operator.AT_LEAST: actual >= condition.value,
        Operator.AT_MOST: actual <= condition.value,
        Operator.IS: actual == condition.value,
    }[condition.operator or Operator.IS]
    return Outcome(condition, "pass" if good else "fail", actual)


_WORDS = {
    Fact.YEARS_IN_BUSINESS: "成立并实际经营满 {value} 年",
    Fact.CASES: "成功案例不少于 {value} 个",
    Fact.CASES_IN_INDUSTRY: "本次行业的成功案例不少于 {value} 个",
    Fact.SOFTWARE_COPYRIGHTS: "软件著作权不少于 {value} 项",
    Fact.STAFF: "在职人员不少于 {value} 人",
    Fact.TECHNICAL_STAFF: "技术人员不少于 {value} 人",
    Fact.BAD_CREDIT: "未被列入严重失信主体名单，未被限制申报",
    Fact.YEARS_SINCE_REMOVAL: "未被移出本市服务商名录，或移出已满 {value} 年",
}
"""How a machine condition reads in a published call: part of a Chinese document, so never translated."""


def machine_condition(fact: Fact, value: int) -> dict[str, Any]:
    """The stored form of a usual machine condition: at least so many, or no entry on the list of bad credit."""
    operator = Operator.IS if fact in YES_NO else Operator.AT_LEAST
    return {
        "code": fact.value,
        "label": _WORDS[fact].format(value=value),
        "kind": ConditionKind.MACHINE.value,
        "fact": fact.value,
        "operator": operator.value,
        "value": value,
    }


def person_condition(number: int, label: str) -> dict[str, Any]:
    """The stored form of a condition that an officer judges."""
    return {
        "code": f"person_{number}",
        "label": label.strip(),
        "kind": ConditionKind.PERSON.value,
        "fact": None,
        "operator": None,
        "value": None,
    }


def scoring_line(number: int, label: str, most: int) -> dict[str, Any]:
    """The stored form of a line of the scoring table; `most` in points."""
    return {"code": f"c{number}", "label": label.strip(), "max": most}
