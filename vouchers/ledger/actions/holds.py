"""A voucher and an order: set aside, hand over in parts, give back."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

from marketplace.base.context import Context
from marketplace.base.errors import NotFound, Refusal
from marketplace.base.ids import new_id
from marketplace.base.money import Yuan
from marketplace.base.text import N_
from vouchers.ledger import posting, returning
from vouchers.ledger.posting import BY_KEY, REPLAY, REPLAY_COLUMNS, Asked, Head, Move, Posted
from vouchers.ledger.refusals import ANSWERS, civil
from vouchers.ledger.statements import Statement

_COMMITMENT = Statement(
    f"SELECT c.id AS commitment_id, c.kind, c.pilot_id, c.seq, c.chain, c.available, c.last_day, c.frozen, {REPLAY}"  # noqa: S608
    f" FROM commitment c {BY_KEY} WHERE c.id = :commitment_id",
    lock="FOR UPDATE OF c",
    columns=f"commitment_id pilot_id chain last_day frozen {REPLAY_COLUMNS}",
)
_HOLD = Statement(
    "SELECT h.id AS hold_id, h.amount - h.posted - h.released AS rest, h.state, h.provider_id, h.order_id,"  # noqa: S608
    " h.last_day AS hold_last_day, c.id AS commitment_id, c.pilot_id, c.seq, c.chain, c.last_day, c.frozen,"
    f" {REPLAY} FROM hold h JOIN commitment c ON c.id = h.commitment_id {BY_KEY} WHERE h.id = :hold_id",
    lock="FOR UPDATE OF c, h",
    columns="hold_id provider_id order_id hold_last_day commitment_id pilot_id chain last_day frozen " + REPLAY_COLUMNS,
)
_NEW_HOLD = Statement(
    "INSERT INTO hold (id, commitment_id, order_id, provider_id, amount, last_day, replaces)"
    " VALUES (:id, :commitment_id, :order_id, :provider_id, :amount, :last_day, :replaces)"
)


def reserve(
    ctx: Context,
    commitment_id: uuid.UUID,
    order_id: uuid.UUID,
    provider_id: uuid.UUID,
    amount: int,
    last_day: date,
    key: str,
    *,
    before: Callable[[], object] | None = None,
) -> Posted:
    """Set `amount` fen of a voucher aside for one order with one provider; parts may be redeemed until `last_day`.

    `before` is asked under the voucher's lock, before anything is written, and may refuse; not on a replay.
    Gives `hold_id` in the answer. The same key and arguments do nothing and answer the same (`replayed`).
    Refuses `voucher.expired`, `voucher.frozen`, `voucher.too_little`, `hold.exists`, `hold.too_late`.
    """
    request = posting.asked(
        ctx, key, "reserve", commitment_id, order_id, provider_id, posting.positive(amount), last_day
    )
    row = _COMMITMENT.run(ctx.session, commitment_id=commitment_id, scope=request.scope, key=request.key).one_or_none()
    if row is None:
        raise NotFound("voucher")
    done = posting.replayed(row, request)
    if done is not None:
        return done
    refusal = _why_not_reserve(ctx, row, amount)
    if refusal is not None:
        return posting.unless_done(ctx, request, refusal)
    if before is not None:
        before()
    return _hold(ctx, row, order_id, provider_id, amount, last_day, request)


def _why_not_reserve(ctx: Context, row: Any, amount: int) -> Refusal | None:
    if row.kind != "voucher":
        return Refusal("voucher.not_one", N_("直接支出合同不需要预留。"))
    if row.frozen:
        return Refusal("voucher.frozen", N_("服务券已冻结，暂不能使用。"))
    if row.last_day < ctx.today:
        return Refusal("voucher.expired", N_("服务券已于 {last_day} 到期，不能再用于新订单。"), last_day=row.last_day)
    if amount > row.available:
        code, message, clause = ANSWERS["commitment_face_conserved"]
        return Refusal(code, message, clause=clause, available=Yuan(row.available), asked=Yuan(amount))
    return None


def _hold(
    ctx: Context,
    row: Any,
    order_id: uuid.UUID,
    provider_id: uuid.UUID,
    amount: int,
    last_day: date,
    request: Asked,
) -> Posted:
    hold_id = new_id()
    with civil(available=Yuan(row.available), asked=Yuan(amount)):
        _NEW_HOLD.run(
            ctx.session,
            id=hold_id,
            commitment_id=row.commitment_id,
            order_id=order_id,
            provider_id=provider_id,
            amount=amount,
            last_day=last_day,
            replaces=None,
        )
        move = Move("reserve", "available", "reserved", amount, hold_id=hold_id, provider_id=provider_id)
        [entry_id] = posting.post(ctx, _head(row), [move], request)
    return Posted(entry_id, row.commitment_id, hold_id, amount)


def redeem(ctx: Context, hold_id: uuid.UUID, amount: int, key: str, *, release_rest: bool = False) -> Posted:
    """Post `amount` fen of a hold: a part was delivered and the enterprise has confirmed it.

    `entry_id` in the answer is the id of the redemption. With `release_rest` what is left of the hold returns to the
    voucher in the same statement. A hold may be posted until its own last day, even when the voucher has expired.
    Refuses `hold.not_open`, `hold.expired`, `hold.too_little`, `voucher.frozen`.
    """
    request = posting.asked(ctx, key, "redeem", hold_id, posting.positive(amount), release_rest)
    row = _lock(ctx, hold_id, request)
    done = posting.replayed(row, request)
    if done is not None:
        return done
    refusal = _why_not_redeem(ctx, row, amount)
    if refusal is not None:
        return posting.unless_done(ctx, request, refusal)
    moves = [Move("redeem", "reserved", "payable", amount, hold_id=hold_id, provider_id=row.provider_id)]
    lapses = False
    if release_rest and row.rest > amount:
        rest, lapses = _giving_back(ctx, row, row.rest - amount)
        moves.append(rest)
    with civil(available=Yuan(row.rest), asked=Yuan(amount)):
        ids = posting.post(ctx, _head(row), moves, request)
        if lapses:
            returning.to_lines(ctx, ids[1:])
    return Posted(ids[0], row.commitment_id, hold_id, amount)


def _why_not_redeem(ctx: Context, row: Any, amount: int) -> Refusal | None:
    if row.state != "pending":
        code, message, clause = ANSWERS["hold not open for this"]
        return Refusal(code, message, clause=clause)
    if row.frozen:
        return Refusal("voucher.frozen", N_("服务券已冻结，暂不能使用。"))
    if row.hold_last_day < ctx.today:
        return Refusal("hold.expired", N_("预留已于 {last_day} 到期，不能再核销。"), last_day=row.hold_last_day)
    if amount > row.rest:
        code, message, clause = ANSWERS["hold_parts_within_amount"]
        return Refusal(code, message, clause=clause, available=Yuan(row.rest), asked=Yuan(amount))
    return None


def release(ctx: Context, hold_id: uuid.UUID, key: str, amount: int | None = None) -> Posted:
    """Give `amount` fen of a hold (all that is left, by default) back to the voucher.

    When the voucher's last day is over the money goes back to its budget line instead. Refuses `hold.not_open`.
    """
    request = posting.asked(ctx, key, "release", hold_id, amount)
    row = _lock(ctx, hold_id, request)
    done = posting.replayed(row, request)
    if done is not None:
        return done
    wanted = row.rest if amount is None else posting.positive(amount)
    if row.state != "pending" or wanted > row.rest:
        name = "hold not open for this" if row.state != "pending" else "hold_parts_within_amount"
        code, message, clause = ANSWERS[name]
        facts: dict[str, Any] = {} if row.state != "pending" else {"available": Yuan(row.rest), "asked": Yuan(wanted)}
        return posting.unless_done(ctx, request, Refusal(code, message, clause=clause, **facts))
    move, lapses = _giving_back(ctx, row, wanted)
    with civil(available=Yuan(row.rest), asked=Yuan(wanted)):
        ids = posting.post(ctx, _head(row), [move], request)
        if lapses:
            returning.to_lines(ctx, ids)
    return Posted(ids[0], row.commitment_id, hold_id, wanted)


def transfer(
    ctx: Context, hold_id: uuid.UUID, order_id: uuid.UUID, provider_id: uuid.UUID, last_day: date, key: str
) -> Posted:
    """Move what is left of a hold to another provider, when the first one failed; also after the voucher's last day.

    Answers with the new `hold_id`. Refuses `hold.not_open`, `voucher.frozen`, `hold.too_late`, `hold.exists`.
    """
    request = posting.asked(ctx, key, "transfer", hold_id, order_id, provider_id, last_day)
    row = _lock(ctx, hold_id, request)
    if row.replay_entry_id is not None:
        done = posting.replayed(row, request)
        assert done is not None
        return done
    if row.state != "pending" or row.frozen:
        code, message, clause = ANSWERS["hold not open for this"]
        return posting.unless_done(ctx, request, Refusal(code, message, clause=clause))
    made = new_id()
    moves = [
        Move("release", "reserved", "available", row.rest, hold_id=hold_id),
        Move("reserve", "available", "reserved", row.rest, hold_id=made, provider_id=provider_id),
    ]
    shared = posting.who(ctx)
    rows = posting.link(shared, _head(row), moves)
    rows[1] |= request.columns
    rows[1]["hash"] = posting.chain.link(rows[1] | shared, rows[1]["prev_hash"])
    with civil(available=Yuan(row.rest), asked=Yuan(row.rest)):
        posting.write(ctx, rows[:1])
        _NEW_HOLD.run(
            ctx.session,
            id=made,
            commitment_id=row.commitment_id,
            order_id=order_id,
            provider_id=provider_id,
            amount=row.rest,
            last_day=last_day,
            replaces=hold_id,
        )
        [entry_id] = posting.write(ctx, rows[1:])
    return Posted(entry_id, row.commitment_id, made, row.rest)


def _lock(ctx: Context, hold_id: uuid.UUID, request: Asked) -> Any:
    row = _HOLD.run(ctx.session, hold_id=hold_id, scope=request.scope, key=request.key).one_or_none()
    if row is None:
        raise NotFound("hold")
    return row


def _giving_back(ctx: Context, row: Any, amount: int) -> tuple[Move, bool]:
    """The movement that ends a hold, and whether the money leaves the voucher with it."""
    if row.last_day < ctx.today:
        return Move("lapse", "reserved", "recalled", amount, hold_id=row.hold_id), True
    return Move("release", "reserved", "available", amount, hold_id=row.hold_id), False


def _head(row: Any) -> Head:
    return Head(row.commitment_id, row.pilot_id, row.seq, row.chain)
