"""Money that was paid wrongly comes back: through the pages, over REST, and everything that must not happen."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from marketplace.base.clock import SetClock
from marketplace.base.errors import Forbidden, NotFound
from marketplace.policy.findings.models import Finding
from marketplace.record.notices.models import Notice
from tests.support.html import PageClient
from tests.support.payday import SUBSIDY, Payday, build_payday, refused, returned
from tests.support.people import post, sign_in, token_for
from tests.support.rest import Program
from vouchers.claims.queries import Filed
from vouchers.invoices import actions as invoices
from vouchers.invoices.models import Invoice
from vouchers.ledger.models.commitments import Commitment, Entry
from vouchers.ledger.models.funds import FundEntry
from vouchers.ledger.verify import verify
from vouchers.recoveries import actions, queries
from vouchers.recoveries.models import Recovery, RecoveryPart, RecoveryReceipt
from vouchers.recoveries.states import Ground, RecoveryState

WHY = "检查发现部分服务未提供。"


def paid(payday: Payday) -> Filed:
    """A claim that the bank has paid."""
    claim = payday.approved()
    batch = payday.released(claim)
    [code] = payday.ids(batch)
    payday.load(batch, returned([(code, "成功", f"BK-{uuid.uuid4().hex[:8]}", "", payday.today.isoformat())]))
    return payday.see_claim(claim.id)


def opened(payday: Payday, claim: Filed, fen: int = 100_000, **more: Any) -> Recovery:
    values = {"ground": Ground.INSPECTION, "reason": WHY, "amount_fen": fen, **more}
    made: Recovery = payday.act(lambda ctx: actions.open_recovery(ctx, claim.id, **values), payday.town.office)
    return made


def demanded(payday: Payday, recovery: Recovery) -> Recovery:
    provider, city = payday.town.provider, payday.town.city
    payday.act(lambda ctx: actions.answer(ctx, recovery.id, agrees=True, text=""), provider)
    done: Recovery = payday.act(lambda ctx: actions.demand(ctx, recovery.id, reason="属实。"), city)
    return done


def receive(payday: Payday, recovery: Recovery, fen: int, reference: str, **more: Any) -> RecoveryReceipt:
    values = {"received_on": payday.today, "amount_fen": fen, "bank_reference": reference, **more}
    made: RecoveryReceipt = payday.act(lambda ctx: actions.receive(ctx, recovery.id, **values), payday.maker)
    return made


def sound(payday: Payday) -> None:
    report = payday.act(lambda ctx: verify(ctx.session))
    assert report.sound, report.differences


def count(payday: Payday, table: type[Any], **where: Any) -> int:
    return int(payday.act(lambda ctx: ctx.session.scalar(select(func.count()).select_from(table).filter_by(**where))))


def test_a_clawback_through_the_pages(payday: Payday) -> None:
    """Opened by the office, answered by the provider, decided by the city, paid back in two transfers."""
    claim = paid(payday)
    app = payday.town.app
    app.test_client_class = PageClient
    office, provider, city, finance = (
        sign_in(app.test_client(), payday.persons[who]) for who in ("office", "provider", "city", "maker")
    )
    page = office.get("/recoveries/new").text
    assert claim.form.number in page and f"/recoveries/new/{claim.id}" in page
    page = office.get(f"/recoveries/new/{claim.id}").text
    assert "¥6,333.28" in page and "审计或监督检查" in page
    form = {"amount": "6333.29", "ground": "inspection", "reason": WHY}
    answer = post(office, f"/recoveries/new/{claim.id}", form)
    assert answer.status_code == 409 and "最多可以追回 ¥6,333.28" in answer.text
    answer = post(office, f"/recoveries/new/{claim.id}", form | {"amount": "1000.00"})
    assert answer.status_code == 303
    here = answer.headers["Location"]
    assert "对方可在" in office.get(here).text and "下一步：复核" not in office.get(here).text
    assert city.get(here + "/decide").text.count("<textarea") == 0, "nobody decides before the answer"

    assert "1 项追回待您说明" in provider.get("/").text
    assert "下一步：作出说明" in provider.get(here).text
    answer = post(provider, here + "/answer", {"agrees": "no", "text": ""})
    assert answer.status_code == 422 and "不同意的，请写明理由" in answer.text
    assert post(provider, here + "/answer", {"agrees": "no", "text": "服务已全部提供。"}).status_code == 303

    assert "1 项追回待复核" in city.get("/").text
    assert "服务已全部提供。" in city.get(here + "/decide").text
    assert post(city, here + "/decide", {"decision": "demand", "reason": "现场核实未提供。"}).status_code == 303
    commitment = payday.see(Commitment, claim.claim.commitment_id)
    assert (commitment.paid, commitment.clawed) == (SUBSIDY - 100_000, 100_000)
    assert payday.fund().recovered == 0, "demanded is not received"
    assert "请在" in provider.get(here).text and "退回 ¥1,000.00" in provider.get(here).text

    assert "1 项追回待退款到账" in finance.get("/").text
    money = {"amount": "400.00", "bank_reference": "TK-1", "received_on": payday.today.isoformat()}
    assert post(finance, here + "/receive", money).status_code == 303
    assert post(finance, here + "/receive", money).status_code == 303, "a double click"
    assert (payday.fund().recovered, count(payday, RecoveryReceipt)) == (40_000, 1)
    page = provider.get(here).text
    assert "TK-1" in page and "¥600.00" in page
    answer = post(finance, here + "/receive", money | {"amount": "600.01", "bank_reference": "TK-2"})
    assert answer.status_code == 409 and "尚欠 ¥600.00" in answer.text
    assert post(finance, here + "/receive", money | {"amount": "600.00", "bank_reference": "TK-2"}).status_code == 303
    for who in (office, provider, city, finance):
        page = who.get(here).text
        assert "已全部追回" in page and "TK-2" in page
    order = f"/orders/{claim.form.order_id}"
    assert re.search(r"ZH[0-9A-Z]+", provider.get(order).text), "the order's page shows it too"
    assert payday.fund().recovered == 100_000
    sound(payday)


def test_the_same_over_rest(payday: Payday) -> None:
    claim = paid(payday)
    town = payday.town
    office, city, provider, finance = (
        Program(town.app, token_for(town.app, actor)) for actor in (town.office, town.city, town.provider, payday.maker)
    )
    money = {"amount": "1000.00", "currency": "CNY"}
    body = {"claim_id": str(claim.id), "amount": money, "ground": "inspection", "reason": WHY}
    assert office.send("POST", "/recoveries", body).status_code == 400, "without a key"
    made = office.pay("/recoveries", body, 201)
    assert made["state"] == "opened"
    here = f"/recoveries/{made['id']}"
    city.refused("POST", f"{here}/demand", {"reason": "属实。"}, code="recovery.hearing", clause="六(二)")
    assert provider.post(f"{here}/answer", {"agrees": True})["agrees"] is True
    assert city.pay(f"{here}/demand", {"reason": "属实。"})["state"] == "demanded"
    receipt = {"amount": money, "bank_reference": "TK-9", "received_on": payday.today.isoformat()}
    finance.pay(f"{here}/receipts", receipt, 201)
    whole = provider.get(here)
    assert whole["recovery"]["state"] == "settled"
    assert [row["bank_reference"] for row in whole["receipts"]] == ["TK-9"]
    sound(payday)


def test_who_may_and_who_may_not(payday: Payday) -> None:
    recovery = opened(payday, paid(payday))
    with pytest.raises(NotFound):
        payday.act(lambda ctx: queries.get(ctx, recovery.id), payday.town.enterprise)
    with pytest.raises(Forbidden):
        payday.act(lambda ctx: actions.answer(ctx, recovery.id, agrees=True, text=""), payday.town.city)
    for verb in (actions.demand, actions.drop):
        with pytest.raises(Forbidden):
            payday.act(lambda ctx, verb=verb: verb(ctx, recovery.id, reason="x"), payday.town.office)
    with pytest.raises(Forbidden):
        payday.act(
            lambda ctx: actions.receive(
                ctx, recovery.id, amount_fen=100, bank_reference="TK", received_on=payday.today
            ),
            payday.town.city,
        )


def test_one_person_is_not_two(payday: Payday) -> None:
    claim = paid(payday)
    values = {"ground": Ground.INSPECTION, "reason": WHY, "amount_fen": 100}
    recovery = payday.act(lambda ctx: actions.open_recovery(ctx, claim.id, **values), payday.town.city)
    payday.act(lambda ctx: actions.answer(ctx, recovery.id, agrees=True, text=""), payday.town.provider)
    fault = refused(lambda: payday.act(lambda ctx: actions.demand(ctx, recovery.id, reason="x"), payday.town.city))
    assert (fault.code, fault.clause) == ("recovery.same_person", "四(二)")

    def by_force(ctx: Any) -> None:
        row = ctx.session.get_one(Recovery, recovery.id)
        row.decided_by, row.decided_at, row.state = row.opened_by, ctx.now, RecoveryState.DROPPED
        ctx.session.flush()

    with pytest.raises(IntegrityError, match="four_eyes"):
        payday.act(by_force)


def test_what_it_stands_on_is_the_claims_own(payday: Payday) -> None:
    claim = paid(payday)
    [invoice] = payday.act(lambda ctx: ctx.session.scalars(select(Invoice)).all())
    fault = refused(lambda: opened(payday, claim, ground=Ground.INVOICE, ground_id=invoice.id))
    assert fault.code == "recovery.ground", "the invoice stands"
    fault = refused(lambda: opened(payday, claim, ground=Ground.FINDING, ground_id=uuid.uuid4()))
    assert fault.code == "recovery.ground"
    payday.act(lambda ctx: invoices.hold(ctx, invoice.id, reason="已红冲"), payday.town.city)
    [finding] = payday.act(
        lambda ctx: ctx.session.scalars(select(Finding).filter_by(detector="claim.invoice_held")).all()
    )
    known = payday.act(lambda ctx: queries.bases(ctx, claim.form), payday.town.office)
    assert {(Ground.INVOICE, invoice.id), (Ground.FINDING, finding.id)} <= {(b.ground, b.id) for b in known}
    recovery = opened(payday, claim, ground=Ground.INVOICE, ground_id=invoice.id)
    assert recovery.ground_id == invoice.id
    assert refused(lambda: opened(payday, claim)).code == "recovery.known"


def test_an_unpaid_claim_cannot_be_recovered(payday: Payday) -> None:
    claim = payday.approved()
    with pytest.raises(NotFound):
        opened(payday, claim)


def test_dropped_it_leaves_no_trace_in_the_books(payday: Payday) -> None:
    claim = paid(payday)
    recovery = opened(payday, claim)
    payday.clock.advance(days=30)
    done = payday.act(lambda ctx: actions.drop(ctx, recovery.id, reason="说明充分。"), payday.town.city)
    assert (done.state, count(payday, Entry, kind="clawback")) == (RecoveryState.DROPPED, 0)
    assert opened(payday, claim).state is RecoveryState.OPENED, "a new ground may come up"


def test_the_same_reference_is_one_transfer(payday: Payday) -> None:
    recovery = demanded(payday, opened(payday, paid(payday)))
    first = receive(payday, recovery, 30_000, "TK-1")
    assert receive(payday, recovery, 30_000, "TK-1").id == first.id
    assert refused(lambda: receive(payday, recovery, 30_001, "TK-1")).code == "recovery.reference_taken"
    assert refused(lambda: receive(payday, recovery, 70_001, "TK-2")).code == "recovery.more_than_owed"
    receive(payday, recovery, 70_000, "TK-2")
    assert receive(payday, recovery, 70_000, "TK-2").amount_fen == 70_000, "also once it is settled"
    assert (payday.fund().recovered, count(payday, FundEntry, kind="recover")) == (100_000, 2)
    [part] = payday.act(lambda ctx: ctx.session.scalars(select(RecoveryPart)).all())
    assert (part.amount_fen, part.received_fen) == (100_000, 100_000)
    sound(payday)


def test_what_is_late_becomes_a_case_of_the_city_once(payday: Payday) -> None:
    recovery = demanded(payday, opened(payday, paid(payday)))
    assert recovery.pay_by is not None
    payday.clock.advance(days=(recovery.pay_by - payday.today).days)
    assert payday.act(actions.escalate) == "", "the last day is not over"
    payday.clock.advance(days=1)
    assert payday.act(actions.escalate) == "1 late recoveries"
    assert payday.act(actions.escalate) == ""
    [case] = payday.act(lambda ctx: ctx.session.scalars(select(Finding).filter_by(detector=actions.OVERDUE)).all())
    assert (case.subject_id, case.clause) == (str(recovery.id), "六(二)")
    provider = payday.town.provider.organisation_id
    told = payday.act(lambda ctx: ctx.session.scalars(select(Notice).where(Notice.organisation_id == provider)).all())
    assert any("请立即退款" in notice.template for notice in told)
    late = payday.act(lambda ctx: queries.listed(ctx, overdue=True), payday.maker).items
    assert [row.id for row in late] == [recovery.id]


def test_the_day_counts_in_working_days(payday: Payday) -> None:
    recovery = opened(payday, paid(payday))
    assert recovery.answer_by - payday.today >= timedelta(days=14), "ten working days are two weeks or more"


@pytest.mark.postgres
def test_it_comes_back_on_postgresql(postgres_app: Any, clock: SetClock) -> None:
    payday = build_payday(postgres_app, clock)
    recovery = demanded(payday, opened(payday, paid(payday)))
    receive(payday, recovery, 30_000, "TK-1")
    payday.clock.advance(days=60)
    assert payday.act(actions.escalate) == "1 late recoveries"
    receive(payday, recovery, 70_000, "TK-2")
    assert payday.see(Recovery, recovery.id).state is RecoveryState.SETTLED
    pages = {
        "maker": ["/", "/recoveries", "/recoveries/new", f"/recoveries/{recovery.id}"],
        "provider": ["/", "/recoveries", f"/recoveries/{recovery.id}"],
    }
    for who, addresses in pages.items():
        client = sign_in(postgres_app.test_client(), payday.persons[who])
        for address in addresses:
            assert client.get(address).status_code == 200, address
    sound(payday)
