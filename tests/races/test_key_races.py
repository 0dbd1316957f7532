"""The same thing brought by several people at once, on PostgreSQL: one does it, the others hear why not."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace.base.context import Actor
from marketplace.base.roles import Role
from marketplace.base.text import Text
from marketplace.people.organisations import actions as organisations
from marketplace.people.regions import actions as regions
from marketplace.people.regions.models import Region
from marketplace.people.regions.states import ZoneLevel
from marketplace.pilots.members import actions as members
from marketplace.pilots.programmes import actions as pilots
from marketplace.policy.editions import actions as editions
from marketplace.procedure.panels import actions as panels
from marketplace.procedure.panels.models import Expert
from marketplace.record.notices import actions as notices
from marketplace.record.notices.models import NoticeRead
from marketplace.shop.roster import actions as roster
from marketplace.shop.roster.models import RosterEntry
from marketplace.shop.roster.states import RosterState, ServiceClass
from providers.applications import actions as applying
from providers.applications.models import Dossier
from providers.calls import actions as calls
from providers.calls import template
from providers.calls.models import Call
from tests.selection.conftest import DOSSIER
from tests.support.people import CITY, COUNTY, Act, acting, make_actor, make_organisation, make_person, make_uscc
from tests.support.pilots import make_world
from tests.support.races import platform, race  # noqa: F401

pytestmark = pytest.mark.postgres
RIVALS = 8


@pytest.fixture
def act(platform: Flask) -> Act:  # noqa: F811
    return acting(platform)


@pytest.fixture
def officers(act: Act) -> list[Actor | None]:
    return [make_actor(act, "city")[0] for _ in range(RIVALS)]


def told(answers: list[Any]) -> Counter[str]:
    return Counter(answer if isinstance(answer, str) else "done" for answer in answers)


def test_one_number_of_a_call(platform: Flask, act: Act, officers: list[Actor | None]) -> None:  # noqa: F811
    act(lambda ctx: editions.publish(ctx, "jiangxi-2023"))
    terms = act(lambda ctx: template.prefill(ctx), officers[0])
    terms = {**terms, "number": "宜工信字〔2031〕7号", "contact": "0795-3998877"}
    got = race(platform, [lambda ctx: calls.draft(ctx, **terms)] * RIVALS, officers, meet=Call)
    assert told(got) == {"done": 1, "call.number_taken": RIVALS - 1}


def test_one_dossier_of_a_provider_saved_in_several_windows(platform: Flask, act: Act) -> None:  # noqa: F811
    provider, _ = make_actor(act, "provider")
    got = race(platform, [lambda ctx: applying.save(ctx, **DOSSIER)] * RIVALS, [provider] * RIVALS, meet=Dossier)
    assert told(got) == {"done": RIVALS}
    assert act(lambda ctx: ctx.session.scalar(select(func.count()).select_from(Dossier))) == 1


def test_one_expert_in_the_pool(platform: Flask, act: Act, officers: list[Actor | None]) -> None:  # noqa: F811
    person = make_person(act)
    employer = make_uscc()

    def enlist(ctx: Any) -> Any:
        return panels.enlist(
            ctx, phone=person.phone, fields=["智能制造"], title="教授", employer_uscc=employer, employer_name="某大学"
        )

    got = race(platform, [enlist] * RIVALS, officers, meet=Expert)
    assert told(got) == {"done": 1, "expert.known": RIVALS - 1}


def test_one_standing_entry_of_a_provider_in_a_class(platform: Flask, act: Act) -> None:  # noqa: F811
    """Two selections end on one day: the later decision takes the place of the earlier, as on two days."""
    firm = make_organisation(act, capacity="provider")

    def enter(ctx: Any) -> Any:
        return roster.enter(
            ctx,
            provider_id=firm.id,
            city=CITY,
            klass=ServiceClass.PRODUCT,
            industries=["C39"],
            call_id=uuid.uuid4(),
            application_id=uuid.uuid4(),
            valid_until=date(2034, 3, 12),
        )

    assert told(race(platform, [enter] * 2, meet=RosterEntry)) == {"done": 2}
    states = act(lambda ctx: ctx.session.scalars(select(RosterEntry.state)).all())
    assert sorted(states) == sorted([RosterState.ACTIVE, RosterState.ENDED])


def test_one_notice_read_in_several_windows(platform: Flask, act: Act) -> None:  # noqa: F811
    reader, person = make_actor(act, "city")
    told_ = act(lambda ctx: notices.tell(ctx, person_id=person.id, text=Text("你好", {}), url="/"))
    got = race(platform, [lambda ctx: notices.read(ctx, told_.id)] * RIVALS, [reader] * RIVALS, meet=NoticeRead)
    assert told(got) == {"done": RIVALS}
    assert act(lambda ctx: ctx.session.scalar(select(func.count()).select_from(NoticeRead))) == 1


def test_one_admission_of_a_code(platform: Flask, act: Act, officers: list[Actor | None]) -> None:  # noqa: F811
    code = make_uscc()
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    got = race(platform, [lambda ctx: organisations.admit_code(ctx, wrong, "已查验营业执照")] * RIVALS, officers)
    assert told(got) == {"done": 1, "uscc.admitted": RIVALS - 1}


def test_one_code_of_a_programme(platform: Flask, act: Act) -> None:  # noqa: F811
    world = make_world(act, platform.extensions["house"].clock)
    values = {
        "code": "p-2031",
        "name": "项目",
        "edition_id": world.edition.id,
        "finance_department_id": world.finance_department.organisation_id,
    }
    got = race(platform, [lambda ctx: pilots.open_programme(ctx, **values)] * RIVALS, [world.industry] * RIVALS)
    assert told(got) == {"done": 1, "programme.code_taken": RIVALS - 1}


def test_one_place_of_an_enterprise_on_a_list(platform: Flask, act: Act) -> None:  # noqa: F811
    world = make_world(act, platform.extensions["house"].clock)
    pilot = world.approved()
    enterprise = make_organisation(act, region=COUNTY)
    values = {"focus": pilot.focus, "target_level": "L6", "key_enterprise": True}
    offices: list[Actor | None] = [world.officer(Role.PILOT, pilot) for _ in range(RIVALS)]
    got = race(platform, [lambda ctx: members.nominate(ctx, pilot.id, enterprise.id, **values)] * RIVALS, offices)
    assert told(got) == {"done": 1, "member.already": RIVALS - 1}


def test_one_edition_of_a_book(platform: Flask, act: Act) -> None:  # noqa: F811
    leaders: list[Actor | None] = [make_actor(act, "province")[0] for _ in range(RIVALS)]
    got = race(platform, [lambda ctx: editions.publish(ctx, "jiangxi-2023")] * RIVALS, leaders)
    assert told(got) == {"done": RIVALS}
    assert len({edition.id for edition in got}) == 1


def test_zones_get_numbers_one_after_another(platform: Flask, act: Act) -> None:  # noqa: F811
    leaders: list[Actor | None] = [make_actor(act, "province")[0] for _ in range(3)]
    names = ["甲开发区", "乙开发区", "丙开发区"]
    verbs = [lambda ctx, n=name: regions.add_zone(ctx, CITY, n, n, ZoneLevel.PROVINCIAL) for name in names]
    zones = race(platform, verbs, leaders, meet=Region)
    assert told(zones) == {"done": 3}
    assert len({zone.code for zone in zones}) == 3
