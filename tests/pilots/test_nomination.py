"""A city puts areas forward: who may, how many, with which papers, and never twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from marketplace.base.context import Actor
from marketplace.base.errors import Forbidden, Invalid, NotFound, Refusal
from marketplace.base.roles import Role
from marketplace.people.regions import actions as regions
from marketplace.pilots.programmes import actions, queries
from marketplace.pilots.programmes.actions import Declared
from marketplace.pilots.programmes.models import Pilot, PilotDeclaration, Recommendation
from marketplace.pilots.programmes.states import PilotState
from marketplace.policy.sanctions import actions as sanctions
from marketplace.policy.sanctions.states import Subject
from marketplace.record.documents import actions as documents
from tests.support.people import CITY, COUNTY, OTHER_CITY, OTHER_COUNTY, ZONE, make_actor, make_organisation
from tests.support.pilots import TODAY, World

SECOND_COUNTY, THIRD_COUNTY = "360982", "360983"


def refused(world: World, code: str, clause: str | None, actor: Actor | None = None, **changes: Any) -> Refusal:
    """The recommendation is refused with code and clause, and no row is written."""
    before = world.act(lambda ctx: ctx.session.scalar(select(func.count()).select_from(Pilot)))
    with pytest.raises(Refusal) as caught:
        world.nominate(changes.pop("kind", "county"), actor, **changes)
    assert (caught.value.code, caught.value.clause) == (code, clause)
    assert world.act(lambda ctx: ctx.session.scalar(select(func.count()).select_from(Pilot))) == before
    return caught.value


def test_a_recommendation_keeps_letters_and_declared_conditions(world: World) -> None:
    pilot = world.nominate()
    assert (pilot.state, pilot.city, pilot.chain, pilot.cluster) == (PilotState.NOMINATED, CITY, "医药", None)
    letters = world.act(lambda ctx: ctx.session.scalars(select(Recommendation)).all())
    assert [letter.department for letter in letters] == list(world.book.application.departments_zh)
    declared = world.act(lambda ctx: ctx.session.scalars(select(PilotDeclaration)).all())
    assert {d.condition for d in declared} == {
        code for code, c in world.book.application.conditions.items() if "county" in c.types
    }
    assert {d.clause for d in declared if d.condition == "county_clinic"} == {"三(一)3(5)"}


def test_a_first_class_city_recommends_two_counties_and_one_zone(world: World) -> None:
    world.nominate()
    world.nominate(region=SECOND_COUNTY)
    refusal = refused(world, "nomination.quota", "五(一)", region=THIRD_COUNTY)
    assert "2" in str(refusal.text)
    world.nominate("zone")
    refused(world, "nomination.quota", "五(一)", kind="zone", region="Z36090002", klass="national_zone")


def test_a_second_class_city_recommends_one_county(world: World) -> None:
    world.act(lambda ctx: regions.classify(ctx, CITY, 2031, "2", "考核通报"), world.industry)
    world.nominate()
    refused(world, "nomination.quota", "五(一)", region=SECOND_COUNTY)


def test_what_a_city_takes_back_frees_its_place_in_the_quota(world: World) -> None:
    world.act(lambda ctx: regions.classify(ctx, CITY, 2031, "2", "考核通报"), world.industry)
    pilot = world.nominate()
    world.act(lambda ctx: actions.withdraw(ctx, pilot.id, "方案未成熟"), world.city)
    assert world.nominate(region=SECOND_COUNTY).state is PilotState.NOMINATED


def test_a_pilot_that_was_not_approved_still_counts_towards_the_quota(world: World) -> None:
    world.act(lambda ctx: regions.classify(ctx, CITY, 2031, "2", "考核通报"), world.industry)
    pilot = world.nominate()
    world.act(lambda ctx: actions.review(ctx, pilot.id, passed=False, note="不同意"), world.industry)
    refused(world, "nomination.quota", "五(一)", region=SECOND_COUNTY)


def test_the_quota_needs_the_class_of_the_city(world: World) -> None:
    city = make_actor(world.act, Role.CITY, region="361100")[0]
    world.act(lambda ctx: ctx.session.execute(_forget_class("361100")))
    refused(world, "region.class_missing", "五(一)", city, region="361102", klass="county_2")


def _forget_class(region: str) -> Any:
    from sqlalchemy import delete

    from marketplace.people.regions.models import RegionClass

    return delete(RegionClass).where(RegionClass.region == region)


@pytest.mark.parametrize("left", [0, 1])
def test_both_departments_sign(world: World, left: int) -> None:
    letters = world.application()["letters"]
    refusal = refused(world, "nomination.not_joint", "五(一)", letters=[letters[left]])
    assert world.book.application.departments_zh[1 - left] in str(refusal.text)


def test_a_letter_without_its_number_does_not_count(world: World) -> None:
    first, second = world.application()["letters"]
    blank = actions.Letter(second.department, "  ", second.document_id)
    refused(world, "nomination.not_joint", "五(一)", letters=[first, blank])


def test_every_condition_of_the_type_is_declared_and_shown(world: World) -> None:
    declared = world.application()["declarations"]
    missing = {**declared, "census": Declared("   ")}
    refusal = refused(world, "condition.undeclared", "三(一)", declarations=missing)
    assert world.book.application.conditions["census"].name_zh in str(refusal.text)


def test_a_condition_of_the_other_type_is_unusable(world: World) -> None:
    declared = world.application()["declarations"] | {"zone_cluster": Declared("有")}
    with pytest.raises(Invalid):
        world.nominate(declarations=declared)


def test_an_area_already_a_pilot_does_not_apply_again(world: World) -> None:
    world.approved()
    refused(world, "area.in_scope", "五(一)")


def test_an_area_does_not_apply_twice_at_once(world: World) -> None:
    world.nominate()
    refused(world, "pilot.already_nominated", "五(一)")


def test_an_area_that_failed_applies_again(world: World) -> None:
    pilot = world.nominate()
    world.act(lambda ctx: actions.review(ctx, pilot.id, passed=False, note="不同意"), world.industry)
    assert world.nominate().state is PilotState.NOMINATED


def test_a_banned_area_may_not_apply_until_the_day_after(world: World) -> None:
    ban = world.act(
        lambda ctx: sanctions.impose(
            ctx, subject_kind=Subject.REGION, subject_id=COUNTY, reason="弄虚作假", edition_id=world.edition.id
        ),
        world.industry,
    )
    assert ban.until_day == TODAY.replace(year=TODAY.year + 3)
    refusal = refused(world, "area.banned", "六(二)")
    assert ban.until_day.isoformat() in str(refusal.text)
    world.clock.advance(days=(ban.until_day - TODAY).days)
    world.batch = _next_batch(world)
    refused(world, "area.banned", "六(二)")
    world.clock.advance(days=1)
    assert world.nominate().state is PilotState.NOMINATED


def _next_batch(world: World) -> Any:
    day = TODAY + timedelta(days=5 * 365)
    return world.act(
        lambda ctx: actions.open_batch(
            ctx, world.programme.id, name="次批", year1_end=day, year2_end=day + timedelta(days=365)
        ),
        world.industry,
    )


def test_a_banned_city_recommends_nothing(world: World) -> None:
    world.act(
        lambda ctx: sanctions.impose(
            ctx, subject_kind=Subject.REGION, subject_id=CITY, reason="弄虚作假", edition_id=world.edition.id
        ),
        world.industry,
    )
    refused(world, "area.banned", "六(二)")


def test_the_plan_reaches_the_least_number_of_enterprises(world: World) -> None:
    refused(world, "pilot.target_too_low", "二(二)", target_enterprises=39)
    world.act(lambda ctx: regions.classify(ctx, SECOND_COUNTY, 2031, "3", "考核通报"), world.industry)
    assert world.nominate(region=SECOND_COUNTY, klass="county_3", target_enterprises=30).target_enterprises == 30


@pytest.mark.parametrize(
    ("changes", "code", "clause"),
    [
        ({"region": ZONE}, "pilot.wrong_area", "三(一)"),
        ({"region": CITY}, "pilot.wrong_area", "三(一)"),
        ({"klass": "county_3"}, "pilot.wrong_class", "四(一)"),
        ({"kind": "zone", "klass": "provincial_zone"}, "pilot.wrong_class", "四(一)"),
        ({"focus": " "}, "pilot.focus_missing", "二(一)"),
        ({"kind": "zone", "focus": ""}, "pilot.focus_missing", "三(二)1"),
    ],
)
def test_area_class_and_focus_fit_the_type(world: World, changes: dict[str, Any], code: str, clause: str) -> None:
    refused(world, code, clause, **changes)


@pytest.mark.parametrize("changes", [{"type": "village"}, {"klass": "national_zone"}])
def test_type_and_class_are_the_books(world: World, changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        world.nominate(**changes)


def test_the_last_day_of_recommending_is_inside(world: World) -> None:
    world.clock.advance(days=30)
    world.nominate()
    world.clock.advance(days=1)
    refused(world, "nomination.too_late", "五(一)", region=SECOND_COUNTY)


def test_a_city_recommends_its_own_areas_only(world: World) -> None:
    other = make_actor(world.act, Role.CITY, region=OTHER_CITY)[0]
    with pytest.raises(Forbidden):
        world.nominate(actor=other)
    with pytest.raises(Forbidden):
        world.nominate(region=OTHER_COUNTY)


def test_the_office_is_confirmed(world: World) -> None:
    office = make_organisation(world.act, confirmed=False)
    with pytest.raises(Refusal) as caught:
        world.nominate(office_organisation_id=office.id)
    assert caught.value.code == "organisation.not_confirmed"


def test_papers_of_strangers_are_not_found(world: World) -> None:
    other = make_actor(world.act, Role.CITY, region=OTHER_CITY)[0]
    foreign = world.document(other, city=OTHER_CITY)
    with pytest.raises(NotFound):
        world.nominate(plan_document_id=foreign)


def test_the_office_reads_what_was_handed_in_for_its_pilot(world: World) -> None:
    plan, letter, evidence = world.document(), world.document(), world.document()
    given = world.application()
    letters = [actions.Letter(one.department, one.letter_number, letter) for one in given["letters"]]
    declared = {code: Declared(words.statement, evidence) for code, words in given["declarations"].items()}
    pilot = world.nominate(plan_document_id=plan, letters=letters, declarations=declared)
    office, stranger = world.officer(Role.PILOT, pilot), world.officer(Role.PILOT, world.nominate(region=SECOND_COUNTY))
    for paper in (plan, letter, evidence):
        assert world.act(lambda ctx, paper=paper: documents.get(ctx, paper), office).id == paper
        with pytest.raises(NotFound):
            world.act(lambda ctx, paper=paper: documents.get(ctx, paper), stranger)


def test_another_city_does_not_find_an_application(world: World) -> None:
    pilot = world.nominate()
    other = make_actor(world.act, Role.CITY, region=OTHER_CITY)[0]
    with pytest.raises(NotFound):
        world.act(lambda ctx: queries.get(ctx, pilot.id), other)
    assert world.act(lambda ctx: queries.get(ctx, pilot.id), world.city).id == pilot.id


def test_visitors_see_approved_pilots_and_no_applications(world: World) -> None:
    pilot = world.nominate()
    approved = world.approved(region=SECOND_COUNTY)
    seen = _as_visitor(world)
    assert approved.id in seen and pilot.id not in seen


def _as_visitor(world: World) -> set[Any]:
    nobody = make_actor(world.act, Role.ENTERPRISE)[0]
    return {p.id for p in world.act(lambda ctx: ctx.session.scalars(queries.visible(ctx)).all(), nobody)}
