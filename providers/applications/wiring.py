"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.roles import Role
from marketplace.base.stage import SCENES
from marketplace.base.text import N_
from marketplace.record.audit.words import WORDS, Words
from marketplace.web import nav
from marketplace.web.nav import MenuEntry
from providers.applications import actions, api, pages, scenes
from providers.applications.permissions import KEEP_DOSSIER, MATRIX, READ
from providers.calls.events import CallCancelled
from providers.calls.ports import CALL_PANELS

ACTS = Words(
    kinds={
        "application": N_("申请书"),
        "dossier": N_("服务商档案"),
    },
    verbs={
        "application.begun": N_("起草申请"),
        "application.revised": N_("修改申请书"),
        "application.submitted": N_("递交申请"),
        "application.supplemented": N_("补正申请"),
        "application.withdrawn": N_("撤回申请书"),
        "dossier.saved": N_("保存服务商档案"),
        "dossier.case_added": N_("增加服务案例"),
        "dossier.proof_added": N_("增加证明材料"),
        "dossier.dropped": N_("移除档案内容"),
    },
)


def wire(house: House) -> None:
    """Permissions, pages, and word to applicants when a call ends without a result."""
    house.matrix.add(MATRIX)
    house.add(WORDS, ACTS)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(nav.MENU, MenuEntry("applications.dossier", N_("申报资料"), KEEP_DOSSIER, order=31, group="selection"))
    house.add(
        nav.MENU,
        MenuEntry("applications.index", N_("申报"), READ, order=32, group="selection", front=frozenset({Role.CITY})),
    )
    house.add(nav.TASKS, pages.tasks)
    house.add(CALL_PANELS, pages.way_to_apply)
    house.subscribe(CallCancelled, actions.tell_cancelled)
    for scene in scenes.scenes():
        house.add(SCENES, scene)
