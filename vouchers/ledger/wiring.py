"""What this chapter plugs into the house."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Table

from marketplace.base.db import TRIGGERS
from marketplace.base.house import JOBS, House, Job
from marketplace.base.text import N_
from marketplace.record.audit.leaves import SEALED, SealedTable
from vouchers.ledger import guards, jobs
from vouchers.ledger.actions import snapshots as snapshot
from vouchers.ledger.models import (  # noqa: F401 - the tables must be known
    commitments,
    funds,
    openings,
    payments,
    snapshots,
)

for _guards in (guards.rules, guards.triggers, guards.openings):
    if _guards not in TRIGGERS:
        TRIGGERS.append(_guards)


def wire(house: House) -> None:
    """Both kinds of entries are sealed; the sweep, the sums by day and the nightly proof run by themselves."""
    house.add(SEALED, SealedTable(cast(Table, commitments.Entry.__table__), N_("券与合同的资金变动")))
    house.add(SEALED, SealedTable(cast(Table, funds.FundEntry.__table__), N_("试点资金与预算科目的变动")))
    house.add(JOBS, Job("ledger.sweep", N_("收回到期的预留与服务券"), jobs.sweep, every=300))
    house.add(JOBS, Job("ledger.snapshot", N_("汇总每日资金变动"), snapshot.take, every=60))
    house.add(JOBS, Job("ledger.verify", N_("核对全部账目"), jobs.prove, at="03:00"))
