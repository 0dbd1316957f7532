"""The seventh step of the story on the screen: invoice, claim, two reviews, batch, bank; one next step on each page."""

from __future__ import annotations

import io
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from marketplace.people.organisations import bank
from marketplace.people.organisations.models import BankAccount
from tests.support.html import PageClient
from tests.support.payday import Payday, returned
from tests.support.people import make_actor, post, sign_in
from tests.support.shop import PDF
from vouchers.claims.models import ClaimForm
from vouchers.claims.states import Decision
from vouchers.invoices.models import Invoice
from vouchers.ledger.models.payments import BatchItem, Claim, PaymentBatch
from vouchers.ledger.states import BatchState


@pytest.fixture
def browse(payday: Payday) -> Any:
    def browser(who: str) -> FlaskClient:
        app = payday.town.app
        app.test_client_class = PageClient
        return sign_in(app.test_client(), payday.persons[who])

    return browser


def primaries(html: str) -> list[str]:
    main = html.split("<main", 1)[1].split("</main>", 1)[0]
    return [word.strip() for word in re.findall(r'class="btn btn-primary"[^>]*>([^<]+)<', main)]


def only(payday: Payday, kind: type[Any]) -> Any:
    return payday.act(lambda ctx: ctx.session.scalars(select(kind)).one())


def invoice_fields(payday: Payday, order: Any, **changes: Any) -> dict[str, Any]:
    values = payday.invoice_values(order)
    fields = {
        "number": values["number"],
        "issued_on": values["issued_on"].isoformat(),
        "seller_uscc": values["seller_uscc"],
        "buyer_uscc": values["buyer_uscc"],
        "net": "15833.20",
        "tax": "966.80",
        "gross": "16800.00",
        "document": (io.BytesIO(PDF + b"%page\n"), "发票.pdf"),
    }
    return fields | changes


def test_the_whole_step_through_the_browser(payday: Payday, browse: Any) -> None:
    order = payday.delivered()
    payday.accept(order)
    provider = browse("provider")
    page = provider.get(f"/orders/{order.id}").text
    assert "提交发票（尚可开票 ¥16,800.00）" in page
    page = provider.get(f"/orders/{order.id}/invoices/new").text
    assert 'value="15833.20"' in page and 'value="966.80"' in page
    answer = post(provider, f"/orders/{order.id}/invoices/new", invoice_fields(payday, order, gross="16800.01"))
    assert answer.status_code == 409 and "之和不等于价税合计" in answer.text
    assert 'value="16800.01"' in answer.text, "what was typed stays"
    assert post(provider, f"/orders/{order.id}/invoices/new", invoice_fields(payday, order)).status_code == 303
    invoice = only(payday, Invoice)
    page = provider.get(f"/orders/{order.id}/match").text
    assert "match.invoice_unconfirmed" in page and "match.amount" in page

    page = provider.get(f"/orders/{order.id}/claim").text
    assert "match.invoice_unconfirmed" in page and "还不能提交" in page and primaries(page) == []

    enterprise = browse("enterprise")
    assert "1 张发票待您确认" in enterprise.get("/").text
    assert primaries(enterprise.get(f"/invoices/{invoice.id}").text) == ["确认发票"]
    assert post(enterprise, f"/invoices/{invoice.id}/confirm").status_code == 303

    page = provider.get(f"/orders/{order.id}/claim").text
    assert "match.three_way" in page and "¥6,333.28" in page and primaries(page) == ["提交申请"]
    answer = post(provider, f"/orders/{order.id}/claim", {"statement": "完成"})
    assert answer.status_code == 422 and "请勾选信用承诺" in answer.text
    fields = {"statement": "完成", "promise": "true", "proof": (io.BytesIO(PDF + b"%proof\n"), "回单.pdf")}
    assert post(provider, f"/orders/{order.id}/claim", fields).status_code == 303
    claim = only(payday, ClaimForm)
    page = provider.get(f"/claims/{claim.claim_id}").text
    assert f"最迟 {claim.due_on}" in page and "暂定" in provider.get("/claims").text
    again = post(provider, f"/orders/{order.id}/claim", fields | {"proof": (io.BytesIO(PDF), "回单.pdf")})
    assert again.status_code == 409 and claim.number in again.text

    office = browse("office")
    assert "1 份兑付申请待初审" in office.get("/").text
    assert claim.number in office.get("/claims/review").text
    assert "三者一致" in office.get(f"/claims/{claim.claim_id}/review").text
    answer = post(office, f"/claims/{claim.claim_id}/review", {"decision": "returned", "reason": "不清"})
    assert answer.status_code == 422
    fields = {"decision": "returned", "reason": "不清", "note_statement": "请写明上线日期"}
    assert post(office, f"/claims/{claim.claim_id}/review", fields).status_code == 303
    assert "1 份兑付申请被退回" in provider.get("/").text
    page = provider.get(f"/claims/{claim.claim_id}/correct").text
    assert "请写明上线日期" in page and re.search(r">\s*完成\s*</textarea>", page)
    fields = {"statement": "三月一日上线", "promise": "true"}
    assert post(provider, f"/claims/{claim.claim_id}/correct", fields).status_code == 303
    cut = {"cut1_amount": "33.28", "cut1_code": "evidence", "cut1_reason": "缺签到表"}
    fields = {"decision": "approved", **cut}
    assert post(office, f"/claims/{claim.claim_id}/review", fields).status_code == 303
    city = browse("city")
    page = city.get(f"/claims/{claim.claim_id}/review").text
    assert 'value="33.28"' in page and "缺签到表" in page
    assert post(city, f"/claims/{claim.claim_id}/review", {**fields, "cut1_amount": "9000"}).status_code == 409
    assert post(city, f"/claims/{claim.claim_id}/review", fields).status_code == 303
    page = provider.get(f"/claims/{claim.claim_id}").text
    assert "¥6,300.00" in page and "缺签到表" in page and "二(五)" in page

    maker = browse("maker")
    assert "1 份审定的兑付申请待付款" in maker.get("/").text
    page = maker.get(f"/settlement/funds/{payday.fund_id}").text
    assert claim.number in page and primaries(page) == ["制单，交另一人复核"]
    assert post(maker, f"/settlement/funds/{payday.fund_id}").status_code == 422
    answer = post(maker, f"/settlement/funds/{payday.fund_id}", {"claims": [str(claim.claim_id)]})
    assert answer.status_code == 303
    batch = only(payday, PaymentBatch)
    page = maker.get(f"/settlement/batches/{batch.id}").text
    assert "等待另一人复核" in page and primaries(page) == []
    assert post(maker, f"/settlement/batches/{batch.id}/approve").status_code == 409
    checker = browse("checker")
    assert "1 个支付批次待您复核" in checker.get("/").text
    assert primaries(checker.get(f"/settlement/batches/{batch.id}").text) == ["复核通过，付款 ¥6,300.00"]
    assert checker.get(f"/settlement/batches/{batch.id}/payment-file").status_code == 404
    assert post(checker, f"/settlement/batches/{batch.id}/approve").status_code == 303
    assert post(checker, f"/settlement/batches/{batch.id}/payment-file").status_code == 303
    answer = checker.get(f"/settlement/batches/{batch.id}/payment-file")
    assert answer.mimetype == "text/csv" and answer.data.startswith(b"\xef\xbb\xbf")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    code = answer.data.decode().splitlines()[1].split(",")[-1]
    answer.close()
    bad = returned([("X", "成功", "R", "", "")])
    url = f"/settlement/batches/{batch.id}/return-file"
    answer = post(checker, url, {"file": (io.BytesIO(bad), "回单.csv")})
    assert answer.status_code == 422 and "第 2 行：端到端编号 X 不属于本批次。" in answer.text
    assert post(checker, url).status_code == 422
    good = returned([(code, "成功", "ICBC-7", "", "")])
    assert post(checker, url, {"file": (io.BytesIO(good), "回单.csv")}).status_code == 303
    assert "ICBC-7" in checker.get(f"/settlement/batches/{batch.id}").text
    repeated = post(checker, url, {"file": (io.BytesIO(good), "回单.csv")}, follow_redirects=True)
    assert "此前已导入" in repeated.text
    page = provider.get(f"/claims/{claim.claim_id}").text
    assert "ICBC-7" in page and "已付款" in page
    assert "补贴兑付：已付款" in enterprise.get(f"/orders/{order.id}").text
    assert only(payday, PaymentBatch).state is BatchState.DONE


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_is_well_formed_in_both_languages(payday: Payday, browse: Any, language: str) -> None:
    order = payday.claimable()
    submitted = payday.claim(order)
    paid = payday.approved()
    batch = payday.released(paid)
    [code] = payday.ids(batch)
    payday.load(batch, returned([(code, "成功", "R-1", "", "")]))
    back = payday.claim(payday.claimable())
    payday.review(back, Decision.RETURNED, reason="不清", notes={"invoice": "换票"})
    draft = payday.batch(payday.approved())
    open_order = payday.claimable()
    invoice = payday.act(lambda ctx: ctx.session.scalars(select(Invoice)).first())
    pages = {
        "provider": [
            "/invoices",
            f"/invoices/{invoice.id}",
            f"/orders/{order.id}",
            f"/orders/{order.id}/match",
            f"/orders/{order.id}/invoices/new",
            f"/orders/{open_order.id}/claim",
            "/claims",
            f"/claims/{paid.id}",
            f"/claims/{back.id}",
            f"/claims/{back.id}/correct",
            f"/claims/{back.id}/why/withdraw",
        ],
        "office": ["/claims?state=submitted", "/claims/review", f"/claims/{submitted.id}/review", "/claims?overdue=1"],
        "city": [f"/claims/{submitted.id}/review", "/settlement", f"/settlement/batches/{batch.id}"],
        "maker": [
            "/",
            "/settlement",
            "/settlement?state=draft",
            f"/settlement/funds/{payday.fund_id}",
            f"/settlement/batches/{draft.id}",
            f"/settlement/batches/{batch.id}",
            f"/invoices/{invoice.id}/why/hold",
        ],
        "checker": [f"/settlement/batches/{draft.id}"],
    }
    for who, addresses in pages.items():
        client = browse(who)
        for address in addresses:
            answer = client.get(address, headers={"Accept-Language": language})
            assert answer.status_code == 200, address
            assert len(primaries(answer.text)) <= 1, address


def test_strangers_find_nothing_and_other_roles_are_kept_out(payday: Payday, browse: Any) -> None:
    order = payday.claimable()
    claim = payday.claim(order)
    batch = payday.batch(payday.approved())
    stranger, person = make_actor(payday.act, "provider")
    client = sign_in(payday.town.app.test_client(), person)
    invoice = payday.act(lambda ctx: ctx.session.scalars(select(Invoice)).first())
    for address in (
        f"/invoices/{invoice.id}",
        f"/orders/{order.id}/match",
        f"/orders/{order.id}/invoices/new",
        f"/orders/{order.id}/claim",
        f"/claims/{claim.id}",
        f"/claims/{claim.id}/correct",
    ):
        assert client.get(address).status_code == 404, address
    for address in (f"/settlement/batches/{batch.id}", "/settlement", f"/claims/{claim.id}/review"):
        assert client.get(address).status_code == 403, address
    assert post(client, f"/invoices/{invoice.id}/confirm").status_code == 403
    far, person = make_actor(payday.act, "finance", region="360700")
    finance = sign_in(payday.town.app.test_client(), person)
    assert finance.get(f"/settlement/batches/{batch.id}").status_code == 404
    assert finance.get(f"/settlement/funds/{payday.fund_id}").status_code == 404
    assert post(finance, f"/settlement/batches/{batch.id}/approve").status_code == 404
    assert finance.get("/settlement").status_code == 200
    assert batch.number not in finance.get("/settlement").text


def numbers(answer: Any) -> list[str]:
    """The first column of a list's file."""
    return [line.partition(",")[0].strip('"') for line in answer.get_data(as_text=True).splitlines()[1:]]


def test_batches_and_waiting_claims_are_found_by_what_one_knows(payday: Payday, browse: Any) -> None:
    first = payday.released(payday.approved())
    payday.work_day()
    inside, waiting = payday.approved(), payday.approved()
    draft = payday.batch(inside)
    today, before = payday.today.isoformat(), (payday.today - timedelta(days=1)).isoformat()
    maker, checker = browse("maker"), browse("checker")
    for asked, found in {
        "": [draft.number, first.number],
        "sort=oldest": [first.number, draft.number],
        "state=draft": [draft.number],
        f"q={draft.number.lower()}": [draft.number],
        f"q={inside.form.number}": [draft.number],
        f"q={waiting.form.number}": [],
        f"since={today}": [draft.number],
        f"until={before}": [first.number],
    }.items():
        assert numbers(maker.get(f"/settlement?format=csv&{asked}")) == found, asked
    assert ">复核批次<" in checker.get("/settlement").text and ">复核批次<" not in maker.get("/settlement").text
    assert ">导入回单<" in checker.get("/settlement?state=sent").text

    page = maker.get("/settlement").text
    assert "1 份，¥6,333.28" in page and primaries(page) == ["制单"]
    assert primaries(browse("city").get("/settlement").text) == []
    address = f"/settlement/funds/{payday.fund_id}"
    number = waiting.form.number
    for asked, found in {"": [number], f"q={number}": [number], f"q={inside.form.number}": [], "overdue=1": []}.items():
        assert numbers(maker.get(f"{address}?format=csv&{asked}")) == found, asked
    payday.clock.advance(days=60)
    assert numbers(browse("maker").get(f"{address}?format=csv&overdue=1")) == [number]


def test_what_may_be_paid_is_ticked_and_a_refusal_keeps_the_choice(payday: Payday, browse: Any) -> None:
    claim = payday.approved()
    address = f"/settlement/funds/{payday.fund_id}"
    maker = browse("maker")
    ticked = f'value="{claim.id}" checked'
    page = maker.get(address).text
    assert ticked in page and "可付款" in page and "中国工商银行丰城支行 …0017" in page
    answer = post(maker, address, {"claims": [str(uuid.uuid4())]})
    assert answer.status_code == 404
    answer = post(maker, address)
    assert answer.status_code == 422 and ticked not in answer.text
    account = payday.act(lambda ctx: ctx.session.scalars(select(BankAccount)).one())
    payday.act(lambda ctx: bank.stop_account(ctx, account.id, "销户"))
    page = maker.get(address).text
    assert ticked not in page and "没有可付款的账户" in page and f'value="{claim.id}"' in page
    answer = post(maker, address, {"claims": [str(claim.id)]})
    assert answer.status_code == 409 and ticked in answer.text


def test_nothing_is_written_by_looking(payday: Payday, browse: Any) -> None:
    order = payday.claimable()
    before = payday.act(lambda ctx: ctx.session.scalar(select(func.count(Claim.id))))
    client = browse("provider")
    client.get(f"/orders/{order.id}/claim")
    assert payday.act(lambda ctx: ctx.session.scalar(select(func.count(Claim.id)))) == before == 0
    assert payday.act(lambda ctx: ctx.session.scalar(select(func.count(BatchItem.id)))) == 0
