"""The settlement report as plain data for the paper that is signed: the same sums, shares and checks as the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marketplace.base.context import Context
from marketplace.base.text import N_
from marketplace.policy.engine.verdict import Check, yuan
from vouchers.reports import queries
from vouchers.reports.words import BASES, STATUSES

_MONEY = (
    ("allotted", N_("额度")), ("granted", N_("已发放未使用")), ("committed", N_("已承诺")), ("paid", N_("已支付")),
    ("recalled", N_("已收回")),
)  # fmt: skip


def paper_of(ctx: Context, report: queries.Settlement, say: Callable[[Any], str], language: str) -> dict[str, Any]:
    """What the template prints; `say` translates, `language` picks the book's own words (zh or en)."""
    english = language == "en"
    status = report.verdict.status
    return {
        "language": language,
        "words": {
            "title": say(N_("结算报告")),
            "money": say(N_("按资金用途")),
            "checks": say(N_("规则检查")),
            "category": say(N_("资金用途")),
            "check": say(N_("检查项")),
            "base": say(N_("基数")),
            "result": say(N_("结果")),
            "message": say(N_("算式与说明")),
            "clause": say(N_("条款")),
            "arrivals": say(N_("拨付时效")),
            "tranche": say(N_("批次")),
            "released": say(N_("省级下达")),
            "received": say(N_("到账")),
            "days": say(N_("天数")),
            "amount": say(N_("金额（元）")),
            "page": say(N_("第 {page} 页，共 {pages} 页")),
            "unit": say(N_("金额单位：元")),
            "made": say(N_("编制人（签字）：")),
            "checked": say(N_("复核人（签字）：")),
            "seal": say(N_("单位（盖章）：")),
            "day": say(N_("日期：")),
        },
        "pilot": report.pilot.name,
        "verdict": status,
        "verdict_word": say(STATUSES[status]),
        "facts": [
            [say(N_("试点类型")), report.kind.name_en if english else report.kind.name_zh],
            [
                say(N_("规则书")),
                f"{report.book.name_en if english else report.book.name_zh} ({report.book.code} {report.book.version})",
            ],
            [say(N_("截至")), report.as_of.isoformat()],
            [say(N_("奖补总额")), yuan(report.award)],
            [say(N_("已到位")), yuan(report.received)],
            [say(N_("已承诺")), yuan(report.total.committed)],
            [say(N_("已支付")), yuan(report.total.paid)],
        ],
        "heads": [say(word) for _, word in _MONEY],
        "rows": [
            [name, *(yuan(getattr(money, part)) for part, _ in _MONEY)]
            for name, money in [
                *((row.name_en if english else row.name_zh, row.money) for row in report.rows),
                (say(N_("合计")), report.total),
            ]
        ],
        "checks": [_check(check, say, language) for check in report.verdict.checks],
        "arrivals": [
            [
                arrival.name_en if english else arrival.name_zh,
                yuan(arrival.tranche.amount_fen),
                arrival.tranche.released_on.isoformat() if arrival.tranche.released_on else "",
                arrival.tranche.received_on.isoformat() if arrival.tranche.received_on else "—",
                str(arrival.days),
            ]
            for arrival in queries.arrivals(ctx, report)
        ],
    }


def _check(check: Check, say: Callable[[Any], str], language: str) -> dict[str, Any]:
    english = language == "en"
    gauge = None
    if check.actual_share is not None and check.limit_share is not None:
        gauge = {"actual": min(max(check.actual_share, 0), 10_000) / 100, "limit": check.limit_share / 100}
    return {
        "name": check.rule.name_en if english else check.rule.name_zh,
        "base": say(BASES[check.base]) if check.base in BASES else "—",
        "status": check.status,
        "word": say(STATUSES[check.status]),
        "message": check.message_en if english else check.message_zh,
        "clause": check.clause,
        "gauge": gauge,
    }
