"""What rows of a sheet come to by contract, and what stands against booking them. Money is fen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from marketplace.base.money import Yuan
from marketplace.base.text import N_, Text
from marketplace.base.types import canonical
from marketplace.policy.books.model import Book
from marketplace.policy.engine.facts import UNKNOWN
from marketplace.policy.engine.rows import Contract, Kind, Row, Standing, category_names, folded

MAX_ROWS = 30_000
"""Rows of one sheet: what one act may write while others wait."""
MAX_TEXT = 200
"""Characters of a code or a number in a cell."""
BLOCKING = frozenset({"category.unknown", "category.not_for_pilot_type", "use.prohibited", "date.after_as_of"})
"""Findings of rows that cannot be booked at all: no line takes such a use, and what has not happened is no past."""


@dataclass(frozen=True)
class Fault:
    """What stands against booking a sheet: a stable code, the clause, a sentence, and the rows it is about."""

    code: str
    clause: str
    text: Text
    rows: tuple[int, ...] = ()


@dataclass
class Group:
    """The rows of one contract within one category, or those of a category that name no contract."""

    category: str
    key: str
    contract: str
    first: Row
    rows: list[int] = field(default_factory=list)
    paid_rows: list[int] = field(default_factory=list)
    provider: str = ""
    sums: Contract = field(default_factory=Contract)

    def add(self, row: Row) -> None:
        self.rows.append(row.number)
        if row.kind is Kind.PAID:
            self.paid_rows.append(row.number)
        self.provider = self.provider or row.provider
        self.sums.add(row.kind, row.amount)

    @property
    def arranged(self) -> int:
        """As the engine sums it: the larger of net commitments and net payments."""
        return self.sums.sums(named=bool(self.key)).arranged

    @property
    def paid(self) -> int:
        """Payments less refunds."""
        return self.sums.paid - self.sums.refunded

    @property
    def signed_on(self) -> date:
        return self.first.day


def coded(book: Book, type_code: str, rows: Iterable[Row]) -> Iterator[tuple[Row, str, bool]]:
    """Each row with its category as a code of the book (as written where it has none), and whether it is renovation."""
    names, kind = category_names(book, type_code), book.types[type_code]
    for row in rows:
        code, standing = names.get(folded(row.category), (UNKNOWN, Standing.UNKNOWN))
        own = standing is Standing.OWN
        yield row, code if own else row.category, own and kind.bucket(code) == "renovation"


def groups(rows: Iterable[Row]) -> list[Group]:
    """The rows by category and contract, in the order of their first rows."""
    found: dict[tuple[str, str], Group] = {}
    for row in sorted(rows, key=lambda row: row.number):
        key = (row.category, folded(row.contract))
        group = found.get(key)
        if group is None:
            group = found[key] = Group(row.category, key[1], row.contract, row)
        group.add(row)
    return list(found.values())


def digest(rows: Sequence[Row]) -> str:
    """SHA-256 of what the rows say, in hex: the same whatever the form of the file and wherever its rows stand."""
    said = hashlib.sha256()
    for row in rows:
        cells = [
            row.day.isoformat(),
            row.kind.value,
            row.category,
            row.amount,
            folded(row.enterprise),
            folded(row.provider),
            folded(row.contract),
            list(row.invoices),
            row.other_support,
            row.key_link,
            row.level,
            row.accepted.isoformat() if row.accepted else None,
            row.total,
        ]
        said.update(canonical(cells).encode() + b"\n")
    return said.hexdigest()


def faults_of_rows(rows: Iterable[Row]) -> Iterator[Fault]:
    """Cells that were read but cannot be kept: invoices that lost digits, texts beyond all measure."""
    lost, long = [], []
    for row in rows:
        if row.invoice_lost:
            lost.append(row.number)
        texts = (row.category, row.enterprise, row.provider, row.contract, row.other_support, *row.invoices)
        if any(len(text) > MAX_TEXT for text in texts) or len(row.invoices) > MAX_TEXT:
            long.append(row.number)
    if lost:
        text = Text(N_("发票号码在表格中已丢失位数，请把该列设为文本格式后重新填写。"))
        yield Fault("opening.invoice_lost", "四(二)", text, tuple(lost))
    if long:
        yield Fault(
            "opening.text_too_long",
            "四(二)",
            Text(N_("单元格文字过长（最多 {most} 个字）。"), {"most": MAX_TEXT}),
            tuple(long),
        )


def faults_of_groups(found: Iterable[Group], known: Mapping[str, str]) -> Iterator[Fault]:
    """Contracts whose sums are no balance, and numbers that the live books have already (`known`, folded)."""
    for group in found:
        values: dict[str, Any] = {"contract": group.contract or "—"}
        if group.paid < 0:
            values |= {"refunded": Yuan(group.sums.refunded), "paid": Yuan(group.sums.paid)}
            text = Text(N_("合同 {contract}：退回 {refunded} 超过支付 {paid}。"), values)
            yield Fault("opening.refund_exceeds_paid", "四(二)", text, tuple(group.rows))
        elif group.arranged < group.paid or group.sums.released > group.sums.committed:
            values |= {"released": Yuan(group.sums.released), "committed": Yuan(group.sums.committed)}
            text = Text(N_("合同 {contract}：核减 {released} 超过承诺 {committed}。"), values)
            yield Fault("opening.release_exceeds_committed", "四(二)", text, tuple(group.rows))
        if group.key and group.key in known:
            text = Text(N_("合同编号 {contract} 已在平台账上，不能再作为期初数据导入。"), values)
            yield Fault("opening.contract_known", "四(二)", text, tuple(group.rows))


def numbers(found: Sequence[Group], opening: str) -> list[str]:
    """The number of each group in the ledger, unique in the pilot: the contract's own, in its first category."""
    taken: set[str] = set()
    made = []
    for group in found:
        number = group.contract if group.key and group.contract not in taken else ""
        if not number:
            number = f"{opening}-{group.category}" + (f"-{group.contract}" if group.key else "")
        taken.add(number)
        made.append(number)
    return made


def reference(opening: str, group: Group) -> str:
    """What stands in the place of the bank's reference: the import and the rows of its sheet."""
    shown = "、".join(map(str, group.paid_rows[:20]))
    return f"{opening} 第 {shown}{'…' if len(group.paid_rows) > 20 else ''} 行"
