"""Lists of other programmes: read or refused cell by cell, kept once, compared, withdrawn with a reason."""

from __future__ import annotations

import io
import random
import uuid
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, text

from marketplace.base.context import Actor
from marketplace.base.errors import Forbidden, Invalid, NotFound, Refusal
from marketplace.base.roles import Role
from marketplace.base.sheets import write_xlsx
from marketplace.oversight.grants import actions, queries, rules
from marketplace.oversight.grants.models import GrantList, GrantRow
from marketplace.oversight.grants.states import Likeness
from marketplace.people.organisations.models import Organisation
from marketplace.policy.findings import actions as findings
from marketplace.policy.findings import limits
from marketplace.policy.findings.states import Decision, FindingState, Severity
from marketplace.shop.orders import actions as orders
from marketplace.shop.orders import queries as placed
from marketplace.shop.orders.rules import LineInput
from marketplace.shop.orders.states import OrderState
from tests.policy import sheets
from tests.support.people import OTHER_CITY, client_as, make_actor, make_organisation, make_uscc, post, token_for
from tests.support.shop import file_contract, place_order
from tests.support.suspects import Market

HEAD = ("统一社会信用代码", "企业名称", "项目名称", "合同编号", "资金名称", "金额(万元)", "拨付日期")
CODES = [f"support.{likeness}" for likeness in Likeness]


def sheet(*rows: tuple[str, ...], head: tuple[str, ...] = HEAD, encoding: str = "utf-8") -> io.BytesIO:
    return io.BytesIO(sheets.text([head, *rows], encoding))


def row(uscc: str = "", name: str = "", project: str = "", contract: str = "", **more: str) -> tuple[str, ...]:
    fields = {"programme": "", "amount": "30", "day": "2030-12-01", **more}
    return (uscc, name, project, contract, fields["programme"], fields["amount"], fields["day"])


def bring(market: Market, content: io.BytesIO, actor: Actor | None = None, name: str = "名单.csv") -> Any:
    return market.act(
        lambda ctx: actions.bring_in(ctx, content, name, "省级工业发展专项资金"), actor or market.purse.town.city
    )


def enterprise(market: Market) -> Organisation:
    found: Organisation = market.act(
        lambda ctx: ctx.session.get(Organisation, market.purse.town.enterprise.organisation_id)
    )
    return found


def outcomes(market: Market) -> set[tuple[str, str, str]]:
    return {(f.detector, f.subject_id, f.evidence["row"]) for f in market.cases(*CODES)}


def test_rows_are_kept_and_what_fits_becomes_a_case(market: Market) -> None:
    firm = enterprise(market)
    first = market.order(title="轻质检", contract="HT－2031 001")
    second = market.order(title="设备联网系统", contract="HT-2")
    done = bring(
        market,
        sheet(
            row(firm.uscc, firm.name, "别的项目", "ht-2031001"),
            row(firm.uscc.lower(), firm.name, "设备联网 系统"),
            row(firm.uscc, firm.name, "轻质检（二期）扩建"),
            row(firm.uscc, firm.name, "厂房屋顶光伏", "GF-7"),
            row(firm.uscc, firm.name),
            row(make_uscc(), "别处企业有限公司", "轻质检", "HT-2"),
            row("", firm.name, "轻质检", amount=""),
            row(firm.uscc, firm.name, "轻质检", programme="市级配套"),
            ("合计", "", "", "", "", "210", ""),
        ),
    )
    assert (done.new, done.grants.rows, done.opened) == (True, 8, len(outcomes(market)))
    assert outcomes(market) == {
        ("support.contract", str(first), 2),
        ("support.project", str(second), 3),
        ("support.enterprise", str(first), 6),
        ("support.enterprise", str(second), 6),
        ("support.similar", str(first), 8),
    }
    case = market.cases("support.contract")[0]
    assert (case.severity, case.clause, case.owner_role) == (Severity.FAIL, "四(二)", Role.CITY)
    assert case.evidence["amount"] == "300,000.00" and case.evidence["contract"] == "HT－2031 001"
    kept = market.act(lambda ctx: ctx.session.scalars(select(GrantRow).order_by(GrantRow.number)).all())
    assert [(r.number, r.enterprise_id is not None) for r in kept] == [
        (2, True), (3, True), (4, True), (5, True), (6, True), (7, False), (8, True), (9, True),
    ]  # fmt: skip
    assert (kept[0].amount_fen, kept[0].granted_on, kept[6].programme) == (
        300_000_00, date(2030, 12, 1), "省级工业发展专项资金",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("row_project", "order_project", "wanted"),
    [
        ("轻质检", "轻质检", Likeness.PROJECT),
        ("轻质检系统建设项目", "轻质检系统", Likeness.SIMILAR),  # one stands in the other
        ("轻质检扩建", "轻质检", None),  # three characters stand in too much
        ("生产管理平台一期", "生产管理平台二期", Likeness.SIMILAR),  # 2·5 of 7+7 pairs: 71 %
        ("生产管理平台", "生产调度平台", None),  # 2·2 of 5+5 pairs: 40 %
        ("abcd", "ABCD", Likeness.PROJECT),
    ],
)
def test_names_of_projects_are_the_same_alike_or_different(
    row_project: str, order_project: str, wanted: Likeness | None
) -> None:
    compared = rules.Compared(
        True, rules.project_key(row_project), "", rules.project_key(order_project), "", None, date(2031, 1, 1)
    )
    assert rules.likeness(compared, alike_bps=6000, days=730) == wanted


def test_likeness_begins_exactly_at_its_threshold() -> None:
    a, b = "abcdefghijk", "abcdefgxyzw"  # ten pairs each, six shared
    assert rules.alike(a, b, 6000) and not rules.alike(a, b, 6001)


def test_the_enterprise_alone_counts_within_the_days_on_either_side() -> None:
    def alone(days: int) -> Likeness | None:
        ordered = date(2031, 1, 1)
        compared = rules.Compared(True, "", "", "x", "", ordered - timedelta(days=days), ordered)
        return rules.likeness(compared, alike_bps=6000, days=730)

    assert [alone(days) for days in (730, -730, 731, -731)] == [Likeness.ENTERPRISE, Likeness.ENTERPRISE, None, None]


def test_a_name_alone_is_weaker_and_two_firms_of_one_name_are_nobody(market: Market) -> None:
    firm = enterprise(market)
    order = market.order(contract="HT-9")
    full_width = firm.name.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789"})
    bring(market, sheet(row("", full_width, "", "HT-9"), row("", firm.name)))
    assert outcomes(market) == {("support.similar", str(order), 2)}
    make_organisation(market.act, name="同名企业有限公司")
    make_organisation(market.act, name="同名企业有限公司")
    made = bring(market, sheet(row("", "同名企业有限公司", "", "HT-9")))
    assert market.act(lambda ctx: queries.count_known(ctx, made.grants.id)) == 0


def test_only_orders_that_get_money_are_compared(market: Market) -> None:
    firm = enterprise(market)
    market.order(contract="HT-1", voucher=False)
    market.order(contract="HT-2", state=OrderState.CANCELLED)
    market.order(contract="HT-3", state=OrderState.DECLINED)
    assert bring(market, sheet(*(row(firm.uscc, contract=f"HT-{n}") for n in (1, 2, 3)))).opened == 0


def test_the_same_rows_again_change_nothing(market: Market) -> None:
    firm = enterprise(market)
    market.order(contract="HT-1")
    data = sheet(row(firm.uscc, contract="HT-1"))
    first = bring(market, data)
    data.seek(0)
    again = bring(market, data, name="改名.csv")
    recoded = bring(market, sheet(row(firm.uscc, contract="HT-1"), encoding="gb18030"))
    assert [x.new for x in (first, again, recoded)] == [True, False, False]
    assert {x.grants.id for x in (again, recoded)} == {first.grants.id}
    assert market.act(lambda ctx: ctx.session.scalar(select(func.count()).select_from(GrantRow))) == 1
    assert len(market.cases(*CODES)) == 1
    assert market.look(*CODES) == 0


def test_the_same_row_in_a_longer_list_opens_no_second_case(market: Market) -> None:
    firm = enterprise(market)
    market.order(contract="HT-1")
    bring(market, sheet(row(firm.uscc, contract="HT-1")))
    longer = bring(market, sheet(row(make_uscc(), contract="X"), row(firm.uscc, contract="HT-1")))
    assert (longer.new, longer.opened) == (True, 0)


def test_a_withdrawn_list_takes_its_open_cases_along_and_a_better_one_opens_them_anew(market: Market) -> None:
    firm, city = enterprise(market), market.purse.town.city
    market.order(contract="HT-1")
    market.order(contract="HT-2")
    both = sheet(row(firm.uscc, contract="HT-1"), row(firm.uscc, contract="HT-2"))
    made = bring(market, both)
    decided, waiting = market.cases("support.contract")
    market.act(lambda ctx: findings.decide(ctx, decided.id, Decision.CONFIRMED, "属实"), city)
    with pytest.raises(Refusal) as caught:
        market.act(lambda ctx: actions.withdraw(ctx, made.grants.id, " "), city)
    assert (caught.value.code, caught.value.clause) == ("grants.reason_missing", "四(二)")
    market.act(lambda ctx: actions.withdraw(ctx, made.grants.id, "年份有误"), city)
    cases = {f.id: f for f in market.cases("support.contract")}
    assert (cases[decided.id].decision, cases[decided.id].reason) == (Decision.CONFIRMED, "属实")
    assert (cases[waiting.id].decision, cases[waiting.id].reason) == (Decision.DISMISSED, "年份有误")
    assert market.look(*CODES) == 0
    both.seek(0)
    again = bring(market, both)
    assert (again.new, again.opened) == (True, 1)  # what was confirmed stays one case
    with pytest.raises(Refusal) as caught:
        market.act(lambda ctx: actions.withdraw(ctx, made.grants.id, "再撤"), city)
    assert caught.value.code == "state.not_allowed"


def test_a_case_that_another_active_list_supports_stays_open(market: Market) -> None:
    firm = enterprise(market)
    market.order(contract="HT-1")
    first = bring(market, sheet(row(firm.uscc, contract="HT-1")))
    bring(market, sheet(row(firm.uscc, contract="HT-1"), row(make_uscc())))
    market.act(lambda ctx: actions.withdraw(ctx, first.grants.id, "重复"), market.purse.town.city)
    assert [f.state for f in market.cases("support.contract")] == [FindingState.OPEN]


def test_an_order_is_compared_as_it_comes_and_again_with_its_contract(market: Market, clock: Any) -> None:
    town, firm = market.purse.town, enterprise(market)
    bring(market, sheet(row(firm.uscc, "", "轻质检"), row(firm.uscc, "", "", "HT-2031-009")))
    place_order(town, market.listing)
    assert outcomes(market) == set()  # without a voucher there is no support
    voucher = market.purse.issue()
    order = place_order(town, market.listing, voucher_id=voucher)
    assert outcomes(market) == {("support.project", str(order.id), 2)}
    market.act(lambda ctx: orders.accept(ctx, order.id), town.provider)
    lines = market.act(lambda ctx: list(placed.lines(ctx, order.id)), town.provider)
    inputs = [
        LineInput(
            name=x.name, cost_type=x.cost_type, quantity=Decimal(x.quantity),
            unit_price=Decimal(x.unit_price_fen) / 100, gross_fen=x.amount_fen, tax_fen=0,
        )
        for x in lines
    ]  # fmt: skip
    today = market.act(lambda ctx: ctx.today)
    file_contract(town, order, inputs, signed_on=today, number="HT-2031-009")
    assert outcomes(market) == {("support.project", str(order.id), 2), ("support.contract", str(order.id), 3)}


def test_an_enterprise_that_registers_later_is_recognised_at_night(market: Market) -> None:
    code = make_uscc()
    made = bring(market, sheet(row(code, "后来登记有限公司", contract="HT-5"), row("", "按名称登记有限公司")))
    firm = make_organisation(market.act, uscc=code)
    make_organisation(market.act, name="按名称登记有限公司")
    market.order(firm.id, contract="HT-5")
    assert market.act(actions.recognise_again) == "2 recognised"
    assert market.act(actions.recognise_again) == "0 recognised"
    assert market.act(lambda ctx: queries.count_known(ctx, made.grants.id)) == 2
    assert market.look(*CODES) == 1


def test_places_a_city_reads_its_own_lists_and_the_province_compares_with_all(market: Market) -> None:
    firm = enterprise(market)
    order = market.order(contract="HT-1")
    other, _ = make_actor(market.act, Role.CITY, region=OTHER_CITY)
    province, _ = make_actor(market.act, Role.PROVINCE)
    data = sheet(row(firm.uscc, contract="HT-1"))
    assert bring(market, data, other).opened == 0
    data.seek(0)
    made = bring(market, data, province)
    assert (made.new, made.opened) == (True, 1)
    assert outcomes(market) == {("support.contract", str(order), 2)}
    with pytest.raises(NotFound):
        market.act(lambda ctx: queries.get(ctx, made.grants.id), other)
    for role in (Role.FINANCE, Role.AUDITOR, Role.ENTERPRISE):
        data.seek(0)
        with pytest.raises(Forbidden):
            bring(market, data, make_actor(market.act, role)[0])


def faults(caught: Any) -> list[str]:
    return [str(line) for line in caught.value.errors["file"]]


def test_every_cell_at_fault_is_named_and_nothing_is_kept(market: Market) -> None:
    good, long = enterprise(market).uscc, "长" * 201
    content = sheet(
        row(good[:-1] + ("0" if good[-1] != "0" else "1")),
        row("", ""),
        row(good, project=long),
        row(good, amount="-3"),
        row(good, day="2030-02-30"),
        row(good, amount="1e3"),
    )
    with pytest.raises(Invalid) as caught:
        bring(market, content)
    assert caught.value.code == "grants.unusable"
    assert [line.split(" ")[0] for line in faults(caught)] == ["A2", "C4", "F5", "G6", "F7"]
    assert all(x.en for x in caught.value.errors["file"])  # type: ignore[union-attr]
    content = sheet(row(good), row(), row(good))
    with pytest.raises(Invalid) as caught:
        bring(market, content)
    assert [line.split(" ")[0] for line in faults(caught)] == ["A3"]
    assert market.act(lambda ctx: ctx.session.scalar(select(func.count()).select_from(GrantList))) == 0


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\x01\x02",
        b"PK\x03\x04 no archive",
        "企业名称,项目名称\n甲,乙\n".encode(),  # no column of codes
        "统一社会信用代码,信用代码\n,\n".encode(),  # the same column twice
        "统一社会信用代码,企业名称\n".encode(),  # no rows
        b'"' + b"x" * 5_000_000,
    ],
)
def test_what_is_no_list_is_refused_in_one_line(market: Market, data: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        bring(market, io.BytesIO(data))
    assert len(faults(caught)) == 1 and faults(caught)[0]


def test_formulas_and_signs_of_control_are_texts(market: Market) -> None:
    firm = enterprise(market)
    made = bring(market, sheet(row(firm.uscc, "=HYPERLINK(1)", "<script>\u202e", "@SUM(A1)")))
    kept = market.act(lambda ctx: ctx.session.scalars(select(GrantRow)).one())
    assert (kept.name, kept.project, kept.contract) == ("=HYPERLINK(1)", "<script>\ufffd", "@SUM(A1)")
    client = client_as(market.purse.town.app, Role.CITY)
    page = client.get(f"/grants/{made.grants.id}").text
    assert "<script>\ufffd" not in page and "&lt;script&gt;" in page


def test_more_rows_than_the_limit_are_refused(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("marketplace.oversight.grants.reading.MAX_ROWS", 2)
    code = enterprise(market).uscc
    assert bring(market, sheet(row(code, contract="1"), row(code, contract="2"))).new
    with pytest.raises(Invalid) as caught:
        bring(market, sheet(row(code), row(code), row(code)))
    assert "2" in faults(caught)[0]


def test_an_english_workbook_is_read_as_well(market: Market) -> None:
    firm = enterprise(market)
    order = market.order(contract="HT-1")
    head = (
        "Unified social credit code",
        "Enterprise name",
        "Project",
        "Contract number",
        "Programme",
        "Amount",
        "Date",
    )
    data = write_xlsx({"list": (head, [(firm.uscc, firm.name, "x", "HT-1", "Fund", 1234.5, date(2030, 1, 2))])})
    bring(market, io.BytesIO(data), name="list.xlsx")
    assert outcomes(market) == {("support.contract", str(order), 2)}
    kept = market.act(lambda ctx: ctx.session.scalars(select(GrantRow)).one())
    assert (kept.amount_fen, kept.granted_on, kept.programme) == (1234_50, date(2030, 1, 2), "Fund")


def test_many_rows_fit_as_plain_sql_and_plain_python_say(market: Market) -> None:
    """Random rows and orders: the contracts against one plain join, the rest against a second reading of the rules."""
    dice = random.Random(7)
    firms = [make_organisation(market.act, uscc=make_uscc()) for _ in range(6)]
    titles = ["设备联网", "生产管理系统", "质量追溯系统", "仓储管理"]
    numbers = ["HT-1", "ht-1 ", "HT－2", "HT3", "HT-3", ""]
    for _ in range(40):
        market.order(
            dice.choice(firms).id, title=dice.choice(titles), contract="", days_ago=dice.choice([0, 800]),
            state=dice.choice([OrderState.PLACED, OrderState.CANCELLED, OrderState.CONFIRMED]),
            voucher=dice.random() < 0.8,
        )  # fmt: skip
    for place in range(6):
        market.order(dice.choice(firms).id, title=dice.choice(titles), contract=f"HT-{place % 3 + 1}",
                     provider_id=make_organisation(market.act, capacity="provider").id)  # fmt: skip
    rows = [
        row(
            dice.choice(firms).uscc if dice.random() < 0.9 else "", dice.choice(firms).name,
            dice.choice([*titles, "生产管理系统升级", "", "光伏"]), dice.choice(numbers),
            programme=dice.choice(["", "市级配套", "中央资金"]), day=dice.choice(["", "2030-12-01", "2027-01-01"]),
        )
        for _ in range(60)
    ]  # fmt: skip
    bring(market, sheet(*rows))
    found = market.act(lambda ctx: list(queries.matches(ctx)))

    joined = market.act(lambda ctx: ctx.session.execute(text(
        "SELECT r.id, o.id FROM grant_row r JOIN organisation g ON g.uscc = r.uscc"
        " JOIN shop_order o ON o.enterprise_id = g.id JOIN order_contract c ON c.order_id = o.id"
        " WHERE r.contract_key = lower(c.number) AND r.contract_key <> '' AND r.programme <> '市级配套'"
        " AND o.voucher_id IS NOT NULL AND o.state NOT IN ('declined', 'cancelled')"
    )).all())  # fmt: skip
    plain = {(uuid.UUID(str(a)), uuid.UUID(str(b))) for a, b in joined}
    assert plain == {(m.row_id, m.order_id) for m in found if m.likeness is Likeness.CONTRACT} and plain
    assert {(m.row_id, m.order_id, m.likeness.value) for m in found} == oracle(market)
    assert {m.likeness for m in found} == set(Likeness)


def oracle(market: Market) -> set[tuple[uuid.UUID, uuid.UUID, str]]:
    """The rules read a second time, row by row and order by order."""

    def read(ctx: Any) -> tuple[list[Any], list[Any]]:
        listed = ctx.session.execute(
            text("SELECT id, uscc, name, project, contract, programme, granted_on FROM grant_row")
        )
        ordered = ctx.session.execute(text(
            "SELECT o.id, g.uscc, g.name, o.title, c.number, o.created_at FROM shop_order o"
            " JOIN organisation g ON g.id = o.enterprise_id LEFT JOIN order_contract c ON c.order_id = o.id"
            " WHERE o.voucher_id IS NOT NULL AND o.state NOT IN ('declined', 'cancelled')"
        ))  # fmt: skip
        return listed.all(), ordered.all()

    listed, ordered = market.act(read)
    names = [name for (name,) in {(o[1], o[2]): (o[2],) for o in ordered}.values()]
    found = set()
    days, share = limits.of("support.enterprise")["days"], limits.of("support.similar")["alike_bps"]
    for row_id, code, name, project, contract, programme, granted in listed:
        if programme == "市级配套":
            continue
        for order_id, uscc, firm, title, number, at in ordered:
            if (code != uscc) if code else (name != firm or names.count(firm) > 1):
                continue
            same = contract.strip().upper().replace("－", "-") == (number or "")
            bare = [contract.strip().upper().replace("－", "").replace("-", ""), (number or "").replace("-", "")]
            pairs = [{p[i : i + 2] for i in range(len(p) - 1)} for p in (project, title)]
            dice = 2 * len(pairs[0] & pairs[1]) * 10_000 >= share * sum(map(len, pairs))
            inside = len(min(project, title, key=len)) >= 4 and (project in title or title in project or dice)
            if same and number:
                grade = "contract"
            elif project and project == title:
                grade = "project"
            elif (number and bare[0] == bare[1]) or inside:
                grade = "similar"
            elif code and not project and not contract.strip():
                ordered_on = date.fromisoformat(str(at)[:10])
                near = granted is None or abs((date.fromisoformat(str(granted)) - ordered_on).days) <= days
                grade = "enterprise" if near else ""
            else:
                continue
            if grade:
                found.add((uuid.UUID(str(row_id)), uuid.UUID(str(order_id)), grade if code else "similar"))
    return found if found else set()


def test_pages_and_interface(market: Market) -> None:
    firm = enterprise(market)
    market.order(contract="HT-1")
    app = market.purse.town.app
    client = client_as(app, Role.CITY)
    client.get("/grants/new")
    data = {"programme": "省级工业发展专项资金", "file": (sheet(row(firm.uscc, firm.name, "甲", "HT-1")), "名单.csv")}
    answer = post(client, "/grants/new", data, content_type="multipart/form-data")
    assert answer.status_code == 303
    page = client.get(answer.location).text
    assert firm.name in page and "企业和合同相同" in page
    assert client.get("/grants").text.count("省级工业发展专项资金") >= 1
    bad = {"programme": "资金", "file": (sheet(row("123")), "名单.csv")}
    refused = post(client, "/grants/new", bad, content_type="multipart/form-data")
    assert refused.status_code == 422 and "A2" in refused.text
    headers = token_for(app, client.actor)  # type: ignore[attr-defined]
    api = app.test_client()
    sent = {"programme": "省级工业发展专项资金", "file": (sheet(row(firm.uscc, firm.name, "甲", "HT-1")), "名单.csv")}
    again = api.post("/api/v1/grant-lists", data=sent, headers=headers, content_type="multipart/form-data").json
    assert (again["new"], again["opened"]) == (False, 0)
    place = f"/api/v1/grant-lists/{again['grants']['id']}"
    assert api.get(f"{place}/rows", headers=headers).json["items"][0]["contract"] == "HT-1"
    assert api.get(f"{place}/matches", headers=headers).json["items"][0]["likeness"] == "contract"
    gone = api.post(f"{place}/withdrawal", json={"reason": "有误"}, headers=headers)
    assert gone.json["state"] == "withdrawn"
    assert api.get(f"{place}/matches", headers=headers).json["items"] == []
    assert "有误" in client.get(f"/grants/{again['grants']['id']}").text
