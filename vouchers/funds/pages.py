"""Funds on the screen: where the money stands, and dividing it."""

from __future__ import annotations

import uuid

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from marketplace.base.ids import new_id
from marketplace.base.text import N_
from marketplace.pilots.programmes import queries as pilots
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import say
from marketplace.web.runtime import reading
from marketplace.web.security import access
from vouchers.funds import actions, permissions, queries
from vouchers.funds.schemas import AllotmentForm

bp = Blueprint("funds", __name__, url_prefix="/funds")


@bp.get("")
@access(permissions.READ)
def index() -> str:
    """The funds this person may see."""
    ctx = reading()
    return render("funds/index.html", ctx=ctx, funds=queries.listed(ctx, cursor=request.args.get("cursor")))


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
    kind = pilots.book(ctx, pilot_id).types[pilot.type]
    names = pilots.categories(ctx, pilot_id)
    page = render(
        "funds/show.html",
        ctx=ctx,
        form=form,
        pilot=pilot,
        funds=funds,
        lines=queries.lines(ctx, pilot_id),
        names=names,
        options=[(code, say(name)) for code, name in names.items()],
        kind=kind,
        may_allot=ctx.may(permissions.ALLOT, funds[0]),
    )
    return page, form.status
