"""The story of a pilot that starts mid-programme, on the screen and over REST; and two checkers at the same moment."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.base.clock import day_of
from marketplace.base.roles import Role
from tests.conftest import NOON
from tests.opening.conftest import NOTE, Newcomer, settle_in, sheet
from tests.support.html import PageClient
from tests.support.people import make_actor, post, sign_in, token_for
from tests.support.races import platform, race  # noqa: F401
from vouchers.ledger.models.openings import Opening
from vouchers.ledger.states import OpeningState
from vouchers.opening import actions

API = "/api/v1/openings"


@pytest.fixture
def browse(newcomer: Newcomer) -> Any:
    def browser(who: str) -> FlaskClient:
        app = newcomer.purse.town.app
        app.test_client_class = PageClient
        return sign_in(app.test_client(), newcomer.persons[who])

    return browser


def uploaded(newcomer: Newcomer, data: bytes) -> dict[str, Any]:
    return {"pilot_id": str(newcomer.pilot_id), "file": (io.BytesIO(data), "支出表.csv")}


def test_the_story_by_pages(newcomer: Newcomer, browse: Any) -> None:
    maker = browse("maker")
    assert "上传支出表" in maker.get("/openings").text
    maker.get("/openings/new")
    rows = [list(row) for row in newcomer.past()]
    rows[0][3] = "三十万"
    bad = post(maker, "/openings/new", uploaded(newcomer, sheet(rows)))
    assert bad.status_code == 422 and "D2 金额" in bad.text
    good = post(maker, "/openings/new", uploaded(newcomer, sheet(newcomer.past())))
    address = good.headers["Location"]
    page = maker.get(address).text
    assert "955,000.00" in page and "310,000.00" in page
    assert "level.below_target" in page and "提交复核" in page and "复核通过" not in page
    assert maker.get(f"{address}/rows").text.count("HT-1") >= 2
    assert post(maker, f"{address}/submit", {"note": ""}).status_code == 422
    assert post(maker, f"{address}/submit", {"note": NOTE}).status_code == 303
    assert "提交人不能复核自己的期初数据" in maker.get(address).text

    checker = browse("checker")
    assert "1 份期初数据待您复核" in checker.get("/").text
    assert NOTE in checker.get(address).text
    assert post(checker, f"{address}/send-back", {"reason": "请补充合同 PT-1 的付款依据。"}).status_code == 303
    assert "请补充合同 PT-1" in maker.get(address).text
    assert post(maker, f"{address}/submit", {"note": NOTE}).status_code == 303
    checker.get(address)
    assert post(checker, f"{address}/release").status_code == 303
    done = checker.get(address).text
    assert "已复核入账" in done and "入账时的规则检查" in done
    assert "310,000.00" in checker.get(f"/reports/settlement/{newcomer.pilot_id}").text
    again = post(maker, "/openings/new", uploaded(newcomer, sheet(newcomer.past())))
    assert again.status_code == 409 and "不能重复导入" in again.text
    number = newcomer.see(Opening, address.rsplit("/", 1)[1]).number
    assert number not in checker.get("/settlement").text, "its batch is no batch that waits for a bank"
    for who, client in (("maker", maker), ("checker", checker)):
        client.set_cookie("lang", "en")
        assert "Opening entries" in client.get(address).text, who


def test_a_sheet_that_stands_against_the_rules_is_shown_and_not_offered(newcomer: Newcomer, browse: Any) -> None:
    opening = newcomer.upload([(newcomer.day(3), "支付", "人员福利", "100.00")])
    page = browse("maker").get(f"/openings/{opening.id}").text
    assert "以下问题不解决，不能入账" in page and "表格第 2 行" in page
    assert "提交复核</button>" not in page


def test_over_rest(newcomer: Newcomer, app: Flask) -> None:
    client = app.test_client()
    maker, checker = token_for(app, newcomer.maker), token_for(app, newcomer.checker)
    made = client.post(API, headers=maker, data=uploaded(newcomer, sheet(newcomer.past())))
    assert made.status_code == 201, made.text
    address = f"{API}/{made.json['id']}"
    shown = client.get(address, headers=maker).json
    assert (shown["status"], shown["faults"], shown["opening"]["paid"]["amount"]) == ("fail", [], "310000.00")
    assert {"level.below_target"} <= {finding["code"] for finding in shown["findings"]}
    assert client.get(f"{address}/rows?limit=3&kind=paid", headers=maker).json["items"][0]["contract"] == "HT-1"
    assert client.post(f"{address}/submission", headers=maker, json={"note": NOTE}).status_code == 200
    assert client.post(f"{address}/release", headers=checker).status_code == 400, "money needs a key"
    keyed = {**checker, "Idempotency-Key": "release-1"}
    first, second = (client.post(f"{address}/release", headers=keyed) for _ in range(2))
    assert first.json == second.json and first.json["state"] == "released"
    assert second.headers["Idempotency-Replayed"] == "true"
    wrong = client.post(API, headers=maker, data=uploaded(newcomer, b"nothing,here\n1,2\n"))
    assert wrong.status_code == 422 and wrong.json["code"] == "opening.unusable"


def test_a_neighbour_finds_nothing(newcomer: Newcomer, app: Flask) -> None:
    opening = newcomer.upload(newcomer.past())
    stranger, _ = make_actor(newcomer.act, Role.FINANCE, region="360700")
    answer = app.test_client().get(f"{API}/{opening.id}", headers=token_for(app, stranger))
    assert answer.status_code == 404
    answer = app.test_client().post(
        API, headers=token_for(app, stranger), data=uploaded(newcomer, sheet(newcomer.past()))
    )
    assert answer.status_code in (403, 404)


@pytest.mark.postgres
def test_two_checkers_at_once_book_it_once(platform: Flask) -> None:  # noqa: F811
    newcomer = settle_in(platform, day_of(NOON))
    other, _ = make_actor(newcomer.act, Role.FINANCE, region=newcomer.purse.town.pilot.city)
    opening = newcomer.submitted(newcomer.past())

    def release(ctx: Any) -> str:
        return actions.release(ctx, opening.id).state.value

    got = race(platform, [release, release], [newcomer.checker, other])
    assert sorted(got) == ["released", "state.not_allowed"]
    after: Opening = newcomer.see(Opening, opening.id)
    assert (after.state, after.checker_id in {newcomer.checker.person_id, other.person_id}) == (
        OpeningState.RELEASED,
        True,
    )
    assert newcomer.sound()
