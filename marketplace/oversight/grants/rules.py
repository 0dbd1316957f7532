"""Whether a row of another programme's list and an order are the same thing: pure comparison of texts."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from marketplace.base.types import canonical
from marketplace.oversight.grants.states import Likeness
from marketplace.people.organisations.rules import normal_name

LEAST = 4
"""A name of fewer characters stands inside too many others."""


@dataclass(frozen=True)
class Granted:
    """What a row says: texts as they came; `amount_fen` and `granted_on` where it says so."""

    uscc: str
    name: str
    project: str
    contract: str
    programme: str
    amount_fen: int | None
    granted_on: date | None

    @property
    def key(self) -> str:
        """The same for rows that say the same, in whatever list and form they stand."""
        said = [
            self.uscc,
            normal_name(self.name),
            project_key(self.project),
            contract_key(self.contract),
            normal_name(self.programme),
            self.amount_fen,
            self.granted_on,
        ]
        return hashlib.sha256(canonical(said).encode()).hexdigest()


def contract_key(text: str) -> str:
    """A contract's number for comparison: one case, one kind of dash, no spaces."""
    bare = "".join(unicodedata.normalize("NFKC", text).split()).casefold()
    return "".join("-" if unicodedata.category(c) == "Pd" else c for c in bare)


@lru_cache(maxsize=65_536)
def project_key(text: str) -> str:
    """A project's name for comparison: its letters and digits alone, in one case and one width."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


@dataclass(frozen=True)
class Compared:
    """The keys of a row and of an order, and what else bears on it."""

    by_code: bool
    row_project: str
    row_contract: str
    order_project: str
    order_contract: str
    granted_on: date | None
    ordered_on: date


def likeness(found: Compared, *, alike_bps: int, days: int) -> Likeness | None:
    """How closely they fit, or None: the same contract, the same project, something alike, or only the enterprise.

    Whom the list knows by name alone may be somebody else of that name: then even the same contract is only alike, and
    the enterprise alone says nothing. A row that names neither project nor contract counts when the money came within
    so many `days` of the order, or on no day that is known.
    """
    closest = _closest(found, alike_bps)
    if closest is not None:
        return closest if found.by_code else Likeness.SIMILAR
    if not found.by_code or found.row_project or found.row_contract:
        return None
    near = found.granted_on is None or abs((found.granted_on - found.ordered_on).days) <= days
    return Likeness.ENTERPRISE if near else None


def _closest(found: Compared, alike_bps: int) -> Likeness | None:
    if found.row_contract and found.row_contract == found.order_contract:
        return Likeness.CONTRACT
    if found.row_project and found.row_project == found.order_project:
        return Likeness.PROJECT
    if found.order_contract and project_key(found.row_contract) == project_key(found.order_contract):
        return Likeness.SIMILAR
    return Likeness.SIMILAR if alike(found.row_project, found.order_project, alike_bps) else None


@lru_cache(maxsize=65_536)
def alike(a: str, b: str, bps: int) -> bool:
    """Whether one name stands in the other, or they share so many of their pairs of characters (Dice)."""
    short, long = sorted((a, b), key=len)
    if len(short) < LEAST:
        return False
    if short in long:
        return True
    left, right = (Counter(text[i : i + 2] for i in range(len(text) - 1)) for text in (a, b))
    shared = (left & right).total()
    return 2 * shared * 10_000 >= bps * (left.total() + right.total())
