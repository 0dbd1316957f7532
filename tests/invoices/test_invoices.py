"""Invoices: form, parties, amount, window, duplicates, what the file says of itself; the enterprise's own yes."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from marketplace.base.errors import Forbidden, Invalid, NotFound
from marketplace.people.organisations.models import Organisation
from marketplace.record.documents import queries as documents
from marketplace.record.notices.models import Notice
from marketplace.shop.acceptance.states import Result
from marketplace.shop.orders.models import Consent, Order
from marketplace.shop.orders.states import ConsentStep, OrderState
from tests.support.payday import GROSS, TAX, Payday, refused
from tests.support.people import make_actor, make_uscc
from tests.support.shop import PDF
from vouchers.invoices import actions, einvoice, queries, reading
from vouchers.invoices.models import Invoice
from vouchers.invoices.states import InvoiceState


def count(payday: Payday) -> int:
    return int(payday.act(lambda ctx: ctx.session.scalar(select(func.count(Invoice.id)))))


def submit(payday: Payday, order: Order, **values: Any) -> Invoice:
    made: Invoice = payday.act(lambda ctx: actions.submit(ctx, order.id, **values), payday.town.provider)
    return made


def test_the_enterprise_confirms_by_its_own_account(payday: Payday) -> None:
    order = payday.delivered()
    invoice = payday.invoice(order, confirmed=False)
    assert invoice.state is InvoiceState.SUBMITTED
    with pytest.raises(Forbidden):
        payday.act(lambda ctx: actions.confirm(ctx, invoice.id), payday.town.provider)
    done = payday.act(lambda ctx: actions.confirm(ctx, invoice.id), payday.town.enterprise)
    assert done.state is InvoiceState.CONFIRMED
    given = select(Consent).where(Consent.order_id == order.id, Consent.step == ConsentStep.INVOICE)
    [consent] = payday.act(lambda ctx: ctx.session.scalars(given).all())
    assert (consent.person_id, consent.way) == (payday.town.enterprise.person_id, "own_device")
    for actor in (payday.town.enterprise, payday.town.office, payday.town.city, payday.maker):
        assert payday.act(lambda ctx: documents.get(ctx, invoice.document_id), actor) is not None
    assert refused(lambda: payday.act(lambda ctx: actions.confirm(ctx, invoice.id), payday.town.enterprise)).code == (
        "state.not_allowed"
    )


@pytest.mark.parametrize(
    ("changes", "code", "clause", "field"),
    [
        ({"number": "123"}, "invoice.malformed", "四(二)", "number"),
        ({"number": "１" * 20}, "invoice.malformed", "四(二)", "number"),
        ({"net_fen": GROSS - TAX + 1}, "invoice.arithmetic", "四(二)", "gross"),
        ({"net_fen": 0, "tax_fen": GROSS}, "invoice.not_positive", "四(二)", "net"),
        ({"tax_fen": -1, "net_fen": GROSS + 1}, "invoice.not_positive", "四(二)", "net"),
        ({"seller_uscc": make_uscc()}, "invoice.seller", "四(二)", "seller_uscc"),
        ({"buyer_uscc": make_uscc()}, "invoice.buyer", "四(二)", "buyer_uscc"),
        ({"net_fen": GROSS - TAX + 1, "gross_fen": GROSS + 1}, "invoice.above_contract", "四(二)", "gross"),
        ({"days": 1}, "invoice.in_future", "四(一)", "issued_on"),
        ({"days": -1}, "invoice.outside_window", "四(一)", "issued_on"),
    ],
)
def test_each_check_has_its_code(payday: Payday, changes: dict[str, Any], code: str, clause: str, field: str) -> None:
    order = payday.delivered()
    values = payday.invoice_values(order)
    given = dict(changes)
    if "days" in given:
        given["issued_on"] = payday.today + timedelta(days=given.pop("days"))
    fault = refused(lambda: submit(payday, order, **values | given))
    assert (fault.code, fault.clause, fault.field) == (code, clause, field)
    assert count(payday) == 0


def test_a_number_and_a_file_are_used_once_on_the_whole_platform(payday: Payday) -> None:
    first, second = payday.delivered(), payday.delivered()
    used = payday.invoice(first)
    values = payday.invoice_values(second)
    fault = refused(lambda: submit(payday, second, **values | {"number": used.number}))
    assert (fault.code, fault.clause) == ("invoice.duplicate", "四(二)")
    assert "另一笔业务" in str(fault.text)
    same = refused(lambda: submit(payday, first, **values | {"number": used.number}))
    assert same.code == "invoice.above_contract", "the contract is invoiced in full"
    again = payday.document(payday.town.provider, data=PDF + b"%one file\n")
    submit(payday, second, **payday.invoice_values(second, gross=1000, tax=10, document_id=again))
    twin = payday.document(payday.town.provider, data=PDF + b"%one file\n")
    fault = refused(
        lambda: submit(payday, second, **payday.invoice_values(second, gross=1000, tax=10, document_id=twin))
    )
    assert (fault.code, fault.field) == ("invoice.document_reused", "document")
    assert count(payday) == 2


def test_a_withdrawn_number_may_come_back(payday: Payday) -> None:
    order = payday.delivered()
    invoice = payday.invoice(order, confirmed=False)
    with pytest.raises(Invalid):
        payday.act(lambda ctx: actions.withdraw(ctx, invoice.id, reason=" "), payday.town.provider)
    payday.act(lambda ctx: actions.withdraw(ctx, invoice.id, reason="开错"), payday.town.provider)
    values = payday.invoice_values(order) | {"number": invoice.number}
    assert submit(payday, order, **values).number == invoice.number


def test_no_invoice_without_a_contract_or_on_an_ended_order(payday: Payday) -> None:
    order = payday.delivered()

    def end(ctx: Any) -> None:
        ctx.session.get_one(Order, order.id).state = OrderState.CANCELLED

    values = payday.invoice_values(order)
    payday.act(end)
    assert refused(lambda: submit(payday, order, **values)).code == "invoice.order_not_open"


def test_strangers_find_no_invoice(payday: Payday) -> None:
    order = payday.delivered()
    invoice = payday.invoice(order, confirmed=False)
    values = payday.invoice_values(order)
    for role in ("provider", "enterprise", "pilot"):
        stranger, _ = make_actor(payday.act, role)
        with pytest.raises(NotFound):
            payday.act(lambda ctx: queries.get(ctx, invoice.id), stranger)
        with pytest.raises(NotFound):
            payday.act(lambda ctx: actions.submit(ctx, order.id, **values), stranger)
    with pytest.raises(NotFound):
        payday.act(
            lambda ctx: actions.submit(ctx, order.id, **values | {"document_id": values["document_id"]}),
            make_actor(payday.act, "provider")[0],
        )


def test_a_held_invoice_says_why_and_is_confirmed_anew(payday: Payday) -> None:
    order = payday.delivered()
    payday.accept(order)
    invoice = payday.invoice(order)
    with pytest.raises(Forbidden):
        payday.act(lambda ctx: actions.hold(ctx, invoice.id, reason="x"), payday.town.provider)
    payday.act(lambda ctx: actions.hold(ctx, invoice.id, reason="税务核查"), payday.town.city)
    assert [g.code for g in payday.act(lambda ctx: queries.match(ctx, order.id)).gaps] == [
        "match.invoice_held",
        "match.amount",
    ]
    told = payday.act(lambda ctx: ctx.session.scalars(select(Notice).where(Notice.url.like("/invoices/%"))).all())
    assert any("税务核查" in str(notice.values) for notice in told)
    payday.act(lambda ctx: actions.release(ctx, invoice.id), payday.town.city)
    payday.act(lambda ctx: actions.confirm(ctx, invoice.id), payday.town.enterprise)
    assert payday.act(lambda ctx: queries.match(ctx, order.id)).matches
    found = payday.act(lambda ctx: queries.matches(ctx, [order.id]))
    assert found[order.id] == payday.act(lambda ctx: queries.match(ctx, order.id)), "one by one or many at once"


def test_a_judgement_that_asks_for_mending_is_no_acceptance(payday: Payday) -> None:
    order = payday.delivered()
    payday.accept(order, Result.RECTIFY)
    payday.invoice(order)
    for match in (
        payday.act(lambda ctx: queries.match(ctx, order.id)),
        payday.act(lambda ctx: queries.matches(ctx, [order.id]))[order.id],
    ):
        assert [gap.code for gap in match.gaps] == ["match.not_accepted"]


XML = """<?xml version="1.0" encoding="UTF-8"?>
<EInvoice><EInvoiceData>
<SellerInformation><SellerIdNum>{seller}</SellerIdNum></SellerInformation>
<BuyerInformation><BuyerIdNum>{buyer}</BuyerIdNum></BuyerInformation>
<BasicInformation><TotalAmWithoutTax>{net}</TotalAmWithoutTax><TotalTaxAm>966.80</TotalTaxAm>
<TotalTax-includedAmount>{gross}</TotalTax-includedAmount><RequestTime>{day} 10:00:00</RequestTime></BasicInformation>
<IssuItemInformation><TotaltaxIncludedAmount>1.00</TotaltaxIncludedAmount></IssuItemInformation>
</EInvoiceData><TaxSupervisionInfo><InvoiceNumber>{number}</InvoiceNumber></TaxSupervisionInfo></EInvoice>"""


def xml_of(payday: Payday, values: dict[str, Any], **changes: Any) -> bytes:
    words = {
        "seller": values["seller_uscc"],
        "buyer": values["buyer_uscc"],
        "net": "15833.20",
        "gross": "16800.00",
        "day": values["issued_on"].isoformat(),
        "number": values["number"],
    }
    return XML.format(**words | changes).encode()


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({}, None, None),
        ({"gross": "16800.01"}, "invoice.differs_from_file", "gross"),
        ({"number": "9" * 20}, "invoice.differs_from_file", "number"),
        ({"buyer": "91350100M000100Y43"}, "invoice.differs_from_file", "buyer_uscc"),
        ({"day": "2031-01-01"}, "invoice.differs_from_file", "issued_on"),
        ({"gross": "-16800.00"}, "invoice.red_letter", "document"),
    ],
)
def test_the_file_says_what_was_typed(payday: Payday, changes: dict[str, Any], code: str | None, field: Any) -> None:
    order = payday.delivered()
    values = payday.invoice_values(order)
    data = xml_of(payday, values, **changes)
    values["document_id"] = payday.document(payday.town.provider, data=data)
    if code is None:
        assert submit(payday, order, **values).state is InvoiceState.SUBMITTED
        return
    fault = refused(lambda: submit(payday, order, **values))
    assert (fault.code, fault.field) == (code, field)


def test_an_ofd_is_read_by_the_xml_inside_it(payday: Payday) -> None:
    order = payday.delivered()
    values = payday.invoice_values(order)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("OFD.xml", "<OFD/>")
        archive.writestr("Doc_0/Attach/original_invoice.xml", xml_of(payday, values, net="1.00"))
    values["document_id"] = payday.document(payday.town.provider, data=buffer.getvalue())
    assert refused(lambda: submit(payday, order, **values)).field == "net"


def test_the_qr_is_compared_too(payday: Payday) -> None:
    order = payday.delivered()
    values = payday.invoice_values(order)
    day = values["issued_on"].strftime("%Y%m%d")
    fault = refused(lambda: submit(payday, order, **values, qr=f"01,32,,{values['number']},16800.01,{day},,1DD6"))
    assert (fault.code, fault.field) == ("invoice.differs_from_file", "gross")
    assert refused(lambda: submit(payday, order, **values, qr="https://example.com")).code == "invoice.qr"
    assert submit(payday, order, **values, qr=f"01,32,,{values['number']},16800.00,{day},,1DD6,").id


def test_qr_payloads_as_they_occur() -> None:
    said = reading.qr("01,31,,24922000000012341234,666.00,20240208,,76A1")
    assert (said.number, said.gross_fen) == ("24922000000012341234", 66_600)
    assert said.issued_on is not None and said.issued_on.isoformat() == "2024-02-08"
    for text in ("", "01,10,044001500111,81966722,173.79,20170524,17884534745749991611,BE2D", "a,b", "01,32,,," * 50):
        assert refused(lambda text=text: reading.qr(text)).code == "invoice.qr"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<a>",
        b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
        b"<InvoiceNumber></InvoiceNumber>",
        b"\xff\xfe<a/>",
        b"<a>" * 2000,
    ],
)
def test_hostile_xml_says_nothing(data: bytes) -> None:
    assert einvoice.read(io.BytesIO(data)) is None


def test_several_invoices_in_one_file_are_refused() -> None:
    data = b"<x><FPHM>1</FPHM><FPHM>2</FPHM></x>"
    assert refused(lambda: einvoice.read(io.BytesIO(data))).code == "invoice.several_in_file"
    pinyin = einvoice.read(io.BytesIO(b"<x><FPHM>7</FPHM><HJJE>1.00</HJJE><KPRQ>20310301</KPRQ></x>"))
    assert pinyin is not None and (pinyin.number, pinyin.net_fen) == ("7", 100)


def test_the_parties_codes_are_those_of_the_order(payday: Payday) -> None:
    provider = payday.see(Organisation, payday.town.provider.organisation_id)
    order = payday.delivered()
    values = payday.invoice_values(order, seller_uscc=provider.uscc.lower())
    assert submit(payday, order, **values).seller_uscc == provider.uscc
