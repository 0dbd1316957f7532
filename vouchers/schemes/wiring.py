"""What schemes plug into the house."""

from __future__ import annotations

from marketplace.base.house import JOBS, House, Job
from marketplace.base.roles import Role
from marketplace.base.stage import SCENES
from marketplace.base.text import N_
from marketplace.record.audit.words import WORDS, Words
from marketplace.shop.catalogue.events import ProductListed
from marketplace.shop.catalogue.ports import LISTING_PANELS
from marketplace.web import nav
from marketplace.web.nav import MenuEntry
from vouchers.schemes import actions, api, models, pages, permissions, scenes  # noqa: F401 - models: tables

ACTS = Words(
    kinds={
        "scheme": N_("发券方案"),
        "scheme_version": N_("发券方案版本"),
    },
    verbs={
        "scheme.drafted": N_("起草发券方案"),
        "scheme.version_drafted": N_("起草方案版本"),
        "scheme.version_edited": N_("修改方案版本"),
        "scheme.published": N_("发布方案版本"),
        "scheme.closed": N_("停止发券"),
    },
)


def wire(house: House) -> None:
    """Permissions, pages, API, what a voucher gives on a product's page."""
    house.matrix.add(permissions.MATRIX)
    house.add(WORDS, ACTS)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(
        nav.MENU, MenuEntry("schemes.index", N_("服务券方案"), order=16, group="money", front=frozenset({Role.PILOT}))
    )
    house.add(LISTING_PANELS, pages.on_listing)
    house.subscribe(ProductListed, actions.hint_listed)
    house.add(JOBS, Job("schemes.hints", N_("更新目录中的券后价"), actions.renew_hints, at="00:10"))
    for scene in scenes.scenes():
        house.add(SCENES, scene)
