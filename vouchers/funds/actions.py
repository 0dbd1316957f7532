"""Booking what was awarded and received, and dividing it into lines."""

from __future__ import annotations

import uuid

from marketplace.base.context import Context
from marketplace.pilots.programmes import queries as pilots
from marketplace.pilots.programmes.events import PilotApproved, TrancheReceived
from marketplace.policy.engine.refusal import refuse
from marketplace.policy.engine.room import allot as judge_allotment
from marketplace.policy.engine.room import refused_category
from marketplace.record.audit import actions as audit
from vouchers.funds import permissions, queries
from vouchers.ledger.actions import funds as ledger
from vouchers.ledger.models.funds import BudgetLine, Fund
from vouchers.ledger.states import Share


def book_award(ctx: Context, fact: PilotApproved) -> None:
    """A pilot was approved: open its provincial fund under the book's ceiling and book the award (四(一), 四(二))."""
    kind = pilots.book(ctx, fact.pilot_id).types[pilots.read(ctx, fact.pilot_id).type]
    fund = ledger.open_fund(ctx, fact.pilot_id, queries.GOVERNED, kind.other_ceiling_bps, city=fact.city)
    ledger.book_award(ctx, fund.id, fact.award_fen, key=f"award:{fact.pilot_id}", reference=fact.pilot_id)
    audit.record(ctx, "fund.award_booked", fund, amount_fen=fact.award_fen)


def book_receipt(ctx: Context, fact: TrancheReceived) -> None:
    """A tranche arrived: book the receipt (四(一))."""
    fund = queries.governed(ctx, fact.pilot_id)
    again = queries.corrections(ctx, fund.id, fact.tranche_id)  # an arrival that was taken back is booked a second time
    key = f"receipt:{fact.tranche_id}:{again}" if again else f"receipt:{fact.tranche_id}"
    ledger.book_receipt(ctx, fund.id, fact.amount_fen, key=key, reference=fact.tranche_id)
    audit.record(ctx, "fund.receipt_booked", fund, amount_fen=fact.amount_fen, reference=fact.reference)


def open_line(ctx: Context, pilot_id: uuid.UUID, *, category: str) -> BudgetLine:
    """Open the line of a category for a pilot's governed fund; refuses categories its type does not have (四(二))."""
    fund = _own_fund(ctx, pilot_id)
    ctx.require(permissions.ALLOT, fund)
    pilot = pilots.require_running(ctx, pilot_id)
    book = pilots.book(ctx, pilot_id)
    refuse(refused_category(book, pilot.type, category), field="category")
    bucket = book.types[pilot.type].categories[category].bucket
    first, last = pilots.period(ctx, pilot_id)
    line = ledger.open_line(
        ctx,
        fund.id,
        category=category,
        share=Share(bucket),
        opens_on=first or ctx.today,
        closes_on=last or ctx.today,
    )
    audit.record(ctx, "line.opened", line, category=category)
    return line


def allot(ctx: Context, pilot_id: uuid.UUID, *, category: str, amount_fen: int, key: str) -> BudgetLine:
    """Divide a part of the award to a category, opening its line when needed. `key` names the act, made by the client.

    Refused in words where the engine says that the division breaks the award, the ceiling of the other uses or the
    floor of renovation (四(二)), and by the fund's CHECK in any case. The same key and arguments divide nothing twice.
    """
    fund = _own_fund(ctx, pilot_id)
    ctx.require(permissions.ALLOT, fund)
    pilot = pilots.require_running(ctx, pilot_id)
    book = pilots.book(ctx, pilot_id)
    refuse(refused_category(book, pilot.type, category), field="category")
    queries.lock(ctx, fund.id)
    done_before = queries.booked(ctx, key)
    if not done_before:
        judged = queries.judged_pilot(ctx, pilot_id)
        refuse(judge_allotment(book, judged, queries.allotted(ctx, pilot_id), category, amount_fen), field="amount")
    line = _line_of(ctx, fund, category) or open_line(ctx, pilot_id, category=category)
    ledger.allot(ctx, line.id, amount_fen, key)
    if not done_before:
        audit.record(ctx, "line.allotted", line, category=category, amount_fen=amount_fen)
    return line


def unallot(ctx: Context, line_id: uuid.UUID, *, amount_fen: int, key: str) -> BudgetLine:
    """Take unissued money of a line back into the award, to be divided anew."""
    line = queries.line(ctx, line_id)
    ctx.require(permissions.ALLOT, line)
    queries.lock(ctx, line.fund_id)
    done_before = queries.booked(ctx, key)
    ledger.unallot(ctx, line.id, amount_fen, key)
    if not done_before:
        audit.record(ctx, "line.unallotted", line, amount_fen=amount_fen)
    return line


def _own_fund(ctx: Context, pilot_id: uuid.UUID) -> Fund:
    queries.of_pilot(ctx, pilot_id)
    return queries.governed(ctx, pilot_id)


def _line_of(ctx: Context, fund: Fund, category: str) -> BudgetLine | None:
    return next((s.line for s in queries.by_fund(ctx, fund) if s.line.category == category), None)
