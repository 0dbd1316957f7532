"""Placing an order, and everything that ends one before it is delivered."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from marketplace.base.context import Context
from marketplace.base.errors import Invalid, Refusal
from marketplace.base.ids import random_number
from marketplace.base.money import MAX_FEN
from marketplace.base.text import N_
from marketplace.people.organisations import queries as organisations
from marketplace.pilots.members import queries as members
from marketplace.pilots.programmes import queries as pilots
from marketplace.policy.sanctions import queries as sanctions
from marketplace.policy.sanctions.states import Subject
from marketplace.record.audit import actions as audit
from marketplace.shop.catalogue import queries as catalogue
from marketplace.shop.catalogue.states import ListingState
from marketplace.shop.orders import permissions, queries, rules
from marketplace.shop.orders.events import (
    ConsentGiven,
    CostLine,
    DisputeDismissed,
    DisputeUpheld,
    OrderDisputed,
    OrderEnded,
    OrderPlaced,
)
from marketplace.shop.orders.models import Consent, Order, OrderLine
from marketplace.shop.orders.states import ORDER, OWN_DEVICE, ConsentStep, Mode, OrderState
from marketplace.shop.roster import queries as roster


def place(
    ctx: Context,
    *,
    listing_id: uuid.UUID,
    packages: Sequence[tuple[uuid.UUID, int]],
    pilot_id: uuid.UUID,
    voucher_id: uuid.UUID | None = None,
    mode: Mode = Mode.DIRECT,
    reason: str = "",
    replaces: uuid.UUID | None = None,
) -> Order:
    """Order packages of a listed product, with or without a voucher, as the enterprise acted for.

    Refuses unless the enterprise is confirmed and a live member of the pilot (二(一)), the provider is active on the
    city's roster (二(四)), neither is banned, and they are two different organisations. A voucher's subsidy is
    computed and set aside in the same transaction by whoever hears `OrderPlaced`, and may warn: then a `reason` is due.
    `replaces` is the order whose set-aside money `replace` hands over.
    """
    ctx.require(permissions.PLACE)
    enterprise = organisations.require_confirmed(ctx, catalogue.acting_organisation(ctx))
    offer = catalogue.offer(ctx, listing_id)
    pilot = pilots.require_running(ctx, pilot_id)
    members.require_live(ctx, enterprise.id, pilot.id)
    if offer.listing.state is not ListingState.LISTED or offer.listing.city != pilot.city:
        raise Refusal("listing.not_available", N_("该产品未在试点所在城市上架。"), clause="二(四)")
    if offer.listing.provider_id == enterprise.id:
        raise Refusal("party.same", N_("企业不能向自己下单：服务商与企业是同一主体。"), clause="二(四)")
    roster.require_active(ctx, offer.listing.provider_id, pilot.city)
    _refuse_banned(ctx, enterprise.id, offer.listing.provider_id)
    category = offer.listing.categories.get(pilot.type)
    if category is None:
        raise Refusal(
            "category.not_for_pilot_type",
            N_("该产品没有适用于本试点类型的资金用途类别。"),
            clause="四(二)",
        )
    order_lines = _lines(offer, packages)
    total = sum(line.amount_fen for line in order_lines)
    if total > MAX_FEN:
        raise Refusal("money.too_large", N_("金额超出系统上限。"), field="packages")
    order = ctx.add(
        Order(
            number="O" + random_number(9),
            enterprise_id=enterprise.id,
            provider_id=offer.listing.provider_id,
            pilot_id=pilot.id,
            city=pilot.city,
            listing_id=offer.listing.id,
            edition_id=offer.edition.id,
            title=offer.edition.name,
            category=category,
            mode=mode,
            total_fen=total,
            voucher_id=None,
            subsidy_fen=0,
            state=OrderState.PLACED,
            state_since=ctx.now,
        )
    )
    ctx.session.flush()
    for line in order_lines:
        line.order_id = order.id
        ctx.add(line)
    consent(ctx, order, ConsentStep.ORDER)
    audit.record(ctx, "order.placed", order, number=order.number, total_fen=total, voucher_id=voucher_id)
    ctx.announce(
        OrderPlaced(
            order.id, order.enterprise_id, order.provider_id, order.pilot_id, order.city, category, mode, voucher_id,
            total, tuple(CostLine(x.name, x.cost_type, x.amount_fen, x.amount_fen) for x in order_lines), reason,
            replaces,
        )
    )  # fmt: skip
    return order


def _refuse_banned(ctx: Context, *organisation_ids: uuid.UUID) -> None:
    for ban in sanctions.active_among(ctx, Subject.ORGANISATION, organisation_ids, ctx.today).values():
        raise Refusal(
            "sanction.active",
            N_("订单一方在禁入期内（至 {until}），不能下单。"),
            clause=ban.clause,
            until=ban.until_day,
        )


def _lines(offer: catalogue.Offer, packages: Sequence[tuple[uuid.UUID, int]]) -> list[OrderLine]:
    """Order lines at the edition's prices."""
    priced = {package.id: package for package in offer.packages}
    made: dict[uuid.UUID, OrderLine] = {}
    for package_id, quantity in packages:
        package = priced.get(package_id)
        if package is None or package_id in made or not 1 <= quantity <= rules.MAX_QUANTITY:
            raise Invalid({"packages": [N_("请从该产品的报价中选择，数量为 1 至 10000。")]})
        made[package_id] = OrderLine(
            package_id=package.id,
            name=package.name,
            cost_type=package.cost_type,
            quantity=quantity,
            unit_price_fen=package.price_fen,
            amount_fen=quantity * package.price_fen,
        )
    if not made:
        raise Invalid({"packages": [N_("请至少选择一个报价。")]})
    return list(made.values())


def set_subsidy(
    ctx: Context, order_id: uuid.UUID, *, voucher_id: uuid.UUID, reservation_id: uuid.UUID, amount_fen: int
) -> None:
    """Write what a voucher sets aside for an order (fen); the wallets call this within the order's own act."""
    order = ctx.session.get_one(Order, order_id)
    order.voucher_id, order.reservation_id, order.subsidy_fen = voucher_id, reservation_id, amount_fen
    ctx.session.flush()


def consent(
    ctx: Context,
    order: Order,
    step: ConsentStep,
    *,
    person_id: uuid.UUID | None = None,
    assignment_id: uuid.UUID | None = None,
    way: str = OWN_DEVICE,
) -> Consent:
    """Record that the enterprise agreed at a step, by whom (whoever acts, unless named), and how (`states.WAYS`)."""
    if person_id is None:
        person_id, assignment_id = ctx.who.person_id, ctx.who.assignment_id
    row = ctx.add(Consent(order_id=order.id, step=step, person_id=person_id, assignment_id=assignment_id, way=way))
    ctx.session.flush()
    ctx.announce(ConsentGiven(order.id, step, row.person_id))
    return row


def cancel(ctx: Context, order_id: uuid.UUID, *, reason: str) -> Order:
    """The enterprise gives an order up before a contract is filed; what was set aside is free again."""
    order = queries.lock(ctx, order_id)
    ctx.require(permissions.CONFIRM, order)
    return _end(ctx, order, "cancel", "order.cancelled", reason)


def decline(ctx: Context, order_id: uuid.UUID, *, reason: str) -> Order:
    """The provider does not take the order; what was set aside is free again."""
    order = queries.lock(ctx, order_id)
    ctx.require(permissions.FULFIL, order)
    return _end(ctx, order, "decline", "order.declined", reason)


def replace(
    ctx: Context,
    order_id: uuid.UUID,
    *,
    listing_id: uuid.UUID,
    packages: Sequence[tuple[uuid.UUID, int]],
    reason: str,
) -> Order:
    """The provider failed: the enterprise orders from another one, and what was set aside goes over to that order.

    Only of an order with a voucher that is not delivered yet, and only when its provider may take nothing new in the
    city or is banned (二(四)): else `order.provider_able`. The same provider again is `order.same_provider`. The old
    order ends with the reason; answers with the new one.
    """
    order = queries.lock(ctx, order_id)
    ctx.require(permissions.CONFIRM, order)
    if not reason.strip():
        raise Invalid({"reason": [N_("请写明理由。")]})
    ORDER.move(order, "replace")
    if order.voucher_id is None:
        raise Refusal("order.without_voucher", N_("该订单没有使用服务券，取消后另行下单即可。"))
    if order.part > 1:
        raise Refusal(
            "order.partly_confirmed",
            N_("该订单已有阶段确认核销，不能直接更换服务商。请提出异议，由设区市裁定后退回未付金额，再另行下单。"),
            clause="二(四)",
        )
    if queries.able(ctx, order):
        raise Refusal("order.provider_able", N_("该服务商仍在名录内，可以继续履约，不能更换。"), clause="二(四)")
    if catalogue.offer(ctx, listing_id).listing.provider_id == order.provider_id:
        raise Refusal("order.same_provider", N_("请选择另一家服务商的产品。"), field="listing_id")
    made = place(
        ctx,
        listing_id=listing_id,
        packages=packages,
        pilot_id=order.pilot_id,
        voucher_id=order.voucher_id,
        mode=order.mode,
        replaces=order.id,
    )
    order.state_since, order.note = ctx.now, reason.strip()
    ctx.session.flush()
    audit.record(ctx, "order.replaced", order, reason=order.note, order_id=made.id)
    ctx.announce(OrderEnded(order.id, order.voucher_id, order.note))
    return made


def _end(ctx: Context, order: Order, move: str, verb: str, reason: str) -> Order:
    if not reason.strip():
        raise Invalid({"reason": [N_("请写明理由。")]})
    ORDER.move(order, move)
    order.state_since, order.note, order.disputed_in = ctx.now, reason.strip(), None
    ctx.session.flush()
    audit.record(ctx, verb, order, reason=order.note)
    upheld = move == "uphold"
    if upheld:
        ctx.announce(DisputeUpheld(order.id, order.voucher_id, order.note))
    ctx.announce(OrderEnded(order.id, order.voucher_id, order.note, upheld))
    return order


def dispute(ctx: Context, order_id: uuid.UUID, *, reason: str) -> Order:
    """The enterprise says it did not ask for this, or did not get it: the money is frozen at once.

    Also after its confirmation, until the subsidy is paid: then `order.subsidy_paid`, and recovery is the way (六(二)).
    """
    order = queries.lock(ctx, order_id)
    ctx.require(permissions.CONFIRM, order)
    if not reason.strip():
        raise Invalid({"reason": [N_("请写明理由。")]})
    stopped = order.state
    ORDER.move(order, "dispute")
    order.state_since, order.note, order.disputed_in = ctx.now, reason.strip(), stopped
    ctx.session.flush()
    audit.record(ctx, "order.disputed", order, reason=order.note)
    ctx.announce(OrderDisputed(order.id, order.voucher_id, order.enterprise_id, order.note))
    return order


def rule_dispute(ctx: Context, order_id: uuid.UUID, *, upheld: bool, reason: str) -> Order:
    """The city rules on a dispute, and what follows happens in the same transaction.

    Upheld ends the order and the claim on it: what was set aside or redeemed is the voucher's again. Dismissed lets it
    go on as it stood. Either way the voucher may be used again, unless it is frozen for another reason.
    """
    order = queries.lock(ctx, order_id)
    ctx.require(permissions.RULE, order)
    if upheld or order.disputed_in is None:
        return _end(ctx, order, "uphold", "order.dispute_upheld", reason)
    if not reason.strip():
        raise Invalid({"reason": [N_("请写明理由。")]})
    ORDER.move(order, f"resume_{order.disputed_in}")
    order.state_since, order.note, order.disputed_in = ctx.now, reason.strip(), None
    ctx.session.flush()
    audit.record(ctx, "order.dispute_dismissed", order, reason=order.note)
    ctx.announce(DisputeDismissed(order.id, order.voucher_id, order.note))
    return order
