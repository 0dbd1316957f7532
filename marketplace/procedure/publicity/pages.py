"""Pages: notices for everybody, objections by anybody, rulings by officers."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.base.ids import normal_number, spoken
from marketplace.base.text import N_, Text
from marketplace.people.regions import queries as regions
from marketplace.procedure.publicity import actions, permissions, queries
from marketplace.procedure.publicity.actions import Attachment
from marketplace.procedure.publicity.listings import NOTICES
from marketplace.procedure.publicity.models import Objection, PublicNotice
from marketplace.procedure.publicity.permissions import PUBLISH, READ_OBJECTIONS, RULE
from marketplace.procedure.publicity.rules import masked
from marketplace.procedure.publicity.schemas import NoticeReasonSchema, ObjectFormSchema, RulingFormSchema
from marketplace.procedure.publicity.states import RUNNING, NoticeState, ObjectionState
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import say
from marketplace.web.nav import Task
from marketplace.web.runtime import act, reading
from marketplace.web.security import PUBLIC, access

bp = Blueprint("publicity", __name__, url_prefix="/publicity")


@bp.get("")
@access(PUBLIC)
def index() -> str | Response:
    return NOTICES.answer("publicity/index.html")


@bp.get("/<uuid:notice_id>")
@access(PUBLIC)
def show(notice_id: uuid.UUID) -> str:
    ctx = reading()
    notice = queries.get(ctx, notice_id)
    over = ctx.today > notice.ends_on
    objections = queries.objections_to(ctx, notice.id) if ctx.may(READ_OBJECTIONS, notice) else []
    items = queries.items(ctx, notice.id)
    places = regions.names(ctx, [notice.city])
    return render(
        "publicity/show.html",
        ctx=ctx,
        notice=notice,
        items=items,
        titles={i.item_id: i.title for i in items},
        running=notice.state in RUNNING and not over,
        over=over,
        rulings=queries.rulings(ctx, notice.id),
        objections=objections,
        masked=masked,
        waiting=sum(o.state is ObjectionState.OPEN for o in objections),
        may_publish=notice.state in RUNNING and ctx.may(PUBLISH, notice),
        may_rule=ctx.may(RULE, notice),
        place=say(places[notice.city].label) if notice.city in places else notice.city,
        path=_path(ctx, notice),
    )


def _path(ctx: Context, notice: PublicNotice) -> list[dict[str, Any]]:
    """The steps of a notice for `steps.path`; none once it was withdrawn, which its page says by itself."""
    if notice.state is NoticeState.WITHDRAWN:
        return []
    period = Text(N_("{start} 至 {end}"), {"start": notice.starts_on, "end": notice.ends_on})
    over = ctx.today > notice.ends_on or notice.state not in RUNNING
    answering = "now" if notice.state is NoticeState.OBJECTED else "done" if over else "next"
    ended = {NoticeState.CLEARED: "done", NoticeState.STOPPED: "bad"}.get(notice.state)
    return [
        {"label": say(N_("发布公示")), "state": "done", "hint": notice.starts_on.isoformat()},
        {"label": say(N_("公示并受理异议")), "state": "done" if over else "now", "hint": say(period)},
        {"label": say(N_("答复异议")), "state": answering},
        {"label": say(N_("公示结束")), "state": ended or ("now" if over and answering == "done" else "next")},
    ]


@bp.route("/<uuid:notice_id>/objections/new", methods=["GET", "POST"])
@access(PUBLIC)
def object_(notice_id: uuid.UUID) -> Any:
    ctx = reading()
    notice = queries.get(ctx, notice_id)
    form = Form(ObjectFormSchema, values={"item_id": request.args.get("item", "")})
    if form.submitted and form.act(lambda c, data: _object(c, notice_id, data, request.remote_addr or "")):
        return done(
            N_("异议已收到，请记下回执编号，凭此查询答复。"),
            url_for("publicity.receipt", receipt=form.result.receipt),
        )
    items = [(str(i.item_id), i.title) for i in queries.items(reading(), notice_id) if i.struck_reason is None]
    return render("publicity/object.html", form=form, notice=notice, items=items), form.status


def _object(ctx: Context, notice_id: uuid.UUID, data: dict[str, Any], address: str) -> Objection:
    upload = data.pop("file")
    attachment = None
    if upload is not None:
        upload.stream.seek(0)  # a second try of the act reads it again
        attachment = Attachment(upload.stream, upload.filename)
    return actions.object(ctx, notice_id, **data, attachment=attachment, address=address)


@bp.get("/receipts")
@access(PUBLIC)
def receipts() -> str | Response:
    """Type the number of a receipt and read the answer."""
    typed = request.args.get("number", "").strip()
    bare = normal_number(typed) if typed else None
    if bare:
        return redirect(url_for("publicity.receipt", receipt=bare))
    return render("publicity/receipts.html", typed=typed[:40])


@bp.get("/receipts/<receipt>")
@access(PUBLIC)
def receipt(receipt: str) -> Any:
    ctx = reading()
    try:
        objection = queries.by_receipt(ctx, receipt)
    except NotFound:
        return render("publicity/receipts.html", ctx=ctx, typed=receipt[:40]), 404
    notice = queries.get(ctx, objection.notice_id)
    return render(
        "publicity/receipt.html",
        ctx=ctx,
        objection=objection,
        notice=notice,
        number=spoken(objection.receipt),
        steps=_answering(objection),
    )


def _answering(objection: Objection) -> list[dict[str, Any]]:
    """How far the answer to an objection is, for `timeline.steps`."""
    due = say(Text(N_("最迟 {day}"), {"day": objection.due_on}))
    answered = objection.ruled_at is not None
    return [
        {"label": say(N_("异议已收到")), "at": objection.created_at},
        {
            "label": say(N_("作出答复")),
            "at": objection.ruled_at,
            "state": "done" if answered else "now",
            "note": None if answered else due,
        },
    ]


@bp.post("/<uuid:notice_id>/clearing")
@access(PUBLISH)
def clear(notice_id: uuid.UUID) -> Response:
    act(lambda ctx: actions.clear(ctx, notice_id))
    return done(N_("公示期满且无异议，公示已结束。"), url_for("publicity.show", notice_id=notice_id))


@bp.route("/<uuid:notice_id>/withdrawal", methods=["GET", "POST"])
@access(PUBLISH)
def withdraw(notice_id: uuid.UUID) -> Any:
    notice = queries.get(reading(), notice_id)
    form = Form(NoticeReasonSchema)
    if form.submitted and form.act(lambda ctx, data: actions.withdraw(ctx, notice_id, **data)):
        return done(N_("公示已撤回。"), url_for("publicity.show", notice_id=notice_id))
    return render("publicity/withdraw.html", form=form, notice=notice), form.status


@bp.route("/objections/<uuid:objection_id>", methods=["GET", "POST"])
@access(READ_OBJECTIONS, post=RULE)
def rule(objection_id: uuid.UUID) -> Any:
    """Read an objection without the person behind it, and decide it."""
    form = Form(RulingFormSchema)
    objection = queries.objection(reading(), objection_id)
    if form.submitted and form.act(
        lambda ctx, data: actions.rule(ctx, objection_id, data["outcome"] == "upheld", data["reason"])
    ):
        return done(N_("答复已作出。"), url_for("publicity.show", notice_id=objection.notice_id))
    return _objection(objection_id, form), form.status


@bp.post("/objections/<uuid:objection_id>/objector")
@access(READ_OBJECTIONS)
def reveal(objection_id: uuid.UUID) -> Any:
    """Show name and contact once, after saying why; nothing is redirected, so a reload asks again."""
    reason = request.form.get("look_reason", "")
    shown = act(lambda ctx: actions.reveal(ctx, objection_id, reason))
    form = Form(RulingFormSchema)
    form.submitted = False
    return _objection(objection_id, form, shown)


def _objection(objection_id: uuid.UUID, form: Form, shown: Objection | None = None) -> str:
    ctx = reading()
    objection = queries.objection(ctx, objection_id)
    notice = queries.get(ctx, objection.notice_id)
    items = {i.item_id: i for i in queries.items(ctx, notice.id)}
    return render(
        "publicity/objection.html",
        ctx=ctx,
        form=form,
        objection=objection,
        notice=notice,
        item=items.get(objection.item_id) if objection.item_id else None,
        shown=shown,
        masked=masked(objection.name),
        may_rule=objection.state is ObjectionState.OPEN and ctx.may(RULE, objection),
        own=ctx.who.person_id == notice.published_by,
    )


def tasks(ctx: Context) -> Iterable[Task]:
    """Objections to answer, and notices whose period is over."""
    actor = ctx.actor
    if actor is None or ctx.matrix.within(permissions.RULE, actor.role) is None:
        return
    for objection in queries.waiting(ctx):
        yield Task(
            Text(N_("答复公示异议"), {}),
            url_for("publicity.rule", objection_id=objection.id),
            due=objection.due_on,
            tone="bad" if objection.due_on < ctx.today else "warn",
        )
    for notice in queries.ripe(ctx):
        yield Task(
            Text(N_("公示期满，可以结束：{title}"), {"title": notice.title}),
            url_for("publicity.show", notice_id=notice.id),
            due=notice.ends_on,
        )
