"""Invoices on pages: the list of either side, one invoice and its next step, the three papers side by side."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
import python_calamine
from flask.testing import FlaskClient

from marketplace.base.roles import Role
from marketplace.people.organisations.models import Organisation
from marketplace.shop.orders.models import Order
from tests.support.html import PageClient, parse
from tests.support.payday import GROSS, TAX, Payday
from tests.support.people import OTHER_CITY, client_as, make_uscc, post, sign_in
from tests.support.shop import PDF
from vouchers.invoices import actions
from vouchers.invoices.models import Invoice
from vouchers.invoices.states import InvoiceState


@pytest.fixture(autouse=True)
def strict(payday: Payday, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page of these tests is read as strictly as `PageClient` reads."""
    monkeypatch.setattr(payday.town.app, "test_client_class", PageClient)


def browser(payday: Payday, who: str) -> FlaskClient:
    return sign_in(payday.town.app.test_client(), payday.persons[who])


@pytest.fixture
def invoices(payday: Payday) -> dict[str, Invoice]:
    """Four invoices of one order, each for a quarter of it, in the order of their submission."""
    order = payday.delivered()
    found = {}
    for state in InvoiceState:
        values = {"gross": GROSS // 4, "tax": TAX // 4}
        invoice = payday.invoice(order, confirmed=state is InvoiceState.CONFIRMED, **values)
        if state is InvoiceState.HELD:
            payday.act(lambda ctx, i=invoice.id: actions.hold(ctx, i, reason="税务核查"), payday.town.city)
        if state is InvoiceState.WITHDRAWN:
            payday.act(lambda ctx, i=invoice.id: actions.withdraw(ctx, i, reason="开错"), payday.town.provider)
        found[state.value] = invoice
        payday.clock.advance(minutes=1)
    return found


ALL = {state.value for state in InvoiceState}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ALL),
        *((f"state={state}", {state}) for state in sorted(ALL)),
        ("state=lost", ALL),
        ("q={held}", {"held"}),
        ("q={held}1", set()),
        ("q=_", set()),
        ("q={order}", ALL),
        ("q={provider}", ALL),
        ("since={today}&until={today}", ALL),
        ("since={tomorrow}", set()),
        ("until={yesterday}", set()),
        ("sort=oldest&column=number&column=pilot", ALL),
    ],
)
def test_each_filter_of_the_list(payday: Payday, invoices: dict[str, Invoice], query: str, found: set[str]) -> None:
    day, one = payday.today, invoices["held"]
    asked = query.format(
        held=one.number,
        order=payday.see(Order, one.order_id).number.lower(),
        provider=payday.see(Organisation, one.provider_id).name,
        today=day,
        tomorrow=day + timedelta(days=1),
        yesterday=day - timedelta(days=1),
    )
    page = browser(payday, "office").get(f"/invoices?{asked}").text
    assert {name for name, invoice in invoices.items() if f"/invoices/{invoice.id}" in page} == found


def test_the_orders_and_the_files_of_the_list(payday: Payday, invoices: dict[str, Invoice]) -> None:
    office = browser(payday, "office")
    numbers = [invoice.number for invoice in invoices.values()]
    for sort, wanted in (("newest", numbers[::-1]), ("oldest", numbers)):
        head, *lines = office.get(f"/invoices?sort={sort}&format=csv").data.decode("utf-8-sig").splitlines()
        assert head.startswith("发票号码,订单或合同编号,企业,服务商,开票日期,价税合计（元）,状态")
        assert [line.partition(",")[0].strip("'") for line in lines] == wanted
    with office.get("/invoices?format=xlsx&column=gross_fen&column=state") as file:
        sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(file.data)).get_sheet_by_index(0)
    assert sheet.to_python()[1] == [GROSS // 4 / 100, "已撤回"]


@pytest.mark.parametrize(
    ("who", "state", "step"),
    [
        ("enterprise", "submitted", "下一步：确认这张发票"),
        ("provider", "submitted", None),
        ("provider", "held", "下一步：撤回后重开"),
        ("city", "held", "下一步：核实后解除暂缓"),
        ("enterprise", "held", None),
        ("enterprise", "confirmed", None),
        ("provider", "withdrawn", None),
    ],
)
def test_one_next_step_for_whom_it_waits(
    payday: Payday, invoices: dict[str, Invoice], who: str, state: str, step: str | None
) -> None:
    client, one = browser(payday, who), invoices[state]
    page = client.get(f"/invoices/{one.id}").text.partition("<main")[2].partition("</main>")[0]
    assert ("下一步：" in page) == bool(step) and (step or "") in page
    assert page.count("btn-primary") == bool(step)
    row = client.get(f"/invoices?state={state}").text.partition("<tbody")[2].partition("</tbody>")[0]
    assert row.count(f"/invoices/{one.id}") == 1 + bool(step), "the list leads there too"


def test_the_papers_side_by_side_say_what_is_missing(payday: Payday, invoices: dict[str, Invoice]) -> None:
    page = browser(payday, "enterprise").get(f"/orders/{invoices['held'].order_id}/match").text
    assert "¥16,800.00" in page and "¥4,200.00" in page and "¥12,600.00" in page, "contract, confirmed, difference"
    assert "match.invoice_held" in page and "match.not_accepted" in page and "二(五)" in page
    form = browser(payday, "provider").get(f"/orders/{invoices['held'].order_id}/invoices/new").text
    assert 'name="gross" inputmode="decimal" autocomplete="off" value="4200.00"' in form, "what is not invoiced yet"


def test_others_see_nothing(payday: Payday, invoices: dict[str, Invoice]) -> None:
    for client in (
        client_as(payday.town.app, Role.CITY, region=OTHER_CITY),
        client_as(payday.town.app, Role.ENTERPRISE),
        client_as(payday.town.app, Role.PROVIDER),
    ):
        assert "没有符合条件的发票" in client.get("/invoices").text
        assert client.get(f"/invoices/{invoices['held'].id}").status_code == 404


def test_a_provider_submits_what_the_form_proposes(payday: Payday) -> None:
    order, provider = payday.delivered(), browser(payday, "provider")
    address = f"/orders/{order.id}/invoices/new"
    form = parse(provider.get(address).text).find('.//main//form[@class="form"]')
    assert form is not None
    values: dict[str, Any] = {str(field.get("name")): field.get("value", "") for field in form.iter("input")}
    values |= {"number": "31362000000000000017", "document": (io.BytesIO(PDF), "发票.pdf")}
    wrong = post(provider, address, values | {"buyer_uscc": make_uscc()}, content_type="multipart/form-data")
    assert wrong.status_code == 409 and 'href="#f-buyer_uscc"' in wrong.text
    values["document"] = (io.BytesIO(PDF), "发票.pdf")
    assert post(provider, address, values, content_type="multipart/form-data").status_code == 303
    assert "31362000000000000017" in browser(payday, "enterprise").get("/invoices?state=submitted").text
