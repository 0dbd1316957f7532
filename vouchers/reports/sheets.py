"""Reports as workbooks: one sheet for each section, live numbers in yuan, sums that a spreadsheet adds up itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from marketplace.base.money import plain
from marketplace.base.sheets import Total, write_xlsx
from marketplace.base.text import N_
from marketplace.policy.engine.verdict import Check
from vouchers.funds.history import CategoryState, Month
from vouchers.funds.listings import SOURCES
from vouchers.reports.projection import Projection, kept
from vouchers.reports.queries import Arrival, Row, Settlement, Source, Whole
from vouchers.reports.scopes import Overview, Tally
from vouchers.reports.words import ASSUMPTIONS, REACHED, STATUSES, Words

Sheet = tuple[Sequence[str], list[Sequence[Any]]]
PARTS = {
    "allotted": N_("已安排额度（元）"),
    "unissued": N_("未发放（元）"),
    "granted": N_("已发放未使用（元）"),
    "committed": N_("已承诺（元）"),
    "paid": N_("已支付（元）"),
    "recalled": N_("已收回（元）"),
    "clawed": N_("已追回（元）"),
}
_FUND = {
    "award": N_("奖补总额（元）"),
    "received": N_("已到位（元）"),
    "recovered": N_("追回入账（元）"),
    "returned": N_("已交回（元）"),
    "interest": N_("银行利息（元）"),
    "remitted": N_("利息已上缴（元）"),
}


def workbook(sheets: dict[str, Sheet]) -> bytes:
    """The sections as an XLSX."""
    return write_xlsx(dict(sheets))


def of_pilot(whole: Whole, words: Words) -> dict[str, Sheet]:
    """Every section of a pilot's report by its name."""
    say, report = words.say, whole.report
    found = {
        say(N_("概要")): _facts(report, words),
        say(N_("资金")): _money(report.rows, words),
        say(N_("资金来源")): _sources(whole.sources, words),
        say(N_("规则检查")): _rules(report.verdict.checks, words),
        say(N_("逐月累计")): _months(whole.months, words),
        say(N_("拨付时效")): _arrivals([(report, arrival) for arrival in whole.arrivals], words),
    }
    if report.projection is not None:
        found[say(N_("期末推算"))] = _projected(report.projection, words)
    return found


def of_several(overview: Overview, words: Words) -> dict[str, Sheet]:
    """Every section of a report over several pilots by its name."""
    say = words.say
    return {
        say(N_("试点")): _pilots(overview, words),
        say(N_("资金")): _money(overview.rows, words),
        say(N_("资金来源")): _sources(overview.sources, words),
        say(N_("规则检查")): _tallies(overview.tallies, words),
        say(N_("逐月累计")): _months(overview.months, words),
        say(N_("拨付时效")): _arrivals(overview.arrivals, words),
    }


def _facts(report: Settlement, words: Words) -> Sheet:
    say, counts = words.say, report.verdict.facts.enterprises
    rows: list[Sequence[Any]] = [
        [say(N_("试点")), report.pilot.name],
        [say(N_("截至日期")), report.as_of],
        [say(N_("规则书")), f"{words.name(report.book)} ({report.book.code} {report.book.version})"],
        [say(N_("奖补总额（元）")), yuan(report.award)],
        [say(N_("已到位（元）")), yuan(report.received)],
        [say(N_("已承诺（元）")), yuan(report.total.committed)],
        [say(N_("已支付（元）")), yuan(report.total.paid)],
        [say(N_("已选企业（家）")), counts.selected],
        [say(N_("关键环节企业（家）")), counts.key_link],
        [say(N_("已改造企业（家）")), counts.renovated],
        [say(N_("达到水平的企业（家）")), counts.at_level],
        [say(N_("结果")), say(STATUSES[report.verdict.status])],
    ]
    return words.all((N_("项目"), N_("数值"))), rows


def _money(rows: Sequence[Row], words: Words) -> Sheet:
    amounts = [_amounts(row.money) for row in rows]
    body: list[Sequence[Any]] = [[words.name(row), *each] for row, each in zip(rows, amounts, strict=True)]
    return words.all((N_("资金用途"), *PARTS.values())), [*body, _totals(words, amounts)]


def _sources(sources: Sequence[Source], words: Words) -> Sheet:
    amounts = [[*(yuan(getattr(source, name)) for name in _FUND), *_amounts(source.total)] for source in sources]
    body: list[Sequence[Any]] = [
        [words.say(SOURCES.get(source.code, source.code)), *each] for source, each in zip(sources, amounts, strict=True)
    ]
    head = words.all((N_("资金来源"), *_FUND.values(), *PARTS.values()))
    return head, [*body, _totals(words, amounts)] if amounts else body


def _rules(checks: Iterable[Check], words: Words) -> Sheet:
    head = (N_("检查项"), N_("条款"), N_("基数"), N_("基数金额（元）"), N_("限值"), N_("实际"), N_("结果"), N_("说明"))
    rows: list[Sequence[Any]] = [
        [
            words.name(check.rule),
            check.clause,
            words.base(check.base),
            yuan(check.amount),
            check.limit if check.counts else yuan(check.limit),
            check.actual if check.counts else yuan(check.actual),
            words.say(STATUSES[check.status]),
            words.message(check),
        ]
        for check in checks
    ]
    return words.all(head), rows


def _tallies(tallies: Iterable[Tally], words: Words) -> Sheet:
    head = (N_("检查项"), N_("条款"), N_("基数"), *STATUSES.values(), N_("合计实际"), N_("合计目标"))
    rows: list[Sequence[Any]] = [
        [
            words.name(tally.rule),
            tally.rule.clause,
            words.base(tally.base),
            *(tally.counts[status] for status in STATUSES),
            tally.met,
            tally.wanted,
        ]
        for tally in tallies
    ]
    return words.all(head), rows


def _pilots(overview: Overview, words: Words) -> Sheet:
    head = (N_("试点"), N_("奖补总额（元）"), N_("已到位（元）"), *PARTS.values(), N_("结果"))
    amounts = [[yuan(report.award), yuan(report.received), *_amounts(report.total)] for report in overview.reports]
    body: list[Sequence[Any]] = [
        [report.pilot.name, *each, words.say(STATUSES[report.verdict.status])]
        for report, each in zip(overview.reports, amounts, strict=True)
    ]
    return words.all(head), [*body, _totals(words, amounts)] if amounts else body


def _months(months: Sequence[Month], words: Words) -> Sheet:
    head = (N_("截至日期"), N_("已到位（元）"), N_("已承诺（元）"), N_("已支付（元）"))
    return words.all(head), [[m.day, yuan(m.received), yuan(m.committed), yuan(m.paid)] for m in months]


def _arrivals(arrivals: Iterable[tuple[Settlement, Arrival]], words: Words) -> Sheet:
    head = (N_("试点"), N_("批次"), N_("金额（元）"), N_("省级下达"), N_("到账"), N_("天数"))
    rows: list[Sequence[Any]] = [
        [
            report.pilot.name,
            words.name(arrival),
            yuan(arrival.tranche.amount_fen),
            arrival.tranche.released_on,
            arrival.came,
            arrival.days,
        ]
        for report, arrival in arrivals
    ]
    return words.all(head), rows


def _projected(found: Projection, words: Words) -> Sheet:
    head = (N_("假设"), N_("检查项"), N_("基数"), N_("限值"), N_("推算值"), N_("推算结果"))
    rows: list[Sequence[Any]] = [
        [
            words.say(ASSUMPTIONS[expected.assumption]),
            words.name(check.rule),
            words.base(check.base),
            check.limit if check.counts else yuan(check.limit),
            check.actual if check.counts else yuan(check.actual),
            words.say(REACHED[kept(check)]),
        ]
        for expected in (found.pace, found.spent)
        for check in expected.checks
    ]
    return words.all(head), rows


def _amounts(state: CategoryState) -> list[Decimal]:
    return [yuan(getattr(state, part)) for part in PARTS]


def _totals(words: Words, amounts: Sequence[Sequence[Decimal]]) -> list[Any]:
    return [words.say(N_("合计")), *(Total(sum(column, Decimal(0))) for column in zip(*amounts, strict=True))]


def yuan(fen: int | None) -> Any:
    """Fen as the number that a spreadsheet adds up, with its two places."""
    return None if fen is None else Decimal(plain(fen))
