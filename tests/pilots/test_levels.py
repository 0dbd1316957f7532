"""Levels are history: on the book's scale, as of a day, never overwritten."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from marketplace.base.errors import Forbidden, NotFound, Refusal
from marketplace.base.roles import Role
from marketplace.pilots.levels import actions, queries
from marketplace.pilots.levels.models import LevelRecord
from marketplace.pilots.members.models import Member
from marketplace.pilots.programmes.models import Pilot
from tests.support.people import OTHER_CITY, make_actor, make_organisation
from tests.support.pilots import World


@pytest.fixture
def pilot(world: World) -> Pilot:
    return world.approved()


@pytest.fixture
def member(world: World, pilot: Pilot) -> Member:
    return world.member(pilot)


def record(world: World, enterprise_id: Any, value: str, days: int = 0, **changes: Any) -> LevelRecord:
    actor = changes.pop("actor", world.city)
    values = {"assessor": "省数字化评估中心", "assessed_on": world.clock.moment.date() + timedelta(days=days)} | changes
    made: LevelRecord = world.act(
        lambda ctx: actions.record(ctx, enterprise_id=enterprise_id, value=value, **values), actor
    )
    return made


def latest(world: World, enterprise_id: Any, days: int = 0) -> str | None:
    day = world.clock.moment.date() + timedelta(days=days)
    found = world.act(lambda ctx: queries.latest(ctx, enterprise_id, "jiangxi", day))
    return found.value if found else None


def test_the_level_as_of_a_day(world: World, pilot: Pilot, member: Member) -> None:
    record(world, member.enterprise_id, "6", days=-10, scale="jiangxi")
    record(world, member.enterprise_id, "L4", days=-20)
    assert [latest(world, member.enterprise_id, d) for d in (-21, -20, -11, -10, 0)] == [None, "L4", "L4", "L6", "L6"]
    corrected = record(world, member.enterprise_id, "L5", days=-10, version="2030版")
    assert (latest(world, member.enterprise_id), corrected.version, corrected.rank) == ("L5", "2030版", 5)
    among = world.act(
        lambda ctx: queries.latest_among(ctx, [member.enterprise_id], "jiangxi", world.clock.moment.date())
    )
    assert among[member.enterprise_id].id == corrected.id
    assert world.act(lambda ctx: ctx.session.scalar(select(func.count()).select_from(LevelRecord))) == 3


@pytest.mark.parametrize(
    ("value", "changes", "code", "clause"),
    [
        ("L11", {}, "level.unknown", "二(二)"),
        ("六级", {}, "level.unknown", "二(二)"),
        ("L6", {"scale": "national-2024"}, "level.other_scale", "二(二)"),
        ("L6", {"days": 1}, "level.in_the_future", "二(二)"),
        ("L6", {"assessor": " "}, "input.invalid", None),
    ],
)
def test_only_a_step_of_the_books_scale(
    world: World, member: Member, value: str, changes: dict[str, Any], code: str, clause: str | None
) -> None:
    with pytest.raises(Refusal) as caught:
        record(world, member.enterprise_id, value, **changes)
    assert (caught.value.code, caught.value.clause) == (code, clause)
    assert latest(world, member.enterprise_id, 9) is None


def test_only_members_have_official_levels(world: World, pilot: Pilot) -> None:
    with pytest.raises(Refusal) as caught:
        record(world, make_organisation(world.act).id, "L6")
    assert caught.value.code == "level.no_member"


def test_levels_are_recorded_by_the_place_and_seen_by_the_enterprise(
    world: World, pilot: Pilot, member: Member
) -> None:
    own = make_actor(world.act, Role.ENTERPRISE, organisation=member.enterprise_id)[0]
    stranger = make_actor(world.act, Role.CITY, region=OTHER_CITY)[0]
    for actor in (own, stranger, world.officer(Role.FINANCE, pilot)):
        with pytest.raises(Forbidden):
            record(world, member.enterprise_id, "L6", actor=actor)
    row = record(world, member.enterprise_id, "L6", actor=world.officer(Role.PILOT, pilot))
    assert world.act(lambda ctx: queries.get(ctx, row.id), own).id == row.id
    for actor in (stranger, make_actor(world.act, Role.ENTERPRISE)[0]):
        with pytest.raises(NotFound):
            world.act(lambda ctx: queries.get(ctx, row.id), actor)
