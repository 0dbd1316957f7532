"""Pages: who is banned, and imposing and lifting a ban."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from marketplace.base.context import Context
from marketplace.base.errors import Invalid
from marketplace.base.text import N_
from marketplace.people.organisations import queries as organisations
from marketplace.people.regions import picker
from marketplace.people.regions.states import RegionKind
from marketplace.policy.editions import queries as editions
from marketplace.policy.sanctions import actions, queries
from marketplace.policy.sanctions.listings import SANCTIONS
from marketplace.policy.sanctions.models import Ban
from marketplace.policy.sanctions.permissions import IMPOSE
from marketplace.policy.sanctions.schemas import BanImpositionFormSchema, BanLiftingSchema
from marketplace.policy.sanctions.states import BanState, Subject
from marketplace.web.html import Form, done, render
from marketplace.web.runtime import reading
from marketplace.web.security import PUBLIC, access

bp = Blueprint("sanctions", __name__, url_prefix="/sanctions")


@bp.get("")
@access(PUBLIC)
def index() -> str | Response:
    ctx = reading()
    return SANCTIONS.answer("sanctions/index.html", ctx=ctx, may_impose=ctx.may(IMPOSE))


@bp.route("/impose", methods=["GET", "POST"])
@access(IMPOSE)
def impose() -> Any:
    form = Form(BanImpositionFormSchema)
    if form.submitted and form.act(_impose):
        return done(N_("已作出处理。"), url_for("sanctions.index"))
    ctx = reading()
    return (
        render(
            "sanctions/impose.html",
            ctx=ctx,
            form=form,
            regions=picker.picker(ctx, *RegionKind),
            editions=[(str(e.id), f"{e.name_zh} {e.version}") for e in editions.choices(ctx)],
        ),
        form.status,
    )


@bp.route("/<uuid:ban_id>/lift", methods=["GET", "POST"])
@access(IMPOSE)
def lift(ban_id: uuid.UUID) -> Any:
    ban = queries.get(reading(), ban_id)
    form = Form(BanLiftingSchema)
    if form.submitted and form.act(lambda ctx, data: actions.lift(ctx, ban_id, **data)):
        return done(N_("已撤销处理。"), url_for("sanctions.index"))
    return render("sanctions/lift.html", form=form, ban=ban, open=ban.state is BanState.IMPOSED), form.status


def _impose(ctx: Context, data: dict[str, Any]) -> Ban:
    region, uscc = data.pop("region"), data.pop("uscc")
    if bool(region) == bool(uscc):
        raise Invalid({"region": [N_("请选择地区，或者填写单位的统一社会信用代码，二者择一。")]})
    if region:
        return actions.impose(ctx, subject_kind=Subject.REGION, subject_id=region, **data)
    organisation = organisations.by_uscc(ctx, uscc)
    if organisation is None:
        raise Invalid({"uscc": [N_("没有找到这家单位。")]})
    return actions.impose(ctx, subject_kind=Subject.ORGANISATION, subject_id=str(organisation.id), **data)
