"""Opening entries on the screen: uploading a sheet, reading what it would do, submitting it, releasing it."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from marketplace.base.context import Context
from marketplace.base.roles import Role
from marketplace.base.text import N_, Text
from marketplace.people.accounts import queries as accounts
from marketplace.pilots.programmes import queries as pilots
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import moment, say
from marketplace.web.nav import Task
from marketplace.web.runtime import act, reading
from marketplace.web.security import access
from vouchers.funds import queries as funds
from vouchers.ledger.models.openings import Opening
from vouchers.ledger.states import OpeningState
from vouchers.opening import actions, queries, rules, telling
from vouchers.opening.listings import OPENINGS, ROWS
from vouchers.opening.permissions import PREPARE, READ, RELEASE
from vouchers.opening.schemas import NoteForm, OpeningForm, ReasonForm
from vouchers.opening.states import OPENING
from vouchers.reports.words import STATUSES, TONES

bp = Blueprint("openings", __name__, url_prefix="/openings")


@bp.get("")
@access(READ)
def index() -> str | Response:
    """The openings within reach."""
    ctx = reading()
    return OPENINGS.answer("opening/index.html", ctx=ctx, may_prepare=ctx.may(PREPARE))


@bp.route("/new", methods=["GET", "POST"])
@access(PREPARE)
def new() -> str | Response | tuple[str, int]:
    """Upload a sheet: what cannot be read is named cell by cell, and nothing is kept then."""
    form = Form(OpeningForm)
    if form.submitted and form.act(lambda ctx, data: _upload(ctx, data["pilot_id"], data["file"])):
        return done(N_("已读取，请核对后提交。"), url_for("openings.show", opening_id=form.result.id))
    ctx = reading()
    page = render(
        "opening/new.html",
        ctx=ctx,
        form=form,
        options=[(str(pilot_id), name) for pilot_id, name in pilots.staffed(ctx)],
        most=rules.MAX_ROWS,
    )
    return page, form.status


def _upload(ctx: Context, pilot_id: uuid.UUID, upload: Any) -> Opening:
    upload.stream.seek(0)  # a second try of the act reads it again
    return actions.upload(ctx, pilot_id, upload.stream, upload.filename)


@bp.get("/<uuid:opening_id>")
@access(READ)
def show(opening_id: uuid.UUID) -> str:
    """An opening: what it would do, or did, to the books; and the one next thing for whoever looks."""
    return _show(opening_id, Form(NoteForm))[0]


def _show(opening_id: uuid.UUID, form: Form) -> tuple[str, int]:
    ctx = reading()
    opening = queries.get(ctx, opening_id)
    told = telling.tell(ctx, opening)
    mine = opening.maker_id == ctx.who.person_id
    people = accounts.names(ctx, [opening.maker_id, opening.checker_id])
    released = opening.state is OpeningState.RELEASED
    page = render(
        "opening/show.html",
        ctx=ctx,
        form=form,
        opening=opening,
        told=told,
        statuses=STATUSES,
        tones=TONES,
        people=people,
        path=_path(opening, people),
        pilot_name=pilots.names(ctx, [opening.pilot_id]).get(opening.pilot_id, ""),
        uses=pilots.categories(ctx, opening.pilot_id),
        fund=funds.governed(ctx, opening.pilot_id),
        balances=queries.balances(ctx, opening_id) if released else {},
        may_submit=mine and OPENING.allows(opening, "submit") and ctx.may(PREPARE, opening),
        may_withdraw=mine and OPENING.allows(opening, "withdraw") and ctx.may(PREPARE, opening),
        may_release=not mine and OPENING.allows(opening, "release") and ctx.may(RELEASE, opening),
        waits_for_another=mine and opening.state is OpeningState.SUBMITTED,
    )
    return page, form.status


_DONE = {OpeningState.DRAFT: 1, OpeningState.RETURNED: 1, OpeningState.WITHDRAWN: 1, OpeningState.SUBMITTED: 2}
"""How many of an opening's steps are behind it; all of them once it is released."""


def _path(opening: Opening, people: Any) -> list[dict[str, str]]:
    """The way of an opening, with who prepared and who released it."""
    labels = (N_("上传表格"), N_("核对并提交"), N_("另一人复核"), N_("入账"))
    reached = _DONE.get(opening.state, len(labels))
    hints = {
        0: f"{people.get(opening.maker_id, '')} {moment(opening.created_at)}".strip(),
        1: moment(opening.submitted_at) if opening.submitted_at else "",
        2: people.get(opening.checker_id, "") if opening.checker_id else "",
        3: str(opening.released_on or ""),
    }
    path = [
        {
            "label": say(label),
            "state": "done" if place < reached else "now" if place == reached else "next",
            "hint": hints[place],
        }
        for place, label in enumerate(labels)
    ]
    if opening.state in (OpeningState.RETURNED, OpeningState.WITHDRAWN):
        path[1] |= {"state": "bad", "hint": say(OPENING.labels[opening.state])}
    return path


@bp.get("/<uuid:opening_id>/rows")
@access(READ)
def rows(opening_id: uuid.UUID) -> str | Response:
    """The rows of the sheet as they were read."""
    ctx = reading()
    opening = queries.get(ctx, opening_id)
    return ROWS.answer("opening/rows.html", ctx=ctx, given={"opening_id": opening_id}, opening=opening)


@bp.post("/<uuid:opening_id>/submit")
@access(PREPARE)
def submit(opening_id: uuid.UUID) -> Response | tuple[str, int]:
    """Put it before another person, with a note."""
    form = Form(NoteForm)
    if form.act(lambda ctx, data: actions.submit(ctx, opening_id, **data)):
        return done(N_("已提交，请另一人复核。"), url_for("openings.show", opening_id=opening_id))
    return _show(opening_id, form)


@bp.post("/<uuid:opening_id>/send-back")
@access(RELEASE)
def send_back(opening_id: uuid.UUID) -> Response | tuple[str, int]:
    """Do not release it, and say why."""
    form = Form(ReasonForm)
    if form.act(lambda ctx, data: actions.send_back(ctx, opening_id, **data)):
        return done(N_("已退回。"), url_for("openings.show", opening_id=opening_id))
    return _show(opening_id, form)


@bp.post("/<uuid:opening_id>/release")
@access(RELEASE)
def release(opening_id: uuid.UUID) -> Response:
    """Put all of it into the books."""
    act(lambda ctx: actions.release(ctx, opening_id).id)
    return done(N_("期初数据已入账。"), url_for("openings.show", opening_id=opening_id))


@bp.post("/<uuid:opening_id>/withdraw")
@access(PREPARE)
def withdraw(opening_id: uuid.UUID) -> Response:
    """Give it up."""
    act(lambda ctx: actions.withdraw(ctx, opening_id).id)
    return done(N_("期初数据已撤回。"), url_for("openings.index"))


def tasks(ctx: Context) -> list[Task]:
    """What waits: openings of others to release, own ones that were sent back."""
    if ctx.actor is None or ctx.actor.role not in (Role.FINANCE, Role.PILOT, Role.CITY):
        return []
    found = []
    release_ = queries.to_release(ctx) if ctx.may(RELEASE) else 0
    if release_:
        url = url_for("openings.index", state=OpeningState.SUBMITTED.value)
        found.append(Task(Text(N_("{count} 份期初数据待您复核"), {"count": release_}), url, tone="warn"))
    back = queries.to_correct(ctx)
    if back:
        url = url_for("openings.index", state=OpeningState.RETURNED.value)
        found.append(Task(Text(N_("{count} 份期初数据被退回，待您更正"), {"count": back}), url, tone="warn"))
    return found
