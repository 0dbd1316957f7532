"""The settlement report as a workbook: one sheet for the money, one for the rules, live numbers in yuan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from marketplace.base import sheets
from marketplace.base.text import N_
from marketplace.policy.engine.verdict import Check
from vouchers.funds.history import CategoryState
from vouchers.reports.queries import Settlement
from vouchers.reports.words import BASES, STATUSES

MONEY = (
    N_("资金用途"), N_("已安排额度（元）"), N_("未发放（元）"), N_("已发放未使用（元）"), N_("已承诺（元）"),
    N_("已支付（元）"), N_("已收回（元）"),
)  # fmt: skip
RULES = (N_("检查项"), N_("条款"), N_("基数"), N_("基数金额（元）"), N_("限值"), N_("实际"), N_("结果"), N_("说明"))


def workbook(report: Settlement, say: Callable[[Any], str], language: str) -> bytes:
    """An XLSX of the report; `say` translates, `language` picks the book's own words (zh or en)."""
    place = "name_en" if language == "en" else "name_zh"
    money = [_money(getattr(row, place), row.money) for row in report.rows]
    money.append(_money(say(N_("合计")), report.total))
    rules = [_rule(check, say, language) for check in report.verdict.checks]
    return sheets.write_xlsx(
        {say(N_("资金")): ([say(h) for h in MONEY], money), say(N_("规则检查")): ([say(h) for h in RULES], rules)}
    )


def _money(name: str, state: CategoryState) -> Sequence[Any]:
    amounts = (state.allotted, state.unissued, state.granted, state.committed, state.paid, state.recalled)
    return [name, *map(_yuan, amounts)]


def _rule(check: Check, say: Callable[[Any], str], language: str) -> Sequence[Any]:
    english = language == "en"
    name, message = (check.rule.name_en, check.message_en) if english else (check.rule.name_zh, check.message_zh)
    limit, actual = (check.limit, check.actual) if check.counts else (_yuan(check.limit), _yuan(check.actual))
    base = say(BASES[check.base]) if check.base in BASES else None
    return [name, check.clause, base, _yuan(check.amount), limit, actual, say(STATUSES[check.status]), message]


def _yuan(fen: int | None) -> float | None:
    """Fen as the number that a spreadsheet adds up; exact to the fen far beyond any award."""
    return None if fen is None else fen / 100
