"""A pilot city of the national book, from its recommendation to its report: no code knows zones and counties alone."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from marketplace.base.clock import SetClock
from marketplace.base.roles import Role
from marketplace.pilots.programmes import actions as pilots
from marketplace.pilots.programmes.models import Pilot
from marketplace.policy.books import shelf
from marketplace.policy.books.model import Book
from marketplace.procedure.publicity import actions as publicity
from tests.support.payday import refused
from tests.support.people import CITY, COUNTY, ZONE, client_as, make_actor, sign_in
from tests.support.pilots import World, city_application, make_city_world
from vouchers.funds import actions as funds
from vouchers.funds.positions import position

Act = Callable[..., Any]


@pytest.fixture
def world(act: Act, clock: SetClock) -> World:
    return make_city_world(act, clock)


def nominate(world: World, **changes: Any) -> Pilot:
    values = city_application(world, **changes)
    found: Pilot = world.act(lambda ctx: pilots.nominate(ctx, world.batch.id, **values), world.city)
    return found


@pytest.mark.parametrize("region", [COUNTY, ZONE])
def test_a_part_of_a_city_is_no_pilot_city(world: World, region: str) -> None:
    assert refused(lambda: nominate(world, region=region)).code == "pilot.wrong_area"


def test_the_form_offers_the_city_itself(app: Any, world: World) -> None:
    page = client_as(app, Role.CITY, region=CITY).get(f"/pilots/nominate/{world.batch.id}").get_data(as_text=True)
    assert f'value="{CITY}"' in page
    assert f'value="{COUNTY}"' not in page and f'value="{ZONE}"' not in page


@pytest.mark.parametrize("book", [shelf.load("jiangxi-2023"), shelf.load("national-2023")], ids=lambda book: book.code)
def test_a_type_names_its_kinds_of_places_or_is_named_like_one(book: Book) -> None:
    assert {code: kind.places for code, kind in book.types.items()} == {code: (code,) for code in book.types}


def test_a_book_may_name_several_kinds_of_places(tmp_path: Any) -> None:
    file = tmp_path / "made.toml"
    head = 'extends = "national-2023"\ncode = "made"\nversion = "1"\n'
    file.write_text(head + '[types.city]\nregions = ["city", "county"]\n', "utf-8")
    assert [str(mistake) for mistake in shelf.validate(file)] == []
    assert shelf.read(file).types["city"].places == ("city", "county")
    file.write_text(head + '[types.city]\nregions = ["village"]\n', "utf-8")
    assert [str(mistake) for mistake in shelf.validate(file)]


def test_from_the_recommendation_to_the_report(app: Any, world: World) -> None:
    pilot = nominate(world)
    world.act(lambda ctx: pilots.review(ctx, pilot.id, passed=True, note="同意"), world.industry)
    notice = world.act(lambda ctx: pilots.publish_shortlist(ctx, world.batch.id), world.industry)
    world.clock.advance(days=(notice.ends_on - notice.starts_on).days + 1)
    world.act(lambda ctx: publicity.clear(ctx, notice.id), world.industry)

    above = refused(lambda: world.act(lambda ctx: pilots.approve(ctx, pilot.id, 10_000_000_001), world.industry))
    assert above.code == "award.above_cap", "the class's cap of 100 million, and one fen"
    world.act(lambda ctx: pilots.approve(ctx, pilot.id, 10_000_000_000), world.industry)

    tranche = world.act(lambda ctx: pilots.propose_tranche(ctx, pilot.id, 4_000_000_000), world.industry)
    world.act(lambda ctx: pilots.release_tranche(ctx, tranche.id, "赣财〔2031〕1号"), world.finance_department)
    officer, person = make_actor(world.act, Role.FINANCE, pilot_id=pilot.id, region=pilot.region)
    world.act(lambda ctx: pilots.receive_tranche(ctx, tranche.id, received_on=ctx.today, bank_reference="B-1"), officer)

    def allot(category: str, amount: int) -> Any:
        return world.act(
            lambda ctx: funds.allot(ctx, pilot.id, category=category, amount_fen=amount, key=str(uuid.uuid4())), officer
        )

    allot("services", 2_000_000_000)
    over = refused(lambda: allot("platform", 1))
    assert (over.code, over.clause) == ("allotment.exceeds_room", "财建〔2023〕117号")
    allot("renovation", 8_000_000_000)

    found = world.act(lambda ctx: position(ctx, pilot.id), officer)
    assert (found.verdict.pilot.type, found.verdict.pilot.award, found.verdict.pilot.received) == (
        "city", 10_000_000_000, 4_000_000_000,
    )  # fmt: skip
    assert {check.code for check in found.verdict.checks} == {
        "award.cap", "committed.total", "paid.total", "share.renovation.floor", "share.other.ceiling",
    }  # fmt: skip
    assert not found.verdict.failed
    client = sign_in(app.test_client(), person)
    for path in (f"/reports/settlement/{pilot.id}", f"/funds/{pilot.id}", f"/pilots/{pilot.id}"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert "None" not in answer.get_data(as_text=True)
