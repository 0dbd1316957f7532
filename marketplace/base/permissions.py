"""One matrix: verb × role × scope. Who may do what, and where, is read from here and nowhere else."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, Select, false, or_, true

from marketplace.base.actor import Actor
from marketplace.base.errors import Forbidden
from marketplace.base.roles import Role

S = TypeVar("S", bound="Select[*tuple[Any, ...]]")


class Within(StrEnum):
    """How far a role's verb reaches."""

    SELF = "self"  # rows of this very person
    OWN = "own"  # rows of the organisation acted for
    PLACE = "place"  # rows of the pilot, else the city, else the province of the assignment
    ANY = "any"


@dataclass(frozen=True)
class Permission:
    """A verb on a kind of thing, like ``voucher.issue``; `label` is what people read in the matrix."""

    code: str
    label: str

    def __str__(self) -> str:
        return self.code


@dataclass(frozen=True)
class Scope:
    """Where an object belongs, for comparison with where a person's assignment reaches."""

    organisations: frozenset[uuid.UUID] = field(default_factory=frozenset)
    pilot_id: uuid.UUID | None = None
    city: str | None = None
    persons: frozenset[uuid.UUID] = field(default_factory=frozenset)
    province: str | None = None
    region: str | None = None
    """County or zone of a thing that belongs to no pilot yet: the office of the pilot there reaches it."""

    @classmethod
    def of(
        cls,
        *organisations: uuid.UUID | None,
        pilot_id: uuid.UUID | None = None,
        city: str | None = None,
        persons: Iterable[uuid.UUID | None] = (),
        province: str | None = None,
        region: str | None = None,
    ) -> Scope:
        """Scope from ids, ignoring the empty ones."""
        people = frozenset(p for p in persons if p)
        return cls(frozenset(o for o in organisations if o), pilot_id, city, people, province, region)


def province_of(region: str) -> str:
    """The province's GB/T 2260 code of any region code: 360923 and 360900 give 360000."""
    return region[:2] + "0000"


class Matrix:
    """All packages' rows together; a verb named twice is a fault."""

    def __init__(self) -> None:
        self.rows: dict[Permission, dict[Role, Within]] = {}

    def add(self, rows: Mapping[Permission, Mapping[Role, Within]]) -> None:
        for permission, roles in rows.items():
            if permission in self.rows:
                raise ValueError(f"permission {permission} is declared twice")
            self.rows[permission] = dict(roles)

    def within(self, permission: Permission, role: Role | None) -> Within | None:
        """How far this role's verb reaches, or None when it has no such verb."""
        if permission not in self.rows:
            raise KeyError(f"permission {permission} is in no matrix")
        return self.rows[permission].get(role) if role is not None else None

    def allows(self, permission: Permission, actor: Actor | None, scope: Scope | None) -> bool:
        """Whether the actor may use the verb on an object of this scope (None: on no particular object)."""
        if actor is None:
            return False
        within = self.within(permission, actor.role)
        if within is None or (actor.permissions is not None and permission.code not in actor.permissions):
            return False
        return scope is None or reaches(actor, within, scope)


class Asking(Protocol):
    """What a question about permission needs to know of a context."""

    @property
    def actor(self) -> Actor | None: ...

    @property
    def matrix(self) -> Matrix: ...


def reaches(actor: Actor, within: Within, scope: Scope) -> bool:
    """Whether an assignment reaches an object."""
    if within is Within.ANY:
        return True
    if within is Within.SELF:
        return actor.person_id in scope.persons
    if within is Within.OWN:
        return actor.organisation_id is not None and actor.organisation_id in scope.organisations
    if actor.pilot_id is not None:
        if scope.pilot_id is None and scope.region is not None:
            return scope.region == actor.region
        return scope.pilot_id == actor.pilot_id
    if actor.region is None:
        return False
    if actor.region.endswith("0000"):
        return (scope.province or (province_of(scope.city) if scope.city else None)) == actor.region
    return scope.city == actor.region


def require(ctx: Asking, permission: Permission, row: Any = None) -> None:
    """Refuse unless the actor's role has the verb, and it reaches the row (which offers `.scope`)."""
    scope = row if isinstance(row, Scope) or row is None else row.scope
    if not ctx.matrix.allows(permission, ctx.actor, scope):
        raise Forbidden(permission.code)


def visible(
    ctx: Asking,
    permission: Permission,
    statement: S,
    *,
    own: Iterable[Any] = (),
    pilot: Any = None,
    city: Any = None,
    persons: Iterable[Any] = (),
    region: Any = None,
    public: ColumnElement[bool] | None = None,
) -> S:
    """Narrow a SELECT to the rows this person may see: the one door of every list and every `get`.

    Pass the columns that hold the organisations, the pilot, the city code and the persons of a row; `region` is the
    county or zone of rows that know no pilot; `public` is a condition under which anybody sees it.
    """
    condition = reach(ctx, permission, own=own, pilot=pilot, city=city, persons=persons, region=region)
    if public is not None:
        condition = or_(condition, public)
    return statement.where(condition)


def reach(
    ctx: Asking,
    permission: Permission,
    *,
    own: Iterable[Any] = (),
    pilot: Any = None,
    city: Any = None,
    persons: Iterable[Any] = (),
    region: Any = None,
) -> ColumnElement[bool]:
    """The condition behind `visible`, for statements that need it elsewhere than in their WHERE."""
    actor = ctx.actor
    if actor is None:
        return false()
    within = ctx.matrix.within(permission, actor.role)
    if within is None:
        return false()
    if within is Within.ANY:
        return true()
    if within is Within.SELF:
        return or_(false(), *(column == actor.person_id for column in persons))
    if within is Within.OWN:
        if actor.organisation_id is None:
            return false()
        return or_(false(), *(column == actor.organisation_id for column in own))
    if actor.pilot_id is not None:
        if pilot is None and region is not None and actor.region is not None:
            return region == actor.region
        return pilot == actor.pilot_id if pilot is not None else false()
    if actor.region is None or city is None:
        return false()
    if actor.region.endswith("0000"):
        return city.like(actor.region[:2] + "%")
    return city == actor.region
