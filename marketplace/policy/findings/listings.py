"""Suspicions that people look into, the most urgent first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import url_for

from marketplace.base.context import Context
from marketplace.base.paging import Key
from marketplace.base.roles import LABELS
from marketplace.base.text import N_, Text
from marketplace.people.regions import queries as regions
from marketplace.policy.findings import queries
from marketplace.policy.findings.detectors import DETECTORS
from marketplace.policy.findings.models import Finding
from marketplace.policy.findings.schemas import sentence
from marketplace.policy.findings.states import FINDING, SEVERITIES, FindingState, Severity
from marketplace.web.i18n import say
from marketplace.web.listings import Choice, Column, Listing, Sort


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


def _severity(finding: Finding) -> list[tuple[str, str]]:
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
