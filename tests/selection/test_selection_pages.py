"""The same selection in browsers: what each role sees, and the forms they fill."""

from __future__ import annotations

import io
import re
import uuid
from datetime import timedelta

import pytest

from marketplace.people.accounts.models import Person
from marketplace.procedure.publicity import queries as notices
from marketplace.shop.roster import queries as roster
from tests.support.html import parse
from tests.support.people import post, sign_in

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture
def window(app, act):
    """``window(actor)``: signed in as the actor; None is a visitor."""

    def make(actor=None):
        client = app.test_client()
        if actor is None:
            return client
        return sign_in(client, act(lambda ctx: ctx.session.get(Person, actor.person_id)))

    return make


def seen(response, status=200):
    assert response.status_code == status, response.get_data(as_text=True)[:2000]
    text = response.get_data(as_text=True)
    parse(text)
    return text


def filled(text):
    """What a form on a page already holds: the values a person would send back untouched."""
    values = {}
    for tag in re.findall(r"<input [^>]*>", text):
        found = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        kind = found.get("type", "text")
        if (
            "name" in found
            and kind not in ("hidden", "file")
            and (kind not in ("checkbox", "radio") or "checked" in tag)
        ):
            values[found["name"]] = found.get("value", "")
    for name, text_ in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', text, re.S):
        values[name] = text_
    for name, inner in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', text, re.S):
        chosen = re.search(r'value="([^"]*)" selected', inner)
        values[name] = chosen[1] if chosen else ""
    return values


def test_an_officer_publishes_the_prefilled_call_with_a_number_and_a_contact(city, window, act):
    officer = window(city.officer)
    values = filled(seen(officer.get("/calls/new")))
    answer = post(officer, "/calls/new", {**values, "number": "宜工信字〔2031〕1号", "contact": "0795-3998877"})
    assert answer.status_code == 303, answer.get_data(as_text=True)[:3000]
    url = answer.headers["Location"]
    assert "发布公告" in seen(officer.get(url))
    seen(window().get(url), 404)
    assert post(officer, f"{url}/publication").status_code == 303
    page = seen(window().get(url))
    for words in ("成立并实际经营满 3 年", "较深的行业知识积累", "价格让利", "第二(四)项"):
        assert words in page
    assert "中小企业数字化转型“小快轻准”产品服务商公开遴选公告" in seen(window().get("/calls"))
    english = seen(window().get(url, headers={"Accept-Language": "en"}))
    assert "Scoring table" in english


def test_local_protection_is_a_warning_that_does_not_block(city, window):
    officer = window(city.officer)
    values = filled(seen(officer.get("/calls/new")))
    values |= {"number": "宜工信字〔2031〕2号", "contact": "0795-3998877", "publicity_days": "3"}
    values["conditions"] += "\n须在本市注册或设立分公司"
    url = post(officer, "/calls/new", values).headers["Location"]
    page = seen(officer.get(url))
    assert "可能构成地方保护" in page and "公平竞争审查条例第九条" in page
    assert "公示期通常不少于" in page
    assert post(officer, f"{url}/publication").status_code == 303


def test_a_scoring_table_that_is_not_100_stands_beside_its_field(city, window):
    officer = window(city.officer)
    values = filled(seen(officer.get("/calls/new")))
    values |= {"number": "宜工信字〔2031〕3号", "contact": "0795-3998877", "scoring": "案例 = 50\n价格 = 40"}
    values["tie_break"] = "案例"
    page = seen(post(officer, "/calls/new", values), 422)
    assert "应为 100 分，现为 90 分" in page
    values["scoring"] = "案例 五十"
    assert "第 1 行应写作" in seen(post(officer, "/calls/new", values), 422)


def test_the_whole_way_in_browsers(city, window, act):
    call = city.call()
    organisation = city.firm("江西轻准软件有限公司")
    provider = window(city.member(organisation))
    visitor = window()
    assert "登录申报" in seen(visitor.get(f"/calls/{call.id}"))

    # the dossier, once
    facts = {
        "founded_on": "2020-05-01", "staff": "60", "technical_staff": "40", "revenue": "30000000.00",
        "introduction": "专注电子行业", "knowledge": "十年", "engineering": "四十人", "ecosystem": "三家平台",
        "continuity": "七乘八小时",
    }  # fmt: skip
    assert post(provider, "/applications/dossier", facts).status_code == 303
    case = {
        "client_name": "某电子有限公司", "industry": "C39", "title": "生产执行系统", "finished_on": "2030-06-01",
        "amount": "300000", "effect": "产能提高一成", "contact": "王先生 13900001111",
    }  # fmt: skip
    assert post(provider, "/applications/dossier/cases/new", case).status_code == 303
    proof = {"kind": "copyright", "name": "生产执行软件", "number": "2024SR1", "file": (io.BytesIO(PDF), "证书.pdf")}
    answer = post(provider, "/applications/dossier/proofs/new", proof, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.get_data(as_text=True)[:3000]
    assert "生产执行软件" in seen(provider.get("/applications/dossier"))

    # applying
    terms = {"class": "product", "proposal": "提供轻量化生产执行产品。"}
    url = post(provider, f"/applications/new/{call.id}", terms).headers["Location"]
    page = seen(provider.get(url))
    assert page.count("待人工判断") == 5 and "不符合" in page
    assert "请承诺所报材料真实" in seen(post(provider, f"{url}/submission"), 409)
    assert post(provider, f"{url}/submission", {"promise": "true"}).status_code == 303
    application_id = uuid.UUID(url.rsplit("/", 1)[1])
    officer = window(city.officer)
    seen(officer.get(url), 404)
    assert "申报材料对所有人封存" in seen(officer.get(f"/review/calls/{call.id}"))

    # the check
    city.at(call.closes_on + timedelta(days=1))
    officer = window(city.officer)
    assert post(officer, f"/calls/{call.id}/closing").status_code == 303
    assert post(officer, f"/review/calls/{call.id}/opening").status_code == 303
    assert "王先生" in seen(officer.get(url))
    conditions = re.findall(r'href="(/review/applications/[^"]+/conditions/person_\d)"', seen(officer.get(url)))
    assert len(conditions) == 5
    for condition in conditions:
        seen(officer.get(condition))
        assert post(officer, condition, {"answer": "pass", "reason": "材料属实"}).status_code == 303
    assert post(officer, f"/review/applications/{application_id}/conclusion").status_code == 303

    # the panel
    city.pool(6)
    seen(officer.get("/panels/experts"))
    answer = post(officer, f"/review/calls/{call.id}/panel", {"size": "5"})
    panel_url = answer.headers["Location"]
    panel = act(lambda ctx: city.panel_of(ctx, call))
    for _, expert in city.seated(panel):
        judge = window(expert)
        assert "阅读材料</a>" not in seen(judge.get(panel_url))
        seen(judge.get(url), 404)
        assert post(judge, f"{panel_url}/declaration", {"answer": "none"}).status_code == 303
        dossier = seen(judge.get(url))
        assert "生产执行软件" in dossier and "王先生" not in dossier
        download = re.search(r'href="(/applications/[^"]+/documents/[^"]+)"', dossier)
        assert judge.get(download[1], buffered=True).data == PDF
        sheet_url = f"{panel_url}/candidates/{application_id}"
        form = {f"c{n}": "8.5" for n in range(1, 7)} | {f"c{n}_reason": "材料充分" for n in range(1, 7)}
        assert "满分 15 分" in seen(judge.get(sheet_url))
        assert "最多两位小数" in seen(post(judge, sheet_url, {**form, "c1": "8.555"}), 422)
        assert post(judge, sheet_url, form).status_code == 303
        assert "51" in seen(judge.get(panel_url))
    assert "评审结果" not in seen(officer.get(panel_url))
    assert post(officer, f"{panel_url}/closing").status_code == 303
    assert "评审结果" in seen(officer.get(panel_url))
    seen(window(city.seated(panel)[0][1]).get(url), 404)

    # 51 points are below the line of 60
    assert "未达分数线" in seen(officer.get(f"/review/calls/{call.id}"))
    assert "没有达到 60 分的申报" in seen(post(officer, f"/review/calls/{call.id}/proposal"), 409)


def test_from_notice_to_certificate_in_browsers(city, window, act):
    provider = city.provider("江西轻准软件有限公司")
    call = city.call()
    application = city.apply(call, provider)
    city.close(call)
    city.qualify(application)
    city.pool()
    city.score(city.panel(call))
    officer, chief, visitor = window(city.officer), window(city.chief), window()
    answer = post(officer, f"/review/calls/{call.id}/proposal")
    url = answer.headers["Location"]
    page = seen(visitor.get(url))
    assert "江西轻准软件有限公司" in page and "80 分" in page and "暂定" in page
    assert "结束公示" not in page

    seen(visitor.get(f"{url}/objections/new"))
    assert "请填写真实姓名" in seen(
        post(visitor, f"{url}/objections/new", {"name": "1", "contact": "x", "text": "短"}), 422
    )
    said = {
        "name": "李四", "contact": "13800001111", "text": "该单位案例合同与客户陈述不符，请核查。",
        "item_id": str(application.id),
    }  # fmt: skip
    answer = post(
        visitor,
        f"{url}/objections/new",
        {**said, "file": (io.BytesIO(PDF), "证明.pdf")},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 303, answer.get_data(as_text=True)[:3000]
    receipt = answer.headers["Location"]
    assert "待答复" in seen(visitor.get(receipt))
    assert "李四" not in seen(visitor.get(url))
    assert "李*" in seen(chief.get(url)) and "李四" not in seen(chief.get(url))
    objection = act(lambda ctx: notices.by_receipt(ctx, receipt.rsplit("/", 1)[1]))
    desk = f"/publicity/objections/{objection.id}"
    assert "13800001111" not in seen(chief.get(desk))
    seen(post(chief, f"{desk}/objector", {"look_reason": ""}), 409)
    assert "13800001111" in seen(post(chief, f"{desk}/objector", {"look_reason": "核实异议"}))
    assert "由其他人员办理" in seen(officer.get(desk))
    seen(post(chief, desk, {"reason": "经核查，合同真实有效，异议不成立。"}), 422)
    assert (
        post(chief, desk, {"outcome": "dismissed", "reason": "经核查，合同真实有效，异议不成立。"}).status_code == 303
    )
    assert "合同真实有效" in seen(visitor.get(receipt))

    notice = act(lambda ctx: notices.get(ctx, objection.notice_id))
    city.at(notice.ends_on + timedelta(days=1))
    officer, chief = window(city.officer), window(city.chief)
    assert "公示期满" in seen(officer.get("/"))
    assert "结束公示" in seen(officer.get(url))
    assert post(officer, f"{url}/clearing").status_code == 303
    seen(post(officer, f"/review/calls/{call.id}/decision"), 409)
    assert post(chief, f"/review/calls/{call.id}/decision").status_code == 303

    page = seen(visitor.get("/roster?name=轻准&class=product&industry="))
    link = re.search(r'href="(/roster/certificates/[0-9A-Z]+)"', page)[1]
    assert "证书有效" in seen(visitor.get(link))
    number = link.rsplit("/", 1)[1]
    assert visitor.get(f"/roster/certificates?number={number[:4]}-{number[4:].lower()}").headers["Location"] == link
    seen(visitor.get(f"/roster/certificates/{number[:-1]}"), 404)
    rows = visitor.get("/roster?format=csv").get_data(as_text=True)
    assert "江西轻准软件有限公司" in rows
    entry = act(lambda ctx: roster.by_certificate(ctx, number)).entry
    measure = {"kind": "suspend", "reason": "交付严重延误", "clause": "管理办法第十二条"}
    assert post(chief, f"/standing/{entry.id}", measure).status_code == 303
    assert "只能完成已在进行的项目" in seen(visitor.get(link))
    seen(window(provider).get("/standing"))
    assert "交付严重延误" in seen(window(provider).get(f"/standing/{entry.id}"))


@pytest.mark.parametrize("path", ["/calls", "/publicity", "/publicity/receipts", "/roster", "/roster/certificates"])
def test_public_pages_in_both_languages(city, window, path):
    seen(window().get(path))
    text = seen(window().get(path, headers={"Accept-Language": "en"}))
    body = text[text.index("<main") : text.index("</main>")]
    assert not re.search(
        r"[\u4e00-\u9fff]", re.sub(r"<select id=\"q-(city|industry)\".*?</select>", "", body, flags=re.S)
    )
