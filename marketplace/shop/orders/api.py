"""REST: orders and what both sides do with them, /api/v1/orders."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from marketplace.base.paging import Page
from marketplace.shop.orders import actions, queries
from marketplace.shop.orders.permissions import CONFIRM, FULFIL, PLACE, READ, RULE
from marketplace.shop.orders.rules import LineInput, MilestoneInput
from marketplace.shop.orders.schemas import (
    DeliveredSchema,
    FiledContractSchema,
    OrderArgs,
    OrderContractSchema,
    OrderDeliverySchema,
    OrderReasonSchema,
    OrderRulingSchema,
    OrderSchema,
    PlaceOrderSchema,
    ReplaceOrderSchema,
    WholeOrderSchema,
)
from marketplace.shop.orders.states import OrderState
from marketplace.web import rest
from marketplace.web.rest import ApiBlueprint, page_of
from marketplace.web.runtime import reading
from marketplace.web.security import access

bp = ApiBlueprint("orders_api", __name__, url_prefix="/orders", description="Orders, contracts and deliveries")


@bp.get("")
@access(READ)
@bp.arguments(OrderArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(OrderSchema))
def index(
    state: OrderState | None, pilot_id: uuid.UUID | None, number: str, limit: int, cursor: str | None
) -> Page[Any]:
    """Orders within reach, newest first."""
    return queries.listed(reading(), state=state, pilot_id=pilot_id, number=number, limit=limit, cursor=cursor)


@bp.get("/<uuid:order_id>")
@access(READ)
@bp.response(200, WholeOrderSchema)
def show(order_id: uuid.UUID) -> dict[str, Any]:
    """One order with its lines, contract, deliveries and consents."""
    ctx = reading()
    order = queries.get(ctx, order_id)
    filed = queries.contract(ctx, order_id)
    return {
        "order": order,
        "lines": queries.lines(ctx, order_id),
        "contract": filed.contract if filed else None,
        "contract_lines": filed.lines if filed else [],
        "milestones": queries.milestones(ctx, order_id),
        "deliveries": queries.deliveries(ctx, order_id),
        "consents": queries.consents(ctx, order_id),
    }


@bp.post("")
@access(PLACE)
@bp.arguments(PlaceOrderSchema)
@bp.alt_response(201, schema=OrderSchema)
def place(wanted: dict[str, Any]) -> Any:
    """Order packages of a listed product. Needs an `Idempotency-Key`: a voucher is set aside in the same act.

    409 `warning.reason_required` lists the `warnings` of what it would do to the pilot: send it again with a `reason`.
    """
    return rest.do(OrderSchema, lambda ctx: actions.place(ctx, **wanted), status=201, money=True)


@bp.post("/<uuid:order_id>/accept")
@access(FULFIL)
@bp.alt_response(200, schema=OrderSchema)
def accept(order_id: uuid.UUID) -> Any:
    """The provider takes the order."""
    return rest.do(OrderSchema, lambda ctx: actions.accept(ctx, order_id))


@bp.post("/<uuid:order_id>/decline")
@access(FULFIL)
@bp.arguments(OrderReasonSchema, as_kwargs=True)
@bp.alt_response(200, schema=OrderSchema)
def decline(order_id: uuid.UUID, reason: str) -> Any:
    """The provider does not take it. Needs an `Idempotency-Key`: what was set aside is given back."""
    return rest.do(OrderSchema, lambda ctx: actions.decline(ctx, order_id, reason=reason), money=True)


@bp.post("/<uuid:order_id>/contract")
@access(FULFIL)
@bp.arguments(OrderContractSchema, as_kwargs=True)
@bp.alt_response(201, schema=FiledContractSchema)
def contract(
    order_id: uuid.UUID,
    number: str,
    signed_on: date,
    document_id: uuid.UUID,
    lines: list[LineInput],
    milestones: list[MilestoneInput],
) -> Any:
    """File the signed contract; not above the order, signed in the pilot's period, at once or in milestones."""
    return rest.do(
        FiledContractSchema,
        lambda ctx: actions.file_contract(
            ctx,
            order_id,
            number=number,
            signed_on=signed_on,
            document_id=document_id,
            lines=lines,
            milestones=milestones,
        ),
        status=201,
    )


@bp.post("/<uuid:order_id>/delivery")
@access(FULFIL)
@bp.arguments(OrderDeliverySchema, as_kwargs=True)
@bp.alt_response(201, schema=DeliveredSchema)
def deliver(order_id: uuid.UUID, text: str, document_id: uuid.UUID | None) -> Any:
    """Hand the work over."""
    return rest.do(
        DeliveredSchema, lambda ctx: actions.deliver(ctx, order_id, text=text, document_id=document_id), status=201
    )


@bp.post("/<uuid:order_id>/delivery-rejection")
@access(CONFIRM)
@bp.arguments(OrderReasonSchema, as_kwargs=True)
@bp.alt_response(200, schema=OrderSchema)
def reject_delivery(order_id: uuid.UUID, reason: str) -> Any:
    """Send a delivery back."""
    return rest.do(OrderSchema, lambda ctx: actions.reject_delivery(ctx, order_id, reason=reason))


@bp.post("/<uuid:order_id>/confirmation")
@access(CONFIRM)
@bp.alt_response(200, schema=OrderSchema)
def confirm(order_id: uuid.UUID) -> Any:
    """Confirm the delivery, or the milestone that was delivered. Needs an `Idempotency-Key`: the voucher, or the
    milestone's share of it, is redeemed in the same act."""
    return rest.do(OrderSchema, lambda ctx: actions.confirm(ctx, order_id), money=True)


@bp.post("/<uuid:order_id>/cancellation")
@access(CONFIRM)
@bp.arguments(OrderReasonSchema, as_kwargs=True)
@bp.alt_response(200, schema=OrderSchema)
def cancel(order_id: uuid.UUID, reason: str) -> Any:
    """Give the order up before a contract is filed. Needs an `Idempotency-Key`: what was set aside is given back."""
    return rest.do(OrderSchema, lambda ctx: actions.cancel(ctx, order_id, reason=reason), money=True)


@bp.post("/<uuid:order_id>/replacement")
@access(CONFIRM)
@bp.arguments(ReplaceOrderSchema)
@bp.alt_response(201, schema=OrderSchema)
def replace(wanted: dict[str, Any], order_id: uuid.UUID) -> Any:
    """Order from another provider because the first one failed; what was set aside goes over to the new order.

    Needs an `Idempotency-Key`. 409 `order.provider_able` while the provider may still take orders."""
    return rest.do(OrderSchema, lambda ctx: actions.replace(ctx, order_id, **wanted), status=201, money=True)


@bp.post("/<uuid:order_id>/dispute")
@access(CONFIRM)
@bp.arguments(OrderReasonSchema, as_kwargs=True)
@bp.alt_response(200, schema=OrderSchema)
def dispute(order_id: uuid.UUID, reason: str) -> Any:
    """Say that this order is not one's own, or not what was agreed: the money is frozen at once.

    Also after the confirmation, until the subsidy is paid."""
    return rest.do(OrderSchema, lambda ctx: actions.dispute(ctx, order_id, reason=reason))


@bp.post("/<uuid:order_id>/ruling")
@access(RULE)
@bp.arguments(OrderRulingSchema, as_kwargs=True)
@bp.alt_response(200, schema=OrderSchema)
def rule(order_id: uuid.UUID, upheld: bool, reason: str) -> Any:
    """The city rules on a dispute. Needs an `Idempotency-Key`: what was set aside or redeemed may be given back."""
    return rest.do(
        OrderSchema, lambda ctx: actions.rule_dispute(ctx, order_id, upheld=upheld, reason=reason), money=True
    )
