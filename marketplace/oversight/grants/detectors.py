"""Double support: orders whose enterprise got other public money for the same thing (四(二))."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from marketplace.base import money
from marketplace.base.context import Context
from marketplace.base.text import N_
from marketplace.oversight.grants import queries
from marketplace.oversight.grants.queries import Match
from marketplace.oversight.grants.states import Likeness
from marketplace.policy.findings import actions as findings
from marketplace.policy.findings.detectors import Detector, Suspicion
from marketplace.policy.findings.states import Severity

CLAUSE = "四(二)"
_SENTENCES = {
    Likeness.CONTRACT: N_("“{enterprise}”的合同 {contract} 已在“{programme}”名单中（{list} 第 {row} 行）。"),
    Likeness.PROJECT: N_("“{enterprise}”的项目“{project}”已在“{programme}”名单中（{list} 第 {row} 行）。"),
    Likeness.SIMILAR: N_("“{enterprise}”的“{title}”与“{programme}”名单中的项目或合同相近（{list} 第 {row} 行）。"),
    Likeness.ENTERPRISE: N_("“{enterprise}”在“{programme}”名单中，但未写项目和合同（{list} 第 {row} 行）。"),
}
_EVIDENCE = {
    "enterprise": N_("企业"),
    "order": N_("订单编号"),
    "title": N_("订单内容"),
    "contract": N_("订单合同"),
    "programme": N_("其他资金"),
    "list": N_("名单文件"),
    "row": N_("名单行号"),
    "project": N_("名单中的项目"),
    "listed": N_("名单中的合同"),
    "amount": N_("名单中的金额（元）"),
    "day": N_("名单中的日期"),
}


def found(ctx: Context, likeness: Likeness) -> Iterator[Suspicion]:
    """What fits so closely, between all active lists and all orders with vouchers."""
    return (suspicion(match) for match in queries.matches(ctx) if match.likeness is likeness)


def suspicion(match: Match) -> Suspicion:
    """A match in words. The same row in a second list is the same suspicion."""
    evidence = {
        "enterprise": match.enterprise,
        "order": match.order_number,
        "title": match.order_title,
        "contract": match.order_contract,
        "programme": match.programme,
        "list": match.filename,
        "row": match.row_number,
        "project": match.project,
        "listed": match.contract,
        "amount": money.plain(match.amount_fen, grouped=True) if match.amount_fen is not None else "",
        "day": match.granted_on.isoformat() if match.granted_on else "",
    }
    return Suspicion(
        subject_kind="order",
        subject_id=str(match.order_id),
        city=match.city,
        pilot_id=match.pilot_id,
        template=_SENTENCES[match.likeness],
        evidence=evidence,
        fingerprint=match.row_key,
        url=f"/orders/{match.order_id}",
    )


def _detector(likeness: Likeness, label: str, severity: Severity, working_days: int, **limits: str) -> Detector:
    find: Callable[[Context], Iterable[Suspicion]] = partial(found, likeness=likeness)
    return Detector(
        f"support.{likeness}", label, CLAUSE, severity, find,
        working_days=working_days, evidence=_EVIDENCE, limits=limits,
    )  # fmt: skip


DETECTORS = {
    Likeness.CONTRACT: _detector(Likeness.CONTRACT, N_("重复支持：同一合同"), Severity.FAIL, 5),
    Likeness.PROJECT: _detector(Likeness.PROJECT, N_("重复支持：同一项目"), Severity.FAIL, 5),
    Likeness.SIMILAR: _detector(
        Likeness.SIMILAR, N_("重复支持：项目或合同相近"), Severity.WARN, 10, alike_bps=N_("名称相似度不低于")
    ),
    Likeness.ENTERPRISE: _detector(
        Likeness.ENTERPRISE, N_("重复支持：名单只列企业"), Severity.WARN, 10, days=N_("与下单相隔不超过（天）")
    ),
}


def open_for(ctx: Context, matches: Iterable[Match]) -> int:
    """Open a case for each match that has none yet; returns how many were opened."""
    by_likeness: dict[Likeness, list[Suspicion]] = defaultdict(list)
    for match in matches:
        by_likeness[match.likeness].append(suspicion(match))
    return sum(findings.look(ctx, DETECTORS[likeness], found) for likeness, found in by_likeness.items())
