"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import JOBS, House, Job
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.record.audit.words import WORDS, Words
from marketplace.web import nav
from marketplace.web.nav import MenuEntry
from providers.calls import actions, api, pages
from providers.calls.permissions import MATRIX

ACTS = Words(
    kinds={
        "selection_call": N_("遴选活动"),
    },
    verbs={
        "call.drafted": N_("起草遴选公告"),
        "call.revised": N_("修改遴选公告"),
        "call.published": N_("发布遴选公告"),
        "call.closed": N_("截止受理申请"),
        "call.cancelled": N_("宣布终止遴选"),
    },
)


def wire(house: House) -> None:
    """Permissions, pages, and the job that closes what is over."""
    house.matrix.add(MATRIX)
    house.add(WORDS, ACTS)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(
        nav.MENU,
        MenuEntry(
            "calls.index", N_("公开遴选"), order=30, group="selection", front=frozenset({Role.EXPERT, Role.PROVIDER})
        ),
    )
    house.add(nav.TASKS, pages.tasks)
    house.add(nav.SEARCH, nav.SearchSource(N_("遴选公告"), pages.find))
    house.add(JOBS, Job("calls.close", N_("结束到期的遴选报名"), actions.close_overdue, at="00:05"))
