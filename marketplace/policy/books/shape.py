"""From the tables of a TOML file to the model: every key known, every value of its kind, every fault with its place."""

from __future__ import annotations

import difflib
import re
import string
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import date, datetime
from typing import Any

from marketplace.base import money
from marketplace.base.errors import Refusal
from marketplace.policy.books.keys import Bps, Clause, Fen, Moment, Template
from marketplace.policy.books.lines import Path

_CODE = re.compile(r"[a-z0-9][a-z0-9_.-]*")


@dataclass(frozen=True)
class Fault:
    """What is wrong with the value at a path."""

    path: Path
    message: str


def build(kind: Any, value: Any, path: Path, faults: list[Fault]) -> Any:
    """The value as `kind`; what is wrong is added to `faults` and the answer is then not to be used."""
    simple = _SIMPLE.get(kind)
    if simple is not None:
        return simple(value, path, faults)
    if is_dataclass(kind):
        return _table(kind, value, path, faults)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple:
        return _list(arguments[0], value, path, faults)
    if origin is Mapping:
        return _named(arguments[1], value, path, faults)
    if kind == Moment or kind == Moment | None:
        return _moment(value, path, faults)
    if origin in (types.UnionType, typing.Union):
        return build(next(part for part in arguments if part is not type(None)), value, path, faults)
    raise TypeError(f"the model uses a kind that no book can hold: {kind}")


def _says(faults: list[Fault], path: Path, message: str) -> None:
    faults.append(Fault(path, message))


def _text(value: Any, path: Path, faults: list[Fault]) -> str:
    if not isinstance(value, str):
        _says(faults, path, f"must be a text, is {_what(value)}")
        return ""
    return value


def _filled(value: Any, path: Path, faults: list[Fault]) -> str:
    text = _text(value, path, faults)
    if isinstance(value, str) and not text.strip():
        _says(faults, path, "must not be empty")
    return text


def _integer(value: Any, path: Path, faults: list[Fault]) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        _says(faults, path, f"must be a whole number, is {_what(value)}")
        return 0
    if value < 0:
        _says(faults, path, "must not be negative")
    return value


def _share(value: Any, path: Path, faults: list[Fault]) -> int:
    if isinstance(value, (float, str)):
        _says(faults, path, f"must be a whole number of ten-thousandths (7000 is 70 %), is {_what(value)}")
        return 0
    number = _integer(value, path, faults)
    if number > 10_000:
        _says(faults, path, "must be ten-thousandths, from 0 to 10000")
    return number


def _flag(value: Any, path: Path, faults: list[Fault]) -> bool:
    if not isinstance(value, bool):
        _says(faults, path, f"must be true or false, is {_what(value)}")
    return bool(value)


def _day(value: Any, path: Path, faults: list[Fault]) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        _says(faults, path, f"must be a date such as 2024-10-31, is {_what(value)}")
        return date.min
    return value


def _moment(value: Any, path: Path, faults: list[Fault]) -> Moment:
    if not isinstance(value, date) or (isinstance(value, datetime) and value.tzinfo is not None):
        _says(faults, path, f"must be a date, or a date with time without zone, is {_what(value)}")
        return date.min
    return value


def _fen(value: Any, path: Path, faults: list[Fault]) -> int:
    if not isinstance(value, str):
        _says(faults, path, f'must be an amount of yuan as a text, such as "10000000.00", is {_what(value)}')
        return 0
    try:
        return money.parse(value)
    except Refusal:
        _says(faults, path, f'"{value}" is no amount of yuan, such as "10000000.00"')
        return 0


def _template(value: Any, path: Path, faults: list[Fault]) -> str:
    text = _filled(value, path, faults)
    try:
        list(string.Formatter().parse(text))
    except ValueError as fault:
        _says(faults, path, f"is no usable sentence: {fault}")
    return text


_SIMPLE: dict[Any, Callable[[Any, Path, list[Fault]], Any]] = {
    str: _text,
    int: _integer,
    bool: _flag,
    date: _day,
    Fen: _fen,
    Bps: _share,
    Clause: _filled,
    Template: _template,
}


def _list(kind: Any, value: Any, path: Path, faults: list[Fault]) -> tuple[Any, ...]:
    if not isinstance(value, list):
        _says(faults, path, f"must be a list, is {_what(value)}")
        return ()
    return tuple(build(kind, entry, (*path, str(place)), faults) for place, entry in enumerate(value))


def _named(kind: Any, value: Any, path: Path, faults: list[Fault]) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        _says(faults, path, f"must be a table, is {_what(value)}")
        return {}
    for name in value:
        if not _CODE.fullmatch(name):
            _says(faults, (*path, name), "is no code: small letters, digits, dot, hyphen and underscore only")
    built = {name: build(kind, entry, (*path, name), faults) for name, entry in value.items()}
    return types.MappingProxyType(built)


def _table(kind: Any, value: Any, path: Path, faults: list[Fault]) -> Any:
    if not isinstance(value, dict):
        _says(faults, path, f"must be a table, is {_what(value)}")
        return None
    hints = typing.get_type_hints(kind)
    own = {entry.name: entry for entry in fields(kind) if not entry.metadata["made"]}
    parts: dict[str, Any] = {}
    for name, entry in own.items():
        if entry.metadata["key"]:
            parts[name] = path[-1]
        elif name in value:
            parts[name] = build(hints[name], value[name], (*path, name), faults)
            _check_choice(entry, parts[name], (*path, name), faults)
        elif entry.default is MISSING and entry.default_factory is MISSING:
            _says(faults, (*path, name), "is missing")
            parts[name] = None
    for name in value:
        if name not in own or own[name].metadata["key"]:
            _says(faults, (*path, name), f"is not a key of a rule book here{near(name, own)}")
    return kind(**parts)


def _check_choice(entry: Field[Any], value: Any, path: Path, faults: list[Fault]) -> None:
    allowed = entry.metadata["choice"]
    for place, word in enumerate(value) if isinstance(value, tuple) else [(None, value)]:
        if allowed and word not in allowed:
            here = path if place is None else (*path, str(place))
            _says(faults, here, f'must be one of {", ".join(allowed)}, is "{word}"{near(word, allowed)}')


def near(word: object, words: Iterable[str]) -> str:
    """The word that was probably meant, as the end of a sentence; empty where none is like it."""
    found = difflib.get_close_matches(str(word), list(words), n=1, cutoff=0.75)
    return f'; did you mean "{found[0]}"?' if found and found[0] != word else ""


def _what(value: Any) -> str:
    names = {bool: "true or false", int: "a number", float: "a decimal fraction", str: "a text", list: "a list"}
    names |= {dict: "a table", date: "a date", datetime: "a date with time"}
    return names.get(type(value), type(value).__name__)
