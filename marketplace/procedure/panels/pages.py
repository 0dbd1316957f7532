"""Pages: the expert declares and scores; the officer watches how far it is, and closes."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.base.roles import Role
from marketplace.base.states import Label
from marketplace.base.text import N_, Text
from marketplace.people.accounts import queries as persons
from marketplace.procedure.panels import actions, queries
from marketplace.procedure.panels.conflicts import REASONS
from marketplace.procedure.panels.listings import EXPERTS, PANELS
from marketplace.procedure.panels.models import Panel, PanelSeat
from marketplace.procedure.panels.permissions import CLOSE, DRAW, KEEP_POOL, READ, READ_POOL, SCORE
from marketplace.procedure.panels.schemas import (
    DeclarationFormSchema,
    EmploymentSchema,
    EnlistFormSchema,
    SeatReasonSchema,
    given_of,
    sheet_schema,
    split,
)
from marketplace.procedure.panels.scoring import plain
from marketplace.procedure.panels.states import SITTING, PanelState, SeatState
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import say
from marketplace.web.nav import Task
from marketplace.web.runtime import act, reading
from marketplace.web.security import access

bp = Blueprint("panels", __name__, url_prefix="/panels")


@bp.get("")
@access(READ)
def index() -> str | Response:
    return PANELS.answer("panels/index.html")


@bp.get("/<uuid:panel_id>")
@access(READ)
def show(panel_id: uuid.UUID) -> str:
    ctx = reading()
    panel = queries.get(ctx, panel_id)
    if ctx.who.role is Role.EXPERT:
        return _for_expert(ctx, panel, Form(DeclarationFormSchema))
    return _for_officer(ctx, panel)


def _for_expert(ctx: Context, panel: Panel, form: Form) -> str:
    seat = queries.own_seat(ctx, panel.id)
    return render(
        "panels/seat.html",
        ctx=ctx,
        form=form,
        panel=panel,
        seat=seat,
        candidates=queries.candidates(ctx, panel.id),
        sheets=queries.own_sheet(ctx, seat),
        declared=seat.state is SeatState.CLEAR,
        closed=panel.state is PanelState.CLOSED,
        points=plain,
        path=_path(panel, [seat]),
    )


def _path(panel: Panel, seats: list[PanelSeat]) -> list[dict[str, Any]]:
    """The steps of a panel for `steps.path`: as its officers see it, or for one seat."""
    sitting = [seat for seat in seats if seat.state in SITTING]
    declared = bool(sitting) and all(seat.state is SeatState.CLEAR for seat in sitting)
    here = 4 if panel.state is PanelState.CLOSED else 2 if declared else 1
    labels = (N_("随机抽取"), N_("声明回避"), N_("独立评分"), N_("汇总结果"))
    return [
        {"label": say(label), "state": "done" if at < here else "now" if at == here else "next"}
        for at, label in enumerate(labels)
    ]


def _for_officer(ctx: Context, panel: Panel) -> str:
    seats = queries.seats(ctx, panel.id)
    experts = persons.names(ctx, [s.person_id for s in seats] + [uuid.UUID(p) for p in panel.draw["excluded"]])
    candidates = queries.candidates(ctx, panel.id)
    scores = queries.all_scores(ctx, panel)
    progress = queries.progress(ctx, panel.id)
    sitting = [s.id for s in seats if s.state in SITTING]
    return render(
        "panels/show.html",
        ctx=ctx,
        panel=panel,
        seats=seats,
        experts=experts,
        progress=progress,
        path=_path(panel, seats),
        given=sum(progress.get(seat_id, 0) for seat_id in sitting),
        wanted=panel.size * len(candidates),
        candidates=candidates,
        labels={c.candidate_id: c.label for c in candidates},
        results=queries.results(ctx, panel.id),
        scores=scores,
        excluded=[
            (experts.get(uuid.UUID(person), ""), [Label(REASONS[code]) for code in codes])
            for person, codes in panel.draw["excluded"].items()
        ],
        seat_names={s.id: experts.get(s.person_id, "") for s in seats},
        criteria={c["code"]: c["label"] for c in panel.criteria},
        vacant=panel.size - len(sitting),
        open=panel.state is not PanelState.CLOSED,
        may_draw=ctx.may(DRAW, panel),
        may_close=ctx.may(CLOSE, panel),
        points=plain,
    )


@bp.post("/<uuid:panel_id>/declaration")
@access(SCORE)
def declare(panel_id: uuid.UUID) -> Any:
    form = Form(DeclarationFormSchema)
    if form.act(lambda ctx, data: actions.declare(ctx, panel_id, data["answer"] == "conflict", data["reason"])):
        if form.result.state is SeatState.CONFLICTED:
            return done(N_("已声明回避，不再参加本次评审。"), url_for("panels.index"))
        return done(N_("已声明无需回避，可以开始评分。"), url_for("panels.show", panel_id=panel_id))
    ctx = reading()
    return _for_expert(ctx, queries.get(ctx, panel_id), form), form.status


@bp.route("/<uuid:panel_id>/candidates/<uuid:candidate_id>", methods=["GET", "POST"])
@access(SCORE)
def score(panel_id: uuid.UUID, candidate_id: uuid.UUID) -> Any:
    """One score sheet. What was given before is shown, and stays on record when it is changed."""
    ctx = reading()
    panel = queries.get(ctx, panel_id)
    seat = queries.own_seat(ctx, panel_id)
    candidates = queries.candidates(ctx, panel_id)
    candidate = next((c for c in candidates if c.candidate_id == candidate_id), None)
    if candidate is None or seat.state is not SeatState.CLEAR:
        raise NotFound("candidate")
    before = queries.own_sheet(ctx, seat).get(candidate_id, {})
    values: dict[str, Any] = {}
    for code, given in before.items():
        values[code], values[f"{code}_reason"] = plain(given.points), given.reason
    criteria = panel.criteria
    form = Form(sheet_schema(criteria), values=values)
    if form.submitted and form.act(lambda c, data: actions.score(c, panel_id, candidate_id, given_of(data, criteria))):
        return done(N_("评分已保存。"), url_for("panels.show", panel_id=panel_id))
    return (
        render(
            "panels/score.html",
            form=form,
            panel=panel,
            candidate=candidate,
            again=bool(before),
            closed=panel.state is PanelState.CLOSED,
            points=plain,
        ),
        form.status,
    )


@bp.post("/<uuid:panel_id>/closing")
@access(CLOSE)
def close(panel_id: uuid.UUID) -> Response:
    act(lambda ctx: actions.close(ctx, panel_id))
    return done(N_("评分已结束，结果已汇总。"), url_for("panels.show", panel_id=panel_id))


@bp.post("/<uuid:panel_id>/substitutes")
@access(DRAW)
def substitute(panel_id: uuid.UUID) -> Response:
    act(lambda ctx: actions.substitute(ctx, panel_id))
    return done(N_("已补抽专家。"), url_for("panels.show", panel_id=panel_id))


@bp.route("/<uuid:panel_id>/seats/<uuid:seat_id>/excuse", methods=["GET", "POST"])
@access(DRAW)
def excuse(panel_id: uuid.UUID, seat_id: uuid.UUID) -> Any:
    ctx = reading()
    panel = queries.get(ctx, panel_id)
    seat = next((seat for seat in queries.seats(ctx, panel_id) if seat.id == seat_id), None)
    if seat is None:
        raise NotFound("panel_seat")
    form = Form(SeatReasonSchema)
    if form.submitted and form.act(lambda ctx, data: actions.excuse(ctx, panel_id, seat_id, **data)):
        return done(N_("已更换专家。"), url_for("panels.show", panel_id=panel_id))
    ctx = reading()
    page = render(
        "panels/excuse.html",
        ctx=ctx,
        form=form,
        panel=panel,
        seat=seat,
        name=persons.names(ctx, [seat.person_id]).get(seat.person_id, ""),
        scored=queries.progress(ctx, panel_id).get(seat_id, 0),
        wanted=len(queries.candidates(ctx, panel_id)),
    )
    return page, form.status


@bp.get("/experts")
@access(READ_POOL)
def experts() -> str | Response:
    ctx = reading()
    return EXPERTS.answer("panels/experts.html", ctx=ctx, may_keep=ctx.may(KEEP_POOL))


@bp.route("/experts/new", methods=["GET", "POST"])
@access(KEEP_POOL)
def enlist() -> Any:
    form = Form(EnlistFormSchema)
    if form.submitted and form.act(lambda ctx, data: actions.enlist(ctx, fields=split(data.pop("expertise")), **data)):
        return done(N_("专家已入库。"), url_for("panels.expert", expert_id=form.result.id))
    return render("panels/enlist.html", form=form), form.status


@bp.route("/experts/<uuid:expert_id>", methods=["GET", "POST"])
@access(READ_POOL, post=KEEP_POOL)
def expert(expert_id: uuid.UUID) -> Any:
    """An expert with all employments, from which conflicts are read; another one may be added."""
    form = Form(EmploymentSchema)
    if form.submitted and form.act(lambda ctx, data: actions.employ(ctx, expert_id, **data)):
        return done(N_("任职信息已登记。"), url_for("panels.expert", expert_id=expert_id))
    ctx = reading()
    found = queries.expert(ctx, expert_id)
    held = queries.employments(ctx, [found.id]).get(found.id, [])
    page = render(
        "panels/expert.html",
        ctx=ctx,
        form=form,
        expert=found,
        employments=held,
        may_keep=ctx.may(KEEP_POOL, found),
    )
    return page, form.status


@bp.post("/experts/<uuid:expert_id>/active")
@access(KEEP_POOL)
def set_active(expert_id: uuid.UUID) -> Response:
    active = request.form.get("active") == "true"
    act(lambda ctx: actions.set_active(ctx, expert_id, active))
    message = N_("专家已恢复抽取。") if active else N_("专家已停止抽取。")
    return done(message, url_for("panels.expert", expert_id=expert_id))


def tasks(ctx: Context) -> Iterable[Task]:
    """What an expert has to declare or score, and panels an officer can close."""
    for panel, seat in queries.waiting(ctx):
        text = N_("请声明是否回避：{title}") if seat.state is SeatState.DRAWN else N_("请评分：{title}")
        yield Task(Text(text, {"title": panel.title}), url_for("panels.show", panel_id=panel.id), tone="warn")
