"""What the provider does with an order, and the enterprise's confirmation of it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from marketplace.base.context import Context
from marketplace.base.errors import Invalid
from marketplace.base.text import N_
from marketplace.pilots.programmes import queries as pilots
from marketplace.record.audit import actions as audit
from marketplace.record.documents import queries as documents
from marketplace.shop.orders import permissions, queries, rules
from marketplace.shop.orders.events import ContractFiled, CostLine, DeliveryConfirmed, OrderDelivered
from marketplace.shop.orders.models import Contract, ContractLine, Delivery, Order
from marketplace.shop.orders.placing import consent
from marketplace.shop.orders.states import ORDER, ConsentStep


def accept(ctx: Context, order_id: uuid.UUID) -> Order:
    """The provider takes the order; next a contract is signed and filed."""
    order = queries.lock(ctx, order_id)
    ctx.require(permissions.FULFIL, order)
    ORDER.move(order, "accept")
    ctx.session.flush()
    audit.record(ctx, "order.accepted", order)
    return order


def file_contract(
    ctx: Context,
    order_id: uuid.UUID,
    *,
    number: str,
    signed_on: date,
    document_id: uuid.UUID,
    lines: Sequence[rules.LineInput],
) -> Contract:
    """File the signed contract (合同备案): lines by cost type, not above the published prices, signed in the period."""
    order = queries.lock(ctx, order_id)
    ctx.require(permissions.FULFIL, order)
    gross = rules.check_lines(lines, order.total_fen)
    first, last = pilots.period(ctx, order.pilot_id)
    rules.check_signing_day(signed_on, today=ctx.today, first=first, last=last)
    document = documents.get(ctx, document_id)
    ORDER.move(order, "contract")
    tax = sum(line.tax_fen for line in lines)
    contract = ctx.add(
        Contract(
            order_id=order.id,
            number=number.strip(),
            signed_on=signed_on,
            document_id=document.id,
            document_sha256=document.sha256,
            net_fen=gross - tax,
            tax_fen=tax,
            gross_fen=gross,
            filed_by=ctx.who.person_id,
        )
    )
    ctx.session.flush()
    for position, line in enumerate(lines, start=1):
        ctx.add(
            ContractLine(
                contract_id=contract.id,
                position=position,
                edition_id=order.edition_id,
                cost_type=line.cost_type,
                name=line.name,
                quantity=line.quantity,
                unit_price=line.unit_price,
                net_fen=line.net_fen,
                tax_fen=line.tax_fen,
                gross_fen=line.gross_fen,
            )
        )
    ctx.session.flush()
    audit.record(ctx, "order.contract_filed", order, number=contract.number, gross_fen=gross)
    ctx.announce(
        ContractFiled(
            order.id, order.enterprise_id, order.provider_id, order.pilot_id, order.voucher_id, contract.id, signed_on,
            gross, tuple(CostLine(x.name, x.cost_type, x.net_fen, x.gross_fen) for x in lines),
        )
    )  # fmt: skip
    return contract


def deliver(ctx: Context, order_id: uuid.UUID, *, text: str, document_id: uuid.UUID | None = None) -> Delivery:
    """The provider hands the work over and asks the enterprise to confirm it."""
    order = queries.lock(ctx, order_id)
    ctx.require(permissions.FULFIL, order)
    if not text.strip():
        raise Invalid({"text": [N_("请说明交付了什么。")]})
    document = documents.get(ctx, document_id) if document_id else None
    ORDER.move(order, "deliver")
    order.delivered_at = ctx.now
    delivery = ctx.add(
        Delivery(
            order_id=order.id,
            text=text.strip(),
            document_id=document.id if document else None,
            delivered_by=ctx.who.person_id,
        )
    )
    ctx.session.flush()
    audit.record(ctx, "order.delivered", order)
    ctx.announce(OrderDelivered(order.id, order.enterprise_id, order.provider_id))
    return delivery


def reject_delivery(ctx: Context, order_id: uuid.UUID, *, reason: str) -> Order:
    """The enterprise finds the delivery wanting; the provider delivers again."""
    order = queries.lock(ctx, order_id)
    ctx.require(permissions.CONFIRM, order)
    if not reason.strip():
        raise Invalid({"reason": [N_("请写明理由。")]})
    ORDER.move(order, "reject_delivery")
    order.note = reason.strip()
    ctx.session.flush()
    audit.record(ctx, "order.delivery_rejected", order, reason=order.note)
    return order


def confirm(ctx: Context, order_id: uuid.UUID, *, way: str = "own_device") -> Order:
    """The enterprise confirms the delivery on its own device; the voucher is redeemed in the same transaction."""
    order = queries.lock(ctx, order_id)
    ctx.require(permissions.CONFIRM, order)
    ORDER.move(order, "confirm")
    order.confirmed_at = ctx.now
    consent(ctx, order, ConsentStep.ACCEPTANCE, way=way)
    audit.record(ctx, "order.confirmed", order, way=way)
    ctx.announce(DeliveryConfirmed(order.id, order.enterprise_id, order.provider_id, order.pilot_id, order.voucher_id))
    return order
