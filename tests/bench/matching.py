"""A list of another programme, brought in and compared with the orders of a province full of enterprises (四(二))."""

from __future__ import annotations

import io
import time
import uuid
from dataclasses import dataclass

from sqlalchemy import insert

from marketplace.base.context import Context
from marketplace.base.ids import new_id
from marketplace.base.roles import Role
from marketplace.oversight.grants import actions as grants
from marketplace.people.organisations.models import Organisation
from marketplace.people.organisations.states import OrganisationState
from marketplace.shop.orders.models import Order
from marketplace.shop.orders.states import Mode, OrderState
from tests.bench.figures import Figure
from tests.bench.ground import Desk, Ground, apart
from tests.support.people import make_actor, make_uscc

ROWS, ENTERPRISES, ORDERS = 10_000, 100_000, 20_000
COOPERATIVE = "93"
"""How the codes of farmers' cooperatives begin: none of the town's enterprises is one."""
EVERY = 100
"""One row in so many names the project that its enterprise has ordered with a voucher; the others name another one."""
_HEAD = "统一社会信用代码,企业名称,项目名称,合同编号,资金名称,金额(万元),拨付日期"


@dataclass(frozen=True)
class Brought:
    """Seconds of the whole act, and how many cases it opened."""

    seconds: float
    opened: int


def measure(ground: Ground) -> list[Figure]:
    """The figures of one list on one database."""
    found = apart(_bring, ground)
    return [
        Figure(
            f"{ROWS:,} rows, {ENTERPRISES:,} enterprises, {ORDERS:,} orders, {ground.place.database}",
            f"{found.seconds:.1f} s",
            f"{ROWS / found.seconds:,.0f} rows/s; read, kept, matched, {found.opened} cases opened, in one act",
        )
    ]


def _bring(ground: Ground) -> Brought:
    desk = Desk(ground.place)
    codes: dict[str, uuid.UUID] = {}
    while len(codes) < ENTERPRISES:
        codes.setdefault(make_uscc(ground.county, COOPERATIVE), new_id())
    desk.act(lambda ctx: _write(ctx, ground, codes))
    officer = make_actor(desk.act, Role.CITY, region=ground.city)[0]
    sheet = io.BytesIO(_sheet(list(codes)).encode())
    started = time.perf_counter()
    brought = desk.act(lambda ctx: grants.bring_in(ctx, sheet, "名单.csv", "省级技改专项"), officer)
    seconds = time.perf_counter() - started
    if (brought.grants.rows, brought.opened) != (ROWS, ROWS // EVERY):
        raise RuntimeError(f"{brought.grants.rows} rows opened {brought.opened} cases")
    return Brought(seconds, brought.opened)


def _write(ctx: Context, ground: Ground, codes: dict[str, uuid.UUID]) -> None:
    organisations = [
        {
            "id": enterprise_id, "created_at": ctx.now, "uscc": code, "name": f"企业{code}", "region": ground.county,
            "city": ground.city, "legal_representative": "张三", "phone": "0795-3998877", "industry": "C39",
            "state": OrganisationState.CONFIRMED, "decided_at": ctx.now,
        }
        for code, enterprise_id in codes.items()
    ]  # fmt: skip
    orders = [
        {
            "created_at": ctx.now, "number": f"B{place:09d}", "enterprise_id": enterprise_id, "provider_id": ground.provider_id,
            "pilot_id": ground.pilot_id, "city": ground.city, "listing_id": ground.listing_id,
            "edition_id": ground.edition_id, "title": f"生产管理系统{place}期", "category": "renovation", "mode": Mode.DIRECT,
            "total_fen": 100_000_00, "voucher_id": new_id(), "subsidy_fen": 40_000_00, "state": OrderState.CONFIRMED,
            "state_since": ctx.now,
        }
        for place, enterprise_id in enumerate(list(codes.values())[:ORDERS])
    ]  # fmt: skip
    ctx.session.execute(insert(Organisation), organisations)
    ctx.session.execute(insert(Order), orders)


def _sheet(codes: list[str]) -> str:
    """Eight rows of ten with a code, one with a name alone, one of an enterprise that is not here."""
    lines = [_HEAD]
    for place in range(ROWS):
        code = make_uscc("361100") if place % 10 == 9 else codes[place]
        project = f"生产管理系统{place}期" if place % EVERY == 0 else f"屋顶光伏电站{place}号"
        shown = "" if place % 10 == 8 else code
        lines.append(f"{shown},企业{code},{project},,,12.5,2030-06-01")
    return "\n".join(lines)
