"""Giving roles, inviting, standing in, leaving: who may, where, for how long."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from marketplace.base.clock import SetClock
from marketplace.base.errors import Forbidden, NotFound, Refusal
from marketplace.base.roles import Role
from marketplace.people.accounts import actions, invitations, places, queries, rules
from marketplace.people.accounts.models import Assignment
from marketplace.people.accounts.states import InvitationState
from tests.support.people import (
    CITY,
    COUNTY,
    OTHER_CITY,
    OTHER_COUNTY,
    PASSWORD,
    acting,
    client_as,
    make_actor,
    make_organisation,
    make_person,
    newcomer,
    post,
)

PILOT = uuid.UUID("01900000-0000-7000-8000-000000000001")
FAR_PILOT = uuid.UUID("01900000-0000-7000-8000-000000000002")


@pytest.fixture
def pilots(app: Flask) -> Any:
    """A directory of two pilots: one in the usual county, one in another city."""
    known = {
        PILOT: places.Place(COUNTY, CITY, "高安试点"),
        FAR_PILOT: places.Place(OTHER_COUNTY, OTHER_CITY, "章贡试点"),
    }
    directory = places.PilotDirectory(lambda ctx, pilot_id: known.get(pilot_id), lambda ctx: [(PILOT, "高安试点")])
    entries = app.extensions["house"]._entries.setdefault(places.PILOTS.name, [])
    before = list(entries)
    entries[:] = [directory]
    yield known
    entries[:] = before


def seats() -> dict[Role, dict[str, Any]]:
    return {
        Role.PILOT: {"pilot_id": PILOT},
        Role.CITY: {"region": CITY},
        Role.FINANCE: {"pilot_id": PILOT},
        Role.EXPERT: {"region": CITY},
        Role.PROVINCE: {"region": "360000"},
        Role.AUDITOR: {"region": CITY},
        Role.ADMIN: {},
    }


GIVEN = {
    "admin": set(Role),
    "city": {Role.PILOT, Role.FINANCE, Role.EXPERT, Role.AUDITOR},
    "enterprise": {Role.ENTERPRISE},
    "provider": {Role.PROVIDER},
    "pilot": set(),
    "finance": set(),
    "expert": set(),
    "province": set(),
    "auditor": set(),
}


@pytest.mark.parametrize("giver", list(GIVEN))
def test_each_role_gives_only_its_roles(act: Any, pilots: Any, giver: str) -> None:
    actor, _ = make_actor(act, giver, **({"pilot_id": PILOT} if giver == "pilot" else {}))
    firms = {
        Role.ENTERPRISE: make_organisation(act).id,
        Role.PROVIDER: make_organisation(act, capacity="provider").id,
    }
    if actor.organisation_id:
        firms[Role(giver)] = actor.organisation_id
    given = set()
    for role in Role:
        person = make_person(act)
        place = seats().get(role) or ({"organisation_id": firms[role]} if role in firms else {})
        try:
            act(lambda ctx, p=person, r=role, s=place: actions.grant(ctx, p.id, r, **s), actor)
        except (Forbidden, NotFound):
            assert act(lambda ctx, p=person: queries.live_assignments(ctx, p.id)) == []
        else:
            given.add(role)
    assert given == GIVEN[giver]


@pytest.mark.parametrize(
    ("role", "place"),
    [
        (Role.PILOT, {"pilot_id": FAR_PILOT}),
        (Role.FINANCE, {"pilot_id": FAR_PILOT}),
        (Role.FINANCE, {"region": OTHER_CITY}),
        (Role.EXPERT, {"region": OTHER_CITY}),
        (Role.EXPERT, {}),
        (Role.AUDITOR, {"region": OTHER_CITY}),
        (Role.AUDITOR, {"region": "360000"}),
    ],
)
def test_a_city_gives_roles_in_its_own_city_only(act: Any, pilots: Any, role: Role, place: dict[str, Any]) -> None:
    city, _ = make_actor(act, "city")
    person = make_person(act)
    with pytest.raises(Forbidden):
        act(lambda ctx: actions.grant(ctx, person.id, role, **place), city)


def test_a_member_gives_roles_in_the_own_firm_only(act: Any) -> None:
    member, _ = make_actor(act, "enterprise")
    other = make_organisation(act)
    person = make_person(act)
    with pytest.raises(Forbidden):
        act(lambda ctx: actions.grant(ctx, person.id, Role.ENTERPRISE, organisation_id=other.id), member)


def test_nobody_gives_a_role_to_herself(act: Any) -> None:
    admin, person = make_actor(act, "admin")
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.grant(ctx, person.id, Role.FINANCE, region=CITY), admin)
    assert refused.value.code == "assignment.self"


def test_the_same_role_given_again_is_the_same_assignment(act: Any) -> None:
    person = make_person(act)
    first = act(lambda ctx: actions.grant(ctx, person.id, Role.CITY, region=CITY))
    second = act(lambda ctx: actions.grant(ctx, person.id, Role.CITY, region=CITY))
    assert first.id == second.id


@pytest.mark.parametrize(
    ("role", "place", "code"),
    [
        (Role.ENTERPRISE, {}, "assignment.organisation"),
        (Role.PILOT, {}, "assignment.pilot"),
        (Role.CITY, {}, "assignment.region_missing"),
        (Role.FINANCE, {}, "assignment.region_missing"),
        (Role.CITY, {"region": COUNTY}, "assignment.region"),
        (Role.CITY, {"region": "360000"}, "assignment.region"),
        (Role.PROVINCE, {"region": CITY}, "assignment.region"),
        (Role.CITY, {"region": "000000"}, "region.unknown"),
    ],
)
def test_a_place_must_fit_the_role(act: Any, role: Role, place: dict[str, Any], code: str) -> None:
    person = make_person(act)
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.grant(ctx, person.id, role, **place))
    assert refused.value.code == code


def test_an_organisation_gives_only_the_capacity_it_has(act: Any) -> None:
    firm, person = make_organisation(act), make_person(act)
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.grant(ctx, person.id, Role.PROVIDER, organisation_id=firm.id))
    assert refused.value.code == "assignment.capacity"


@pytest.mark.parametrize("role", ["enterprise", "provider", "pilot", "city", "province", "finance", "auditor"])
def test_the_database_refuses_a_role_without_its_place(act: Any, role: str) -> None:
    person = make_person(act)

    def spoil(ctx: Any) -> None:
        ctx.add(Assignment(person_id=person.id, role=Role(role), valid_from=ctx.now))
        ctx.session.flush()

    with pytest.raises(IntegrityError):
        act(spoil)


def test_a_revoked_role_is_over_at_once_and_its_substitutes_too(act: Any) -> None:
    admin, _ = make_actor(act, "admin")
    away, _ = make_actor(act, "city")
    colleague, helper = make_actor(act, "auditor")
    act(lambda ctx: actions.substitute(ctx, helper.id, ctx.today), away)
    assert {a.role for a in act(lambda ctx: queries.live_assignments(ctx, helper.id))} == {"auditor", "city"}
    act(lambda ctx: actions.revoke(ctx, away.assignment_id), admin)
    assert act(lambda ctx: queries.live_assignments(ctx, away.person_id)) == []
    assert {a.role for a in act(lambda ctx: queries.live_assignments(ctx, helper.id))} == {"auditor"}


@pytest.mark.parametrize(("role", "error"), [("city", Forbidden), ("enterprise", NotFound), ("finance", NotFound)])
def test_who_may_not_give_a_role_may_not_end_it(act: Any, role: str, error: Any) -> None:
    officer, _ = make_actor(act, "city")
    other, _ = make_actor(act, role)
    with pytest.raises(error):
        act(lambda ctx: actions.revoke(ctx, officer.assignment_id), other)


def test_the_last_administrator_stays(act: Any) -> None:
    admin, _ = make_actor(act, "admin")
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.leave(ctx, admin.assignment_id), admin)
    assert refused.value.code == "assignment.last_admin"
    second, _ = make_actor(act, "admin")
    act(lambda ctx: actions.leave(ctx, admin.assignment_id), admin)
    with pytest.raises(Refusal):
        act(lambda ctx: actions.revoke(ctx, second.assignment_id))


def test_one_leaves_only_for_oneself(act: Any) -> None:
    one, _ = make_actor(act, "enterprise")
    colleague, _ = make_actor(act, "enterprise", organisation=one.organisation_id)
    with pytest.raises(NotFound):
        act(lambda ctx: actions.leave(ctx, one.assignment_id), colleague)
    act(lambda ctx: actions.leave(ctx, one.assignment_id), one)
    assert act(lambda ctx: queries.live_assignments(ctx, one.person_id)) == []


def test_a_substitute_has_the_role_through_the_last_day(act: Any, clock: SetClock) -> None:
    away, _ = make_actor(act, "city")
    _, helper = make_actor(act, "auditor")
    held = act(lambda ctx: actions.substitute(ctx, helper.id, ctx.today + timedelta(days=1)), away)
    assert (held.role, held.region, held.substitute_for) == (Role.CITY, CITY, away.assignment_id)
    clock.advance(hours=35, minutes=59)  # noon to one minute before midnight of the next day in Shanghai
    assert len(act(lambda ctx: queries.live_assignments(ctx, helper.id))) == 2
    clock.advance(minutes=1)
    assert len(act(lambda ctx: queries.live_assignments(ctx, helper.id))) == 1


def test_a_substitute_is_a_colleague_for_a_while_and_passes_nothing_on(act: Any) -> None:
    away, _ = make_actor(act, "city")
    _, helper = make_actor(act, "auditor")
    _, stranger = make_actor(act, "city", region=OTHER_CITY)

    def stand_in(person: Any, days: int, actor: Any = away) -> Any:
        return act(lambda ctx: actions.substitute(ctx, person.id, ctx.today + timedelta(days=days)), actor)

    for person, days, code in (
        (stranger, 1, "substitute.not_here"),
        (make_person(act), 1, "substitute.not_here"),
        (helper, -1, "substitute.until"),
        (helper, rules.SUBSTITUTE_DAYS + 1, "substitute.until"),
    ):
        with pytest.raises(Refusal) as refused:
            stand_in(person, days)
        assert refused.value.code == code
    held = stand_in(helper, rules.SUBSTITUTE_DAYS)
    _, third = make_actor(act, "expert")
    as_substitute = type(away)(helper.id, held.id, Role.CITY, region=CITY)
    with pytest.raises(Refusal) as refused:
        stand_in(third, 1, as_substitute)
    assert refused.value.code == "substitute.not_own"
    act(lambda ctx: actions.end_substitute(ctx, held.id), away)
    assert [a.role for a in act(lambda ctx: queries.live_assignments(ctx, helper.id))] == ["auditor"]
    with pytest.raises(NotFound):
        act(lambda ctx: actions.end_substitute(ctx, held.id), newcomer(helper))


def test_an_invitation_needs_link_and_phone_number_and_works_once(act: Any) -> None:
    member, _ = make_actor(act, "provider")
    person, other = make_person(act), make_person(act)
    invitation, secret = act(
        lambda ctx: invitations.invite(ctx, person.phone, Role.PROVIDER, organisation_id=member.organisation_id),
        member,
    )
    for somebody, link in ((other, secret), (person, "wrong")):
        with pytest.raises(NotFound):
            act(lambda ctx, s=link: invitations.accept(ctx, s), newcomer(somebody))
    held = act(lambda ctx: invitations.accept(ctx, secret), newcomer(person))
    assert (held.organisation_id, held.granted_by) == (member.organisation_id, member.person_id)
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: invitations.accept(ctx, secret), newcomer(person))
    assert refused.value.code == "state.not_allowed"
    assert secret.encode() not in invitation.secret_hash


def test_an_invitation_says_nothing_about_whether_the_number_is_known(act: Any) -> None:
    member, _ = make_actor(act, "enterprise")
    for phone in (make_person(act).phone, "13000000001"):
        invitation, _ = act(
            lambda ctx, p=phone: invitations.invite(ctx, p, Role.ENTERPRISE, organisation_id=member.organisation_id),
            member,
        )
        assert invitation.state is InvitationState.OPEN


def test_an_invitation_ends_with_time_withdrawal_and_the_inviters_role(act: Any, clock: SetClock) -> None:
    member, _ = make_actor(act, "enterprise")
    colleague, _ = make_actor(act, "enterprise", organisation=member.organisation_id)
    person = make_person(act)

    def invited() -> tuple[Any, str]:
        return act(
            lambda ctx: invitations.invite(ctx, person.phone, Role.ENTERPRISE, organisation_id=member.organisation_id),
            member,
        )

    def code_of(secret: str) -> str:
        with pytest.raises(Refusal) as refused:
            act(lambda ctx: invitations.accept(ctx, secret), newcomer(person))
        return refused.value.code

    _, late = invited()
    clock.advance(days=7)
    assert code_of(late) == "invitation.expired"
    withdrawn, secret = invited()
    stranger, _ = make_actor(act, "enterprise")
    with pytest.raises(NotFound):
        act(lambda ctx: invitations.withdraw(ctx, withdrawn.id), stranger)
    act(lambda ctx: invitations.withdraw(ctx, withdrawn.id), colleague)
    assert code_of(secret) == "state.not_allowed"
    _, orphaned = invited()
    act(lambda ctx: actions.leave(ctx, member.assignment_id), member)
    assert code_of(orphaned) == "invitation.expired"


def test_a_person_is_found_by_the_place_she_acts_for(act: Any) -> None:
    city, _ = make_actor(act, "city")
    other, _ = make_actor(act, "city", region=OTHER_CITY)
    member, _ = make_actor(act, "enterprise")
    pilot, _ = make_actor(act, "pilot", pilot_id=PILOT)

    def found(**marks: Any) -> set[uuid.UUID]:
        return {p.id for p in act(lambda ctx: queries.persons_of(ctx, **marks))}

    assert found(role=Role.CITY, region=CITY) == {city.person_id}
    assert found(role=Role.CITY) == {city.person_id, other.person_id}
    assert found(organisation_id=member.organisation_id) == {member.person_id}
    assert found(pilot_id=PILOT) == {pilot.person_id}
    assert found() == set()
    act(lambda ctx: actions.leave(ctx, city.assignment_id), city)
    assert found(role=Role.CITY, region=CITY) == set()


def test_a_city_sees_its_people_and_no_others(act: Any) -> None:
    city, _ = make_actor(act, "city")
    here, _ = make_actor(act, "enterprise")
    there, _ = make_actor(act, "enterprise", region=OTHER_COUNTY)

    def seen(actor: Any) -> set[uuid.UUID]:
        return {row[1].id for row in act(lambda ctx: ctx.session.execute(queries.visible(ctx)).all(), actor)}

    assert seen(city) == {city.person_id, here.person_id}
    assert seen(there) == {there.person_id}
    assert seen(newcomer(make_person(act))) == set()


def test_inviting_and_joining_through_the_pages(app: Flask) -> None:
    act = acting(app)
    client = client_as(app, "enterprise")
    page = post(client, "/account/people/invite", {"phone": "13577778888", "role": "enterprise"})
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    link = text[text.index("/account/join/") :].split("<")[0]
    guest = app.test_client()
    door = guest.get(link)
    assert door.status_code == 302
    signed_up = post(
        guest,
        "/account/sign-up",
        {"name": "钱七", "phone": "13577778888", "password": PASSWORD, "next": link},
    )
    assert signed_up.location == link
    assert "中小企业" in guest.get(link).get_data(as_text=True)
    assert post(guest, link).status_code == 303
    own = client.actor.organisation_id  # type: ignore[attr-defined]
    assert guest.get("/organisations/mine").location == f"/organisations/{own}"
    assert "13577778888" in client.get("/account/people").get_data(as_text=True)
    held = act(lambda ctx: ctx.session.scalars(select(Assignment).where(Assignment.organisation_id == own)).all())
    assert len(held) == 2


def test_a_city_invites_a_pilots_officer_by_name_of_the_pilot(app: Flask, pilots: Any) -> None:
    client = client_as(app, "city")
    assert "高安试点" in client.get("/account/people/invite").get_data(as_text=True)
    form = {"phone": "13577778888", "role": "pilot", "pilot_id": str(PILOT), "last_day": str(date(2031, 12, 31))}
    assert "/account/join/" in post(client, "/account/people/invite", form).get_data(as_text=True)
    assert post(client, "/account/people/invite", {**form, "pilot_id": str(FAR_PILOT)}).status_code == 403
    assert post(client, "/account/people/invite", {**form, "role": "admin"}).status_code == 403
