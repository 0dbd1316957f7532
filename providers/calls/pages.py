"""Pages: calls for everybody, drafting and publishing for officers."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from flask import Blueprint, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response

from marketplace.base.context import Context
from marketplace.base.errors import Invalid
from marketplace.base.text import N_, Text
from marketplace.people.organisations import industries
from marketplace.people.regions import queries as regions
from marketplace.policy.editions import queries as editions
from marketplace.shop.roster.states import CLASS_LABELS
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import language, say
from marketplace.web.nav import Task
from marketplace.web.runtime import act, reading
from marketplace.web.security import PUBLIC, access
from providers.calls import actions, queries, story, template
from providers.calls.listings import CALLS
from providers.calls.models import Call
from providers.calls.permissions import MANAGE
from providers.calls.ports import CALL_PANELS
from providers.calls.schemas import CallFormSchema, CallReasonSchema, terms_of, values_of
from providers.calls.states import CALL, CallState, ConditionKind

bp = Blueprint("calls", __name__, url_prefix="/calls")


@bp.get("")
@access(PUBLIC)
def index() -> str | Response:
    ctx = reading()
    return CALLS.answer("calls/index.html", ctx=ctx, may_draft=ctx.may(MANAGE))


@bp.get("/<uuid:call_id>")
@access(PUBLIC)
def show(call_id: uuid.UUID) -> str:
    ctx = reading()
    call = queries.get(ctx, call_id)
    places = regions.names(ctx, [call.city])
    labels = {line["code"]: line["label"] for line in call.scoring}
    may_manage = ctx.may(MANAGE, call)
    panels = [panel for build in ctx.house.all(CALL_PANELS) if (panel := build(ctx, call)) is not None]
    return render(
        "calls/show.html",
        ctx=ctx,
        call=call,
        city=say(places[call.city].label) if call.city in places else call.city,
        classes=CLASS_LABELS,
        trades=[industries.name_of(code, language()) for code in call.industries],
        ties=[labels[code] for code in call.tie_break],
        machine=ConditionKind.MACHINE.value,
        takes=call.takes_on(ctx.today),
        early=call.state is CallState.OPEN and ctx.today < call.opens_on,
        remarks=actions.remarks(ctx, call) if may_manage and call.state is CallState.DRAFT else [],
        verbs=CALL.verbs(call) if may_manage else [],
        may_reuse=ctx.may(MANAGE),
        closable=call.state is CallState.OPEN and ctx.today > call.closes_on,
        panels=panels,
        path=[{"label": say(s.label), "state": s.state, "hint": s.hint and say(s.hint)} for s in story.path(call)],
        total=sum(line["max"] for line in call.scoring),
    )


@bp.route("/new", methods=["GET", "POST"])
@access(MANAGE)
def new() -> Any:
    """A call, prefilled from the template; or from an earlier one with ``?like=``."""
    form = Form(CallFormSchema, values=_prefilled(reading()) if request.method == "GET" else None, live=True)
    if form.submitted and form.act(lambda ctx, data: actions.draft(ctx, **_terms(data))):
        return done(N_("草稿已保存，请核对后发布。"), url_for("calls.show", call_id=form.result.id))
    return _form_page(form, None), form.status


def _prefilled(ctx: Context) -> dict[str, Any]:
    usual = template.prefill(ctx)
    like = request.args.get("like", type=uuid.UUID)
    values = values_of(usual)
    if like is not None:
        fresh = {name: values[name] for name in ("number", "opens_on", "closes_on")}
        values = {**values_of(queries.get(ctx, like)), **fresh}
    return values


@bp.route("/<uuid:call_id>/edit", methods=["GET", "POST"])
@access(MANAGE)
def edit(call_id: uuid.UUID) -> Any:
    call = queries.get(reading(), call_id)
    form = Form(CallFormSchema, values=values_of(call), live=True)
    if form.submitted and form.act(lambda ctx, data: actions.revise(ctx, call_id, **_terms(data))):
        return done(N_("草稿已保存，请核对后发布。"), url_for("calls.show", call_id=call_id))
    return _form_page(form, call), form.status


def _terms(data: dict[str, Any]) -> Any:
    try:
        return terms_of(data)
    except ValidationError as fault:
        raise Invalid(fault.normalized_messages()) from None


def _form_page(form: Form, call: Call | None) -> str:
    ctx = reading()
    return render(
        "calls/form.html",
        ctx=ctx,
        form=form,
        call=call,
        classes=CLASS_LABELS,
        editions=[(str(e.id), f"{e.name_zh} {e.version}") for e in editions.choices(ctx)],
        industries=[
            (code, f"{code} {industries.name_of(code, language())}")
            for code in industries.divisions()
            if industries.is_industrial(code)
        ],
    )


@bp.post("/<uuid:call_id>/publication")
@access(MANAGE)
def publish(call_id: uuid.UUID) -> Response:
    act(lambda ctx: actions.publish(ctx, call_id))
    return done(N_("公告已发布，任何人都可以查看。"), url_for("calls.show", call_id=call_id))


@bp.post("/<uuid:call_id>/closing")
@access(MANAGE)
def close(call_id: uuid.UUID) -> Response:
    act(lambda ctx: actions.close(ctx, call_id))
    return done(N_("报名已结束。"), url_for("calls.show", call_id=call_id))


@bp.route("/<uuid:call_id>/cancellation", methods=["GET", "POST"])
@access(MANAGE)
def cancel(call_id: uuid.UUID) -> Any:
    call = queries.get(reading(), call_id)
    form = Form(CallReasonSchema)
    if form.submitted and form.act(lambda ctx, data: actions.cancel(ctx, call_id, **data)):
        return done(N_("遴选已终止。"), url_for("calls.show", call_id=call_id))
    return render("calls/cancel.html", form=form, call=call), form.status


def tasks(ctx: Context) -> Iterable[Task]:
    """Drafts to publish and calls whose period is over."""
    if ctx.actor is None or ctx.matrix.within(MANAGE, ctx.actor.role) is None:
        return
    for call in queries.of_officer(ctx, [CallState.DRAFT, CallState.OPEN]):
        url = url_for("calls.show", call_id=call.id)
        if call.state is CallState.DRAFT:
            yield Task(Text(N_("核对并发布遴选公告：{title}"), {"title": call.title}), url, due=call.opens_on)
        elif ctx.today > call.closes_on:
            yield Task(Text(N_("报名已截止，请开始审查：{title}"), {"title": call.title}), url, due=call.closes_on)


def find(ctx: Context, words: str) -> Iterable[tuple[str, str, str]]:
    """Calls by a part of their title or number."""
    return [(call.title, call.number, url_for("calls.show", call_id=call.id)) for call in queries.find(ctx, words)]
