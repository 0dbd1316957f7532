"""At the bank: attempts are written before the file leaves, and their outcome is asked of the bank, never guessed."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, update

from marketplace.base.context import Context
from marketplace.base.errors import Refusal
from marketplace.base.ids import new_id
from marketplace.base.text import N_
from vouchers.ledger import posting
from vouchers.ledger.actions import batches
from vouchers.ledger.models.payments import BatchItem, PayoutAttempt
from vouchers.ledger.posting import Head, Move
from vouchers.ledger.refusals import civil
from vouchers.ledger.statements import Statement, insert_many
from vouchers.ledger.states import AttemptState, BatchState, ItemState

_PARTS = Statement(
    "SELECT p.id AS attempt_id, i.id AS item_id, i.claim_id, ci.redemption_id AS part_id, ci.approved,"
    " c.id AS commitment_id, c.pilot_id, c.seq, c.chain FROM payout_attempt p"
    " JOIN batch_item i ON i.id = p.batch_item_id JOIN claim_item ci ON ci.claim_id = i.claim_id AND ci.live"
    " JOIN commitment c ON c.id = ci.commitment_id"
    " WHERE p.id IN :attempt_id AND p.state IN ('sent', 'unknown') ORDER BY c.id, ci.redemption_id",
    lock="FOR UPDATE OF c",
    columns="attempt_id item_id claim_id commitment_id pilot_id chain",
    lists=("attempt_id",),
)
_OUTCOME = (
    "UPDATE payout_attempt SET state = :state, {column} = told.value FROM (SELECT key, value FROM {each}) AS told"
    " WHERE payout_attempt.id = {id} AND payout_attempt.state IN ({sources})"
)
"""The answers are read once and joined: looked up for each attempt, a large batch would read all of them for each."""
_EACH = {
    "postgresql": {"each": "json_each_text(CAST(:told AS json))", "id": "CAST(told.key AS uuid)"},
    "sqlite": {"each": "json_each(:told)", "id": "told.key"},
}
_PAID = Statement("UPDATE batch_item SET state = 'paid' WHERE id IN :item_id", lists=("item_id",))
_CLAIMS_PAID = Statement("UPDATE claim SET state = 'paid' WHERE id IN :claim_id", lists=("claim_id",))


def prepare(ctx: Context, batch_id: uuid.UUID) -> list[PayoutAttempt]:
    """One attempt for each open item that has none alive, each with an end-to-end id for the bank."""
    living = select(PayoutAttempt.batch_item_id).where(PayoutAttempt.state != AttemptState.FAILED)
    found = ctx.session.execute(
        select(BatchItem.id, func.count(PayoutAttempt.id))
        .outerjoin(PayoutAttempt, PayoutAttempt.batch_item_id == BatchItem.id)
        .where(BatchItem.batch_id == batch_id, BatchItem.state == ItemState.OPEN, BatchItem.id.not_in(living))
        .group_by(BatchItem.id)
        .order_by(BatchItem.id)
    ).all()
    attempts = [
        ctx.add(
            PayoutAttempt(
                batch_item_id=item_id,
                attempt_no=tried + 1,
                end_to_end_id=new_id().hex.upper(),
                state=AttemptState.PREPARED,
            )
        )
        for item_id, tried in found
    ]
    with civil():
        ctx.session.flush()
    return attempts


def try_first(ctx: Context, item_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """The first attempt for each of these items, any number of them in one statement. Gives item → attempt."""
    made = {item_id: new_id() for item_id in item_ids}
    rows = [
        {"id": attempt_id, "batch_item_id": item_id, "attempt_no": 1, "end_to_end_id": new_id().hex.upper()}
        for item_id, attempt_id in made.items()
    ]
    with civil():
        insert_many(ctx.session, "payout_attempt", rows, {"created_at": ctx.now})
    return made


def send(ctx: Context, batch_id: uuid.UUID) -> int:
    """The file is about to leave: prepared attempts become sent, the batch too. Gives how many."""
    batch = batches.lock(ctx, batch_id)
    mine = select(BatchItem.id).where(BatchItem.batch_id == batch_id)
    with civil():
        done: Any = ctx.session.execute(
            update(PayoutAttempt)
            .where(PayoutAttempt.batch_item_id.in_(mine), PayoutAttempt.state == AttemptState.PREPARED)
            .values(state=AttemptState.SENT)
            .execution_options(synchronize_session=False)
        )
        if batch.state is BatchState.APPROVED:
            batch.state = BatchState.SENT
        ctx.session.flush()
    ctx.session.expire_all()
    return int(done.rowcount)


def confirm(ctx: Context, told: Mapping[uuid.UUID, str]) -> int:
    """The bank has paid: attempt id → the bank's reference. Settles every part of the claims; gives how many.

    Attempts that are confirmed already are skipped, so the same return file may be read again. Statements do not
    grow with the number of attempts. Refuses `payout.step` for an attempt that was never sent.
    """
    rows = _PARTS.run(ctx.session, attempt_id=list(told)).all() if told else []
    if not rows:
        return 0
    attempts = {row.attempt_id for row in rows}
    entries = _settles(ctx, rows)
    with civil():
        _outcome(ctx, AttemptState.CONFIRMED, {a: told[a] for a in attempts}, "bank_reference")
        posting.write(ctx, entries)
        _PAID.run(ctx.session, item_id=sorted({row.item_id for row in rows}))
        _CLAIMS_PAID.run(ctx.session, claim_id=sorted({row.claim_id for row in rows}))
    ctx.session.expire_all()
    return len(entries)


def _settles(ctx: Context, rows: Sequence[Any]) -> list[dict[str, Any]]:
    heads: dict[uuid.UUID, Head] = {}
    entries, shared = [], posting.who(ctx)
    for row in rows:
        if not row.approved:
            continue
        head = heads.get(row.commitment_id) or Head(row.commitment_id, row.pilot_id, row.seq, row.chain)
        move = Move("settle", "payable", "paid", row.approved, redemption_id=row.part_id, attempt_id=row.attempt_id)
        [entry] = posting.link(shared, head, [move])
        heads[row.commitment_id] = Head(head.commitment_id, head.pilot_id, entry["seq"], entry["hash"])
        entries.append(entry)
    return entries


def fail(ctx: Context, told: Mapping[uuid.UUID, str]) -> None:
    """The bank has refused: attempt id → its reason. Items stay open for another attempt or `batches.fail_items`."""
    with civil():
        _outcome(ctx, AttemptState.FAILED, told, "reason", "'prepared', 'sent', 'unknown'")


def doubt(ctx: Context, told: Mapping[uuid.UUID, str]) -> None:
    """No answer came: attempt id → what is known. Nothing is tried again until the bank has said what happened."""
    with civil():
        _outcome(ctx, AttemptState.UNKNOWN, told, "reason", "'sent'")


def _outcome(
    ctx: Context,
    state: AttemptState,
    told: Mapping[uuid.UUID, str],
    column: str,
    sources: str = "'sent', 'unknown'",
) -> None:
    if not told:
        return
    dialect = ctx.session.get_bind().dialect.name
    sql = _OUTCOME.format(column=column, sources=sources, **_EACH[dialect])
    done: Any = Statement(sql).run(
        ctx.session, state=state.value, told=json.dumps({str(k): v for k, v in told.items()})
    )
    if done.rowcount != len(told):
        raise Refusal("payout.step", N_("付款的当前状态不能办理此操作。"))
    ctx.session.expire_all()
