"""One cell at a time: from text to day, kind, fen or level, never by guess and never through a float."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation

from marketplace.base.money import MAX_FEN
from marketplace.policy.books.model import Book
from marketplace.policy.engine.rows import Kind, folded
from marketplace.policy.spending.columns import KINDS, SUMS, UNITS, YUAN
from marketplace.policy.spending.fault import BadCell


class Number(str):
    """A number of a spreadsheet, as its file writes it."""

    __slots__ = ()


class Broken(str):
    """A cell of a spreadsheet without a value: an error, or a formula that was never computed."""

    __slots__ = ()


SHOWN_DIGITS = 15
"""A spreadsheet shows so many significant digits, and keeps no more of a number."""
_SHOWN = Context(prec=SHOWN_DIGITS, rounding=ROUND_HALF_EVEN)
_DAYS = (
    re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ t]00:00(?::00(?:\.0+)?)?)?", re.ASCII),
    re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})(?: 0?0:00(?::00)?)?", re.ASCII),
    re.compile(r"(\d{4})\.(\d{1,2})\.(\d{1,2})", re.ASCII),
    re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日", re.ASCII),
    re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII),
)
_SERIAL = re.compile(r"\d{1,7}(?:\.\d+)?", re.ASCII)
_LAST_SERIAL = 2_958_465
"""31 December 9999; larger numbers are days written without separators."""
_EPOCH_1900, _EPOCH_1904, _LEAP_THAT_NEVER_WAS = date(1899, 12, 30), date(1904, 1, 1), 60
_AMOUNT = re.compile(r"¥?\s*((?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?)\s*(万元|元)?", re.ASCII)
_PLAIN = re.compile(r"(\d{1,13})(?:\.(\d{1,2}))?", re.ASCII)
_BETWEEN = re.compile(r"[、,;，；\r\n]")
_YES, _NO = frozenset({"yes", "是", "1", "true"}), frozenset({"", "no", "否", "0", "false"})
_MEMORY = 65_536
"""Values kept per column so that a cell that repeats is understood once."""


def shown(number: Number) -> str:
    """A number as its spreadsheet shows it: at most 15 significant digits, no exponent."""
    if len(number) <= SHOWN_DIGITS and number.isdigit():
        return str(number)
    try:
        value = _SHOWN.create_decimal(number)
    except InvalidOperation:
        return str(number)
    if not value.is_finite() or abs(value.adjusted()) > 2 * SHOWN_DIGITS:
        return str(number)
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def text(cell: str) -> str:
    """The text of a cell, trimmed."""
    return shown(cell) if isinstance(cell, Number) else cell.strip()


def day(cell: str, *, since_1904: bool = False) -> date:
    """A day in any of the forms that a sheet may use, or an Excel serial (of a workbook that counts from 1904 too)."""
    bare = folded(text(cell))
    for form in _DAYS:
        match = form.fullmatch(bare)
        if match:
            year, month, number = (int(part) for part in match.groups())
            try:
                found = date(year, month, number)
            except ValueError:
                break
            if year >= 1900:
                return found
            break
    else:
        if _SERIAL.fullmatch(bare):
            return _of_serial(int(bare.partition(".")[0]), bare, since_1904)
    raise BadCell(
        f"“{_short(cell)}”不是有效日期，请填写如 2024-03-01", f'"{_short(cell)}" is no date, such as 2024-03-01'
    )


def _of_serial(serial: int, bare: str, since_1904: bool) -> date:
    if since_1904 and serial <= _LAST_SERIAL - 1462:
        return _EPOCH_1904 + timedelta(days=serial)
    if not since_1904 and 0 < serial <= _LAST_SERIAL and serial != _LEAP_THAT_NEVER_WAS:
        # Excel counts a 29 February 1900: what comes before it is one day off the epoch that fits all later days.
        return _EPOCH_1900 + timedelta(days=serial + (serial < _LEAP_THAT_NEVER_WAS))
    raise BadCell(f"“{bare}”不是有效日期", f'"{bare}" is no date')


def fen(cell: str, unit: int = YUAN) -> int:
    """Fen of an amount above zero; `unit` is the fen of one where the cell itself names none."""
    if isinstance(cell, Number):
        return _positive(_exact(shown(cell), unit, cell), cell)
    if unit == YUAN and (plain := _PLAIN.fullmatch(cell)):
        return _positive(int(plain[1]) * 100 + int((plain[2] or "0").ljust(2, "0")), cell)
    match = _AMOUNT.fullmatch(unicodedata.normalize("NFKC", cell).strip())
    if match is None or len(cell) > 40:
        raise BadCell(
            f"“{_short(cell)}”不是有效金额，请填写如 1234.50", f'"{_short(cell)}" is no amount, such as 1234.50'
        )
    return _positive(_exact(match[1].replace(",", ""), UNITS[match[2]] if match[2] else unit, cell), cell)


def _exact(number: str, unit: int, cell: str) -> int:
    try:
        amount = Decimal(number) * unit
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount.adjusted() > SHOWN_DIGITS:
        raise BadCell(
            f"“{_short(cell)}”不是有效金额，请填写如 1234.50", f'"{_short(cell)}" is no amount, such as 1234.50'
        )
    if amount != amount.to_integral_value():
        raise BadCell(f"“{_short(cell)}”超过两位小数（元）", f'"{_short(cell)}" has more than two decimals of a yuan')
    return int(amount)


def _positive(amount: int, cell: str) -> int:
    if amount <= 0:
        raise BadCell(f"金额必须大于零，现为“{_short(cell)}”", f'must be above zero, is "{_short(cell)}"')
    if amount > MAX_FEN:
        raise BadCell(f"“{_short(cell)}”超出可处理的金额", f'"{_short(cell)}" is larger than any amount we can handle')
    return amount


_KINDS = {folded(name): kind for kind, zh in KINDS.items() for name in (kind.value, zh)}


def kind(cell: str) -> Kind:
    """What a row does with money."""
    found = _KINDS.get(folded(text(cell)))
    if found is None:
        names, codes = "、".join(KINDS.values()), ", ".join(KINDS)
        raise BadCell(f"“{_short(cell)}”不是类型，可用：{names}", f'"{_short(cell)}" is no kind; there are: {codes}')
    return found


def yes(cell: str) -> bool:
    """Yes or no; empty is no."""
    answer = folded(text(cell))
    if answer in _YES or answer in _NO:
        return answer in _YES
    raise BadCell(f"“{_short(cell)}”请填写是或否", f'"{_short(cell)}" is neither yes nor no')


def level(cell: str, book: Book) -> int | None:
    """The place of a level on the book's scale, None where none is recorded."""
    bare = unicodedata.normalize("NFKC", text(cell)).strip()
    if not bare:
        return None
    rank = book.level_scale.rank(bare)
    if rank is None:
        steps = "、".join(book.level_scale.levels)
        raise BadCell(
            f"“{_short(cell)}”不是水平等级，可用：{steps}", f'"{_short(cell)}" is no level; there are: {steps}'
        )
    return rank


def invoices(cell: str) -> tuple[tuple[str, ...], bool]:
    """The invoice numbers of a cell, and whether the sheet had already lost digits of the number."""
    if isinstance(cell, Number):
        number = shown(cell)
        return (number,), len(number.lstrip("-").partition(".")[0]) > SHOWN_DIGITS
    if not cell:
        return (), False
    return tuple(bare for part in _BETWEEN.split(cell) if (bare := part.strip())), False


def is_sum(cell: str) -> bool:
    """Whether a text is the name of a line of sums."""
    return "".join(cell.split()) in SUMS


def remembering(read: Callable[[str], object]) -> Callable[[str], object]:
    """The same, with the answers to texts that come again kept; faults are not."""
    known: dict[tuple[type, str], object] = {}

    def asked(cell: str) -> object:
        key = (type(cell), cell)
        answer = known.get(key, known)
        if answer is known:
            if len(known) >= _MEMORY:
                known.clear()
            answer = known[key] = read(cell)
        return answer

    return asked


def _short(cell: str) -> str:
    whole = " ".join(text(cell).split())
    return whole if len(whole) <= 40 else whole[:39] + "…"
