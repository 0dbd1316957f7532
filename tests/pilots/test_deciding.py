"""From the review to the approval: states, departments, the public notice, and the cap to the fen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from marketplace.base.context import Actor, Context
from marketplace.base.errors import Forbidden, NotFound, Refusal
from marketplace.base.roles import Role
from marketplace.people.regions import actions as regions
from marketplace.pilots.programmes import actions, queries
from marketplace.pilots.programmes.events import PilotApproved
from marketplace.pilots.programmes.models import Pilot
from marketplace.pilots.programmes.states import PILOT, PilotState
from marketplace.procedure.publicity import actions as publicity
from tests.support.people import COUNTY, OTHER_CITY, ZONE, make_actor, make_person, newcomer
from tests.support.pilots import World

SECOND_COUNTY = "360982"


def refused(
    world: World, pilot_id: Any, verb: Callable[[Context], Any], actor: Actor | None, code: str, clause: str | None
) -> None:
    """The act is refused with code and clause, and the pilot is what it was."""
    before = world.see(Pilot, pilot_id)
    with pytest.raises(Refusal) as caught:
        world.act(verb, actor)
    assert (caught.value.code, caught.value.clause) == (code, clause)
    after = world.see(Pilot, pilot_id)
    assert (after.state, after.award_fen) == (before.state, before.award_fen)


def approve(pilot: Pilot, fen: int) -> Callable[[Context], Any]:
    return lambda ctx: actions.approve(ctx, pilot.id, fen)


@pytest.mark.parametrize(
    ("kind", "changes", "cap"),
    [
        ("zone", {"region": ZONE, "klass": "national_zone"}, 10_000_000_00),
        ("zone", {"region": "Z36090003", "klass": "provincial_zone"}, 8_000_000_00),
        ("county", {"klass": "county_1"}, 10_000_000_00),
        ("county", {"klass": "county_2", "place": "2"}, 10_000_000_00),
        ("county", {"klass": "county_3", "place": "3"}, 8_000_000_00),
    ],
)
def test_the_award_stays_within_the_cap_of_its_class(
    world: World, kind: str, changes: dict[str, Any], cap: int
) -> None:
    value = changes.pop("place", None)
    if value:
        world.act(lambda ctx: regions.classify(ctx, COUNTY, 2031, value, "考核通报"), world.industry)
    pilot = world.cleared(kind, **changes)
    refused(world, pilot.id, approve(pilot, cap + 1), world.industry, "award.above_cap", "四(一)")
    refused(world, pilot.id, approve(pilot, 0), world.industry, "award.not_positive", "四(一)")
    world.act(approve(pilot, cap), world.industry)
    assert world.see(Pilot, pilot.id).award_fen == cap


def test_an_approval_is_announced_with_award_and_edition(world: World, app: Any) -> None:
    pilot = world.cleared()
    heard: list[PilotApproved] = []
    app.extensions["house"].subscribe(PilotApproved, lambda ctx, fact: heard.append(fact))
    try:
        world.act(approve(pilot, 9_000_000_00), world.industry)
    finally:
        app.extensions["house"].announcements._subscribers[PilotApproved].pop()
    day = world.clock.moment.date()
    assert heard == [PilotApproved(pilot.id, pilot.city, world.edition.id, 9_000_000_00, day)]


def test_only_a_cleared_notice_leads_to_the_approval(world: World) -> None:
    pilot = world.nominate()
    refused(world, pilot.id, approve(pilot, 1_00), world.industry, "state.not_allowed", None)
    world.act(lambda ctx: actions.review(ctx, pilot.id, passed=True, note="同意"), world.industry)
    refused(world, pilot.id, approve(pilot, 1_00), world.industry, "state.not_allowed", None)
    notice = world.act(lambda ctx: actions.publish_shortlist(ctx, world.batch.id), world.industry)
    assert (notice.working_days, notice.clause) == (5, "五(三)")
    refused(world, pilot.id, approve(pilot, 1_00), world.industry, "state.not_allowed", None)
    world.clock.advance(days=(notice.ends_on - notice.starts_on).days)
    with pytest.raises(Refusal) as caught:
        world.act(lambda ctx: publicity.clear(ctx, notice.id), world.industry)
    assert caught.value.code == "notice.running"
    world.clock.advance(days=1)
    world.act(lambda ctx: publicity.clear(ctx, notice.id), world.industry)
    assert world.see(Pilot, pilot.id).state is PilotState.CLEARED


def publish(world: World) -> tuple[Pilot, Pilot, Any]:
    first, second = world.nominate(), world.nominate(region=SECOND_COUNTY)
    for pilot_id in (first.id, second.id):
        world.act(lambda ctx, i=pilot_id: actions.review(ctx, i, passed=True, note="同意"), world.industry)
    return first, second, world.act(lambda ctx: actions.publish_shortlist(ctx, world.batch.id), world.industry)


def object_to(world: World, notice: Any, item_id: Any) -> None:
    visitor = newcomer(make_person(world.act))
    filed = world.act(
        lambda ctx: publicity.object(
            ctx, notice.id, name="李四", contact="13900001111", text="材料不实，请核查该地区的申报。", item_id=item_id
        ),
        visitor,
    )
    colleague = make_actor(world.act, Role.PROVINCE, organisation=world.industry.organisation_id)[0]
    world.act(lambda ctx: publicity.rule(ctx, filed.id, True, "经核查属实。"), colleague)


def test_an_upheld_objection_strikes_one_pilot_and_lets_the_other_go_on(world: World) -> None:
    first, second, notice = publish(world)
    object_to(world, notice, first.id)
    assert world.see(Pilot, first.id).state is PilotState.NOT_APPROVED
    assert world.see(Pilot, second.id).state is PilotState.IN_PUBLICITY
    world.clock.advance(days=30)
    world.act(lambda ctx: publicity.clear(ctx, notice.id), world.industry)
    assert world.see(Pilot, second.id).state is PilotState.CLEARED
    assert world.see(Pilot, first.id).state is PilotState.NOT_APPROVED


def test_an_objection_to_the_whole_sends_the_shortlist_back(world: World) -> None:
    first, second, notice = publish(world)
    object_to(world, notice, None)
    assert {world.see(Pilot, p.id).state for p in (first, second)} == {PilotState.REVIEWED}
    again = world.act(lambda ctx: actions.publish_shortlist(ctx, world.batch.id), world.industry)
    assert again.id != notice.id


def test_a_withdrawn_notice_sends_the_shortlist_back(world: World) -> None:
    first, _, notice = publish(world)
    world.act(lambda ctx: publicity.withdraw(ctx, notice.id, "名单有误"), world.industry)
    row = world.see(Pilot, first.id)
    assert (row.state, row.notice_id) == (PilotState.REVIEWED, None)


def test_an_empty_shortlist_is_refused(world: World) -> None:
    pilot = world.nominate()
    verb = lambda ctx: actions.publish_shortlist(ctx, world.batch.id)  # noqa: E731
    refused(world, pilot.id, verb, world.industry, "shortlist.empty", "五(三)")


@pytest.mark.parametrize("step", ["review", "approve", "suspend"])
def test_the_finance_department_does_not_do_the_industry_departments_work(world: World, step: str) -> None:
    verbs: dict[str, tuple[Any, Any, str]] = {
        "review": (world.nominate, lambda c, i: actions.review(c, i, passed=True, note="同意"), "五(二)"),
        "approve": (world.cleared, lambda c, i: actions.approve(c, i, 1_00), "五(三)"),
        "suspend": (world.approved, lambda c, i: actions.suspend(c, i, "评价差"), "五(五)"),
    }
    make, verb, clause = verbs[step]
    pilot = make()
    refused(
        world, pilot.id, lambda ctx: verb(ctx, pilot.id), world.finance_department, "department.not_in_charge", clause
    )


@pytest.mark.parametrize("role", [Role.CITY, Role.PILOT, Role.FINANCE])
def test_a_pilot_is_not_approved_below_the_province(world: World, role: Role) -> None:
    pilot = world.cleared()
    actor = world.city if role is Role.CITY else world.officer(role, pilot)
    with pytest.raises(Forbidden):
        world.act(approve(pilot, 1_00), actor)


def test_another_province_finds_nothing(world: World) -> None:
    pilot = world.nominate()
    stranger = make_actor(world.act, Role.CITY, region=OTHER_CITY)[0]
    with pytest.raises(NotFound):
        world.act(lambda ctx: actions.withdraw(ctx, pilot.id, "…"), stranger)


def test_reasons_are_asked_for(world: World) -> None:
    pilot = world.approved()
    for verb in (actions.suspend, actions.close):
        refused(
            world, pilot.id, lambda ctx, v=verb: v(ctx, pilot.id, " "), world.industry, "pilot.reason_missing", "五(五)"
        )


def test_a_suspended_pilot_is_not_running_until_it_is_resumed(world: World) -> None:
    pilot = world.approved()
    world.act(lambda ctx: actions.suspend(ctx, pilot.id, "评价较差"), world.industry)
    with pytest.raises(Refusal) as caught:
        world.act(lambda ctx: queries.require_running(ctx, pilot.id))
    assert (caught.value.code, caught.value.clause) == ("pilot.not_running", "五(三)")
    world.act(lambda ctx: actions.resume(ctx, pilot.id, "整改完成"), world.industry)
    assert world.act(lambda ctx: queries.require_running(ctx, pilot.id)).id == pilot.id


def test_every_state_of_a_pilot_has_a_way_in_and_none_leaves_its_end() -> None:
    reached = {PilotState.NOMINATED} | {target for _, target in PILOT.moves.values()}
    assert reached == set(PilotState)
    ends = {PilotState.CLOSED, PilotState.NOT_APPROVED, PilotState.WITHDRAWN}
    left = {source for sources, _ in PILOT.moves.values() for source in sources}
    assert left == set(PilotState) - ends


def test_a_plan_changes_only_with_the_provinces_consent(world: World) -> None:
    pilot = world.approved()
    office = world.officer(Role.PILOT, pilot)
    change = world.act(lambda ctx: actions.request_change(ctx, pilot.id, title="增加5家", text="市场变化"), office)
    with pytest.raises(Refusal) as caught:
        world.act(lambda ctx: actions.require_approved(ctx, change.id))
    assert (caught.value.code, caught.value.clause) == ("plan.change_unapproved", "五(三)")
    with pytest.raises(Forbidden):
        world.act(lambda ctx: actions.decide_change(ctx, change.id, approved=True), office)
    with pytest.raises(Refusal) as caught:
        world.act(lambda ctx: actions.decide_change(ctx, change.id, approved=False), world.industry)
    assert (caught.value.code, caught.value.clause) == ("plan.reason_missing", "五(三)")
    world.act(lambda ctx: actions.decide_change(ctx, change.id, approved=True), world.industry)
    assert world.act(lambda ctx: actions.require_approved(ctx, change.id)).state == "approved"
    with pytest.raises(Refusal):
        world.act(lambda ctx: actions.decide_change(ctx, change.id, approved=False, reason="晚"), world.industry)
