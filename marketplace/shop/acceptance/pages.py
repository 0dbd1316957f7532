"""Pages: what waits for the city's acceptance, the judgement itself, and judgements that were made."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from marketplace.base.context import Context
from marketplace.base.states import Label
from marketplace.base.text import N_, Bilingual, Text
from marketplace.people.accounts import queries as accounts
from marketplace.people.organisations import queries as organisations
from marketplace.pilots.levels import queries as levels
from marketplace.pilots.members import queries as members
from marketplace.pilots.programmes import queries as pilots
from marketplace.policy.books.model import Book
from marketplace.record.documents import actions as documents
from marketplace.shop.acceptance import actions, queries
from marketplace.shop.acceptance.listings import JUDGED, WAITING
from marketplace.shop.acceptance.models import Acceptance
from marketplace.shop.acceptance.permissions import JUDGE, READ
from marketplace.shop.acceptance.rules import PASS_POINTS
from marketplace.shop.acceptance.schemas import judge_form
from marketplace.shop.acceptance.states import RESULT, Result
from marketplace.shop.catalogue.ports import Panel
from marketplace.shop.orders import queries as orders
from marketplace.shop.orders.models import Order
from marketplace.shop.orders.ports import Step
from marketplace.shop.orders.states import OrderState
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import say
from marketplace.web.nav import Task
from marketplace.web.runtime import reading
from marketplace.web.security import access

MEANING = {
    Result.PASSED: N_("得分、水平和财务核查都达到要求；发票一致后可以申请兑付。"),
    Result.RECTIFY: N_("写明要改什么，整改后再次验收。"),
    Result.FAILED: N_("结论不能更改，这个项目不再验收，补贴不予兑付。"),
}
"""What each result leads to, for whoever chooses it."""

bp = Blueprint("acceptance", __name__, url_prefix="/acceptances")


@bp.get("")
@access(READ)
def index() -> str | Response:
    """The judgements; whoever judges is led to what waits."""
    ctx = reading()
    may_judge = ctx.may(JUDGE)
    waiting = queries.how_many_wait(ctx) if may_judge else 0
    return JUDGED.answer("acceptance/index.html", ctx=ctx, may_judge=may_judge, waiting=waiting)


@bp.get("/waiting")
@access(JUDGE)
def waiting() -> str | Response:
    return WAITING.answer("acceptance/waiting.html")


@bp.route("/orders/<uuid:order_id>", methods=["GET", "POST"])
@access(JUDGE)
def judge(order_id: uuid.UUID) -> Any:
    """The form with the angles of the book, the level and the result."""
    ctx = reading()
    order = queries.waiting_order(ctx, order_id)
    book = pilots.book(ctx, order.pilot_id)
    form = Form(judge_form(list(book.acceptance.angles)), live=True)
    if form.submitted and form.act(lambda own, data: _judge(own, order, list(book.acceptance.angles), data)):
        return done(N_("验收结论已记录。"), url_for("acceptance.show", acceptance_id=form.result.id))
    ctx = reading()
    member = members.live(ctx, order.enterprise_id, order.pilot_id)
    before = levels.latest(ctx, order.enterprise_id, book.level_scale.code, ctx.today)
    page = render(
        "acceptance/judge.html",
        ctx=ctx,
        form=form,
        order=order,
        book=book,
        angles=_angles(book),
        level_name=Bilingual(book.level_scale.name_zh, {}, book.level_scale.name_en),
        level_choices=[(level, level) for level in book.level_scale.levels],
        results=[{"value": r.value, "title": say(RESULT.labels[r]), "text": say(MEANING[r])} for r in Result],
        pass_points=PASS_POINTS,
        member=member,
        before=before.value if before else (member.baseline_level if member else None),
        filed=orders.contract(ctx, order_id),
        deliveries=orders.deliveries(ctx, order_id),
        earlier=queries.of_order(ctx, order_id),
        names=organisations.names(ctx, [order.enterprise_id, order.provider_id]),
        waits=order.state is OrderState.CONFIRMED,
    )
    return page, form.status


def _angles(book: Book) -> list[tuple[str, Text]]:
    return [(a.code, Bilingual(a.name_zh, {}, a.name_en)) for a in book.acceptance.angles.values()]


def _judge(ctx: Context, order: Order, angles: list[str], data: dict[str, Any]) -> Acceptance:
    ctx.require(JUDGE, order)
    upload, evidence = data["evidence"], None
    if upload is not None:
        upload.stream.seek(0)  # a second try of the act reads it again
        stored = documents.store(
            ctx, upload.stream, upload.filename, "acceptance", pilot_id=order.pilot_id, city=order.city
        )
        evidence = stored.id
    return actions.judge(
        ctx,
        order.id,
        scores={angle: data[f"score_{angle}"] for angle in angles},
        level_after=data["level_after"],
        result=data["result"],
        finance_clean=data["finance_clean"],
        reason=data["reason"],
        evidence_document_id=evidence,
    )


@bp.get("/<uuid:acceptance_id>")
@access(READ)
def show(acceptance_id: uuid.UUID) -> str:
    ctx = reading()
    row = queries.get(ctx, acceptance_id)
    book = pilots.book(ctx, row.pilot_id)
    return render(
        "acceptance/show.html",
        ctx=ctx,
        row=row,
        order=queries.orders_of(ctx, [row])[row.order_id],
        angles=[(name, row.scores[code]) for code, name in _angles(book) if code in row.scores],
        level_name=Bilingual(book.level_scale.name_zh, {}, book.level_scale.name_en),
        pilot_name=pilots.names(ctx, [row.pilot_id]).get(row.pilot_id),
        pass_points=PASS_POINTS,
        names=organisations.names(ctx, [row.enterprise_id, row.provider_id]),
        officer=accounts.names(ctx, [row.officer]).get(row.officer, ""),
    )


def panel(ctx: Context, order: Order) -> Panel | None:
    """The judgements on the order's page, and the way to the next one."""
    found = queries.of_order(ctx, order.id)
    open_ = order.state is OrderState.CONFIRMED and not any(row.result is not Result.RECTIFY for row in found)
    may_judge = open_ and ctx.may(JUDGE, order)
    if not found and not may_judge:
        return None
    return Panel("acceptance/on_order.html", {"rows": found, "may_judge": may_judge, "order": order})


def steps(ctx: Context, order: Order) -> list[Step]:
    """The acceptance as a station on the order's way."""
    found = queries.of_order(ctx, order.id)
    label = N_("设区市工信局组织验收")
    if not found:
        return [Step(label, "now" if order.state is OrderState.CONFIRMED else "next")]
    last = found[0]
    tone = {Result.PASSED: "done", Result.RECTIFY: "now", Result.FAILED: "bad"}[last.result]
    told = Text(
        N_("验收：{result}（{level}）"), {"result": Label(RESULT.labels[last.result]), "level": last.level_after}
    )
    return [Step(told, tone, last.created_at)]


def tasks(ctx: Context) -> list[Task]:
    """Renovations that wait for the city."""
    if ctx.actor is None or not ctx.may(JUDGE):
        return []
    waiting = queries.how_many_wait(ctx)
    if not waiting:
        return []
    return [Task(Text(N_("{count} 个改造项目待验收"), {"count": waiting}), url_for("acceptance.waiting"), tone="warn")]
