"""Every check of an invoice before it is submitted: the same answers for the form, the API and the act itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypedDict

from sqlalchemy import select

from marketplace.base import uscc
from marketplace.base.context import Context
from marketplace.base.errors import Refusal
from marketplace.base.text import N_, Text
from marketplace.people.organisations import queries as organisations
from marketplace.pilots.programmes import queries as pilots
from marketplace.record.documents.models import Document
from marketplace.shop.orders import queries as orders
from vouchers.contracts.models import ContractRecord
from vouchers.invoices import queries, reading, rules
from vouchers.invoices.matters import Matter, id_of
from vouchers.invoices.models import Invoice
from vouchers.invoices.rules import Finding
from vouchers.invoices.said import Said
from vouchers.invoices.states import InvoiceState


class Printed(TypedDict):
    """What stands on an invoice; amounts in fen."""

    number: str
    issued_on: date
    seller_uscc: str
    buyer_uscc: str
    net_fen: int
    tax_fen: int
    gross_fen: int


@dataclass(frozen=True)
class Terms:
    """What an invoice is measured against: the contract's gross in fen, its day, what was invoiced before."""

    gross_fen: int
    signed_on: date
    before: Sequence[Invoice]


def terms(ctx: Context, matter: Matter) -> Terms | None:
    """The terms of an order or contract that the caller has authorised; None while an order has no filed contract."""
    if isinstance(matter, ContractRecord):
        return Terms(matter.total_fen, matter.signed_on, queries.of_contract(ctx, matter.id))
    filed = orders.contract(ctx, matter.id)
    if filed is None:
        return None
    return Terms(filed.contract.gross_fen, filed.contract.signed_on, queries.of_order(ctx, matter.id))


def normal(printed: Printed) -> Printed:
    """The same with numbers and codes as they are kept."""
    return {
        **printed,
        "number": printed["number"].strip(),
        "seller_uscc": uscc.normal(printed["seller_uscc"]),
        "buyer_uscc": uscc.normal(printed["buyer_uscc"]),
    }


def found(
    ctx: Context, matter: Matter, basis: Terms, printed: Printed, *, sha256: str, said: Said | None, qr: str
) -> list[Finding]:
    """Everything that stands against an invoice, in the order in which the act refuses: its form, arithmetic, parties,
    day and amount; what its file and its QR say else; its number and its file on the whole platform.

    `sha256` is of its file ("" while there is none), `said` what the file says. The caller has authorised the matter.
    """
    facts = _facts(ctx, matter, basis, printed)
    against = rules.check(facts)
    if qr.strip():
        against += _of_qr(facts, qr)
    if said is not None:
        against += rules.compare(facts, said, "document")
    return against + _known_number(ctx, matter, printed["number"]) + _known_file(ctx, sha256)


def _facts(ctx: Context, matter: Matter, basis: Terms, printed: Printed) -> rules.Facts:
    parties = organisations.many(ctx, [matter.enterprise_id, matter.provider_id])
    _, last = pilots.period(ctx, matter.pilot_id)
    return rules.Facts(
        provider_uscc=parties[matter.provider_id].uscc,
        enterprise_uscc=parties[matter.enterprise_id].uscc,
        contract_gross_fen=basis.gross_fen,
        invoiced_before_fen=sum(invoice.gross_fen for invoice in basis.before),
        signed_on=basis.signed_on,
        last_day=last,
        today=ctx.today,
        **printed,
    )


def _of_qr(facts: rules.Facts, payload: str) -> list[Finding]:
    try:
        return rules.compare(facts, reading.qr(payload), "qr")
    except Refusal as refusal:
        return [Finding(refusal.code, refusal.text, refusal.field)]


_ELSEWHERE = {
    InvoiceState.SUBMITTED: ("invoice.in_review_elsewhere", N_("发票 {number} 正在平台另一笔业务中审核。")),
    InvoiceState.HELD: ("invoice.in_review_elsewhere", N_("发票 {number} 正在平台另一笔业务中审核。")),
    InvoiceState.CONFIRMED: ("invoice.duplicate", N_("发票 {number} 已在平台另一笔业务中使用。")),
}


def _known_number(ctx: Context, matter: Matter, number: str) -> list[Finding]:
    known = ctx.session.scalars(
        select(Invoice).where(Invoice.number == number, Invoice.state != InvoiceState.WITHDRAWN)
    ).one_or_none()
    if known is None:
        return []
    code, words = _ELSEWHERE[known.state]
    if id_of(known) == matter.id:
        code, words = "invoice.duplicate", N_("发票 {number} 已在本笔业务中提交。")
    return [Finding(code, Text(words, {"number": number}), "number")]


def _known_file(ctx: Context, sha256: str) -> list[Finding]:
    """One file is one invoice: the same content behind two numbers is a mistake or worse."""
    if not sha256:
        return []
    known = ctx.session.scalars(
        select(Invoice.number)
        .join(Document, Document.id == Invoice.document_id)
        .where(Document.sha256 == sha256, Invoice.state != InvoiceState.WITHDRAWN)
        .limit(1)
    ).one_or_none()
    if known is None:
        return []
    text = Text(N_("这份文件已作为另一张发票提交，一份文件只对应一张发票。"))
    return [Finding("invoice.document_reused", text, "document")]


def proposal(ctx: Context, matter: Matter, *said: Said | None) -> dict[str, Any]:
    """Values for the form: what the invoice's file and QR say, and where they are silent what the contract says."""
    parties = organisations.many(ctx, [matter.provider_id, matter.enterprise_id])
    values: dict[str, Any] = {
        "seller_uscc": parties[matter.provider_id].uscc,
        "buyer_uscc": parties[matter.enterprise_id].uscc,
        "issued_on": ctx.today,
    }
    papers = queries.papers_of(ctx, matter)
    if isinstance(papers, queries.ContractPapers):
        covered = sum(invoice.gross_fen for invoice in papers.invoices)
        values["gross_fen"] = max(0, papers.accepted_fen - covered)
    elif papers.filed is not None:
        contract = papers.filed.contract
        for name in ("net_fen", "tax_fen", "gross_fen"):
            before = sum(getattr(invoice, name) for invoice in papers.invoices)
            values[name] = max(0, getattr(contract, name) - before)
    for one in said:
        if one is not None:
            values |= {name: getattr(one, name) for name in Printed.__annotations__ if getattr(one, name) is not None}
    return values
