"""Where books stand: which there are, reading one, and telling a writer what is wrong with his."""

from __future__ import annotations

import ast
import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path as File
from typing import Any

from marketplace.policy.books import lines, references
from marketplace.policy.books.model import Book
from marketplace.policy.books.shape import Fault, build

FOLDER = File(__file__).parent
MAX_BYTES = 2 * 1024 * 1024
_DOUBLED = re.compile(r"Cannot declare (\(.*\)) twice")
_AT_LINE = re.compile(r"\(at line (\d+)")


@dataclass(frozen=True, order=True)
class Mistake:
    """What is wrong with a book: line (from 1), key as written in the file, and why."""

    line: int
    key: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.key} {self.message}" if self.key else f"line {self.line}: {self.message}"


class UnknownBook(LookupError):
    """No book of this name, or none of this version."""


class UnusableBook(ValueError):
    """A book with mistakes; they are listed in `mistakes`."""

    def __init__(self, name: str, mistakes: list[Mistake]) -> None:
        super().__init__(f"{name}: {mistakes[0]}" + (f" (and {len(mistakes) - 1} more)" if mistakes[1:] else ""))
        self.mistakes = mistakes


def available(folder: File = FOLDER) -> tuple[str, ...]:
    """The names of the books of a folder; superseded versions (``name@version.toml``) are not listed."""
    names = sorted(file.stem for file in folder.glob("*.toml"))
    return tuple(name for name in names if references.NAME.fullmatch(name))


@lru_cache(maxsize=64)
def load(name: str, version: str | None = None, folder: File = FOLDER) -> Book:
    """The book of this name; with `version`, exactly that version of it (``name@version.toml`` keeps older ones).

    Raises `UnknownBook` when there is none and `UnusableBook` when it has mistakes.
    """
    if not references.NAME.fullmatch(name) or (version is not None and not references.VERSION.fullmatch(version)):
        raise UnknownBook(name)
    for file in (folder / f"{name}.toml", folder / f"{name}@{version}.toml"):
        if file.is_file():
            book = read(file)
            if book.code != name:
                raise UnusableBook(name, [Mistake(1, "code", f'must be "{name}", as the file is called')])
            if version in (None, book.version):
                return book
    raise UnknownBook(name if version is None else f"{name} {version}")


def versions(name: str, folder: File = FOLDER) -> tuple[Book, ...]:
    """Every version of a book that the shelf keeps, the one in use first, then the latest to come into force.

    Raises `UnknownBook` and `UnusableBook` as `load` does.
    """
    current = load(name, None, folder)
    kept = [file.stem.partition("@")[2] for file in folder.glob(f"{name}@*.toml")]
    older = [load(name, version, folder) for version in kept]
    ranked = sorted(older, key=lambda book: (book.effective_from, _numbers(book.version)), reverse=True)
    return (current, *ranked)


def _numbers(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)]


def in_force(name: str, on: date, folder: File = FOLDER) -> Book:
    """The version of a book that is in force on a day: of several the latest, and of equals the one in use.

    Raises `UnknownBook` where none is.
    """
    valid = [
        book
        for book in versions(name, folder)
        if book.effective_from <= on and (book.effective_until is None or on <= book.effective_until)
    ]
    if not valid:
        raise UnknownBook(f"{name} on {on.isoformat()}")
    return max(valid, key=lambda book: book.effective_from)


def find(reference: str) -> Book:
    """The book that a person names: ``jiangxi-2023``, ``jiangxi-2023@1.0.0``, or the path of a file.

    Raises `UnknownBook` and `UnusableBook`.
    """
    file = File(reference)
    if file.suffix == ".toml" or file.parent != File("."):
        if not file.is_file():
            raise UnknownBook(reference)
        return read(file)
    name, _, version = reference.partition("@")
    return load(name, version or None)


def read(file: File) -> Book:
    """The book in a file. Raises `UnusableBook` with every mistake found."""
    book, mistakes = _open(file, ())
    if book is None:
        raise UnusableBook(file.name, mistakes)
    return book


def validate(file: File) -> list[Mistake]:
    """Every mistake of a file, in the order of its lines; empty when the book can be used."""
    return _open(file, ())[1]


def _open(file: File, heirs: tuple[File, ...]) -> tuple[Book | None, list[Mistake]]:
    text, tables, mistakes = _parsed(file)
    if mistakes:
        return None, mistakes
    where = lines.positions(text)
    whole, mistakes = _with_parent(file, tables, where, heirs)
    if mistakes:
        return None, mistakes
    faults: list[Fault] = []
    book: Book = build(Book, whole, (), faults)
    if not faults:
        faults = references.check(book)
    if faults:
        return None, sorted(_placed(fault, where) for fault in faults)
    return replace(book, content_hash=_hash(whole)), []


def _parsed(file: File) -> tuple[str, dict[str, Any], list[Mistake]]:
    try:
        data = file.read_bytes()
    except OSError as fault:
        return "", {}, [Mistake(1, "", f"the file cannot be read: {fault.strerror or fault}")]
    if len(data) > MAX_BYTES:
        return "", {}, [Mistake(1, "", f"the file is larger than {MAX_BYTES // 2**20} MiB")]
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as fault:
        return "", {}, [Mistake(data[: fault.start].count(b"\n") + 1, "", "is not UTF-8 text")]
    try:
        return text, tomllib.loads(text), []
    except tomllib.TOMLDecodeError as fault:
        found = _AT_LINE.search(str(fault))
        line = int(found.group(1)) if found else text.rstrip("\n").count("\n") + 1
        return "", {}, [Mistake(line, "", f"is not TOML: {_explained(str(fault), text, line)}")]
    except RecursionError:
        return "", {}, [Mistake(1, "", "is nested too deeply")]


def _explained(fault: str, text: str, line: int) -> str:
    """What the parser says, and what it most often means."""
    written = [*text.split("\n"), ""][line - 1]
    doubled = _DOUBLED.search(fault)
    if doubled:
        return f"[{'.'.join(ast.literal_eval(doubled[1]))}] stands here a second time"
    if fault.startswith("Cannot overwrite"):
        return f'the key "{written.partition("=")[0].strip()}" stands here a second time'
    if fault.startswith("Invalid value"):
        return f'{fault}: a text stands between straight quotes ("…"), a date as 2024-10-31'
    return fault


def _with_parent(
    file: File, tables: dict[str, Any], where: dict[lines.Path, int], heirs: tuple[File, ...]
) -> tuple[dict[str, Any], list[Mistake]]:
    """The tables of a book laid over those of the book it extends."""
    name = tables.get("extends")
    if not isinstance(name, str):
        return tables, []
    line = where[("extends",)]
    parent = next((found for found in _candidates(file, name) if found.is_file()), None)
    if parent is None:
        return {}, [Mistake(line, "extends", f'there is no book "{name}"')]
    if parent.resolve() in (file.resolve(), *heirs):
        return {}, [Mistake(line, "extends", f'"{name}" extends this book in turn')]
    text, inherited, mistakes = _parsed(parent)
    if not mistakes:
        inherited, mistakes = _with_parent(parent, inherited, lines.positions(text), (*heirs, file.resolve()))
    if mistakes:
        return {}, [Mistake(line, "extends", f'"{name}" is itself unusable: {mistakes[0]}')]
    unknown = [place for place, name in enumerate(_removed(tables)) if not _remove(inherited, name)]
    if unknown:
        return {}, [Mistake(where[("removes", str(n))], f"removes.{n}", f'"{name}" has no such key') for n in unknown]
    inherited.pop("removes", None)
    return merged(inherited, tables), []


def _removed(tables: Mapping[str, Any]) -> list[str]:
    names = tables.get("removes")
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def _remove(tables: dict[str, Any], name: str) -> bool:
    """Take the key or table of a dotted name (as one writes it in the file) away; whether it was there."""
    try:
        path: Any = tomllib.loads(f"[{name}]")
    except tomllib.TOMLDecodeError:
        return False
    here: Any = tables
    while True:
        ((key, path),) = path.items()
        if not isinstance(here, dict) or key not in here:
            return False
        if not path:
            del here[key]
            return True
        here = here[key]


def _candidates(file: File, name: str) -> tuple[File, ...]:
    if not references.NAME.fullmatch(name):
        return ()
    return (file.parent / f"{name}.toml", FOLDER / f"{name}.toml")


def merged(parent: Mapping[str, Any], child: Mapping[str, Any]) -> dict[str, Any]:
    """Tables are laid over each other key by key; lists, texts, numbers and dates of the child replace the parent's."""
    result = dict(parent)
    for key, value in child.items():
        inherited = result.get(key)
        both = isinstance(inherited, Mapping) and isinstance(value, Mapping)
        result[key] = merged(inherited, value) if both else value  # type: ignore[arg-type]
    return result


def _placed(fault: Fault, where: dict[lines.Path, int]) -> Mistake:
    line = lines.nearest(where, fault.path)
    if fault.path[:1] not in where:  # inherited, or missing altogether
        line = where.get(("extends",), 1)
    return Mistake(line, lines.shown(fault.path), fault.message)


def _hash(tables: Mapping[str, Any]) -> str:
    """SHA-256 over the content, not the layout: comments and spaces may change, order of keys may not."""
    text = json.dumps(tables, ensure_ascii=False, separators=(",", ":"), default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a book cannot hold {type(value).__name__}")
