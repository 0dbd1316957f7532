"""Pages: adjustments, what of a pilot's money there is to adjust, proposing one, the second person's decision."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.base.money import Yuan
from marketplace.base.text import N_, Text
from marketplace.people.accounts import queries as accounts
from marketplace.pilots.programmes import queries as pilots
from marketplace.record.documents import actions as documents
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import say
from marketplace.web.nav import Task
from marketplace.web.runtime import reading
from marketplace.web.security import access
from vouchers.adjustments import actions, queries
from vouchers.adjustments.listings import ADJUSTMENTS
from vouchers.adjustments.models import Adjustment
from vouchers.adjustments.permissions import BOOK, PROPOSE, READ
from vouchers.adjustments.queries import Desk
from vouchers.adjustments.schemas import FORMS, AdjustmentReason, DecisionForm
from vouchers.adjustments.states import ADJUSTMENT, EXPLAINED, KINDS, AdjustmentState, Kind
from vouchers.adjustments.words import ENTRIES
from vouchers.funds import queries as funds
from vouchers.ledger.models.funds import BudgetLine, FundEntry

bp = Blueprint("adjustments", __name__, url_prefix="/adjustments")


@bp.get("")
@access(READ)
def index() -> str | Response:
    """Adjustments within reach, newest first."""
    ctx = reading()
    return ADJUSTMENTS.answer("adjustments/index.html", ctx=ctx, may_propose=ctx.may(PROPOSE))


@bp.get("/new")
@access(PROPOSE)
def choose() -> str | Response:
    """Whose money it is about: finance of a pilot has one, the city chooses."""
    ctx = reading()
    if ctx.who.pilot_id is not None:
        return redirect(url_for("adjustments.desk", pilot_id=ctx.who.pilot_id), code=303)
    return render("adjustments/choose.html", ctx=ctx, pilots=queries.funded(ctx))


@bp.get("/new/<uuid:pilot_id>")
@access(PROPOSE)
def desk(pilot_id: uuid.UUID) -> str:
    """What of a pilot's money there is to adjust, each kind with what it would be about."""
    ctx = reading()
    found = queries.desk(ctx, pilot_id)
    ctx.require(PROPOSE, found.fund)
    return render(
        "adjustments/desk.html",
        ctx=ctx,
        desk=found,
        pilot=pilots.get(ctx, pilot_id),
        names=pilots.categories(ctx, pilot_id),
        kinds=[(kind, say(KINDS[kind]), say(EXPLAINED[kind]), *_room(ctx, found, kind)) for kind in Kind],
    )


def _room(ctx: Context, found: Desk, kind: Kind) -> tuple[str, bool]:
    """What there is to adjust, in words, and whether there is anything."""
    if kind is Kind.CLOSE:
        left = sum(s.available for s in found.over)
        return say(Text(N_("可收回 {left}"), {"left": Yuan(left)})), left > 0
    if kind is Kind.CARRY:
        left = sum(s.available + s.lapsed for s in found.over)
        return say(Text(N_("可结转 {left}"), {"left": Yuan(left)})), left > 0
    if kind is Kind.INTEREST:
        return say(Text(N_("累计已登记 {amount}"), {"amount": Yuan(found.fund.interest)})), True
    if kind is Kind.REMIT:
        return say(Text(N_("尚未上缴 {left}"), {"left": Yuan(found.interest)})), found.interest > 0
    if kind is Kind.RETURN:
        return say(Text(N_("最多可交回 {left}"), {"left": Yuan(found.spare)})), found.spare > 0
    count = len(queries.correctable(ctx, found.fund.id))
    return say(Text(N_("可更正 {count} 笔"), {"count": count})), count > 0


@bp.route("/new/<uuid:pilot_id>/<kind>", methods=["GET", "POST"])
@access(PROPOSE)
def new(pilot_id: uuid.UUID, kind: str) -> Any:
    """Propose one adjustment; another person of finance books it."""
    if kind not in FORMS:
        raise NotFound("adjustment kind")
    which = Kind(kind)
    ctx = reading()
    found = queries.desk(ctx, pilot_id)
    ctx.require(PROPOSE, found.fund)
    form = Form(FORMS[which], values=_values(found, which))
    if form.submitted and form.act(lambda own, data: _propose(own, pilot_id, which, data)):
        return done(N_("已提出，等待另一人复核入账。"), url_for("adjustments.show", adjustment_id=form.result.id))
    ctx = reading()
    found = queries.desk(ctx, pilot_id)
    names = pilots.categories(ctx, pilot_id)
    page = render(
        "adjustments/new.html",
        ctx=ctx,
        form=form,
        kind=which,
        title=KINDS[which],
        explained=EXPLAINED[which],
        desk=found,
        pilot=pilots.get(ctx, pilot_id),
        lines=[
            (str(s.line.id), _line_words(say(names.get(s.line.category, s.line.category)), s, which))
            for s in found.over
            if which is Kind.CARRY or s.available
        ],
        mistakes=[(str(e.id), _entry_words(e)) for e in queries.correctable(ctx, found.fund.id)]
        if which is Kind.CORRECT
        else [],
    )
    return page, form.status


def _values(found: Desk, kind: Kind) -> dict[str, Any]:
    """What the form begins with: all there is, which is what is meant nearly always."""
    chosen = request.args.get("line", type=uuid.UUID)
    if kind in (Kind.CLOSE, Kind.CARRY):
        lines = [s for s in found.over if chosen is None or s.line.id == chosen]
        first = lines[0] if lines else None
        if first is None:
            return {}
        whole = {"amount": first.available + first.lapsed} if kind is Kind.CARRY else {}
        return {"line_id": str(first.line.id), **whole}
    if kind is Kind.REMIT:
        return {"amount": found.interest or None}
    return {}


def _line_words(name: str, state: funds.LineState, kind: Kind) -> str:
    left = state.available if kind is Kind.CLOSE else state.available + state.lapsed
    return name + " · " + say(Text(N_("期限到 {day}，{left}"), {"day": state.line.closes_on, "left": Yuan(left)}))


def _entry_words(entry: FundEntry) -> str:
    words = Text(N_("{kind} · {day} · {amount} · 第 {id} 笔"), {
        "kind": Text(ENTRIES[entry.kind]), "day": entry.day, "amount": Yuan(entry.amount), "id": entry.id,
    })  # fmt: skip
    return say(words)


def _propose(ctx: Context, pilot_id: uuid.UUID, kind: Kind, data: dict[str, Any]) -> Adjustment:
    upload = data.pop("document", None)
    if upload is not None:
        pilot = pilots.get(ctx, pilot_id)
        upload.stream.seek(0)  # a second try of the act reads it again
        stored = documents.store(ctx, upload.stream, upload.filename, "bank", pilot_id=pilot_id, city=pilot.city)
        data["document_id"] = stored.id
    return actions.propose(ctx, pilot_id, kind=kind, amount_fen=data.pop("amount", None), **data)


@bp.route("/<uuid:adjustment_id>", methods=["GET", "POST"])
@access(READ, post=BOOK)
def show(adjustment_id: uuid.UUID) -> Any:
    """One adjustment; the second person decides about it here."""
    form = Form(DecisionForm, values={"decision": "book"})
    if form.submitted and form.act(lambda own, data: _decide(own, adjustment_id, data)):
        booked = form.result.state is AdjustmentState.BOOKED
        told = N_("已入账。") if booked else N_("未予入账，提出人会看到理由。")
        return done(told, url_for("adjustments.show", adjustment_id=adjustment_id))
    ctx = reading()
    row = queries.get(ctx, adjustment_id)
    line = ctx.session.get(BudgetLine, row.line_id) if row.line_id else None
    entry = ctx.session.get(FundEntry, row.entry_id) if row.entry_id else None
    names = pilots.categories(ctx, row.pilot_id)
    mine = ctx.who.person_id == row.proposed_by
    page = render(
        "adjustments/show.html",
        ctx=ctx,
        form=form,
        row=row,
        title=KINDS[row.kind],
        explained=EXPLAINED[row.kind],
        line=names.get(line.category, line.category) if line else None,
        until=line.closes_on if line else None,
        entry=_entry_words(entry) if entry else None,
        pilot_name=pilots.names(ctx, [row.pilot_id]).get(row.pilot_id, ""),
        people=accounts.names(ctx, [row.proposed_by, *([row.decided_by] if row.decided_by else [])]),
        may_decide=ADJUSTMENT.allows(row, "book") and not mine and ctx.may(BOOK, row),
        may_withdraw=ADJUSTMENT.allows(row, "withdraw") and ctx.may(PROPOSE, row),
        mine=mine,
        decisions=[{"value": value, "title": say(name), "text": say(text)} for value, name, text in _DECISIONS],
    )
    return page, form.status


_DECISIONS = (
    ("book", N_("复核入账"), N_("账目即写入总账，之后只能用更正冲回，不能修改。")),
    ("decline", N_("不予入账"), N_("退回提出人，不产生任何账目；请写明理由。")),
)


def _decide(ctx: Context, adjustment_id: uuid.UUID, data: dict[str, Any]) -> Adjustment:
    if data["decision"] == "book":
        return actions.book(ctx, adjustment_id)
    return actions.decline(ctx, adjustment_id, reason=data["reason"])


@bp.route("/<uuid:adjustment_id>/withdraw", methods=["GET", "POST"])
@access(PROPOSE)
def withdraw(adjustment_id: uuid.UUID) -> Any:
    """Take a proposal back that was not booked, with the reason."""
    ctx = reading()
    ctx.require(PROPOSE, queries.get(ctx, adjustment_id))
    form = Form(AdjustmentReason)
    if form.submitted and form.act(lambda own, data: actions.withdraw(own, adjustment_id, reason=data["reason"])):
        return done(N_("已撤回，没有产生账目。"), url_for("adjustments.show", adjustment_id=adjustment_id))
    ctx = reading()
    row = queries.get(ctx, adjustment_id)
    page = render(
        "adjustments/withdraw.html",
        ctx=ctx,
        form=form,
        row=row,
        title=KINDS[row.kind],
        open=ADJUSTMENT.allows(row, "withdraw"),
    )
    return page, form.status


def tasks(ctx: Context) -> list[Task]:
    """Adjustments that wait for a second person, unless it was this one who proposed them."""
    if not ctx.may(BOOK):
        return []
    number = queries.waiting_for(ctx)
    url = url_for("adjustments.index", state=AdjustmentState.PROPOSED.value)
    return [Task(Text(N_("{count} 项年终或更正事项待复核"), {"count": number}), url, tone="warn")] if number else []
