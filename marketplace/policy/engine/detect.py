"""What rows of a spending sheet contradict, row by row; each detector serves one finding of the book."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from marketplace.policy.books.model import Book
from marketplace.policy.engine import limits
from marketplace.policy.engine.facts import Facts, counted, target_level
from marketplace.policy.engine.finding import Finding, find
from marketplace.policy.engine.pilot import Pilot
from marketplace.policy.engine.repeats import Invoices, Repeats, is_paid_invoice, malformed
from marketplace.policy.engine.rows import Kind, Line, Row, Sheet, Standing, folded, read_in
from marketplace.policy.engine.uscc import fits

_NOTHING = frozenset({"", "无", "否", "没有", "none", "no", "-", "/"})
_BETWEEN = re.compile(r"[、,;\n]")
_EMPTY = ("（未填）", "(empty)")


def derive(book: Book, pilot: Pilot, rows: list[Row], skipped_rows: int = 0) -> Facts:
    """The facts and findings of a spending sheet. The order of `rows` does not matter, their numbers do."""
    sheet = read_in(book, pilot, rows)
    return Facts(
        by_category=sheet.sums(),
        refunded=sum(entry.refunded for entry in sheet.contracts.values()),
        enterprises=counted(book, sheet.outcomes()),
        findings=tuple(_findings(sheet)),
        rows=len(sheet.lines),
        skipped_rows=skipped_rows,
    )


def _findings(sheet: Sheet) -> Iterator[Finding]:
    applied = frozenset(sheet.book.findings_applied)
    detectors = [detector for code, detector in _BY_ROW.items() if code in applied]
    for line in sheet.lines:
        for detector in detectors:
            yield from detector(sheet, line)
    yield from _repeated(sheet, applied)
    if "level.below_target" in applied:
        yield from _levels(sheet)
    yield from limits.exceeded(sheet, applied)


def _category(code: str, standing: Standing) -> Callable[[Sheet, Line], list[Finding]]:
    def detector(sheet: Sheet, line: Line) -> list[Finding]:
        if line.standing is not standing:
            return []
        kind = sheet.pilot.kind_in(sheet.book)
        names = (kind.name_zh, kind.name_en)
        return find(sheet.book, code, line.row.number, category=line.row.category or _EMPTY, type=names)

    return detector


def _double_support(sheet: Sheet, line: Line) -> list[Finding]:
    if not line.row.other_support or not excluding(sheet.book, line.row.other_support):
        return []
    return find(sheet.book, "support.double", line.row.number, support=line.row.other_support)


def excluding(book: Book, support: str) -> list[str]:
    """Of the other public money named in a text, what the book does not permit beside its own (四(二))."""
    permitted = _NOTHING | {folded(name) for name in book.other_support.permitted}
    return [part.strip() for part in _BETWEEN.split(folded(support)) if part.strip() not in permitted]


def _same_party(sheet: Sheet, line: Line) -> list[Finding]:
    if not line.enterprise or line.enterprise != line.provider:
        return []
    return find(sheet.book, "party.same", line.row.number, code=line.row.enterprise)


def _paid_late(sheet: Sheet, line: Line) -> bool:
    """A payment after the period against a commitment made inside it."""
    late = line.row.kind is Kind.PAID and line.row.day > sheet.pilot.year2_end
    return late and bool(line.contract) and line.contract in sheet.committed_inside


def _outside_period(sheet: Sheet, line: Line) -> list[Finding]:
    row, pilot = line.row, sheet.pilot
    if row.kind not in (Kind.COMMITTED, Kind.PAID) or pilot.covers(row.day) or _paid_late(sheet, line):
        return []
    days = {"date": row.day.isoformat(), "start": pilot.approved_on.isoformat(), "end": pilot.year2_end.isoformat()}
    return find(sheet.book, "date.outside_period", row.number, **days)


def _after_period(sheet: Sheet, line: Line) -> list[Finding]:
    if not _paid_late(sheet, line):
        return []
    days = {"date": line.row.day.isoformat(), "end": sheet.pilot.year2_end.isoformat()}
    return find(sheet.book, "paid.after_period", line.row.number, contract=line.row.contract, **days)


def _after_as_of(sheet: Sheet, line: Line) -> list[Finding]:
    as_of = sheet.pilot.as_of
    late = [day for day in (line.row.day, line.row.accepted) if day is not None and day > as_of]
    if not late:
        return []
    return find(sheet.book, "date.after_as_of", line.row.number, date=late[0].isoformat(), as_of=as_of.isoformat())


def _invalid_codes(sheet: Sheet, line: Line) -> list[Finding]:
    found: list[Finding] = []
    cells = ((("企业代码", "Enterprise"), line.row.enterprise), (("服务商代码", "Provider"), line.row.provider))
    for column, code in cells:
        if code and not fits(code):
            found += find(sheet.book, "uscc.invalid", line.row.number, column=column, code=code)
    return found


def _enterprise_missing(sheet: Sheet, line: Line) -> list[Finding]:
    if line.enterprise or not line.renovation:
        return []
    category = sheet.pilot.kind_in(sheet.book).categories[line.category]
    names = (category.name_zh, category.name_en)
    return find(sheet.book, "enterprise.missing", line.row.number, category=names)


def _malformed_invoice(sheet: Sheet, line: Line) -> list[Finding]:
    numbers = malformed(line) if line.row.invoices else []
    return find(sheet.book, "invoice.malformed", line.row.number, invoice="、".join(numbers)) if numbers else []


def _without_commitment(sheet: Sheet, line: Line) -> list[Finding]:
    if line.row.kind is not Kind.PAID or not sheet.any_commitment:
        return []
    if line.contract and line.contract in sheet.committed:
        return []
    return find(sheet.book, "paid.without_commitment", line.row.number, contract=line.row.contract or _EMPTY)


def _before_acceptance(sheet: Sheet, line: Line) -> list[Finding]:
    if line.row.kind is not Kind.PAID or not line.renovation:
        return []
    accepted = sheet.acceptances.get((line.enterprise, line.contract))
    if accepted is not None and accepted <= line.row.day:
        return []
    shown = {"enterprise": line.row.enterprise or _EMPTY, "contract": line.row.contract or _EMPTY}
    return find(sheet.book, "paid.before_acceptance", line.row.number, date=line.row.day.isoformat(), **shown)


_BY_ROW: dict[str, Callable[[Sheet, Line], list[Finding]]] = {
    "category.unknown": _category("category.unknown", Standing.UNKNOWN),
    "category.not_for_pilot_type": _category("category.not_for_pilot_type", Standing.FOREIGN),
    "use.prohibited": _category("use.prohibited", Standing.PROHIBITED),
    "support.double": _double_support,
    "party.same": _same_party,
    "date.outside_period": _outside_period,
    "paid.after_period": _after_period,
    "date.after_as_of": _after_as_of,
    "uscc.invalid": _invalid_codes,
    "enterprise.missing": _enterprise_missing,
    "invoice.malformed": _malformed_invoice,
    "paid.without_commitment": _without_commitment,
    "paid.before_acceptance": _before_acceptance,
}


def _repeated(sheet: Sheet, applied: frozenset[str]) -> Iterator[Finding]:
    invoices, repeats, book = Invoices(), Repeats(), sheet.book
    for line in sheet.lines:
        numbers, first = invoices.conflicts(line)
        same, number = repeats.first(line), line.row.number
        if same and is_paid_invoice(line):
            numbers, first = list(line.row.invoices), min(first or same, same)
        elif same and "row.repeated" in applied:
            yield from find(book, "row.repeated", number, first=same)
        if first and "invoice.duplicate" in applied:
            yield from find(book, "invoice.duplicate", number, invoice="、".join(numbers), first=first)


def _levels(sheet: Sheet) -> Iterator[Finding]:
    steps = sheet.book.level_scale.levels
    for entry in sheet.enterprises.values():
        row = entry.accepted.row if entry.accepted else None
        target = target_level(sheet.book, entry.key_link)
        if row is None or row.level is None or row.level >= target:
            continue
        shown = {"enterprise": row.enterprise, "level": steps[row.level - 1], "target": steps[target - 1]}
        yield from find(sheet.book, "level.below_target", row.number, **shown)
