"""One voucher's whole life, told by people who only see pages: from the rule book to the bank's answer and the proof.

Nothing here calls the platform's own functions; the first administrator and the two proofs come from the command line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from click.testing import CliRunner
from flask import Flask

from marketplace.base.clock import SetClock, day_of
from marketplace.cli import Installation, cli
from tests.support.people import make_uscc
from tests.support.walker import File, Walker

PASSWORD = "rain-over-the-orange-grove"
CITY, COUNTY = "360900", "360981"
PDF: File = ("文件.pdf", b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")


def pdf(words: str) -> File:
    return (f"{words}.pdf", PDF[1] + b"% " + words.encode())


@dataclass
class Cast:
    """Who walks through the story, and what they wrote down for each other."""

    app: Flask
    clock: SetClock
    people: dict[str, Walker] = field(default_factory=dict)
    phones: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)

    def person(self, key: str, name: str) -> Walker:
        """Somebody signs up."""
        self.phones[key] = f"1390000{len(self.phones) + 1:04d}"
        self.people[key] = Walker(self.app, key).sign_up(name, self.phones[key], PASSWORD)
        return self.people[key]

    def again(self, key: str) -> Walker:
        """The same person signs in anew: sessions end overnight."""
        self.people[key] = Walker(self.app, key).sign_in(self.phones[key], PASSWORD)
        return self.people[key]

    def officer(self, by: str, key: str, name: str, role: str, **place: str) -> Walker:
        """Somebody signs up, is invited to a role, and takes it up."""
        self.person(key, name)
        page = (
            self.again(by)
            .get("/account/people/invite")
            .press("生成邀请链接", phone=self.phones[key], role=role, **place)
        )
        secret = re.search(r"/account/join/[\w-]+", page.text)
        assert secret, page.words()
        self.people[key].get(secret.group(0)).press("接受")
        return self.again(key)

    def wait(self, days: int) -> None:
        self.clock.advance(days=days)

    @property
    def today(self):  # type: ignore[no-untyped-def]
        return day_of(self.clock.moment)


@pytest.fixture
def cast(app: Flask, clock: SetClock) -> Cast:
    return Cast(app, clock)


def command(cast: Cast, *words: str, answer: str = "") -> str:
    """A command of the installation, on the story's database."""

    class Here(Installation):
        def app(self):  # type: ignore[no-untyped-def]
            return cast.app

    group, name = words[0], words[1]
    found = cli.get_command(None, group).commands[name]  # type: ignore[union-attr,arg-type]
    run = CliRunner().invoke(found, list(words[2:]), obj=Here(), input=answer)
    assert run.exit_code == 0, run.output
    return run.output


def test_one_voucher(cast: Cast) -> None:
    the_offices(cast)
    the_rule_book_and_the_pilot(cast)
    the_selection(cast)
    the_product(cast)
    the_enterprise(cast)
    the_voucher(cast)
    the_order(cast)
    the_suspended_provider(cast)
    the_claim(cast)
    the_report(cast)
    the_proof(cast)


def the_offices(cast: Cast) -> None:
    cast.phones["admin"] = "13900000000"
    command(cast, "user", "create", "--name", "管理员", "--phone", "13900000000", answer=f"{PASSWORD}\n{PASSWORD}\n")
    command(cast, "user", "grant", "--phone", "13900000000", "--role", "admin")
    admin = cast.again("admin")
    for key, name, capacity, region in (
        ("industry", "省工业和信息化厅", "bureau", "360000"),
        ("treasury", "省财政厅", "bureau", "360000"),
        ("bureau", "市工业和信息化局", "bureau", CITY),
        ("office", "县试点办公室", "pilot_office", COUNTY),
    ):
        cast.notes[key] = make_uscc(first="11")
        admin.get("/organisations/register").press(
            "登记", uscc=cast.notes[key], name=name, capacity=capacity, region=region,
            legal_representative="负责人", phone="0791-86210000", industry="S92", employees="50", revenue="", address="",
        )  # fmt: skip
    cast.officer("admin", "industry", "钟毅", "province", region="360000", uscc=cast.notes["industry"])
    cast.officer("admin", "treasury", "罗静", "province", region="360000", uscc=cast.notes["treasury"])
    for key, name in (("city", "李明"), ("city2", "黄莉")):
        cast.officer("admin", key, name, "city", region=CITY, uscc=cast.notes["bureau"])


def the_rule_book_and_the_pilot(cast: Cast) -> None:
    industry = cast.again("industry")
    industry.get("/policy/publish").press("发布", code="jiangxi-2023")
    industry.get("/programmes/open").press(
        "设立", code="pilots", name="数字化转型试点", edition_id="~2023—2025",
        finance_uscc=cast.notes["treasury"], publicity_days="5",
    )  # fmt: skip
    day = cast.today
    industry.follow("设立批次").press(
        "设立", name="第一批", year1_end=str(day + timedelta(days=400)), year2_end=str(day + timedelta(days=765)),
        applications_until=str(day + timedelta(days=10)),
    )  # fmt: skip
    the_classes(industry)
    city = (
        cast.again("city")
        .get("/programmes")
        .follow("数字化转型试点")
        .follow("推荐试点")
        .follow("中小企业数字化转型试点")
    )
    answers = {name: "已具备，见实施方案。" for name in names(city) if name.startswith("statement_")}
    letters = {name: f"赣〔2031〕{name[-1]}号" for name in names(city) if name.startswith("letter_number_")}
    files = {name: pdf(name) for name in names(city) if name.startswith("letter_file_")}
    nomination = dict(
        name="丰城市中小企业数字化转型试点", region="~丰城", office_uscc=cast.notes["office"], focus="现代家具",
        target_enterprises="40", plan=pdf("实施方案"), **{"class": "county_1"}, **answers, **letters, **files,
    )  # fmt: skip
    city.press("推荐", status=409, **nomination | {next(iter(letters)): " "})  # one department did not sign
    assert "五(一)" in city.words()
    city.press("推荐", **nomination)
    cast.notes["pilot"] = city.address
    industry.get(cast.notes["pilot"]).follow("登记评审结果").press("登记", result="pass", note="方案可行。")
    industry.get("/programmes").follow("数字化转型试点").press("公示入围名单")
    notice = industry.get("/publicity").follow("入围").address
    assert not buttons(industry.get(notice), "结束公示")  # not before the last day is over
    cast.wait(12)
    cast.again("industry").get(notice).press("结束公示")
    the_award(cast)


def names(walker: Walker) -> list[str]:
    """The fields of the forms on a page."""
    return [str(e.get("name")) for form in walker.forms() for e in form.iter() if e.get("name")]


def buttons(walker: Walker, words: str) -> list[str]:
    """The buttons of a page that contain the words."""
    found = ["".join(b.itertext()).strip() for form in walker.forms() for b in form.iter("button")]
    return [text for text in found if words in text]


def the_classes(industry: Walker) -> None:
    """The province says of which class city and county are."""
    for region, value in ((CITY, "1"), (COUNTY, "1")):
        industry.get("/regions/classes").press(
            "认定", region=region, year="2031", value=value, source="省高质量发展考核"
        )


def the_award(cast: Cast) -> None:
    """Above the cap by a fen is refused; half of the award arrives and is booked."""
    industry = cast.again("industry")
    page = industry.get(cast.notes["pilot"]).follow("批复")
    page.press("批复", status=409, award="10000000.01")
    assert "四(一)" in page.words() and "10,000,000.00" in page.words()
    page.press("批复", award="10000000.00")
    page = industry.get(cast.notes["pilot"]).follow("提出资金安排建议")
    page.press("提出", status=409, amount="5000000.01")
    assert "四(一)" in page.words()
    page.press("提出", amount="5000000.00")
    cast.again("treasury").get(cast.notes["pilot"]).follow("下达").press("下达", release_number="赣财建指〔2031〕1号")
    pilot_id = cast.notes["pilot"].rsplit("/", 1)[-1]
    cast.officer("city", "pilot", "王秀英", "pilot", pilot_id=pilot_id)
    cast.officer("city", "finance", "周岚", "finance", region=CITY)
    cast.officer("city", "finance2", "吴越", "finance", region=CITY)
    finance = cast.again("finance")
    finance.get(cast.notes["pilot"]).follow("确认到位").press(
        "确认到位", received_on=str(cast.today), bank_reference="RCPT-0001"
    )
    cast.notes["funds"] = "/funds/" + pilot_id
    assert "¥5,000,000.00" in finance.get(cast.notes["funds"]).words()


def firm(cast: Cast, key: str, name: str, capacity: str, industry: str) -> Walker:
    """Somebody signs up and registers a firm; the city confirms it."""
    cast.notes[key] = make_uscc()
    walker = cast.person(key, "法人" + name[:2])
    form = dict(
        name=name, capacity=capacity, region=COUNTY, legal_representative="法人" + name[:2], phone="0795-6100" + cast.phones[key][-3:],
        industry=industry, employees="120", revenue="60000000.00", address="",
    )  # fmt: skip
    wrong = cast.notes[key][:-1] + ("0" if cast.notes[key][-1] != "0" else "1")
    walker.get("/organisations/register").press("登记", status=409, uscc=wrong, **form)
    assert "校验码" in walker.words() and name in walker.text
    walker.press("登记", uscc=cast.notes[key], **form)
    cast.notes[key + " page"] = walker.address
    cast.again("city").get("/organisations").follow(name).press("确认身份")
    return cast.again(key)


def the_selection(cast: Cast) -> None:
    for number in range(1, 8):
        key = f"expert{number}"
        cast.officer("city", key, f"专家{'一二三四五六七'[number - 1]}", "expert", region=CITY)
        cast.again("city").get("/panels/experts/new").press(
            "登记专家", phone=cast.phones[key], title="高级工程师", expertise="制造业数字化",
            employer_uscc=make_uscc(first="12"), employer_name=f"第{number}研究所", employed_from="2020-01-01",
        )  # fmt: skip
    provider = firm(cast, "provider", "赣数科技有限公司", "provider", "I65")
    city = cast.again("city")
    city.get("/calls/new").press(
        "保存草稿", number="云工信〔2031〕1号", contact="数字经济科 0795-3998000", industries=["C21"]
    )
    cast.notes["call"] = city.address
    city.press("发布公告")
    cast.wait(1)
    provider = cast.again("provider")
    words = "家具行业生产管控和质量追溯，有实施团队和本地服务网点。"
    provider.get("/applications/dossier").press(
        "保存", founded_on="2024-01-01", staff="80", technical_staff="50", revenue="", introduction=words,
        knowledge=words, engineering=words, ecosystem=words, continuity=words,
    )  # fmt: skip
    provider.get("/applications/dossier/cases/new").press(
        "添加案例", client_name="示范家具厂", industry="C21", title="生产管控", finished_on="2030-06-01", amount="180000.00",
        effect="在制品减少两成。", contact="0795-6200300",
    )  # fmt: skip
    provider.get("/applications/dossier/proofs/new").press(
        "添加材料", kind="copyright", name="生产管控软件", number="2029SR100001", file=pdf("著作权")
    )
    provider.get("/applications/new/" + cast.notes["call"].rsplit("/", 1)[-1]).press(
        "保存草稿", proposal=words, **{"class": "product"}
    )
    cast.notes["application"] = provider.address
    provider.press("提交申报", status=409)  # without the promise of truth
    provider.press("提交申报", promise="true")
    cast.wait(25)
    city = cast.again("city").get(cast.notes["call"])
    if any("结束报名" in "".join(f.itertext()) for f in city.forms()):
        city.press("结束报名")
    cast.notes["review"] = city.get(cast.notes["call"]).link("遴选评审")
    city.get(cast.notes["review"]).press("开启申报并自动核对")
    city.get(cast.notes["application"])
    while re.search(r">判断<span", city.text):
        city.follow("判断：").press("保存判断", answer="pass", reason="材料属实。")
        city.get(cast.notes["application"])
    city.press("作出审查结论")
    city.get(cast.notes["review"]).press("随机抽取", status=409, size="4")
    city.press("随机抽取", size="5")
    the_panel(cast)
    city = cast.again("city").get(cast.notes["review"])
    city.follow("专家组").press("结束评分并汇总")
    city.get(cast.notes["review"]).press("提出名单并公示")
    notice = city.get(cast.notes["review"]).link("公示")
    assert "赣数科技" in Walker(cast.app).get(notice).words()
    cast.wait(12)
    cast.again("city").get(notice).press("结束公示")
    cast.again("city2").get(cast.notes["review"]).press("确定入选名单")
    assert "赣数科技有限公司" in Walker(cast.app).get("/roster").words()


def the_panel(cast: Cast) -> None:
    """Whoever was drawn declares, reads and scores."""
    for number in range(1, 8):
        expert = cast.again(f"expert{number}").get("/panels")
        if "公开遴选" not in expert.words():
            continue
        expert.follow("公开遴选")
        seat = expert.address
        expert.press("提交声明", answer="none")
        expert.get(seat).follow("评分")
        fields = {n: ("10" if not n.endswith("_reason") else "材料清楚。") for n in names(expert) if n != "csrf_token"}
        expert.press("保存评分", **fields)


def the_product(cast: Cast) -> None:
    provider = cast.again("provider")
    words = "单模块部署，十五天上线，按年订阅，预置家具行业模板。"
    provider.get("/products/new").press(
        "保存草稿", name="质量追溯轻应用", klass="product", summary=words, scenarios=["07"], industries=["C21"],
        deployment="saas", delivery_days="15", small=words, fast=words, light=words, precise=words, cases=words,
        exit_terms="数据可随时导出。", package1_name="年度订阅", package1_unit="年", package1_cost_type="software",
        package1_price="100000.00",
    )  # fmt: skip
    cast.notes["product"] = provider.address
    provider.press("发布")
    provider.get(cast.notes["product"]).press("提交", city="~宜春")
    city = cast.again("city").get("/listings").follow("质量追溯轻应用")
    city.press("提交审核结论", decision="list", category_county="renovation", category_zone="renovation")
    shown = Walker(cast.app).get("/catalogue?q=质量追溯")
    assert "质量追溯轻应用" in shown.words()
    cast.notes["listing"] = shown.link("质量追溯轻应用")


def the_enterprise(cast: Cast) -> None:
    firm(cast, "enterprise", "恒木家具有限公司", "enterprise", "C21")
    rival = cast.person("rival", "冒名者")
    rival.get("/organisations/register").press(
        "登记", uscc=cast.notes["enterprise"], name="恒木家具有限公司", capacity="enterprise", region=COUNTY,
        legal_representative="李四", phone="0795-6100999", industry="C21", employees="10", revenue="1000000.00", address="",
    )  # fmt: skip
    assert "处理" in rival.words()  # a case was opened, nothing was taken over
    pilot = cast.again("pilot").get("/members/of/" + cast.notes["pilot"].rsplit("/", 1)[-1] + "/nominate")
    form = dict(uscc=cast.notes["enterprise"], baseline_level="L3", target_level="L6", urgency="1")
    pilot.press("提名", status=409, focus="电子信息", **form)
    assert "三(二)" in pilot.words() or "二(一)" in pilot.words()
    pilot.press("提名", focus="现代家具", **form)
    cast.notes["member"] = pilot.address
    cast.again("city").get("/members").follow("恒木家具").press("确认列入名单")


def the_voucher(cast: Cast) -> None:
    finance = cast.again("finance").get(cast.notes["funds"])
    finance.press("安排", category="~改造", amount="6000000.00")
    page = finance.get(cast.notes["funds"])
    page.press("安排", status=409, category="~平台", amount="2000000.01")
    assert "四(二)" in page.words() and "2,000,000.00" in page.words() and "2000000.01" in page.text
    page.press("安排", status=409, category="network", amount="1.00")  # a purpose of zones, not of counties
    assert "四(二)" in page.words()
    pilot = cast.again("pilot").get("/schemes/new")
    pilot.press(
        "保存草稿", code="RX", name="企业数字化改造服务券", category="~改造", mode="direct", basis="gross", rate="40",
        cap_voucher="120000.00", cap_enterprise_year="", cost_types=["software", "cloud", "hardware"], on_short="refuse",
        use_by=str(cast.today + timedelta(days=120)), redeem_by=str(cast.today + timedelta(days=240)),
    )  # fmt: skip
    cast.notes["scheme"] = pilot.address
    pilot.press("发布")
    pilot.get(cast.notes["scheme"]).follow("发券")
    cast.notes["issue"] = pilot.address
    pilot.press("发放", enterprise_id="~恒木", face="30000.00")
    sheet = f"统一社会信用代码,面额\n{cast.notes['enterprise']},60000.00\n"
    bad = sheet + f"{make_uscc()},1.00\n"
    pilot.get(cast.notes["issue"]).press("检查表格", file=("批量.csv", bad.encode()))
    assert "第 3 行" in pilot.words() or " 3 " in pilot.words()
    pilot.get(cast.notes["issue"]).press("检查表格", file=("批量.csv", sheet.encode())).press("确认发放")
    left = cast.again("finance").get(cast.notes["funds"]).words()
    assert "¥5,910,000.00" in left, left
    wallet = cast.again("enterprise").get("/vouchers")
    assert "¥60,000.00" in wallet.words() and "¥30,000.00" in wallet.words()
    wallet.follow("查看与出示")
    assert "<svg" in wallet.text and 'class="qr' in wallet.text


def the_order(cast: Cast) -> None:
    """Above the small voucher is refused with the numbers; on the larger one the order goes its way."""
    enterprise = cast.again("enterprise").get(cast.notes["listing"])
    vouchers = {
        re.sub(r"\s", "", "".join(label.itertext())): str(box.get("value"))
        for form in enterprise.forms()
        for box, label in zip(
            [e for e in form.iter("input") if e.get("name") == "voucher_id"],
            [e for e in form.iter("label") if str(e.get("for", "")).startswith("f-voucher_id-")],
            strict=True,
        )
    }
    small = next(value for words, value in vouchers.items() if "30,000.00" in words)
    large = next(value for words, value in vouchers.items() if "60,000.00" in words)
    enterprise.press("提交订单", status=409, quantity1="1", voucher_id=small)
    assert "40,000.00" in enterprise.words() and "30,000.00" in enterprise.words() and "四(二)" in enterprise.words()
    enterprise.get(cast.notes["listing"]).press("提交订单", quantity1="1", voucher_id=large)
    cast.notes["order"] = enterprise.address
    assert "¥40,000.00" in enterprise.words()
    provider = cast.again("provider").get(cast.notes["order"]).press("接单")
    contract = dict(
        number="HT-2031-01", signed_on=str(cast.today), document=pdf("合同"), line1_name="年度订阅",
        line1_cost_type="software", line1_quantity="1", line1_tax="5660.38",
    )  # fmt: skip
    provider.get(cast.notes["order"] + "/contract").press(
        "备案合同", status=409, line1_unit_price="100000.01", line1_gross="100000.01", **contract
    )
    assert "二(四)" in provider.words()
    provider.press("备案合同", line1_unit_price="100000.00", line1_gross="100000.00", **contract)
    provider.get(cast.notes["order"] + "/deliver").press("提交", text="已上线并完成培训。")
    stranger = firm(cast, "stranger", "他乡家具有限公司", "enterprise", "C21")
    stranger.get(cast.notes["order"], status=404)
    confirmation = cast.again("enterprise").get(cast.notes["order"])
    confirmation.press("确认交付")
    confirmation.get("/vouchers").follow("查看与出示")
    assert "交付核销" in confirmation.words()
    confirmation.get(cast.notes["order"])
    assert not buttons(confirmation, "确认交付")
    confirmation.post(cast.notes["order"] + "/confirm", status=409)  # once is all


def the_suspended_provider(cast: Cast) -> None:
    """A suspended provider gets no new order; lifted, it does."""
    enterprise = cast.again("enterprise").get(cast.notes["listing"])
    boxes = [e for form in enterprise.forms() for e in form.iter("input") if e.get("name") == "voucher_id"]
    voucher = next(str(box.get("value")) for box in boxes if box.get("value"))
    standing = cast.again("city").get("/standing").follow("赣数科技").address
    cast.people["city"].get(standing).press("作出处理", kind="suspend", reason="响应时限多次未达到。", clause="二(四)")
    enterprise.press("提交订单", status=409, quantity1="1", voucher_id=voucher)  # the page was opened before
    assert "二(四)" in enterprise.words() and "暂停" in enterprise.words()
    assert not buttons(enterprise.get(cast.notes["listing"]), "提交订单")
    cast.again("city").get(standing).press("作出处理", kind="lift", reason="已整改到位。", clause="二(四)")


def the_claim(cast: Cast) -> None:
    """The three papers agree, two desks say yes, one person makes the batch and another releases it, the bank answers."""
    the_account(cast, "赣数科技有限公司", "6222020200011223344")
    cast.wait(9)
    city = cast.again("city").get("/acceptances").follow("个项目待验收")
    city.get(cast.notes["order"]).follow("组织验收")
    scores = {f"score_{name}": "80" for name in ("effect", "data_flow", "return", "management")}
    city.press(
        "提交验收结论",
        level_after="L6",
        finance_clean="true",
        result="passed",
        reason="现场核验，系统已稳定使用。",
        **scores,
    )
    the_invoice(cast)
    provider = cast.again("provider").get(cast.notes["order"]).follow("申请兑付")
    provider.press("提交申请", status=422)  # without the promise of truth
    provider.press("提交申请", promise="true")
    cast.notes["claim"] = provider.address
    for key in ("pilot", "city"):
        reviewer = cast.again(key).get("/claims/review")
        assert "恒木家具" in reviewer.words()
        reviewer.get(cast.notes["claim"]).follow("审核")
        reviewer.press("提交意见", decision="approved", reason="合同、验收、发票一致。")
    the_batch(cast)
    the_bank(cast)


def the_account(cast: Cast, holder: str, number: str) -> None:
    """The provider names an account, a finance officer compares it with the paper."""
    accounts = cast.notes["provider page"] + "/accounts"
    provider = cast.again("provider").get(accounts).follow("提出新账户")
    account = dict(bank_name="丰城农村商业银行", bank_code="402429900017", number=number)
    provider.press("提出", status=409, holder_name="别家公司", **account)
    assert "别家公司" in provider.words()
    provider.press("提出", holder_name=holder, **account)
    cast.again("finance2").get(accounts).press("复核通过")


def the_invoice(cast: Cast) -> None:
    provider = cast.again("provider").get(cast.notes["order"]).follow("提交发票")
    good = dict(number="31362000000000000017", document=pdf("发票"))
    stranger = cast.notes["stranger"]
    provider.press("提交发票", status=409, **good | {"buyer_uscc": stranger})
    assert stranger in provider.words() + provider.text
    provider.press("提交发票", **good | {"buyer_uscc": cast.notes["enterprise"]})
    cast.again("enterprise").get(cast.notes["order"]).press("确认发票")
    match = cast.again("pilot").get(cast.notes["order"] + "/match").words()
    assert match.count("¥100,000.00") >= 2, match


def the_batch(cast: Cast) -> None:
    """An account changed a minute ago is not paid; the maker's own yes is not the second one."""
    the_account(cast, "赣数科技有限公司", "6222020200055667788")
    finance = cast.again("finance").get("/settlement").follow("制单")
    making = finance.address
    finance.press("制单", status=422)
    assert "没有可付款的账户" in finance.words(), "nobody's claim is ticked before its account may be paid"
    claims = re.findall(r'name="claims" value="([^"]+)"', finance.text)
    finance.get(making).press("制单", status=409, claims=claims)
    assert "冷静期" in finance.words() or "个工作日" in finance.words(), finance.words()
    cast.wait(9)
    finance = cast.again("finance").get(making).press("制单")
    cast.notes["batch"] = finance.address
    assert "6222020200055667788" in finance.words() and "¥40,000.00" in finance.words()
    assert not buttons(finance, "复核通过")
    finance.post(cast.notes["batch"] + "/approve", status=409)
    assert "制单" in finance.words()
    cast.again("finance2").get(cast.notes["batch"]).press("复核通过")


def the_bank(cast: Cast) -> None:
    finance = cast.again("finance").get(cast.notes["batch"])
    if buttons(finance, "现在生成"):
        finance.press("现在生成")
    sheet = finance.get(cast.notes["batch"]).get(finance.link("下载付款文件")).text
    heads, payment = [line.split(",") for line in sheet.removeprefix("\ufeff").split("\r\n")[:2]]
    paid = dict(zip(heads, payment, strict=True))
    assert paid["金额(元)"] == "40000.00" and paid["收款人名称"] == "赣数科技有限公司"
    answer = f"端到端编号,结果,银行流水号,日期\r\n{paid['端到端编号']},成功,JS20310001,{cast.today}\r\n"
    finance.get(cast.notes["batch"])
    finance.press("导入回单", status=422, file=("回单.csv", (answer + "E-UNKNOWN,成功,X1,\r\n").encode()))
    assert "第 3 行" in finance.words()
    finance.get(cast.notes["batch"]).press("导入回单", file=("回单.csv", answer.encode()))
    assert "已付款" in cast.again("provider").get(cast.notes["claim"]).words()


def the_report(cast: Cast) -> None:
    """What was spent for what, and each rule with its clause; nothing else than what the story did."""
    report = cast.again("pilot").get("/reports/settlement").follow("丰城市")
    words = report.words()
    for amount in ("¥10,000,000.00", "¥5,000,000.00", "¥6,000,000.00", "¥40,000.00"):
        assert amount in words, amount
    assert "四(二)" in words and "不符合规则" not in words
    assert {"符合", "进行中"} <= {cell for cell in words.split(" ")}
    report.get(report.link("下载工作簿"))
    Walker(cast.app).get(report.address, status=200)  # a visitor is led to the door


def the_proof(cast: Cast) -> None:
    assert "sound" in command(cast, "ledger", "verify")
    assert "holds" in command(cast, "audit", "verify")
