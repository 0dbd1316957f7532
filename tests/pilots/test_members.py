"""The renovation list: who may be on it, once, and what the share of key links says."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import pytest
from sqlalchemy import func, select

from marketplace.base import sheets as spreadsheets
from marketplace.base.context import Actor
from marketplace.base.errors import Forbidden, Invalid, NotFound, Refusal
from marketplace.base.roles import Role
from marketplace.pilots.members import actions, queries, sheets
from marketplace.pilots.members.models import Member
from marketplace.pilots.members.states import MEMBER, MemberState
from marketplace.pilots.programmes.models import Pilot
from marketplace.policy.sanctions import actions as sanctions
from marketplace.policy.sanctions.states import Subject
from tests.support.people import COUNTY, OTHER_CITY, OTHER_COUNTY, make_actor, make_organisation
from tests.support.pilots import TODAY, World


@pytest.fixture
def pilot(world: World) -> Pilot:
    return world.approved()


@pytest.fixture
def office(world: World, pilot: Pilot) -> Actor:
    return world.officer(Role.PILOT, pilot)


def nominate(world: World, pilot: Pilot, office: Actor, enterprise: Any = None, **changes: Any) -> Member:
    enterprise = enterprise or make_organisation(world.act, region=COUNTY)
    values = {"focus": pilot.focus, "target_level": "L6"} | changes
    made: Member = world.act(lambda ctx: actions.nominate(ctx, pilot.id, enterprise.id, **values), office)
    return made


def count(world: World) -> int:
    return world.act(lambda ctx: ctx.session.scalar(select(func.count()).select_from(Member)))


def refused(world: World, code: str, clause: str | None, verb: Any) -> Refusal:
    before = count(world)
    with pytest.raises(Refusal) as caught:
        verb()
    assert (caught.value.code, caught.value.clause) == (code, clause)
    assert count(world) == before
    return caught.value


def test_nominated_by_the_office_and_confirmed_by_the_city(world: World, pilot: Pilot, office: Actor) -> None:
    member = nominate(world, pilot, office, key_link=True, target_level="7", baseline_level="3")
    assert (member.target_level, member.baseline_level, member.state) == ("L7", "L3", MemberState.NOMINATED)
    assert world.act(lambda ctx: queries.live(ctx, member.enterprise_id, pilot.id)) is None
    world.act(lambda ctx: actions.confirm(ctx, member.id), world.city)
    live = world.act(lambda ctx: queries.require_live(ctx, member.enterprise_id, pilot.id))
    assert (live.id, live.state) == (member.id, MemberState.CONFIRMED)


@pytest.mark.parametrize(
    ("firm", "code", "clause"),
    [
        ({"employees": 1000, "revenue_fen": 400_000_000_00}, "member.large", "工信部联企业〔2011〕300号"),
        ({"employees": None, "revenue_fen": None}, "member.size_unknown", "工信部联企业〔2011〕300号"),
        ({"confirmed": False}, "organisation.not_confirmed", "二(一)"),
        ({"capacity": "provider"}, "member.no_enterprise", "二(一)"),
        ({"region": OTHER_COUNTY}, "member.outside_city", "二(一)"),
    ],
)
def test_only_a_confirmed_small_enterprise_of_the_city(
    world: World, pilot: Pilot, office: Actor, firm: dict[str, Any], code: str, clause: str
) -> None:
    enterprise = make_organisation(world.act, **firm)
    refused(world, code, clause, lambda: nominate(world, pilot, office, enterprise))


@pytest.mark.parametrize(
    "firm", [{"employees": 999, "revenue_fen": 400_000_000_00}, {"employees": 1000, "revenue_fen": 399_999_999_99}]
)
def test_the_limits_of_a_medium_enterprise_are_inside(
    world: World, pilot: Pilot, office: Actor, firm: dict[str, Any]
) -> None:
    assert nominate(world, pilot, office, make_organisation(world.act, **firm)).state is MemberState.NOMINATED


def test_a_county_funds_its_chosen_chain(world: World, pilot: Pilot, office: Actor) -> None:
    refusal = refused(world, "member.outside_focus", "三(二)", lambda: nominate(world, pilot, office, focus="有色金属"))
    assert "医药" in str(refusal.text)


def test_a_zone_funds_key_enterprises_of_its_one_cluster(world: World) -> None:
    zone = world.approved("zone")
    office = world.officer(Role.PILOT, zone)
    refused(world, "member.not_key_enterprise", "四(二)", lambda: nominate(world, zone, office))
    outside = lambda: nominate(world, zone, office, focus="医药", key_enterprise=True)  # noqa: E731
    refused(world, "member.outside_focus", "三(二)", outside)
    assert nominate(world, zone, office, key_enterprise=True).key_enterprise


@pytest.mark.parametrize(("key_link", "low", "enough"), [(True, "L6", "L7"), (False, "L5", "L6")])
def test_the_target_is_at_least_the_books(
    world: World, pilot: Pilot, office: Actor, key_link: bool, low: str, enough: str
) -> None:
    below = lambda: nominate(world, pilot, office, key_link=key_link, target_level=low)  # noqa: E731
    refused(world, "member.target_too_low", "二(二)", below)
    assert nominate(world, pilot, office, key_link=key_link, target_level=enough).target_level == enough


@pytest.mark.parametrize("values", [{"target_level": "L11"}, {"baseline_level": "高"}, {"urgency": 0}])
def test_levels_and_order_are_usable(world: World, pilot: Pilot, office: Actor, values: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        nominate(world, pilot, office, **values)
    assert count(world) == 0


def test_a_banned_enterprise_is_not_nominated_and_not_confirmed(world: World, pilot: Pilot, office: Actor) -> None:
    enterprise = make_organisation(world.act)
    member = nominate(world, pilot, office, enterprise)
    world.act(
        lambda ctx: sanctions.impose(
            ctx,
            subject_kind=Subject.ORGANISATION,
            subject_id=str(enterprise.id),
            reason="骗取补贴",
            basis="服务券方案",
            clause="第九条",
            until=TODAY.replace(year=TODAY.year + 1),
        ),
        world.industry,
    )
    refused(world, "member.banned", "第九条", lambda: world.act(lambda c: actions.confirm(c, member.id), world.city))
    world.act(lambda ctx: actions.withdraw(ctx, member.id, "被取消资格"), world.city)
    refused(world, "member.banned", "第九条", lambda: nominate(world, pilot, office, enterprise))


def test_an_enterprise_is_in_one_pilot_of_a_programme(world: World, pilot: Pilot, office: Actor) -> None:
    enterprise = make_organisation(world.act)
    member = nominate(world, pilot, office, enterprise)
    refused(world, "member.already", "四(二)", lambda: nominate(world, pilot, office, enterprise))
    zone = world.approved("zone", target_enterprises=41)
    zone_office = world.officer(Role.PILOT, zone)
    again = lambda: nominate(world, zone, zone_office, enterprise, key_enterprise=True)  # noqa: E731
    refused(world, "member.already", "四(二)", again)
    world.act(lambda ctx: actions.withdraw(ctx, member.id, "转入开发区试点"), office)
    assert again().state is MemberState.NOMINATED


def test_two_rivals_nominate_one_enterprise_and_one_is_told_so(
    world: World, pilot: Pilot, office: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both pass the look-up; the unique index decides, and the loser, who looks again, hears the same words."""
    enterprise = make_organisation(world.act)
    look, blind = queries.standing_among, [True, True]
    monkeypatch.setattr(queries, "standing_among", lambda *asked: set() if blind and blind.pop() else look(*asked))
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def rival() -> None:
        start.wait()
        try:
            nominate(world, pilot, office, enterprise)
            outcomes.append("in")
        except Refusal as refusal:
            outcomes.append(refusal.code)

    rivals = [threading.Thread(target=rival) for _ in range(2)]
    for thread in rivals:
        thread.start()
    for thread in rivals:
        thread.join()
    assert sorted(outcomes) == ["in", "member.already"]
    assert count(world) == 1


def test_who_nominates_does_not_confirm(world: World, pilot: Pilot, office: Actor) -> None:
    member = nominate(world, pilot, office)
    with pytest.raises(Forbidden):
        world.act(lambda ctx: actions.confirm(ctx, member.id), office)
    both = Actor(office.person_id, world.city.assignment_id, Role.CITY, region=world.city.region)
    refused(world, "person.same", "二(一)", lambda: world.act(lambda c: actions.confirm(c, member.id), both))


def test_another_city_and_another_pilot_do_not_find_a_member(world: World, pilot: Pilot, office: Actor) -> None:
    member = nominate(world, pilot, office)
    strangers = [
        make_actor(world.act, Role.CITY, region=OTHER_CITY)[0],
        make_actor(world.act, Role.PILOT, pilot_id=uuid.uuid4())[0],
        make_actor(world.act, Role.ENTERPRISE)[0],
    ]
    for stranger in strangers:
        with pytest.raises(NotFound):
            world.act(lambda ctx: queries.get(ctx, member.id), stranger)
    own = make_actor(world.act, Role.ENTERPRISE, organisation=member.enterprise_id)[0]
    assert world.act(lambda ctx: queries.get(ctx, member.id), own).id == member.id
    with pytest.raises(NotFound):
        nominate(world, pilot, strangers[1])


def test_who_is_not_on_the_list_is_told_the_clause(world: World, pilot: Pilot, office: Actor) -> None:
    enterprise = make_organisation(world.act)
    verb = lambda: world.act(lambda ctx: queries.require_live(ctx, enterprise.id, pilot.id))  # noqa: E731
    refused(world, "member.not_in_pilot", "二(一)", verb)
    member = world.member(pilot, enterprise)
    assert verb().id == member.id
    world.act(lambda ctx: setattr(ctx.session.get(Pilot, pilot.id), "focus", "航空"))
    refused(world, "member.outside_focus", "三(二)", verb)


def test_leaving_the_list_needs_a_reason(world: World, pilot: Pilot, office: Actor) -> None:
    member = nominate(world, pilot, office)
    refused(
        world, "member.reason_missing", None, lambda: world.act(lambda c: actions.withdraw(c, member.id, ""), office)
    )
    world.act(lambda ctx: actions.withdraw(ctx, member.id, "企业迁出"), office)
    refused(world, "state.not_allowed", None, lambda: world.act(lambda c: actions.confirm(c, member.id), world.city))


def test_the_share_of_key_links_is_judged_by_the_engine(world: World, pilot: Pilot) -> None:
    for _ in range(10):
        world.member(pilot)
    check = world.act(lambda ctx: queries.key_link_check(ctx, pilot.id))
    assert (check.status, check.clause, check.limit, check.actual) == ("open", "二(一)", 1, 0)
    world.member(pilot, key_link=True, target_level="L7")
    check = world.act(lambda ctx: queries.key_link_check(ctx, pilot.id))
    assert (check.status, check.limit, check.actual) == ("open", 2, 1)
    world.member(pilot, key_link=True, target_level="L7")
    assert world.act(lambda ctx: queries.key_link_check(ctx, pilot.id)).status == "pass"


def test_the_table_of_states() -> None:
    assert {v: (s, t) for v, (s, t) in MEMBER.moves.items()} == {
        "confirm": (frozenset({MemberState.NOMINATED}), MemberState.CONFIRMED),
        "withdraw": (frozenset({MemberState.NOMINATED, MemberState.CONFIRMED}), MemberState.WITHDRAWN),
    }


HEADER = ("统一社会信用代码", "产业链", "关键环节", "目标水平", "迫切程度")


def sheet(*rows: tuple[Any, ...]) -> bytes:
    return spreadsheets.write_xlsx({"名单": (HEADER, rows)})


def test_a_sheet_is_tried_first_and_written_whole(world: World, pilot: Pilot, office: Actor) -> None:
    first, second = make_organisation(world.act), make_organisation(world.act)
    data = sheet((first.uscc, "医药", "是", "L7", 1), (second.uscc, "", "", "L6", 2))
    report = world.act(lambda ctx: sheets.nominate_sheet(ctx, pilot.id, data), office)
    assert ([row.outcome for row in report.rows], report.written, count(world)) == (["new", "new"], False, 0)
    world.act(lambda ctx: sheets.nominate_sheet(ctx, pilot.id, data, dry_run=False), office)
    assert count(world) == 2
    again = world.act(lambda ctx: sheets.nominate_sheet(ctx, pilot.id, data, dry_run=False), office)
    assert ([row.outcome for row in again.rows], count(world)) == (["known", "known"], 2)


def test_a_bad_row_is_named_and_nothing_of_the_sheet_is_written(world: World, pilot: Pilot, office: Actor) -> None:
    good, large = make_organisation(world.act), make_organisation(world.act, employees=5000, revenue_fen=900_000_000_00)
    data = sheet(
        (good.uscc, "医药", "", "L6", 1),
        (large.uscc, "医药", "", "L6", 2),
        ("91360900NOBODY0000", "医药", "", "L6", 3),
        (good.uscc, "医药", "", "L6", 4),
        (make_organisation(world.act).uscc, "医药", "也许", "L6", 5),
        (make_organisation(world.act).uscc, "医药", "是", "L6", 6),
    )
    report = world.act(lambda ctx: sheets.nominate_sheet(ctx, pilot.id, data), office)
    assert [(row.number, row.outcome) for row in report.rows] == [
        (2, "new"),
        (3, "bad"),
        (4, "bad"),
        (5, "bad"),
        (6, "bad"),
        (7, "bad"),
    ]
    with pytest.raises(Invalid) as caught:
        world.act(lambda ctx: sheets.nominate_sheet(ctx, pilot.id, data, dry_run=False), office)
    assert (caught.value.code, len(caught.value.errors["file"])) == ("member.sheet_has_faults", 5)
    assert count(world) == 0


@pytest.mark.parametrize("data", [b"", b"a,b\n1,2\n", "统一社会信用代码,统一社会信用代码,目标水平\n".encode()])
def test_a_sheet_without_its_columns_is_unusable(world: World, pilot: Pilot, office: Actor, data: bytes) -> None:
    with pytest.raises(Refusal):
        world.act(lambda ctx: sheets.nominate_sheet(ctx, pilot.id, data), office)
