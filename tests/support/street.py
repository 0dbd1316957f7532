"""The money's everyday, walked by people who see only pages: from the voucher to the bank's answer, step by step.

The town stands already (`tests.support.payday`); whatever happens to money from there on happens through pages. Books
are added up from the tables' own columns, by nobody's function.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import text

from marketplace.base.roles import Role
from marketplace.web.db import db
from tests.support.payday import Payday
from tests.support.people import PASSWORD, make_actor
from tests.support.walker import File, Walker

SUMS = """
SELECT c.face, c.available, c.reserved, c.payable, c.paid, c.recalled, c.clawed,
  SUM(CASE e.dst WHEN 'available' THEN e.amount ELSE 0 END) - SUM(CASE e.src WHEN 'available' THEN e.amount ELSE 0 END),
  SUM(CASE e.dst WHEN 'reserved' THEN e.amount ELSE 0 END) - SUM(CASE e.src WHEN 'reserved' THEN e.amount ELSE 0 END),
  SUM(CASE e.dst WHEN 'payable' THEN e.amount ELSE 0 END) - SUM(CASE e.src WHEN 'payable' THEN e.amount ELSE 0 END),
  SUM(CASE e.dst WHEN 'paid' THEN e.amount ELSE 0 END) - SUM(CASE e.src WHEN 'paid' THEN e.amount ELSE 0 END),
  SUM(CASE e.dst WHEN 'recalled' THEN e.amount ELSE 0 END) - SUM(CASE e.src WHEN 'recalled' THEN e.amount ELSE 0 END),
  SUM(CASE e.dst WHEN 'clawed' THEN e.amount ELSE 0 END) - SUM(CASE e.src WHEN 'clawed' THEN e.amount ELSE 0 END)
FROM commitment c JOIN entry e ON e.commitment_id = c.id
GROUP BY c.id, c.face, c.available, c.reserved, c.payable, c.paid, c.recalled, c.clawed ORDER BY MIN(e.id)
"""
BALANCES = ("available", "reserved", "payable", "paid", "recalled", "clawed")


def pdf(words: str) -> File:
    """A file of its own: one text, one file."""
    return (
        f"{words}.pdf",
        b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n% " + words.encode(),
    )


def buttons(walker: Walker, words: str) -> list[str]:
    """The buttons of a page that contain the words."""
    found = ["".join(b.itertext()).strip() for form in walker.forms() for b in form.iter("button")]
    return [label for label in found if words in label]


class Street:
    """Who walks there, and the steps that each story takes on its way."""

    def __init__(self, payday: Payday):
        self.payday = payday
        self.app = payday.town.app
        payday.persons["auditor"] = make_actor(payday.act, Role.AUDITOR)[1]
        self._papers = 0
        self._browsers: dict[str, Any] = {}

    def who(self, key: str) -> Walker:
        """A new tab of a person's browser, signed in by phone and password: sessions end overnight."""
        walker = Walker(self.app, key)
        if key in self._browsers:
            walker.client = self._browsers[key]
            return walker
        self._browsers[key] = walker.client
        return walker.sign_in(self.payday.persons[key].phone, PASSWORD)

    def wait(self, days: int) -> None:
        self.payday.clock.advance(days=days)
        self._browsers.clear()

    def balances(self) -> list[dict[str, int]]:
        """Where each voucher's fen are, in fen, once its columns agree with its face and with the sum of its entries."""
        with self.app.app_context():
            rows = db.session.execute(text(SUMS)).all()
            db.session.remove()
        for face, *sums in rows:
            assert sum(sums[:6]) == face and sums[:6] == sums[6:], (face, sums)
        return [dict(zip(BALANCES, row[1:7], strict=True)) for row in rows]

    def fund(self, kind: str) -> int:
        """What the fund's entries of a kind add up to, in fen."""
        with self.app.app_context():
            total = db.session.execute(
                text("SELECT COALESCE(SUM(amount), 0) FROM fund_entry WHERE kind = :kind"), {"kind": kind}
            ).scalar_one()
            db.session.remove()
        return int(total)

    # ------------------------------------------------------------ the steps, each by whom it is taken

    def issue(self, face: str = "10000.00") -> Walker:
        """The office issues a voucher; the enterprise has it on its page then."""
        page = self.who("office").get("/schemes").follow("改造券")
        page.follow("发券")
        firm = self.payday.town.enterprise.organisation_name
        page.press("发放", enterprise_id="~" + firm, face=face)
        return self.who("enterprise").get("/vouchers")

    def order(self, quantity: int = 1, *, listing: object = None, face: str = "", **fields: str) -> str:
        """The enterprise orders with the voucher whose label holds `face`; gives the order's address."""
        chosen = listing or self.payday.listing
        page = self.who("enterprise").get(f"/catalogue/{chosen.id}")  # type: ignore[attr-defined]
        page.press("提交订单", quantity1=str(quantity), voucher_id=voucher_of(page, face), **fields)
        assert page.address.startswith("/orders/"), page.words()
        return page.address

    def contracted(self, order: str, provider: str = "provider", price: str = "16800.00", tax: str = "966.80") -> None:
        """The provider takes the order and files its contract."""
        self._papers += 1
        page = self.who(provider).get(order).press("接单")
        page.get(order + "/contract").press(
            "备案合同", number=f"HT-{self._papers}", signed_on=str(self.payday.today), document=pdf(f"合同{self._papers}"),
            line1_name="年度订阅", line1_cost_type="software", line1_quantity="1", line1_unit_price=price,
            line1_gross=price, line1_tax=tax,
        )  # fmt: skip

    def delivered(self, order: str, provider: str = "provider", **contract: str) -> None:
        """And delivers; the enterprise confirms it."""
        self.contracted(order, provider, **contract)
        self.handed_over(order, provider)

    def handed_over(self, order: str, provider: str = "provider") -> None:
        self.who(provider).get(order + "/deliver").press("提交", text="已上线并完成培训。")
        self.who("enterprise").get(order).press("确认交付")

    def invoiced(self, order: str, provider: str = "provider") -> None:
        """The city accepts the work, the provider sends the invoice, the enterprise says that it is its own."""
        self._papers += 1
        page = self.who("city").get(order).follow("组织验收")
        scores = dict.fromkeys((n for n in fields_of(page) if n.startswith("score_")), "80")
        page.press(
            "提交验收结论", level_after="L6", finance_clean="true", result="passed", reason="系统已稳定使用。", **scores
        )
        page = self.who(provider).get(order).follow("提交发票")
        page.press("提交发票", number=f"{31362000000000000000 + self._papers}", document=pdf(f"发票{self._papers}"))
        self.who("enterprise").get(order).press("确认发票")

    def claimed(self, order: str, by: str = "provider", **fields: object) -> str:
        """The payee asks for the money; office and city say yes. Gives the claim's address."""
        page = self.who(by).get(order).follow("申请兑付")
        page.press("提交申请", promise="true", **fields)
        claim = page.address
        assert claim.startswith("/claims/"), page.words()
        for desk in ("office", "city"):
            self.who(desk).get(claim).follow("审核").press(
                "提交意见", decision="approved", reason="合同、验收、发票一致。"
            )
        return claim

    def batch(self, status: int = 200) -> Walker:
        """One finance officer makes a batch of what waits, another releases it. The first stands before it."""
        page = self.who("maker").get("/settlement").follow("制单")
        page.press("制单", status=status, claims=re.findall(r'name="claims" value="([^"]+)"', page.text))
        if status == 200:
            self.who("checker").get(page.address).press("复核通过")
            page.get(page.address)
            if buttons(page, "现在生成"):
                page.press("现在生成")
        return page

    def payment(self, batch: Walker) -> dict[str, str]:
        """The payment file's only line, as a bank reads it."""
        here = batch.address
        sheet = batch.get(batch.link("下载付款文件")).text.removeprefix("\ufeff").split("\r\n")
        batch.get(here)
        assert len([line for line in sheet if line]) == 2, sheet
        return dict(zip(sheet[0].split(","), sheet[1].split(","), strict=True))

    def answered(self, batch: Walker, code: str, result: str, reference: str = "", why: str = "") -> Walker:
        """The bank's answer to one payment is loaded."""
        rows = f"端到端编号,结果,银行流水号,原因,日期\r\n{code},{result},{reference},{why},{self.payday.today}\r\n"
        return batch.press("导入回单", file=("回单.csv", rows.encode()))

    def paid(self, order: str, by: str = "provider", reference: str = "JS-1", **fields: object) -> str:
        """An order's subsidy is claimed and paid. Gives the claim's address."""
        claim = self.claimed(order, by, **fields)
        batch = self.batch()
        self.answered(batch, self.payment(batch)["端到端编号"], "成功", reference)
        return claim


def voucher_of(page: Walker, words: str) -> str:
    """The value of the voucher whose label holds the words; of the first one offered when none are given."""
    boxes = [e for form in page.forms() for e in form.iter("input") if e.get("name") == "voucher_id" and e.get("value")]
    labels = {
        str(e.get("for")): re.sub(r"\s", "", "".join(e.itertext())) for form in page.forms() for e in form.iter("label")
    }
    for box in boxes:
        if words in labels.get(str(box.get("id")), ""):
            return str(box.get("value"))
    raise AssertionError(f"{page.name}: no voucher “{words}” on {page.address}: {labels}")


def fields_of(page: Walker) -> list[str]:
    """The names of the fields of the forms on a page."""
    return [str(e.get("name")) for form in page.forms() for e in form.iter() if e.get("name")]
