"""Suspicions that people look into, the most urgent first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for

from marketplace.base.context import Context
from marketplace.base.paging import Key, Page
from marketplace.base.roles import LABELS, Role
from marketplace.base.text import N_, Text
from marketplace.people.regions import queries as regions
from marketplace.policy.findings import limits, queries
from marketplace.policy.findings.detectors import DETECTORS, Detector
from marketplace.policy.findings.models import Finding
from marketplace.policy.findings.queries import Rule
from marketplace.policy.findings.states import FINDING, SEVERITIES, FindingState, Severity
from marketplace.policy.findings.telling import sentence
from marketplace.web.i18n import say
from marketplace.web.listings import Choice, Column, Listing, Sort

DESKS = {role: LABELS[role] for role in (Role.PILOT, Role.CITY, Role.FINANCE, Role.PROVINCE)}
"""Who decides cases."""


def detectors(ctx: Context) -> dict[str, str]:
    """What finds suspicions, by code."""
    return {detector.code: detector.label for detector in ctx.house.all(DETECTORS)}


def cities(ctx: Context) -> dict[str, Text]:
    """The cities by code."""
    return {region.code: region.label for region in regions.cities(ctx)}


@dataclass(frozen=True)
class Facts:
    """The words of a page of findings: cities and detectors by code."""

    cities: Mapping[str, Text]
    detectors: Mapping[str, str]


def _severity(finding: Finding | Detector) -> list[tuple[str, str]]:
    return [(SEVERITIES[finding.severity], "bad" if finding.severity is Severity.FAIL else "warn")]


def _provisional(finding: Finding) -> str | None:
    return say(N_("暂定")) if finding.due_provisional else None


FINDINGS = Listing(
    "findings",
    N_("疑点核查"),
    statement=queries.search,
    columns=[
        Column(
            "finding",
            N_("疑点"),
            "word",
            value=lambda finding, _: sentence(finding),
            link=lambda finding: url_for("findings.show", finding_id=finding.id),
        ),
        Column(
            "detector",
            N_("类型"),
            "word",
            value=lambda finding, facts: facts.detectors.get(finding.detector, finding.detector),
            hidden=True,
            filed=True,
        ),
        Column("severity", N_("程度"), "tags", value=lambda finding, _: _severity(finding)),
        Column("clause", N_("依据"), "clause"),
        Column("owner_role", N_("核查人"), "word", value=lambda finding, _: LABELS[finding.owner_role]),
        Column(
            "city", N_("所在市"), value=lambda finding, facts: facts.cities.get(finding.city, finding.city), hidden=True
        ),
        Column("due", N_("期限"), "day", under=lambda finding, _: _provisional(finding)),
        Column("state", N_("状态"), "state", lifecycle="finding"),
    ],
    filters=[
        Choice("state", N_("状态"), options=FINDING.labels, tabs=True, default=FindingState.OPEN),
        Choice("severity", N_("程度"), options=SEVERITIES),
        Choice("detector", N_("类型"), options=detectors),
        Choice("city", N_("所在市"), options=cities),
    ],
    sorts=[Sort("due", N_("期限"), [Key(Finding.due), Key(Finding.id)])],
    prepare=lambda ctx, rows: Facts(cities(ctx), detectors(ctx)),
    empty=N_("没有这类疑点。"),
)


def _rules(ctx: Context, *, limit: int, cursor: str | None, **asked: Any) -> Page[Rule]:
    return Page(queries.rules(ctx, **asked), limit=limit)


def _limits(rule: Rule) -> str:
    values = limits.of(rule.detector.code)
    return say(N_("；")).join(
        f"{say(label)} {_number(name, values[name])}" for name, label in rule.detector.limits.items()
    )


def _number(name: str, value: int) -> str:
    if name.endswith("_bps"):
        return f"{value / 100:g}%"
    return f"{value:,}"


RULES = Listing(
    "finding-rules",
    N_("核查规则"),
    rows=_rules,
    columns=[
        Column(
            "rule",
            N_("规则"),
            "word",
            value=lambda rule, _: rule.detector.label,
            link=lambda rule: url_for("findings.index", detector=rule.detector.code, state=""),
            under=lambda rule, _: _limits(rule),
        ),
        Column("code", N_("代码"), "code", value=lambda rule, _: rule.detector.code, hidden=True, filed=True),
        Column("clause", N_("依据"), "clause", value=lambda rule, _: rule.detector.clause),
        Column("severity", N_("程度"), "tags", value=lambda rule, _: _severity(rule.detector)),
        Column("owner", N_("核查人"), "word", value=lambda rule, _: LABELS[rule.detector.owner], hidden=True),
        Column(
            "days", N_("办理期限（工作日）"), "count", value=lambda rule, _: rule.detector.working_days, hidden=True
        ),
        Column("open", N_("待核查"), "count"),
        Column("confirmed", N_("属实"), "count"),
        Column("rectify", N_("责令整改"), "count"),
        Column("dismissed", N_("排除"), "count"),
        Column("precision", N_("查实率"), "share", value=lambda rule, _: rule.precision_bps),
    ],
    filters=[Choice("severity", N_("程度"), options=SEVERITIES), Choice("owner", N_("核查人"), options=DESKS)],
    empty=N_("没有这类规则。"),
)
