"""What an officer does with a voucher, over REST: stop it, let it go, take back what is free, and who may not."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.people import token_for
from tests.support.rest import Program
from tests.support.street import Street


def test_stopped_let_go_and_taken_back(street: Callable[..., Street]) -> None:
    town = street()
    town.issue()
    app, people = town.app, town.payday.town
    office, enterprise = (Program(app, token_for(app, who)) for who in (people.office, people.enterprise))
    [voucher] = enterprise.get("/vouchers")["items"]
    here = f"/vouchers/{voucher['id']}"
    assert enterprise.send("POST", f"{here}/freeze", {"reason": "不行。"}).status_code == 403
    assert office.post(f"{here}/freeze", {"reason": "核查中。"})["frozen"] is True
    assert office.post(f"{here}/thaw", {"reason": "已核实。"})["frozen"] is False
    body = {"amount": {"amount": "2500.00", "currency": "CNY"}, "reason": "企业退出改造。"}
    assert office.send("POST", f"{here}/recalls", body).status_code == 400, "without a key"
    made = office.pay(f"{here}/recalls", body, 201)
    assert (made["available"]["amount"], made["recalled"]["amount"]) == ("7500.00", "2500.00")
    assert enterprise.get(here)["available"]["amount"] == "7500.00"
    over = {"amount": {"amount": "7500.01", "currency": "CNY"}, "reason": "多收。"}
    office.refused("POST", f"{here}/recalls", over, code="voucher.too_little")
    [balances] = town.balances()
    assert balances == dict(available=750_000, reserved=0, payable=0, paid=0, recalled=250_000, clawed=0)
    assert town.fund("recall") == 250_000
