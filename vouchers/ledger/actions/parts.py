"""Redeemed parts: contracts post them directly; refunds, cuts and clawbacks take them back."""

from __future__ import annotations

import uuid
from typing import Any

from marketplace.base.context import Context
from marketplace.base.errors import NotFound, Refusal
from marketplace.base.money import Yuan
from marketplace.base.text import N_
from vouchers.ledger import posting, returning
from vouchers.ledger.posting import BY_KEY, REPLAY, REPLAY_COLUMNS, Head, Move, Posted
from vouchers.ledger.refusals import ANSWERS, civil
from vouchers.ledger.statements import Statement

_CONTRACT = Statement(
    f"SELECT c.id AS commitment_id, c.kind, c.pilot_id, c.seq, c.chain, c.available, c.frozen, d.provider_id, {REPLAY}"  # noqa: S608
    f" FROM commitment c JOIN direct_contract d ON d.commitment_id = c.id {BY_KEY} WHERE c.id = :commitment_id",
    lock="FOR UPDATE OF c",
    columns=f"commitment_id pilot_id chain frozen provider_id {REPLAY_COLUMNS}",
)
_PART = Statement(
    "SELECT r.entry_id AS part_id, r.amount, r.refunded, r.settled, r.clawed, c.id AS commitment_id, c.pilot_id,"  # noqa: S608
    f" c.seq, c.chain, c.last_day, {REPLAY} FROM redemption r JOIN commitment c ON c.id = r.commitment_id {BY_KEY}"
    " WHERE r.entry_id = :part_id",
    lock="FOR UPDATE OF c, r",
    columns=f"commitment_id pilot_id chain last_day {REPLAY_COLUMNS}",
)


def redeem_contract(ctx: Context, commitment_id: uuid.UUID, amount: int, key: str) -> Posted:
    """Post `amount` fen of a contract of direct expenditure: a part was delivered and accepted.

    `entry_id` in the answer is the id of the redemption. Refuses `contract.too_little`, `contract.frozen`.
    """
    request = posting.asked(ctx, key, "redeem_contract", commitment_id, posting.positive(amount))
    row = _CONTRACT.run(ctx.session, commitment_id=commitment_id, scope=request.scope, key=request.key).one_or_none()
    if row is None:
        raise NotFound("contract")
    done = posting.replayed(row, request)
    if done is not None:
        return done
    if row.frozen:
        return posting.unless_done(ctx, request, Refusal("contract.frozen", N_("合同已冻结，暂不能支出。")))
    if amount > row.available:
        message = N_("合同剩余补助金额不足：可用 {available}，需要 {asked}。")
        refusal = Refusal("contract.too_little", message, available=Yuan(row.available), asked=Yuan(amount))
        return posting.unless_done(ctx, request, refusal)
    move = Move("redeem", "available", "payable", amount, provider_id=row.provider_id)
    with civil(available=Yuan(row.available), asked=Yuan(amount)):
        [entry_id] = posting.post(ctx, _head(row), [move], request)
    return Posted(entry_id, commitment_id, None, amount)


def refund(ctx: Context, redemption_id: int, amount: int, key: str) -> Posted:
    """Undo `amount` fen of a redeemed part that is neither paid nor in a batch: back to the voucher, or to the budget
    line once the voucher's last day is over. Refuses `part.too_little`, `part.in_batch`."""
    return _reverse(ctx, "refund", redemption_id, amount, key)


def cut(ctx: Context, redemption_id: int, amount: int, key: str) -> Posted:
    """Take `amount` fen off a part that a review did not accept. The same rules as `refund`."""
    return _reverse(ctx, "cut", redemption_id, amount, key)


def clawback(ctx: Context, redemption_id: int, amount: int, key: str) -> Posted:
    """Demand back `amount` fen of a part that was paid. The money itself is booked by `funds.recover` when it comes.

    Refuses `part.too_little`.
    """
    return _reverse(ctx, "clawback", redemption_id, amount, key)


def _reverse(ctx: Context, kind: str, redemption_id: int, amount: int, key: str) -> Posted:
    request = posting.asked(ctx, key, kind, redemption_id, posting.positive(amount))
    row = _PART.run(ctx.session, part_id=redemption_id, scope=request.scope, key=request.key).one_or_none()
    if row is None:
        raise NotFound("redemption")
    done = posting.replayed(row, request)
    if done is not None:
        return done
    room = row.settled - row.clawed if kind == "clawback" else row.amount - row.refunded - row.settled
    values: dict[str, Any] = {"available": Yuan(room), "asked": Yuan(amount)}
    if amount > room:
        code, message, clause = ANSWERS["redemption_parts_within_amount"]
        return posting.unless_done(ctx, request, Refusal(code, message, clause=clause, **values))
    recalled = kind != "clawback" and row.last_day < ctx.today
    src, dst = ("paid", "clawed") if kind == "clawback" else ("payable", "recalled" if recalled else "available")
    with civil(**values):
        ids = posting.post(ctx, _head(row), [Move(kind, src, dst, amount, redemption_id=redemption_id)], request)
        if recalled:
            returning.to_lines(ctx, ids)
    return Posted(ids[0], row.commitment_id, None, amount)


def _head(row: Any) -> Head:
    return Head(row.commitment_id, row.pilot_id, row.seq, row.chain)
