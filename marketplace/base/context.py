"""Who acts, when, and through which session: the one argument every verb takes first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from marketplace.base import permissions
from marketplace.base.actor import Actor
from marketplace.base.clock import day_of
from marketplace.base.errors import Forbidden
from marketplace.base.house import House
from marketplace.base.ids import new_id
from marketplace.base.permissions import Matrix, Permission

R = TypeVar("R")


@dataclass
class Context:
    """One act: its session, its actor (None: a visitor or the platform itself), its single reading of the clock."""

    session: Session
    house: House
    now: datetime
    actor: Actor | None = None
    request_id: str = ""
    system: bool = False
    """True for the platform's own work (jobs, installation): no person acts, and audit says so."""
    notes: dict[str, Any] = field(default_factory=dict)
    _kept: dict[Callable[[Context, list[Any]], object], list[Any]] = field(default_factory=dict)

    @property
    def matrix(self) -> Matrix:
        """Who may do what, in this house."""
        return self.house.matrix

    @property
    def today(self) -> date:
        """The calendar day of the act in Asia/Shanghai."""
        return day_of(self.now)

    @property
    def who(self) -> Actor:
        """The acting person; refuses a visitor."""
        if self.actor is None:
            raise Forbidden("signed_in")
        return self.actor

    def require(self, permission: Permission, row: Any = None) -> None:
        """Refuse unless the actor may use this verb on this row (or at all, when no row is given)."""
        if self.system and self.actor is None:
            return
        permissions.require(self, permission, row)

    def may(self, permission: Permission, row: Any = None) -> bool:
        """The same question as `require`, answered instead of refused: for buttons and menus."""
        try:
            self.require(permission, row)
        except Forbidden:
            return False
        return True

    def add(self, row: R) -> R:
        """Add a row to the session, with its id and its moment of making set now."""
        if getattr(row, "id", True) is None and "id" in row.__mapper__.columns:  # type: ignore[attr-defined]
            if row.__mapper__.columns["id"].default is not None:  # type: ignore[attr-defined]
                row.id = new_id()  # type: ignore[attr-defined]
        if getattr(row, "created_at", True) is None:
            row.created_at = self.now  # type: ignore[attr-defined]
        self.session.add(row)
        return row

    def announce(self, fact: Any) -> None:
        """Tell the subscribers of a fact, at once and in this transaction; any of them may refuse."""
        self.house.announcements.tell(self, fact)

    def keep(self, write: Callable[[Context, list[Any]], object], item: Any) -> None:
        """Leave something to the end of the act: `write` gets all that was left to it, once, before the commit."""
        self._kept.setdefault(write, []).append(item)

    def end(self) -> None:
        """Write what was left to the end of the act; `acts.run` does it, still in the act's transaction."""
        while self._kept:
            write, items = self._kept.popitem()
            write(self, items)
