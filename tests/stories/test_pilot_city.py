"""Pilot cities of other books, from the award to the bank's answer and the report: another policy is a file, and no code.

Under `nanchang-2024` the platform holds back what the paper forbids for one enterprise, and the command would say of the
same sheet.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from marketplace.base.clock import SetClock
from marketplace.base.roles import Role
from marketplace.cli import cli
from marketplace.shop.acceptance import actions as acceptance
from marketplace.shop.acceptance.states import Result
from marketplace.shop.catalogue.states import CostType
from marketplace.shop.orders import actions as orders
from marketplace.shop.orders.rules import LineInput
from tests.support.payday import refused, returned
from tests.support.people import CITY, client_as, sign_in, token_for
from tests.support.pilot_city import PRICE, SUBSIDY, PilotCity, begin
from tests.support.shop import PDF, file_contract, place_order
from vouchers.funds import gate
from vouchers.ledger import verify
from vouchers.schemes import actions as schemes
from vouchers.schemes.actions import TermsInput

BOOKS = ["national-2023", "nanchang-2024"]


@pytest.fixture(params=BOOKS)
def story(request: pytest.FixtureRequest, app: Flask, clock: SetClock) -> PilotCity:
    return begin(request.param, app, clock)


def test_from_the_voucher_to_the_report(story: PilotCity, app: Flask, tmp_path: Path) -> None:
    payday, town = story.payday, story.payday.town
    order = place_order(town, payday.listing, voucher_id=story.issue(SUBSIDY))
    payday.act(lambda ctx: orders.accept(ctx, order.id), town.provider)
    line = LineInput("系统", CostType.SOFTWARE, Decimal(1), Decimal("500000"), PRICE, 0)
    file_contract(town, order, [line], signed_on=payday.today, data=PDF + b"%city\n")
    payday.act(lambda ctx: orders.deliver(ctx, order.id, text="已上线并培训。"), town.provider)
    payday.act(lambda ctx: orders.confirm(ctx, order.id), town.enterprise)

    def judge(level: str) -> Any:
        words = {"result": Result.PASSED, "finance_clean": True, "reason": "符合要求。"}
        angles = dict.fromkeys(story.world.book.acceptance.angles, 80)
        return payday.act(
            lambda ctx: acceptance.judge(ctx, order.id, scores=angles, level_after=level, **words), story.world.city
        )

    officer = client_as(app, Role.CITY, region=CITY)
    form = officer.get(f"/acceptances/orders/{order.id}")
    assert form.status_code == 200 and 'name="score_' not in form.text, "the book names no angles"
    assert refused(lambda: judge("一级")).code == "level.below_target"
    judged = judge("二级")
    page = officer.get(f"/acceptances/{judged.id}")
    assert page.status_code == 200 and "综合得分" not in page.text
    payday.invoice(order, gross=PRICE, tax=0)
    claim = payday.approved(order)
    batch = payday.released(claim)
    [payment] = payday.ids(batch)
    payday.load(batch, returned([(payment, "成功", "ICBC-1", "", payday.today.isoformat())]))
    assert payday.fund().paid == SUBSIDY

    address = f"/reports/settlement/{story.pilot.id}"
    client = sign_in(app.test_client(), payday.persons["office"])
    page = client.get(address)
    assert page.status_code == 200 and "¥300,000.00" in page.text and "None" not in page.text
    said = checked(
        tmp_path, client.get(f"{address}/rows.csv").data, client.get(f"{address}/pilot.toml").data, story.code
    )
    live = app.test_client().get(f"/api/v1{address}", headers=token_for(app, town.office)).json["answer"]
    for answer in (live, said):
        del answer["totals"]["rows"], answer["totals"]["skipped_rows"]
    assert live["totals"] == said["totals"] and live["checks"] == said["checks"]
    assert live["verdict"] == said["verdict"]
    assert live["totals"]["enterprises"] == {"selected": 1, "renovated": 1, "key_link": 0}
    assert live["totals"]["paid"] == live["totals"]["arranged"] == "300000.00"
    levels = {check["code"]: check["status"] for check in live["checks"]}.get("targets.levels")
    assert levels == ("pass" if story.code == "nanchang-2024" else None), "a target is the city's alone"
    assert not [finding for finding in said["findings"] if finding["severity"] == "fail"]
    for form in (".xlsx", ".pdf"):
        assert client.get(address + form).status_code == 200
    assert payday.act(lambda ctx: verify.verify(ctx.session)).sound


def checked(folder: Path, sheet: bytes, pilot: bytes, book: str) -> Any:
    (folder / "rows.csv").write_bytes(sheet)
    (folder / "pilot.toml").write_bytes(pilot)
    asked = ["check", str(folder / "rows.csv"), "--book", book, "--pilot", str(folder / "pilot.toml")]
    answer = CliRunner().invoke(cli, [*asked, "--format", "json"])
    assert answer.exit_code in (0, 1), answer.output
    return json.loads(answer.stdout)


def limited(story: PilotCity) -> bool:
    """Whether the book says what one enterprise may get at most; the national one leaves it to the city."""
    return story.code == "nanchang-2024"


def test_no_scheme_gives_more_than_the_book_does(story: PilotCity) -> None:
    """Sixty per cent and 400,000.00 in the first batch: a hundredth of a per cent or a fen more is refused."""
    office = story.payday.town.office

    def drafted(code: str, **changes: Any) -> Any:
        terms = TermsInput(**{**vars(story.terms), **changes})
        return story.payday.act(
            lambda ctx: schemes.draft_scheme(ctx, pilot_id=story.pilot.id, code=code, name="改造券", terms=terms),
            office,
        )

    drafted("SAME")
    if not limited(story):
        drafted("MORE", rate_bps=10_000, cap_voucher_fen=400_000_01)
        return
    above = refused(lambda: drafted("RATE", rate_bps=6001))
    assert (above.code, above.field) == ("scheme.rate_above_book", "rate") and "60%" in str(above.text)
    for field in ("cap_voucher", "cap_enterprise_year"):
        above = refused(lambda field=field: drafted("CAP", **{f"{field}_fen": 400_000_01}))
        assert (above.code, above.field) == ("scheme.cap_above_book", field)
    assert above.clause == "南昌奖补条款实施细则（2024年7月）"


@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_no_enterprise_is_promised_more_than_the_book_lets_it_have(story: PilotCity, extra: int) -> None:
    story.issue(300_000_00)
    if not limited(story) or extra <= 0:
        story.issue(100_000_00 + extra)
        return
    above = refused(lambda: story.issue(100_000_00 + extra))
    assert (above.code, above.clause) == ("enterprise.cap", "南昌奖补条款实施细则（2024年7月）")
    assert "400,000.01" in str(above.text) and "400,000.00" in str(above.text)


@pytest.mark.parametrize("extra", [0, 1])
def test_an_order_asks_as_well_and_counts_what_orders_took(story: PilotCity, extra: int) -> None:
    """A voucher in hand that nothing is ordered with does not count, what is set aside does."""
    payday, town = story.payday, story.payday.town
    voucher = story.issue(400_000_00)
    place_order(town, payday.listing, voucher_id=voucher)
    given = {town.enterprise.organisation_id: 100_000_00 + extra}

    def ask() -> Any:
        amounts = {"renovation": 100_000_00 + extra}
        return payday.act(lambda ctx: gate.ask(ctx, story.pilot.id, gate.Act.ORDER, amounts, enterprises=given))

    if limited(story) and extra:
        assert refused(ask).code == "enterprise.cap"
    else:
        ask()
