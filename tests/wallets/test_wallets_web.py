"""Vouchers as people meet them on pages: the enterprise's wallet, the officer's issuing, one by one and by the sheet."""

from __future__ import annotations

import io
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
import python_calamine
from flask.testing import FlaskClient
from sqlalchemy import func, select

from marketplace.base.clock import SetClock
from marketplace.base.context import Context
from marketplace.base.roles import Role
from marketplace.people.organisations.models import Organisation
from marketplace.people.organisations.states import OrganisationState
from marketplace.policy.sanctions import actions as sanctions
from marketplace.policy.sanctions.states import Subject
from marketplace.record.audit.models import AuditRow
from marketplace.shop.orders import actions as orders
from marketplace.shop.orders.models import Order
from marketplace.shop.orders.states import OrderState
from tests.support.html import PageClient, parse
from tests.support.people import OTHER_CITY, client_as, csrf_of, make_actor, make_organisation, make_uscc, post, sign_in
from tests.support.purse import Purse, change
from tests.support.shop import enrol, place_order
from vouchers.ledger.models.commitments import Commitment, Voucher
from vouchers.schemes.models import SchemeVersion
from vouchers.wallets import actions, queries

ENGLISH = {"Accept-Language": "en"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(autouse=True)
def strict(purse: Purse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page of these tests is read as strictly as `PageClient` reads."""
    monkeypatch.setattr(purse.town.app, "test_client_class", PageClient)


def browser(purse: Purse, who: str) -> FlaskClient:
    return sign_in(purse.town.app.test_client(), purse.town.persons[who])


def vouchers(purse: Purse) -> int:
    return purse.act(lambda ctx: ctx.session.scalar(select(func.count()).select_from(Voucher)))


def words_of(html: str) -> str:
    """What a page says in its middle."""
    main = parse(html).find(".//main")
    assert main is not None
    return " ".join("".join(main.itertext()).split())


def hidden(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', html)
    assert found is not None
    return found[1]


class TestTheWalletOfAnEnterprise:
    def test_shows_the_ticket_and_leads_to_it(self, purse: Purse) -> None:
        voucher = purse.issue()
        page = browser(purse, "enterprise").get("/vouchers").text
        assert 'class="ticket' in page and "¥120,000.00" in page and f"/vouchers/{voucher}" in page
        assert "可用" in page

    def test_is_empty_without_a_voucher_and_of_others(self, purse: Purse) -> None:
        assert "还没有服务券" in browser(purse, "enterprise").get("/vouchers").text
        voucher = purse.issue()
        stranger = client_as(purse.town.app, Role.ENTERPRISE)
        assert "还没有服务券" in stranger.get("/vouchers").text
        assert stranger.get(f"/vouchers/{voucher}").status_code == 404

    def test_one_voucher_shows_code_terms_and_story(self, purse: Purse, listing: Any) -> None:
        voucher = purse.issue()
        place_order(purse.town, listing, voucher_id=voucher)
        page = browser(purse, "enterprise").get(f"/vouchers/{voucher}").text
        drawing = parse(page).find('.//svg[@class="qr"]')
        assert drawing is not None and len(drawing.findall("path")) == 2
        said = words_of(page)
        assert "发放" in said and "下单锁定" in said, "its story"
        assert "¥80,000.00" in said and "¥40,000.00" in said, "what is left, and what the order set aside"
        assert "40%" in said and "renovation" not in said, "terms in words, not in codes"
        assert "冻结" not in said, "only officers freeze"

    def test_in_english_nothing_of_ours_is_chinese(self, purse: Purse, listing: Any) -> None:
        voucher = purse.issue()
        place_order(purse.town, listing, voucher_id=voucher)
        holder = purse.act(lambda ctx: ctx.session.get(Organisation, purse.town.enterprise.organisation_id))
        provider = purse.act(lambda ctx: ctx.session.get(Organisation, listing.provider_id))
        names = ("改造券", holder.name, provider.name, "轻质检", "三(二)2、四(二)")
        for path in ("/vouchers", f"/vouchers/{voucher}", "/vouchers/verify"):
            said = words_of(browser(purse, "enterprise").get(path, headers=ENGLISH).text)
            for name in names:
                said = said.replace(name, "")
            assert not CHINESE.search(said), said

    def test_leads_to_the_next_thing_to_do(self, purse: Purse, listing: Any) -> None:
        voucher = purse.issue()
        enterprise = browser(purse, "enterprise")
        assert "用这张券选产品" in enterprise.get(f"/vouchers/{voucher}").text
        order = place_order(purse.town, listing, voucher_id=voucher)

        def deliver(ctx: Context) -> None:
            ctx.session.get_one(Order, order.id).state = OrderState.DELIVERED

        purse.act(deliver)
        for address in ("/vouchers", f"/vouchers/{voucher}"):
            page = enterprise.get(address).text
            assert "下一步：确认交付" in page and f'href="/orders/{order.id}"' in page, address
            assert page.split("<main", 1)[1].split("</main>")[0].count("btn-primary") == 1, "one next step"
        assert "下一步：确认交付" not in browser(purse, "office").get(f"/vouchers/{voucher}").text

    def test_of_many_vouchers_the_list_stands_below(self, purse: Purse) -> None:
        for number in range(4):
            purse.issue(1_000_00 + number, key=str(number))
        page = browser(purse, "enterprise").get("/vouchers").text
        assert page.count('class="ticket"') == 3 and page.count("¥1,000.00") > 1, "the oldest stands in the list"
        assert parse(page).find('.//div[@id="list-vouchers"]') is not None

    def test_a_provider_has_no_wallet(self, purse: Purse) -> None:
        assert browser(purse, "provider").get("/vouchers").status_code == 403

    def test_a_visitor_is_asked_to_sign_in(self, purse: Purse) -> None:
        assert purse.town.app.test_client().get("/vouchers").status_code == 302


class TestTheListOfAnOfficer:
    @pytest.fixture
    def numbers(self, purse: Purse, listing: Any) -> dict[str, str]:
        """The numbers of three vouchers as people say them, in the order of their issue, by what has become of each."""
        found = {name: purse.issue(face, key=name) for name, face in (("fresh", 5), ("used", 40_000_00), ("frozen", 7))}
        place_order(purse.town, listing, voucher_id=found["used"])
        purse.act(lambda ctx: actions.freeze(ctx, found["frozen"], reason="核实中"), purse.town.office)
        return {
            name: purse.act(lambda ctx, one=one: queries.get(ctx, one).number, purse.town.office)
            for name, one in found.items()
        }

    @pytest.mark.parametrize(
        ("days", "query", "found"),
        [
            (0, "", {"fresh", "used", "frozen"}),
            (0, "state=open", {"fresh"}),
            (0, "state=used", {"used"}),
            (0, "state=expired", set()),
            (0, "state=frozen", {"frozen"}),
            (0, "state=lost", {"fresh", "used", "frozen"}),
            (0, "q=改造", {"fresh", "used", "frozen"}),
            (0, "q=没有这家", set()),
            (0, "q=%25", set()),
            (0, "ending=1", set()),
            (80, "ending=1", {"fresh", "frozen"}),
            (200, "state=open", set()),
            (200, "state=expired", {"fresh"}),
            (200, "state=used", {"used"}),
            (200, "ending=1", set()),
            (0, "since=2031-03-12&until=2031-03-12&state=open&sort=oldest", {"fresh"}),
            (0, "since=2031-03-13", set()),
            (0, "until=2031-03-11", set()),
        ],
    )
    def test_each_filter(
        self, purse: Purse, numbers: dict[str, str], clock: SetClock, days: int, query: str, found: set[str]
    ) -> None:
        clock.advance(days=days)
        page = browser(purse, "office").get(f"/vouchers?{query}").text
        assert {name for name, number in numbers.items() if number in page} == found

    def test_a_number_the_orders_and_the_files(self, purse: Purse, numbers: dict[str, str]) -> None:
        office = browser(purse, "office")
        asked = office.get(f"/vouchers?q={numbers['used'].replace('-', '').lower()}").text.split("listing-rows")[1]
        assert [name for name, number in numbers.items() if number in asked] == ["used"]
        for sort, names in (("newest", ["frozen", "used", "fresh"]), ("oldest", ["fresh", "used", "frozen"])):
            head, *lines = office.get(f"/vouchers?sort={sort}&format=csv").data.decode("utf-8-sig").splitlines()
            assert head.startswith("券号,方案,企业,状态,面额（元）,可用（元）")
            assert [line.partition(",")[0] for line in lines] == [numbers[name] for name in names]
        with office.get("/vouchers?format=xlsx&column=number&column=balance.face") as file:
            sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(file.data)).get_sheet_by_index(0)
        assert [row[1] for row in sheet.to_python()] == ["面额（元）", 0.07, 40_000, 0.05]

    def test_of_another_city_is_empty(self, purse: Purse, numbers: dict[str, str]) -> None:
        elsewhere = client_as(purse.town.app, Role.CITY, region=OTHER_CITY)
        assert not any(number in elsewhere.get("/vouchers").text for number in numbers.values())


class TestFreezing:
    def test_an_officer_freezes_and_thaws_with_a_reason(self, purse: Purse) -> None:
        voucher = purse.issue()
        office = browser(purse, "office")
        silent = post(office, f"/vouchers/{voucher}/freeze", {"reason": ""})
        assert silent.status_code == 422 and "此项必填" in silent.text
        assert post(office, f"/vouchers/{voucher}/freeze", {"reason": "企业被举报，核实中"}).status_code == 303
        assert "已冻结" in office.get(f"/vouchers/{voucher}").text
        verbs = lambda ctx: set(ctx.session.scalars(select(AuditRow.verb)))  # noqa: E731
        assert "voucher.frozen" in purse.act(verbs)
        assert post(office, f"/vouchers/{voucher}/thaw", {"reason": "核实无误"}).status_code == 303
        assert not purse.act(lambda ctx: ctx.session.get(Commitment, voucher)).frozen

    def test_nobody_else_does(self, purse: Purse) -> None:
        voucher = purse.issue()
        for who, status in (("enterprise", 403), ("provider", 403)):
            assert post(browser(purse, who), f"/vouchers/{voucher}/freeze", {"reason": "试试"}).status_code == status
        elsewhere = client_as(purse.town.app, Role.CITY, region=OTHER_CITY)
        assert post(elsewhere, f"/vouchers/{voucher}/freeze", {"reason": "试试"}).status_code == 404
        assert not purse.act(lambda ctx: ctx.session.get(Commitment, voucher)).frozen


def scheme_of(purse: Purse) -> uuid.UUID:
    found: uuid.UUID = purse.act(lambda ctx: ctx.session.get(SchemeVersion, purse.version_id).scheme_id)
    return found


class TestIssuingOnPages:
    def form(self, purse: Purse, key: str, face: str = "5,000.50") -> dict[str, str]:
        return {"enterprise_id": str(purse.town.enterprise.organisation_id), "face": face, "key": key}

    def test_one_voucher(self, purse: Purse) -> None:
        office, address = browser(purse, "office"), f"/vouchers/issue/{purse.version_id}"
        page = office.get(address)
        assert page.status_code == 200 and "¥1,000,000.00" in page.text and "¥150,000.00" in page.text
        form = self.form(purse, hidden(page.text, "key"))
        assert post(office, address, form).status_code == 303
        assert post(office, address, form).status_code == 303, "a double click"
        assert vouchers(purse) == 1
        assert "¥994,999.50" in office.get(address).text

    def test_a_form_from_the_history_with_another_face_issues_nothing_and_says_so(self, purse: Purse) -> None:
        office, address = browser(purse, "office"), f"/vouchers/issue/{purse.version_id}"
        assert post(office, address, self.form(purse, "k1")).status_code == 303
        again = post(office, address, self.form(purse, "k1", "6,000.00"))
        assert again.status_code == 422 and "幂等键" in again.text
        assert vouchers(purse) == 1

    @pytest.mark.parametrize(("face", "status"), [("150,000.01", 409), ("0", 422), ("1e3", 422), ("-5", 422)])
    def test_a_bad_face_keeps_what_was_typed(self, purse: Purse, face: str, status: int) -> None:
        refused = post(browser(purse, "office"), f"/vouchers/issue/{purse.version_id}", self.form(purse, "k", face))
        assert refused.status_code == status and f'value="{face}"' in refused.text
        assert 'href="#f-face"' in refused.text, "the summary leads to the field"
        assert vouchers(purse) == 0

    def test_the_automatic_quota(self, purse: Purse) -> None:
        """Its card tells who waits; a press gives it, and another one says that nobody waits any more."""
        change(purse, automatic_fen=2_000_00, faces_fen=[2_000_00, 5_000_00])
        office, address = browser(purse, "office"), f"/vouchers/issue/{purse.version_id}"
        page = office.get(address).text
        assert "1 家企业尚未得到。 全部发放需要 ¥2,000.00。" in page and '<option value="¥5,000.00"' in page
        first = post(office, f"{address}/automatic", {})
        assert first.status_code == 303 and "已发放 1 张服务券" in office.get(address).text
        assert "名单内可以得到的企业都已得到" in office.get(address).text
        post(office, f"{address}/automatic", {})
        assert "没有等待自动额度的企业" in office.get(address).text and vouchers(purse) == 1
        assert post(office, address, self.form(purse, "k", "¥5,000.00")).status_code == 303
        refused = post(office, address, self.form(purse, "l", "¥4,000.00"))
        assert refused.status_code == 409 and "面额档次" in refused.text
        scheme = browser(purse, "enterprise").get(f"/schemes/{scheme_of(purse)}").text
        assert "名单内每家企业 ¥2,000.00" in scheme and "¥2,000.00、¥5,000.00" in scheme

    def test_the_automatic_quota_without_money_says_so(self, purse: Purse) -> None:
        change(purse, automatic_fen=2_000_00, cap_scheme_fen=1_000_00)
        office, address = browser(purse, "office"), f"/vouchers/issue/{purse.version_id}"
        refused = post(office, f"{address}/automatic", {})
        assert refused.status_code == 409 and "额度只够 0 家，还有 1 家未得到" in refused.text
        assert vouchers(purse) == 0

    def test_who_may_not(self, purse: Purse) -> None:
        address = f"/vouchers/issue/{purse.version_id}"
        for who in ("enterprise", "city", "provider"):
            assert browser(purse, who).get(address).status_code == 403
        elsewhere = client_as(purse.town.app, Role.PILOT, pilot_id=uuid.uuid4())
        assert elsewhere.get(address).status_code == 404
        assert post(elsewhere, address, self.form(purse, "k")).status_code == 404
        assert vouchers(purse) == 0


def upload(client: FlaskClient, purse: Purse, text: str, name: str = "发券.csv") -> Any:
    data = {"file": (io.BytesIO(text.encode()), name)}
    return post(client, f"/vouchers/issue/{purse.version_id}/sheet", data, content_type="multipart/form-data")


class TestASheet:
    def members(self, purse: Purse, number: int) -> list[Organisation]:
        found = [make_organisation(purse.act, region=purse.town.pilot.region) for _ in range(number)]
        for firm in found:
            enrol(purse.town, firm.id)
        return found

    def test_is_looked_at_then_issued_and_never_twice(self, purse: Purse) -> None:
        office, (first, second) = browser(purse, "office"), self.members(purse, 2)
        text = f"统一社会信用代码,面额\n{first.uscc},10000\n{second.uscc},20000.50\n"
        looked = upload(office, purse, text)
        assert looked.status_code == 200 and "¥30,000.50" in looked.text and first.name in looked.text
        assert vouchers(purse) == 0, "looking issues nothing"
        confirm = re.search(r'action="(/vouchers/issue/[^"]+/sheet/[^"]+)"', looked.text)
        assert confirm is not None
        assert post(office, confirm[1]).status_code == 303
        assert "已发放 2 张" in office.get("/vouchers").text
        again = re.search(r'action="(/vouchers/issue/[^"]+/sheet/[^"]+)"', upload(office, purse, text, "b.csv").text)
        assert again is not None
        assert post(office, again[1]).status_code == 303
        assert "未重复发放" in office.get("/vouchers").text
        assert vouchers(purse) == 2

    def test_names_each_bad_row_and_offers_no_way_on(self, purse: Purse) -> None:
        office, [member] = browser(purse, "office"), self.members(purse, 1)
        outside, unknown = make_organisation(purse.act, region=purse.town.pilot.region), make_uscc()
        text = f"uscc,face\n{member.uscc},100\n{outside.uscc},100\n{unknown},100\n{member.uscc},7\n{member.uscc},x\n"
        for language, faults in (
            ("zh", ("不在本试点的改造名单内", "没有代码为", "与第 2 行重复")),
            ("en", ("renovation list", "has the code", "as in row 2")),
        ):
            page = office.post(
                f"/vouchers/issue/{purse.version_id}/sheet",
                data={"file": (io.BytesIO(text.encode()), "a.csv"), "csrf_token": csrf_of(office)},
                headers={"Accept-Language": language},
            ).text
            assert all(fault in page for fault in faults)
            rows = re.findall(r'<td class="n">(\d+)</td><td class="code">', page)
            assert rows == ["3", "4", "5", "6"]
            assert "/sheet/" not in page, "nothing to confirm"

    def test_of_a_banned_or_unconfirmed_enterprise(self, purse: Purse) -> None:
        office, (banned, rejected) = browser(purse, "office"), self.members(purse, 2)
        ban(purse, banned)

        def reject(ctx: Any) -> None:
            ctx.session.get(Organisation, rejected.id).state = OrganisationState.REJECTED

        purse.act(reject)
        page = upload(office, purse, f"uscc,face\n{banned.uscc},100\n{rejected.uscc},100\n").text
        assert "被取消资格至" in page and "身份尚未确认" in page and "/sheet/" not in page

    @pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "uscc,face\n"])
    def test_that_is_none_is_refused_beside_the_field(self, purse: Purse, text: str) -> None:
        answer = upload(browser(purse, "office"), purse, text)
        assert answer.status_code in (409, 422) and 'id="e-file"' in answer.text

    def test_of_another_office_cannot_be_confirmed(self, purse: Purse) -> None:
        office, [member] = browser(purse, "office"), self.members(purse, 1)
        looked = upload(office, purse, f"uscc,face\n{member.uscc},100\n")
        confirm = re.search(r'action="(/vouchers/issue/[^"]+/sheet/[^"]+)"', looked.text)
        assert confirm is not None
        other = client_as(purse.town.app, Role.PILOT, pilot_id=uuid.uuid4())
        assert post(other, confirm[1]).status_code == 404
        assert vouchers(purse) == 0


def ban(purse: Purse, firm: Organisation) -> None:
    def impose(ctx: Context) -> None:
        values = {
            "reason": "套取补贴",
            "basis": "遴选公告",
            "clause": "第八条",
            "until": ctx.today + timedelta(days=30),
        }
        sanctions.impose(ctx, subject_kind=Subject.ORGANISATION, subject_id=str(firm.id), **values)

    purse.act(impose, make_actor(purse.act, Role.PROVINCE)[0])


def test_an_order_says_which_dispute_stops_it(purse: Purse, listing: Any) -> None:
    """The enterprise and the office read the other order's number, the provider only that the voucher is frozen."""
    voucher = purse.issue(100_000_00)
    stopped, other = (place_order(purse.town, listing, voucher_id=voucher) for _ in range(2))
    for who in ("enterprise", "office", "provider"):
        assert "有争议已冻结" not in browser(purse, who).get(f"/orders/{other.id}").text
    purse.act(lambda ctx: orders.dispute(ctx, stopped.id, reason="这不是我的订单"), purse.town.enterprise)
    words = f"所用的券因订单 {stopped.number} 有争议已冻结；裁定之前"
    for who in ("enterprise", "office"):
        assert words in browser(purse, who).get(f"/orders/{other.id}").text
        assert words not in browser(purse, who).get(f"/orders/{stopped.id}").text
    page = browser(purse, "provider").get(f"/orders/{other.id}").text
    assert "所用的券已冻结；解冻之前" in page and stopped.number not in page
    purse.act(lambda ctx: orders.rule_dispute(ctx, stopped.id, upheld=False, reason="已核实"), purse.town.city)
    assert "已冻结；" not in browser(purse, "provider").get(f"/orders/{other.id}").text
