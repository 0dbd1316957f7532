"""XML from strangers, piece by piece: no document types (the only place for entities), bounds on all that grows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import IO, Any
from xml.parsers import expat

from marketplace.policy.spending.archive import damaged
from marketplace.policy.spending.fault import Unusable

Start = Callable[[str, dict[str, str]], object]
End = Callable[[str], object]
PIECE = 1 << 18
MAX_DEPTH = 64
_MAX_TOKEN = 4 << 20
"""Bytes of one tag or comment: the parser would keep it whole, and look at it again with each piece."""
_MAX_NAMES = 4_096
"""Different names of elements and attributes, which the parser keeps for good."""


def pieces(stream: IO[bytes], start: Start, end: End, characters: End | None = None) -> Iterator[None]:
    """Drive the handlers over a document; comes back after each piece, so that what was found can be taken out.

    The handlers guard against depth themselves: `Depth` does it for those that are not called often.
    Raises `Unusable` for what no workbook carries.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = PIECE
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = characters
    parser.StartDoctypeDeclHandler = _refuse_doctype
    names: Any = parser.intern
    taken = 0
    try:
        while piece := stream.read(PIECE):
            parser.Parse(piece, False)
            taken += len(piece)
            if taken - parser.CurrentByteIndex > _MAX_TOKEN or len(names) > _MAX_NAMES:
                raise damaged()
            yield
        parser.Parse(b"", True)
    except expat.ExpatError:
        raise damaged() from None
    yield


def read(stream: IO[bytes], start: Start) -> None:
    """Drive one handler over a whole small document."""
    depth = Depth()

    def opened(name: str, attributes: dict[str, str]) -> None:
        depth.open()
        start(local(name), attributes)

    for _ in pieces(stream, opened, depth.close):
        pass


class Depth:
    """How many elements are open; more than any workbook needs are refused."""

    def __init__(self) -> None:
        self._open = 0

    def open(self) -> None:
        """One more."""
        self._open += 1
        if self._open > MAX_DEPTH:
            raise damaged()

    def close(self, _: str = "") -> None:
        """One less."""
        self._open -= 1


def local(name: str) -> str:
    """The name of an element without its prefix."""
    return name.rpartition(":")[2]


def _refuse_doctype(*_: object) -> None:
    raise Unusable(
        "文件含有文档类型声明，不是正常的工作簿", "carries a document type declaration, which no workbook does"
    )
