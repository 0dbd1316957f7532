"""Putting approved claims together, and another person releasing them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import select

from marketplace.base.context import Context
from marketplace.base.errors import Invalid, NotFound, Refusal
from marketplace.base.ids import random_number
from marketplace.base.states import Label
from marketplace.base.text import N_
from marketplace.policy.findings import actions as findings
from marketplace.policy.findings.detectors import Suspicion
from marketplace.policy.findings.states import Severity
from marketplace.policy.sanctions import queries as sanctions
from marketplace.policy.sanctions.states import Subject
from marketplace.record.audit import actions as audit
from marketplace.record.notices import outbox
from vouchers.claims import queries as claims
from vouchers.claims.events import ClaimOverturned
from vouchers.claims.queries import Filed
from vouchers.claims.states import CLAIM
from vouchers.claims.verdicts import Status
from vouchers.funds import gate
from vouchers.funds import queries as funds
from vouchers.ledger.actions import batches, payouts
from vouchers.ledger.actions.batches import Payee
from vouchers.ledger.models.payments import BatchItem, PaymentBatch
from vouchers.ledger.states import BatchState, ClaimState, ItemState
from vouchers.settlement import late, messages, permissions, queries, tiers
from vouchers.settlement.events import BatchApproved, BatchMade, BatchReleased
from vouchers.settlement.models import LatePayment
from vouchers.settlement.states import BATCH

MAX_CLAIMS = 500
"""Claims in one batch: what a person can still look through."""
TOPIC = "settlement.payment_file"


def make(ctx: Context, fund_id: uuid.UUID, claim_ids: Sequence[uuid.UUID]) -> PaymentBatch:
    """A finance officer puts approved claims of one fund together; each payee's account of today is pinned.

    Refuses a claim of another fund (`settlement.other_fund`), one that is not approved (`settlement.not_approved`) or
    stands in a batch already, one whose papers no longer match, and a payee whose account may not be paid now.
    """
    fund = queries.fund(ctx, fund_id)
    ctx.require(permissions.MAKE, fund)
    payees = _payees(ctx, fund_id, claim_ids)
    batch = batches.open_batch(ctx, fund_id, "B" + random_number(9))
    batches.add(ctx, batch.id, payees)
    ctx.session.refresh(batch)
    audit.record(
        ctx, "batch.made", batch, number=batch.number, total_fen=batch.total, claims=[p.claim_id for p in payees]
    )
    ctx.announce(BatchMade(batch.id, len(payees), batch.total))
    return batch


def _payees(ctx: Context, fund_id: uuid.UUID, claim_ids: Sequence[uuid.UUID]) -> list[Payee]:
    """The claims that may be paid out of a fund now, each with the account that is pinned for it."""
    wanted = list(dict.fromkeys(claim_ids))
    if not wanted or len(wanted) != len(claim_ids) or len(wanted) > MAX_CLAIMS:
        raise Invalid({"claims": [N_("请选择一份或多份兑付申请，每份一次，最多 500 份。")]})
    found = claims.many(ctx, wanted)
    if set(found) != set(wanted):
        raise NotFound("claim")
    claims.lock_money(ctx, wanted)
    for filed in found.values():
        _check(filed, fund_id)
    _refuse_fallen(ctx, found)
    accounts = queries.accounts(ctx, {filed.form.payee_id for filed in found.values()})
    _warn_of_bans(ctx, found)
    return [
        Payee(claim_id, accounts[filed.form.payee_id].id, queries.pinned(accounts[filed.form.payee_id]))
        for claim_id, filed in found.items()
    ]


def _check(filed: Filed, fund_id: uuid.UUID) -> None:
    if filed.claim.fund_id != fund_id:
        raise Refusal(
            "settlement.other_fund",
            N_("兑付申请 {number} 属于另一笔资金，不能列入本批次。"),
            clause="四(二)",
            field="claims",
            number=filed.form.number,
        )
    if filed.claim.state is not ClaimState.APPROVED:
        raise Refusal(
            "settlement.not_approved",
            N_("兑付申请 {number} 的状态为“{state}”，审定后才能付款。"),
            clause="四(二)",
            field="claims",
            number=filed.form.number,
            state=Label(CLAIM.labels[filed.claim.state]),
        )


def _refuse_fallen(ctx: Context, found: dict[uuid.UUID, Filed]) -> None:
    """An invoice may be held, an order disputed after the approval: compared anew before money leaves."""
    for claim_id, checks in claims.standing(ctx, list(found), paying=True).items():
        for check in checks:
            if check.status is Status.FAIL:
                raise Refusal(
                    check.code,
                    N_("兑付申请 {number}：{what}"),
                    clause=check.clause,
                    field="claims",
                    number=found[claim_id].form.number,
                    what=check.text,
                )


def _warn_of_bans(ctx: Context, found: dict[uuid.UUID, Filed]) -> None:
    """Finished work of a banned payee is paid, but never without a case for the city."""
    bans = sanctions.active_among(
        ctx, Subject.ORGANISATION, {filed.form.payee_id for filed in found.values()}, ctx.today
    )
    for filed in found.values():
        ban = bans.get(str(filed.form.payee_id))
        if ban is not None:
            findings.open(
                ctx,
                detector="claim.payee_banned",
                clause=ban.clause,
                severity=Severity.WARN,
                suspicion=Suspicion(
                    subject_kind="claim",
                    subject_id=str(filed.id),
                    city=filed.form.city,
                    pilot_id=filed.form.pilot_id,
                    template=N_("收款单位在禁入期内（至 {until}），已完成的工作仍可兑付，请复核。"),
                    evidence={"until": ban.until_day.isoformat()},
                    url=f"/claims/{filed.id}",
                ),
            )


def add(ctx: Context, batch_id: uuid.UUID, claim_ids: Sequence[uuid.UUID]) -> PaymentBatch:
    """The maker puts further claims into a draft; the same rules as `make`."""
    batch = _draft(ctx, batch_id)
    payees = _payees(ctx, batch.fund_id, claim_ids)
    batches.add(ctx, batch_id, payees)
    tiers.void(ctx, batch_id)
    audit.record(ctx, "batch.extended", batch, claims=[p.claim_id for p in payees])
    return queries.get(ctx, batch_id)


def take_out(ctx: Context, item_id: uuid.UUID) -> PaymentBatch:
    """The maker takes a claim out of a draft; it may go into another batch."""
    item = queries.item(ctx, item_id)
    batch = _draft(ctx, item.batch_id)
    claim_id = item.claim_id
    if item.state is not ItemState.OPEN:
        raise NotFound("batch_item")
    batches.take_out(ctx, item_id)
    tiers.void(ctx, batch.id)
    audit.record(ctx, "batch.shortened", batch, claim_id=claim_id)
    return queries.get(ctx, batch.id)


def let_go(ctx: Context, fact: ClaimOverturned) -> None:
    """A claim ends by a ruling: the draft that holds it shrinks by it, whoever made that draft."""
    item = ctx.session.scalars(
        select(BatchItem).where(BatchItem.claim_id == fact.claim_id, BatchItem.state == ItemState.OPEN)
    ).one_or_none()
    if item is None:
        return
    batch_id = item.batch_id
    batches.take_out(ctx, item.id)
    tiers.void(ctx, batch_id)
    audit.record(ctx, "batch.shortened", ("payment_batch", batch_id), claim_id=fact.claim_id, reason=fact.reason)
    messages.shortened(ctx, batch_id, fact)


def cancel(ctx: Context, batch_id: uuid.UUID) -> PaymentBatch:
    """Give a draft up; its claims are free again. Also for the one who would have checked it."""
    queries.get(ctx, batch_id)
    batch = batches.lock(ctx, batch_id)
    ctx.require(permissions.MAKE, batch)
    _require_draft(batch)
    if batch.maker_id == ctx.who.person_id and late.of_batch(ctx, batch_id) is not None:
        raise Refusal(
            "settlement.same_person",
            N_("批次 {number} 由您本人制单，须由另一人复核。"),
            clause="四(二)",
            number=batch.number,
        )
    batches.cancel(ctx, batch_id)
    audit.record(ctx, "batch.cancelled", batch)
    return queries.get(ctx, batch_id)


def _draft(ctx: Context, batch_id: uuid.UUID) -> PaymentBatch:
    """A draft under its lock, for its maker alone: whoever puts claims in may not check them."""
    queries.get(ctx, batch_id)
    batch = batches.lock(ctx, batch_id)
    ctx.require(permissions.MAKE, batch)
    if batch.maker_id != ctx.who.person_id:
        raise Refusal("settlement.not_maker", N_("只有制单人可以修改批次 {number}。"), number=batch.number)
    _require_draft(batch)
    if late.of_batch(ctx, batch_id) is not None:
        raise Refusal(
            "settlement.late", N_("批次 {number} 只登记银行已付的一笔，不能加入或移出申请。"), number=batch.number
        )
    return batch


def _require_draft(batch: PaymentBatch) -> None:
    if batch.state is not BatchState.DRAFT:
        BATCH.move(batch, "approve")


def approve(ctx: Context, batch_id: uuid.UUID, *, reason: str = "") -> PaymentBatch:
    """A second person releases a batch: its total leaves the fund, each payment gets its end-to-end id.

    Persons are compared, not assignments (`settlement.same_person`). Refuses when an account is no longer the pinned
    one (`settlement.account_changed`: the batch is made again), when a claim no longer stands, and when more would be
    paid than has arrived (`paid.total`, 四(一)). Where the engine warns of what the payment does to the shares, it
    takes a `reason`. A batch above an amount of the city's tiers stays a draft until as many persons as it asks for
    have released it, each other than the rest. The payment file follows through the outbox.
    """
    ctx.require(permissions.APPROVE, queries.get(ctx, batch_id))
    fund_id = queries.get(ctx, batch_id).fund_id
    seen = {line.item.claim_id for line in _open_lines(ctx, batch_id)}
    claims.lock_money(ctx, seen)
    funds.lock(ctx, fund_id)
    batch = batches.lock(ctx, batch_id)
    if batch.maker_id == ctx.who.person_id:
        raise Refusal(
            "settlement.same_person",
            N_("批次 {number} 由您本人制单，须由另一人复核。"),
            clause="四(二)",
            number=batch.number,
        )
    _require_draft(batch)
    paid = late.of_batch(ctx, batch_id)
    if paid is not None:
        return _book_late(ctx, batch, paid)
    held = _open_lines(ctx, batch_id)
    if {line.item.claim_id for line in held} != seen:
        raise Refusal("settlement.changed", N_("批次 {number} 刚刚被修改，请刷新后重新核对。"), number=batch.number)
    found = claims.many(ctx, [line.item.claim_id for line in held])
    _refuse_fallen(ctx, found)
    _refuse_changed_accounts(ctx, held)
    _warn_of_bans(ctx, found)
    answer = gate.ask(ctx, batch.pilot_id, gate.Act.PAYMENT, gate.of_batch(ctx, batch_id), reason=reason)
    if not tiers.release(ctx, batch):
        audit.record(ctx, "batch.released", batch, number=batch.number, total_fen=batch.total, **answer.kept)
        ctx.announce(BatchReleased(batch_id, batch.total))
        return batch
    batches.approve(ctx, batch_id, f"batch:{batch_id}:pay")
    payouts.prepare(ctx, batch_id)
    outbox.send(ctx, TOPIC, {"batch_id": str(batch_id)})
    batch = queries.get(ctx, batch_id)
    facts = {"number": batch.number, "total_fen": batch.total, "maker_id": batch.maker_id}
    audit.record(ctx, "batch.approved", batch, **facts, **answer.kept)
    ctx.announce(BatchApproved(batch_id, batch.total))
    return batch


def _book_late(ctx: Context, batch: PaymentBatch, paid: LatePayment) -> PaymentBatch:
    """Nothing leaves: the bank has paid already, and the books follow."""
    facts = {"number": batch.number, "total_fen": batch.total, "maker_id": batch.maker_id}
    late.book(ctx, batch, paid)
    batch = queries.get(ctx, batch.id)
    audit.record(ctx, "batch.late_booked", batch, **facts, reference=paid.bank_reference)
    return batch


def _open_lines(ctx: Context, batch_id: uuid.UUID) -> list[queries.Line]:
    return [line for line in queries.lines(ctx, batch_id) if line.item.state is ItemState.OPEN]


def _refuse_changed_accounts(ctx: Context, held: Sequence[queries.Line]) -> None:
    """What was pinned must be what may be paid now: the same account, with the same holder, bank and number."""
    accounts = queries.accounts(ctx, {line.form.payee_id for line in held})
    for line in held:
        account = accounts[line.form.payee_id]
        if account.id != line.item.account_id or queries.pinned(account) != line.item.account:
            raise Refusal(
                "settlement.account_changed",
                N_("{payee} 的收款账户在制单后已变更（兑付申请 {number}），请移出后重新制单。"),
                clause="四(二)",
                payee=line.payee,
                number=line.form.number,
            )
