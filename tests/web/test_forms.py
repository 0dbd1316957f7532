"""Forms that answer while they are filled in: a word beside a field, never an act, and a way on for a script."""

from __future__ import annotations

import io
import re
from contextlib import nullcontext
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.exceptions import BadRequest

from marketplace.people.organisations.models import Organisation
from marketplace.web import security
from marketplace.web.db import db
from tests.support.people import PASSWORD, acting, make_actor, make_person, post, sign_in


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", html)).strip()


@pytest.mark.parametrize(
    ("typed", "typing", "zh", "en"),
    [
        ("1,234.5", False, "大写：壹仟贰佰叁拾肆元伍角整", "In Chinese capitals: 壹仟贰佰叁拾肆元伍角整"),
        ("12.", True, "大写：壹拾贰元整", "In Chinese capitals: 壹拾贰元整"),
        ("", False, "", ""),
        ("1,2", True, "", ""),
        ("12,0", False, "“12,0”不是有效金额，请填写如 1234.50。", "“12,0” is not a valid amount"),
        ("12.345", True, "“12.345”不是有效金额，请填写如 1234.50。", "“12.345” is not a valid amount"),
        ("<b>", True, "“&lt;b&gt;”不是有效金额，请填写如 1234.50。", "“&lt;b&gt;” is not a valid amount"),
        ("9" * 23, False, "金额超出系统上限。", "The amount is beyond"),
    ],
)
def test_an_amount_is_said_in_capitals(app: Flask, typed: str, typing: bool, zh: str, en: str) -> None:
    headers = {"X-Typing": "yes"} if typing else {}
    client = app.test_client()
    answers = [
        client.get("/parts/words", query_string={"of": "price", "price": typed, "lang": lang}, headers=headers)
        for lang in ("zh", "en")
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert words(answers[0].text) == zh and words(answers[1].text).startswith(en)


@pytest.mark.parametrize(
    ("typed", "typing", "said"),
    [
        ("91360900ma35", True, "已填 12 位，还差 6 位。"),
        ("91360900MA35", False, "统一社会信用代码应为 18 位，您填写的“91360900MA35”为 12 位。"),
        ("91360900MI35", True, "统一社会信用代码应为 18 位"),
        ("", True, ""),
    ],
)
def test_a_credit_code_is_looked_at_while_it_is_typed(app: Flask, typed: str, typing: bool, said: str) -> None:
    headers = {"X-Typing": "yes"} if typing else {}
    answer = app.test_client().get("/parts/uscc", query_string={"uscc": typed}, headers=headers)
    assert words(answer.text).startswith(said) and bool(words(answer.text)) == bool(said)


def test_a_right_code_comes_back_in_groups(app: Flask) -> None:
    answer = app.test_client().get("/parts/uscc?uscc=91360900MA0000000")
    assert "为 17 位" in answer.text
    from stdnum.cn import uscc

    code = "91360900MA3500001" + uscc.calc_check_digit("91360900MA3500001")
    answer = app.test_client().get("/parts/uscc", query_string={"uscc": code.lower()})
    assert words(answer.text) == "校验码正确：" + " ".join(code[i : i + 4] for i in range(0, 18, 4))
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    assert "第 18 位校验码不正确" in app.test_client().get("/parts/uscc", query_string={"uscc": wrong}).text


def test_the_second_list_of_places_is_that_of_the_city(app: Flask) -> None:
    client = app.test_client()
    asked = {"of": "region-city", "region-city": "360900", "kinds": "city,county,zone"}
    html = client.get("/regions/options", query_string=asked).text
    codes = re.findall(r'value="(\w*)"', html)
    assert codes[:3] == ["", "360900", "360902"] and any(code.startswith("Z3609") for code in codes)
    assert "宜春市（全市）" in html
    counties = client.get("/regions/options?city=360900&kinds=county&lang=en").text
    assert len(re.findall("<option", counties)) == 11 and "Gao" in counties
    nowhere = client.get("/regions/options?city=x&kinds=county")
    assert words(nowhere.text) == "请先选择设区市"


@pytest.fixture
def newcomer(app: Flask) -> FlaskClient:
    client = app.test_client()
    sign_in(client, make_person(acting(app)))
    return client


def ask(client: FlaskClient, name: str, value: Any, **headers: str) -> Any:
    page = client.get("/organisations/register").text
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert token
    given = {"X-Check": name, "X-CSRFToken": token[1], **{k.replace("_", "-"): v for k, v in headers.items()}}
    return client.post("/organisations/register", data={name: value}, headers=given)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("name", "", "此项必填。"),
        ("name", "江西恒达", ""),
        ("address", "", ""),
        ("employees", "十", "请填写整数。"),
        ("employees", "12", ""),
        ("revenue", "x", "“x”不是有效金额，请填写如 1234.50。"),
        ("capacity", "king", "请从列表中选择。"),
    ],
)
def test_a_field_of_a_live_form_is_checked_alone_and_nothing_happens(
    app: Flask, newcomer: FlaskClient, name: str, value: str, said: str
) -> None:
    answer = ask(newcomer, name, value)
    assert (answer.status_code, words(answer.text)) == (200, said)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Organisation)) == 0


def test_an_amount_of_a_live_form_is_said_in_capitals(newcomer: FlaskClient) -> None:
    assert words(ask(newcomer, "revenue", "100", X_Check_Kind="money").text) == "大写：壹佰元整"
    assert words(ask(newcomer, "revenue", "1,2", X_Check_Kind="money", X_Typing="yes").text) == ""
    assert words(ask(newcomer, "uscc", "9136", X_Check_Kind="uscc", X_Typing="yes").text) == "已填 4 位，还差 14 位。"


def test_a_question_about_a_field_needs_the_token_and_never_becomes_an_act(app: Flask, newcomer: FlaskClient) -> None:
    for name in ("nothing", "uscc]", "csrf_token"):
        answer = ask(newcomer, name, "x")
        assert (answer.status_code, answer.get_data()) == (204, b"")
    page = newcomer.get("/account").text
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert token
    # A view without a form would act at once: with the header it does not.
    signed = newcomer.post("/account/sign-out", headers={"X-Check": "x", "X-CSRFToken": token[1]})
    assert signed.status_code == 204


def test_line_ends_count_once(app: Flask) -> None:
    from marshmallow import Schema, fields

    from marketplace.web.html import Form

    class Written(Schema):
        why = fields.String()

    with app.test_request_context("/x", method="POST", data={"why": "一\r\n二"}):
        assert Form(Written).values["why"] == "一\n二"


def test_a_script_that_sends_a_form_is_told_where_to_go_on(app: Flask, newcomer: FlaskClient) -> None:
    page = newcomer.get("/account/profile").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    data = {"csrf_token": token[1], "name": "新名", "email": "", "locale": "zh", "f": (io.BytesIO(b"x"), "x.pdf")}
    answer = newcomer.post("/account/profile", data=data, headers={"X-Form": "script"})
    assert (answer.status_code, answer.headers["X-Location"]) == (204, "/account")
    assert "已保存。" in newcomer.get("/account").text


def test_staying_begins_a_new_time_but_not_a_longer_day(app: Flask) -> None:
    person, client = make_person(acting(app)), app.test_client()
    post(client, "/account/sign-in", {"login": person.phone, "password": PASSWORD})
    page = client.get("/account").text
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert token and 'data-idle="7200"' in page
    answer = client.post("/account/stay", headers={"X-CSRFToken": token[1]})
    rest = answer.get_json()
    assert rest["idle"] == 7200 and 12 * 3600 - 60 < rest["most"] <= 12 * 3600
    assert "Set-Cookie" in answer.headers
    with client.session_transaction() as kept:
        kept["until"] -= 11 * 3600 + 1800
    assert client.post("/account/stay", headers={"X-CSRFToken": token[1]}).get_json()["idle"] <= 1800
    assert 'id="leaving"' not in app.test_client().get("/").text


def test_a_refused_file_is_named_beside_its_field(app: Flask) -> None:
    act = acting(app)
    actor, person = make_actor(act, "enterprise")
    client = sign_in(app.test_client(), person)
    page = f"/organisations/{actor.organisation_id}/papers"
    kind = re.search(r'name="kind" value="(\w+)"', client.get(page).text)
    assert kind
    answer = post(client, page, {"kind": kind[1], "document": (io.BytesIO(b"\x00\x01"), "x.pdf")})
    assert answer.status_code == 409 and "不接受此类文件" in answer.text
    assert 'id="e-document"' in answer.text and 'href="#f-document"' in answer.text


@pytest.mark.parametrize(
    ("path", "sent", "refused"),
    [
        ("/api/v1/sanctions", {"query_string": {"subject_id": "a\0"}}, True),
        ("/api/v1/sanctions", {"query_string": {"subject_id": "a"}}, False),
        ("/api/v1/sanctions", {"method": "POST", "json": {"reasons": [{"why": "a\0"}]}}, True),
        ("/api/v1/sanctions", {"method": "POST", "json": {"a\0": 1}}, True),
        ("/api/v1/sanctions", {"method": "POST", "json": {"why": "\\u0000 is how one writes it", "n": 1}}, False),
        ("/api/v1/sanctions", {"method": "POST", "data": {"why": "a\0"}}, True),
        ("/account/sign-in", {"method": "POST", "data": {"identifier": "a\0"}}, True),
        ("/account/sign-in", {"method": "POST", "data": {"identifier": "a"}}, False),
        ("/orders", {"query_string": {"q": "a\0"}}, False),
    ],
)
def test_no_words_hold_a_nul(app: Flask, path: str, sent: dict[str, Any], refused: bool) -> None:
    """PostgreSQL cannot keep one: it must not come so far."""
    with app.test_request_context(path, **sent):
        with pytest.raises(BadRequest) if refused else nullcontext():
            security._refuse_nul()


def test_a_nul_in_a_request_is_a_bad_request(app: Flask) -> None:
    answer = app.test_client().get("/api/v1/sanctions?subject_id=%00")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
