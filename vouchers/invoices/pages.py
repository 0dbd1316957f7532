"""Pages: invoices of either side, submitting one, the enterprise's yes, and the three papers side by side."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, url_for
from werkzeug.wrappers import Response

from marketplace.base import money
from marketplace.base.context import Context
from marketplace.base.errors import Forbidden, NotFound
from marketplace.base.roles import Role
from marketplace.base.text import N_, Text
from marketplace.people.organisations import queries as organisations
from marketplace.record.documents import actions as documents
from marketplace.shop.catalogue.ports import Panel
from marketplace.shop.orders import queries as orders
from marketplace.shop.orders.models import Order
from marketplace.shop.orders.ports import Step
from marketplace.shop.orders.states import OrderState
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import say
from marketplace.web.nav import Task
from marketplace.web.runtime import act, reading
from marketplace.web.security import access
from vouchers.contracts import queries as contracts
from vouchers.contracts.models import ContractRecord
from vouchers.invoices import actions, addresses, matters, queries
from vouchers.invoices.listings import INVOICES
from vouchers.invoices.matters import Matter, takes_side
from vouchers.invoices.models import Invoice
from vouchers.invoices.permissions import CONFIRM, CONFIRM_FOR, HOLD, READ, SUBMIT, SUBMIT_FOR
from vouchers.invoices.schemas import InvoiceForm, InvoiceReason
from vouchers.invoices.states import INVOICE, InvoiceState

bp = Blueprint("invoices", __name__)


@bp.get("/invoices")
@access(READ)
def index() -> str | Response:
    """Invoices within reach, newest first."""
    return INVOICES.answer("invoices/index.html")


@bp.route("/orders/<uuid:order_id>/invoices/new", methods=["GET", "POST"])
@access(SUBMIT)
def new(order_id: uuid.UUID) -> Any:
    """The form, filled with what the contract says is still to be invoiced."""
    return _new(lambda ctx: orders.get(ctx, order_id), lambda ctx: orders.lock(ctx, order_id), actions.submit)


@bp.route("/contracts/<uuid:contract_id>/invoices/new", methods=["GET", "POST"])
@access(SUBMIT, SUBMIT_FOR)
def new_for_contract(contract_id: uuid.UUID) -> Any:
    """The same of a contract of direct expenditure, for its provider or the pilot's office in its stead."""
    return _new(
        lambda ctx: contracts.get(ctx, contract_id),
        lambda ctx: contracts.lock(ctx, contract_id),
        actions.submit_for_contract,
    )


def _new(get: Callable[[Context], Matter], lock: Callable[[Context], Matter], submit: Callable[..., Invoice]) -> Any:
    ctx = reading()
    matter = get(ctx)
    form = Form(InvoiceForm, values=_proposal(ctx, matter))
    if form.submitted and form.act(lambda own, data: _submit(own, lock(own), submit, data)):
        return done(N_("发票已提交，等待确认。"), addresses.of(matter))
    ctx = reading()
    papers = queries.papers_of(ctx, matter)
    page = render(
        "invoices/new.html",
        ctx=ctx,
        form=form,
        matter=matter,
        back=addresses.of(matter),
        trail=[(say(label), url) for label, url in addresses.trail(matter)],
        basis=_basis(papers),
        invoiced_fen=sum(invoice.gross_fen for invoice in papers.invoices),
    )
    return page, form.status


def _basis(papers: queries.Papers | queries.ContractPapers) -> dict[str, Any] | None:
    """What an invoice is compared with: the contract's number, day and gross in fen; None while none is filed."""
    if isinstance(papers, queries.ContractPapers):
        contract = papers.contract
        return {"number": contract.number, "signed_on": contract.signed_on, "gross_fen": contract.total_fen}
    if papers.filed is None:
        return None
    filed = papers.filed.contract
    return {"number": filed.number, "signed_on": filed.signed_on, "gross_fen": filed.gross_fen}


def _proposal(ctx: Context, matter: Matter) -> dict[str, Any]:
    """Both parties' codes, and what of the contract is not invoiced yet."""
    parties = organisations.many(ctx, [matter.provider_id, matter.enterprise_id])
    papers = queries.papers_of(ctx, matter)
    values: dict[str, Any] = {
        "seller_uscc": parties[matter.provider_id].uscc,
        "buyer_uscc": parties[matter.enterprise_id].uscc,
        "issued_on": ctx.today.isoformat(),
    }
    if isinstance(papers, queries.ContractPapers):
        covered = sum(invoice.gross_fen for invoice in papers.invoices)
        values["gross"] = money.plain(max(0, papers.accepted_fen - covered))
    elif papers.filed is not None:
        contract = papers.filed.contract
        for name in ("net", "tax", "gross"):
            before = sum(getattr(invoice, f"{name}_fen") for invoice in papers.invoices)
            values[name] = money.plain(max(0, getattr(contract, f"{name}_fen") - before))
    return values


def _submit(ctx: Context, matter: Matter, submit: Callable[..., Invoice], data: dict[str, Any]) -> Invoice:
    if not takes_side(ctx, SUBMIT, SUBMIT_FOR, matter):
        raise Forbidden(SUBMIT.code)
    upload = data["document"]
    upload.stream.seek(0)  # a second try of the act reads it again
    stored = documents.store(ctx, upload.stream, upload.filename, "invoice", pilot_id=matter.pilot_id, city=matter.city)
    return submit(
        ctx,
        matter.id,
        number=data["number"],
        issued_on=data["issued_on"],
        seller_uscc=data["seller_uscc"],
        buyer_uscc=data["buyer_uscc"],
        net_fen=data["net"],
        tax_fen=data["tax"],
        gross_fen=data["gross"],
        document_id=stored.id,
        qr=data["qr"],
    )


@bp.get("/invoices/<uuid:invoice_id>")
@access(READ)
def show(invoice_id: uuid.UUID) -> str:
    """One invoice and the one thing to do with it."""
    ctx = reading()
    invoice = queries.get(ctx, invoice_id)
    matter = matters.get(ctx, invoice)
    papers = queries.papers_of(ctx, matter)
    return render(
        "invoices/show.html",
        ctx=ctx,
        invoice=invoice,
        matter=matter,
        back=addresses.of(matter),
        basis=_basis(papers),
        match=papers.match,
        names=organisations.names(ctx, [invoice.enterprise_id, invoice.provider_id]),
        may_confirm=INVOICE.allows(invoice, "confirm") and _may_confirm(ctx, invoice),
        may_withdraw=INVOICE.allows(invoice, "withdraw") and takes_side(ctx, SUBMIT, SUBMIT_FOR, invoice),
        may_hold=INVOICE.allows(invoice, "hold") and ctx.may(HOLD, invoice),
        may_release=INVOICE.allows(invoice, "release") and ctx.may(HOLD, invoice),
    )


def _may_confirm(ctx: Context, invoice: Invoice) -> bool:
    if invoice.contract_id is not None:
        return ctx.may(CONFIRM_FOR, invoice)
    return _acts_for(ctx, CONFIRM, invoice.enterprise_id)


def _acts_for(ctx: Context, permission: Any, organisation_id: uuid.UUID) -> bool:
    return ctx.may(permission) and ctx.actor is not None and ctx.actor.organisation_id == organisation_id


@bp.post("/invoices/<uuid:invoice_id>/confirm")
@access(CONFIRM, CONFIRM_FOR)
def confirm(invoice_id: uuid.UUID) -> Response:
    invoice = act(lambda ctx: actions.confirm(ctx, invoice_id))
    return done(N_("发票已确认。"), addresses.of_row(invoice))


@bp.post("/invoices/<uuid:invoice_id>/release")
@access(HOLD)
def release(invoice_id: uuid.UUID) -> Response:
    act(lambda ctx: actions.release(ctx, invoice_id))
    return done(N_("已解除暂缓，等待重新确认。"), url_for("invoices.show", invoice_id=invoice_id))


_REASONED: dict[str, tuple[Callable[..., Invoice], str, str, str]] = {
    "hold": (actions.hold, N_("暂缓发票"), N_("发票已暂缓。"), N_("暂缓期间，这笔业务不能兑付。双方会看到理由。")),
    "withdraw": (actions.withdraw, N_("撤回发票"), N_("发票已撤回。"), N_("撤回后可以提交另一张。订购方会看到理由。")),
}


@bp.route("/invoices/<uuid:invoice_id>/why/<verb>", methods=["GET", "POST"])
@access(HOLD, SUBMIT, SUBMIT_FOR)
def why(invoice_id: uuid.UUID, verb: str) -> Any:
    """Acts that need a reason."""
    if verb not in _REASONED:
        abort(404)
    action, title, message, hint = _REASONED[verb]
    invoice = queries.get(reading(), invoice_id)
    form = Form(InvoiceReason)
    if form.submitted and form.act(lambda ctx, data: action(ctx, invoice_id, reason=data["reason"])):
        return done(message, url_for("invoices.show", invoice_id=invoice_id))
    return render("invoices/why.html", form=form, invoice=invoice, title=title, hint=hint), form.status


@bp.get("/orders/<uuid:order_id>/match")
@access(READ)
def match(order_id: uuid.UUID) -> str:
    """Contract, acceptance and invoices side by side, with every gap by its code."""
    ctx = reading()
    order = orders.get(ctx, order_id)
    if not ctx.may(READ, order):
        raise NotFound("order")
    return render(
        "invoices/match.html",
        ctx=ctx,
        order=order,
        papers=queries.papers(ctx, order_id),
        names=organisations.names(ctx, [order.enterprise_id, order.provider_id]),
    )


_LIVE = {OrderState.CONTRACTED, OrderState.DELIVERED, OrderState.CONFIRMED}


def panel(ctx: Context, order: Order) -> Panel | None:
    """Invoices on the order's page: where they stand, and the next act of whoever looks."""
    if order.state not in _LIVE | {OrderState.DISPUTED} or not ctx.may(READ, order):
        return None
    papers = queries.papers(ctx, order.id)
    left = papers.filed.contract.gross_fen - sum(i.gross_fen for i in papers.invoices) if papers.filed else 0
    may_submit = order.state in _LIVE and left > 0 and _acts_for(ctx, SUBMIT, order.provider_id)
    values = {
        "order": order,
        "papers": papers,
        "match": papers.match,
        "left_fen": left,
        "may_submit": may_submit,
        "may_confirm": _acts_for(ctx, CONFIRM, order.enterprise_id),
    }
    return Panel("invoices/on_order.html", values)


def steps(ctx: Context, order: Order) -> list[Step]:
    """The invoice as a station on the order's way."""
    if order.state not in _LIVE:
        return []
    found = queries.of_order(ctx, order.id)
    label = N_("服务商开票，企业确认发票")
    if not found:
        return [Step(label, "next")]
    last = found[-1]
    if any(invoice.state is InvoiceState.HELD for invoice in found):
        return [Step(N_("有发票暂缓"), "bad", last.created_at)]
    if any(invoice.state is InvoiceState.SUBMITTED for invoice in found):
        return [Step(label, "now", last.created_at)]
    return [Step(label, "done", last.created_at)]


def contract_panel(ctx: Context, contract: ContractRecord) -> Panel | None:
    """Invoices on a contract's page: where they stand, and the next act of whoever looks."""
    if contract.commitment_id is None or not ctx.may(READ, contract):
        return None
    papers = queries.contract_papers(ctx, [contract])[contract.id]
    values = {
        "contract": contract,
        "papers": papers,
        "match": papers.match,
        "may_submit": papers.left_fen > 0 and takes_side(ctx, SUBMIT, SUBMIT_FOR, contract),
        "may_confirm": ctx.may(CONFIRM_FOR, contract),
    }
    return Panel("invoices/on_contract.html", values)


_TASKS = {
    Role.ENTERPRISE: (InvoiceState.SUBMITTED, N_("{count} 张发票待您确认"), "warn"),
    Role.PILOT: (InvoiceState.SUBMITTED, N_("{count} 张直接支出合同的发票待确认"), "warn"),
    Role.PROVIDER: (InvoiceState.HELD, N_("{count} 张发票被暂缓"), "danger"),
}


def tasks(ctx: Context) -> list[Task]:
    """Invoices that wait for this person."""
    role = ctx.actor.role if ctx.actor else None
    wanted = _TASKS.get(role) if role else None
    if wanted is None:
        return []
    state, text, tone = wanted
    number = queries.how_many(ctx, state, of_contracts=role is Role.PILOT)
    return (
        [Task(Text(text, {"count": number}), url_for("invoices.index", state=state.value), tone=tone)] if number else []
    )
