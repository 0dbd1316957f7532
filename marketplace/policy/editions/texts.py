"""Rule books as texts: a published book is read again from what was kept, whatever has become of the file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from marketplace.policy.books import shelf
from marketplace.policy.books.model import Book


def parse(code: str, text: str, parents: Mapping[str, str]) -> Book:
    """The book of a text and of the texts it extends. Raises `shelf.UnusableBook` with every mistake."""
    with TemporaryDirectory() as folder:
        for name, words in {**parents, code: text}.items():
            (Path(folder) / f"{name}.toml").write_text(words, encoding="utf-8", newline="")
        return shelf.read(Path(folder) / f"{code}.toml")


def on_shelf(code: str) -> str:
    """The text of the book of this name. Raises `shelf.UnknownBook` where there is none."""
    if code not in shelf.available():
        raise shelf.UnknownBook(code)
    return (shelf.FOLDER / f"{code}.toml").read_text(encoding="utf-8-sig")


def parents_of(text: str) -> dict[str, str]:
    """The texts of the books a text extends, nearest first. Raises `shelf.UnknownBook`."""
    found: dict[str, str] = {}
    name = extended(text)
    while name is not None and name not in found:
        found[name] = on_shelf(name)
        name = extended(found[name])
    return found


def extended(text: str) -> str | None:
    """The name of the book a text extends."""
    name = _tables(text).get("extends")
    return name if isinstance(name, str) else None


def code_of(text: str) -> str | None:
    """The code a text gives to its book, or None where it is no TOML or has none."""
    code = _tables(text).get("code")
    return code if isinstance(code, str) else None


def _tables(text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}
