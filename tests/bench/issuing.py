"""Many vouchers in one act: by the ledger, and from a spreadsheet."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select

from marketplace.base.actor import Actor
from marketplace.base.context import Context
from marketplace.base.ids import new_id
from marketplace.base.sheets import MAX_ROWS
from marketplace.people.organisations.models import Organisation
from marketplace.people.organisations.states import OrganisationState
from marketplace.pilots.members.models import Member
from marketplace.pilots.members.states import MemberState
from tests.bench.figures import Figure
from tests.bench.ground import Desk, Ground, apart
from tests.bench.memory import peak
from tests.support.people import make_uscc
from vouchers.funds import queries as funds
from vouchers.ledger.actions import issue
from vouchers.schemes.models import SchemeVersion
from vouchers.wallets import actions as wallets

FACE = 10_00


@dataclass(frozen=True)
class Cost:
    """What one act took: seconds, and by how many MiB its process grew at most."""

    seconds: float
    grown: float


def measure(ground: Ground, number: int) -> list[Figure]:
    """The figures of issuing so many vouchers on one database."""
    place = ground.place.database
    at_once = apart(by_ledger, ground, number)
    rows = min(number, MAX_ROWS - 1)  # and the heading
    sheet = apart(_enrol, ground, rows)
    by_sheet = apart(_by_sheet, ground, sheet, rows)
    return [
        _figure(f"{number:,} vouchers by the ledger, {place}", number, at_once, 8_000),
        _figure(f"{rows:,} vouchers from a CSV, {place}", rows, by_sheet),
    ]


def _figure(name: str, number: int, cost: Cost, least: int | None = None) -> Figure:
    rate = number / cost.seconds
    said = f"{rate:,.0f}/s, memory +{cost.grown:.0f} MiB"
    if least is None:
        return Figure(name, f"{cost.seconds:.2f} s", said)
    return Figure(name, f"{cost.seconds:.2f} s", f"{said}; at least {least:,}/s", rate >= least)


def _timed(desk: Desk, verb: Callable[[Context], Any], actor: Actor | None) -> Cost:
    before, started = peak(), time.perf_counter()
    desk.act(verb, actor)
    return Cost(time.perf_counter() - started, peak() - before)


def by_ledger(ground: Ground, number: int) -> Cost:
    """So many vouchers in one act of the ledger, each of another enterprise."""
    desk = Desk(ground.place)
    line, version = desk.act(
        lambda ctx: (funds.lines(ctx, ground.pilot_id)[0].line, ctx.session.get_one(SchemeVersion, ground.version_id))
    )
    items = [issue.VoucherItem(FACE, version.use_by, uuid.uuid4(), version.id) for _ in range(number)]
    return _timed(desk, lambda ctx: issue.issue(ctx, line.id, items, "bench:bulk"), None)


def _by_sheet(ground: Ground, sheet: bytes, number: int) -> Cost:
    desk = Desk(ground.place)
    office = desk.actor(ground.office_token)
    with_header = number + 1
    assert sheet.count(b"\n") + 1 == with_header
    return _timed(
        desk,
        lambda ctx: wallets.issue_sheet(ctx, ground.version_id, data=sheet, filename="vouchers.csv"),
        office,
    )


def _enrol(ground: Ground, number: int) -> bytes:
    """So many confirmed enterprises on the pilot's list, and the CSV that gives each a voucher."""
    desk = Desk(ground.place)
    codes: set[str] = set()
    while len(codes) < number:
        codes.add(make_uscc(ground.county))
    desk.act(lambda ctx: _write(ctx, ground, sorted(codes)))
    return "\n".join(["uscc,face", *(f"{code},{FACE // 100}" for code in sorted(codes))]).encode()


def _write(ctx: Context, ground: Ground, codes: list[str]) -> None:
    known = set(ctx.session.scalars(select(Organisation.uscc)))
    organisations = [
        {
            "id": new_id(),
            "created_at": ctx.now,
            "uscc": code,
            "name": f"企业{code[-8:]}",
            "region": ground.county,
            "city": ground.city,
            "legal_representative": "张三",
            "phone": "0795-3998877",
            "industry": "C39",
            "state": OrganisationState.CONFIRMED,
            "decided_at": ctx.now,
        }
        for code in codes
        if code not in known
    ]
    ctx.session.execute(insert(Organisation), organisations)
    members = [
        {
            "created_at": ctx.now,
            "pilot_id": ground.pilot_id,
            "programme_id": ground.programme_id,
            "enterprise_id": organisation["id"],
            "city": ground.city,
            "chain_or_cluster": "装备制造",
            "key_enterprise": False,
            "key_link": False,
            "target_level": "L6",
            "urgency": 1,
            "state": MemberState.CONFIRMED,
            "confirmed_at": ctx.now,
        }
        for organisation in organisations
    ]
    ctx.session.execute(insert(Member), members)
