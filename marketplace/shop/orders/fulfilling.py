"""What the provider does with an order, and the enterprise's confirmation of it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from sqlalchemy import case, literal, null, select, update
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.orm.exc import StaleDataError

from marketplace.base.context import Context
from marketplace.base.errors import Invalid, Refusal
from marketplace.base.permissions import Permission, reach
from marketplace.base.text import N_
from marketplace.base.types import Instant
from marketplace.pilots.programmes import queries as pilots
from marketplace.record.audit import actions as audit
from marketplace.record.documents import actions as documents
from marketplace.record.documents.models import Document
from marketplace.shop.catalogue.states import CostType
from marketplace.shop.orders import permissions, queries, rules
from marketplace.shop.orders.events import (
    ContractFiled,
    CostLine,
    DeliveryConfirmed,
    DeliveryRejected,
    MilestoneConfirmed,
    OrderAccepted,
    OrderDelivered,
)
from marketplace.shop.orders.models import Contract, ContractLine, Delivery, Milestone, Order
from marketplace.shop.orders.placing import consent
from marketplace.shop.orders.states import ORDER, OWN_DEVICE, SHORT_CODE, ConsentStep, OrderState


def accept(ctx: Context, order_id: uuid.UUID) -> Order:
    """The provider takes the order; next a contract is signed and filed."""
    order = queries.lock(ctx, order_id)
    ctx.require(permissions.FULFIL, order)
    _move(ctx, order, "accept")
    order.accepted_at = ctx.now
    ctx.session.flush()
    audit.record(ctx, "order.accepted", order)
    ctx.announce(OrderAccepted(order.id, order.enterprise_id, order.provider_id))
    return order


def file_contract(
    ctx: Context,
    order_id: uuid.UUID,
    *,
    number: str,
    signed_on: date,
    document_id: uuid.UUID,
    lines: Sequence[rules.LineInput],
    milestones: Sequence[rules.MilestoneInput] = (),
) -> Contract:
    """File the signed contract (合同备案): lines by cost type, not above the published prices, signed in the period.

    With `milestones` the order is delivered, confirmed and redeemed stage by stage: two and more, which add up to the
    contract; the subsidy falls on them by their amounts.
    """
    order = queries.lock(ctx, order_id)
    ctx.require(permissions.FULFIL, order)
    gross = rules.check_lines(lines, _ordered(ctx, order))
    rules.check_milestones(milestones, gross)
    first, last = pilots.period(ctx, order.pilot_id)
    rules.check_signing_day(signed_on, today=ctx.today, first=first, last=last)
    document = documents.get(ctx, document_id)
    _refuse_filed_before(ctx, order, number.strip(), document.sha256)
    _move(ctx, order, "contract")
    tax = sum(line.tax_fen for line in lines)
    contract = ctx.add(
        Contract(
            order_id=order.id,
            provider_id=order.provider_id,
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
    _open(ctx, order, document)
    facts = {"milestones": [[m.name.strip(), m.gross_fen] for m in milestones]} if milestones else {}
    audit.record(ctx, "order.contract_filed", order, number=contract.number, gross_fen=gross, **facts)
    ctx.announce(
        ContractFiled(
            order.id, order.enterprise_id, order.provider_id, order.pilot_id, order.voucher_id, contract.id, signed_on,
            gross, tuple(CostLine(x.name, x.cost_type, x.net_fen, x.gross_fen) for x in lines),
        )
    )  # fmt: skip
    if milestones:
        _divide(ctx, order, milestones)
    return contract


def _divide(ctx: Context, order: Order, milestones: Sequence[rules.MilestoneInput]) -> None:
    """Write the milestones down with their shares of the subsidy, which the contract has just settled."""
    found = rules.shares(order.subsidy_fen, milestones)
    for position, (milestone, share) in enumerate(zip(milestones, found, strict=True), start=1):
        ctx.add(
            Milestone(
                order_id=order.id,
                position=position,
                name=milestone.name.strip(),
                gross_fen=milestone.gross_fen,
                subsidy_fen=share,
            )
        )
    order.parts, order.part, order.part_fen = len(milestones), 1, found[0] or None
    ctx.session.flush()


def _open(ctx: Context, order: Order, document: Document) -> None:
    """Let the other party, the pilot office and the city read what the provider filed."""
    documents.open_to(ctx, document, organisation_id=order.enterprise_id, pilot_id=order.pilot_id, city=order.city)


def _ordered(ctx: Context, order: Order) -> dict[CostType, int]:
    """What an order holds of each kind of cost, in fen."""
    held: dict[CostType, int] = {}
    for line in queries.lines(ctx, order.id):
        held[line.cost_type] = held.get(line.cost_type, 0) + line.amount_fen
    return held


def _refuse_filed_before(ctx: Context, order: Order, number: str, sha256: str) -> None:
    """One contract is subsidised once: neither its number nor its file may stand behind another order (四(二))."""
    if not number:
        raise Invalid({"number": [N_("请填写合同编号。")]})
    same = (Contract.provider_id == order.provider_id) & (Contract.number == number)
    if ctx.session.scalar(select(Contract.id).where(same)) is not None:
        raise Refusal(
            "contract.number_taken", N_("合同编号“{number}”已备案于另一订单。"), clause="四(二)", field="number",
            number=number,
        )  # fmt: skip
    if ctx.session.scalar(select(Contract.id).where(Contract.document_sha256 == sha256)) is not None:
        raise Refusal(
            "contract.document_reused", N_("这份合同文件已备案于另一订单，同一合同只能备案一次。"), clause="四(二)",
            field="document",
        )  # fmt: skip


def _move(ctx: Context, order: Order, verb: str) -> None:
    ORDER.move(order, verb)
    order.state_since = ctx.now


def deliver(ctx: Context, order_id: uuid.UUID, *, text: str, document_id: uuid.UUID | None = None) -> Delivery:
    """The provider hands the work over and asks the enterprise to confirm it."""
    order = queries.lock(ctx, order_id)
    ctx.require(permissions.FULFIL, order)
    if not text.strip():
        raise Invalid({"text": [N_("请说明交付了什么。")]})
    document = documents.get(ctx, document_id) if document_id else None
    _move(ctx, order, "deliver")
    order.delivered_at = ctx.now
    delivery = ctx.add(
        Delivery(
            order_id=order.id,
            text=text.strip(),
            document_id=document.id if document else None,
            part=order.part if order.parts > 1 else None,
            delivered_by=ctx.who.person_id,
        )
    )
    ctx.session.flush()
    if document is not None:
        _open(ctx, order, document)
    audit.record(ctx, "order.delivered", order)
    ctx.announce(OrderDelivered(order.id, order.enterprise_id, order.provider_id))
    return delivery


def reject_delivery(ctx: Context, order_id: uuid.UUID, *, reason: str) -> Order:
    """The enterprise finds the delivery wanting; the provider delivers again."""
    order = queries.lock(ctx, order_id)
    ctx.require(permissions.CONFIRM, order)
    if not reason.strip():
        raise Invalid({"reason": [N_("请写明理由。")]})
    _move(ctx, order, "reject_delivery")
    order.note = reason.strip()
    ctx.session.flush()
    audit.record(ctx, "order.delivery_rejected", order, reason=order.note)
    ctx.announce(DeliveryRejected(order.id, order.enterprise_id, order.provider_id, order.note))
    return order


def confirm(ctx: Context, order_id: uuid.UUID) -> Order:
    """The enterprise confirms the delivery on its own device; the voucher is redeemed in the same transaction.

    Where the contract agreed milestones this confirms the one that was delivered, and redeems its share; after the
    last one the order is confirmed.
    """
    order = _advance(ctx, order_id, permissions.CONFIRM, Order.enterprise_id)
    return _confirmed(ctx, order, person_id=ctx.who.person_id, assignment_id=ctx.who.assignment_id, way=OWN_DEVICE)


def confirm_with_code(ctx: Context, order_id: uuid.UUID, *, person_id: uuid.UUID, assignment_id: uuid.UUID) -> Order:
    """The enterprise confirms by showing its short-lived code to the provider, who acts here.

    Whoever issues such codes calls this after the code was used up in this very act; `person_id` and
    `assignment_id` are those of the person of the enterprise who made the code.
    """
    order = _advance(ctx, order_id, permissions.FULFIL, Order.provider_id)
    return _confirmed(ctx, order, person_id=person_id, assignment_id=assignment_id, way=SHORT_CODE)


def _advance(
    ctx: Context, order_id: uuid.UUID, permission: Permission, party: InstrumentedAttribute[uuid.UUID]
) -> Order:
    """Lock, authorise and move the order in one conditional UPDATE: this is the busiest act of the platform.

    When it moves nothing, the ordinary way says why: not found, not allowed, or not in the state for it.
    """
    sources, target = ORDER.moves["confirm"]
    again, part, now = ORDER.moves["confirm_part"][1], Order.part < Order.parts, literal(ctx.now, Instant())
    statement = (
        update(Order)
        .where(Order.id == order_id, Order.state.in_(sources), reach(ctx, permission, own=[party]))
        .values(
            state=case((part, literal(again, Order.state.type)), else_=literal(target, Order.state.type)),
            state_since=now,
            confirmed_at=case((part, null()), else_=now),
            part=case((part, Order.part + 1), else_=Order.part),
        )
        .returning(Order)
        .execution_options(populate_existing=True, synchronize_session=False)
    )
    row = ctx.session.scalars(statement).one_or_none()
    if row is not None:
        return row
    order = queries.lock(ctx, order_id)
    ctx.require(permission, order)
    ORDER.move(order, "confirm")
    raise StaleDataError("the order moved between two looks")


def _confirmed(ctx: Context, order: Order, *, person_id: uuid.UUID, assignment_id: uuid.UUID | None, way: str) -> Order:
    done, due = order.part, order.due_fen
    if order.parts > 1:
        done = order.part - (order.state is OrderState.CONTRACTED)
        _confirm_milestone(ctx, order, done, person_id=person_id, assignment_id=assignment_id, way=way)
    if order.state is OrderState.CONTRACTED:
        audit.record(ctx, "order.milestone_confirmed", order, way=way, part=done, parts=order.parts, amount_fen=due)
        ctx.announce(
            MilestoneConfirmed(
                order.id, order.enterprise_id, order.provider_id, order.voucher_id, order.reservation_id, due, done,
                order.parts,
            )
        )  # fmt: skip
        return order
    consent(ctx, order, ConsentStep.ACCEPTANCE, person_id=person_id, assignment_id=assignment_id, way=way)
    audit.record(ctx, "order.confirmed", order, way=way)
    ctx.announce(
        DeliveryConfirmed(
            order.id, order.enterprise_id, order.provider_id, order.pilot_id, order.voucher_id,
            order.reservation_id, due,
        )
    )  # fmt: skip
    return order


def _confirm_milestone(
    ctx: Context, order: Order, position: int, *, person_id: uuid.UUID, assignment_id: uuid.UUID | None, way: str
) -> None:
    """Keep who said yes to a milestone, and set what the next one will redeem."""
    rows = {row.position: row for row in queries.milestones(ctx, order.id)}
    row = rows[position]
    row.confirmed_at, row.person_id, row.assignment_id, row.way = ctx.now, person_id, assignment_id, way
    if order.state is OrderState.CONTRACTED:
        order.part_fen = rows[order.part].subsidy_fen or None
    ctx.session.flush()
