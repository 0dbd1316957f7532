"""Long rows of things, some at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def chunks(things: Iterable[T], size: int) -> Iterator[list[T]]:
    """The things in lists of at most `size`, each read when it is asked for."""
    rest = iter(things)
    while chunk := list(islice(rest, size)):
        yield chunk
