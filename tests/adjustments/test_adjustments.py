"""Year end and corrections: what two persons may book, to the fen and to the day, and what nobody may."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest

from marketplace.base.errors import Forbidden, Invalid, NotFound, Refusal
from marketplace.base.roles import Role
from marketplace.pilots.programmes import actions as pilots
from marketplace.pilots.programmes.models import Tranche
from tests.adjustments.conftest import ALLOTTED, ARRIVED, Office
from tests.support.people import OTHER_CITY, make_actor
from vouchers.adjustments import actions, queries
from vouchers.adjustments.models import Adjustment
from vouchers.adjustments.states import Kind
from vouchers.funds import actions as funds
from vouchers.ledger import verify
from vouchers.ledger.models.funds import BudgetLine, FundEntry


def propose(office: Office, kind: Kind, actor: Any = None, **values: Any) -> Adjustment:
    if kind in (Kind.INTEREST, Kind.REMIT, Kind.RETURN):
        values = {"happened_on": office.today, "bank_reference": uuid.uuid4().hex[:12], **values}
    made: Adjustment = office.act(
        lambda ctx: actions.propose(ctx, office.pilot.id, kind=kind, reason="年终办理", **values),
        actor or office.maker,
    )
    return made


def book(office: Office, made: Adjustment, actor: Any = None) -> Adjustment:
    done: Adjustment = office.act(lambda ctx: actions.book(ctx, made.id), actor or office.checker)
    return done


def refused(code: str, act: Any, clause: str | None = None) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act()
    assert (caught.value.code, caught.value.clause) == (code, clause or caught.value.clause)
    return caught.value


def sound(office: Office) -> bool:
    return bool(office.act(lambda ctx: verify.verify(ctx.session)).sound)


def newest(office: Office, kind: str) -> FundEntry:
    rows = office.act(lambda ctx: list(ctx.session.query(FundEntry).filter_by(kind=kind).order_by(FundEntry.id)))
    found: FundEntry = rows[-1]
    return found


def test_a_line_is_closed_by_two_persons_after_its_last_day(office: Office) -> None:
    refused("adjustment.line_open", lambda: propose(office, Kind.CLOSE, line_id=office.line.id), "四(一)")
    office.year_ends()
    made = propose(office, Kind.CLOSE, line_id=office.line.id)
    assert (made.amount_fen, office.buckets()) == (ALLOTTED, (ALLOTTED, ALLOTTED, 0, 0))
    refused("adjustment.same_person", lambda: book(office, made, office.maker), "四(二)")
    refused(
        "adjustment.line_waiting", lambda: propose(office, Kind.CARRY, line_id=office.line.id, closes_on=office.today)
    )
    assert book(office, made).state.value == "booked"
    assert office.buckets() == (ALLOTTED, 0, 0, ALLOTTED)
    refused("adjustment.nothing_left", lambda: propose(office, Kind.CLOSE, line_id=office.line.id))
    assert sound(office)


def test_carrying_over_closes_and_opens_in_one_act(office: Office) -> None:
    office.year_ends()
    last = date(office.today.year + 1, 12, 31)
    for day in (office.today - timedelta(days=1), last + timedelta(days=1)):
        asked = {"line_id": office.line.id, "closes_on": day, "amount_fen": 1}
        refused("adjustment.new_period", lambda asked=asked: propose(office, Kind.CARRY, **asked), "四(一)")
    whole = {"line_id": office.line.id, "closes_on": last}
    said = refused("adjustment.changed", lambda: propose(office, Kind.CARRY, **whole, amount_fen=ALLOTTED + 1))
    assert said.text.values["left"].fen == ALLOTTED
    made = propose(office, Kind.CARRY, **whole, amount_fen=ALLOTTED - 1)
    book(office, made)
    assert office.buckets() == (ALLOTTED, ALLOTTED - 1, 0, 1)
    assert office.world.see(BudgetLine, office.line.id).closes_on == last
    assert [newest(office, kind).amount for kind in ("close", "carry")] == [ALLOTTED, ALLOTTED - 1]
    assert sound(office)


def test_the_whole_is_carried_where_no_amount_is_named(office: Office) -> None:
    office.year_ends()
    made = propose(office, Kind.CARRY, line_id=office.line.id, closes_on=office.today)
    assert made.amount_fen == ALLOTTED
    book(office, made)
    assert office.buckets() == (ALLOTTED, ALLOTTED, 0, 0)


def test_what_changed_since_the_proposal_is_not_booked(office: Office) -> None:
    office.year_ends()
    made = propose(office, Kind.CLOSE, line_id=office.line.id)
    office.act(lambda ctx: funds.unallot(ctx, office.line.id, amount_fen=100, key="u"), office.maker)
    refused("adjustment.changed", lambda: book(office, made), "四(一)")
    assert office.world.see(Adjustment, made.id).state.value == "proposed"


def test_interest_is_recorded_and_remitted_to_the_fen(office: Office) -> None:
    book(office, propose(office, Kind.INTEREST, amount_fen=1_234))
    said = refused("fund.interest_exhausted", lambda: propose(office, Kind.REMIT, amount_fen=1_235), "四(二)")
    assert {n: v.fen for n, v in said.text.values.items()} == {"interest": 1_234, "asked": 1_235}
    first, second = (propose(office, Kind.REMIT, amount_fen=fen) for fen in (1_234, 1))
    book(office, first)
    refused("fund.interest_exhausted", lambda: book(office, second), "四(二)")
    fund = office.fund()
    assert (fund.interest, fund.remitted, fund.received) == (1_234, 1_234, ARRIVED)
    assert sound(office)


def test_only_money_that_nobody_was_promised_goes_back(office: Office) -> None:
    said = refused("adjustment.promised", lambda: propose(office, Kind.RETURN, amount_fen=ARRIVED + 1), "四(一)")
    assert {n: v.fen for n, v in said.text.values.items()} == {
        "cash": ARRIVED, "owed": 0, "spare": ARRIVED, "asked": ARRIVED + 1,
    }  # fmt: skip
    made = propose(office, Kind.RETURN, amount_fen=ARRIVED)
    late = propose(office, Kind.RETURN, amount_fen=1)
    book(office, made)
    refused("adjustment.promised", lambda: book(office, late), "四(一)")
    assert office.fund().returned == ARRIVED
    assert sound(office)


def test_a_number_of_the_bank_is_recorded_once_until_it_is_corrected(office: Office) -> None:
    wrong = propose(office, Kind.INTEREST, amount_fen=18_520_00, bank_reference="LX-1")
    refused(
        "adjustment.reference_used",
        lambda: propose(office, Kind.INTEREST, amount_fen=1, bank_reference=" LX-1 "),
    )
    book(office, wrong)
    entry = newest(office, "interest")
    undo = propose(office, Kind.CORRECT, entry_id=entry.id)
    assert undo.amount_fen == 18_520_00
    refused("fund.corrected", lambda: propose(office, Kind.CORRECT, entry_id=entry.id))
    book(office, undo)
    assert office.world.see(Adjustment, wrong.id).state.value == "corrected"
    book(office, propose(office, Kind.INTEREST, amount_fen=15_820_00, bank_reference="LX-1"))
    assert office.fund().interest == 15_820_00
    refused("fund.corrected", lambda: book(office, propose(office, Kind.CORRECT, entry_id=entry.id)))
    assert sound(office)


def test_an_arrival_that_is_taken_back_waits_to_be_seen_again(office: Office) -> None:
    undo = propose(office, Kind.CORRECT, entry_id=newest(office, "receipt").id)
    assert undo.amount_fen == ARRIVED
    book(office, undo)
    tranche = office.world.see(Tranche, office.tranche.id)
    assert (tranche.state.value, tranche.received_on, tranche.bank_reference) == ("released", None, None)
    assert office.fund().received == 0
    office.act(
        lambda ctx: pilots.receive_tranche(ctx, tranche.id, received_on=ctx.today, bank_reference="BOC-1"),
        office.checker,
    )
    assert office.fund().received == ARRIVED
    assert sound(office)


def test_what_cannot_be_taken_back(office: Office) -> None:
    for kind in ("award", "allot"):
        entry = newest(office, kind)
        with pytest.raises(NotFound):
            propose(office, Kind.CORRECT, entry_id=entry.id)
    with pytest.raises(NotFound):
        propose(office, Kind.CORRECT, entry_id=10**12)
    spent = propose(office, Kind.RETURN, amount_fen=ARRIVED)
    undo = propose(office, Kind.CORRECT, entry_id=newest(office, "receipt").id)
    book(office, spent)
    refused("fund.not_received", lambda: book(office, undo), "四(一)")
    assert office.world.see(Adjustment, undo.id).state.value == "proposed"


def test_a_no_has_its_reason_and_books_nothing(office: Office) -> None:
    made = propose(office, Kind.INTEREST, amount_fen=10)
    with pytest.raises(Invalid):
        office.act(lambda ctx: actions.decline(ctx, made.id, reason="  "), office.checker)
    refused(
        "adjustment.same_person",
        lambda: office.act(lambda ctx: actions.decline(ctx, made.id, reason="x"), office.maker),
    )
    office.act(lambda ctx: actions.decline(ctx, made.id, reason="凭证不清"), office.checker)
    with pytest.raises(Refusal):
        book(office, made)
    other = propose(office, Kind.INTEREST, amount_fen=10)
    office.act(lambda ctx: actions.withdraw(ctx, other.id, reason="重复"), office.maker)
    with pytest.raises(Refusal):
        book(office, other)
    assert office.fund().interest == 0


def test_what_is_missing_on_the_paper_is_named_field_by_field(office: Office) -> None:
    with pytest.raises(Invalid) as caught:
        office.act(lambda ctx: actions.propose(ctx, office.pilot.id, kind=Kind.INTEREST, reason="x"), office.maker)
    assert set(caught.value.errors) == {"amount", "happened_on", "bank_reference"}
    tomorrow = office.today + timedelta(days=1)
    refused("adjustment.future_day", lambda: propose(office, Kind.INTEREST, amount_fen=1, happened_on=tomorrow))
    for fen in (0, -1, 10**19):
        with pytest.raises((Invalid, Refusal)):
            propose(office, Kind.INTEREST, amount_fen=fen)


def test_strangers_find_nothing(office: Office) -> None:
    made = propose(office, Kind.INTEREST, amount_fen=10)
    elsewhere = make_actor(office.world.act, Role.FINANCE, region=OTHER_CITY)[0]
    with pytest.raises(NotFound):
        book(office, made, elsewhere)
    with pytest.raises(NotFound):
        propose(office, Kind.INTEREST, elsewhere, amount_fen=10)
    pilot = office.world.officer(Role.PILOT, office.pilot)
    with pytest.raises(Forbidden):
        propose(office, Kind.INTEREST, pilot, amount_fen=10)
    assert office.act(lambda ctx: queries.get(ctx, made.id), pilot).id == made.id
    with pytest.raises(Forbidden):
        book(office, made, pilot)
