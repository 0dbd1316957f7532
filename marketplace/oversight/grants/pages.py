"""Pages: lists of other programmes, what is in them, bringing one in, withdrawing one."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from marketplace.base.context import Context
from marketplace.base.text import N_
from marketplace.oversight.grants import actions, queries, reading
from marketplace.oversight.grants.actions import BroughtIn
from marketplace.oversight.grants.listings import GRANT_LISTS, GRANT_ROWS
from marketplace.oversight.grants.permissions import BRING_IN, READ
from marketplace.oversight.grants.schemas import GrantListFormSchema, GrantReasonSchema
from marketplace.oversight.grants.states import GRANT_LIST
from marketplace.people.regions import queries as regions
from marketplace.web.html import Form, done, render
from marketplace.web.runtime import reading as looking
from marketplace.web.security import access

bp = Blueprint("grants", __name__, url_prefix="/grants")


@bp.get("")
@access(READ)
def index() -> str | Response:
    ctx = looking()
    return GRANT_LISTS.answer("grants/index.html", ctx=ctx, may_bring_in=ctx.may(BRING_IN))


@bp.route("/new", methods=["GET", "POST"])
@access(BRING_IN)
def new() -> Any:
    def verb(ctx: Context, data: dict[str, Any]) -> BroughtIn:
        file = data["file"]
        file.stream.seek(0)
        return actions.bring_in(ctx, file.stream, file.filename, data["programme"])

    form = Form(GrantListFormSchema)
    if form.submitted and form.act(verb):
        made = form.result
        message = N_("已导入 {rows} 行，发现疑点 {opened} 处。") if made.new else N_("这份名单此前已导入，没有变化。")
        url = url_for("grants.show", list_id=made.grants.id)
        return done(message, url, **({"rows": made.grants.rows, "opened": made.opened} if made.new else {}))
    return render("grants/new.html", form=form, columns=reading.NAMES), form.status


@bp.get("/<uuid:list_id>")
@access(READ)
def show(list_id: uuid.UUID) -> str | Response:
    """One list: its facts, and its rows with what in them fits the orders of today."""
    ctx = looking()
    grants = queries.get(ctx, list_id)
    return GRANT_ROWS.answer(
        "grants/show.html",
        ctx=ctx,
        given={"list_id": list_id},
        grants=grants,
        region=regions.get(ctx, grants.region).label,
        known=queries.count_known(ctx, list_id),
        may_withdraw=GRANT_LIST.allows(grants, "withdraw") and ctx.may(BRING_IN, grants),
    )


@bp.route("/<uuid:list_id>/withdrawal", methods=["GET", "POST"])
@access(BRING_IN)
def withdraw(list_id: uuid.UUID) -> Any:
    form = Form(GrantReasonSchema)
    if form.submitted and form.act(lambda ctx, data: actions.withdraw(ctx, list_id, **data)):
        return done(N_("名单已撤回。"), url_for("grants.show", list_id=list_id))
    grants = queries.get(looking(), list_id)
    open_ = GRANT_LIST.allows(grants, "withdraw")
    return render("grants/withdraw.html", form=form, grants=grants, open=open_), form.status
