"""Pages: invoices of either side, submitting one, the enterprise's yes, and the three papers side by side."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, url_for
from werkzeug.wrappers import Response

from marketplace.base import money
from marketplace.base.context import Context
from marketplace.base.errors import NotFound
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
from marketplace.web.nav import Task
from marketplace.web.runtime import act, reading
from marketplace.web.security import access
from vouchers.invoices import actions, queries
from vouchers.invoices.listings import INVOICES
from vouchers.invoices.models import Invoice
from vouchers.invoices.permissions import CONFIRM, HOLD, READ, SUBMIT
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
    ctx = reading()
    order = orders.get(ctx, order_id)
    form = Form(InvoiceForm, values=_proposal(ctx, order))
    if form.submitted and form.act(lambda own, data: _submit(own, order_id, data)):
        return done(N_("发票已提交，等待企业确认。"), url_for("orders.show", order_id=order_id))
    ctx = reading()
    page = render("invoices/new.html", ctx=ctx, form=form, order=order, papers=queries.papers(ctx, order_id))
    return page, form.status


def _proposal(ctx: Context, order: Order) -> dict[str, Any]:
    """Both parties' codes, and what of the contract is not invoiced yet."""
    parties = organisations.many(ctx, [order.provider_id, order.enterprise_id])
    papers = queries.papers(ctx, order.id)
    values: dict[str, Any] = {
        "seller_uscc": parties[order.provider_id].uscc,
        "buyer_uscc": parties[order.enterprise_id].uscc,
        "issued_on": ctx.today.isoformat(),
    }
    if papers.filed is not None:
        contract = papers.filed.contract
        for name in ("net", "tax", "gross"):
            before = sum(getattr(invoice, f"{name}_fen") for invoice in papers.invoices)
            values[name] = money.plain(max(0, getattr(contract, f"{name}_fen") - before))
    return values


def _submit(ctx: Context, order_id: uuid.UUID, data: dict[str, Any]) -> Invoice:
    order = orders.lock(ctx, order_id)
    ctx.require(SUBMIT, order)
    upload = data["document"]
    upload.stream.seek(0)  # a second try of the act reads it again
    stored = documents.store(ctx, upload.stream, upload.filename, "invoice", pilot_id=order.pilot_id, city=order.city)
    return actions.submit(
        ctx,
        order_id,
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
    return render(
        "invoices/show.html",
        ctx=ctx,
        invoice=invoice,
        order=orders.get(ctx, invoice.order_id),
        papers=queries.papers(ctx, invoice.order_id),
        names=organisations.names(ctx, [invoice.enterprise_id, invoice.provider_id]),
        may_confirm=INVOICE.allows(invoice, "confirm") and _acts_for(ctx, CONFIRM, invoice.enterprise_id),
        may_withdraw=INVOICE.allows(invoice, "withdraw") and _acts_for(ctx, SUBMIT, invoice.provider_id),
        may_hold=INVOICE.allows(invoice, "hold") and ctx.may(HOLD, invoice),
        may_release=INVOICE.allows(invoice, "release") and ctx.may(HOLD, invoice),
    )


def _acts_for(ctx: Context, permission: Any, organisation_id: uuid.UUID) -> bool:
    return ctx.may(permission) and ctx.actor is not None and ctx.actor.organisation_id == organisation_id


@bp.post("/invoices/<uuid:invoice_id>/confirm")
@access(CONFIRM)
def confirm(invoice_id: uuid.UUID) -> Response:
    order_id = act(lambda ctx: actions.confirm(ctx, invoice_id).order_id)
    return done(N_("发票已确认。"), url_for("orders.show", order_id=order_id))


@bp.post("/invoices/<uuid:invoice_id>/release")
@access(HOLD)
def release(invoice_id: uuid.UUID) -> Response:
    act(lambda ctx: actions.release(ctx, invoice_id))
    return done(N_("已解除暂缓，等待企业重新确认。"), url_for("invoices.show", invoice_id=invoice_id))


_REASONED: dict[str, tuple[Callable[..., Invoice], str, str, str]] = {
    "hold": (actions.hold, N_("暂缓发票"), N_("发票已暂缓。"), N_("暂缓期间，该订单不能兑付。双方会看到理由。")),
    "withdraw": (actions.withdraw, N_("撤回发票"), N_("发票已撤回。"), N_("撤回后可以提交另一张。企业会看到理由。")),
}


@bp.route("/invoices/<uuid:invoice_id>/why/<verb>", methods=["GET", "POST"])
@access(HOLD, SUBMIT)
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


_TASKS = {
    Role.ENTERPRISE: (InvoiceState.SUBMITTED, N_("{count} 张发票待您确认"), "warn"),
    Role.PROVIDER: (InvoiceState.HELD, N_("{count} 张发票被暂缓"), "danger"),
}


def tasks(ctx: Context) -> list[Task]:
    """Invoices that wait for this person."""
    role = ctx.actor.role if ctx.actor else None
    wanted = _TASKS.get(role) if role else None
    if wanted is None:
        return []
    state, text, tone = wanted
    number = queries.how_many(ctx, state)
    return (
        [Task(Text(text, {"count": number}), url_for("invoices.index", state=state.value), tone=tone)] if number else []
    )
