"""Reports as plain data for the paper that is signed: the same sums, shares and checks as the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marketplace.base.money import parse
from marketplace.base.text import N_
from marketplace.policy.books.model import Book
from marketplace.policy.engine.verdict import Check, percent, yuan
from vouchers.funds.history import CategoryState, Month
from vouchers.funds.listings import SOURCES
from vouchers.reports.models import SignedReport
from vouchers.reports.projection import kept
from vouchers.reports.queries import Arrival, Row, Settlement, Source, Whole, nth
from vouchers.reports.scopes import Overview
from vouchers.reports.words import ASSUMPTIONS, METHOD, REACHED, STATUSES, Words

_MONEY = (
    ("allotted", N_("额度")), ("granted", N_("已发放未使用")), ("committed", N_("已承诺")), ("paid", N_("已支付")),
    ("recalled", N_("已收回")),
)  # fmt: skip


_MONTHLY = {"received": N_("已到位"), "committed": N_("已承诺"), "paid": N_("已支付")}


def of_pilot(whole: Whole, words: Words) -> dict[str, Any]:
    """What the template of a pilot's report prints."""
    say, report = words.say, whole.report
    status, book = report.verdict.status, report.book
    return {
        "language": words.language,
        "words": _words(words, title=N_("结算报告")),
        "pilot": report.pilot.name,
        "verdict": status,
        "verdict_word": say(STATUSES[status]),
        "facts": [
            [say(N_("试点类型")), words.name(report.kind)],
            [say(N_("规则书")), f"{words.name(book)} ({book.code} {book.version})"],
            [say(N_("截至")), report.as_of.isoformat()],
            [say(N_("奖补总额")), yuan(report.award)],
            [say(N_("已到位")), yuan(report.received)],
            [say(N_("已承诺")), yuan(report.total.committed)],
            [say(N_("已支付")), yuan(report.total.paid)],
        ],
        "heads": [say(word) for _, word in _MONEY],
        "rows": _money(report.rows, report.total, words),
        "source_heads": [say(word) for word in (N_("奖补总额"), N_("已到位"), N_("已承诺"), N_("已支付"))],
        "sources": _sources(whole.sources, words),
        "checks": [_check(check, words) for check in report.verdict.checks],
        "month_heads": words.all(_MONTHLY.values()),
        "months": _months(whole.months),
        "arrivals": [_arrival(arrival, words) for arrival in whole.arrivals],
        "projection": _projected(report, words),
    }


def of_signed(row: SignedReport, report: Settlement, words: Words, *, signer: str, signed_at: str) -> dict[str, Any]:
    """What the same template prints of a report as it was signed, from what is kept of it and nothing else.

    `report` lends the book's names of categories and checks. Sentences are in Chinese: those were signed.
    """
    say, content = words.say, row.content
    answer, book = content["answer"], report.book
    status, names = answer["verdict"], {line.code: words.name(line) for line in report.rows}
    total = {part: sum(parse(money[part]) for money in content["categories"].values()) for part, _ in _MONEY}
    version = f"{row.version}" if row.version == 1 else f"{row.version} · {row.reason}"
    return {
        "language": words.language,
        "words": _words(words, title=N_("已签署的报告")),
        "pilot": content["pilot"],
        "verdict": status,
        "verdict_word": say(STATUSES[status]),
        "facts": [
            [say(N_("规则书")), f"{words.name(book)} ({answer['book']} {answer['book_version']})"],
            [say(N_("截至")), content["as_of"]],
            [say(N_("奖补总额")), _grouped(content["awarded"])],
            [say(N_("已到位")), _grouped(content["received"])],
            [say(N_("已承诺")), yuan(total["committed"])],
            [say(N_("已支付")), yuan(total["paid"])],
            [say(N_("版本")), version],
            [say(N_("签署人")), signer],
            [say(N_("签署时间")), signed_at],
            [say(N_("内容摘要（SHA-256）")), row.sha256],
        ],
        "heads": [say(word) for _, word in _MONEY],
        "rows": [
            *(
                [names.get(code, code), *(_grouped(content["categories"][code][part]) for part, _ in _MONEY)]
                for code in sorted(content["categories"], key=[*names, *content["categories"]].index)
            ),
            [say(N_("合计")), *(yuan(amount) for amount in total.values())],
        ],
        "source_heads": [say(word) for word in (N_("奖补总额"), N_("已到位"), N_("已承诺"), N_("已支付"))],
        "sources": [
            [
                say(SOURCES.get(code, code)),
                *(_grouped(money[part]) for part in ("award", "received", "committed", "paid")),
            ]
            for code, money in content["sources"].items()
        ],
        "checks": [_kept_check(check, book, words) for check in answer["checks"]],
        "month_heads": words.all(_MONTHLY.values()),
        "months": [[day, *(_grouped(month[name]) for name in _MONTHLY)] for day, month in content["months"].items()],
        "arrivals": [
            [
                nth(int(number))[words.language == "en"],
                *(_grouped(came["amount"]), came["released_on"] or "", came["received_on"] or "—", str(came["days"])),
            ]
            for number, came in content["arrivals"].items()
        ],
        "projection": [],
    }


def of_several(overview: Overview, words: Words) -> dict[str, Any]:
    """What the template of a report over several pilots prints."""
    say = words.say
    return {
        "language": words.language,
        "words": _words(words, title=N_("试点资金汇总报告")),
        "name": say(overview.name),
        "facts": [
            [say(N_("截至")), overview.as_of.isoformat()],
            [say(N_("试点数")), str(len(overview.reports))],
            [say(N_("奖补总额")), yuan(overview.award)],
            [say(N_("已到位")), yuan(overview.received)],
            [say(N_("已承诺")), yuan(overview.total.committed)],
            [say(N_("已支付")), yuan(overview.total.paid)],
        ],
        "pilots": [
            [
                report.pilot.name,
                *map(yuan, (report.award, report.received, report.total.committed, report.total.paid)),
                {"word": say(STATUSES[report.verdict.status]), "status": report.verdict.status},
            ]
            for report in overview.reports
        ],
        "heads": [say(word) for _, word in _MONEY],
        "rows": _money(overview.rows, overview.total, words),
        "source_heads": [say(word) for word in (N_("奖补总额"), N_("已到位"), N_("已承诺"), N_("已支付"))],
        "sources": _sources(overview.sources, words),
        "statuses": [say(word) for word in STATUSES.values()],
        "tallies": [
            [
                words.name(tally.rule),
                words.base(tally.base) or "—",
                *(str(tally.counts[status] or "—") for status in STATUSES),
                "—" if tally.met is None else f"{tally.met} / {tally.wanted}",
                tally.rule.clause,
            ]
            for tally in overview.tallies
        ],
        "month_heads": words.all(_MONTHLY.values()),
        "months": _months(overview.months),
        "arrivals": [[report.pilot.name, *_arrival(arrival, words)] for report, arrival in overview.arrivals],
    }


def _words(words: Words, *, title: str) -> dict[str, str]:
    texts = {
        "title": title,
        "money": N_("按资金用途"),
        "sources": N_("按资金来源"),
        "source": N_("资金来源"),
        "pilots": N_("各试点"),
        "pilot": N_("试点"),
        "checks": N_("规则检查"),
        "category": N_("资金用途"),
        "check": N_("检查项"),
        "base": N_("基数"),
        "result": N_("结果"),
        "message": N_("算式与说明"),
        "clause": N_("条款"),
        "targets": N_("合计实际 / 目标"),
        "months": N_("逐月进展"),
        "until": N_("截至"),
        "arrivals": N_("拨付时效"),
        "tranche": N_("批次"),
        "released": N_("省级下达"),
        "received": N_("到账"),
        "days": N_("天数"),
        "amount": N_("金额（元）"),
        "projection": N_("期末推算"),
        "method": METHOD,
        "limit": N_("限值"),
        "pace": ASSUMPTIONS["pace"],
        "spent": ASSUMPTIONS["spent"],
        "page": N_("第 {page} 页，共 {pages} 页"),
        "unit": N_("金额单位：元"),
        "made": N_("编制人（签字）："),
        "checked": N_("复核人（签字）："),
        "seal": N_("单位（盖章）："),
        "day": N_("日期："),
    }
    return {name: words.say(text) for name, text in texts.items()}


def _money(rows: Sequence[Row], total: CategoryState, words: Words) -> list[list[str]]:
    named = [*((words.name(row), row.money) for row in rows), (words.say(N_("合计")), total)]
    return [[name, *(yuan(getattr(money, part)) for part, _ in _MONEY)] for name, money in named]


def _sources(sources: Sequence[Source], words: Words) -> list[list[str]]:
    return [
        [
            words.say(SOURCES.get(source.code, source.code)),
            *map(yuan, (source.award, source.received, source.total.committed, source.total.paid)),
        ]
        for source in sources
    ]


def _months(months: Sequence[Month]) -> list[list[str]]:
    return [[month.day.isoformat(), *(yuan(getattr(month, name)) for name in _MONTHLY)] for month in months]


def _arrival(arrival: Arrival, words: Words) -> list[str]:
    return [
        words.name(arrival),
        yuan(arrival.tranche.amount_fen),
        arrival.tranche.released_on.isoformat() if arrival.tranche.released_on else "",
        arrival.came.isoformat() if arrival.came else "—",
        str(arrival.days),
    ]


def _projected(report: Settlement, words: Words) -> list[list[str]]:
    """Check, base, limit, and what either assumption would come to, with whether it would be kept."""
    found = report.projection
    if found is None:
        return []
    rows = []
    for pace, spent in zip(found.pace.checks, found.spent.checks, strict=True):
        said = [f"{_actual(check)} · {words.say(REACHED[kept(check)])}" for check in (pace, spent)]
        limit = str(pace.limit) if pace.counts else percent(pace.limit_share or 0)
        rows.append([words.name(pace.rule), words.base(pace.base) or "—", limit, *said])
    return rows


def _actual(check: Check) -> str:
    if check.counts:
        return str(check.actual)
    return "—" if check.actual_share is None else percent(check.actual_share)


def _check(check: Check, words: Words) -> dict[str, Any]:
    gauge = None
    if check.actual_share is not None and check.limit_share is not None:
        gauge = {"actual": min(max(check.actual_share, 0), 10_000) / 100, "limit": check.limit_share / 100}
    return {
        "name": words.name(check.rule),
        "base": words.base(check.base) or "—",
        "status": check.status,
        "word": words.say(STATUSES[check.status]),
        "message": words.message(check),
        "clause": check.clause,
        "gauge": gauge,
    }


def _kept_check(check: dict[str, Any], book: Book, words: Words) -> dict[str, Any]:
    """A check as it was signed; shares were kept as decimals of one."""
    rule, gauge = book.checks.get(check["code"]), None
    if check["actual_share"] is not None and check["limit_share"] is not None:
        actual, limit = (float(check[name]) * 100 for name in ("actual_share", "limit_share"))
        gauge = {"actual": min(max(actual, 0), 100), "limit": limit}
    return {
        "name": words.name(rule) if rule else check["code"],
        "base": words.base(check["base"]) or "—",
        "status": check["status"],
        "word": words.say(STATUSES[check["status"]]),
        "message": check["message"],
        "clause": check["clause"],
        "gauge": gauge,
    }


def _grouped(amount: str) -> str:
    """An amount as it is kept, the way papers show it."""
    return yuan(parse(amount))
