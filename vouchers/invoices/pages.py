"""Pages: invoices of either side, submitting one, the enterprise's yes, and the three papers side by side."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from marshmallow import EXCLUDE, ValidationError
from werkzeug.wrappers import Response

from marketplace.base import money
from marketplace.base.context import Context
from marketplace.base.errors import Forbidden, Invalid, NotFound, Refusal
from marketplace.base.roles import Role
from marketplace.base.text import N_, Text
from marketplace.people.accounts import queries as accounts
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
from vouchers.invoices import actions, addresses, checking, matters, official, queries, rules
from vouchers.invoices import reading as readings
from vouchers.invoices.listings import INVOICES
from vouchers.invoices.matters import Matter, takes_side
from vouchers.invoices.models import Invoice
from vouchers.invoices.permissions import CHECK, CONFIRM, CONFIRM_FOR, HOLD, READ, SUBMIT, SUBMIT_FOR
from vouchers.invoices.reading import Read
from vouchers.invoices.said import Said
from vouchers.invoices.schemas import InvoiceFileForm, InvoiceForm, InvoiceReason, OfficialForm
from vouchers.invoices.states import INVOICE, OFFICIAL, InvoiceState, Official

bp = Blueprint("invoices", __name__)


@bp.get("/invoices")
@access(READ)
def index() -> str | Response:
    """Invoices within reach, newest first."""
    return INVOICES.answer("invoices/index.html")


@bp.route("/orders/<uuid:order_id>/invoices/new", methods=["GET", "POST"])
@access(SUBMIT)
def new(order_id: uuid.UUID) -> Any:
    """The form, filled with what the invoice's file says, or with what the contract says is still to be invoiced."""
    return _new(
        lambda ctx: orders.get(ctx, order_id),
        lambda ctx: orders.lock(ctx, order_id),
        actions.submit,
        url_for("invoices.read", order_id=order_id),
    )


@bp.route("/contracts/<uuid:contract_id>/invoices/new", methods=["GET", "POST"])
@access(SUBMIT, SUBMIT_FOR)
def new_for_contract(contract_id: uuid.UUID) -> Any:
    """The same of a contract of direct expenditure, for its provider or the pilot's office in its stead."""
    return _new(
        lambda ctx: contracts.get(ctx, contract_id),
        lambda ctx: contracts.lock(ctx, contract_id),
        actions.submit_for_contract,
        url_for("invoices.read_for_contract", contract_id=contract_id),
    )


@bp.route("/orders/<uuid:order_id>/invoices/read", methods=["GET", "POST"])
@access(SUBMIT)
def read(order_id: uuid.UUID) -> Any:
    """An invoice's file, photograph or QR payload, from which the form is filled."""
    address = partial(url_for, "invoices.new", order_id=order_id)
    return _read(lambda ctx: orders.get(ctx, order_id), address)


@bp.route("/contracts/<uuid:contract_id>/invoices/read", methods=["GET", "POST"])
@access(SUBMIT, SUBMIT_FOR)
def read_for_contract(contract_id: uuid.UUID) -> Any:
    """The same of a contract of direct expenditure."""
    address = partial(url_for, "invoices.new_for_contract", contract_id=contract_id)
    return _read(lambda ctx: contracts.get(ctx, contract_id), address)


def _read(get: Callable[[Context], Matter], address: Callable[..., str]) -> Any:
    matter = get(reading())
    form = Form(InvoiceFileForm)
    if form.submitted and form.act(lambda ctx, data: _keep(ctx, get(ctx), data)):
        return redirect(address(**form.result), code=303)
    ctx = reading()
    page = render(
        "invoices/read.html",
        ctx=ctx,
        form=form,
        matter=matter,
        trail=[(say(label), url) for label, url in addresses.trail(matter)],
        by_hand=address(),
    )
    return page, form.status


def _keep(ctx: Context, matter: Matter, data: dict[str, Any]) -> dict[str, Any]:
    """Keep the file; of a photograph only the payload of its code, for the invoice itself is still to be uploaded."""
    if not takes_side(ctx, SUBMIT, SUBMIT_FOR, matter):
        raise Forbidden(SUBMIT.code)
    upload, payload = data["document"], data["qr"].strip()
    if upload is None and not payload:
        raise Invalid({"document": [N_("请上传发票文件或二维码照片，或者填写二维码内容。")]})
    if payload:
        readings.qr(payload)
    code = readings.photograph(upload.stream) if upload is not None else None
    if upload is None or code is not None:
        return {"qr": payload or code}
    return {"file": _stored(ctx, matter, upload), **({"qr": payload} if payload else {})}


def _stored(ctx: Context, matter: Matter, upload: Any) -> uuid.UUID:
    upload.stream.seek(0)  # a second try of the act reads it again
    stored = documents.store(ctx, upload.stream, upload.filename, "invoice", pilot_id=matter.pilot_id, city=matter.city)
    return stored.id


def _new(
    get: Callable[[Context], Matter], lock: Callable[[Context], Matter], submit: Callable[..., Invoice], read_at: str
) -> Any:
    ctx = reading()
    matter = get(ctx)
    given = Given.of_request(ctx)
    form = Form(InvoiceForm, values=_shown(checking.proposal(ctx, matter, given.coded, given.said)) | {"qr": given.qr})
    if form.submitted and form.act(lambda own, data: _submit(own, lock(own), submit, data, given)):
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
        given=given,
        against=_against(ctx, matter, form, given),
        read_at=read_at,
    )
    return page, form.status


@dataclass(frozen=True)
class Given:
    """What was uploaded before: the file with what it says, and the QR with what it says."""

    document_id: uuid.UUID | None = None
    name: str = ""
    read: Read | None = None
    qr: str = ""
    coded: Said | None = None

    @property
    def said(self) -> Said | None:
        return self.read.said if self.read else None

    @classmethod
    def of_request(cls, ctx: Context) -> Given:
        """From the address: ``file`` a document that this person may read, ``qr`` a payload; neither: nothing."""
        try:
            document_id = uuid.UUID(request.args.get("file", ""))
        except ValueError:
            document_id = None
        payload = request.args.get("qr", "")[:300]
        try:
            coded = readings.qr(payload) if payload else None
        except Refusal:
            payload, coded = "", None
        if document_id is None:
            return cls(qr=payload, coded=coded)
        row = documents.get(ctx, document_id)
        try:
            found = readings.document(ctx, document_id)
        except Refusal:  # several invoices in one file: the act will say so
            found = None
        return cls(document_id, row.name, found, payload, coded)


def _shown(values: dict[str, Any]) -> dict[str, Any]:
    """The values of an invoice as the form shows them."""
    shown = {name.removesuffix("_fen"): value for name, value in values.items()}
    return (
        shown
        | {name: _written(shown[name]) for name in ("net", "tax", "gross") if shown.get(name) is not None}
        | {"issued_on": values["issued_on"].isoformat()}
    )


def _written(fen: int) -> str:
    return ("-" if fen < 0 else "") + money.plain(abs(fen))


def _against(ctx: Context, matter: Matter, form: Form, given: Given) -> list[rules.Finding] | None:
    """Every check of what stands in the form; None while that is not yet an invoice."""
    if not form.submitted and given.said is None and given.coded is None:
        return None
    basis = checking.terms(ctx, matter)
    try:
        data = InvoiceForm(exclude=("document",)).load(
            {name: value for name, value in form.values.items() if value not in ("", None)}, unknown=EXCLUDE
        )
    except ValidationError:
        return None
    if basis is None:
        return None
    return checking.found(
        ctx,
        matter,
        basis,
        checking.normal(_printed(data)),
        sha256=given.read.sha256 if given.read else "",
        said=given.said,
        qr=data["qr"],
    )


def _printed(data: dict[str, Any]) -> checking.Printed:
    return {
        "number": data["number"],
        "issued_on": data["issued_on"],
        "seller_uscc": data["seller_uscc"],
        "buyer_uscc": data["buyer_uscc"],
        "net_fen": data["net"],
        "tax_fen": data["tax"],
        "gross_fen": data["gross"],
    }


def _basis(papers: queries.Papers | queries.ContractPapers) -> dict[str, Any] | None:
    """What an invoice is compared with: the contract's number, day and gross in fen; None while none is filed."""
    if isinstance(papers, queries.ContractPapers):
        contract = papers.contract
        return {"number": contract.number, "signed_on": contract.signed_on, "gross_fen": contract.total_fen}
    if papers.filed is None:
        return None
    filed = papers.filed.contract
    return {"number": filed.number, "signed_on": filed.signed_on, "gross_fen": filed.gross_fen}


def _submit(
    ctx: Context, matter: Matter, submit: Callable[..., Invoice], data: dict[str, Any], given: Given
) -> Invoice:
    if not takes_side(ctx, SUBMIT, SUBMIT_FOR, matter):
        raise Forbidden(SUBMIT.code)
    upload = data["document"]
    if upload is None and given.document_id is None:
        raise Invalid({"document": [N_("请上传发票文件。")]})
    document_id = given.document_id if upload is None else _stored(ctx, matter, upload)
    return submit(ctx, matter.id, document_id=document_id, qr=data["qr"], read=given.read, **_printed(data))


@bp.get("/invoices/<uuid:invoice_id>")
@access(READ)
def show(invoice_id: uuid.UUID) -> str:
    """One invoice and the one thing to do with it."""
    ctx = reading()
    invoice = queries.get(ctx, invoice_id)
    checks = official.of(ctx, invoice_id)
    may_release = INVOICE.allows(invoice, "release") and ctx.may(HOLD, invoice)
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
        may_release=may_release and (not checks or checks[0].result is Official.VALID),
        must_check=may_release and bool(checks) and checks[0].result is not Official.VALID,
        may_check=invoice.state is not InvoiceState.WITHDRAWN and ctx.may(CHECK, invoice),
        checks=checks,
        people=accounts.names(ctx, [row.person_id for row in checks]),
        results=OFFICIAL,
        counts_for=queries.COUNTS_FOR,
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


@bp.route("/invoices/<uuid:invoice_id>/checks/new", methods=["GET", "POST"])
@access(CHECK)
def check(invoice_id: uuid.UUID) -> Any:
    """What the tax authority's service answered, with its day and its picture."""
    ctx = reading()
    invoice = queries.get(ctx, invoice_id)
    form = Form(OfficialForm, values={"asked_on": ctx.today.isoformat(), "result": Official.VALID.value})
    if form.submitted and form.act(lambda own, data: _check(own, invoice_id, data)):
        return done(N_("查验结果已登记。"), url_for("invoices.show", invoice_id=invoice_id))
    options = [(result.value, say(label)) for result, label in OFFICIAL.items()]
    return render("invoices/check.html", form=form, invoice=invoice, options=options), form.status


def _check(ctx: Context, invoice_id: uuid.UUID, data: dict[str, Any]) -> Any:
    upload, invoice = data["document"], queries.get(ctx, invoice_id)
    upload.stream.seek(0)  # a second try of the act reads it again
    stored = documents.store(
        ctx, upload.stream, upload.filename, "invoice_check", pilot_id=invoice.pilot_id, city=invoice.city
    )
    return official.record(
        ctx, invoice_id, asked_on=data["asked_on"], result=data["result"], document_id=stored.id, note=data["note"]
    )


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
