"""What an act may do to a pilot is asked first: issuing, ordering and paying by page and over REST, with what is kept."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.base import money
from marketplace.base.clock import SetClock
from marketplace.base.errors import ReasonNeeded, Refusal
from marketplace.record.audit.models import AuditRow
from marketplace.shop.orders import actions as orders
from marketplace.shop.orders.states import Mode
from tests.support.html import PageClient
from tests.support.payday import Payday, build_payday
from tests.support.people import post, sign_in, token_for
from tests.support.shop import list_product, organisation_of, packages_of, place_order
from vouchers.funds import actions as funds
from vouchers.funds import gate
from vouchers.funds.gate import Act
from vouchers.ledger.models.payments import PaymentBatch
from vouchers.ledger.states import BatchState
from vouchers.schemes import actions as schemes
from vouchers.schemes.actions import TermsInput
from vouchers.schemes.models import SchemeVersion
from vouchers.schemes.states import Basis, OnShort
from vouchers.wallets import issuing

WHY = "平台先行，改造合同下月集中签订。"


@pytest.fixture
def payday(app: Flask, clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> Payday:
    """A town whose scheme pays SaaS: an other use, of which a county pilot may arrange a fifth. Nothing is renovated."""
    made = build_payday(app, clock)
    monkeypatch.setattr(app, "test_client_class", PageClient)
    pilot, today = made.town.pilot, made.today
    made.act(
        lambda ctx: funds.allot(ctx, pilot.id, category="saas", amount_fen=200_000_000, key=str(uuid.uuid4())),
        made.maker,
    )
    terms = TermsInput(
        category="saas",
        mode=Mode.DIRECT,
        basis=Basis.NET,
        rate_bps=4000,
        cap_voucher_fen=5_000_000,
        cap_enterprise_year_fen=None,
        cost_types=["software", "cloud"],
        on_short=OnShort.PARTIAL,
        use_by=today + timedelta(days=180),
        redeem_by=today + timedelta(days=365),
    )

    def scheme(ctx: Any) -> SchemeVersion:
        drafted = schemes.draft_scheme(ctx, pilot_id=pilot.id, code="SAAS-1", name="云券", terms=terms)
        [version] = ctx.session.query(SchemeVersion).filter_by(scheme_id=drafted.id)
        return schemes.publish_version(ctx, version.id)

    made = replace(made, version=made.act(scheme, made.town.office))
    made.listing = list_product(made.town, {"county": "saas", "zone": "saas"})
    return made


def issue(payday: Payday, reason: str = "", face: int = 5_000_000) -> uuid.UUID:
    """A SaaS voucher for the town's enterprise."""
    issued = payday.act(
        lambda ctx: issuing.issue_one(
            ctx,
            payday.version.id,
            enterprise_id=payday.town.enterprise.organisation_id,
            face_fen=face,
            key=str(uuid.uuid4()),
            reason=reason,
        ),
        payday.town.office,
    )
    found: uuid.UUID = issued.commitment_ids[0]
    return found


def kept(payday: Payday, verb: str) -> dict[str, Any]:
    """The facts of the latest act of this kind in the record."""
    found: dict[str, Any] = payday.act(
        lambda ctx: ctx.session.scalars(
            select(AuditRow.facts).where(AuditRow.verb == verb).order_by(AuditRow.id.desc()).limit(1)
        ).one()
    )
    return found


SHARES = [("share.renovation.floor", "committed"), ("share.other.ceiling", "committed")]


def names(warnings: Any) -> list[tuple[str, str]]:
    return [(warning["code"], warning["base"]) for warning in warnings]


def test_issuing_on_the_page_asks_for_the_reason_and_keeps_what_was_typed(payday: Payday) -> None:
    browser = sign_in(payday.town.app.test_client(), payday.persons["office"])
    address = f"/vouchers/issue/{payday.version.id}"
    assert 'name="reason"' not in browser.get(address).get_data(as_text=True), "nothing has warned yet"
    typed = {"enterprise_id": str(payday.town.enterprise.organisation_id), "face": "1234.56", "key": "one"}
    answer = post(browser, address, typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "1,234.56" in page and 'name="reason"' in page and 'value="one"' in page
    assert f'value="{typed["enterprise_id"]}" selected' in page
    assert page.count("banner-warn") >= 2 and "其他用途已安排 1,234.56 元 ÷ 已安排资金 1,234.56 元 = 100.00%" in page
    assert post(browser, address, typed | {"reason": WHY}).status_code == 303
    facts = kept(payday, "voucher.issued")
    assert (facts["reason"], names(facts["warnings"])) == (WHY, SHARES)
    assert facts["warnings"][1]["actual_share"] == "1.0000" and facts["warnings"][1]["limit_share"] == "0.2000"


def test_issuing_over_rest_lists_the_warnings(payday: Payday) -> None:
    headers = token_for(payday.town.app, payday.town.office) | {"Idempotency-Key": "rest"}
    body = {
        "version_id": str(payday.version.id),
        "enterprise_id": str(payday.town.enterprise.organisation_id),
        "face": {"amount": "1234.56", "currency": "CNY"},
    }
    client = payday.town.app.test_client()
    refused = client.post("/api/v1/vouchers", json=body, headers=headers)
    assert (refused.status_code, refused.json["code"], refused.json["clause"]) == (
        409, "warning.reason_required", "四(二)",
    )  # fmt: skip
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert names(refused.json["warnings"]) == SHARES
    assert refused.json["warnings"][1]["actual"] == "1234.56" and refused.json["warnings"][1]["limit"] == "246.91"
    assert "100.00%" in refused.json["warnings"][1]["message"] and "reason" in refused.json["errors"]
    done = client.post("/api/v1/vouchers", json=body | {"reason": WHY}, headers=headers)
    assert done.status_code == 201, done.json
    again = client.post("/api/v1/vouchers", json=body | {"reason": WHY}, headers=headers)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")


def test_a_sheet_is_asked_as_a_whole(payday: Payday) -> None:
    enterprise = organisation_of(payday.town, payday.town.enterprise)
    sheet = f"统一社会信用代码,面额\n{enterprise.uscc},1000.00\n".encode()

    def load(reason: str) -> Any:
        return payday.act(
            lambda ctx: issuing.issue_sheet(ctx, payday.version.id, data=sheet, filename="券.csv", reason=reason),
            payday.town.office,
        )

    with pytest.raises(ReasonNeeded):
        load("")
    assert not load(WHY).replayed and kept(payday, "voucher.issued")["reason"] == WHY
    assert load("").replayed, "the same sheet again issues nothing and asks nothing"


def test_ordering_and_paying_ask_in_their_turn(payday: Payday) -> None:
    voucher = issue(payday, WHY)
    with pytest.raises(ReasonNeeded) as needed:
        place_order(payday.town, payday.listing, voucher_id=voucher)
    assert names(needed.value.warnings) == SHARES
    client, headers = payday.town.app.test_client(), token_for(payday.town.app, payday.town.enterprise)
    wanted = {
        "listing_id": str(payday.listing.id),
        "pilot_id": str(payday.town.pilot.id),
        "packages": [{"package_id": str(packages_of(payday.town, payday.listing)[0].id), "quantity": 1}],
        "voucher_id": str(voucher),
    }
    refused = client.post("/api/v1/orders", json=wanted, headers=headers | {"Idempotency-Key": "o"})
    assert (refused.status_code, refused.json["code"]) == (409, "warning.reason_required")
    assert names(refused.json["warnings"]) == SHARES
    done = client.post("/api/v1/orders", json=wanted | {"reason": WHY}, headers=headers | {"Idempotency-Key": "o"})
    assert done.status_code == 201, done.json
    assert kept(payday, "voucher.reserved")["reason"] == WHY

    payday.voucher = lambda face_fen=5_000_000: issue(payday, WHY)  # type: ignore[method-assign]
    claim = payday.approved(_claimable(payday))
    batch = payday.batch(claim)
    browser = sign_in(payday.town.app.test_client(), payday.persons["checker"])
    look = browser.get(f"/funds/{payday.town.pilot.id}/what-if?batch={batch.id}")
    assert look.status_code == 200 and "可以办理，须写明理由" in look.get_data(as_text=True)
    answer = post(browser, f"/settlement/batches/{batch.id}/approve")
    assert answer.status_code == 409 and 'name="reason"' in answer.get_data(as_text=True)
    assert payday.see(PaymentBatch, batch.id).state is BatchState.DRAFT
    assert post(browser, f"/settlement/batches/{batch.id}/approve", {"reason": WHY}).status_code == 303
    facts = kept(payday, "batch.approved")
    assert facts["reason"] == WHY
    assert names(facts["warnings"]) == [("share.renovation.floor", "paid"), ("share.other.ceiling", "paid")]
    gone = browser.get(f"/funds/{payday.town.pilot.id}/what-if?batch={batch.id}")
    assert gone.status_code == 404, "what has been released is no thought any more"


def _claimable(payday: Payday) -> Any:
    order = payday.contracted(reason=WHY)
    payday.act(lambda ctx: orders.deliver(ctx, order.id, text="已上线并培训。"), payday.town.provider)
    payday.act(lambda ctx: orders.confirm(ctx, order.id), payday.town.enterprise)
    payday.accept(order)
    payday.invoice(order)
    return order


LIVE = [
    # 10,000,000.00 awarded, 5,000,000.00 received, one SaaS voucher of 50,000.00 issued: a fifth is 2,000,000.00
    (Act.ISSUE, "saas", "1949999.99", None),
    (Act.ISSUE, "saas", "1950000.00", None),
    (Act.ISSUE, "saas", "1950000.01", "share.renovation.floor"),
    (Act.CONTRACT, "platform", "1950000.00", None),
    (Act.CONTRACT, "platform", "1950000.01", "share.renovation.floor"),
    (Act.ORDER, "saas", "1999999.99", None),
    (Act.ORDER, "saas", "2000000.00", None),
    (Act.ORDER, "saas", "2000000.01", "share.renovation.floor"),
    (Act.ISSUE, "renovation", "9949999.99", None),
    (Act.ISSUE, "renovation", "9950000.00", None),
    (Act.ISSUE, "renovation", "9950000.01", "committed.total"),
    (Act.ORDER, "renovation", "10000000.00", None),
    (Act.ORDER, "renovation", "10000000.01", "committed.total"),
    (Act.PAYMENT, "renovation", "4999999.99", None),
    (Act.PAYMENT, "renovation", "5000000.00", None),
    (Act.PAYMENT, "renovation", "5000000.01", "paid.total"),
    (Act.CONTRACT, "welfare", "0.01", "use.prohibited"),
    (Act.ISSUE, "network", "0.01", "category.not_for_pilot_type"),
    (Act.ORDER, "nonsense", "0.01", "category.unknown"),
]


def test_the_live_books_at_the_fen_on_either_side(payday: Payday) -> None:
    issue(payday, WHY)
    for act, category, amount, code in LIVE:

        def ask(ctx: Any, act: Act = act, category: str = category, amount: str = amount) -> str | None:
            try:
                gate.ask(ctx, payday.town.pilot.id, act, {category: money.parse(amount)}, reason=WHY)
            except Refusal as refusal:
                assert refusal.clause in {"四(一)", "四(二)"}
                return refusal.code
            return None

        assert payday.act(ask) == code, (act, category, amount)


def test_the_what_if_page_and_its_json_show_both_sides_and_do_nothing(payday: Payday) -> None:
    before = payday.fund()
    browser = sign_in(payday.town.app.test_client(), payday.persons["maker"])
    address = f"/funds/{payday.town.pilot.id}/what-if"
    page = browser.get(f"{address}?act=issue&category=saas&amount=2000000.01").get_data(as_text=True)
    assert "不能办理" in page and page.count("办理前") >= 1 and page.count('class="gauge ') >= 2
    fine = browser.get(f"{address}?act=issue&category=renovation&amount=100").get_data(as_text=True)
    assert "可以办理，没有预警。" in fine
    wrong = browser.get(f"{address}?act=issue&category=saas&amount=zwei")
    assert wrong.status_code == 422 and "zwei" in wrong.get_data(as_text=True)
    headers = token_for(payday.town.app, payday.maker)
    url = f"/api/v1/pilots/{payday.town.pilot.id}/what-if?act=issue&category=saas&amount=2000000.01"
    answer = payday.town.app.test_client().get(url, headers=headers)
    assert answer.status_code == 200, answer.json
    assert (answer.json["verdict_before"], answer.json["verdict_after"]) == ("pass", "fail")
    assert [row["code"] for row in answer.json["refused"]] == ["share.renovation.floor", "share.other.ceiling"]
    [ceiling] = [
        row for row in answer.json["checks"] if (row["after"]["code"], row["after"]["base"]) == ("share.other.ceiling", "award")
    ]  # fmt: skip
    assert (ceiling["before"]["status"], ceiling["after"]["status"], ceiling["worse"]) == ("pass", "fail", True)
    assert ceiling["after"]["limit"] == "2000000.00" and ceiling["after"]["actual"] == "2000000.01"
    after = payday.fund()
    assert (after.paid, after.other_allotted, after.seq) == (before.paid, before.other_allotted, before.seq)
