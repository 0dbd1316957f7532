"""What the acts of each chapter, and the things they are done to, are called by people who read the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from marketplace.base.house import House, Port


@dataclass(frozen=True)
class Words:
    """A chapter's words: for each verb that it writes down, and for each kind of object that it is done to.

    A kind is the name of the object's table, or the one given instead of a row.
    """

    kinds: Mapping[str, str] = field(default_factory=dict)
    verbs: Mapping[str, str] = field(default_factory=dict)


WORDS: Port[Words] = Port("words of the record")


def kinds(house: House) -> dict[str, str]:
    """Kind of object → its Chinese word, in the order of the story."""
    return {kind: word for words in house.all(WORDS) for kind, word in words.kinds.items()}


def verbs(house: House) -> dict[str, str]:
    """Verb → its Chinese word, in the order of the story."""
    return {verb: word for words in house.all(WORDS) for verb, word in words.verbs.items()}
