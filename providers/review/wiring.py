"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.stage import SCENES
from marketplace.base.text import N_
from marketplace.procedure.panels.events import PanelClosed
from marketplace.procedure.publicity.events import NoticeCleared, NoticeWithdrawn, ObjectionUpheld
from marketplace.record.audit.words import WORDS, Words
from marketplace.web import nav
from providers.applications.events import ApplicationSupplemented
from providers.applications.ports import APPLICATION_PANELS
from providers.calls.ports import CALL_PANELS
from providers.review import actions, api, pages, scenes
from providers.review.permissions import MATRIX

ACTS = Words(
    verbs={
        "review.begun": N_("开始资格审查"),
        "review.condition": N_("审查申报条件"),
        "review.concluded": N_("资格审查结论"),
        "review.proposed": N_("提出拟入选名单"),
        "review.decided": N_("公布遴选结果"),
        "review.reopened": N_("重启评审"),
        "application.returned": N_("退回申请补正"),
        "application.scored": N_("登记评审得分"),
        "application.struck": N_("取消入选资格"),
        "application.excluded": N_("排除申请"),
        "call.cleared": N_("遴选公示期满"),
    },
)


def wire(house: House) -> None:
    """Permissions, pages, and what follows from panels, notices and objections."""
    house.matrix.add(MATRIX)
    house.add(WORDS, ACTS)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(nav.TASKS, pages.tasks)
    house.add(CALL_PANELS, pages.workbench)
    house.add(APPLICATION_PANELS, pages.checks)
    house.subscribe(ApplicationSupplemented, actions.recheck)
    house.subscribe(PanelClosed, actions.on_panel_closed)
    house.subscribe(NoticeCleared, actions.on_cleared)
    house.subscribe(NoticeWithdrawn, actions.on_withdrawn)
    house.subscribe(ObjectionUpheld, actions.on_objection)
    for scene in scenes.scenes():
        house.add(SCENES, scene)
