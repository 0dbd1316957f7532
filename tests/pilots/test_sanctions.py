"""Bans: whom, on which ground, from which day to which, and who may see them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from marketplace.base.errors import Forbidden, NotFound, Refusal
from marketplace.base.roles import Role
from marketplace.policy.sanctions import actions, queries
from marketplace.policy.sanctions.models import Ban
from marketplace.policy.sanctions.states import Subject
from tests.support.people import COUNTY, make_actor, make_organisation
from tests.support.pilots import TODAY, World


def impose(world: World, **changes: Any) -> Ban:
    values: dict[str, Any] = {
        "subject_kind": Subject.REGION,
        "subject_id": COUNTY,
        "reason": "申报材料弄虚作假",
        "edition_id": world.edition.id,
    } | changes
    actor = values.pop("actor", world.industry)
    made: Ban = world.act(lambda ctx: actions.impose(ctx, **values), actor)
    return made


def active(world: World, day: date, kind: Subject = Subject.REGION, subject: Any = COUNTY) -> Ban | None:
    found: Ban | None = world.act(lambda ctx: queries.active(ctx, kind, subject, day))
    return found


def test_falsification_bans_for_three_years_both_days_inside(world: World) -> None:
    ban = impose(world)
    assert (ban.clause, ban.from_day, ban.until_day) == ("六(二)", TODAY, date(2034, 3, 12))
    assert active(world, TODAY) is not None and active(world, date(2034, 3, 12)) is not None
    assert active(world, TODAY - timedelta(days=1)) is None and active(world, date(2034, 3, 13)) is None


def test_a_call_or_scheme_bans_on_its_own_ground(world: World) -> None:
    firm = make_organisation(world.act)
    values = {"subject_kind": Subject.ORGANISATION, "subject_id": str(firm.id), "edition_id": None}
    with pytest.raises(Refusal) as caught:
        impose(world, **values)
    assert caught.value.code == "ban.basis_missing"
    with pytest.raises(Refusal) as caught:
        impose(world, **values, basis="遴选公告", clause="第八条", until=TODAY - timedelta(days=1))
    assert caught.value.code == "ban.ends_in_the_past"
    ban = impose(world, **values, basis="遴选公告", clause="第八条", until=TODAY)
    assert active(world, TODAY, Subject.ORGANISATION, firm.id) is not None
    with pytest.raises(Refusal) as caught:
        world.act(lambda ctx: queries.require_none(ctx, Subject.ORGANISATION, firm.id))
    assert (caught.value.code, caught.value.clause) == ("ban.active", "第八条")
    world.act(lambda ctx: actions.lift(ctx, ban.id, "复核撤销"), world.industry)
    assert active(world, TODAY, Subject.ORGANISATION, firm.id) is None
    with pytest.raises(Refusal) as caught:
        world.act(lambda ctx: actions.lift(ctx, ban.id, "再次撤销"), world.industry)
    assert caught.value.code == "state.not_allowed"


@pytest.mark.parametrize("role", [Role.CITY, Role.PILOT, Role.FINANCE, Role.AUDITOR, Role.ADMIN])
def test_only_the_province_bans(world: World, role: Role) -> None:
    with pytest.raises(Forbidden):
        impose(world, actor=make_actor(world.act, role)[0])
    assert active(world, TODAY) is None


def test_the_province_bans_nobody_of_another_province(world: World) -> None:
    stranger = replace(world.industry, region="350000")
    with pytest.raises(Forbidden):
        impose(world, actor=stranger)


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"reason": " "}, "ban.reason_missing"), ({"subject_id": "999999"}, "region.unknown")],
)
def test_reason_and_subject_are_checked(world: World, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(Refusal) as caught:
        impose(world, **changes)
    assert caught.value.code == code


def test_an_unknown_organisation_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        impose(world, subject_kind=Subject.ORGANISATION, subject_id="no-uuid")


def test_the_public_sees_the_bans_that_hold_and_officers_all(world: World) -> None:
    ban = impose(world)
    world.act(lambda ctx: actions.lift(ctx, ban.id, "复核撤销"), world.industry)
    firm = make_actor(world.act, Role.ENTERPRISE)[0]
    assert world.act(lambda ctx: ctx.session.scalars(queries.visible(ctx)).all(), firm) == []
    assert len(world.act(lambda ctx: ctx.session.scalars(queries.visible(ctx)).all(), world.city)) == 1
    with pytest.raises(NotFound):
        world.act(lambda ctx: queries.get(ctx, ban.id), firm)
