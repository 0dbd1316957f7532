"""One voucher's whole life, told by programs that hold tokens and speak only REST.

Persons and tokens are made beforehand; everything else is asked for over /api/v1, and every refusal of the story is
looked at: its code, its clause, its values, and that nothing was changed.
"""

from __future__ import annotations

import csv
import io
import tomllib
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from marketplace.base.clock import SetClock, day_of
from marketplace.base.roles import Role
from marketplace.people.accounts.models import Person
from tests.support.people import CITY, COUNTY, PROVINCE, make_actor, make_uscc, token_for
from tests.support.rest import Program, answer, form, problem, state

PANEL = "财政部令第87号第四十七条"
WORDS = "家具行业生产管控和质量追溯，有实施团队和本地服务网点。"


def pdf(words: str) -> bytes:
    return b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n% " + words.encode()


def yuan(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


@dataclass
class Cast:
    """Who holds a token, and what the programs wrote down for each other."""

    app: Flask
    clock: SetClock
    act: Callable[..., Any]
    programs: dict[str, Program] = field(default_factory=dict)
    persons: dict[str, Person] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)

    def token(self, key: str, role: Role, name: str = "", **place: Any) -> Program:
        """A person with a role, and a program that acts with that person's token."""
        if place.get("organisation"):
            place["organisation"] = uuid.UUID(place["organisation"])
        actor, self.persons[key] = make_actor(self.act, role, name=name, **place)
        self.programs[key] = Program(self.app, token_for(self.app, actor, days=300))
        return self.programs[key]

    def __getitem__(self, key: str) -> Program:
        return self.programs[key]

    @property
    def visitor(self) -> Program:
        return Program(self.app)

    @property
    def today(self) -> date:
        return day_of(self.clock.moment)

    def day(self, days: int) -> str:
        return str(self.today + timedelta(days=days))


@pytest.fixture
def cast(app: Flask, clock: SetClock, act: Callable[..., Any]) -> Cast:
    return Cast(app, clock, act)


def test_one_voucher_over_rest(cast: Cast) -> None:
    the_offices(cast)
    the_rule_book(cast)
    the_pilot(cast)
    the_award(cast)
    the_pool(cast)
    the_provider(cast)
    the_call(cast)
    the_application(cast)
    the_review(cast)
    the_panel(cast)
    the_decision(cast)
    the_product(cast)
    the_enterprise(cast)
    the_allotment(cast)
    the_scheme(cast)
    the_vouchers(cast)
    the_order(cast)
    the_contract(cast)
    the_redemption(cast)
    the_acceptance(cast)
    the_account(cast)
    the_invoice(cast)
    the_claim(cast)
    the_batch(cast)
    the_answer_of_the_bank(cast)
    the_report(cast)
    what_everybody_reads(cast)


def office(cast: Cast, key: str, name: str, capacity: str, region: str) -> str:
    """The administrator registers an office."""
    made = cast["admin"].post(
        "/organisations",
        dict(
            uscc=make_uscc(first="11"), name=name, capacity=capacity, region=region, legal_representative="负责人",
            phone="0791-86210000", industry="S92", employees=50, address="",
        ),
        201,
    )  # fmt: skip
    cast.notes[key] = made["organisation"]["id"]
    assert made["organisation"]["state"] == "confirmed"
    return cast.notes[key]


def the_offices(cast: Cast) -> None:
    cast.token("admin", Role.ADMIN)
    for key, name in (("industry", "省工业和信息化厅"), ("treasury", "省财政厅")):
        cast.token(key, Role.PROVINCE, organisation=office(cast, key + " office", name, "bureau", PROVINCE))
    bureau = office(cast, "bureau", "市工业和信息化局", "bureau", CITY)
    for key in ("city", "chief"):
        cast.token(key, Role.CITY, organisation=bureau)
    office(cast, "pilot office", "县试点办公室", "pilot_office", COUNTY)
    me = cast["industry"].get("/me")
    assert (me["assignment"]["role"], me["assignment"]["organisation_id"]) == (
        "province",
        cast.notes["industry office"],
    )


def the_rule_book(cast: Cast) -> None:
    industry = cast["industry"]
    cast["city"].refused("POST", "/rule-books", {"code": "jiangxi-2023"}, code="permission.denied", status=403)
    book = industry.post("/rule-books", {"code": "jiangxi-2023"}, 201)
    programme = industry.post(
        "/programmes",
        dict(
            code="pilots", name="数字化转型试点", edition_id=book["id"], publicity_days=5,
            finance_department_id=cast.notes["treasury office"],
        ),
        201,
    )  # fmt: skip
    batch = industry.post(
        f"/programmes/{programme['id']}/batches",
        dict(name="第一批", year1_end=cast.day(400), year2_end=cast.day(765), applications_until=cast.day(10)),
        201,
    )
    for region in (CITY, COUNTY):
        said = dict(region=region, year=2031, value="1", source="省高质量发展考核")
        assert industry.post("/regions/classes", said)["value"] == "1"
    cast.notes |= {"book": book["id"], "batch": batch["id"]}


def the_pilot(cast: Cast) -> None:
    city, industry = cast["city"], cast["industry"]
    letters = [
        dict(
            department=name,
            letter_number=f"赣〔2031〕{n}号",
            document_id=city.upload("推荐函.pdf", pdf(name), "letter"),
        )
        for n, name in enumerate(("设区市财政部门", "设区市工业和信息化主管部门"), 1)
    ]
    book = tomllib.loads(cast.visitor.get(f"/rule-books/{cast.notes['book']}")["text"])["application"]
    conditions = [code for code, condition in book["conditions"].items() if "county" in condition["types"]]
    nomination = dict(
        batch_id=cast.notes["batch"], name="丰城市中小企业数字化转型试点", type="county", region=COUNTY, focus="现代家具",
        office_organisation_id=cast.notes["pilot office"], target_enterprises=40,
        plan_document_id=city.upload("实施方案.pdf", pdf("实施方案"), "plan"), letters=letters,
        declarations=[dict(condition=c, statement="已具备，见实施方案。") for c in conditions], **{"class": "county_1"},
    )  # fmt: skip
    city.refused("POST", "/pilots", nomination | {"letters": letters[1:]}, code="nomination.not_joint", clause="五(一)")
    pilot = city.post("/pilots", nomination, 201)
    city.refused("POST", "/pilots", nomination, code="pilot.already_nominated", clause="五(一)")
    address = f"/pilots/{pilot['id']}"
    cast.visitor.refused("GET", address, code="not_found", status=404)
    industry.post(address + "/review", dict(passed=True, note="方案可行。"))
    notice = industry.post(f"/programmes/batches/{cast.notes['batch']}/shortlist", {}, 201)
    industry.refused("POST", f"/publicity/{notice['id']}/clearing", code="notice.running", clause="五(三)")
    listed = cast.visitor.get(f"/publicity/{notice['id']}")
    assert [item["title"] for item in listed["items"]] == [nomination["name"]] and listed["state"] == "open"
    cast.clock.advance(days=12)
    assert industry.post(f"/publicity/{notice['id']}/clearing")["state"] == "cleared"
    cast.notes |= {"pilot": pilot["id"], "pilot address": address}


def the_award(cast: Cast) -> None:
    """Above the cap by a fen is refused; half of the award arrives and is booked."""
    industry, pilot = cast["industry"], cast.notes["pilot address"]
    above, cap = yuan("10000000.01"), yuan("10000000.00")
    values = {"limit": "10,000,000.00"}
    industry.refused(
        "POST", pilot + "/approval", {"award": above}, code="award.above_cap", clause="四(一)", values=values
    )
    cast["treasury"].refused(
        "POST", pilot + "/approval", {"award": cap}, code="department.not_in_charge", clause="五(三)"
    )
    approved = industry.pay(pilot + "/approval", {"award": cap})
    assert (approved["state"], approved["award"]) == ("approved", cap)
    half = yuan("5000000.00")
    refused = industry.refused(
        "POST", pilot + "/tranches", {"amount": yuan("5000000.01")}, code="tranche.exceeds_share", clause="四(一)"
    )
    assert refused["values"]
    tranche = industry.pay(pilot + "/tranches", {"amount": half}, 201)
    released = {"release_number": "赣财建指〔2031〕1号"}
    industry.refused(
        "POST", f"/pilots/tranches/{tranche['id']}/release", released, code="department.not_in_charge", clause="五(四)"
    )
    cast["treasury"].pay(f"/pilots/tranches/{tranche['id']}/release", released)
    cast.token("pilot", Role.PILOT, pilot_id=cast.notes["pilot"], region=COUNTY)
    for key in ("finance", "finance2"):
        cast.token(key, Role.FINANCE, region=CITY)
    arrived = dict(received_on=str(cast.today), bank_reference="RCPT-0001")
    assert cast["finance"].pay(f"/pilots/tranches/{tranche['id']}/receipt", arrived)["state"] == "received"
    fund = cast["finance"].get(pilot + "/funds")["funds"][0]
    assert (fund["award"], fund["received"]) == (cap, half)
    cast.notes["fund"] = fund["id"]


def the_pool(cast: Cast) -> None:
    for number in range(1, 8):
        key = f"expert{number}"
        cast.token(key, Role.EXPERT, name=f"专家{number}")
        cast["city"].post(
            "/panels/experts",
            dict(
                phone=cast.persons[key].phone, fields=["制造业数字化"], title="高级工程师", employed_from="2020-01-01",
                employer_uscc=make_uscc(first="12"), employer_name=f"第{number}研究所",
            ),
            201,
        )  # fmt: skip
    assert len(cast["city"].items("/panels/experts")) == 7


def firm(cast: Cast, key: str, name: str, capacity: Role, industry: str) -> str:
    """The city registers a firm and another officer confirms who it is; somebody of it gets a token."""
    cast.notes[key + " uscc"] = code = make_uscc()
    said = dict(
        uscc=code, name=name, capacity=capacity.value, region=COUNTY, legal_representative=f"法人{key}",
        phone=f"0795-61{len(cast.notes):05d}", industry=industry, employees=120, revenue=yuan("60000000.00"),
    )  # fmt: skip
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    cast["city"].refused("POST", "/organisations", said | {"uscc": wrong}, code="uscc.invalid", clause="GB 32100-2015")
    made = cast["city"].post("/organisations", said, 201)["organisation"]
    confirmation = f"/organisations/{made['id']}/confirmation"
    cast["city"].refused("POST", confirmation, {"decision": "confirm"}, code="person.same")
    made = cast["chief"].post(confirmation, {"decision": "confirm"})
    assert made["state"] == "confirmed"
    cast.token(key, capacity, organisation=made["id"])
    return str(made["id"])


def the_provider(cast: Cast) -> None:
    cast.notes["provider"] = firm(cast, "provider", "赣数科技有限公司", Role.PROVIDER, "I65")
    provider = cast["provider"]
    provider.put(
        "/applications/dossier",
        dict(
            founded_on="2024-01-01", staff=80, technical_staff=50, introduction=WORDS, knowledge=WORDS,
            engineering=WORDS, ecosystem=WORDS, continuity=WORDS,
        ),
    )  # fmt: skip
    provider.post(
        "/applications/dossier/cases",
        dict(
            client_name="示范家具厂", industry="C21", title="生产管控", finished_on="2030-06-01",
            amount=yuan("180000.00"), effect="在制品减少两成。", contact="0795-6200300",
        ),
        201,
    )  # fmt: skip
    said = dict(kind="copyright", name="生产管控软件", number="2029SR100001")
    answer(provider.send("POST", "/applications/dossier/proofs", **form(said, file=("著作权.pdf", pdf("著作权")))), 201)
    dossier = provider.get("/applications/dossier")
    assert (len(dossier["cases"]), dossier["proofs"][0]["number"]) == (1, "2029SR100001")


def the_call(cast: Cast) -> None:
    city = cast["city"]
    terms = dict(
        number="云工信〔2031〕1号", title="数字化服务商遴选公告", edition_id=cast.notes["book"], seats={"product": 2},
        conditions=[
            dict(code="staff", label="员工不少于 20 人", kind="machine", fact="staff", operator="at_least", value=20),
            dict(code="knowledge", label="懂行业", kind="person"),
        ],
        scoring=[dict(code="product", label="产品", max=60), dict(code="team", label="团队", max=40)],
        tie_break=["product"], pass_line=60, opens_on=cast.day(1), closes_on=cast.day(20), publicity_days=5,
        term_years=2, materials="申报书。", duties="履约。", contact="数字经济科 0795-3998000",
    )  # fmt: skip
    call = city.post("/calls", terms, 201)
    cast.notes["call"] = call["id"]
    cast.visitor.refused("GET", f"/calls/{call['id']}", code="not_found", status=404)
    city.post(f"/calls/{call['id']}/publication")
    city.refused("PUT", f"/calls/{call['id']}", terms, code="call.published", clause="二(四)")
    assert cast.visitor.get(f"/calls/{call['id']}")["state"] == "open"
    cast.clock.advance(days=1)


def the_application(cast: Cast) -> None:
    provider = cast["provider"]
    begun = provider.post("/applications", {"call_id": cast.notes["call"], "class": "product", "proposal": WORDS}, 201)
    address = f"/applications/{begun['id']}"
    found = {item["code"]: item["result"] for item in provider.items(address + "/outcomes")}
    assert found == {"staff": "pass", "knowledge": "person"}
    provider.refused(
        "POST", address + "/submission", {"promise": False}, code="application.promise_missing", clause="六(二)"
    )
    assert provider.post(address + "/submission", {"promise": True})["state"] == "submitted"
    cast["city"].refused("GET", address, code="not_found", status=404)  # sealed until the call is over
    cast.notes["application"] = begun["id"]


def the_review(cast: Cast) -> None:
    city, call, application = cast["city"], cast.notes["call"], cast.notes["application"]
    city.refused("POST", f"/calls/{call}/closing", code="call.still_open", clause="二(四)")
    cast.clock.advance(days=20)
    city.post(f"/calls/{call}/closing")
    city.post(f"/review/calls/{call}/opening", status=204)
    conclusion = f"/review/applications/{application}/conclusion"
    city.refused("POST", conclusion, code="review.undecided", clause="二(四)")
    said = dict(passed=True, reason="材料属实。")
    assert city.put(f"/review/applications/{application}/conditions/knowledge", said)["decision"] == "pass"
    assert city.post(conclusion)["state"] == "qualified"
    city.refused("POST", f"/review/calls/{call}/panel", dict(size=4), code="panel.size", clause=PANEL)
    city.post(f"/review/calls/{call}/panel", dict(size=5), 204)


def the_panel(cast: Cast) -> None:
    """Whoever was drawn declares, reads and scores."""
    city = cast["city"]
    panel = city.items("/panels")[0]
    address, application = f"/panels/{panel['id']}", cast.notes["application"]
    city.refused("POST", address + "/closing", code="panel.incomplete", clause=PANEL)
    sheet = {c["code"]: dict(points=c["max"], reason="材料清楚。") for c in panel["criteria"]}
    drawn = [cast[key] for key in cast.programs if key.startswith("expert") and cast[key].items("/panels")]
    assert len(drawn) == 5
    for expert in drawn:
        expert.refused(
            "PUT", f"{address}/scores/{application}", {"scores": sheet}, code="panel.not_declared", clause=PANEL
        )
        expert.post(address + "/declaration", {"conflict": False})
        expert.put(f"{address}/scores/{application}", {"scores": sheet}, 204)
    (result,) = city.post(address + "/closing")["items"]
    assert (result["mean"], result["sheets"]) == ("100", 5)


def the_decision(cast: Cast) -> None:
    city, call = cast["city"], cast.notes["call"]
    decision = f"/review/calls/{call}/decision"
    city.post(f"/review/calls/{call}/proposal", status=204)
    (notice,) = cast.visitor.items(f"/publicity?subject_id={call}")
    cast["chief"].refused("POST", decision, code="state.not_allowed")
    cast.clock.advance(days=12)
    city.post(f"/publicity/{notice['id']}/clearing")
    city.refused("POST", decision, code="decision.same_person", clause="二(四)")
    cast["chief"].post(decision, status=204)
    (entry,) = cast.visitor.items("/roster?name=赣数")
    assert (entry["provider_id"], entry["state"]) == (cast.notes["provider"], "active")
    assert cast.visitor.get(f"/roster/certificates/{entry['certificate_number']}")["id"] == entry["id"]


def the_product(cast: Cast) -> None:
    provider, city = cast["provider"], cast["city"]
    content = dict(
        name="质量追溯轻应用", klass="product", summary=WORDS, scenarios=["07"], industries=["C21"], deployment="saas",
        delivery_days=15, small=WORDS, fast=WORDS, light=WORDS, precise=WORDS, cases=WORDS, exit_terms="数据可随时导出。",
        packages=[dict(name="年度订阅", unit="年", cost_type="software", price=yuan("100000.00"))],
    )  # fmt: skip
    draft = provider.post("/product-drafts", content | {"small": ""}, 201)
    address = f"/product-drafts/{draft['id']}"
    provider.refused("POST", address + "/editions", code="product.incomplete", status=422)
    tag = provider.send("GET", address).headers["ETag"]
    assert answer(provider.send("PUT", address, content, headers={"If-Match": tag}))["draft"]["small"] == WORDS
    stale = provider.send("PUT", address, content, headers={"If-Match": tag})
    assert problem(stale, 412)["code"] == "stale"
    provider.post(address + "/editions", status=201)
    listing = provider.post("/listings", dict(product_id=draft["id"], city=CITY), 201)
    review = f"/listings/{listing['id']}/review"
    refused = dict(approve=True, categories={"county": "network"})
    city.refused("POST", review, refused, code="category.not_for_pilot_type", clause="四(二)")
    city.post(review, dict(approve=True, categories={"county": "renovation", "zone": "renovation"}))
    (shown,) = cast.visitor.items("/products?q=质量追溯")
    offer = cast.visitor.get(f"/products/{shown['id']}")
    cast.notes |= {"listing": listing["id"], "package": offer["packages"][0]["id"]}
    assert (shown["id"], offer["packages"][0]["price"]) == (listing["id"], yuan("100000.00"))


def the_enterprise(cast: Cast) -> None:
    cast.notes["enterprise"] = enterprise = firm(cast, "enterprise", "恒木家具有限公司", Role.ENTERPRISE, "C21")
    firm(cast, "stranger", "他乡家具有限公司", Role.ENTERPRISE, "C21")
    claimed = cast["stranger"].post(
        "/organisations",
        dict(
            uscc=cast.notes["enterprise uscc"], name="恒木家具有限公司", capacity="enterprise", region=COUNTY,
            legal_representative="李四", phone="0795-6100999", industry="C21",
        ),
        201,
    )  # fmt: skip
    assert claimed["organisation"] is None and claimed["ownership_case"]["state"] == "open"  # nothing was taken over
    said = dict(
        pilot_id=cast.notes["pilot"], enterprise_id=enterprise, baseline_level="L3", target_level="L6", focus="电子信息"
    )
    pilot = cast["pilot"]
    pilot.refused("POST", "/members", said, code="member.outside_focus", clause="三(二)")
    member = pilot.post("/members", said | {"focus": "现代家具"}, 201)
    pilot.refused("POST", f"/members/{member['id']}/confirmation", code="permission.denied", status=403)
    assert cast["city"].post(f"/members/{member['id']}/confirmation")["state"] == "confirmed"


def the_allotment(cast: Cast) -> None:
    finance, pilot = cast["finance"], cast.notes["pilot address"]
    line = finance.pay(pilot + "/allotments", dict(category="renovation", amount=yuan("6000000.00")), 201)
    assert line["allotted"] == yuan("6000000.00")
    finance.refused(
        "POST", pilot + "/allotments", dict(category="platform", amount=yuan("2000000.01")),
        code="allotment.exceeds_room", clause="四(二)", values={"limit": "2,000,000.00"},
    )  # fmt: skip


def the_scheme(cast: Cast) -> None:
    pilot = cast["pilot"]
    terms = dict(
        category="renovation", mode="direct", basis="gross", rate_bps=4000, cap_voucher=yuan("120000.00"),
        cost_types=["software", "cloud", "hardware"], on_short="refuse", use_by=cast.day(120), redeem_by=cast.day(240),
    )  # fmt: skip
    said = dict(pilot_id=cast.notes["pilot"], code="RX", name="企业数字化改造服务券", terms=terms)
    scheme = pilot.post("/schemes", said, 201)
    cast.visitor.refused("GET", f"/schemes/{scheme['id']}", code="not_found", status=404)
    version = pilot.get(f"/schemes/{scheme['id']}")["versions"][0]
    cast.notes["version"] = version["id"]
    issue = dict(version_id=version["id"], enterprise_id=cast.notes["enterprise"], face=yuan("30000.00"))
    pilot.refused("POST", "/vouchers", issue, code="scheme.not_open")
    address = f"/schemes/{scheme['id']}/versions/{version['id']}"
    assert pilot.post(address + "/publish")["state"] == "published"
    pilot.refused("PUT", address, terms, code="scheme.published")
    assert cast.visitor.get(address)["terms"]["rate_bps"] == 4000


def the_vouchers(cast: Cast) -> None:
    pilot, version = cast["pilot"], cast.notes["version"]
    issue = dict(version_id=version, enterprise_id=cast.notes["enterprise"], face=yuan("30000.00"))
    pilot.refused("POST", "/vouchers", issue | {"face": yuan("120000.01")}, code="voucher.above_cap")
    (small,) = pilot.pay("/vouchers", issue, 201)["voucher_ids"]
    sheet = f"统一社会信用代码,面额\n{cast.notes['enterprise uscc']},60000.00\n"
    bad = sheet + f"{make_uscc()},1.00\n"
    address = f"/vouchers/sheets/{version}"
    pilot.refused("POST", address, code="sheet.rows", status=422, file=("批量.csv", bad.encode()))
    (large,) = pilot.pay(address, None, 201, file=("批量.csv", sheet.encode()))["voucher_ids"]
    line = cast["finance"].get(cast.notes["pilot address"] + "/funds")["lines"][0]
    assert line["available"] == yuan("5910000.00")
    enterprise = cast["enterprise"]
    assert {v["id"]: v["face"]["amount"] for v in enterprise.items("/vouchers")} == {
        small: "30000.00",
        large: "60000.00",
    }
    payload = enterprise.get(f"/vouchers/{large}/qr")["payload"]
    said = cast.visitor.post("/vouchers/verification", {"payload": payload})
    assert (said["genuine"], said["face"]) == (True, yuan("60000.00")) and "available" not in said
    forged = payload[:-4] + ("AAAA" if payload[-4:] != "AAAA" else "BBBB")
    assert cast.visitor.post("/vouchers/verification", {"payload": forged})["genuine"] is False
    cast["stranger"].refused("GET", f"/vouchers/{large}/qr", code="not_found", status=404)
    cast.notes |= {"small": small, "large": large}


def the_order(cast: Cast) -> None:
    """Above the small voucher is refused with the numbers; on the larger one the order goes its way."""
    enterprise = cast["enterprise"]
    wanted = dict(
        listing_id=cast.notes["listing"], pilot_id=cast.notes["pilot"], voucher_id=cast.notes["small"],
        packages=[dict(package_id=cast.notes["package"], quantity=1)],
    )  # fmt: skip
    enterprise.refused(
        "POST", "/orders", wanted, code="voucher.too_small", clause="四(二)",
        values={"wanted": "¥40,000.00", "left": "¥30,000.00"},
    )  # fmt: skip
    wanted["voucher_id"] = cast.notes["large"]
    given_up = enterprise.pay("/orders", wanted, 201)
    enterprise.pay(f"/orders/{given_up['id']}/cancellation", {"reason": "数量有误。"})
    assert enterprise.get(f"/vouchers/{cast.notes['large']}")["available"] == yuan("60000.00")
    order = enterprise.pay("/orders", wanted, 201)
    assert (order["total"], order["subsidy"]) == (yuan("100000.00"), yuan("40000.00"))
    voucher = enterprise.get(f"/vouchers/{cast.notes['large']}")
    assert (voucher["available"], voucher["reserved"]) == (yuan("20000.00"), yuan("40000.00"))
    cast.notes |= {"order": order["id"], "order address": f"/orders/{order['id']}"}
    cast["stranger"].refused("GET", f"/orders/{order['id']}", code="not_found", status=404)


def the_contract(cast: Cast) -> None:
    provider, order = cast["provider"], cast.notes["order address"]
    provider.post(order + "/accept")
    line = dict(
        name="年度订阅", cost_type="software", quantity="1", unit_price="100000.00", gross=yuan("100000.00"),
        tax=yuan("5660.38"),
    )  # fmt: skip
    contract = dict(
        number="HT-2031-01", signed_on=str(cast.today), lines=[line],
        document_id=provider.upload("合同.pdf", pdf("合同"), "contract"),
    )  # fmt: skip
    above = line | dict(unit_price="100000.01", gross=yuan("100000.01"))
    provider.refused(
        "POST", order + "/contract", contract | {"lines": [above]}, code="contract.above_order", clause="二(四)"
    )
    filed = provider.post(order + "/contract", contract, 201)
    assert (filed["gross"], filed["net"]) == (yuan("100000.00"), yuan("94339.62"))
    provider.post(order + "/delivery", dict(text="已上线并完成培训。"), 201)
    for reader in ("enterprise", "pilot", "city"):
        content = cast[reader].send("GET", f"/documents/{filed['document_id']}/content")
        assert content.data == pdf("合同"), reader
    cast["stranger"].refused("GET", f"/documents/{filed['document_id']}", code="not_found", status=404)


def the_redemption(cast: Cast) -> None:
    """The enterprise confirms, and the voucher is redeemed in the same act: once, whatever is said again."""
    enterprise, order = cast["enterprise"], cast.notes["order address"]
    cast["provider"].refused("POST", order + "/confirmation", code="permission.denied", status=403)
    assert enterprise.pay(order + "/confirmation")["state"] == "confirmed"
    enterprise.refused("POST", order + "/confirmation", code="state.not_allowed")
    voucher = enterprise.get(f"/vouchers/{cast.notes['large']}")
    assert (voucher["reserved"], voucher["payable"]) == (yuan("0.00"), yuan("40000.00"))


def the_acceptance(cast: Cast) -> None:
    city, provider = cast["city"], cast["provider"]
    claim = dict(order_id=cast.notes["order"], statement="已完成。", promise=True)
    provider.refused("POST", "/claims", claim, code="match.not_accepted", clause="二(五)")
    judgement = dict(
        order_id=cast.notes["order"], level_after="L6", result="passed", finance_clean=True, reason="符合要求。",
        scores=dict.fromkeys(("effect", "data_flow", "return", "management"), 80),
    )  # fmt: skip
    low = judgement | {"level_after": "L5"}
    city.refused("POST", "/acceptances", low, code="level.below_target", clause="二(二)", values={"target": "L6"})
    accepted = city.post("/acceptances", judgement, 201)
    assert (accepted["result"], accepted["level_before"], accepted["level_after"]) == ("passed", "L3", "L6")
    city.refused("POST", "/acceptances", judgement, code="acceptance.already_judged", clause="二(五)")


def the_account(cast: Cast) -> None:
    """The provider's account: in its own name, confirmed by a second person, payable after the pause."""
    provider, firm_ = cast["provider"], f"/organisations/{cast.notes['provider']}"
    said = dict(
        holder_name="赣数科技有限公司", bank_name="中国工商银行丰城支行", number="6222021502010000017",
        bank_code="102436000017",
    )  # fmt: skip
    provider.refused(
        "POST", firm_ + "/bank-accounts", said | {"holder_name": "别家公司"}, code="account.holder_differs"
    )
    account = provider.pay(firm_ + "/bank-accounts", said, 201)
    confirmation = f"/bank-accounts/{account['id']}/confirmation"
    provider.refused("POST", confirmation, code="person.same")
    confirmed = cast["city"].pay(confirmation)
    assert (confirmed["state"], confirmed["number"][-4:]) == ("active", "0017")
    cast["stranger"].refused("GET", firm_ + "/bank-accounts", code="not_found", status=404)
    cast.clock.advance(days=7)


def the_invoice(cast: Cast) -> None:
    provider = cast["provider"]
    said = dict(
        order_id=cast.notes["order"], number="26362000000000000001", issued_on=str(cast.today),
        seller_uscc=cast.notes["provider uscc"], buyer_uscc=cast.notes["enterprise uscc"], net=yuan("94339.62"),
        tax=yuan("5660.38"), gross=yuan("100000.00"),
        document_id=provider.upload("发票.pdf", pdf("发票"), "invoice"),
    )  # fmt: skip
    provider.refused(
        "POST", "/invoices", said | {"gross": yuan("100000.01")}, code="invoice.arithmetic", clause="四(二)",
        values={"gross": "¥100,000.01"},
    )  # fmt: skip
    above = said | {"net": yuan("94339.63"), "gross": yuan("100000.01")}
    provider.refused("POST", "/invoices", above, code="invoice.above_contract", clause="四(二)")
    foreign = said | {"buyer_uscc": cast.notes["stranger uscc"]}
    provider.refused("POST", "/invoices", foreign, code="invoice.buyer", clause="四(二)")
    first = said | dict(net=yuan("56603.77"), tax=yuan("3396.23"), gross=yuan("60000.00"))
    rest = said | dict(
        net=yuan("37735.85"), tax=yuan("2264.15"), gross=yuan("40000.00"),
        document_id=provider.upload("发票二.pdf", pdf("发票二"), "invoice"),
    )  # fmt: skip
    made = [provider.post("/invoices", first, 201)]
    provider.refused(
        "POST", "/invoices", rest, code="invoice.duplicate", clause="四(二)", values={"number": said["number"]}
    )
    rest["number"] = "26362000000000000002"
    made.append(provider.post("/invoices", rest, 201))
    match = cast["pilot"].get(cast.notes["order address"] + "/match")
    assert not match["matches"] and match["unconfirmed"] == 2
    for invoice in made:
        assert cast["enterprise"].post(f"/invoices/{invoice['id']}/confirmation")["state"] == "confirmed"
    match = cast["pilot"].get(cast.notes["order address"] + "/match")
    assert match["matches"] and match["invoiced"] == yuan("100000.00") and not match["gaps"]


def the_claim(cast: Cast) -> None:
    """Claimed once, cut by a thousand with code and reason, decided by two desks."""
    provider = cast["provider"]
    said = dict(order_id=cast.notes["order"], statement="已按合同完成实施并通过验收。", promise=True)
    provider.refused("POST", "/claims", said | {"promise": False}, code="input.invalid", status=422)
    cast["stranger"].refused("POST", "/claims", said, code="not_found", status=404)
    claim = provider.pay("/claims", said, 201)
    assert (claim["asked"], claim["state"]) == (yuan("40000.00"), "submitted")
    provider.refused("POST", "/claims", said, code="claim.part_claimed", clause="四(二)")
    address = f"/claims/{claim['id']}"
    approve = {"decision": "approved"}
    cast["city"].refused(
        "POST", address + "/reviews", approve, code="permission.denied", status=403
    )  # not its desk yet
    cast["pilot"].pay(address + "/reviews", approve, 201)
    cut = dict(line=1, amount=yuan("40000.01"), code="evidence", reason="培训记录缺页。")
    cast["city"].refused(
        "POST", address + "/reviews", approve | {"cuts": [cut]}, code="claim.cut_above_line", clause="二(五)",
        values={"cut": "¥40,000.01", "share": "¥40,000.00"},
    )  # fmt: skip
    cuts = [cut | {"amount": yuan("1000.00")}]
    decided = cast["city"].pay(address + "/reviews", approve | {"cuts": cuts}, 201)
    assert (decided["state"], decided["approved"]) == ("approved", yuan("39000.00"))
    whole = provider.get(address)
    assert [review["step"] for review in whole["reviews"]] == ["pilot", "city"]
    assert {paper["kind"] for paper in whole["papers"]} == {"order", "contract", "acceptance", "invoice"}
    cast.notes |= {"claim": claim["id"]}


def the_batch(cast: Cast) -> None:
    maker, checker = cast["finance"], cast["finance2"]
    (waiting,) = maker.items("/batches/waiting")
    assert (waiting["claim_id"], waiting["amount"]) == (cast.notes["claim"], yuan("39000.00"))
    said = dict(fund_id=cast.notes["fund"], claims=[cast.notes["claim"]])
    batch = maker.pay("/batches", said, 201)
    maker.refused("POST", "/batches", said, code="batch.claim_taken")
    address = f"/batches/{batch['id']}"
    maker.refused("POST", address + "/approval", code="settlement.same_person", clause="四(二)")
    checker.refused("GET", address + "/payment-file", code="not_found", status=404)
    approved = checker.pay(address + "/approval")
    assert approved["total"] == yuan("39000.00")
    checker.post(address + "/payment-file", status=201)
    content = checker.send("GET", address + "/payment-file")
    assert content.headers["Content-Disposition"].startswith("attachment")
    (header, row) = csv.reader(io.StringIO(content.data.decode("utf-8-sig"), newline=""))
    paid = dict(zip(header, row, strict=True))
    assert (paid["收款人名称"], paid["金额(元)"]) == ("赣数科技有限公司", "39000.00")
    cast.notes |= {"batch": address, "payment": paid["端到端编号"]}


def the_answer_of_the_bank(cast: Cast) -> None:
    checker, address = cast["finance2"], cast.notes["batch"] + "/return-file"

    def file(payment: str) -> tuple[str, bytes]:
        return ("回单.csv", f"端到端编号,结果,银行流水号\n{payment},成功,ICBC0001\n".encode())

    problem_ = checker.refused("POST", address, code="return.lines", status=422, file=file("X" * 20))
    assert "X" * 20 in str(problem_["errors"])
    loaded = checker.pay(address, None, 200, file=file(cast.notes["payment"]))
    assert (loaded["repeated"], loaded["file"]["summary"]["paid"]) == (False, 1)
    before = state(cast.app)
    again = checker.send("POST", address, key="the same file once more", **form(file=file(cast.notes["payment"])))
    assert answer(again)["repeated"] is True
    after = state(cast.app)
    assert {table for table in after if after[table] != before[table]} == {"idempotency_record"}
    claim = cast["provider"].get(f"/claims/{cast.notes['claim']}")
    assert (claim["claim"]["state"], claim["claim"]["paid_on"]) == ("paid", str(cast.today))
    assert claim["payments"][0]["bank_reference"] == "ICBC0001"
    voucher = cast["enterprise"].get(f"/vouchers/{cast.notes['large']}")
    assert (voucher["payable"], voucher["paid"]) == (yuan("0.00"), yuan("39000.00"))
    assert cast["city"].get(cast.notes["batch"])["batch"]["state"] == "done"


def the_report(cast: Cast) -> None:
    report = cast["city"].get(f"/reports/settlement/{cast.notes['pilot']}")
    assert (report["awarded"], report["received"], report["paid"]) == tuple(
        map(yuan, ("10000000.00", "5000000.00", "39000.00"))
    )
    (renovation,) = [row for row in report["categories"] if row["code"] == "renovation"]
    assert renovation["paid"] == yuan("39000.00")
    checks = {(check["code"], check["base"]): check for check in report["answer"]["checks"]}
    assert checks["award.cap", None]["status"] == checks["paid.total", None]["status"] == "pass"
    floor = checks["share.renovation.floor", "award"]
    assert (floor["clause"], floor["status"]) == ("四(二)", "open")
    enterprises = checks["targets.enterprises", None]
    assert (enterprises["clause"], enterprises["status"], enterprises["actual"]) == ("二(二)", "open", 1)
    cast["stranger"].refused("GET", f"/reports/settlement/{cast.notes['pilot']}", code="permission.denied", status=403)


def what_everybody_reads(cast: Cast) -> None:
    """Without a token: what is public, and nothing else."""
    visitor = cast.visitor
    for path in ("/products", "/roster", "/publicity", "/calls", "/pilots", "/programmes", "/schemes", "/rule-books"):
        assert visitor.items(path), path
    for path in ("/orders", "/vouchers", "/claims", "/invoices", "/batches", "/members", "/organisations", "/levels"):
        visitor.refused("GET", path, code="token.required", status=401)
    (pilot,) = visitor.items("/pilots")
    assert pilot["award"] == yuan("10000000.00")
