"""Delivered orders that wait for their confirmation, as many as are asked for, in a few seconds."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import func, insert, select

from marketplace.base.context import Context
from marketplace.base.ids import new_id, random_number
from marketplace.shop.orders.models import Order
from marketplace.shop.orders.states import Mode, OrderState
from tests.bench.ground import Desk, Ground
from vouchers.funds import queries as funds
from vouchers.ledger.actions import holds, issue
from vouchers.ledger.models.commitments import Voucher
from vouchers.schemes.models import SchemeVersion

SUBSIDY = 400_00
CHUNK = 1000


@dataclass(frozen=True)
class Waiting:
    """A delivered order and what its voucher has set aside for it."""

    order_id: uuid.UUID
    hold_id: uuid.UUID


def deliver(ground: Ground, number: int) -> list[Waiting]:
    """So many delivered orders of the town's enterprise, each with a voucher of its own.

    Vouchers and holds are made by the ledger's acts. Only the orders' rows are written as they stand after placing,
    contract and delivery, which nobody measures here.
    """
    desk = Desk(ground.place)
    found: list[Waiting] = []
    for start in range(0, number, CHUNK):
        found += desk.act(partial(_some, ground=ground, size=min(CHUNK, number - start)))
    desk.engine.dispose()
    return found


def _some(ctx: Context, *, ground: Ground, size: int) -> list[Waiting]:
    version = ctx.session.get_one(SchemeVersion, ground.version_id)
    awarded = select(func.max(Voucher.award_no)).where(Voucher.enterprise_id == ground.enterprise_id)
    start = ctx.session.scalar(awarded) or 0
    items = [
        issue.VoucherItem(SUBSIDY, version.use_by, ground.enterprise_id, version.id, award_no=start + n + 1)
        for n in range(size)
    ]
    line = funds.lines(ctx, ground.pilot_id)[0].line
    vouchers = issue.issue(ctx, line.id, items, f"bench:{uuid.uuid4()}").commitment_ids
    rows, found = [], []
    for voucher_id in vouchers:
        order_id = new_id()
        held = holds.reserve(
            ctx, voucher_id, order_id, ground.provider_id, SUBSIDY, version.redeem_by, f"order:{order_id}:reserve"
        )
        assert held.hold_id is not None
        rows.append(_order(ctx, ground, order_id, voucher_id, held.hold_id))
        found.append(Waiting(order_id, held.hold_id))
    ctx.session.execute(insert(Order), rows)
    return found


def _order(
    ctx: Context, ground: Ground, order_id: uuid.UUID, voucher_id: uuid.UUID, hold_id: uuid.UUID
) -> dict[str, Any]:
    return {
        "id": order_id,
        "created_at": ctx.now,
        "number": "O" + random_number(9),
        "enterprise_id": ground.enterprise_id,
        "provider_id": ground.provider_id,
        "pilot_id": ground.pilot_id,
        "city": ground.city,
        "listing_id": ground.listing_id,
        "edition_id": ground.edition_id,
        "title": "轻质检",
        "category": "renovation",
        "mode": Mode.DIRECT,
        "total_fen": SUBSIDY * 5 // 2,
        "voucher_id": voucher_id,
        "subsidy_fen": SUBSIDY,
        "reservation_id": hold_id,
        "state": OrderState.DELIVERED,
        "state_since": ctx.now,
        "accepted_at": ctx.now,
        "delivered_at": ctx.now,
    }
