"""Vouchers on the screen: the enterprise's wallet, the officer's issuing, anybody's check."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, jsonify, request, url_for
from werkzeug.wrappers import Response

from marketplace.base.context import Context
from marketplace.base.ids import new_id
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.people.organisations import queries as organisations
from marketplace.pilots.members import queries as members
from marketplace.pilots.programmes import queries as pilots
from marketplace.record.documents import actions as documents
from marketplace.record.documents import queries as stored
from marketplace.record.documents.models import Document
from marketplace.shop.catalogue.states import COST_TYPES, CostType
from marketplace.shop.orders import queries as orders
from marketplace.shop.orders import story as stories
from marketplace.shop.orders.models import Order
from marketplace.shop.orders.states import MODES, OrderState
from marketplace.web.html import Form, done, render
from marketplace.web.runtime import reading
from marketplace.web.security import PUBLIC, access
from vouchers.schemes import queries as schemes
from vouchers.schemes.rules import percent
from vouchers.wallets import actions, automatic, permissions, qr, queries, verification
from vouchers.wallets.listings import VOUCHERS
from vouchers.wallets.schemas import IssueForm, ReasonForm, SheetForm, SheetIssueForm, VoucherRecallForm
from vouchers.wallets.sheets import DryRun
from vouchers.wallets.states import BALANCES, HANDOVERS, MEANINGS, MOVES, REASONED, Standing

bp = Blueprint("wallets", __name__)


TICKETS = 3
"""Up to so many vouchers are drawn as tickets; of more, those that can be used are, and the list stands below."""


@bp.get("/vouchers")
@access(permissions.READ)
def index() -> str | Response:
    """An enterprise's wallet, or an officer's list."""
    ctx = reading()
    own = ctx.actor is not None and ctx.actor.role is Role.ENTERPRISE
    if not own:
        return VOUCHERS.answer("wallets/index.html", ctx=ctx, issue_permission=permissions.ISSUE)
    few = queries.listed(ctx, limit=TICKETS)
    tickets = few.items if few.next_cursor is None else queries.listed(ctx, state=Standing.OPEN, limit=TICKETS).items
    return VOUCHERS.answer(
        "wallets/own.html",
        ctx=ctx,
        tickets=tickets,
        codes={wallet.id: qr.svg(actions.payload(ctx, wallet), label=wallet.number) for wallet in tickets},
        more=few.next_cursor is not None,
        waiting=_waiting(ctx, orders.listed(ctx, state=OrderState.DELIVERED, limit=TICKETS).items),
        usable=any(wallet.usable(ctx.today) for wallet in tickets),
        today=ctx.today,
    )


def _waiting(ctx: Context, found: Sequence[Order]) -> tuple[Order, stories.Next] | None:
    """The first of some orders with a voucher that waits for whoever looks, with what it waits for."""
    acts = ((order, stories.next_of(ctx, order)) for order in found if order.voucher_id is not None)
    return next(((order, act) for order, act in acts if act is not None), None)


@bp.get("/vouchers/<uuid:voucher_id>")
@access(permissions.READ)
def show(voucher_id: uuid.UUID) -> str:
    """One voucher: its QR, its balances, its orders, and the story of each fen."""
    return _show(voucher_id, Form(ReasonForm))[0]


def _show(voucher_id: uuid.UUID, form: Form, recalling: Form | None = None) -> tuple[str, int]:
    ctx = reading()
    wallet = queries.get(ctx, voucher_id)
    payload = actions.payload(ctx, wallet)
    spent_on = queries.spent_on(ctx, voucher_id)
    page = render(
        "wallets/show.html",
        ctx=ctx,
        form=form,
        recalling=recalling or Form(VoucherRecallForm, values={"key": str(new_id())}),
        said=queries.said(ctx, voucher_id),
        verbs=REASONED,
        wallet=wallet,
        payload=payload,
        own=ctx.actor is not None and ctx.actor.organisation_id == wallet.voucher.enterprise_id,
        waiting=_waiting(ctx, spent_on),
        orders=spent_on,
        names=organisations.names(ctx, [order.provider_id for order in spent_on]),
        category=pilots.categories(ctx, wallet.voucher.pilot_id).get(wallet.category, wallet.category),
        cost_types=[COST_TYPES[CostType(kind)] for kind in wallet.version.cost_types],
        modes=MODES,
        percent=percent,
        svg=qr.svg(payload, label=wallet.number),
        story=queries.story(ctx, voucher_id),
        balances=BALANCES,
        meanings=MEANINGS,
        moves=MOVES | HANDOVERS,
        today=ctx.today,
        may_freeze=ctx.may(permissions.RECALL, wallet.voucher),
        may_give_back=ctx.may(permissions.GIVE_BACK, wallet.voucher),
    )
    return page, (recalling or form).status


@bp.post("/vouchers/<uuid:voucher_id>/recall")
@access(permissions.RECALL)
def recall(voucher_id: uuid.UUID) -> Response | tuple[str, int]:
    """Take back what no order holds or spent, with a reason."""
    form = Form(VoucherRecallForm)
    if form.act(
        lambda ctx, data: actions.recall(
            ctx, voucher_id, amount_fen=data["amount"], reason=data["why"], key=data["key"]
        )
    ):
        return done(N_("已收回，金额退回原用途的额度。"), url_for("wallets.show", voucher_id=voucher_id))
    return _show(voucher_id, Form(ReasonForm), form)


@bp.post("/vouchers/<uuid:voucher_id>/give-back")
@access(permissions.GIVE_BACK)
def give_back(voucher_id: uuid.UUID) -> Response | tuple[str, int]:
    """Give back what the enterprise does not need, with a reason."""
    form = Form(VoucherRecallForm)
    if form.act(
        lambda ctx, data: actions.give_back(
            ctx, voucher_id, amount_fen=data["amount"], reason=data["why"], key=data["key"]
        )
    ):
        return done(N_("已退回，金额回到原用途的额度。"), url_for("wallets.show", voucher_id=voucher_id))
    return _show(voucher_id, Form(ReasonForm), form)


@bp.post("/vouchers/<uuid:voucher_id>/freeze")
@access(permissions.RECALL)
def freeze(voucher_id: uuid.UUID) -> Response | tuple[str, int]:
    """Stop a voucher, with a reason."""
    form = Form(ReasonForm)
    if form.act(lambda ctx, data: actions.freeze(ctx, voucher_id, **data)):
        return done(N_("已冻结。"), url_for("wallets.show", voucher_id=voucher_id))
    return _show(voucher_id, form)


@bp.post("/vouchers/<uuid:voucher_id>/thaw")
@access(permissions.RECALL)
def thaw(voucher_id: uuid.UUID) -> Response | tuple[str, int]:
    """Let a voucher go again, with a reason."""
    form = Form(ReasonForm)
    if form.act(lambda ctx, data: actions.thaw(ctx, voucher_id, **data)):
        return done(N_("已解冻。"), url_for("wallets.show", voucher_id=voucher_id))
    return _show(voucher_id, form)


@bp.route("/vouchers/issue/<uuid:version_id>", methods=["GET", "POST"])
@access(permissions.ISSUE)
def issue(version_id: uuid.UUID) -> str | Response | tuple[str, int]:
    """Issue one voucher to an enterprise of the pilot's list."""
    form = Form(IssueForm, values={"key": str(new_id())})
    if form.submitted and form.act(
        lambda ctx, data: actions.issue_one(
            ctx,
            version_id,
            enterprise_id=data["enterprise_id"],
            face_fen=data["face"],
            key=data["key"],
            reason=data["reason"],
        )
    ):
        return done(N_("服务券已发放。"), url_for("wallets.index"))
    return _issue_page(version_id, form=form)


def _issue_page(
    version_id: uuid.UUID, *, form: Form | None = None, sheet: Form | None = None, given: Form | None = None
) -> tuple[str, int]:
    """The three ways to issue; the one that was tried keeps what was typed, and says how it ended."""
    ctx = reading()
    version = schemes.open_version(ctx, version_id)
    chosen = organisations.many(ctx, [member.enterprise_id for member in members.enterprises(ctx, version.pilot_id)])
    page = render(
        "wallets/issue.html",
        ctx=ctx,
        form=form or Form(IssueForm, values={"key": str(new_id())}),
        sheet=sheet or Form(SheetForm),
        automatic=given or Form(SheetIssueForm, values={"reason": ""}),
        waiting=len(automatic.waiting(ctx, version)) if version.automatic_fen else 0,
        version=version,
        scheme=schemes.get(ctx, version.scheme_id),
        category=pilots.categories(ctx, version.pilot_id).get(version.category, version.category),
        percent=percent,
        line=queries.line_of(ctx, version),
        options=[(str(f.id), f"{f.name} · {f.uscc}") for f in sorted(chosen.values(), key=lambda firm: firm.name)],
    )
    tried = form or sheet or given
    return page, tried.status if tried else 200


@bp.post("/vouchers/issue/<uuid:version_id>/automatic")
@access(permissions.ISSUE)
def give_automatic(version_id: uuid.UUID) -> Response | tuple[str, int]:
    """Issue the automatic voucher now to all that wait for it."""
    form = Form(SheetIssueForm)
    if not form.act(lambda ctx, data: automatic.give(ctx, version_id, reason=data["reason"])):
        return _issue_page(version_id, given=form)
    given = form.result
    if given.left:
        message = N_("已发放 {count} 张服务券，还有 {left} 家企业未得到。")
    else:
        message = N_("已发放 {count} 张服务券。") if given.count else N_("没有等待自动额度的企业。")
    return done(message, url_for("wallets.issue", version_id=version_id), count=given.count, left=given.left)


@bp.post("/vouchers/issue/<uuid:version_id>/sheet")
@access(permissions.ISSUE)
def examine(version_id: uuid.UUID) -> str | tuple[str, int]:
    """Look at a spreadsheet: what it would issue, and what is wrong with which row."""
    sheet = Form(SheetForm)

    def look(ctx: Any, data: dict[str, Any]) -> Any:
        content, name = data["file"].read(), data["file"].filename
        run = actions.examine_sheet(ctx, version_id, data=content, filename=name)
        owner = ctx.who.organisation_id
        return run, documents.store(ctx, content, name, kind="voucher_sheet", owner_organisation_id=owner)

    if not sheet.act(look):
        return _issue_page(version_id, sheet=sheet)
    run, document = sheet.result
    return _sheet_page(version_id, run, document, Form(SheetIssueForm, values={"reason": ""}))[0]


def _sheet_page(version_id: uuid.UUID, run: DryRun, document: Document, form: Form) -> tuple[str, int]:
    ctx = reading()
    version = schemes.open_version(ctx, version_id)
    page = render(
        "wallets/sheet.html",
        ctx=ctx,
        form=form,
        version=version,
        scheme=schemes.get(ctx, version.scheme_id),
        line=queries.line_of(ctx, version),
        run=run,
        document=document,
    )
    return page, form.status


@bp.post("/vouchers/issue/<uuid:version_id>/sheet/<uuid:document_id>")
@access(permissions.ISSUE)
def issue_sheet(version_id: uuid.UUID, document_id: uuid.UUID) -> Response | tuple[str, int]:
    """Issue every row of a spreadsheet that was looked at; what it warns of stands above the field for the reason."""
    form = Form(SheetIssueForm)

    def issue_all(ctx: Context, data: dict[str, Any]) -> Any:
        document, content = _kept(ctx, document_id)
        return actions.issue_sheet(ctx, version_id, data=content, filename=document.name, reason=data["reason"])

    if not form.act(issue_all):
        ctx = reading()
        document, content = _kept(ctx, document_id)
        run = actions.examine_sheet(ctx, version_id, data=content, filename=document.name)
        return _sheet_page(version_id, run, document, form)
    message = N_("该文件此前已发放，未重复发放。") if form.result.replayed else N_("已发放 {count} 张服务券。")
    return done(message, url_for("wallets.index"), count=len(form.result.commitment_ids))


def _kept(ctx: Context, document_id: uuid.UUID) -> tuple[Document, bytes]:
    document = stored.get(ctx, document_id)
    with documents.open_file(ctx, document.id)[1] as file:
        return document, file.read()


@bp.get("/vouchers/verify")
@access(PUBLIC)
def verify() -> str:
    """Anybody checks a QR's text or a number."""
    ctx = reading()
    text = request.args.get("text", "").strip()[:2000]
    said = verification.examine(ctx, text) if text else None
    return render("wallets/verify.html", ctx=ctx, text=text, said=said, today=ctx.today)


@bp.get("/.well-known/voucher-keys.json")
@access(PUBLIC)
def voucher_keys() -> Response:
    """The public keys with which a voucher's QR is checked offline."""
    found = verification.keys(reading())
    return jsonify({"keys": [{"id": name, "algorithm": "Ed25519", "public": key.hex()} for name, key in found.items()]})
