"""What a page says, piece by piece, and which of it came out of the database rather than from the product."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from typing import Any, NamedTuple

from sqlalchemy import select

from marketplace.base.db import Base
from marketplace.web.db import db
from tests.support.city import City

CHINESE = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
SAID = ("title", "placeholder", "aria-label", "alt", "label", "content", "value", "aria-description")
"""Attributes that a reader is told; ``data-`` attributes are, too: scripts show them."""

_SILENT = {"script", "style"}


class Piece(NamedTuple):
    """One text of a page, and where it stands."""

    place: str
    text: str


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[Piece] = []
        self._tag = ""
        self._words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.flush()
        self._tag = tag
        given = dict(attrs)
        if given.get("type") in ("hidden", "radio", "checkbox") or (tag == "button" and given.get("name")):
            given.pop("value", None)
        if tag in ("option", "li", "data"):
            given.pop("value", None)
        for name, value in given.items():
            if value and (name in SAID or name.startswith("data-")):
                self.pieces.append(Piece(f"<{tag} {name}>", " ".join(value.split())))

    def handle_endtag(self, tag: str) -> None:
        self.flush()
        self._tag = ""

    def handle_data(self, data: str) -> None:
        if self._tag not in _SILENT:
            self._words.append(data)

    def flush(self) -> None:
        text = " ".join("".join(self._words).split())
        if text:
            self.pieces.append(Piece(f"<{self._tag}>" if self._tag else "text", text))
        self._words.clear()


def pieces(html: str) -> list[Piece]:
    """Every text node of a page and every attribute that is said, white space folded."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.flush()
    return reader.pieces


def held(city: City) -> set[str]:
    """Every text that the database holds, also inside of JSON, line by line: names, reasons, quotations.

    What a row holds in English as well is left out: an English page has no excuse for it.
    """
    found: set[str] = set()
    with city.app.app_context():
        for table in Base.metadata.sorted_tables:
            for row in db.session.execute(select(table)).mappings():
                for column, value in row.items():
                    if not row.get(column.removesuffix("_zh") + "_en"):
                        found.update(_texts(value))
        db.session.remove()
    return found


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield " ".join(value.split())
        yield from (" ".join(line.split()) for line in value.splitlines())
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _texts(inner)


class Data:
    """Takes out of a text what the database says, the longest first, so that only the product's own words remain."""

    def __init__(self, values: Iterable[str]) -> None:
        values = list(values)
        self._short = {value for value in values if len(value) == 1}
        by_start: dict[str, list[str]] = defaultdict(list)
        for value in values:
            if len(value) >= 2 and CHINESE.search(value):
                by_start[value[:2]].append(value)
        self._by_start = {start: sorted(set(values), key=len, reverse=True) for start, values in by_start.items()}

    def without(self, text: str) -> str:
        """The text with every quotation replaced by an ellipsis."""
        out: list[str] = []
        at = 0
        while at < len(text):
            quoted = next((v for v in self._by_start.get(text[at : at + 2], ()) if text.startswith(v, at)), None)
            if (
                quoted is None
                and text[at] in self._short
                and not CHINESE.search(text[max(at - 1, 0) : at] + text[at + 1 : at + 2])
            ):
                quoted = text[at]
            out.append("…" if quoted else text[at])
            at += len(quoted) if quoted else 1
        return "".join(out)
