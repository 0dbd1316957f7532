"""The public sums of each pilot: without a token, of approved pilots only, and of nobody in particular."""

from __future__ import annotations

import json
import re
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from marketplace.base.clock import SetClock, day_of
from marketplace.base.context import Context
from marketplace.people.organisations.models import Organisation
from marketplace.pilots.levels.models import LevelRecord
from marketplace.pilots.members.models import Member
from marketplace.pilots.programmes.events import PilotApproved
from marketplace.pilots.programmes.models import Pilot
from marketplace.pilots.programmes.states import PUBLIC_STATES, PilotState
from marketplace.shop.acceptance.models import Acceptance
from marketplace.shop.acceptance.states import Result
from marketplace.shop.orders.models import Order
from tests.support.listening import listening
from tests.support.people import OTHER_CITY, OTHER_COUNTY, token_for
from tests.support.purse import Purse, list_software
from tests.support.shop import Town, build_town, place_order
from tests.support.walker import Walker
from vouchers.funds import actions as funds
from vouchers.funds import positions

LIST = "/api/v1/spending"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SHARES = ["share.renovation.floor"] * 4 + ["share.other.ceiling"] * 4


def one(purse: Purse) -> str:
    return f"{LIST}/{purse.town.pilot.id}"


def said(app: Flask, address: str, status: int = 200, **query: Any) -> Any:
    """What the API answers somebody without a token."""
    answer = app.test_client().get(address, query_string=query)
    assert answer.status_code == status, answer.text
    return answer.json


def yuan(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


def another(purse: Purse, clock: SetClock, **places: str) -> Town:
    """One more running pilot, with an award and nothing spent."""
    town = build_town(purse.town.app, day_of(clock.moment), **places)
    fact = PilotApproved(town.pilot.id, town.pilot.city, town.pilot.edition_id, 20_000_000_00, town.pilot.approved_on)
    town.act(lambda ctx: funds.book_award(ctx, fact))
    return town


def put(purse: Purse, state: PilotState) -> None:
    """Put the pilot into a state; before the approval it has neither award nor day."""

    def change(ctx: Any) -> None:
        pilot = ctx.session.get_one(Pilot, purse.town.pilot.id)
        pilot.state = state
        if state not in PUBLIC_STATES:
            pilot.award_fen = pilot.approved_on = None

    purse.act(change)


def test_everybody_reads_the_sums_by_category(purse: Purse) -> None:
    found = said(purse.town.app, one(purse))
    assert (found["awarded"], found["received"]) == (yuan("10000000.00"), yuan("5000000.00"))
    assert (found["committed"], found["paid"]) == (yuan("40000.00"), yuan("0.00"))
    sums = {row["code"]: (row["bucket"], row["allotted"], row["committed"], row["paid"]) for row in found["categories"]}
    assert sums == {
        "renovation": ("renovation", yuan("1000000.00"), yuan("40000.00"), yuan("0.00")),
        "platform": ("other", yuan("0.00"), yuan("0.00"), yuan("0.00")),
        "services": ("other", yuan("0.00"), yuan("0.00"), yuan("0.00")),
        "saas": ("other", yuan("300000.07"), yuan("0.00"), yuan("0.00")),
    }
    assert (found["state"], found["class"], found["book"]) == ("approved", "county_1", "jiangxi-2023")
    assert found == said(purse.town.app, LIST)["items"][0], "the list says the same"


def test_the_shares_are_those_of_the_settlement_report(purse: Purse) -> None:
    app, found = purse.town.app, said(purse.town.app, one(purse))
    report = app.test_client().get(
        f"/api/v1/reports/settlement/{purse.town.pilot.id}", headers=token_for(app, purse.town.city)
    )
    answered = [check for check in report.json["answer"]["checks"] if check["base"]]
    assert [check["code"] for check in answered] == SHARES
    shown = [
        {
            **{name: check[name] for name in ("code", "clause", "base", "limit_share", "actual_share", "status")},
            **{name: check[name]["amount"] for name in ("amount", "limit", "actual")},
            "message": check["message_zh"],
        }
        for check in found["checks"]
    ]
    assert shown == answered
    assert {check["clause"] for check in found["checks"]} == {"四(二)"}


def test_no_name_and_no_single_amount_is_told(purse: Purse) -> None:
    """Of the voucher of 120,000.00 and of those who deal with it nothing is told but what the order adds to a sum."""
    client = purse.town.app.test_client()
    ids = [purse.town.enterprise.organisation_id, purse.town.provider.organisation_id]
    firms = purse.act(lambda ctx: [ctx.session.get_one(Organisation, firm_id) for firm_id in ids])
    secrets = [word for firm in firms for word in (firm.name, firm.uscc, str(firm.id))]
    secrets += ["120000", "120,000", *(person.name for person in purse.town.persons.values())]
    for address in (LIST, one(purse), "/spending", f"/spending/{purse.town.pilot.id}"):
        answer = client.get(address)
        assert answer.status_code == 200
        text = json.dumps(answer.json, ensure_ascii=False) if answer.is_json else answer.text
        assert [word for word in secrets if word in text] == []


@pytest.mark.parametrize("state", list(PilotState))
def test_only_pilots_that_were_approved_are_shown(purse: Purse, state: PilotState) -> None:
    app = purse.town.app
    put(purse, state)
    there = state in (PilotState.APPROVED, PilotState.SUSPENDED, PilotState.CLOSED)
    assert [item["state"] for item in said(app, LIST)["items"]] == ([state.value] if there else [])
    said(app, one(purse), 200 if there else 404)
    assert app.test_client().get(f"/spending/{purse.town.pilot.id}").status_code == (200 if there else 404)
    assert (purse.town.pilot.name in app.test_client().get("/spending").text) == there


def test_a_pilot_that_never_was_is_not_found(app: Flask) -> None:
    said(app, f"{LIST}/{uuid.uuid4()}", 404)
    assert app.test_client().get(f"/spending/{uuid.uuid4()}").status_code == 404


def test_the_list_is_paged_newest_first_and_narrowed_by_city(purse: Purse, clock: SetClock) -> None:
    app = purse.town.app
    clock.moment += timedelta(minutes=1)
    newer = another(purse, clock, city=OTHER_CITY, county=OTHER_COUNTY)
    first = said(app, LIST, limit=1)
    assert [item["pilot_id"] for item in first["items"]] == [str(newer.pilot.id)]
    second = said(app, LIST, limit=1, cursor=first["next_cursor"])
    assert [item["pilot_id"] for item in second["items"]] == [str(purse.town.pilot.id)]
    assert second["next_cursor"] is None
    assert [item["pilot_id"] for item in said(app, LIST, city=OTHER_CITY)["items"]] == [str(newer.pilot.id)]
    assert said(app, LIST, 422, colour="red")["code"] == "input.invalid"


def test_no_pilot_is_counted_with_anothers_money(purse: Purse, clock: SetClock) -> None:
    town = another(purse, clock)
    purse.act(
        lambda ctx: funds.allot(ctx, town.pilot.id, category="renovation", amount_fen=700_000_00, key="other"),
        purse.finance,
    )
    found = {item["pilot_id"]: item for item in said(purse.town.app, LIST)["items"]}
    mine, other = found[str(purse.town.pilot.id)], found[str(town.pilot.id)]
    assert (mine["awarded"], mine["committed"]) == (yuan("10000000.00"), yuan("40000.00"))
    assert (other["awarded"], other["received"], other["committed"]) == (
        yuan("20000000.00"), yuan("0.00"), yuan("0.00"),
    )  # fmt: skip
    allotted = [[row["allotted"]["amount"] for row in item["categories"]] for item in (mine, other)]
    assert allotted == [["1000000.00", "0.00", "0.00", "300000.07"], ["700000.00", "0.00", "0.00", "0.00"]]
    ids = [purse.town.pilot.id, town.pilot.id]
    counts = purse.act(lambda ctx: [p.verdict.facts.enterprises.selected for p in positions.positions(ctx, ids)])
    assert counts == [1, 0], "the enterprise with a voucher counts where it has it"


def accept(purse: Purse, order: Order, level: str, day: date, pilot_id: uuid.UUID | None = None) -> None:
    """An acceptance of this day, as it lies in the books."""
    rank, pilot = int(level[1:]), purse.town.pilot
    place = {
        "enterprise_id": purse.town.enterprise.organisation_id,
        "pilot_id": pilot_id or pilot.id,
        "city": pilot.city,
    }

    def write(ctx: Context) -> None:
        record = ctx.add(
            LevelRecord(
                **place, edition_id=pilot.edition_id, scale="jiangxi", version="2023", value=level, rank=rank,
                assessor="市工信局", assessed_on=day,
            )
        )  # fmt: skip
        ctx.session.flush()
        ctx.add(
            Acceptance(
                **place, order_id=order.id, round=1, provider_id=purse.town.provider.organisation_id, scores={},
                points=80, finance_clean=True, level_after=level, rank_after=rank, level_record_id=record.id,
                result=Result.PASSED, accepted_on=day, officer=uuid.uuid4(), reason="合格",
            )
        )  # fmt: skip

    purse.act(write)


def test_enterprises_are_counted_by_how_they_came_out(purse: Purse, clock: SetClock) -> None:
    """The latest acceptance in this very pilot counts; a key link must reach more than the others (二(二))."""
    town, today = purse.town, day_of(clock.moment)
    listing = list_software(purse)
    voucher = purse.issue(key="second")
    orders = [place_order(town, listing, voucher_id=voucher) for _ in range(3)]
    unpaid = place_order(town, listing)
    elsewhere = another(purse, clock)

    def outcome() -> tuple[int, int, int, int]:
        ids = [town.pilot.id, elsewhere.pilot.id]
        counts = purse.act(lambda ctx: positions.positions(ctx, ids)[0].verdict.facts.enterprises)
        return counts.selected, counts.key_link, counts.at_level, counts.below_level

    assert outcome() == (1, 0, 0, 0)
    accept(purse, unpaid, "L7", today)
    assert outcome() == (1, 0, 0, 0), "no money of the pilot was set aside for what was accepted"
    accept(purse, orders[1], "L5", today - timedelta(days=2))
    assert outcome() == (1, 0, 0, 1)
    accept(purse, orders[2], "L6", today - timedelta(days=1))
    assert outcome() == (1, 0, 1, 0)
    firm = town.enterprise.organisation_id
    purse.act(lambda ctx: setattr(ctx.session.query(Member).filter_by(enterprise_id=firm).one(), "key_link", True))
    assert outcome() == (1, 1, 0, 1)


@pytest.mark.parametrize("address", [LIST, "/spending"])
def test_many_pilots_take_as_many_statements_as_one(purse: Purse, clock: SetClock, address: str) -> None:
    client = purse.town.app.test_client()
    client.get(address)  # the rule book is read once per process
    with listening(purse.town.app) as alone:
        assert client.get(address).status_code == 200
    towns = [purse.town, *(another(purse, clock) for _ in range(4))]
    with listening(purse.town.app) as together:
        answer = client.get(address)
    assert all(str(town.pilot.id) in answer.text for town in towns)
    assert len(together) == len(alone) <= 9, "\n\n".join(together)


def test_one_statement_reads_the_books_of_several_editions(purse: Purse, clock: SetClock) -> None:
    said(purse.town.app, LIST)
    town = another(purse, clock)
    ids = [purse.town.pilot.id, town.pilot.id]
    with listening(purse.town.app) as sent:
        found = purse.act(lambda ctx: positions.positions(ctx, ids))
    assert [position.pilot.id for position in found] == ids
    assert len([statement for statement in sent if "FROM book_edition" in statement]) == 1


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_say_what_the_api_says(purse: Purse, language: str) -> None:
    app, found = purse.town.app, said(purse.town.app, one(purse))
    visitor = Walker(app).get("/")
    visitor.client.set_cookie("lang", language)
    visitor.get("/").follow("Spending" if language == "en" else "资金公开")
    assert visitor.address == "/spending"
    assert 'href="/spending"' in visitor.text.split("<main")[0], "it stands in the menu"
    words = visitor.words()
    assert all(f"¥{figure}" in words for figure in ("10,000,000.00", "5,000,000.00", "40,000.00", "0.00"))
    assert "0.40%" in words and "四(二)" in words
    assert ("Under way" if language == "en" else "进行中") in words
    visitor.follow(purse.town.pilot.name)
    words = visitor.words()
    assert all(check[f"message_{language}"] in words for check in found["checks"])
    assert all(row[f"name_{language}"] in words for row in found["categories"])
    assert "¥300,000.07" in words
    if language == "en":
        assert CHINESE.findall(words.replace(purse.town.pilot.name, "").replace("四(二)", "")) == []


def test_the_document_promises_it_without_a_token(app: Flask) -> None:
    paths = said(app, "/api/v1/openapi.json")["paths"]
    for path in (LIST, f"{LIST}/{{pilot_id}}"):
        assert paths[path]["get"]["security"] == []


def test_summaries_of_an_empty_city(app: Flask) -> None:
    assert said(app, LIST) == {"items": [], "next_cursor": None}
    assert "还没有已批复的试点" in app.test_client().get("/spending").text
