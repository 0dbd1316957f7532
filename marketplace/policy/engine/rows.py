"""Rows of a spending sheet, and the facts they amount to. Text is compared after NFKC, trimming and case folding."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from marketplace.policy.books.model import Book, PilotType
from marketplace.policy.engine.facts import UNKNOWN, Outcome, Sums
from marketplace.policy.engine.pilot import Pilot


class Kind(StrEnum):
    """What a row does with money."""

    COMMITTED = "committed"
    RELEASED = "released"
    PAID = "paid"
    REFUND = "refund"


class Standing(StrEnum):
    """How a category stands to the pilot's type."""

    OWN = "own"
    FOREIGN = "foreign"
    PROHIBITED = "prohibited"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row as it was read: cells understood, texts as written. `number` is the row of the spreadsheet.

    `day` is its date; `amount` and `total` are fen; `level` is the place on the book's scale; `invoice_lost` says that
    the sheet itself had already lost digits of the invoice number.
    """

    number: int
    day: date
    kind: Kind
    amount: int
    category: str = ""
    enterprise: str = ""
    provider: str = ""
    contract: str = ""
    invoices: tuple[str, ...] = ()
    invoice_lost: bool = False
    other_support: str = ""
    key_link: bool = False
    level: int | None = None
    accepted: date | None = None
    total: int | None = None


@dataclass(slots=True)
class Line:
    """A row with the forms of its texts that are compared."""

    row: Row
    category: str
    standing: Standing
    enterprise: str
    provider: str
    contract: str
    renovation: bool


@dataclass(slots=True)
class Contract:
    """Sums in fen of one contract within one category (or of the rows of a category that name none)."""

    committed: int = 0
    released: int = 0
    paid: int = 0
    refunded: int = 0

    def add(self, kind: Kind, amount: int) -> None:
        """Take one row in."""
        if kind is Kind.COMMITTED:
            self.committed += amount
        elif kind is Kind.RELEASED:
            self.released += amount
        elif kind is Kind.PAID:
            self.paid += amount
        else:
            self.refunded += amount

    def sums(self, named: bool) -> Sums:
        """Arranged and paid; rows without a contract (`named` false) stand for themselves."""
        paid = self.paid - self.refunded
        if named:
            return Sums(max(self.committed - self.released, paid), paid)
        return Sums(self.committed + self.paid - self.released, paid)


@dataclass(slots=True)
class Renovated:
    """What the sheet says of one enterprise: key link, and the row whose acceptance counts."""

    selected: bool = False
    key_link: bool = False
    accepted: Line | None = None

    def offer(self, line: Line) -> None:
        """Take an acceptance in: the latest counts, a recorded level before a blank, then the lower one."""
        if self.accepted is None or _order(line.row) > _order(self.accepted.row):
            self.accepted = line


@dataclass
class Sheet:
    """All rows of a sheet in their order, with what one row must know of the others."""

    book: Book
    pilot: Pilot
    lines: list[Line] = field(default_factory=list)
    contracts: dict[tuple[str, str], Contract] = field(default_factory=dict)
    enterprises: dict[str, Renovated] = field(default_factory=dict)
    acceptances: dict[tuple[str, str], date] = field(default_factory=dict)
    committed: set[str] = field(default_factory=set)
    committed_inside: set[str] = field(default_factory=set)
    any_commitment: bool = False

    def add(self, line: Line) -> None:
        """Take one row in; rows come in the order of their numbers."""
        row = line.row
        self.lines.append(line)
        self.contracts.setdefault((line.category, line.contract), Contract()).add(row.kind, row.amount)
        if row.kind is Kind.COMMITTED:
            self.any_commitment = True
            self.committed.add(line.contract)
            if self.pilot.covers(row.day):
                self.committed_inside.add(line.contract)
        counts = row.accepted is not None and row.accepted <= self.pilot.as_of
        if counts and row.accepted is not None:
            key = (line.enterprise, line.contract)
            self.acceptances[key] = min(row.accepted, self.acceptances.get(key, row.accepted))
        if line.enterprise:
            self._meet(line, counts)

    def _meet(self, line: Line, counts: bool) -> None:
        known = self.enterprises.setdefault(line.enterprise, Renovated())
        known.key_link |= line.row.key_link
        known.selected |= line.renovation
        if line.renovation and counts:
            known.offer(line)

    def sums(self) -> dict[str, Sums]:
        """Arranged and paid by category, in fen."""
        totals: dict[str, Sums] = {}
        for (category, contract), entry in self.contracts.items():
            totals[category] = totals.get(category, Sums()) + entry.sums(named=bool(contract))
        return totals

    def outcomes(self) -> Iterable[Outcome]:
        """The selected enterprises with their levels."""
        for entry in self.enterprises.values():
            if entry.selected:
                level = entry.accepted.row.level if entry.accepted else None
                yield Outcome(entry.key_link, entry.accepted is not None, level)


def read_in(book: Book, pilot: Pilot, rows: Iterable[Row]) -> Sheet:
    """The rows in the order of their numbers, with the categories that the book knows."""
    sheet, names, kind = Sheet(book, pilot), category_names(book, pilot.type), pilot.kind_in(book)
    for row in sorted(rows, key=lambda row: row.number):
        category, standing = names.get(folded(row.category), (UNKNOWN, Standing.UNKNOWN))
        renovation = standing is Standing.OWN and kind.bucket(category) == "renovation"
        contract = folded(row.contract)
        line = Line(row, category, standing, folded(row.enterprise), folded(row.provider), contract, renovation)
        sheet.add(line)
    return sheet


def category_names(book: Book, type_code: str) -> dict[str, tuple[str, Standing]]:
    """Every code and Chinese name, folded, with the code and how it stands to the type (四(二))."""
    names: dict[str, tuple[str, Standing]] = {}
    for code, category in book.types[type_code].categories.items():
        for name in (code, category.name_zh):
            names.setdefault(folded(name), (code, Standing.OWN))
    for kind in _others(book, type_code):
        for code, category in kind.categories.items():
            for name in (code, category.name_zh):
                names.setdefault(folded(name), (code, Standing.FOREIGN))
    for code, use in book.prohibited.items():
        for name in (code, use.name_zh, *use.aliases_zh):
            names.setdefault(folded(name), (code, Standing.PROHIBITED))
    return names


def folded(text: str) -> str:
    """The form in which texts are compared."""
    if not text:
        return ""
    bare = (text if text.isascii() else unicodedata.normalize("NFKC", text)).strip()
    folding = bare.casefold()
    return bare if folding == bare else folding  # keep one text where two would be equal


def _others(book: Book, type_code: str) -> list[PilotType]:
    return [kind for code, kind in book.types.items() if code != type_code]


def _order(row: Row) -> tuple[date, bool, int]:
    return (row.accepted or date.min, row.level is not None, -(row.level or 0))
