"""What the catalogue plugs into the house."""

from __future__ import annotations

from marketplace.base.db import TRIGGERS
from marketplace.base.house import House
from marketplace.base.roles import Role
from marketplace.base.stage import SCENES
from marketplace.base.text import N_
from marketplace.people.webhooks.topics import offer
from marketplace.record.audit.words import WORDS, Words
from marketplace.shop.catalogue import api, messages, models, pages, permissions, scenes, topics, triggers  # noqa: F401 - models: tables
from marketplace.shop.catalogue.events import ListingReviewed
from marketplace.web import nav
from marketplace.web.nav import MenuEntry

if triggers.statements not in TRIGGERS:
    TRIGGERS.append(triggers.statements)


ACTS = Words(
    kinds={
        "product": N_("产品"),
        "edition": N_("产品版本"),
        "listing": N_("产品上架"),
    },
    verbs={
        "product.drafted": N_("起草产品"),
        "product.edited": N_("修改产品"),
        "edition.published": N_("发布产品版本"),
        "listing.submitted": N_("申请上架"),
        "listing.listed": N_("核准上架"),
        "listing.rejected": N_("退回上架申请"),
        "listing.withdrawn": N_("下架产品"),
    },
)


def wire(house: House) -> None:
    """Permissions, pages, API, and the provider's message after a review."""
    house.matrix.add(permissions.MATRIX)
    house.add(WORDS, ACTS)
    for blueprint in (pages.bp, pages.products, pages.listings):
        house.add(nav.BLUEPRINTS, blueprint)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(
        nav.MENU,
        MenuEntry("catalogue.index", N_("产品目录"), order=14, group="market", front=frozenset({Role.ENTERPRISE})),
    )
    house.add(
        nav.MENU,
        MenuEntry(
            "products.mine",
            N_("我的产品"),
            permissions.OFFER,
            order=12,
            group="market",
            front=frozenset({Role.PROVIDER}),
        ),
    )
    city = frozenset({Role.CITY, Role.PROVINCE, Role.AUDITOR})
    house.add(
        nav.MENU,
        MenuEntry("listings.to_review", N_("上架审核"), permissions.READ, order=18, roles=city, group="market"),
    )
    house.add(nav.TASKS, pages.tasks)
    house.subscribe(ListingReviewed, messages.reviewed)
    for scene in scenes.scenes():
        house.add(SCENES, scene)
    offer(house, *topics.TOPICS)
