"""What this chapter plugs into the house."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Table

from marketplace.base.db import TRIGGERS
from marketplace.base.house import JOBS, House, Job
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.record.audit import pages, sealing, triggers
from marketplace.record.audit.leaves import SEALED, SealedTable
from marketplace.record.audit.models import AccessRow, AuditRow
from marketplace.record.audit.permissions import MATRIX, READ
from marketplace.record.audit.words import WORDS, Words
from marketplace.web import nav

if triggers.statements not in TRIGGERS:
    TRIGGERS.append(triggers.statements)


ACTS = Words(
    kinds={
        "demo": N_("演示数据"),
    },
    verbs={
        "demo.made": N_("生成演示数据"),
    },
)


def wire(house: House) -> None:
    """Acts and looks are sealed; the auditor reads them, everybody the checkpoints."""
    house.matrix.add(MATRIX)
    house.add(WORDS, ACTS)
    house.add(SEALED, SealedTable(cast(Table, AuditRow.__table__), N_("操作记录")))
    house.add(SEALED, SealedTable(cast(Table, AccessRow.__table__), N_("查阅记录")))
    house.add(JOBS, Job("audit.seal", N_("封存操作与资金记录"), sealing.seal, every=3))
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(
        nav.MENU,
        nav.MenuEntry(
            "audit.index", N_("操作记录"), READ, order=900, group="oversight", front=frozenset({Role.AUDITOR})
        ),
    )
