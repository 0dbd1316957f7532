"""Pages: recoveries, opening one of a paid claim, the answer, the second person's decision, what came in."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from marketplace.base.context import Context
from marketplace.base.errors import Invalid
from marketplace.base.roles import Role
from marketplace.base.text import N_, Text
from marketplace.people.accounts import queries as accounts
from marketplace.people.organisations import queries as organisations
from marketplace.pilots.programmes import queries as pilots
from marketplace.policy.findings.models import Finding
from marketplace.shop.catalogue.ports import Panel
from marketplace.shop.orders.models import Order
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import moment, say
from marketplace.web.nav import Task
from marketplace.web.runtime import reading
from marketplace.web.security import access
from vouchers.claims import queries as claims
from vouchers.contracts.models import ContractRecord
from vouchers.recoveries import actions, queries, telling
from vouchers.recoveries.listings import PAID_CLAIMS, RECOVERIES
from vouchers.recoveries.models import Recovery
from vouchers.recoveries.permissions import ANSWER, DECIDE, OPEN, READ, RECEIVE
from vouchers.recoveries.schemas import AnswerForm, ReceiptForm, RecoveryDecisionForm, RecoveryForm
from vouchers.recoveries.states import GROUNDS, Ground, RecoveryState
from vouchers.recoveries.terms import terms

bp = Blueprint("recoveries", __name__, url_prefix="/recoveries")


@bp.get("")
@access(READ)
def index() -> str | Response:
    """Recoveries within reach, newest first."""
    ctx = reading()
    return RECOVERIES.answer("recoveries/index.html", ctx=ctx, may_open=ctx.may(OPEN))


@bp.get("/new")
@access(OPEN)
def choose() -> str | Response:
    """Which payment it is about: the claims that were paid, the latest first."""
    return PAID_CLAIMS.answer("recoveries/choose.html", ctx=reading())


@bp.route("/new/<uuid:claim_id>", methods=["GET", "POST"])
@access(OPEN)
def new(claim_id: uuid.UUID) -> Any:
    """Open the recovery of one paid claim; what it may stand on is offered."""
    ctx = reading()
    found = queries.paid(ctx, claim_id)
    form = Form(RecoveryForm, values={"amount": found.room_fen or None})
    if form.submitted and form.act(lambda own, data: _open(own, claim_id, data)):
        return done(N_("追回已发起，对方会收到通知。"), url_for("recoveries.show", recovery_id=form.result.id))
    ctx = reading()
    living = [
        row for row in queries.of_claims(ctx, [claim_id]) if row.state in (RecoveryState.OPENED, RecoveryState.DEMANDED)
    ]
    page = render(
        "recoveries/new.html",
        ctx=ctx,
        form=form,
        paid=queries.paid(ctx, claim_id),
        living=living[0] if living else None,
        grounds=_grounds(ctx, found),
        days=terms().answer_days,
        pilot_name=pilots.names(ctx, [found.form.pilot_id]).get(found.form.pilot_id, ""),
    )
    return page, form.status


def _grounds(ctx: Context, found: queries.Paid) -> list[tuple[str, str]]:
    """What a recovery of the claim may stand on, as options."""
    options = []
    for basis in queries.bases(ctx, found.form):
        what = basis.what
        told = (
            Text(what.template, what.evidence)
            if isinstance(what, Finding)
            else Text(N_("发票 {number}"), {"number": what.number})
        )
        options.append((f"{basis.ground}:{basis.id}", say(GROUNDS[basis.ground]) + " · " + say(told)))
    if found.form.order_id is not None:
        options.append((f"{Ground.DISPUTE}:{found.form.order_id}", say(GROUNDS[Ground.DISPUTE])))
    return [*options, (Ground.INSPECTION.value, say(GROUNDS[Ground.INSPECTION]))]


def _open(ctx: Context, claim_id: uuid.UUID, data: dict[str, Any]) -> Recovery:
    kind, _, thing = data["ground"].partition(":")
    try:
        ground, ground_id = Ground(kind), uuid.UUID(thing) if thing else None
    except ValueError:
        raise Invalid({"ground": [N_("请选择一项依据。")]}) from None
    return actions.open_recovery(
        ctx, claim_id, amount_fen=data["amount"], ground=ground, ground_id=ground_id, reason=data["reason"]
    )


@bp.get("/<uuid:recovery_id>")
@access(READ)
def show(recovery_id: uuid.UUID) -> str:
    """A recovery from its opening to the last money, with the one next thing for whoever looks."""
    ctx = reading()
    recovery = queries.get(ctx, recovery_id)
    receipts = queries.receipts(ctx, recovery_id)
    late = _is_late(ctx, recovery)
    people = accounts.names(
        ctx,
        [person for person in (recovery.opened_by, recovery.answered_by, recovery.decided_by) if person is not None]
        + [row.recorded_by for row in receipts],
    )
    return render(
        "recoveries/show.html",
        ctx=ctx,
        recovery=recovery,
        receipts=receipts,
        parts=queries.parts(ctx, recovery_id),
        steps=[_shown(station) for station in telling.stations(recovery, receipts, people, late=late)],
        late=late,
        may_answer=_may_answer(ctx, recovery),
        may_decide=_may_decide(ctx, recovery),
        may_receive=recovery.state is RecoveryState.DEMANDED and ctx.may(RECEIVE, recovery),
        mine=ctx.actor is not None and ctx.actor.person_id == recovery.opened_by,
        **_words(ctx, recovery),
    )


def _is_late(ctx: Context, recovery: Recovery) -> bool:
    return recovery.state is RecoveryState.DEMANDED and recovery.pay_by is not None and recovery.pay_by < ctx.today


def _may_answer(ctx: Context, recovery: Recovery) -> bool:
    waits = recovery.state is RecoveryState.OPENED and recovery.answered_at is None
    return waits and ctx.may(ANSWER, recovery)


def _may_decide(ctx: Context, recovery: Recovery) -> bool:
    heard = recovery.answered_at is not None or recovery.answer_by < ctx.today
    other = ctx.actor is not None and ctx.actor.person_id != recovery.opened_by
    return recovery.state is RecoveryState.OPENED and heard and other and ctx.may(DECIDE, recovery)


def _words(ctx: Context, recovery: Recovery) -> dict[str, Any]:
    """What a recovery's facts are called."""
    return {
        "debtor": organisations.names(ctx, [recovery.debtor_id]).get(recovery.debtor_id, ""),
        "pilot_name": pilots.names(ctx, [recovery.pilot_id]).get(recovery.pilot_id, ""),
        "claim": queries.claim_numbers(ctx, [recovery.claim_id]).get(recovery.claim_id, ""),
        "ground": GROUNDS[recovery.ground],
    }


def _shown(station: telling.Station) -> dict[str, Any]:
    return {
        "label": say(station.label),
        "state": station.state,
        "at": moment(station.at) if station.at else "",
        "who": station.who,
        "note": station.note,
    }


@bp.route("/<uuid:recovery_id>/answer", methods=["GET", "POST"])
@access(ANSWER)
def answer(recovery_id: uuid.UUID) -> Any:
    """Whoever was paid says whether it agrees."""
    ctx = reading()
    ctx.require(ANSWER, queries.get(ctx, recovery_id))
    form = Form(AnswerForm)
    if form.submitted and form.act(
        lambda own, data: actions.answer(own, recovery_id, agrees=data["agrees"] == "yes", text=data["text"])
    ):
        return done(N_("说明已提交。"), url_for("recoveries.show", recovery_id=recovery_id))
    choices = (
        ("yes", N_("同意退款"), N_("复核后按期退回，不影响今后的申请。")),
        ("no", N_("不同意"), N_("请写明理由，由另一人复核时一并考虑。")),
    )
    return _form("recoveries/answer.html", recovery_id, form, choices, lambda own, row: _may_answer(own, row))


@bp.route("/<uuid:recovery_id>/decide", methods=["GET", "POST"])
@access(DECIDE)
def decide(recovery_id: uuid.UUID) -> Any:
    """Another officer demands the money or drops the matter."""
    ctx = reading()
    ctx.require(DECIDE, queries.get(ctx, recovery_id))
    form = Form(RecoveryDecisionForm)
    if form.submitted and form.act(lambda own, data: _decide(own, recovery_id, data)):
        demanded = form.result.state is RecoveryState.DEMANDED
        told = N_("已要求退款，账上已记追回。") if demanded else N_("已决定不予追回。")
        return done(told, url_for("recoveries.show", recovery_id=recovery_id))
    choices = (
        ("demand", N_("要求退款"), N_("账上记为追回，对方收到退款要求和期限。")),
        ("drop", N_("不予追回"), N_("不动用账目，对方会看到理由。")),
    )
    return _form("recoveries/decide.html", recovery_id, form, choices, lambda own, row: _may_decide(own, row))


def _decide(ctx: Context, recovery_id: uuid.UUID, data: dict[str, Any]) -> Recovery:
    verb = actions.demand if data["decision"] == "demand" else actions.drop
    return verb(ctx, recovery_id, reason=data["reason"])


@bp.route("/<uuid:recovery_id>/receive", methods=["GET", "POST"])
@access(RECEIVE)
def receive(recovery_id: uuid.UUID) -> Any:
    """Record what came in, with the bank's reference."""
    ctx = reading()
    recovery = queries.get(ctx, recovery_id)
    ctx.require(RECEIVE, recovery)
    form = Form(ReceiptForm, values={"amount": recovery.left_fen or None, "received_on": ctx.today.isoformat()})
    if form.submitted and form.act(lambda own, data: _receive(own, recovery_id, data)):
        return done(N_("到账已登记，资金已回到账上。"), url_for("recoveries.show", recovery_id=recovery_id))
    return _form("recoveries/receive.html", recovery_id, form, (), lambda _, row: row.state is RecoveryState.DEMANDED)


def _receive(ctx: Context, recovery_id: uuid.UUID, data: dict[str, Any]) -> Any:
    return actions.receive(
        ctx,
        recovery_id,
        amount_fen=data["amount"],
        bank_reference=data["bank_reference"],
        received_on=data["received_on"],
    )


def _form(template: str, recovery_id: uuid.UUID, form: Form, choices: Any, is_open: Any) -> tuple[str, int]:
    """A form about one recovery; `choices` are its answers with what each means."""
    ctx = reading()
    recovery = queries.get(ctx, recovery_id)
    page = render(
        template,
        ctx=ctx,
        form=form,
        recovery=recovery,
        open=is_open(ctx, recovery),
        choices=[{"value": value, "title": say(title), "text": say(text)} for value, title, text in choices],
        days=terms().payment_days,
        **_words(ctx, recovery),
    )
    return page, form.status


def panel(ctx: Context, order: Order) -> Panel | None:
    """Recoveries of an order's payment on the order's page."""
    return _panel(ctx, [filed.id for filed in claims.of_order(ctx, order.id)])


def contract_panel(ctx: Context, contract: ContractRecord) -> Panel | None:
    """The same on a contract's page."""
    return _panel(ctx, [filed.id for filed in claims.of_contract(ctx, contract.id)])


def _panel(ctx: Context, claim_ids: list[uuid.UUID]) -> Panel | None:
    found = queries.of_claims(ctx, claim_ids) if claim_ids and ctx.may(READ) else []
    if not found or ctx.actor is None:
        return None
    firm = ctx.actor.organisation_id
    values = {
        "recoveries": found,
        "open": {row.id for row in found if ctx.actor.role is not Role.ENTERPRISE or row.debtor_id == firm},
        "grounds": GROUNDS,
        "debtors": organisations.names(ctx, [row.debtor_id for row in found]),
    }
    return Panel("recoveries/panel.html", values)


def tasks(ctx: Context) -> list[Task]:
    """What waits: an answer of whoever was paid, a decision, money that is to come in."""
    role = ctx.actor.role if ctx.actor else None
    found = []
    if role in (Role.ENTERPRISE, Role.PROVIDER):
        number, due = queries.to_answer(ctx)
        url = url_for("recoveries.index", state=RecoveryState.OPENED.value)
        if number:
            found.append(Task(Text(N_("{count} 项追回待您说明"), {"count": number}), url, due=due, tone="warn"))
    elif ctx.may(DECIDE):
        number = queries.waiting_for_decision(ctx)
        url = url_for("recoveries.index", state=RecoveryState.OPENED.value)
        if number:
            found.append(Task(Text(N_("{count} 项追回待复核"), {"count": number}), url, tone="warn"))
    if role in (Role.ENTERPRISE, Role.PROVIDER, Role.FINANCE):
        number, due = queries.demanded(ctx)
        url = url_for("recoveries.index", state=RecoveryState.DEMANDED.value)
        if number:
            tone = "danger" if due and due < ctx.today else "warn"
            found.append(Task(Text(N_("{count} 项追回待退款到账"), {"count": number}), url, due=due, tone=tone))
    return found
