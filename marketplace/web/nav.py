"""What later chapters put into the frame of every page: menu entries, tasks on the home page, search sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from flask import url_for

from marketplace.base.actor import Actor
from marketplace.base.context import Context
from marketplace.base.house import House, Port
from marketplace.base.permissions import Permission
from marketplace.base.roles import Role
from marketplace.base.text import N_, Text

GROUPS = {
    "market": N_("选购与交付"),
    "selection": N_("遴选与公示"),
    "pilots": N_("试点与单位"),
    "money": N_("券与资金"),
    "oversight": N_("政策与监督"),
    "system": N_("系统"),
}
"""The themes under which the main menu folds what is not a role's daily work, in their order."""


@dataclass(frozen=True)
class MenuEntry:
    """A link of the main menu; `permission` None is for everybody, `roles` narrows further; `order` sorts.

    It stands in its `group`; for the roles of `front`, whose daily work it is, it stands in the front as well.
    """

    endpoint: str
    label: str
    permission: Permission | None = None
    order: int = 100
    roles: frozenset[Role] | None = None
    group: str = "market"
    front: frozenset[Role] = frozenset()


class Link(NamedTuple):
    """An entry of the menu as one person sees it."""

    label: str
    url: str
    endpoint: str
    group: str
    front: bool

    @property
    def place(self) -> str:
        """The pages that belong to the entry."""
        return self.endpoint.partition(".")[0]


@dataclass(frozen=True)
class Task:
    """Something that waits for this person: one line of the home page."""

    text: Text
    url: str
    due: Any = None
    tone: str = "info"
    hint: Text | None = None


@dataclass(frozen=True)
class SearchSource:
    """One kind of thing the global search finds: `find(ctx, words)` gives (title, hint, url)."""

    label: str
    find: Callable[[Context, str], Iterable[tuple[str, str, str]]]


MENU: Port[MenuEntry] = Port("menu")
CARDS: Port[Callable[[Context], Any]] = Port("home cards")
"""Panels (`template`, `data`) that a person sees at once on the home page: vouchers, shares; None shows nothing."""
TASKS: Port[Callable[[Context], Iterable[Task]]] = Port("tasks")
SEARCH: Port[SearchSource] = Port("search")
BLUEPRINTS: Port[Any] = Port("blueprints")
"""Flask blueprints of pages."""
API_BLUEPRINTS: Port[Any] = Port("api blueprints")
"""flask-smorest blueprints, mounted under /api/v1."""


def menu(ctx: Context) -> list[Link]:
    """The entries open to whoever looks."""
    return menu_of(ctx.house, ctx.actor)


def menu_of(house: House, actor: Actor | None) -> list[Link]:
    """The same without a context, where no database may be asked."""
    role = actor.role if actor else None
    links = []
    for entry in sorted(house.all(MENU), key=lambda e: e.order):
        if entry.permission is not None and house.matrix.within(entry.permission, role) is None:
            continue
        if entry.roles is not None and role not in entry.roles:
            continue
        links.append(
            Link(entry.label, url_for(entry.endpoint), entry.endpoint, entry.group, role is None or role in entry.front)
        )
    return links


def grouped(links: Iterable[Link]) -> list[tuple[str, list[Link]]]:
    """The entries by theme, each with its word."""
    found: dict[str, list[Link]] = {}
    for link in links:
        found.setdefault(link.group, []).append(link)
    return [(GROUPS[name], found[name]) for name in GROUPS if name in found]


def cards(ctx: Context) -> list[Any]:
    """What the chapters show whoever looks on the home page."""
    return [card for source in ctx.house.all(CARDS) if (card := source(ctx)) is not None]


def tasks(ctx: Context) -> list[Task]:
    """Everything that waits for whoever looks, most urgent first."""
    found = [task for source in ctx.house.all(TASKS) for task in source(ctx)]
    return sorted(found, key=lambda t: (t.due is None, t.due or ctx.today))
