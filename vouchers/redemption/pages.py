"""Redeeming with two telephones: the enterprise's shows a code, the provider's reads it."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace.base.context import Context
from marketplace.base.money import Yuan
from marketplace.base.text import N_
from marketplace.people.organisations import queries as organisations
from marketplace.shop.orders import queries as orders
from marketplace.shop.orders.models import Order
from marketplace.shop.orders.permissions import CONFIRM, FULFIL
from marketplace.shop.orders.ports import Panel
from marketplace.shop.orders.states import OrderState
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import say
from marketplace.web.runtime import act, reading
from marketplace.web.security import access
from vouchers.redemption import actions, pictures, queries, rules
from vouchers.redemption.queries import Redeemed
from vouchers.redemption.schemas import PhotoForm, TextForm
from vouchers.wallets import qr, verification

bp = Blueprint("redemption", __name__, url_prefix="/redemption")


# ---- the enterprise's telephone


@bp.get("/orders/<uuid:order_id>")
@access(CONFIRM)
def show(order_id: uuid.UUID) -> str:
    """What is about to be redeemed, for whom, and the code while it lives."""
    ctx = reading()
    order = orders.get(ctx, order_id)
    code = queries.live(ctx, order)
    left = max(1, round((code.ends_at - ctx.now).total_seconds())) if code else 0
    return render(
        "redemption/show.html",
        ctx=ctx,
        order=order,
        code=code,
        left=left,
        life=int(rules.LIFE.total_seconds()),
        svg=qr.svg(rules.qr_text(code.code), label=code.spoken) if code else None,
        over=code is None and queries.over(ctx, order),
        waits=order.state is OrderState.DELIVERED and order.voucher_id is not None,
        confirmed=order.state is OrderState.CONFIRMED,
        last_fen=orders.last_redeemed_fen(ctx, order),
        names=organisations.names(ctx, [order.provider_id]),
    )


@bp.post("/orders/<uuid:order_id>")
@access(CONFIRM)
def make(order_id: uuid.UUID) -> Response:
    """Make a code, and show it."""
    act(lambda ctx: actions.make(ctx, order_id))
    return redirect(url_for("redemption.show", order_id=order_id), code=303)


@bp.get("/orders/<uuid:order_id>/live")
@access(CONFIRM)
def live(order_id: uuid.UUID) -> Response:
    """Asked by the page that shows a code: whether something else stands there now."""
    ctx = reading()
    code = queries.live(ctx, orders.get(ctx, order_id))
    response = Response(status=204)
    if code is None or str(code.nonce) != request.args.get("shown"):
        response.headers["HX-Refresh"] = "true"
    return response


# ---- the provider's telephone


@bp.route("/scan", methods=["GET", "POST"])
@access(FULFIL)
def scan() -> Any:
    """Scan with the camera, or type what stands under the QR."""
    form = Form(TextForm)
    if form.submitted and (data := form.load()) is not None:
        answer = _answer(form, data["text"])
        if answer is not None:
            return answer
    return _scan_page(form, Form(PhotoForm), form.status)


@bp.post("/photo")
@access(FULFIL)
def photo() -> Any:
    """The same with a photograph, where the page may not use the camera."""
    picture = Form(PhotoForm)

    def look(ctx: Context, data: dict[str, Any]) -> str | None:
        actions.frame(ctx)
        data["photo"].stream.seek(0)
        return pictures.read(data["photo"].stream.read(pictures.MAX_PHOTO + 1), limit=pictures.MAX_PHOTO)

    form = Form(TextForm)
    if picture.act(look):
        if picture.result is not None:
            form.values = {"text": picture.result[:2000]}
            answer = _answer(form, picture.result[:2000])
            if answer is not None:
                return answer
        else:
            picture.status = 422
            picture.errors["photo"] = [say(N_("图片里没有找到二维码。请对准、拍清楚，或改为输入数字。"))]
    return _scan_page(form, picture, max(form.status, picture.status))


def _answer(form: Form, text: str) -> Response | None:
    """Use a code, or show the orders behind a voucher; None where the form now says what is wrong."""
    if rules.as_code(text) is None:
        return redirect(url_for("redemption.voucher", text=text), code=303)
    address = request.remote_addr or ""
    if form.act(lambda ctx, _: actions.count(ctx, address)) and form.act(
        lambda ctx, _: actions.use(ctx, text, address)
    ):
        redeemed: Redeemed = form.result
        order = redeemed.order
        return done(
            N_("核销成功：{amount}，订单 {number}。"),
            url_for("orders.show", order_id=order.id),
            amount=Yuan(redeemed.amount_fen),
            number=order.number,
        )
    return None


def _scan_page(form: Form, picture: Form, status: int) -> tuple[str, int, dict[str, str]]:
    ctx = reading()
    found = queries.waiting(ctx)
    page = render(
        "redemption/scan.html",
        ctx=ctx,
        form=form,
        picture=picture,
        waiting=found,
        names=organisations.names(ctx, [order.enterprise_id for order in found]),
    )
    return page, status, {"Permissions-Policy": "camera=(self)"}


@bp.post("/frames")
@access(FULFIL)
def frame() -> Response:
    """One picture of the camera, as the page sends it: what QR is on it, if any. Nothing is kept, nothing is spent."""
    act(actions.frame)
    text = pictures.read(request.stream.read(pictures.MAX_FRAME + 1), limit=pictures.MAX_FRAME)
    if text is None:
        return jsonify({"found": "nothing"})
    if (code := rules.as_code(text)) is not None:
        return jsonify({"found": "code", "text": code})
    if text.startswith(qr.PREFIX + "."):
        return jsonify({"found": "voucher", "url": url_for("redemption.voucher", text=text[:2000])})
    return jsonify({"found": "other"})


@bp.get("/voucher")
@access(FULFIL)
def voucher() -> str:
    """A voucher that was scanned: whether it is real, and this provider's orders with it."""
    ctx = reading()
    text = request.args.get("text", "").strip()[:2000]
    said = verification.examine(ctx, text)
    return render(
        "redemption/voucher.html",
        ctx=ctx,
        said=said,
        today=ctx.today,
        orders=queries.on_voucher(ctx, said.number.replace("-", "")) if said.genuine and said.number else [],
        form=Form(TextForm),
    )


@bp.post("/orders/<uuid:order_id>/request")
@access(FULFIL)
def ask(order_id: uuid.UUID) -> Response:
    """Ask the enterprise to confirm on its own device."""
    act(lambda ctx: actions.ask(ctx, order_id))
    return done(N_("已请企业在自己的手机上确认。"), url_for("orders.show", order_id=order_id))


_AHEAD = (OrderState.ACCEPTED, OrderState.CONTRACTED, OrderState.DELIVERED)


def panel(ctx: Context, order: Order) -> Panel | None:
    """On an order with a voucher: the way to the code, for each side its own; before the delivery the provider may
    look whether the voucher is real."""
    if order.voucher_id is None:
        return None
    shows = order.state in (OrderState.DELIVERED, OrderState.CONFIRMED) and ctx.may(CONFIRM, order)
    reads = order.state in _AHEAD and ctx.may(FULFIL, order)
    if not shows and not reads:
        return None
    return Panel(
        "redemption/on_order.html",
        {
            "shows": shows,
            "waits": order.state is OrderState.DELIVERED,
            "number": queries.number_of(ctx, order.voucher_id) if reads else None,
        },
    )
