"""Claims in the frame of other pages: on an order's page, on its way, among the tasks of the day."""

from __future__ import annotations

from flask import url_for

from marketplace.base.context import Context
from marketplace.base.roles import Role
from marketplace.base.text import N_, Text
from marketplace.shop.catalogue.ports import Panel
from marketplace.shop.orders.models import Order
from marketplace.shop.orders.ports import Step as OrderStep
from marketplace.shop.orders.states import OrderState
from marketplace.web.nav import Task
from vouchers.claims import queries
from vouchers.claims.pages.claims import DESK_OF
from vouchers.claims.permissions import READ, SUBMIT, SUBMIT_FOR
from vouchers.claims.states import CLAIM
from vouchers.claims.telling import clock
from vouchers.contracts.models import ContractRecord
from vouchers.invoices import queries as invoices
from vouchers.invoices.matters import takes_side
from vouchers.ledger.states import ClaimState


def panel(ctx: Context, order: Order) -> Panel | None:
    """The claim on the order's page: where it stands, until when, and the way to the next step."""
    if order.confirmed_at is None or order.voucher_id is None:
        return None
    found, confirmed = queries.of_order(ctx, order.id), order.state is OrderState.CONFIRMED
    if not confirmed and not found:
        return None
    payee = queries.payee_of(order)
    mine = ctx.may(SUBMIT) and ctx.actor is not None and ctx.actor.organisation_id == payee
    living = any(f.claim.state is not ClaimState.REJECTED for f in found)
    values = {
        "order": order,
        "claims": found,
        "may_claim": confirmed and mine and not living,
        "matches": invoices.match(ctx, order.id).matches,
        "today": ctx.today,
        "clock": clock,
    }
    return Panel("claims/on_order.html", values)


def contract_panel(ctx: Context, contract: ContractRecord) -> Panel | None:
    """The claims on a contract's page: each with its clock, and the way to the next one."""
    if contract.commitment_id is None or not ctx.may(READ, contract):
        return None
    facts = queries.facts(ctx, contract)
    values = {
        "contract": contract,
        "claims": queries.of_contract(ctx, contract.id),
        "open_fen": facts.open_fen,
        "may_claim": facts.open_fen > 0 and takes_side(ctx, SUBMIT, SUBMIT_FOR, contract),
        "matches": facts.match.matches,
        "today": ctx.today,
        "clock": clock,
    }
    return Panel("claims/on_contract.html", values)


def steps(ctx: Context, order: Order) -> list[OrderStep]:
    """The payment as the last station on the order's way."""
    if order.voucher_id is None or order.state is not OrderState.CONFIRMED:
        return []
    label = N_("补贴兑付")
    found = queries.of_order(ctx, order.id)
    if not found:
        return [OrderStep(label, "next")]
    state = found[0].claim.state
    text = Text(N_("补贴兑付：{state}"), {"state": Text(CLAIM.labels[state])})
    tone = {ClaimState.PAID: "done", ClaimState.REJECTED: "bad"}.get(state, "now")
    return [OrderStep(text, tone, found[0].form.step_since)]


_TASKS = {
    Role.PROVIDER: (ClaimState.RETURNED, N_("{count} 份兑付申请被退回，请补正")),
    Role.ENTERPRISE: (ClaimState.RETURNED, N_("{count} 份兑付申请被退回，请补正")),
    Role.PILOT: (ClaimState.SUBMITTED, N_("{count} 份兑付申请待初审")),
    Role.CITY: (ClaimState.REVIEWED, N_("{count} 份兑付申请待复审")),
}
_LATE = N_("其中 {late} 份已超期")


def tasks(ctx: Context) -> list[Task]:
    """Claims that wait for this person, with the day that is due first; late ones are said."""
    role = ctx.actor.role if ctx.actor else None
    wanted = _TASKS.get(role) if role else None
    if wanted is None or role is None:
        return []
    state, text = wanted
    number, late, due = queries.counts(ctx).get(state, (0, 0, None))
    if not number:
        return []
    url = url_for("claims.desk") if role in DESK_OF else url_for("claims.index", state=state.value)
    tone = "danger" if late else "warn"
    hint = Text(_LATE, {"late": late}) if late else None
    return [Task(Text(text, {"count": number}), url, due=due, tone=tone, hint=hint)]
