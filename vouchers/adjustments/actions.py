"""The verbs of an adjustment: propose, book or decline, withdraw. Nothing is booked but what two persons agreed on."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

from sqlalchemy import ColumnElement, select

from marketplace.base.context import Context
from marketplace.base.errors import Invalid, Refusal
from marketplace.base.money import Yuan
from marketplace.base.text import N_
from marketplace.pilots.programmes import actions as pilots
from marketplace.record.audit import actions as audit
from marketplace.record.documents import actions as documents
from vouchers.adjustments import permissions, queries, rules
from vouchers.adjustments.events import AdjustmentBooked, AdjustmentDeclined, AdjustmentProposed
from vouchers.adjustments.models import Adjustment
from vouchers.adjustments.states import ADJUSTMENT, AT_BANK, AdjustmentState, Kind
from vouchers.funds import queries as funds
from vouchers.ledger.actions import funds as ledger
from vouchers.ledger.models.funds import Fund

_LIVING = (AdjustmentState.PROPOSED, AdjustmentState.BOOKED)


def propose(
    ctx: Context,
    pilot_id: uuid.UUID,
    *,
    kind: Kind,
    reason: str,
    amount_fen: int | None = None,
    line_id: uuid.UUID | None = None,
    closes_on: date | None = None,
    entry_id: int | None = None,
    happened_on: date | None = None,
    bank_reference: str = "",
    document_id: uuid.UUID | None = None,
) -> Adjustment:
    """A person of finance proposes an adjustment of a pilot's governed money; another one books it.

    Of a line: `line_id` and, to carry it over, `closes_on` (the last day of the new period) and `amount_fen`, all that
    is left where it is not given. At the bank: `amount_fen`, `happened_on` and `bank_reference` from its paper.
    A correction names the `entry_id` it takes back, whole. Refuses at once what booking would refuse.
    """
    funds.of_pilot(ctx, pilot_id)
    fund = funds.governed(ctx, pilot_id)
    ctx.require(permissions.PROPOSE, fund)
    words = rules.check_words(reason=reason)
    made = Adjustment(
        pilot_id=pilot_id,
        city=fund.city,
        fund_id=fund.id,
        kind=kind,
        state=AdjustmentState.PROPOSED,
        proposed_by=ctx.who.person_id,
        bank_reference="",
        answer="",
        **words,
    )
    if kind in AT_BANK:
        _from_paper(ctx, made, amount_fen, happened_on, bank_reference)
    elif kind is Kind.CORRECT:
        _of_entry(ctx, made, entry_id)
    else:
        _of_line(ctx, fund, made, line_id, closes_on, amount_fen)
    if document_id is not None:
        document = documents.get(ctx, document_id)
        documents.open_to(ctx, document, pilot_id=pilot_id, city=fund.city)
        made.document_id = document.id
    _CHECKS[kind](ctx, fund, made)
    ctx.add(made)
    ctx.session.flush()
    audit.record(
        ctx, "adjustment.proposed", made, adjustment=kind.value, amount_fen=made.amount_fen, reason=made.reason
    )
    ctx.announce(AdjustmentProposed(made.id))
    return made


def _from_paper(
    ctx: Context, made: Adjustment, amount_fen: int | None, happened_on: date | None, bank_reference: str
) -> None:
    reference = bank_reference.strip()
    missing: dict[str, list[Any]] = {}
    if amount_fen is None:
        missing["amount"] = [N_("请填写金额。")]
    if happened_on is None:
        missing["happened_on"] = [N_("请填写银行凭证上的日期。")]
    if not 0 < len(reference) <= 100:
        missing["bank_reference"] = [N_("请填写银行凭证的流水号，不超过 100 字。")]
    if missing or amount_fen is None or happened_on is None:
        raise Invalid(missing)
    rules.check_day(happened_on, ctx.today)
    made.amount_fen, made.happened_on, made.bank_reference = amount_fen, happened_on, reference
    _refuse_known(
        ctx,
        "adjustment.reference_used",
        N_("银行流水号 {given} 已在另一事项中登记。"),
        "bank_reference",
        reference,
        Adjustment.fund_id == made.fund_id,
        Adjustment.bank_reference == reference,
        Adjustment.state.in_(_LIVING),
    )


def _of_entry(ctx: Context, made: Adjustment, entry_id: int | None) -> None:
    if entry_id is None:
        raise Invalid({"entry_id": [N_("请选择要更正的账目。")]})
    entry = queries.entry(ctx, made.fund_id, entry_id)
    made.entry_id, made.amount_fen = entry.id, entry.amount
    _refuse_known(
        ctx,
        "fund.corrected",
        N_("这笔账目已经更正过，或正在更正。"),
        "entry_id",
        "",
        Adjustment.entry_id == entry.id,
        Adjustment.state.in_(_LIVING),
    )


def _of_line(
    ctx: Context,
    fund: Fund,
    made: Adjustment,
    line_id: uuid.UUID | None,
    closes_on: date | None,
    amount_fen: int | None,
) -> None:
    if line_id is None:
        raise Invalid({"line_id": [N_("请选择资金用途。")]})
    if made.kind is Kind.CARRY and closes_on is None:
        raise Invalid({"closes_on": [N_("请填写新的截止日期。")]})
    state = queries.line_state(ctx, fund, line_id)
    left = state.available if made.kind is Kind.CLOSE else state.available + state.lapsed
    made.line_id, made.closes_on = line_id, closes_on if made.kind is Kind.CARRY else None
    rules.check_over(state.line.closes_on, ctx.today)
    if not left:
        raise Refusal(
            "adjustment.nothing_left", N_("该用途没有未发放的额度可以收回或结转。"), clause="四(一)", field="line_id"
        )
    made.amount_fen = left if made.kind is Kind.CLOSE or amount_fen is None else amount_fen
    _refuse_known(
        ctx,
        "adjustment.line_waiting",
        N_("该用途已有一项待复核的事项，请先办结。"),
        "line_id",
        "",
        Adjustment.line_id == line_id,
        Adjustment.state == AdjustmentState.PROPOSED,
    )


def _refuse_known(ctx: Context, code: str, message: str, field: str, given: str, *which: ColumnElement[bool]) -> None:
    if ctx.session.scalars(select(Adjustment.id).where(*which).limit(1)).one_or_none() is not None:
        raise Refusal(code, message, field=field, given=given[:40])


def book(ctx: Context, adjustment_id: uuid.UUID) -> Adjustment:
    """Another person of finance books an adjustment: its entries are made, under the fund's lock, after every rule was
    asked anew. What has changed since the proposal is refused, for the first person agreed on another amount.
    """
    made = queries.get(ctx, adjustment_id, lock=True)
    ctx.require(permissions.BOOK, made)
    _refuse_maker(ctx, made)
    ADJUSTMENT.move(SimpleNamespace(state=made.state), "book")  # the row itself once every rule was asked
    funds.lock(ctx, made.fund_id)
    fund = funds.governed(ctx, made.pilot_id)
    _CHECKS[made.kind](ctx, fund, made)
    _decided(ctx, made, "book", "")
    _BOOKS[made.kind](ctx, made, f"adjustment:{made.id}")
    audit.record(ctx, "adjustment.booked", made, adjustment=made.kind.value, amount_fen=made.amount_fen)
    ctx.announce(AdjustmentBooked(made.id, made.pilot_id, made.amount_fen))
    return made


def decline(ctx: Context, adjustment_id: uuid.UUID, *, reason: str) -> Adjustment:
    """Another person does not book an adjustment, and says why."""
    made = queries.get(ctx, adjustment_id, lock=True)
    ctx.require(permissions.BOOK, made)
    _refuse_maker(ctx, made)
    answer = rules.check_words(reason=reason)["reason"]
    _decided(ctx, made, "decline", answer)
    audit.record(ctx, "adjustment.declined", made, reason=answer)
    ctx.announce(AdjustmentDeclined(made.id, answer))
    return made


def withdraw(ctx: Context, adjustment_id: uuid.UUID, *, reason: str) -> Adjustment:
    """The proposing side takes an adjustment back that was not booked."""
    made = queries.get(ctx, adjustment_id, lock=True)
    ctx.require(permissions.PROPOSE, made)
    answer = rules.check_words(reason=reason)["reason"]
    _decided(ctx, made, "withdraw", answer)
    audit.record(ctx, "adjustment.withdrawn", made, reason=answer)
    return made


def _refuse_maker(ctx: Context, made: Adjustment) -> None:
    """One person is not two pairs of eyes, under whatever assignment."""
    if made.proposed_by == ctx.who.person_id:
        raise Refusal("adjustment.same_person", N_("提出与复核不能是同一人。"), clause="四(二)")


def _decided(ctx: Context, made: Adjustment, verb: str, answer: str) -> None:
    ADJUSTMENT.move(made, verb)
    made.decided_by, made.decided_at, made.answer = ctx.who.person_id, ctx.now, answer
    ctx.session.flush()


def _check_line(ctx: Context, fund: Fund, made: Adjustment) -> None:
    """The line is over, and holds what was agreed on."""
    assert made.line_id is not None
    state = queries.line_state(ctx, fund, made.line_id)
    rules.check_over(state.line.closes_on, ctx.today)
    rules.check_amount(made.amount_fen)
    left = state.available if made.kind is Kind.CLOSE else state.available + state.lapsed
    same = made.amount_fen == left if made.kind is Kind.CLOSE else made.amount_fen <= left
    if not same:
        raise Refusal(
            "adjustment.changed",
            N_("该用途现有 {left} 未发放，与提出时的 {asked} 不符，请重新提出。"),
            clause="四(一)",
            field="amount",
            left=Yuan(left),
            asked=Yuan(made.amount_fen),
        )
    if made.closes_on is not None:
        rules.check_new_period(made.closes_on, ctx.today)


def _check_interest(ctx: Context, fund: Fund, made: Adjustment) -> None:
    rules.check_amount(made.amount_fen)


def _check_remit(ctx: Context, fund: Fund, made: Adjustment) -> None:
    rules.check_amount(made.amount_fen)
    left = fund.interest - fund.remitted
    if made.amount_fen > left:
        raise Refusal(
            "fund.interest_exhausted",
            N_("上缴的利息超过已登记的利息：尚未上缴 {interest}，本次 {asked}。"),
            clause="四(二)",
            field="amount",
            interest=Yuan(left),
            asked=Yuan(made.amount_fen),
        )


def _check_return(ctx: Context, fund: Fund, made: Adjustment) -> None:
    rules.check_amount(made.amount_fen)
    found = queries.desk(ctx, made.pilot_id)
    rules.check_spare(made.amount_fen, found.cash, found.owed)


def _check_entry(ctx: Context, fund: Fund, made: Adjustment) -> None:
    assert made.entry_id is not None
    queries.entry(ctx, fund.id, made.entry_id)


_CHECKS: dict[Kind, Callable[[Context, Fund, Adjustment], None]] = {
    Kind.CLOSE: _check_line,
    Kind.CARRY: _check_line,
    Kind.INTEREST: _check_interest,
    Kind.REMIT: _check_remit,
    Kind.RETURN: _check_return,
    Kind.CORRECT: _check_entry,
}


def _close(ctx: Context, made: Adjustment, key: str) -> None:
    assert made.line_id is not None
    ledger.close_line(ctx, made.line_id, key, made.id)


def _carry(ctx: Context, made: Adjustment, key: str) -> None:
    """What the line did not issue lapses first, so that every fen that goes into the new period is an entry."""
    assert made.line_id is not None and made.closes_on is not None
    ledger.close_line(ctx, made.line_id, f"{key}:close", made.id)
    ledger.carry_over(ctx, made.line_id, made.amount_fen, made.closes_on, key, made.id)


def _correct(ctx: Context, made: Adjustment, key: str) -> None:
    """A receipt belongs to a tranche, which waits for its arrival again; else an adjustment of its own is set right."""
    assert made.entry_id is not None
    entry = queries.entry(ctx, made.fund_id, made.entry_id)
    ledger.take_back(ctx, entry.id, key, entry.reference)
    if entry.kind == "receipt" and entry.reference is not None:
        pilots.correct_receipt(ctx, entry.reference)
    elif (before := queries.behind(ctx, entry)) is not None:
        ADJUSTMENT.move(before, "correct")
        ctx.session.flush()


_BOOKS: dict[Kind, Callable[[Context, Adjustment, str], Any]] = {
    Kind.CLOSE: _close,
    Kind.CARRY: _carry,
    Kind.INTEREST: lambda ctx, made, key: ledger.book_interest(ctx, made.fund_id, made.amount_fen, key, made.id),
    Kind.REMIT: lambda ctx, made, key: ledger.remit(ctx, made.fund_id, made.amount_fen, key, made.id),
    Kind.RETURN: lambda ctx, made, key: ledger.book_return(ctx, made.fund_id, made.amount_fen, key, made.id),
    Kind.CORRECT: _correct,
}
