"""Every page of people renders for who may open it, in both languages."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.base.roles import Role
from marketplace.people.organisations import actions, facts
from marketplace.people.organisations.models import Organisation
from marketplace.people.organisations.states import FactKind
from tests.support.people import (
    acting,
    client_as,
    make_actor,
    make_organisation,
    make_person,
    make_uscc,
    newcomer,
    post,
    sign_in,
)

VISITOR = ["/account/sign-in", "/account/sign-up", "/regions", "/regions?city=360900"]
OWN = ["/account", "/account/profile", "/account/password", "/account/tokens", "/account/substitutes"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_visitor_sees_the_door_and_the_places(app: Flask, language: str) -> None:
    client = client_as(app)
    for url in VISITOR:
        answer = client.get(url, headers={"Accept-Language": language})
        assert answer.status_code == 200, url


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_member_sees_account_and_organisation(app: Flask, language: str) -> None:
    client = client_as(app, "provider")
    own = f"/organisations/{client.actor.organisation_id}"  # type: ignore[attr-defined]
    pages = [
        *OWN,
        "/",
        "/account/people",
        "/account/people/invite",
        "/organisations",
        "/organisations/register",
        own,
        own + "/papers",
        own + "/shareholders",
        own + "/accounts",
        own + "/accounts/new",
        "/organisations/accounts",
        *(f"{own}/change?kind={kind.value}" for kind in FactKind),
    ]
    for url in pages:
        answer = client.get(url, headers={"Accept-Language": language})
        assert answer.status_code == 200, url
    assert client.get("/organisations/mine").location == own


def test_one_s_own_organisation_leads_everybody_somewhere(app: Flask) -> None:
    act = acting(app)
    for role in Role:
        _, person = make_actor(act, role)
        answer = sign_in(app.test_client(), person).get("/organisations/mine", follow_redirects=True)
        assert answer.status_code == 200, role
    _, auditor = make_actor(act, Role.AUDITOR)
    assert sign_in(app.test_client(), auditor).get("/organisations/mine").location == "/organisations"


def test_an_officer_sees_lists_and_forms_with_something_in_them(app: Flask) -> None:
    act = acting(app)
    firm = make_organisation(act, "江西有待确认有限公司", confirmed=False)
    known = make_organisation(act, "江西已有公司")
    claimant = newcomer(make_person(act, "王五"))
    case = act(
        lambda ctx: actions.register(
            ctx,
            uscc=known.uscc,
            name="江西已有公司",
            capacity="enterprise",
            region=known.region,
            legal_representative="王五",
            phone="13800000000",
            industry="C39",
        ),
        claimant,
    )
    act(lambda ctx: facts.change(ctx, known.id, FactKind.LEGAL_REPRESENTATIVE, "李四"))
    account = act(
        lambda ctx: actions.propose_account(
            ctx, known.id, holder_name=known.name, bank_name="中国银行", number="6222000011112222"
        )
    )
    client = client_as(app, "city")
    for url in (
        *OWN,
        "/",
        "/search?q=有待确认",
        "/organisations?state=registered&q=" + firm.uscc,
        f"/organisations/{firm.id}",
        f"/organisations/{firm.id}/reject",
        f"/organisations/{known.id}",
        f"/organisations/{known.id}/accounts",
        "/organisations/accounts",
        f"/organisations/accounts/{account.id}/refuse",
        "/organisations/changes",
        "/organisations/cases",
        f"/organisations/cases/{case.id}",
        f"/organisations/cases/{case.id}/decide",
        "/organisations/codes/admit",
        "/organisations/register",
        "/account/people?q=王五",
        "/account/people/invite",
    ):
        assert client.get(url).status_code == 200, url
    home = client.get("/").get_data(as_text=True)
    assert "1 家单位等待确认身份" in home
    assert "1 件单位归属争议等待处理" in home
    assert "江西有待确认有限公司" in client.get("/search?q=有待确认").get_data(as_text=True)


def test_the_province_and_the_administrator_have_their_pages(app: Flask) -> None:
    province = client_as(app, "province")
    for url in ("/regions", "/regions/classes?region=360900", "/regions/zones/new", "/organisations"):
        assert province.get(url).status_code == 200, url
    admin = client_as(app, "admin")
    for url in ("/account/people", "/account/people/invite", "/organisations", "/account/tokens"):
        assert admin.get(url).status_code == 200, url


def test_somebody_new_registers_an_enterprise_and_acts_for_it_at_once(app: Flask) -> None:
    act = acting(app)
    client = sign_in(app.test_client(), make_person(act, "新来者"))
    assert "登记您的单位" in client.get("/").get_data(as_text=True)
    code = make_uscc()
    form = {
        "uscc": code.lower(),
        "name": "江西新来者有限公司",
        "capacity": "enterprise",
        "region": "360981",
        "legal_representative": "新来者",
        "phone": "0795-1234567",
        "industry": "C39",
        "employees": "120",
        "revenue": "3,000,000.00",
    }
    wrong = post(client, "/organisations/register", {**form, "uscc": code[:-1] + ("0" if code[-1] != "0" else "1")})
    assert wrong.status_code == 409
    assert "校验码不正确" in wrong.get_data(as_text=True)
    answer = post(client, "/organisations/register", form)
    assert answer.status_code == 303
    page = client.get(answer.location)
    assert page.status_code == 200
    assert "等待主管部门确认身份" in page.get_data(as_text=True)
    made = act(lambda ctx: ctx.session.scalars(select(Organisation).where(Organisation.uscc == code)).one())
    assert (made.state, made.size_class, made.revenue_fen) == ("registered", "small", 300_000_000)
