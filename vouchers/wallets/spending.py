"""How an order spends a voucher: set aside when placed, redeemed when delivery is confirmed, free again when it ends.

These are subscribers: they run inside the order's own transaction and may refuse it.
"""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import select

from marketplace.base.context import Context
from marketplace.base.errors import NotFound, Refusal
from marketplace.base.states import Label
from marketplace.base.text import N_
from marketplace.pilots.programmes import queries as pilots
from marketplace.record.audit import actions as audit
from marketplace.shop.orders import actions as orders
from marketplace.shop.orders.events import (
    ContractFiled,
    DeliveryConfirmed,
    DisputeDismissed,
    DisputeUpheld,
    MilestoneConfirmed,
    OrderDisputed,
    OrderEnded,
    OrderPlaced,
)
from marketplace.shop.orders.states import MODES
from vouchers.funds import gate
from vouchers.ledger.actions import freezing, holds, parts
from vouchers.ledger.models.commitments import Hold
from vouchers.ledger.states import HoldState
from vouchers.schemes import actions as schemes
from vouchers.schemes import rules
from vouchers.schemes.models import SchemeVersion
from vouchers.schemes.states import OnShort
from vouchers.wallets import queries
from vouchers.wallets.events import VoucherRedeemed, VoucherReserved
from vouchers.wallets.queries import Wallet


def reserve(ctx: Context, fact: OrderPlaced) -> None:
    """An order names a voucher: compute its subsidy in the open and set it aside, or refuse the order."""
    if fact.voucher_id is None:
        return
    wallet = queries.get(ctx, fact.voucher_id)
    _check(ctx, wallet, fact)
    if fact.replaces is not None:
        _take_over(ctx, wallet, fact, fact.replaces)
        return
    used = sold = 0
    if wallet.version.cap_enterprise_year_fen is not None:
        queries.lock_holder(ctx, fact.enterprise_id)
        used = queries.used_this_year(ctx, wallet.scheme.id, enterprise_id=fact.enterprise_id)
    if wallet.version.cap_provider_year_fen is not None:
        queries.lock_holder(ctx, fact.provider_id)
        sold = queries.used_this_year(ctx, wallet.scheme.id, provider_id=fact.provider_id)
    trace = rules.compute(
        wallet.version,
        fact.lines,
        on=ctx.today,
        voucher_left_fen=wallet.balance.available,
        enterprise_year_used_fen=used,
        provider_year_used_fen=sold,
    )
    answers: list[gate.Answer] = []
    amounts = {wallet.category: trace.amount_fen}

    def ask() -> None:
        given = {fact.enterprise_id: trace.amount_fen}
        answers.append(gate.ask(ctx, fact.pilot_id, gate.Act.ORDER, amounts, enterprises=given, reason=fact.reason))

    held = holds.reserve(
        ctx,
        wallet.id,
        fact.order_id,
        fact.provider_id,
        trace.amount_fen,
        redeem_by(wallet.version, ctx.today),
        key=f"order:{fact.order_id}:reserve",
        before=ask,
    )
    assert held.hold_id is not None  # a reservation always has one
    orders.set_subsidy(
        ctx, fact.order_id, voucher_id=wallet.id, reservation_id=held.hold_id, amount_fen=trace.amount_fen
    )
    schemes.keep_trace(ctx, order_id=fact.order_id, stage="order", version_id=wallet.version.id, trace=trace)
    facts = {"order_id": fact.order_id, "amount_fen": trace.amount_fen}
    audit.record(ctx, "voucher.reserved", wallet.voucher, **facts, **answers[0].kept)
    ctx.announce(VoucherReserved(wallet.id, fact.order_id, trace.amount_fen))


def redeem_by(version: SchemeVersion, today: date) -> date:
    """The last day to confirm a delivery of what is ordered today."""
    return rules.last_day(version.redeem_by, version.redeem_days, today)


def _take_over(ctx: Context, wallet: Wallet, fact: OrderPlaced, before: uuid.UUID) -> None:
    """A failed provider's hold goes over to this order: never more than it held, and what is not needed is free again.

    No new money is promised, so neither the yearly quota nor the pilot's ceilings are asked again.
    """
    hold = _hold(ctx, before, wallet.id)
    if hold is None:
        raise Refusal("hold.not_open", N_("原订单没有可以转出的锁定金额。"))
    trace = rules.compute(_Partial(wallet.version), fact.lines, on=ctx.today, voucher_left_fen=hold.amount)
    moved = holds.transfer(
        ctx,
        hold.id,
        fact.order_id,
        fact.provider_id,
        redeem_by(wallet.version, ctx.today),
        key=f"order:{fact.order_id}:transfer",
    )
    assert moved.hold_id is not None  # a transfer always makes one
    if moved.amount > trace.amount_fen:
        key, spare = f"order:{fact.order_id}:spare", moved.amount - trace.amount_fen
        holds.release(ctx, moved.hold_id, key=key, amount=spare)
    orders.set_subsidy(
        ctx, fact.order_id, voucher_id=wallet.id, reservation_id=moved.hold_id, amount_fen=trace.amount_fen
    )
    schemes.keep_trace(ctx, order_id=fact.order_id, stage="order", version_id=wallet.version.id, trace=trace)
    facts = {"order_id": fact.order_id, "replaces": before, "amount_fen": trace.amount_fen}
    audit.record(ctx, "voucher.transferred", wallet.voucher, **facts)
    ctx.announce(VoucherReserved(wallet.id, fact.order_id, trace.amount_fen))


def _check(ctx: Context, wallet: Wallet, fact: OrderPlaced) -> None:
    """A voucher pays only its own enterprise's orders, in its pilot, category, mode and time."""
    if wallet.voucher.enterprise_id != fact.enterprise_id:
        raise NotFound("voucher")
    if wallet.voucher.pilot_id != fact.pilot_id:
        raise Refusal(
            "voucher.other_pilot", N_("该券由另一个试点发放，只能在其试点内使用。"), clause="四(二)", field="voucher_id"
        )
    if wallet.category != fact.category:
        names = pilots.categories(ctx, fact.pilot_id)
        raise Refusal(
            "voucher.other_category",
            N_("该券的资金用途为“{voucher}”，产品的资金用途为“{order}”，不能混用。"),
            clause="四(二)",
            field="voucher_id",
            voucher=names.get(wallet.category, wallet.category),
            order=names.get(fact.category, fact.category),
        )
    if wallet.version.mode != fact.mode:
        raise Refusal(
            "voucher.other_mode",
            N_("该券的兑付方式为“{mode}”。"),
            field="voucher_id",
            mode=Label(MODES[wallet.version.mode]),
        )
    if wallet.balance.last_day < ctx.today and fact.replaces is None:  # what is set aside outlives the last day
        raise Refusal(
            "voucher.expired", N_("该券的使用期已于 {day} 截止。"), field="voucher_id", day=wallet.balance.last_day
        )
    if wallet.balance.frozen:
        raise Refusal("voucher.frozen", N_("该券已冻结，请联系试点办公室。"), field="voucher_id")


def recompute(ctx: Context, fact: ContractFiled) -> None:
    """The contract knows net, tax and the final prices: the subsidy may shrink to what they give, never grow."""
    hold = _hold(ctx, fact.order_id, fact.voucher_id)
    if hold is None:
        return
    version = queries.version_of(ctx, hold.commitment_id)
    trace = rules.compute(_Partial(version), fact.lines, on=ctx.today, voucher_left_fen=hold.amount)
    orders.set_subsidy(
        ctx, fact.order_id, voucher_id=hold.commitment_id, reservation_id=hold.id, amount_fen=trace.amount_fen
    )
    schemes.keep_trace(ctx, order_id=fact.order_id, stage="contract", version_id=version.id, trace=trace)


class _Partial:
    """A version's terms for the contract stage: what was set aside is the limit, and less is no refusal."""

    def __init__(self, version: SchemeVersion):
        self.basis = version.basis
        self.rate_bps = version.rate_bps
        self.cap_voucher_fen = version.cap_voucher_fen
        self.cap_order_fen = version.cap_order_fen
        self.cap_enterprise_year_fen: int | None = None
        self.cap_provider_year_fen: int | None = None
        self.cost_types = version.cost_types
        self.on_short = OnShort.PARTIAL


def redeem(ctx: Context, fact: DeliveryConfirmed) -> None:
    """The enterprise confirmed the delivery: redeem the order's subsidy, free what the contract did not need."""
    if fact.voucher_id is None or fact.reservation_id is None:
        return
    posted = holds.redeem(
        ctx, fact.reservation_id, fact.subsidy_fen, key=f"order:{fact.order_id}:redeem", release_rest=True
    )
    ctx.announce(VoucherRedeemed(fact.voucher_id, fact.order_id, fact.provider_id, posted.entry_id, fact.subsidy_fen))


def redeem_part(ctx: Context, fact: MilestoneConfirmed) -> None:
    """The enterprise confirmed a milestone: redeem its share; the rest stays set aside for those that follow."""
    if fact.voucher_id is None or fact.reservation_id is None:
        return
    key = f"order:{fact.order_id}:redeem:{fact.part}"
    posted = holds.redeem(ctx, fact.reservation_id, fact.subsidy_fen, key=key)
    ctx.announce(VoucherRedeemed(fact.voucher_id, fact.order_id, fact.provider_id, posted.entry_id, fact.subsidy_fen))


def release(ctx: Context, fact: OrderEnded) -> None:
    """The order ended: all that was set aside is the enterprise's again, after a ruling also what was redeemed."""
    hold = _hold(ctx, fact.order_id, fact.voucher_id)
    if hold is not None:
        holds.release(ctx, hold.id, key=f"order:{fact.order_id}:release")
        audit.record(ctx, "voucher.released", ("voucher", hold.commitment_id), order_id=fact.order_id)
    if fact.upheld and fact.voucher_id is not None:
        _reverse(ctx, fact.order_id, fact.voucher_id)


def _reverse(ctx: Context, order_id: uuid.UUID, voucher_id: uuid.UUID) -> None:
    """Take back what was redeemed for an order and is not paid; its claim has ended before."""
    for redemption_id, amount in queries.unpaid_parts(ctx, order_id, voucher_id):
        parts.refund(ctx, redemption_id, amount, key=f"order:{order_id}:refund:{redemption_id}")
        audit.record(
            ctx,
            "voucher.refunded",
            ("voucher", voucher_id),
            order_id=order_id,
            redemption_id=redemption_id,
            amount_fen=amount,
        )


def freeze(ctx: Context, fact: OrderDisputed) -> None:
    """The enterprise disputes an order: its voucher takes no orders and pays nothing until an officer decides."""
    if fact.voucher_id is not None:
        freezing.freeze(ctx, fact.voucher_id)
        audit.record(ctx, "voucher.frozen", ("voucher", fact.voucher_id), order_id=fact.order_id, reason=fact.reason)


def thaw(ctx: Context, fact: DisputeDismissed | DisputeUpheld) -> None:
    """The city has ruled: the voucher may be used again, unless an officer or another dispute froze it too."""
    if fact.voucher_id is None or not queries.lock_frozen(ctx, fact.voucher_id):
        return
    others = queries.freezers(ctx, fact.voucher_id) - {str(fact.order_id)}
    if not others:
        freezing.thaw(ctx, fact.voucher_id)
    verb = "voucher.kept_frozen" if others else "voucher.thawed"
    audit.record(ctx, verb, ("voucher", fact.voucher_id), order_id=fact.order_id, reason=fact.reason)


def _hold(ctx: Context, order_id: uuid.UUID, voucher_id: uuid.UUID | None) -> Hold | None:
    if voucher_id is None:
        return None
    return ctx.session.scalars(
        select(Hold)
        .where(Hold.order_id == order_id, Hold.commitment_id == voucher_id, Hold.state == HoldState.PENDING)
        .execution_options(populate_existing=True)
    ).one_or_none()
