"""Pages: contracts of direct expenditure, recording one, the second person's decision, accepting parts, recalling."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from marketplace.base.context import Context
from marketplace.base.ids import new_id
from marketplace.base.money import Yuan
from marketplace.base.text import N_, Text
from marketplace.people.accounts import queries as accounts
from marketplace.people.organisations import queries as organisations
from marketplace.pilots.programmes import queries as pilots
from marketplace.record.documents import actions as documents
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import moment, say
from marketplace.web.nav import Task
from marketplace.web.runtime import reading
from marketplace.web.security import access
from vouchers.contracts import actions, queries, telling
from vouchers.contracts.listings import CONTRACTS
from vouchers.contracts.models import ContractRecord
from vouchers.contracts.permissions import ACCEPT, CONFIRM, READ, RECALL, RECORD
from vouchers.contracts.ports import CONTRACT_PANELS
from vouchers.contracts.schemas import ContractForm, ContractReason, DecisionForm, PartForm, RecallForm
from vouchers.contracts.states import BALANCES, MEANINGS, METHODS, MOVES, RecordState
from vouchers.contracts.states import RECORD as LIFE
from vouchers.funds import gate
from vouchers.funds import queries as funds

bp = Blueprint("contracts", __name__, url_prefix="/contracts")


@bp.get("")
@access(READ)
def index() -> str | Response:
    """Contracts within reach with their money, newest first."""
    ctx = reading()
    return CONTRACTS.answer("contracts/index.html", ctx=ctx, may_record=ctx.may(RECORD))


@bp.get("/new")
@access(RECORD)
def choose() -> str | Response:
    """Whose contract it is: an office has one pilot, the city chooses."""
    ctx = reading()
    if ctx.who.pilot_id is not None:
        return redirect(url_for("contracts.new", pilot_id=ctx.who.pilot_id), code=303)
    return render("contracts/choose.html", ctx=ctx, pilots=pilots.staffed(ctx))


@bp.route("/new/<uuid:pilot_id>", methods=["GET", "POST"])
@access(RECORD)
def new(pilot_id: uuid.UUID) -> Any:
    """Record a signed contract of one pilot; what the money leaves room for stands at each use."""
    ctx = reading()
    pilot = pilots.get(ctx, pilot_id)
    ctx.require(RECORD, pilot)
    form = Form(ContractForm)
    if form.submitted and form.act(lambda own, data: _record(own, pilot_id, data)):
        return done(N_("合同已登记，等待另一人复核。"), url_for("contracts.show", contract_id=form.result.id))
    ctx = reading()
    names, lines = pilots.categories(ctx, pilot_id), {s.line.category: s for s in funds.lines(ctx, pilot_id)}
    page = render(
        "contracts/new.html",
        ctx=ctx,
        form=form,
        pilot=pilot,
        options=[(code, _option(name, lines[code].available if code in lines else 0)) for code, name in names.items()],
        methods=[(method.value, say(label)) for method, label in METHODS.items()],
        office=organisations.names(ctx, [pilot.office_organisation_id]).get(pilot.office_organisation_id, ""),
        period=pilots.period(ctx, pilot_id),
    )
    return page, form.status


def _option(name: Text, left_fen: int) -> str:
    return say(name) + " · " + say(Text(N_("可用 {left}"), {"left": Yuan(left_fen)}))


def _record(ctx: Context, pilot_id: uuid.UUID, data: dict[str, Any]) -> ContractRecord:
    pilot = pilots.get(ctx, pilot_id)
    ctx.require(RECORD, pilot)
    stored = _stored(ctx, data.pop("document"), "contract", pilot_id, pilot.city)
    amounts = {"total_fen": data.pop("total"), "amount_fen": data.pop("amount")}
    return actions.record(ctx, pilot_id, **data, **amounts, document_id=stored)


def _stored(ctx: Context, upload: Any, kind: str, pilot_id: uuid.UUID, city: str) -> uuid.UUID:
    upload.stream.seek(0)  # a second try of the act reads it again
    return documents.store(ctx, upload.stream, upload.filename, kind, pilot_id=pilot_id, city=city).id


@bp.get("/<uuid:contract_id>")
@access(READ)
def show(contract_id: uuid.UUID) -> str:
    """A contract from its record to the payment, with the one next thing for whoever looks."""
    ctx = reading()
    held = queries.held(ctx, contract_id)
    record = held.record
    parts, recalls = queries.parts(ctx, contract_id), queries.recalls(ctx, contract_id)
    people = accounts.names(
        ctx,
        [record.recorded_by, *([record.decided_by] if record.decided_by else [])]
        + [part.row.accepted_by for part in parts]
        + [row.recalled_by for row in recalls],
    )
    mine = ctx.actor is not None and ctx.actor.person_id == record.recorded_by
    confirmed = record.state is RecordState.CONFIRMED
    return render(
        "contracts/show.html",
        ctx=ctx,
        held=held,
        record=record,
        parts=parts,
        recalls=recalls,
        steps=[_shown(s) for s in telling.stations(held, parts, recalls, people)],
        story=queries.story(ctx, record),
        balances=BALANCES,
        meanings=MEANINGS,
        moves=MOVES,
        panels=[panel for draw in ctx.house.all(CONTRACT_PANELS) if (panel := draw(ctx, record)) is not None],
        may_decide=LIFE.allows(record, "confirm") and not mine and ctx.may(CONFIRM, record),
        may_withdraw=LIFE.allows(record, "withdraw") and ctx.may(RECORD, record),
        may_accept=confirmed and held.left_fen > 0 and record.last_day >= ctx.today and ctx.may(ACCEPT, record),
        may_recall=confirmed and held.left_fen > 0 and ctx.may(RECALL, record),
        mine=mine,
        **_words(ctx, record),
    )


def _words(ctx: Context, record: ContractRecord) -> dict[str, Any]:
    """What a contract's facts are called."""
    names = organisations.names(ctx, [record.buyer_id, record.provider_id])
    return {
        "buyer": names.get(record.buyer_id, ""),
        "provider": names.get(record.provider_id, ""),
        "pilot_name": pilots.names(ctx, [record.pilot_id]).get(record.pilot_id, ""),
        "category": pilots.categories(ctx, record.pilot_id).get(record.category, record.category),
        "method": METHODS[record.method] if record.method else None,
    }


def _shown(station: telling.Station) -> dict[str, Any]:
    return {
        "label": say(station.label),
        "state": station.state,
        "at": moment(station.at) if station.at else "",
        "who": station.who,
        "note": station.note,
    }


@bp.route("/<uuid:contract_id>/decide", methods=["GET", "POST"])
@access(CONFIRM)
def decide(contract_id: uuid.UUID) -> Any:
    """What the second person decides about: the contract, and what is left of the money it asks for."""
    ctx = reading()
    ctx.require(CONFIRM, queries.get(ctx, contract_id))
    form = Form(DecisionForm, values={"decision": "confirm"})
    if form.submitted and form.act(lambda own, data: _decide(own, contract_id, data)):
        record = form.result
        told = N_("合同已确认，资金已承诺。") if record.commitment_id else N_("已退回，登记一方会看到理由。")
        return done(told, url_for("contracts.show", contract_id=contract_id))
    ctx = reading()
    record = queries.get(ctx, contract_id)
    page = render(
        "contracts/decide.html",
        ctx=ctx,
        form=form,
        record=record,
        foreseen=gate.foresee(ctx, record.pilot_id, gate.Act.CONTRACT, {record.category: record.amount_fen}),
        line=next((s for s in funds.lines(ctx, record.pilot_id) if s.line.category == record.category), None),
        open=LIFE.allows(record, "confirm"),
        mine=ctx.who.person_id == record.recorded_by,
        decisions=[{"value": value, "title": say(title), "text": say(text)} for value, title, text in _DECISIONS],
        **_words(ctx, record),
    )
    return page, form.status


_DECISIONS = (
    ("confirm", N_("确认"), N_("资金即按合同承诺，计入该用途的占比；服务商会收到通知。")),
    ("decline", N_("不确认"), N_("退回登记的一方，合同编号可以重新登记；请写明理由。")),
)


def _decide(ctx: Context, contract_id: uuid.UUID, data: dict[str, Any]) -> ContractRecord:
    if data["decision"] == "confirm":
        return actions.confirm(ctx, contract_id, reason=data["reason"])
    return actions.decline(ctx, contract_id, reason=data["reason"])


@bp.route("/<uuid:contract_id>/withdraw", methods=["GET", "POST"])
@access(RECORD)
def withdraw(contract_id: uuid.UUID) -> Any:
    """Take an unconfirmed contract back, with the reason."""
    ctx = reading()
    ctx.require(RECORD, queries.get(ctx, contract_id))
    form = Form(ContractReason)
    if form.submitted and form.act(lambda own, data: actions.withdraw(own, contract_id, reason=data["reason"])):
        return done(N_("登记已撤回。"), url_for("contracts.show", contract_id=contract_id))
    ctx = reading()
    record = queries.get(ctx, contract_id)
    page = render(
        "contracts/withdraw.html",
        ctx=ctx,
        form=form,
        record=record,
        open=LIFE.allows(record, "withdraw"),
        **_words(ctx, record),
    )
    return page, form.status


@bp.route("/<uuid:contract_id>/accept", methods=["GET", "POST"])
@access(ACCEPT)
def accept(contract_id: uuid.UUID) -> Any:
    """Accept a delivered part, with the paper that shows it."""
    ctx = reading()
    held = queries.held(ctx, contract_id)
    ctx.require(ACCEPT, held.record)
    values = {"amount": held.left_fen or None, "accepted_on": ctx.today.isoformat(), "key": str(new_id())}
    form = Form(PartForm, values=values)
    if form.submitted and form.act(lambda own, data: _accept(own, contract_id, data)):
        return done(N_("已验收，服务商可以开票并申请兑付。"), url_for("contracts.show", contract_id=contract_id))
    return _on_money("contracts/accept.html", contract_id, form)


def _accept(ctx: Context, contract_id: uuid.UUID, data: dict[str, Any]) -> Any:
    record = queries.get(ctx, contract_id)
    ctx.require(ACCEPT, record)
    stored = _stored(ctx, data["document"], "acceptance", record.pilot_id, record.city)
    return actions.accept_part(
        ctx,
        contract_id,
        amount_fen=data["amount"],
        content=data["content"],
        accepted_on=data["accepted_on"],
        document_id=stored,
        key=data["key"],
    )


@bp.route("/<uuid:contract_id>/recall", methods=["GET", "POST"])
@access(RECALL)
def recall(contract_id: uuid.UUID) -> Any:
    """Amend a contract downwards: what is not needed goes back to its line."""
    ctx = reading()
    held = queries.held(ctx, contract_id)
    ctx.require(RECALL, held.record)
    form = Form(RecallForm, values={"amount": held.left_fen or None, "key": str(new_id())})
    if form.submitted and form.act(lambda own, data: _recall(own, contract_id, data)):
        return done(N_("合同已调减，金额退回原用途的额度。"), url_for("contracts.show", contract_id=contract_id))
    return _on_money("contracts/recall.html", contract_id, form)


def _recall(ctx: Context, contract_id: uuid.UUID, data: dict[str, Any]) -> Any:
    record = queries.get(ctx, contract_id)
    ctx.require(RECALL, record)
    upload = data["document"]
    stored = _stored(ctx, upload, "amendment", record.pilot_id, record.city) if upload is not None else None
    return actions.recall(
        ctx, contract_id, amount_fen=data["amount"], reason=data["reason"], document_id=stored, key=data["key"]
    )


def _on_money(template: str, contract_id: uuid.UUID, form: Form) -> tuple[str, int]:
    """A form about what a contract has left."""
    ctx = reading()
    held = queries.held(ctx, contract_id)
    record = held.record
    open_ = record.state is RecordState.CONFIRMED and held.left_fen > 0
    page = render(
        template,
        ctx=ctx,
        form=form,
        held=held,
        record=record,
        open=open_,
        over=record.last_day < ctx.today,
        **_words(ctx, record),
    )
    return page, form.status


def tasks(ctx: Context) -> list[Task]:
    """Contracts that wait for a second person, unless it was this one who recorded them."""
    if not ctx.may(CONFIRM):
        return []
    number = queries.waiting_for(ctx)
    url = url_for("contracts.index", state=RecordState.PROPOSED.value)
    return [Task(Text(N_("{count} 份直接支出合同待复核"), {"count": number}), url, tone="warn")] if number else []
