"""The page of every key a rule book may hold, drawn from the schema itself."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date
from typing import Any

from marketplace.policy.books.keys import Bps, Clause, Fen, Moment, Template, meaning
from marketplace.policy.books.model import Book

_HEAD = """# Keys of a rule book

Made by `make docs` from the schema in `marketplace/policy/books/`; how to write a book is in [policy.md](policy.md).
A star stands for a name of your own: `types.*.classes.*` are the classes of any type. A number in such a place
(`rows.0`) counts the entries of a list.
"""
_KINDS: dict[Any, str] = {
    str: "text",
    int: "whole number",
    bool: "true or false",
    date: "date",
    Fen: 'yuan as text, `"10000.00"`',
    Bps: "share, 7000 is 70 %",
    Clause: "clause",
    Template: "sentence with {places}",
    Moment: "date, or date with time",
}


def page() -> str:
    """The page in Markdown, tables in the order of the schema."""
    return _HEAD + "".join(f"\n{line}" for line in _table(Book, "")) + "\n"


def _table(kind: Any, path: str) -> Iterator[str]:
    hints = typing.get_type_hints(kind)
    title = f"`[{path}]`" if path else "The book itself"
    yield f"## {title}\n\n{' '.join((kind.__doc__ or '').split())}\n"
    yield "| key | value | without it | meaning | 中文 |"
    yield "|---|---|---|---|---|"
    inner: list[tuple[Any, str]] = []
    for entry in fields(kind):
        if entry.metadata["made"] or entry.metadata["key"]:
            continue
        value, table, place = _value(hints[entry.name])
        if table is not None:
            inner.append((table, f"{path}.{entry.name}{place}".lstrip(".")))
        zh, en = meaning(entry)
        choice = ", ".join(f"`{word}`" for word in entry.metadata["choice"])
        shown = f"{value} of {choice}" if choice and value == "list" else choice or value
        yield f"| `{entry.name}` | {shown} | {_default(entry)} | {en} | {zh} |"
    yield ""
    for table, name in inner:
        yield from _table(table, name)


def _value(hint: Any) -> tuple[str, Any, str]:
    """How a value is written; the table within it, and where that stands."""
    if hint in _KINDS:
        return _KINDS[hint], None, ""
    if is_dataclass(hint):
        return "table", hint, ""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple or origin is Mapping:
        held = arguments[0] if origin is tuple else arguments[1]
        words, table, _ = _value(held)
        if origin is tuple:
            return ("list", None, "") if table is None else ("list of tables", table, ".0")
        return ("table by name", table, ".*") if table is not None else (f"name = {words}", None, "")
    if origin in (types.UnionType, typing.Union):
        rest = [part for part in arguments if part is not type(None)]
        return (_KINDS[Moment], None, "") if len(rest) > 1 else _value(rest[0])
    raise TypeError(f"the page cannot name {hint}")


def _default(entry: Field[Any]) -> str:
    if entry.default is MISSING and entry.default_factory is MISSING:
        return "**needed**"
    default = entry.default
    if default is MISSING or default is None or default in ("", ()) or is_dataclass(default):
        return "none"
    if isinstance(default, tuple):
        return ", ".join(f"`{word}`" for word in default)
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"
