"""Pages: ordering, the orders of either side, and every step of one order."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from flask import Blueprint, abort, request, url_for
from werkzeug.wrappers import Response

from marketplace.base import idempotency
from marketplace.base.context import Context
from marketplace.base.errors import Invalid, Refusal
from marketplace.base.ids import new_id
from marketplace.base.roles import Role
from marketplace.base.text import N_, Bilingual, Text
from marketplace.people.organisations import queries as organisations
from marketplace.pilots.programmes import queries as pilots
from marketplace.record.documents import actions as documents
from marketplace.shop.catalogue import queries as catalogue
from marketplace.shop.catalogue.ports import Panel
from marketplace.shop.catalogue.queries import Offer
from marketplace.shop.catalogue.states import COST_TYPES, CostType, ListingState
from marketplace.shop.orders import actions, queries, story
from marketplace.shop.orders.listings import ORDERS
from marketplace.shop.orders.models import Contract, Delivery, Order, OrderLine
from marketplace.shop.orders.permissions import CONFIRM, FULFIL, PLACE, READ, RULE
from marketplace.shop.orders.ports import ORDER_PANELS, VOUCHER_CHOICES
from marketplace.shop.orders.rules import MAX_MILESTONES
from marketplace.shop.orders.schemas import (
    MAX_LINES,
    ContractForm,
    DeliveryForm,
    OrderReasonSchema,
    RulingForm,
    order_form,
    replacement_form,
)
from marketplace.shop.orders.states import CONSENTS, MODES, WAYS, WHO_PAYS, Mode, OrderState
from marketplace.shop.roster import queries as roster
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import moment, say
from marketplace.web.nav import Task
from marketplace.web.runtime import act, reading
from marketplace.web.security import access

bp = Blueprint("orders", __name__, url_prefix="/orders")


@bp.get("")
@access(READ)
def index() -> str | Response:
    return ORDERS.answer("orders/index.html")


# ---------------------------------------------------------------- ordering


def order_panel(ctx: Context, offer: Offer) -> Panel | None:
    """The order form on a product's page, for an enterprise that may order; an invitation for a visitor."""
    if offer.listing.state is not ListingState.LISTED:
        return None
    if ctx.actor is None:
        return Panel("orders/invitation.html", {"listing_id": offer.listing.id})
    if not ctx.may(PLACE):
        return None
    return Panel("orders/form.html", _order_values(ctx, offer, Form(_order_schema(offer), values=_fresh(offer))))


def _fresh(offer: Offer) -> dict[str, Any]:
    return {"once": str(new_id()), **{f"quantity{p.position}": "0" for p in offer.packages}, "quantity1": "1"}


def _order_schema(offer: Offer) -> Any:
    return order_form([package.position for package in offer.packages])


def _order_values(ctx: Context, offer: Offer, form: Form) -> dict[str, Any]:
    organisation_id = catalogue.acting_organisation(ctx)
    vouchers = [choice for source in ctx.house.all(VOUCHER_CHOICES) for choice in source(ctx, offer)]
    places = queries.places_to_order(ctx, organisation_id, offer)
    form.values.setdefault("voucher_id", str(vouchers[0]["id"]) if vouchers else "")
    fits = [{"value": str(v["id"]), "title": say(v["label"]), "text": say(WHO_PAYS[v["mode"]])} for v in vouchers]
    without = {"value": "", "title": say(N_("不使用服务券")), "text": say(N_("全部由企业自付。"))}
    return {
        "form": form,
        "offer": offer,
        "blocked": _blocked(ctx, organisation_id, offer, places),
        "vouchers": vouchers,
        "voucher_options": [*fits, without],
        "pilots": places,
        "pilot_options": [(str(pilot_id), name) for pilot_id, name in places.items()],
        "cost_types": COST_TYPES,
    }


def _blocked(ctx: Context, organisation_id: uuid.UUID, offer: Offer, places: dict[uuid.UUID, str]) -> Text | str | None:
    """Why this enterprise cannot order this product, in words, or None."""
    if offer.listing.provider_id == organisation_id:
        return N_("这是贵单位自己的产品，不能向自己下单（二(四)）。")
    if not places:
        return N_("贵企业尚未列入该市试点的改造名单；请先联系所在县区或开发区的试点办公室（二(一)）。")
    try:
        roster.require_active(ctx, offer.listing.provider_id, offer.listing.city)
    except Refusal as refusal:
        return refusal.text
    return None


@bp.route("/new/<uuid:listing_id>", methods=["GET", "POST"])
@access(PLACE)
def new(listing_id: uuid.UUID) -> Any:
    """The same form on a page of its own: where it comes back to when something is wrong."""
    offer = catalogue.offer(reading(), listing_id)
    form = Form(_order_schema(offer), values=_fresh(offer))
    if form.submitted and form.act(lambda ctx, data: _place(ctx, listing_id, data)):
        return done(N_("订单已提交，等待服务商接单。"), url_for("orders.show", order_id=form.result))
    ctx = reading()
    return render("orders/new.html", ctx=ctx, panel=_order_values(ctx, offer, form)), form.status


def _place(ctx: Context, listing_id: uuid.UUID, data: dict[str, Any]) -> uuid.UUID:
    """Place the order once, however often the same form is sent."""
    organisation_id = catalogue.acting_organisation(ctx)
    once = idempotency.Request(
        str(organisation_id), f"order-form:{data['once']}", idempotency.digest("FORM", str(listing_id), data)
    )
    earlier = idempotency.find(ctx, once)
    if earlier is not None:
        return uuid.UUID(earlier.body["id"])
    offer = catalogue.offer(ctx, listing_id)
    chosen = [(p.id, data[f"quantity{p.position}"]) for p in offer.packages if data[f"quantity{p.position}"]]
    pilot_id, mode = _terms_of(ctx, organisation_id, offer, data)
    order = actions.place(
        ctx,
        listing_id=listing_id,
        packages=chosen,
        pilot_id=pilot_id,
        mode=mode,
        voucher_id=data["voucher_id"],
        reason=data["reason"],
    )
    idempotency.keep(ctx, once, 201, {"id": str(order.id)})
    return order.id


def _terms_of(ctx: Context, organisation_id: uuid.UUID, offer: Offer, data: dict[str, Any]) -> tuple[uuid.UUID, Mode]:
    """The voucher's pilot and mode of payment; without one the chosen pilot, or the only one."""
    for source in ctx.house.all(VOUCHER_CHOICES):
        for choice in source(ctx, offer):
            if choice["id"] == data["voucher_id"]:
                return choice["pilot_id"], choice["mode"]
    places = queries.places_to_order(ctx, organisation_id, offer)
    if data["pilot_id"]:
        return data["pilot_id"], Mode.DIRECT
    if len(places) != 1:
        raise Invalid({"pilot_id": [N_("请选择所属试点。") if places else N_("您尚未列入该市任何试点的改造名单。")]})
    return next(iter(places)), Mode.DIRECT


# ---------------------------------------------------------------- one order


@bp.get("/<uuid:order_id>")
@access(READ)
def show(order_id: uuid.UUID) -> str:
    """Everything about one order, and exactly the next thing for whoever looks."""
    ctx = reading()
    order = queries.get(ctx, order_id)
    filed = queries.contract(ctx, order_id)
    consents = queries.consents(ctx, order_id)
    names = organisations.names(ctx, [order.enterprise_id, order.provider_id])
    panels = [panel for source in ctx.house.all(ORDER_PANELS) if (panel := source(ctx, order)) is not None]
    told = story.steps(ctx, order, contract=filed.contract if filed else None, consents=consents, names=names)
    return render(
        "orders/show.html",
        ctx=ctx,
        order=order,
        lines=queries.lines(ctx, order_id),
        filed=filed,
        deliveries=queries.deliveries(ctx, order_id),
        milestones=queries.milestones(ctx, order_id),
        consents=consents,
        names=names,
        pilot_name=pilots.names(ctx, [order.pilot_id]).get(order.pilot_id, ""),
        category=_category(ctx, order),
        panels=panels,
        next=story.next_of(ctx, order),
        waiting=story.waiting_for(order),
        again=story.may_order_again(ctx, order),
        replaceable=story.may_replace(ctx, order),
        ways=story.other_ways(ctx, order),
        steps=[{"label": say(s.label), "state": s.state, "at": moment(s.at), "who": say(s.who)} for s in told],
        station=next((step.label for step in told if step.state == "now"), None),
        complete=all(step.state == "done" for step in told),
        plain=_plain,
        price=_price,
        who_pays=WHO_PAYS,
        cost_types=COST_TYPES,
        modes=MODES,
        consent_labels=CONSENTS,
        way_labels=WAYS,
    )


def _plain(quantity: Decimal) -> str:
    return format(quantity.normalize(), "f")


def _price(yuan: Decimal) -> str:
    """A unit price as it was agreed, with all its places and two at least: ¥1,234.50, ¥0.0125."""
    places = max(2, -int(yuan.normalize().as_tuple().exponent))
    return f"¥{yuan:,.{places}f}"


def _category(ctx: Context, order: Order) -> Text | str:
    kind = pilots.book(ctx, order.pilot_id).types.get(pilots.read(ctx, order.pilot_id).type)
    found = kind.categories.get(order.category) if kind else None
    return Bilingual(found.name_zh, {}, found.name_en) if found else order.category


@bp.post("/<uuid:order_id>/accept")
@access(FULFIL)
def accept(order_id: uuid.UUID) -> Response:
    act(lambda ctx: actions.accept(ctx, order_id))
    return done(N_("已接单。请与企业签订合同后备案。"), url_for("orders.show", order_id=order_id))


@bp.post("/<uuid:order_id>/confirm")
@access(CONFIRM)
def confirm(order_id: uuid.UUID) -> Response:
    act(lambda ctx: actions.confirm(ctx, order_id))
    return done(N_("已确认交付。"), url_for("orders.show", order_id=order_id))


@bp.route("/<uuid:order_id>/contract", methods=["GET", "POST"])
@access(FULFIL)
def contract(order_id: uuid.UUID) -> Any:
    ctx = reading()
    order = queries.get(ctx, order_id)
    ordered = queries.lines(ctx, order_id)
    form = Form(ContractForm, values=_prefilled(ordered), live=True)
    if form.submitted and form.act(lambda own, data: _file(own, order_id, data)):
        return done(N_("合同已备案。"), url_for("orders.show", order_id=order_id))
    ctx = reading()
    filled = [n for n in range(1, MAX_LINES + 1) if n <= len(ordered) or form.values.get(f"line{n}_name")]
    page = render(
        "orders/contract.html",
        ctx=ctx,
        form=form,
        order=order,
        filled=filled,
        spare=[n for n in range(1, MAX_LINES + 1) if n not in filled],
        limits=_by_kind(ordered),
        stages=MAX_MILESTONES,
        staged=any(form.values.get(f"stage{n}_{field}") for n in range(1, MAX_MILESTONES + 1) for field in _STAGE),
        period=pilots.period(ctx, order.pilot_id),
        cost_types=COST_TYPES,
        cost_choices=[(c.value, say(label)) for c, label in COST_TYPES.items()],
    )
    return page, form.status


_STAGE = ("name", "gross")


def _by_kind(ordered: Sequence[OrderLine]) -> dict[CostType, int]:
    """What an order comes to by kind of cost, in fen."""
    sums: dict[CostType, int] = {}
    for line in ordered:
        sums[line.cost_type] = sums.get(line.cost_type, 0) + line.amount_fen
    return sums


def _prefilled(ordered: Any) -> dict[str, Any]:
    """The order's lines as a proposal for the contract's."""
    values: dict[str, Any] = {}
    for number, line in enumerate(list(ordered)[:MAX_LINES], start=1):
        values |= {
            f"line{number}_name": line.name,
            f"line{number}_cost_type": line.cost_type,
            f"line{number}_quantity": str(line.quantity),
            f"line{number}_unit_price": _yuan(line.unit_price_fen),
            f"line{number}_gross": _yuan(line.amount_fen),
        }
    return values


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _file(ctx: Context, order_id: uuid.UUID, data: dict[str, Any]) -> Contract:
    order = queries.lock(ctx, order_id)
    ctx.require(FULFIL, order)
    upload = data["document"]
    upload.stream.seek(0)  # a second try of the act reads it again
    document = documents.store(
        ctx, upload.stream, upload.filename, "contract", pilot_id=order.pilot_id, city=order.city
    )
    return actions.file_contract(
        ctx,
        order_id,
        number=data["number"],
        signed_on=data["signed_on"],
        document_id=document.id,
        lines=data["lines"],
        milestones=data["milestones"],
    )


@bp.route("/<uuid:order_id>/deliver", methods=["GET", "POST"])
@access(FULFIL)
def deliver(order_id: uuid.UUID) -> Any:
    order = queries.get(reading(), order_id)
    form = Form(DeliveryForm)
    if form.submitted and form.act(lambda own, data: _deliver(own, order_id, data)):
        return done(N_("已提交交付，等待企业确认。"), url_for("orders.show", order_id=order_id))
    filed = queries.contract(reading(), order_id)
    stages = queries.milestones(reading(), order_id)
    return render(
        "orders/deliver.html", form=form, order=order, filed=filed, milestones=stages, plain=_plain
    ), form.status


def _deliver(ctx: Context, order_id: uuid.UUID, data: dict[str, Any]) -> Delivery:
    order = queries.lock(ctx, order_id)
    ctx.require(FULFIL, order)
    upload, document_id = data["document"], None
    if upload is not None:
        upload.stream.seek(0)
        stored = documents.store(
            ctx, upload.stream, upload.filename, "delivery", pilot_id=order.pilot_id, city=order.city
        )
        document_id = stored.id
    return actions.deliver(ctx, order_id, text=data["text"], document_id=document_id)


_REASONED: dict[str, tuple[Callable[..., Order], str, str, str]] = {
    "decline": (actions.decline, N_("不接此单"), N_("已告知企业。"), N_("占用的券额会退回给企业。")),
    "cancel": (actions.cancel, N_("取消订单"), N_("订单已取消。"), N_("占用的券额会退回。")),
    "reject_delivery": (
        actions.reject_delivery,
        N_("退回交付"),
        N_("已退回，请服务商重新交付。"),
        N_("请写明哪些内容与约定不符。"),
    ),
    "dispute": (
        actions.dispute,
        N_("这不是我的订单"),
        N_("已提出异议，资金已冻结。"),
        N_("提出后资金立即冻结，由设区市工信局核实裁定；补贴付款后不能再提出。"),
    ),
}


@bp.route("/<uuid:order_id>/why/<verb>", methods=["GET", "POST"])
@access(FULFIL, CONFIRM)
def why(order_id: uuid.UUID, verb: str) -> Any:
    """Acts that need a reason: decline, cancel, send a delivery back, dispute."""
    if verb not in _REASONED:
        abort(404)
    action, title, message, hint = _REASONED[verb]
    order = queries.get(reading(), order_id)
    form = Form(OrderReasonSchema)
    if form.submitted and form.act(lambda ctx, data: action(ctx, order_id, reason=data["reason"])):
        return done(message, url_for("orders.show", order_id=order_id))
    return render("orders/why.html", form=form, order=order, title=title, hint=hint), form.status


@bp.route("/<uuid:order_id>/replace", methods=["GET", "POST"])
@access(CONFIRM)
def replace(order_id: uuid.UUID) -> Any:
    """The provider failed: choose another one's product (`listing` in the address), then how many and why."""
    ctx = reading()
    order = queries.get(ctx, order_id)
    ctx.require(CONFIRM, order)
    names = organisations.names(ctx, [order.provider_id])
    head = {"order": order, "provider": names.get(order.provider_id, ""), "able": queries.able(ctx, order)}
    wanted = request.args.get("listing", type=uuid.UUID)
    if wanted is None:
        found = queries.replacements(ctx, order)
        editions = catalogue.editions_of(ctx, found)
        return render("orders/replace.html", ctx=ctx, offer=None, listings=found, editions=editions, **head)
    offer = catalogue.offer(ctx, wanted)
    positions = [package.position for package in offer.packages]
    form = Form(replacement_form(positions), values={f"quantity{place}": "0" for place in positions})
    if form.submitted and form.act(lambda own, data: _replace(own, order_id, wanted, data)):
        return done(N_("已更换服务商，锁定的券额已转给新订单。"), url_for("orders.show", order_id=form.result))
    return render(
        "orders/replace.html", ctx=reading(), offer=offer, form=form, cost_types=COST_TYPES, **head
    ), form.status


def _replace(ctx: Context, order_id: uuid.UUID, listing_id: uuid.UUID, data: dict[str, Any]) -> uuid.UUID:
    packages = catalogue.offer(ctx, listing_id).packages
    chosen = [(p.id, data[f"quantity{p.position}"]) for p in packages if data[f"quantity{p.position}"]]
    return actions.replace(ctx, order_id, listing_id=listing_id, packages=chosen, reason=data["why"]).id


@bp.route("/<uuid:order_id>/rule", methods=["GET", "POST"])
@access(RULE)
def rule(order_id: uuid.UUID) -> Any:
    order = queries.get(reading(), order_id)
    form = Form(RulingForm)
    if form.submitted and form.act(
        lambda ctx, data: actions.rule_dispute(ctx, order_id, upheld=data["ruling"] == "uphold", reason=data["reason"])
    ):
        return done(N_("已裁定。"), url_for("orders.show", order_id=order_id))
    return render("orders/rule.html", form=form, order=order), form.status


_TASKS: dict[Role, list[tuple[OrderState, str, str]]] = {
    Role.PROVIDER: [
        (OrderState.PLACED, N_("{count} 个订单待接单"), "warn"),
        (OrderState.ACCEPTED, N_("{count} 个订单待备案合同"), "warn"),
        (OrderState.CONTRACTED, N_("{count} 个订单实施中，待交付"), "info"),
    ],
    Role.ENTERPRISE: [(OrderState.DELIVERED, N_("{count} 个订单已交付，请您确认"), "warn")],
    Role.CITY: [(OrderState.DISPUTED, N_("{count} 个订单争议待裁定"), "danger")],
}


def tasks(ctx: Context) -> list[Task]:
    """Orders that wait for this person."""
    role = ctx.actor.role if ctx.actor else None
    wanted = _TASKS.get(role, []) if role else []
    if not wanted:
        return []
    own = {Role.PROVIDER: Order.provider_id, Role.ENTERPRISE: Order.enterprise_id}.get(role) if role else None
    counts = queries.counts(ctx, own)
    return [
        Task(Text(text, {"count": counts[state]}), url_for("orders.index", state=state.value), tone=tone)
        for state, text, tone in wanted
        if counts.get(state)
    ]
