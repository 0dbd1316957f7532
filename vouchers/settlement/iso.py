"""ISO 20022: a batch as pain.001.001.09, and the bank's statement camt.053.001.08 as answers.

Pure text: no session, no clock. A statement holds everything that moved on the account: what carries none of our
end-to-end ids is none of our answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from pyiso20022.camt import camt_053_001_08 as camt
from pyiso20022.pain import pain_001_001_09 as pain
from xsdata.exceptions import ConverterError, ParserError
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig
from xsdata.formats.dataclass.serializers import XmlSerializer
from xsdata.formats.dataclass.serializers.config import SerializerConfig
from xsdata.models.datatype import XmlDate, XmlDateTime

from marketplace.base.clock import day_of
from marketplace.base.errors import Refusal
from marketplace.base.money import CURRENCY
from marketplace.base.text import N_
from vouchers.settlement.bankfile import Answer, Payment, one_line
from vouchers.settlement.states import Outcome

PAIN = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
CAMT = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
CLEARING = "CNAPS"
"""The clearing system whose member numbers (行号) the accounts carry."""
UNKNOWN = "NOTPROVIDED"
"""The bank that pays knows itself: its number is not ours to say."""
_NAME, _TEXT = 140, 140


def write(number: str, payer: str, fund: str, made: datetime, day: date, payments: Sequence[Payment]) -> bytes:
    """A batch as pain.001: `number` is the batch's, `payer` who pays, `fund` the account it is paid out of as the
    treasury is told (at most 34 characters), `made` the moment of writing, `day` the one on which to pay."""
    total = sum((_yuan(p.amount_fen) for p in payments), Decimal(0))
    party = pain.PartyIdentification135(nm=one_line(payer)[:_NAME])
    order = pain.PaymentInstruction30(
        pmt_inf_id=number,
        pmt_mtd=pain.PaymentMethod3Code.TRF,
        nb_of_txs=str(len(payments)),
        ctrl_sum=total,
        reqd_exctn_dt=pain.DateAndDateTime2Choice(dt=XmlDate.from_date(day)),
        dbtr=party,
        dbtr_acct=_account(fund),
        dbtr_agt=pain.BranchAndFinancialInstitutionIdentification6(
            fin_instn_id=pain.FinancialInstitutionIdentification18(
                othr=pain.GenericFinancialIdentification1(id=UNKNOWN)
            )
        ),
        cdt_trf_tx_inf=[_transfer(place, p) for place, p in enumerate(payments, 1)],
    )
    head = pain.GroupHeader85(
        msg_id=number,
        cre_dt_tm=XmlDateTime.from_datetime(made.astimezone(UTC).replace(microsecond=0)),
        nb_of_txs=str(len(payments)),
        ctrl_sum=total,
        initg_pty=party,
    )
    document = pain.Document(
        cstmr_cdt_trf_initn=pain.CustomerCreditTransferInitiationV09(grp_hdr=head, pmt_inf=[order])
    )
    serializer = XmlSerializer(config=SerializerConfig(indent="  "))
    return serializer.render(document, ns_map={"": PAIN}).encode()


def _yuan(fen: int) -> Decimal:
    return Decimal(fen).scaleb(-2)


def _account(number: str, holder: str | None = None) -> pain.CashAccount38:
    other = pain.GenericAccountIdentification1(id=number[:34])
    return pain.CashAccount38(id=pain.AccountIdentification4Choice(othr=other), ccy=CURRENCY, nm=holder)


def _transfer(place: int, payment: Payment) -> pain.CreditTransferTransaction34:
    bank: dict[str, Any] = {"nm": one_line(payment.bank)[:_NAME]}
    if payment.bank_code:
        bank["clr_sys_mmb_id"] = pain.ClearingSystemMemberIdentification2(
            clr_sys_id=pain.ClearingSystemIdentification2Choice(prtry=CLEARING), mmb_id=payment.bank_code
        )
    return pain.CreditTransferTransaction34(
        pmt_id=pain.PaymentIdentification6(instr_id=str(place), end_to_end_id=payment.end_to_end_id),
        amt=pain.AmountType4Choice(
            instd_amt=pain.ActiveOrHistoricCurrencyAndAmount(value=_yuan(payment.amount_fen), ccy=CURRENCY)
        ),
        cdtr_agt=pain.BranchAndFinancialInstitutionIdentification6(
            fin_instn_id=pain.FinancialInstitutionIdentification18(**bank)
        ),
        cdtr=pain.PartyIdentification135(nm=one_line(payment.holder)[:_NAME]),
        cdtr_acct=_account(payment.number),
        rmt_inf=pain.RemittanceInformation16(ustrd=[one_line(payment.purpose)[:_TEXT]]),
    )


def is_statement(data: bytes) -> bool:
    """Whether a return file is XML, and no sheet."""
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


def read(data: bytes, today: date) -> list[Answer]:
    """What a statement says of payments, one answer for each end-to-end id; `row` is the entry's place.

    Money that left and came back in the same statement failed. Refuses `return.statement` for what is no camt.053.
    """
    found: dict[str, Answer] = {}
    for row, entry, details in _details(_parsed(data)):
        answer = _answer(row, entry, details, today)
        if answer is None:
            continue
        before = found.get(answer.end_to_end_id)
        if before is None or answer.outcome is Outcome.FAILED or before.outcome is Outcome.UNKNOWN:
            found[answer.end_to_end_id] = answer
    return list(found.values())


def _parsed(data: bytes) -> camt.Document:
    """The statement, after a parser that takes no document type and no entity has read it."""
    try:
        root = fromstring(data, forbid_dtd=True)
        if root.tag != f"{{{CAMT}}}Document":
            raise _unreadable()
        parser = XmlParser(config=ParserConfig(fail_on_unknown_properties=True, fail_on_converter_warnings=True))
        return parser.from_bytes(data, camt.Document)
    except (ParseError, DefusedXmlException, ParserError, ConverterError, TypeError, ValueError, UnicodeError):
        raise _unreadable() from None


def _unreadable() -> Refusal:
    return Refusal("return.statement", N_("文件不是可读取的 camt.053.001.08 银行对账单。"), field="file")


def _details(document: camt.Document) -> Iterator[tuple[int, camt.ReportEntry10, camt.EntryTransaction10]]:
    entries = [entry for statement in document.bk_to_cstmr_stmt.stmt for entry in statement.ntry]
    for row, entry in enumerate(entries, 1):
        for part in entry.ntry_dtls:
            for details in part.tx_dtls:
                yield row, entry, details


def _answer(row: int, entry: camt.ReportEntry10, details: camt.EntryTransaction10, today: date) -> Answer | None:
    refs = details.refs
    if refs is None or not refs.end_to_end_id:
        return None
    amount = details.amt or (entry.amt if len(entry.ntry_dtls) == 1 and len(entry.ntry_dtls[0].tx_dtls) == 1 else None)
    back = (details.cdt_dbt_ind or entry.cdt_dbt_ind) is camt.CreditDebitCode.CRDT or bool(entry.rvsl_ind)
    booked = entry.sts.cd == "BOOK"
    outcome = Outcome.UNKNOWN if not booked else Outcome.FAILED if back else Outcome.PAID
    reference = refs.acct_svcr_ref or entry.acct_svcr_ref or entry.ntry_ref or ""
    if outcome is Outcome.PAID and not reference:
        outcome = Outcome.UNKNOWN  # nothing to prove the payment with
    return Answer(
        row=row,
        end_to_end_id=refs.end_to_end_id.strip().upper(),
        outcome=outcome,
        reference=one_line(reference)[:64],
        reason=_reason(details),
        day=min(_day(entry) or today, today),
        amount_fen=None if amount is None else int(amount.value.scaleb(2)),
    )


def _reason(details: camt.EntryTransaction10) -> str:
    info = details.rtr_inf
    if info is None:
        return one_line(details.addtl_tx_inf or "")[:200]
    code = (info.rsn.cd or info.rsn.prtry or "") if info.rsn else ""
    return one_line(" ".join([code, *info.addtl_inf]))[:200]


def _day(entry: camt.ReportEntry10) -> date | None:
    booked = entry.bookg_dt
    if booked is None:
        return None
    if booked.dt is not None:
        return booked.dt.to_date()
    return day_of(booked.dt_tm.to_datetime().astimezone(UTC)) if booked.dt_tm is not None else None
