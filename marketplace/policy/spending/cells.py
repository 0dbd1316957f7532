"""One cell at a time: from text to day, kind, fen or level, never by guess and never through a float."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Context, InvalidOperation

from marketplace.base.money import MAX_FEN
from marketplace.policy.books.model import Book
from marketplace.policy.engine.rows import Kind, folded
from marketplace.policy.spending.columns import KINDS, SUMS, UNITS, YUAN
from marketplace.policy.spending.fault import BadCell


class Number(str):
    """A number of a spreadsheet, as its file writes it."""

    __slots__ = ()


class Dated(Number):
    """A number that its spreadsheet shows as a day."""

    __slots__ = ()


class Broken(str):
    """A cell of a spreadsheet without a value: an error, or (empty) a formula that was never computed."""

    __slots__ = ()


SHOWN_DIGITS = 15
"""A spreadsheet shows so many significant digits, and keeps no more of a number."""
_SHOWN = Context(prec=SHOWN_DIGITS, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation])
_TIME = r"(?:[ t](?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?z?)?"
_DAYS = tuple(
    re.compile(form, re.ASCII)
    for form in (
        rf"(\d{{4}})-(\d{{1,2}})-(\d{{1,2}}){_TIME}",
        rf"(\d{{4}})/(\d{{1,2}})/(\d{{1,2}}){_TIME}",
        rf"(\d{{4}})\.(\d{{1,2}})\.(\d{{1,2}}){_TIME}",
        rf"(\d{{4}})年(\d{{1,2}})月(\d{{1,2}})日{_TIME}",
        r"(\d{4})(\d{2})(\d{2})",
    )
)
_SERIAL = re.compile(r"\d{1,7}(?:\.\d+)?", re.ASCII)
_SERIAL_AS_TEXT = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII)
"""Serials of 1927 to 2173: shorter and longer texts are years, months or slips, but no days."""
_LAST_SERIAL = 2_958_465
"""31 December 9999; larger numbers are days written without separators."""
_EPOCH_1900, _EPOCH_1904, _LEAP_THAT_NEVER_WAS = date(1899, 12, 30), date(1904, 1, 1), 60
EPOCHS_APART = 1462
"""Days by which a workbook that counts from 1904 lags behind one that counts from 1900."""
_AMOUNT = re.compile(r"¥?\s*(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d+))?\s*(万元|元)?", re.ASCII)
_NUMBER = re.compile(r"(-?\d+)(?:\.(\d+))?", re.ASCII)
_LONGEST_AMOUNT = 40
_BETWEEN = re.compile(r"[、,;\r\n]")
_EXPONENT = re.compile(r"\d(?:\.\d+)?E\+?\d{2,}", re.ASCII | re.IGNORECASE)
_YES, _NO = frozenset({"yes", "是", "1", "true"}), frozenset({"", "no", "否", "0", "false"})
_MEMORY = 65_536
"""Values kept per column so that a cell that repeats is understood once."""


def shown(number: Number) -> str:
    """A number as its spreadsheet shows it: at most 15 significant digits, no exponent."""
    if len(number) <= SHOWN_DIGITS and number.isdigit() and number.isascii():
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
    """A day in any of the forms that a sheet may use, or an Excel serial (of a workbook that counts from 1904 too).

    A time of day beside it is dropped.
    """
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
        if (_SERIAL if isinstance(cell, Number) else _SERIAL_AS_TEXT).fullmatch(bare):
            return _of_serial(int(bare.partition(".")[0]), bare, since_1904)
    raise BadCell(
        f"“{_short(cell)}”不是有效日期，请填写如 2024-03-01", f'"{_short(cell)}" is no date, such as 2024-03-01'
    )


def _of_serial(serial: int, bare: str, since_1904: bool) -> date:
    if since_1904 and serial <= _LAST_SERIAL - EPOCHS_APART:
        return _EPOCH_1904 + timedelta(days=serial)
    if not since_1904 and 0 < serial <= _LAST_SERIAL and serial != _LEAP_THAT_NEVER_WAS:
        # Excel counts a 29 February 1900: what comes before it is one day off the epoch that fits all later days.
        return _EPOCH_1900 + timedelta(days=serial + (serial < _LEAP_THAT_NEVER_WAS))
    raise BadCell(f"“{bare}”不是有效日期", f'"{bare}" is no date')


def fen(cell: str, unit: int = YUAN) -> int:
    """Fen of an amount above zero; `unit` is the fen of one where the cell itself names none."""
    if isinstance(cell, Number):
        found = _NUMBER.fullmatch(shown(cell))
        if found is None:
            raise _no_amount(cell)
        return _exact(found[1], found[2] or "", unit, cell)
    match = _AMOUNT.fullmatch(folded(cell)) if len(cell.strip()) <= _LONGEST_AMOUNT else None
    if match is None:
        raise _no_amount(cell)
    return _exact(match[1].replace(",", ""), match[2] or "", UNITS[match[3]] if match[3] else unit, cell)


def _no_amount(cell: str) -> BadCell:
    return BadCell(f"“{_short(cell)}”不是有效金额，请填写如 1234.50", f'"{_short(cell)}" is no amount, such as 1234.50')


def _exact(whole: str, decimals: str, unit: int, cell: str) -> int:
    amount, rest = divmod(int(whole + decimals) * unit, 10 ** len(decimals))
    if rest:
        raise BadCell(f"“{_short(cell)}”超过两位小数（元）", f'"{_short(cell)}" has more than two decimals of a yuan')
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
    """The place of a level on the book's scale, None where none is recorded or the book knows no levels."""
    bare = unicodedata.normalize("NFKC", text(cell)).strip()
    if not bare or not book.level_scale.levels:
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
        digits = number.lstrip("-").partition(".")[0]
        return (number,), len(digits) > SHOWN_DIGITS or not digits.isdigit()
    if not cell:
        return (), False
    numbers = cell if cell.isascii() else unicodedata.normalize("NFKC", cell)
    found = tuple(bare for part in _BETWEEN.split(numbers) if (bare := part.strip()))
    # Whoever saves a number of 20 digits as text from a spreadsheet keeps 2.4312E+19 of it.
    return found, len(found) == 1 and _EXPONENT.fullmatch(found[0]) is not None


def is_sum(cell: str) -> bool:
    """Whether a text is the name of a line of sums."""
    return len(cell) <= _LONGEST_AMOUNT and "".join(folded(cell).split()) in SUMS


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
