"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import JOBS, House, Job
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.record.audit.words import WORDS, Words
from marketplace.record.jobs import actions, pages
from marketplace.record.jobs.permissions import MATRIX, READ
from marketplace.web import nav

ACTS = Words(
    kinds={
        "job": N_("系统任务"),
    },
    verbs={
        "job.run": N_("手动运行任务"),
    },
)


def wire(house: House) -> None:
    """The page of jobs, and the job that tidies up after the others."""
    house.matrix.add(MATRIX)
    house.add(WORDS, ACTS)
    house.add(JOBS, Job("jobs.tidy", N_("清理过期的运行记录"), actions.tidy, at="03:10"))
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(
        nav.MENU,
        nav.MenuEntry("jobs.index", N_("定时任务"), READ, order=920, group="system", front=frozenset({Role.ADMIN})),
    )
