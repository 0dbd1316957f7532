"""One contract over its pages, from the record to the payment; and what strangers find."""

from __future__ import annotations

import io
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from marketplace.base.roles import Role
from marketplace.people.organisations.models import Organisation
from tests.support.direct import AMOUNT, Direct, paper
from tests.support.html import PageClient
from tests.support.payday import Payday, refused
from tests.support.people import OTHER_CITY, client_as, make_actor, post, sign_in
from vouchers.contracts import actions
from vouchers.contracts.models import ContractRecord
from vouchers.reports import queries as reports


@pytest.fixture(autouse=True)
def strict(direct: Direct, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page of these tests is read as strictly as `PageClient` reads."""
    monkeypatch.setattr(direct.payday.town.app, "test_client_class", PageClient)


def browser(payday: Payday, who: str) -> FlaskClient:
    return sign_in(payday.town.app.test_client(), payday.persons[who])


def upload(name: str = "文件.pdf") -> tuple[io.BytesIO, str]:
    return io.BytesIO(paper(name)), name


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found is not None
    return found.group(1)


def sent(client: FlaskClient, address: str, data: dict[str, Any]) -> str:
    """The page to which a form leads that was taken."""
    answer = post(client, address, data, content_type="multipart/form-data")
    assert answer.status_code == 303, re.findall(r'class="errors".*?</div>', answer.text, re.S)
    return str(answer.location)


def test_one_contract_from_its_record_to_its_payment(direct: Direct) -> None:
    payday, pilot = direct.payday, direct.payday.town.pilot
    provider_uscc = payday.see(Organisation, payday.town.provider.organisation_id).uscc
    today = payday.today
    office, checker, city = (browser(payday, who) for who in ("office", "checker", "city"))

    assert office.get("/contracts/new").location == f"/contracts/new/{pilot.id}"
    form = f"/contracts/new/{pilot.id}"
    assert "可用 2,000,000.00" in office.get(form).text.replace("¥", "").replace(" 元", "")
    typed = {
        "title": "产业大脑一期建设",
        "category": "platform",
        "method": "open_tender",
        "provider_uscc": provider_uscc,
        "number": "ZC-2031-1",
        "total": "350000.00",
        "amount": "300000.00",
        "signed_on": today.isoformat(),
        "last_day": (today + timedelta(days=100)).isoformat(),
    }
    too_much = post(
        office, form, typed | {"total": "9000000", "amount": "2000000.01", "document": upload()},
        content_type="multipart/form-data",
    )  # fmt: skip
    assert too_much.status_code == 409 and "四(二)" in too_much.text and 'href="#f-amount"' in too_much.text
    contract = sent(office, form, typed | {"document": upload()})
    contract_id = uuid.UUID(contract.rpartition("/")[2])
    own = office.get(contract).text
    assert "登记人本人不能复核" in own and f"{contract}/decide" not in own
    assert "提交意见" not in office.get(f"{contract}/decide").text
    assert browser(payday, "provider").get(contract).status_code == 404

    assert "1 份直接支出合同待复核" in checker.get("/").text
    page = checker.get(f"{contract}/decide").text
    assert "确认之后各项规则" in page and "请留意" in page
    warned = post(checker, f"{contract}/decide", {"decision": "confirm", "reason": ""})
    assert warned.status_code == 409 and "预警" in warned.text
    sent(checker, f"{contract}/decide", {"decision": "confirm", "reason": "平台先行"})

    part = office.get(f"{contract}/accept").text
    typed = {
        "amount": "120000.00",
        "content": "一期上线",
        "accepted_on": today.isoformat(),
        "key": hidden(part, "key"),
    }
    for _ in range(2):  # a double click accepts once
        sent(office, f"{contract}/accept", typed | {"document": upload("验收.pdf")})
    assert direct.held(payday.see(ContractRecord, contract_id)).accepted_fen == 120_000_00

    provider = browser(payday, "provider")
    assert "一期上线" in provider.get(contract).text
    invoice = {
        "number": f"{1:020d}",
        "issued_on": today.isoformat(),
        "seller_uscc": provider_uscc,
        "buyer_uscc": payday.see(Organisation, pilot.office_organisation_id).uscc,
        "net": "113207.55",
        "tax": "6792.45",
        "gross": "120000.00",
    }
    assert "120000.00" in provider.get(f"{contract}/invoices/new").text
    sent(provider, f"{contract}/invoices/new", invoice | {"document": upload("发票.pdf")})
    assert "张直接支出合同的发票待确认" in office.get("/").text
    address = re.search(r"/invoices/[0-9a-f-]{36}", office.get(contract).text)
    assert address is not None and "确认这张发票" in office.get(address.group()).text
    assert sent(office, f"{address.group()}/confirm", {}) == contract

    claim_form = provider.get(f"{contract}/claim").text
    assert "企业付款凭证" not in claim_form and "第 1 部分" in claim_form
    claim = sent(provider, f"{contract}/claim", {"statement": "已交付。", "promise": "true"})
    assert "产业大脑一期建设" in provider.get("/claims").text
    for client in (office, city):
        review = client.get(f"{claim}/review").text
        assert "第 1 部分" in review and "一期上线" in review
        sent(client, f"{claim}/review", {"decision": "approved"})
    assert "/contracts/" in city.get(claim).text and "产业大脑一期建设" in city.get("/invoices").text

    filed = payday.see_claim(uuid.UUID(claim.rpartition("/")[2]))
    batch = payday.released(filed, reason="平台先行")
    [end_to_end] = payday.ids(batch)
    payday.load(batch, f"端到端编号,结果,银行流水号,原因,日期\n{end_to_end},成功,BK1,,{payday.today}\n".encode())
    recall = office.get(f"{contract}/recall").text
    assert 'value="180000.00"' in recall
    sent(office, f"{contract}/recall", {"amount": "180000", "reason": "二期不再实施", "key": hidden(recall, "key")})
    told = city.get(contract).text
    for words in ("登记合同", "复核确认，承诺资金", "验收 ", "调减 ", "二期不再实施", "已全部验收或收回", "120,000.00"):
        assert words in told, words
    report = direct.act(lambda ctx: reports.settlement(ctx, pilot.id), payday.town.city)
    platform = next(row.money for row in report.rows if row.code == "platform")
    assert (platform.committed, platform.paid, platform.granted) == (120_000_00, 120_000_00, 0)


def test_the_list_narrows_and_says_what_waits_for_whom(direct: Direct) -> None:
    payday = direct.payday
    waiting, running = direct.recorded(number="ZC-W", title="数字化诊所"), direct.confirmed(number="ZC-R")
    doubled = direct.recorded(number="ZC-D")
    direct.act(lambda ctx: actions.decline(ctx, doubled.id, reason="重复"), direct.checker)

    def found(who: str, query: str = "") -> set[str]:
        page = browser(payday, who).get(f"/contracts?{query}").text
        return {number for number in ("ZC-W", "ZC-R", "ZC-D") if number in page}

    assert found("office") == found("city") == found("checker") == {"ZC-W", "ZC-R", "ZC-D"}
    assert found("provider") == {"ZC-R"}
    assert found("office", "state=proposed") == found("office", "q=诊所") == found("office", "q=ZC-W") == {"ZC-W"}
    assert found("office", "open_only=1") == {"ZC-R"}
    assert found("office", f"since={payday.today + timedelta(days=1)}") == set()
    assert f"/contracts/{waiting.id}/decide" in browser(payday, "checker").get("/contracts").text
    assert f"/contracts/{running.id}/accept" in browser(payday, "office").get("/contracts").text
    page = client_as(payday.town.app, Role.AUDITOR, region=payday.town.pilot.city).get(f"/contracts/{waiting.id}").text
    assert "待另一人复核" in page and "/decide" not in page and "/withdraw" not in page
    head = browser(payday, "office").get("/contracts?format=csv").data.decode("utf-8-sig").splitlines()[0]
    assert head.startswith("采购内容,合同编号,服务商,资金用途,合同金额（元）,其中奖补资金（元）")


def test_strangers_find_nothing_and_change_nothing(direct: Direct) -> None:
    payday, contract = direct.payday, direct.confirmed()
    proposed = direct.recorded()
    app = payday.town.app
    elsewhere = {
        "city": client_as(app, Role.CITY, region=OTHER_CITY),
        "pilot": client_as(app, Role.PILOT, pilot_id=uuid.uuid4(), region="360702"),
        "provider": client_as(app, Role.PROVIDER),
    }
    for who, client in elsewhere.items():
        for verb in ("", "/invoices/new", "/claim", "/accept", "/recall", "/decide", "/withdraw"):
            answer = client.get(f"/contracts/{contract.id}{verb}")
            assert answer.status_code in (403, 404), (who, verb)
        assert post(client, f"/contracts/{proposed.id}/decide", {"decision": "confirm"}).status_code in (403, 404)
    # Everybody may know the pilot; only its own people and its city may record for it.
    assert elsewhere["city"].get(f"/contracts/new/{payday.town.pilot.id}").status_code == 403
    assert direct.held(proposed).money is None


def test_withdrawing_and_declining_say_why(direct: Direct) -> None:
    payday = direct.payday
    first, second = direct.recorded(), direct.recorded()
    office, checker = browser(payday, "office"), browser(payday, "checker")
    assert post(office, f"/contracts/{first.id}/withdraw", {"reason": " "}).status_code == 422
    sent(office, f"/contracts/{first.id}/withdraw", {"reason": "登记有误"})
    assert post(checker, f"/contracts/{second.id}/decide", {"decision": "decline", "reason": ""}).status_code == 422
    sent(checker, f"/contracts/{second.id}/decide", {"decision": "decline", "reason": "金额不符"})
    for contract, words in ((first, "登记有误"), (second, "金额不符")):
        assert words in office.get(f"/contracts/{contract.id}").text
    assert refused(lambda: direct.confirm(first)).code == "state.not_allowed"


def test_the_city_chooses_whose_contract_it_is(direct: Direct) -> None:
    city = browser(direct.payday, "city")
    assert f"/contracts/new/{direct.payday.town.pilot.id}" in city.get("/contracts/new").text


def test_a_cut_part_is_shown_on_the_contract(direct: Direct) -> None:
    """What a part was cut by stands beneath it, and the wording of a review of a contract is that of parts."""
    payday, contract = direct.payday, direct.confirmed()
    direct.accept(contract, AMOUNT)
    direct.invoice(contract, AMOUNT)
    claim = direct.claim(contract)
    page = browser(payday, "office").get(f"/claims/{claim.id}/review").text
    assert (
        "核减的金额退回合同" in page
        and "退回服务券。" not in page.split("核减（同意时可填）")[1].split("</fieldset>")[0]
    )
    data = {"decision": "approved", "cut1_amount": "1000", "cut1_code": "price", "cut1_reason": "高于报价"}
    sent(browser(payday, "office"), f"/claims/{claim.id}/review", data)
    sent(browser(payday, "city"), f"/claims/{claim.id}/review", data)
    assert "其中核减 ¥1,000.00" in browser(payday, "office").get(f"/contracts/{contract.id}").text
    colleague, _ = make_actor(direct.act, Role.CITY, region=payday.town.pilot.city)
    assert direct.act(lambda ctx: actions.queries.held(ctx, contract.id), colleague).left_fen == 1_000_00
