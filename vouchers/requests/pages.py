"""Pages: an enterprise asks for a voucher and follows its request; the offices decide."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from marketplace.base import money
from marketplace.base.context import Context
from marketplace.base.roles import Role
from marketplace.base.text import N_, Text
from marketplace.people.accounts import queries as accounts
from marketplace.people.organisations import queries as organisations
from marketplace.pilots.members import queries as members
from marketplace.pilots.programmes import queries as pilots
from marketplace.record.documents import actions as documents
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import say
from marketplace.web.nav import Task
from marketplace.web.runtime import act, reading
from marketplace.web.security import access
from vouchers.requests import actions, queries, rules
from vouchers.requests.listings import REQUESTS, next_of
from vouchers.requests.models import VoucherRequest
from vouchers.requests.permissions import READ, REVIEW_CITY, REVIEW_PILOT, SUBMIT
from vouchers.requests.schemas import VerdictForm, WishForm, wish_of
from vouchers.requests.states import DESK_LABELS, DESKS, FIELDS, MEANINGS, REQUEST, VERDICTS, Desk, RequestState
from vouchers.schemes import queries as schemes
from vouchers.schemes.models import SchemeVersion
from vouchers.schemes.ports import NextStep
from vouchers.schemes.rules import percent
from vouchers.schemes.states import VersionState
from vouchers.wallets import queries as wallets

bp = Blueprint("requests", __name__, url_prefix="/voucher-requests")


@bp.get("")
@access(READ)
def index() -> str | Response:
    """An enterprise's requests, or those within an office's reach."""
    return REQUESTS.answer("requests/index.html", ctx=reading(), own=_own(reading()))


def _own(ctx: Context) -> bool:
    return ctx.actor is not None and ctx.actor.role is Role.ENTERPRISE


@bp.route("/new/<uuid:version_id>", methods=["GET", "POST"])
@access(SUBMIT)
def new(version_id: uuid.UUID) -> Any:
    """Ask for a voucher under a published version."""
    ctx = reading()
    version = schemes.offered(ctx, version_id)
    form = Form(WishForm)
    if form.submitted and form.act(lambda own, data: _submit(own, version, data)):
        return done(
            N_("申领已提交，试点办公室初审后转设区市复审。"), url_for("requests.show", request_id=form.result.id)
        )
    return _form_page("requests/new.html", form, version_id)


def _form_page(template: str, form: Form, version_id: uuid.UUID, **values: Any) -> tuple[str, int]:
    ctx = reading()
    version = schemes.offered(ctx, version_id)
    page = render(
        template,
        ctx=ctx,
        form=form,
        version=version,
        scheme=schemes.get(ctx, version.scheme_id),
        pilot_name=pilots.names(ctx, [version.pilot_id]).get(version.pilot_id, ""),
        category=pilots.categories(ctx, version.pilot_id).get(version.category, version.category),
        percent=percent,
        days=rules.DAYS,
        **values,
    )
    return page, form.status


def _submit(ctx: Context, version: SchemeVersion, data: dict[str, Any]) -> VoucherRequest:
    return actions.submit(ctx, version.id, **_with_paper(ctx, version, data))


def _with_paper(ctx: Context, version: SchemeVersion, data: dict[str, Any]) -> dict[str, Any]:
    """What was typed with its paper stored, open to the pilot's and the city's officers."""
    upload = data.pop("document", None)
    if upload is not None:
        upload.stream.seek(0)  # a second try of the act reads it again
        stored = documents.store(
            ctx, upload.stream, upload.filename, "voucher_request", pilot_id=version.pilot_id, city=version.city
        )
        data["document_id"] = stored.id
    return wish_of(data)


@bp.get("/<uuid:request_id>")
@access(READ)
def show(request_id: uuid.UUID) -> str:
    """One request: what was asked for, where it lies, what each office said."""
    ctx = reading()
    row = queries.get(ctx, request_id)
    return render("requests/show.html", ctx=ctx, **_facts(ctx, row))


def _facts(ctx: Context, row: VoucherRequest) -> dict[str, Any]:
    version = schemes.version(ctx, row.version_id)
    reviews = queries.reviews(ctx, row.id)
    return {
        "row": row,
        "version": version,
        "scheme": schemes.get(ctx, row.scheme_id),
        "most_fen": rules.most_fen(version, row.planned_fen),
        "percent": percent,
        "enterprise": organisations.names(ctx, [row.enterprise_id]).get(row.enterprise_id, ""),
        "pilot_name": pilots.names(ctx, [row.pilot_id]).get(row.pilot_id, ""),
        "reviews": reviews,
        "people": accounts.names(ctx, [review.person_id for review in reviews]) if not _own(ctx) else {},
        "desk_labels": DESK_LABELS,
        "verdict_labels": VERDICTS,
        "field_labels": FIELDS,
        "desk": DESKS.get(row.state),
        "next": next_of(ctx, row),
        "own": _own(ctx),
        "may_withdraw": REQUEST.allows(row, "withdraw") and ctx.may(SUBMIT, row),
        "today": ctx.today,
    }


@bp.route("/<uuid:request_id>/correct", methods=["GET", "POST"])
@access(SUBMIT)
def correct(request_id: uuid.UUID) -> Any:
    """The same form with what was typed and what each office noted to it."""
    ctx = reading()
    row = queries.get(ctx, request_id)
    ctx.require(SUBMIT, row)
    version = schemes.published(ctx, row.scheme_id)
    if row.state is not RequestState.RETURNED or version is None:
        return redirect(url_for("requests.show", request_id=request_id), code=303)
    values = {"wanted": money.plain(row.wanted_fen), "planned": money.plain(row.planned_fen), "purpose": row.purpose}
    form = Form(WishForm, values=values)
    if form.submitted and form.act(
        lambda own, data: actions.correct(own, request_id, **_with_paper(own, version, data))
    ):
        return done(N_("已重新提交，待初审。"), url_for("requests.show", request_id=request_id))
    ctx = reading()
    row = queries.get(ctx, request_id)
    last = queries.reviews(ctx, request_id)[-1]
    return _form_page("requests/correct.html", form, version.id, row=row, last=last, field_labels=FIELDS)


@bp.post("/<uuid:request_id>/withdraw")
@access(SUBMIT)
def withdraw(request_id: uuid.UUID) -> Response:
    """Take a request back."""
    act(lambda ctx: actions.withdraw(ctx, request_id))
    return done(N_("申领已撤回。"), url_for("requests.show", request_id=request_id))


@bp.route("/<uuid:request_id>/review", methods=["GET", "POST"])
@access(REVIEW_PILOT, REVIEW_CITY)
def review(request_id: uuid.UUID) -> Any:
    """The office's verdict, with what the enterprise has already and what the line still holds."""
    ctx = reading()
    row = queries.get(ctx, request_id)
    first = queries.first_of(ctx, row)
    agreed = first.agreed_fen if first is not None and first.agreed_fen else row.wanted_fen
    form = Form(VerdictForm, values={"agreed": money.plain(agreed)})
    if form.submitted and form.act(lambda own, data: actions.review(own, request_id, **data)):
        granted = form.result.state is RequestState.GRANTED
        return done(N_("已批准，服务券已发放。") if granted else N_("已办理。"), url_for("requests.index"))
    ctx = reading()
    row = queries.get(ctx, request_id)
    desk = DESKS.get(row.state)
    if desk is None:
        return redirect(url_for("requests.show", request_id=request_id), code=303)
    facts = _facts(ctx, row)
    may = ctx.may(REVIEW_PILOT if desk is Desk.PILOT else REVIEW_CITY, row)
    same_person = first is not None and first.person_id == ctx.who.person_id
    page = render(
        "requests/review.html",
        ctx=ctx,
        form=form,
        may_review=may and not same_person,
        same_person=same_person,
        agreed_fen=agreed,
        line=wallets.line_of(ctx, facts["version"]),
        held=queries.held(ctx, row),
        listed_member=members.live(ctx, row.enterprise_id, row.pilot_id) is not None,
        noted=any(form.values.get(f"note_{name}") for name in FIELDS),
        verdicts=[
            {"value": verdict.value, "title": say(label), "text": say(MEANINGS[desk][verdict])}
            for verdict, label in VERDICTS.items()
        ],
        **facts,
    )
    return page, form.status


def request_step(ctx: Context, version: SchemeVersion) -> NextStep | None:
    """On a scheme's page: an enterprise of the pilot's list asks for a voucher, or looks after the request it has."""
    actor = ctx.actor
    if actor is None or actor.organisation_id is None or not ctx.may(SUBMIT) or version.use_by < ctx.today:
        return None
    if version.state is not VersionState.PUBLISHED:
        return None
    if members.live(ctx, actor.organisation_id, version.pilot_id) is None:
        return None
    under_way = queries.open_of(ctx, actor.organisation_id, version.scheme_id)
    if under_way is not None:
        return NextStep(N_("查看我的申领"), url_for("requests.show", request_id=under_way.id))
    return NextStep(N_("申领服务券"), url_for("requests.new", version_id=version.id))


_TASKS = (
    (SUBMIT, RequestState.RETURNED, N_("{count} 份服务券申领被退回，请补正")),
    (REVIEW_PILOT, RequestState.SUBMITTED, N_("{count} 份服务券申领待初审")),
    (REVIEW_CITY, RequestState.REVIEWED, N_("{count} 份服务券申领待复审")),
)


def tasks(ctx: Context) -> list[Task]:
    """Requests that wait for whoever looks."""
    found = []
    for permission, state, words in _TASKS:
        number = queries.waiting(ctx, state) if ctx.may(permission) else 0
        if number:
            url = url_for("requests.index", state=state.value)
            found.append(Task(Text(words, {"count": number}), url, tone="warn"))
    return found
