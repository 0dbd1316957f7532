"""Funds on the screen: where the money stands, and dividing it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from marketplace.base.ids import new_id
from marketplace.base.money import Yuan
from marketplace.base.text import N_, Bilingual, Text
from marketplace.pilots.programmes import queries as pilots
from marketplace.pilots.programmes.rules import named
from marketplace.policy.engine.finding import Finding
from marketplace.policy.engine.verdict import Check
from marketplace.web import charts
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import say
from marketplace.web.runtime import reading
from marketplace.web.security import access
from vouchers.funds import actions, gate, permissions, queries
from vouchers.funds.listings import FUNDS, SOURCES
from vouchers.funds.schemas import AllotmentForm, WhatIfSchema
from vouchers.funds.words import STATUSES, TONES

bp = Blueprint("funds", __name__, url_prefix="/funds")


@bp.get("")
@access(permissions.READ)
def index() -> str | Response:
    """The funds this person may see."""
    return FUNDS.answer("funds/index.html")


@bp.route("/<uuid:pilot_id>", methods=["GET", "POST"])
@access(permissions.READ, post=permissions.ALLOT)
def show(pilot_id: uuid.UUID) -> str | Response | tuple[str, int]:
    """A pilot's money by line; a finance officer divides the award here."""
    form = Form(AllotmentForm, values={"key": str(new_id())})
    if form.submitted and form.act(
        lambda ctx, data: actions.allot(
            ctx, pilot_id, category=data["category"], amount_fen=data["amount"], key=data["key"]
        )
    ):
        return done(N_("额度已安排。"), url_for("funds.show", pilot_id=pilot_id))
    ctx = reading()
    funds = queries.of_pilot(ctx, pilot_id)
    pilot = pilots.get(ctx, pilot_id)
    names = pilots.categories(ctx, pilot_id)
    lines = queries.lines(ctx, pilot_id)
    rooms = queries.rooms(ctx, pilot_id)
    page = render(
        "funds/show.html",
        ctx=ctx,
        form=form,
        pilot=pilot,
        funds=funds,
        sources=SOURCES,
        lines=lines,
        uses=_uses(lines, names),
        names=names,
        rooms=rooms,
        division=queries.division(ctx, pilot_id),
        options=[(code, _option(name, rooms[code].fen)) for code, name in names.items()],
        kind=pilots.book(ctx, pilot_id).types[pilot.type],
        may_allot=ctx.may(permissions.ALLOT, funds[0]),
        adjustments=f"/adjustments?pilot={pilot_id}",
    )
    return page, form.status


@bp.get("/<uuid:pilot_id>/what-if")
@access(permissions.READ)
def what_if(pilot_id: uuid.UUID) -> str | tuple[str, int]:
    """Every check before an act and as if it had been done: of an amount in a category, or of a draft of payments."""
    ctx = reading()
    funds = queries.of_pilot(ctx, pilot_id)
    pilot, book, names = pilots.get(ctx, pilot_id), pilots.book(ctx, pilot_id), pilots.categories(ctx, pilot_id)
    form = Form(WhatIfSchema, values={"act": gate.Act.ISSUE, **request.args.to_dict()})
    batch_id = request.args.get("batch", type=uuid.UUID)
    wanted: tuple[gate.Act, dict[str, int]] | None = None
    if batch_id is not None:
        wanted = gate.Act.PAYMENT, gate.drafted(ctx, pilot_id, batch_id)
    elif "amount" in request.args and (data := form.load()) is not None:
        wanted = gate.Act(data["act"]), {data["category"]: data["amount"]}
    found = gate.foresee(ctx, pilot_id, *wanted, targets=True) if wanted else None
    page = render(
        "funds/what_if.html",
        ctx=ctx,
        form=form,
        pilot=pilot,
        fund=funds[0],
        batch_id=batch_id,
        wanted=wanted,
        found=found,
        acts=gate.ACTS,
        act_options=[(str(act), say(label)) for act, label in gate.ACTS.items()],
        options=[(code, say(name)) for code, name in names.items()],
        names=names,
        bases={code: named(base) for code, base in book.bases.items()},
        named=named,
        shown=_message,
        statuses=STATUSES,
        tones=TONES,
    )
    return page, form.status


def _message(said: Check | Finding) -> Bilingual:
    return Bilingual(said.message_zh, {}, said.message_en)


def _option(name: Text, left_fen: int) -> str:
    return say(name) + " · " + say(Text(N_("尚可安排 {left}"), {"left": Yuan(left_fen)}))


def _uses(lines: Sequence[queries.LineState], names: Mapping[str, Text]) -> charts.Chart:
    """Where the money of each category stands: issued to enterprises and contracts, not yet issued, lapsed."""
    return charts.stacked(
        say(N_("额度用在哪里")),
        [say(N_("已发放")), say(N_("未发放")), say(N_("已失效"))],
        [
            (say(names.get(row.line.category, row.line.category)), [row.committed, row.available, row.lapsed])
            for row in lines
        ],
        tones=("reserved", "available", "gone"),
        axis=say(N_("资金用途")),
    )
