"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.procedure.panels import api, pages
from marketplace.procedure.panels.permissions import MATRIX, READ, READ_POOL
from marketplace.record.audit.words import WORDS, Words
from marketplace.web import nav
from marketplace.web.nav import MenuEntry

ACTS = Words(
    kinds={
        "panel": N_("评审专家组"),
        "expert": N_("评审专家"),
    },
    verbs={
        "panel.drawn": N_("随机抽取专家"),
        "panel.filled": N_("补抽缺额专家"),
        "panel.declare_none": N_("声明无需回避"),
        "panel.declare_conflict": N_("专家声明回避"),
        "panel.excuse": N_("换下专家"),
        "panel.scored": N_("专家打分"),
        "panel.closed": N_("汇总评分"),
        "expert.enlisted": N_("专家入库"),
        "expert.employed": N_("登记专家工作单位"),
        "expert.activated": N_("恢复专家资格"),
        "expert.retired": N_("停用专家"),
    },
)


def wire(house: House) -> None:
    """Permissions, pages, tasks."""
    house.matrix.add(MATRIX)
    house.add(WORDS, ACTS)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(
        nav.MENU,
        MenuEntry("panels.index", N_("专家评审"), READ, order=34, group="selection", front=frozenset({Role.EXPERT})),
    )
    house.add(nav.MENU, MenuEntry("panels.experts", N_("专家库"), READ_POOL, order=35, group="selection"))
    house.add(nav.TASKS, pages.tasks)
