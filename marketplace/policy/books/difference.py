"""What one book says otherwise than another, in words: for a writer, a reviewer and whoever must follow the change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import date
from typing import Any, get_type_hints

from marketplace.base import money
from marketplace.policy.books.keys import Bps, Fen, meaning
from marketplace.policy.books.model import Book
from marketplace.policy.books.words import said

_HOW = frozenset({"extends", "removes"})
"""How a book is written, not what it says."""
_NAMES = frozenset({"name_zh", "name_en", "text_zh", "text_en", "clause"})
ZH, EN = 0, 1
Words = tuple[str, str]
"""In Chinese, in English."""


@dataclass(frozen=True)
class Change:
    """One difference: where, in words from the outside in; what was and what is (None where it is absent); by which
    clause."""

    where: tuple[Words, ...]
    before: Words | None
    after: Words | None
    clause: str

    def sentence(self, place: int) -> str:
        """The change as one line, in Chinese (0) or English (1)."""
        where = " › ".join(step[place] for step in self.where)
        old, new = (value[place] if value else "" for value in (self.before, self.after))
        clause = (f"（{self.clause}）" if place == ZH else f" ({self.clause})") if self.clause else ""
        if self.before is None:
            told = f"新增{_told(new, ZH)}" if place == ZH else f"added{_told(new, EN)}"
        elif self.after is None:
            told = f"删除{_told(old, ZH)}" if place == ZH else f"removed{_told(old, EN)}"
        else:
            told = f"由{old}改为{new}" if place == ZH else f"from {old} to {new}"
        return f"{where}：{told}{clause}" if place == ZH else f"{where}: {told}{clause}"


def _told(value: str, place: int) -> str:
    return "" if not value else f"，{value}" if place == ZH else f", {value}"


def changes(old: Book, new: Book) -> list[Change]:
    """Every difference in the order of the schema; empty where both say the same."""
    return list(_fields(old, new, (), ""))


def _fields(old: Any, new: Any, where: tuple[Words, ...], clause: str) -> Iterator[Change]:
    hints = get_type_hints(type(new))
    for entry in fields(new):
        if entry.metadata["made"] or entry.metadata["key"] or entry.name in _HOW:
            continue
        before, after = getattr(old, entry.name), getattr(new, entry.name)
        if before != after:
            ground = getattr(new, entry.metadata["ground"], "") or getattr(new, "clause", "") or clause
            yield from _value(entry, hints[entry.name], before, after, (*where, _label(entry)), ground)


def _value(
    entry: Field[Any], hint: Any, before: Any, after: Any, where: tuple[Words, ...], clause: str
) -> Iterator[Change]:
    absent = None if entry.default is MISSING else entry.default
    gone, fresh = before is None or before is absent, after is None or after is absent
    if isinstance(after, Mapping) and isinstance(before, Mapping):
        yield from _entries(hint, before, after, where, clause)
    elif is_dataclass(after if after is not None else before):
        if gone or fresh:
            words = described(before if fresh else after)
            yield Change(where, words if fresh else None, None if fresh else words, clause)
        else:
            yield from _fields(before, after, where, clause)
    elif isinstance(after, tuple) and isinstance(before, tuple):
        yield from _lists(before, after, where, clause)
    else:
        values = [None if each in (None, "") else _of(hint, each) for each in (before, after)]
        yield Change(where, values[0], values[1], clause)


def _entries(
    hint: Any, before: Mapping[str, Any], after: Mapping[str, Any], where: tuple[Words, ...], clause: str
) -> Iterator[Change]:
    *outer, (zh, en) = where
    inner = hint.__args__[1]
    for code in [*after, *(code for code in before if code not in after)]:
        old, new = before.get(code), after.get(code)
        name = _name(code, new if new is not None else old)
        here = (*outer, (f"{zh}“{name[ZH]}”", f"{en} “{name[EN]}”"))
        ground = getattr(new if new is not None else old, "clause", "") or clause
        if is_dataclass(new) and is_dataclass(old):
            yield from _fields(old, new, here, ground)
        elif old != new:
            words = [None if each is None else _of(inner, each) for each in (old, new)]
            yield Change(here, words[0], words[1], ground)


def _lists(before: tuple[Any, ...], after: tuple[Any, ...], where: tuple[Words, ...], clause: str) -> Iterator[Change]:
    if any(is_dataclass(each) for each in (*before, *after)):
        for place in range(max(len(before), len(after))):
            old, new = (lines[place] if place < len(lines) else None for lines in (before, after))
            if old != new:
                here = (*where, (f"第{place + 1}行", f"line {place + 1}"))
                yield Change(here, described(old) if old else None, described(new) if new else None, clause)
        return
    for each in after:
        if each not in before:
            yield Change(where, None, (_quoted(each, ZH), _quoted(each, EN)), clause)
    for each in before:
        if each not in after:
            yield Change(where, (_quoted(each, ZH), _quoted(each, EN)), None, clause)
    kept = [each for each in before if each in after]
    if kept != [each for each in after if each in before]:
        orders = [("、".join(said(each, ZH) for each in lines), ", ".join(lines)) for lines in (before, after)]
        yield Change(where, orders[0], orders[1], clause)


def _label(entry: Field[Any]) -> Words:
    english = "share" if entry.name == "bps" else entry.name.removesuffix("_bps").replace("_", " ")
    return meaning(entry)[ZH], english


def _quoted(value: Any, place: int) -> str:
    return f"“{said(str(value), place)}”"


def _name(code: str, value: Any) -> Words:
    zh = getattr(value, "name_zh", "") or getattr(value, "question_zh", "") or said(code, ZH)
    en = getattr(value, "name_en", "") or getattr(value, "question_en", "") or said(code, EN)
    return zh, en


def _of(hint: Any, value: Any) -> Words:
    return described(value) if is_dataclass(value) else (_shown(hint, value, ZH), _shown(hint, value, EN))


def described(value: Any) -> Words:
    """The plain values of an entry in one line each language, so that nobody has to look them up."""
    hints, told = get_type_hints(type(value)), ([], [])  # type: tuple[dict[str, Any], tuple[list[str], list[str]]]
    for entry in fields(value):
        held = getattr(value, entry.name)
        default = None if entry.default is MISSING else entry.default
        if entry.name in _NAMES or entry.metadata["key"] or held in (None, "", default) or is_dataclass(held):
            continue
        if entry.name.endswith("_clause") or (isinstance(held, Mapping) and _deep(held)):
            continue
        for place, other in ((ZH, "en"), (EN, "zh")):
            shown = _shown(hints[entry.name], held, place)
            if shown and entry.name.rpartition("_")[2] != other and not entry.name.startswith("question_"):
                told[place].append(f"{_label(entry)[place]}{'' if place == ZH else ' '}{shown}")
    return "，".join(told[ZH]), ", ".join(told[EN])


def _deep(held: Mapping[str, Any]) -> bool:
    return any(is_dataclass(each) for each in held.values())


def _shown(hint: Any, value: Any, place: int) -> str:
    """A value as a reader knows it: amounts in yuan, shares in per cent, words in his language."""
    kinds = getattr(hint, "__args__", (hint,))
    if isinstance(value, bool):
        return ("是" if value else "否") if place == ZH else ("yes" if value else "no")
    if isinstance(value, int):
        if Fen in kinds:
            amount = money.plain(value, grouped=True)
            return f"{amount}元" if place == ZH else f"{amount} yuan"
        return f"{value / 100:g}%" if Bps in kinds else str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        pairs = [f"{said(str(code), place)}={_shown(None, each, place)}" for code, each in value.items()]
        return ("、" if place == ZH else ", ").join(pairs)
    if isinstance(value, tuple):
        parts = [described(each)[place] if is_dataclass(each) else said(str(each), place) for each in value]
        return ("、" if place == ZH else ", ").join(parts)
    return _quoted(value, place)
