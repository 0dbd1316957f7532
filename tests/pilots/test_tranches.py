"""The money: half and not a fen more, two departments, two persons, and a bank that says it came."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from marketplace.base.context import Actor
from marketplace.base.errors import Forbidden, Invalid, NotFound, Refusal
from marketplace.base.roles import Role
from marketplace.pilots.programmes import actions, queries
from marketplace.pilots.programmes.events import TrancheReceived
from marketplace.pilots.programmes.models import Pilot, Tranche
from marketplace.pilots.programmes.states import Grade, TrancheState
from tests.support.people import OTHER_CITY, make_actor
from tests.support.pilots import World

AWARD = 9_999_999_99
HALF = AWARD * 5000 // 10_000
"""An odd award: its half is rounded down to the fen."""


@pytest.fixture
def pilot(world: World) -> Pilot:
    return world.approved(award_fen=AWARD)


def propose(world: World, pilot: Pilot, fen: int, actor: Actor | None = None) -> Tranche:
    made: Tranche = world.act(lambda ctx: actions.propose_tranche(ctx, pilot.id, fen), actor or world.industry)
    return made


def release(world: World, tranche: Tranche, actor: Actor | None = None) -> Tranche:
    sent: Tranche = world.act(
        lambda ctx: actions.release_tranche(ctx, tranche.id, "赣财〔2031〕9号"), actor or world.finance_department
    )
    return sent


def receive(world: World, tranche: Tranche, actor: Actor, reference: str = "R1", days: int = 0) -> Tranche:
    day = world.clock.moment.date() + timedelta(days=days)
    got: Tranche = world.act(
        lambda ctx: actions.receive_tranche(ctx, tranche.id, received_on=day, bank_reference=reference), actor
    )
    return got


def refused(world: World, code: str, clause: str | None, verb: Any) -> None:
    """Refused with code and clause; the tranches stay as they were."""
    wanted = select(Tranche.id, Tranche.state, Tranche.amount_fen)
    before = world.act(lambda ctx: {tuple(row) for row in ctx.session.execute(wanted)})
    with pytest.raises(Refusal) as caught:
        verb()
    assert (caught.value.code, caught.value.clause) == (code, clause)
    assert world.act(lambda ctx: {tuple(row) for row in ctx.session.execute(wanted)}) == before


def test_the_first_part_is_half_the_award_to_the_fen(world: World, pilot: Pilot) -> None:
    refused(world, "tranche.exceeds_share", "四(一)", lambda: propose(world, pilot, HALF + 1))
    assert propose(world, pilot, HALF).book_tranche == "first"
    refused(world, "tranche.exceeds_share", "四(一)", lambda: propose(world, pilot, 1))


def test_the_first_part_may_come_in_pieces_but_not_beyond_half(world: World, pilot: Pilot) -> None:
    propose(world, pilot, HALF - 1)
    refused(world, "tranche.exceeds_share", "四(一)", lambda: propose(world, pilot, 2))
    assert propose(world, pilot, 1).number == 2


def after_year_one(world: World) -> None:
    world.clock.advance(days=(world.batch.year1_end - world.clock.moment.date()).days + 1)


def evaluate(world: World, pilot: Pilot, grade: Grade) -> Any:
    return world.act(lambda ctx: actions.evaluate(ctx, pilot.id, grade=grade, comment="见报告"), world.industry)


def test_the_second_part_follows_year_one_and_the_evaluation(world: World, pilot: Pilot) -> None:
    release(world, propose(world, pilot, HALF))
    refused(world, "evaluation.too_early", "四(一)", lambda: evaluate(world, pilot, Grade.GOOD))
    after_year_one(world)
    refused(world, "tranche.evaluation_missing", "四(一)", lambda: propose(world, pilot, AWARD - HALF))
    evaluate(world, pilot, Grade.GOOD)
    refused(world, "tranche.exceeds_share", "四(一)", lambda: propose(world, pilot, AWARD - HALF + 1))
    second = propose(world, pilot, AWARD - HALF)
    assert (second.number, second.book_tranche) == (2, "second")
    refused(world, "evaluation.done", "五(五)", lambda: evaluate(world, pilot, Grade.FAIL))


def test_the_last_day_of_year_one_is_not_after_it(world: World, pilot: Pilot) -> None:
    world.clock.advance(days=(world.batch.year1_end - world.clock.moment.date()).days)
    refused(world, "evaluation.too_early", "四(一)", lambda: evaluate(world, pilot, Grade.GOOD))


def test_a_failed_evaluation_holds_the_second_part_back(world: World, pilot: Pilot) -> None:
    propose(world, pilot, HALF)
    after_year_one(world)
    evaluate(world, pilot, Grade.FAIL)
    refused(world, "tranche.evaluation_missing", "四(一)", lambda: propose(world, pilot, 1))


def test_what_was_proposed_is_checked_again_when_it_is_released(world: World, pilot: Pilot) -> None:
    tranche = propose(world, pilot, HALF)
    world.act(lambda ctx: setattr(ctx.session.get(Pilot, pilot.id), "award_fen", AWARD - 2))
    refused(world, "tranche.exceeds_share", "四(一)", lambda: release(world, tranche))


def test_one_department_proposes_and_the_other_releases(world: World, pilot: Pilot) -> None:
    refused(
        world,
        "department.not_in_charge",
        "五(四)",
        lambda: propose(world, pilot, 1_00, world.finance_department),
    )
    tranche = propose(world, pilot, 1_00)
    refused(world, "department.not_in_charge", "五(四)", lambda: release(world, tranche, world.industry))


def test_a_person_who_sits_in_both_departments_does_not_release_what_she_proposed(world: World, pilot: Pilot) -> None:
    tranche = propose(world, pilot, 1_00)
    both = replace(world.finance_department, person_id=world.industry.person_id)
    refused(world, "person.same", "五(四)", lambda: release(world, tranche, both))


def test_a_release_needs_its_number(world: World, pilot: Pilot) -> None:
    tranche = propose(world, pilot, 1_00)
    with pytest.raises(Invalid):
        world.act(lambda ctx: actions.release_tranche(ctx, tranche.id, " "), world.finance_department)


def test_a_refused_proposal_makes_room_for_another(world: World, pilot: Pilot) -> None:
    tranche = propose(world, pilot, HALF)
    world.act(lambda ctx: actions.refuse_tranche(ctx, tranche.id, "预算调整"), world.finance_department)
    again = propose(world, pilot, HALF)
    assert again.number == 1
    refused(world, "state.not_allowed", None, lambda: release(world, tranche))


def test_arrival_is_announced_with_day_and_reference(world: World, pilot: Pilot, app: Any) -> None:
    tranche = release(world, propose(world, pilot, HALF))
    finance = world.officer(Role.FINANCE, pilot)
    heard: list[TrancheReceived] = []
    app.extensions["house"].subscribe(TrancheReceived, lambda ctx, fact: heard.append(fact))
    try:
        world.clock.advance(days=3)
        receive(world, tranche, finance, "BOC-77", days=-1)
    finally:
        app.extensions["house"].announcements._subscribers[TrancheReceived].pop()
    day = world.clock.moment.date() - timedelta(days=1)
    assert heard == [TrancheReceived(pilot.id, tranche.id, HALF, day, "BOC-77")]
    assert world.act(lambda ctx: queries.received_fen(ctx, pilot.id)) == HALF
    refused(world, "state.not_allowed", None, lambda: receive(world, tranche, finance))


@pytest.mark.parametrize("days", [-1, 1])
def test_money_arrives_between_its_release_and_today(world: World, pilot: Pilot, days: int) -> None:
    tranche = release(world, propose(world, pilot, 1_00))
    finance = world.officer(Role.FINANCE, pilot)
    refused(world, "tranche.wrong_day", "五(四)", lambda: receive(world, tranche, finance, days=days))


def test_one_bank_reference_confirms_one_arrival(world: World, pilot: Pilot) -> None:
    finance = world.officer(Role.FINANCE, pilot)
    receive(world, release(world, propose(world, pilot, 1_00)), finance, "SAME")
    second = release(world, propose(world, pilot, 1_00))
    refused(world, "tranche.reference_used", "五(四)", lambda: receive(world, second, finance, "SAME"))


def test_only_a_finance_officer_of_the_place_confirms_arrival(world: World, pilot: Pilot) -> None:
    tranche = release(world, propose(world, pilot, 1_00))
    for actor in (world.city, world.industry, world.officer(Role.PILOT, pilot)):
        with pytest.raises(Forbidden):
            receive(world, tranche, actor)
    elsewhere = make_actor(world.act, Role.FINANCE, region=OTHER_CITY)[0]
    with pytest.raises(NotFound):
        receive(world, tranche, elsewhere)
    other_pilot = make_actor(world.act, Role.FINANCE, pilot_id=uuid.uuid4())[0]
    with pytest.raises(NotFound):
        receive(world, tranche, other_pilot)
    in_city = make_actor(world.act, Role.FINANCE)[0]
    assert receive(world, tranche, in_city).state is TrancheState.RECEIVED


def test_who_released_does_not_confirm_the_arrival(world: World, pilot: Pilot) -> None:
    tranche = release(world, propose(world, pilot, 1_00))
    both = replace(world.officer(Role.FINANCE, pilot), person_id=world.finance_department.person_id)
    refused(world, "person.same", "五(四)", lambda: receive(world, tranche, both))


def test_nothing_is_proposed_for_a_pilot_that_is_suspended(world: World, pilot: Pilot) -> None:
    tranche = propose(world, pilot, 1_00)
    sent = release(world, propose(world, pilot, 2_00))
    world.act(lambda ctx: actions.suspend(ctx, pilot.id, "评价较差"), world.industry)
    refused(world, "pilot.not_running", "五(四)", lambda: propose(world, pilot, 1_00))
    refused(world, "pilot.not_running", "五(四)", lambda: release(world, tranche))
    assert receive(world, sent, world.officer(Role.FINANCE, pilot)).state is TrancheState.RECEIVED


def test_nothing_is_proposed_before_the_approval(world: World) -> None:
    pilot = world.cleared()
    refused(world, "pilot.not_running", "五(四)", lambda: propose(world, pilot, 1_00))
    assert world.act(lambda ctx: ctx.session.scalar(select(func.count()).select_from(Tranche))) == 0
