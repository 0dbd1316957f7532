"""Pages: the history of an enterprise's levels, and recording one."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.base.text import N_
from marketplace.people.organisations import queries as organisations
from marketplace.pilots.levels import actions, queries
from marketplace.pilots.levels.listings import LEVELS
from marketplace.pilots.levels.models import LevelRecord
from marketplace.pilots.levels.permissions import READ, RECORD
from marketplace.pilots.levels.schemas import LevelFormSchema
from marketplace.pilots.members import queries as members
from marketplace.pilots.programmes import queries as pilots
from marketplace.record.documents import actions as documents
from marketplace.web.html import Form, done, render
from marketplace.web.runtime import reading
from marketplace.web.security import access

bp = Blueprint("levels", __name__, url_prefix="/levels")


@bp.get("")
@access(READ)
def index() -> str | Response:
    return LEVELS.answer("levels/index.html")


@bp.get("/of/<uuid:enterprise_id>")
@access(READ)
def history(enterprise_id: uuid.UUID) -> str:
    ctx = reading()
    rows = queries.history(ctx, enterprise_id)
    own = members.of_enterprise(ctx, enterprise_id)
    if not rows and not own:
        raise NotFound("enterprise")
    return render(
        "levels/history.html",
        ctx=ctx,
        rows=rows,
        members=own,
        pilots=pilots.names(ctx, [m.pilot_id for m in own]),
        enterprise=organisations.by_id(ctx, enterprise_id),
        may_record=[m for m in own if m.state != "withdrawn" and ctx.may(RECORD, m)],
    )


@bp.route("/record/<uuid:member_id>", methods=["GET", "POST"])
@access(RECORD)
def record(member_id: uuid.UUID) -> Any:
    def verb(ctx: Context, data: dict[str, Any]) -> LevelRecord:
        member = members.get(ctx, member_id)
        upload, document_id = data.pop("file"), None
        if upload is not None:
            upload.stream.seek(0)  # an act that is run again reads it again
            document_id = documents.store(
                ctx,
                upload.stream,
                upload.filename or "",
                "level_evidence",
                member.enterprise_id,
                pilot_id=member.pilot_id,
                city=member.city,
            ).id
        return actions.record(
            ctx,
            enterprise_id=member.enterprise_id,
            pilot_id=member.pilot_id,
            evidence_document_id=document_id,
            **data,
        )

    form = Form(LevelFormSchema)
    if form.submitted and form.act(verb):
        return done(N_("已登记水平。"), url_for("levels.history", enterprise_id=form.result.enterprise_id))
    ctx = reading()
    member = members.get(ctx, member_id)
    scale = pilots.book(ctx, member.pilot_id).level_scale
    return (
        render(
            "levels/record.html",
            ctx=ctx,
            form=form,
            member=member,
            enterprise=organisations.by_id(ctx, member.enterprise_id),
            scale=scale,
            levels=[(level, level) for level in scale.levels],
        ),
        form.status,
    )
