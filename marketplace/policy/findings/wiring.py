"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import JOBS, House, Job
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.policy.findings import actions, api, models, pages  # noqa: F401 - models: tables of the metadata
from marketplace.policy.findings.permissions import MATRIX, READ
from marketplace.record.audit.words import WORDS, Words
from marketplace.web import nav
from marketplace.web.nav import MenuEntry

ACTS = Words(
    kinds={
        "finding": N_("预警事项"),
    },
    verbs={
        "finding.opened": N_("发出预警"),
        "finding.decided": N_("处置预警"),
    },
)


def wire(house: House) -> None:
    """Permissions, pages, the nightly search for suspicions, and the cases that wait on the home page."""
    house.matrix.add(MATRIX)
    house.add(WORDS, ACTS)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(
        nav.MENU,
        MenuEntry("findings.index", N_("疑点核查"), READ, order=80, group="oversight", front=frozenset({Role.AUDITOR})),
    )
    house.add(nav.TASKS, pages.tasks)
    house.add(JOBS, Job("findings.detect", N_("查找疑点"), actions.detect, at="02:30"))
