"""Putting approved claims together, and a second person releasing the money."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update

from marketplace.base.context import Context
from marketplace.base.errors import NotFound, Refusal
from marketplace.base.ids import new_id
from marketplace.base.text import N_
from vouchers.ledger import posting
from vouchers.ledger.actions import funds
from vouchers.ledger.models.funds import Fund
from vouchers.ledger.models.payments import BatchItem, Claim, ClaimItem, PaymentBatch
from vouchers.ledger.refusals import civil
from vouchers.ledger.states import BatchState, ItemState


@dataclass(frozen=True)
class Payee:
    """A claim and the account that is pinned for it: its id, and holder, bank and number as they stand now."""

    claim_id: uuid.UUID
    account_id: uuid.UUID
    account: dict[str, Any]


def open_batch(ctx: Context, fund_id: uuid.UUID, number: str, *, maker_id: uuid.UUID | None = None) -> PaymentBatch:
    """A new batch of one fund; the acting person is its maker, unless another one prepared what it pays."""
    fund = ctx.session.get(Fund, fund_id)
    if fund is None:
        raise NotFound("fund")
    batch = PaymentBatch(
        fund_id=fund_id,
        pilot_id=fund.pilot_id,
        city=fund.city,
        number=number,
        maker_id=maker_id or ctx.who.person_id,
        total=0,
        state=BatchState.DRAFT,
    )
    with civil():
        ctx.add(batch)
        ctx.session.flush()
    return batch


def add(ctx: Context, batch_id: uuid.UUID, payees: Sequence[Payee]) -> list[uuid.UUID]:
    """Put approved claims into a draft, each with what was approved of it. Gives the items' ids.

    Refuses `batch.claim_taken`, `batch.not_open`, `batch.not_payable`.
    """
    sums = {
        claim_id: (commitment_id, int(amount or 0))
        for claim_id, commitment_id, amount in ctx.session.execute(
            select(Claim.id, Claim.commitment_id, func.coalesce(func.sum(ClaimItem.approved), 0))
            .join(ClaimItem, ClaimItem.claim_id == Claim.id)
            .where(Claim.id.in_([p.claim_id for p in payees]), ClaimItem.live)
            .group_by(Claim.id, Claim.commitment_id)
        )
    }
    batch = ctx.session.get(PaymentBatch, batch_id)
    if batch is None or {p.claim_id for p in payees} != sums.keys():
        raise NotFound("batch" if batch is None else "claim")
    if any(not amount for _, amount in sums.values()):
        raise Refusal("batch.not_payable", N_("列支金额与审定的可兑付金额不符。"))
    rows: list[dict[str, Any]] = [
        {
            "id": new_id(),
            "claim_id": p.claim_id,
            "batch_id": batch_id,
            "fund_id": batch.fund_id,
            "amount": sums[p.claim_id][1],
            "account_id": p.account_id,
            "account": p.account,
            "state": ItemState.OPEN,
            "created_at": ctx.now,
        }
        # the trigger locks each commitment: always in the same order
        for p in sorted(payees, key=lambda p: str(sums[p.claim_id][0]))
    ]
    with civil():
        ctx.session.execute(BatchItem.__table__.insert(), rows)  # type: ignore[attr-defined]
        retotal(ctx, batch_id)
    return [row["id"] for row in rows]


def take_out(ctx: Context, item_id: uuid.UUID) -> None:
    """Take a claim out of a draft; it may go into another batch."""
    item = _item(ctx, item_id)
    batch = lock(ctx, item.batch_id)
    if batch.state is not BatchState.DRAFT:
        raise Refusal("batch.step", N_("批次的当前状态不能办理此操作。"))
    with civil():
        item.state = ItemState.FAILED
        ctx.session.flush()
        retotal(ctx, batch.id)


def cancel(ctx: Context, batch_id: uuid.UUID) -> PaymentBatch:
    """Give up a draft; its claims are free again."""
    batch = lock(ctx, batch_id)
    with civil():
        ctx.session.execute(
            update(BatchItem)
            .where(BatchItem.batch_id == batch_id, BatchItem.state == ItemState.OPEN)
            .values(state=ItemState.FAILED)
        )
        batch.state = BatchState.CANCELLED
        ctx.session.flush()
    return batch


def approve(ctx: Context, batch_id: uuid.UUID, key: str) -> PaymentBatch:
    """A second person releases the batch: its total leaves the fund before any file leaves the house.

    Refuses `batch.four_eyes` for the maker, `fund.not_received` (四(一)) when more would be paid than has arrived.
    """
    request = posting.asked(ctx, key, "pay", batch_id)
    fund_id = ctx.session.scalar(select(PaymentBatch.fund_id).where(PaymentBatch.id == batch_id))
    if fund_id is None:
        raise NotFound("batch")
    fund = funds.lock_fund(ctx, fund_id, request)
    batch = lock(ctx, batch_id)
    if fund.replay_entry_id is not None:
        if fund.replay_hash != request.digest:
            raise posting.other_request()
        return batch
    if batch.state is not BatchState.DRAFT:
        raise Refusal("batch.step", N_("批次的当前状态不能办理此操作。"))
    if batch.total == 0:
        raise Refusal("batch.empty", N_("批次内没有兑付申请。"))
    with civil():
        batch.checker_id, batch.state, batch.approved_on = ctx.who.person_id, BatchState.APPROVED, ctx.today
        ctx.session.flush()
    funds.book(ctx, fund, "pay", batch.total, request, batch_id=batch_id)
    return batch


def fail_items(ctx: Context, item_ids: Sequence[uuid.UUID], key: str) -> int:
    """Items whose payment failed for good: their money returns to the fund, their claims are free. Gives the sum.

    All of one batch. Refuses `payout.attempt_open` while an attempt has no outcome, `payout.not_open` for an item that
    is paid or was given up before.
    """
    items = list(ctx.session.scalars(select(BatchItem).where(BatchItem.id.in_(item_ids))))
    batches = {(item.batch_id, item.fund_id) for item in items}
    if len(items) != len(set(item_ids)) or len(batches) != 1:
        raise NotFound("batch_item")
    [(batch_id, fund_id)] = batches
    request = posting.asked(ctx, key, "unpay", sorted(str(i) for i in item_ids))
    fund = funds.lock_fund(ctx, fund_id, request)
    total = sum(item.amount for item in items)
    if fund.replay_entry_id is not None:
        if fund.replay_hash != request.digest:
            raise posting.other_request()
        return total
    lock(ctx, batch_id)
    with civil():
        ctx.session.execute(update(BatchItem).where(BatchItem.id.in_(item_ids)).values(state=ItemState.FAILED))
    funds.book(ctx, fund, "unpay", total, request, batch_id=batch_id)
    return total


def close(ctx: Context, batch_id: uuid.UUID) -> PaymentBatch:
    """Every item is paid or failed: the batch is done. Refuses `batch.items_open`."""
    batch = lock(ctx, batch_id)
    with civil():
        batch.state = BatchState.DONE
        ctx.session.flush()
    return batch


def lock(ctx: Context, batch_id: uuid.UUID) -> PaymentBatch:
    """The batch under its lock."""
    found = select(PaymentBatch).where(PaymentBatch.id == batch_id).with_for_update()
    batch = ctx.session.scalars(found.execution_options(populate_existing=True)).one_or_none()
    if batch is None:
        raise NotFound("batch")
    return batch


def _item(ctx: Context, item_id: uuid.UUID) -> BatchItem:
    item = ctx.session.get(BatchItem, item_id)
    if item is None:
        raise NotFound("batch_item")
    return item


def retotal(ctx: Context, batch_id: uuid.UUID) -> None:
    """Make a draft's total the sum of its living items."""
    living = (
        select(func.coalesce(func.sum(BatchItem.amount), 0))
        .where(BatchItem.batch_id == batch_id, BatchItem.state != ItemState.FAILED)
        .scalar_subquery()
    )
    ctx.session.execute(update(PaymentBatch).where(PaymentBatch.id == batch_id).values(total=living))
    ctx.session.expire_all()
