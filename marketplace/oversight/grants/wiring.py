"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import JOBS, House, Job
from marketplace.base.stage import SCENES
from marketplace.base.text import N_
from marketplace.oversight.grants import actions, api, models, pages, scenes
from marketplace.oversight.grants.detectors import DETECTORS as DOUBLE_SUPPORT
from marketplace.oversight.grants.permissions import MATRIX, READ
from marketplace.policy.findings.detectors import DETECTORS
from marketplace.record.audit.words import WORDS, Words
from marketplace.shop.orders.events import ContractFiled, OrderPlaced
from marketplace.web import nav
from marketplace.web.nav import MenuEntry

ACTS = Words(
    kinds={
        "grant_list": N_("其他资金扶持名单"),
    },
    verbs={
        "grant_list.brought_in": N_("导入名单"),
        "grant_list.withdrawn": N_("撤回名单"),
    },
)


def wire(house: House) -> None:
    """Permissions, pages, API, four rules of double support, and orders that are compared as they come."""
    house.matrix.add(MATRIX)
    house.add(WORDS, ACTS)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(nav.MENU, MenuEntry("grants.index", N_("其他资金扶持名单"), READ, order=82, group="oversight"))
    house.add(JOBS, Job("grants.recognise", N_("识别名单中的企业"), actions.recognise_again, at="02:20"))
    house.subscribe(OrderPlaced, actions.compare_order)
    house.subscribe(ContractFiled, actions.compare_order)
    for detector in DOUBLE_SUPPORT.values():
        house.add(DETECTORS, detector)
    for scene in scenes.scenes():
        house.add(SCENES, scene)


__all__ = ["models", "wire"]
