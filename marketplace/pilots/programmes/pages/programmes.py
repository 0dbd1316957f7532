"""Pages: programmes and their batches."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from marketplace.base.context import Context
from marketplace.base.errors import Invalid
from marketplace.base.text import N_, Bilingual
from marketplace.people.organisations import queries as organisations
from marketplace.pilots.programmes import actions, queries
from marketplace.pilots.programmes.listings import PROGRAMMES
from marketplace.pilots.programmes.models import Pilot, Programme
from marketplace.pilots.programmes.permissions import NOMINATE, OPEN, PUBLISH
from marketplace.pilots.programmes.rules import named
from marketplace.pilots.programmes.schemas import OpenProgrammeBatchSchema, OpenProgrammeFormSchema
from marketplace.pilots.programmes.states import PilotState
from marketplace.policy.editions import queries as editions
from marketplace.policy.editions.models import BookEdition
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import say
from marketplace.web.runtime import act, reading
from marketplace.web.security import PUBLIC, access

bp = Blueprint("programmes", __name__, url_prefix="/programmes")


@bp.get("")
@access(PUBLIC)
def index() -> str | Response:
    ctx = reading()
    return PROGRAMMES.answer("programmes/index.html", ctx=ctx, may_open=ctx.may(OPEN))


@bp.get("/<uuid:programme_id>")
@access(PUBLIC)
def show(programme_id: uuid.UUID) -> str:
    ctx = reading()
    programme = queries.programme(ctx, programme_id)
    waiting = queries.visible(ctx).where(
        Pilot.programme_id == programme.id, Pilot.state == PilotState.REVIEWED
    )  # fmt: skip
    departments = [programme.industry_department_id, programme.finance_department_id]
    return render(
        "programmes/show.html",
        ctx=ctx,
        programme=programme,
        batches=queries.batches(ctx, programme.id),
        edition=editions.get(ctx, programme.edition_id),
        names=organisations.names(ctx, departments),
        to_publish={pilot.batch_id for pilot in ctx.session.scalars(waiting)},
        may_open=ctx.may(OPEN, programme),
        may_publish=ctx.may(PUBLISH, programme),
        may_nominate=ctx.may(NOMINATE),
    )


@bp.route("/open", methods=["GET", "POST"])
@access(OPEN)
def open_programme() -> Any:
    form = Form(OpenProgrammeFormSchema, {"publicity_days": 5})
    if form.submitted and form.act(_open):
        return done(N_("已设立试点项目。"), url_for("programmes.show", programme_id=form.result.id))
    ctx = reading()
    return render("programmes/open.html", ctx=ctx, form=form, editions=_choices(editions.choices(ctx))), form.status


def _choices(found: Sequence[BookEdition]) -> list[tuple[str, str]]:
    return [(str(e.id), f"{say(Bilingual(e.name_zh, {}, e.name_en))} {e.version}") for e in found]


def _open(ctx: Context, data: dict[str, Any]) -> Programme:
    finance = organisations.by_uscc(ctx, data.pop("finance_uscc"))
    if finance is None:
        raise Invalid({"finance_uscc": [N_("没有找到这家单位。")]})
    return actions.open_programme(ctx, finance_department_id=finance.id, **data)


@bp.route("/<uuid:programme_id>/batches/open", methods=["GET", "POST"])
@access(OPEN)
def open_batch(programme_id: uuid.UUID) -> Any:
    form = Form(OpenProgrammeBatchSchema)
    if form.submitted and form.act(lambda ctx, data: actions.open_batch(ctx, programme_id, **data)):
        return done(N_("已设立批次。"), url_for("programmes.show", programme_id=programme_id))
    ctx = reading()
    programme = queries.programme(ctx, programme_id)
    book = editions.book(ctx, programme.edition_id)
    code = editions.get(ctx, programme.edition_id).code
    return (
        render(
            "programmes/batch.html",
            ctx=ctx,
            form=form,
            programme=programme,
            book_batches=[(key, say(named(batch))) for key, batch in book.batches.items()],
            editions=_choices([e for e in editions.choices(ctx) if e.code == code]),
        ),
        form.status,
    )


@bp.post("/batches/<uuid:batch_id>/shortlist")
@access(PUBLISH)
def publish(batch_id: uuid.UUID) -> Any:
    act(lambda ctx: actions.publish_shortlist(ctx, batch_id))
    programme_id = queries.batch(reading(), batch_id).programme_id
    return done(N_("入围名单已公示。"), url_for("programmes.show", programme_id=programme_id))
