"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.policy.books.clauses import provisions
from marketplace.policy.editions import api, models, pages  # noqa: F401 - models: its tables belong to the metadata
from marketplace.policy.editions.permissions import MATRIX
from marketplace.record.audit.words import WORDS, Words
from marketplace.web import nav, parts
from marketplace.web.nav import MenuEntry

ACTS = Words(
    kinds={
        "book_edition": N_("政策版本"),
    },
    verbs={
        "policy.published": N_("发布政策版本"),
    },
)


def wire(house: House) -> None:
    """Permissions, pages, the words behind a clause and the public menu entry."""
    house.matrix.add(MATRIX)
    house.add(WORDS, ACTS)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(parts.CLAUSES, provisions)
    house.add(
        nav.MENU,
        MenuEntry("editions.index", N_("政策规则"), order=20, group="oversight", front=frozenset({Role.PROVINCE})),
    )
