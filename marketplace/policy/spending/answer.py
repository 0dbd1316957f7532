"""What a verdict says, in words and in order: one arrangement that text, page, workbook and paper present."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import Any

from marketplace.policy.engine.facts import UNKNOWN, Sums
from marketplace.policy.engine.finding import Finding
from marketplace.policy.engine.render import shown_categories
from marketplace.policy.engine.verdict import Check, Verdict, percent, yuan
from marketplace.policy.spending.fault import Words, said

FINDINGS_SHOWN = 1_000
STATUSES: dict[str, Words] = {
    "pass": ("符合", "met"),
    "open": ("进行中", "open"),
    "warn": ("预警", "warning"),
    "fail": ("不符合", "not met"),
}
BASES: dict[str | None, Words] = {
    "award": ("奖补总额", "award"),
    "received": ("已到位", "received"),
    "committed": ("已安排", "arranged"),
    "paid": ("已支付", "paid"),
    None: ("—", "—"),
}
_WORDS: dict[str, Words] = {
    "title": ("奖补资金使用检查", "Check of spending against the policy"),
    "verdict": ("结论", "Verdict"),
    "pass": (
        "没有不符合规定的事项，也没有预警；进行中的目标仍可达到。",
        "Nothing is broken and nothing warns; what is open can still be reached.",
    ),
    "warn": ("没有不符合的检查，有预警需要关注。", "Nothing is broken; there are warnings to look at."),
    "fail": ("有检查或记录不符合规定，须整改。", "Checks or rows break the rules and must be put right."),
    "book": ("规则书", "Rule book"),
    "pilot": ("试点", "Pilot"),
    "type": ("类型", "Type"),
    "award": ("奖补总额（元）", "Award (yuan)"),
    "received": ("已到位（元）", "Received (yuan)"),
    "arranged": ("已安排（元）", "Arranged (yuan)"),
    "paid": ("已支付（元）", "Paid (yuan)"),
    "refunded": ("已退回（元）", "Refunded (yuan)"),
    "period": ("实施期", "Period"),
    "as_of": ("截至", "As of"),
    "rows": ("记录", "Rows"),
    "rows_said": ("{rows}行，另跳过合计{skipped}行", "{rows}, and {skipped} lines of sums skipped"),
    "enterprises": ("企业", "Enterprises"),
    "enterprises_said": (
        "改造企业{selected}家，已验收{renovated}家，关键环节{key_link}家",
        "{selected} selected, {renovated} renovated, {key_link} key links",
    ),
    "money": ("按资金用途", "By use of the money"),
    "category": ("资金用途", "Use"),
    "share": ("占已安排", "Of all arranged"),
    "sum": ("合计", "Total"),
    "unknown": ("无法识别的用途", "Unknown use"),
    "checks": ("规则检查", "Checks"),
    "check": ("检查项", "Check"),
    "base": ("基数", "Base"),
    "amount": ("基数金额（元）", "Base (yuan)"),
    "limit": ("限值", "Limit"),
    "actual": ("实际", "Actual"),
    "limit_share": ("限值占比", "Limit, share"),
    "actual_share": ("实际占比", "Actual, share"),
    "result": ("结果", "Result"),
    "message": ("算式与说明", "Arithmetic and advice"),
    "clause": ("条款", "Clause"),
    "findings": ("逐行问题", "Findings by row"),
    "row": ("行", "Row"),
    "code": ("代码", "Code"),
    "none": ("没有发现问题。", "Nothing was found."),
    "more": ("另有 {more} 处未列出：", "{more} more are not listed: "),
    "sheet": ("明细", "Rows"),
    "signature": ("经办人（签字）：", "Prepared by (signature):"),
    "seal": ("单位负责人（签字、盖章）：", "Head of the unit (signature, seal):"),
    "day": ("日期：", "Date:"),
    "page": ("第 {page} 页，共 {pages} 页", "Page {page} of {pages}"),
    "made": (
        "由支出表按规则书自动核算，金额精确到分；算式可逐条复核。",
        "Computed from the spending sheet by the rule book, to the fen; each line can be recomputed.",
    ),
}


@dataclass(frozen=True)
class Answer:
    """A verdict told in one language (``zh`` or ``en``)."""

    verdict: Verdict
    language: str

    def word(self, name: str, **values: Any) -> str:
        """A word or sentence of the answer."""
        return said(_WORDS[name], self.language).format(**values)

    def words(self) -> dict[str, str]:
        """All of them, for templates."""
        return {name: said(words, self.language) for name, words in _WORDS.items()}

    def status(self, status: str) -> str:
        """The word of a status."""
        return said(STATUSES[status], self.language)

    def name(self, item: Any) -> str:
        """The name of something in the book."""
        return str(item.name_zh if self.language == "zh" else item.name_en)

    def message(self, item: Check | Finding) -> str:
        """The sentence of a check or a finding."""
        return item.message_zh if self.language == "zh" else item.message_en

    def facts(self) -> list[tuple[str, str]]:
        """What was judged: label and value."""
        verdict = self.verdict
        book, pilot, facts = verdict.book, verdict.pilot, verdict.facts
        kind, counts, total = pilot.kind_in(book), facts.enterprises, facts.total
        until = " – ".join((pilot.approved_on.isoformat(), pilot.year2_end.isoformat()))
        return [
            (self.word("pilot"), pilot.name),
            (self.word("type"), f"{self.name(kind)} · {self.name(pilot.class_in(book))}"),
            (self.word("book"), f"{self.name(book)} ({book.code} {book.version})"),
            (self.word("period"), until),
            (self.word("as_of"), pilot.as_of.isoformat()),
            (self.word("award"), yuan(pilot.award)),
            (self.word("received"), yuan(pilot.received)),
            (self.word("arranged"), yuan(total.arranged)),
            (self.word("paid"), yuan(total.paid)),
            (self.word("refunded"), yuan(facts.refunded)),
            (
                self.word("enterprises"),
                self.word(
                    "enterprises_said",
                    selected=counts.selected,
                    renovated=counts.renovated,
                    key_link=counts.key_link,
                ),
            ),
            (self.word("rows"), self.word("rows_said", rows=facts.rows, skipped=facts.skipped_rows)),
        ]

    def categories(self) -> list[tuple[str, Sums]]:
        """The name and the money of each use, in the order of the book."""
        seen = self.verdict.facts.by_category
        return [(self._category(code), seen.get(code, Sums())) for code in shown_categories(self.verdict)]

    def share_of_all(self, sums: Sums) -> str:
        """What part of all that is arranged stands here."""
        total = self.verdict.facts.total.arranged
        return percent(sums.arranged * 10_000 // total) if total > 0 and sums.arranged >= 0 else "—"

    def base(self, check: Check) -> str:
        """What a check measures against."""
        return said(BASES[check.base], self.language)

    def counted(self, check: Check, number: int) -> str:
        """A limit or an actual value: yuan, or a count."""
        return str(number) if check.counts else yuan(number)

    def findings(self) -> tuple[list[Finding], list[tuple[str, str, int]]]:
        """The findings to list, and code, severity and number of those that are not listed."""
        every = self.verdict.findings
        rest = Counter((finding.code, finding.severity) for finding in islice(every, FINDINGS_SHOWN, None))
        return list(every[:FINDINGS_SHOWN]), [(code, severity, number) for (code, severity), number in rest.items()]

    def _category(self, code: str) -> str:
        book = self.verdict.book
        if code == UNKNOWN:
            return self.word("unknown")
        for kind in (self.verdict.pilot.kind_in(book), *book.types.values()):
            if code in kind.categories:
                return self.name(kind.categories[code])
        return self.name(book.prohibited[code])


def summary(answer: Answer) -> dict[str, Any]:
    """All of an answer as plain data, for the page and the paper."""
    listed, rest = answer.findings()
    return {
        "words": answer.words(),
        "language": answer.language,
        "verdict": answer.verdict.status,
        "verdict_word": answer.status(answer.verdict.status),
        "sentence": answer.word(answer.verdict.status),
        "facts": answer.facts(),
        "categories": [
            {
                "name": name,
                "arranged": yuan(sums.arranged),
                "paid": yuan(sums.paid),
                "share": answer.share_of_all(sums),
            }
            for name, sums in [*answer.categories(), (answer.word("sum"), answer.verdict.facts.total)]
        ],
        "checks": [_check(answer, check) for check in answer.verdict.checks],
        "findings": [
            {
                "row": "" if finding.row is None else str(finding.row),
                "status": finding.severity,
                "word": answer.status(finding.severity),
                "message": answer.message(finding),
                "clause": finding.clause,
                "code": finding.code,
            }
            for finding in listed
        ],
        "more": sum(number for _, _, number in rest),
        "rest": [f"{code} × {number}" for code, _, number in rest],
    }


def _check(answer: Answer, check: Check) -> dict[str, Any]:
    gauge = None
    if check.actual_share is not None and check.limit_share is not None:
        gauge = {"actual": min(max(check.actual_share, 0), 10_000) / 100, "limit": check.limit_share / 100}
    return {
        "name": answer.name(check.rule),
        "code": check.code,
        "base": answer.base(check),
        "status": check.status,
        "word": answer.status(check.status),
        "message": answer.message(check),
        "clause": check.clause,
        "gauge": gauge,
    }
