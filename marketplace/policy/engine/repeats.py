"""Rows that repeat others, invoices under two contracts, providers or enterprises. One pass, constant work per row."""

from __future__ import annotations

from dataclasses import dataclass, field

from marketplace.policy.engine.rows import Kind, Line, Standing, folded

_OLD_NUMBER = 8
_NEW_NUMBER = 20


@dataclass(slots=True)
class _Values:
    """The first value seen in one column, and the first row that differs from it."""

    value: str = ""
    first: int = 0
    other: int = 0

    def differing(self, value: str) -> int:
        """The first earlier row with another value, 0 for none; then this value is taken in by `add`."""
        if not self.value or not value:
            return 0
        return self.first if value != self.value else self.other

    def add(self, value: str, row: int) -> None:
        if value and not self.value:
            self.value, self.first = value, row
        elif value and value != self.value and not self.other:
            self.other = row


@dataclass(slots=True)
class _Invoice:
    contract: _Values = field(default_factory=_Values)
    provider: _Values = field(default_factory=_Values)
    enterprise: _Values = field(default_factory=_Values)

    def meet(self, line: Line) -> int:
        """The first earlier row that this one contradicts, 0 for none."""
        found = []
        for known, value in (
            (self.contract, line.contract),
            (self.provider, line.provider),
            (self.enterprise, line.enterprise),
        ):
            found.append(known.differing(value))
            known.add(value, line.row.number)
        return min((row for row in found if row), default=0)


class Invoices:
    """The invoice numbers met so far."""

    def __init__(self) -> None:
        self._known: dict[str, Line | _Invoice] = {}

    def conflicts(self, line: Line) -> tuple[list[str], int]:
        """The numbers of this row that stand elsewhere under other names, and the first such row (0 for none)."""
        if line.row.invoice_lost:
            return [], 0
        numbers, first = [], 0
        for folding, number in {folded(number): number for number in line.row.invoices}.items():
            old = len(folding) == _OLD_NUMBER and _digits(folding)
            if old and not line.provider:
                continue
            row = self._meet(f"{folding} {line.provider}" if old else folding, line)
            if row:
                numbers.append(number)
                first = min(first or row, row)
        return numbers, first

    def _meet(self, key: str, line: Line) -> int:
        """Nearly every number occurs once: only from its second row on is more kept than that row."""
        known = self._known.setdefault(key, line)
        if known is line:
            return 0
        if isinstance(known, Line):
            before, known = known, _Invoice()
            known.meet(before)
            self._known[key] = known
        return known.meet(line)


class Repeats:
    """The rows met so far, by all their known columns."""

    def __init__(self) -> None:
        self._by_hash: dict[int, Line] = {}
        self._collided: dict[tuple[object, ...], Line] = {}

    def first(self, line: Line) -> int:
        """The first earlier row that is the same in every known column, 0 for none."""
        cells = _cells(line)
        first = self._by_hash.setdefault(hash(cells), line)
        if first is not line and _cells(first) != cells:
            first = self._collided.setdefault(cells, line)
        return 0 if first is line else first.row.number


def _cells(line: Line) -> tuple[object, ...]:
    """All known columns in the form in which they are compared."""
    row = line.row
    category = line.category if line.standing is not Standing.UNKNOWN else folded(row.category)
    return (
        row.day, row.kind, row.amount, category, line.enterprise, line.provider, line.contract,
        row.invoices and tuple(folded(number) for number in row.invoices),
        folded(row.other_support), row.key_link, row.level, row.accepted, row.total,
    )  # fmt: skip


def malformed(line: Line) -> list[str]:
    """The invoice numbers of a row that are neither new (20 digits) nor old (8 digits), or whose digits were lost."""
    if line.row.invoice_lost:
        return list(line.row.invoices)
    return [
        number for number in line.row.invoices
        if not (_digits(folded(number)) and len(folded(number)) in (_OLD_NUMBER, _NEW_NUMBER))
    ]  # fmt: skip


def is_paid_invoice(line: Line) -> bool:
    """Whether a full repetition of this row is a doubled invoice rather than a doubled row."""
    return line.row.kind is Kind.PAID and bool(line.row.invoices) and not line.row.invoice_lost


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
