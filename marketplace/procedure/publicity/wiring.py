"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.text import N_
from marketplace.procedure.publicity import api, pages
from marketplace.procedure.publicity.permissions import MATRIX
from marketplace.record.audit.words import WORDS, Words
from marketplace.web import nav
from marketplace.web.nav import MenuEntry

ACTS = Words(
    kinds={
        "public_notice": N_("公示公告"),
        "objection": N_("异议"),
    },
    verbs={
        "notice.published": N_("开始公示"),
        "notice.stopped": N_("中止公示"),
        "notice.cleared": N_("公示届满"),
        "notice.withdrawn": N_("撤销公示"),
        "objection.filed": N_("提出公示异议"),
        "objection.ruled": N_("裁定公示异议"),
    },
)


def wire(house: House) -> None:
    """Permissions, pages, tasks."""
    house.matrix.add(MATRIX)
    house.add(WORDS, ACTS)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(nav.MENU, MenuEntry("publicity.index", N_("公示"), order=33, group="selection"))
    house.add(nav.TASKS, pages.tasks)
