"""Pages: a pilot's renovation list, one member, nominating one or a sheet of them."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from marketplace.base.context import Context
from marketplace.base.errors import Invalid
from marketplace.base.text import N_, Text
from marketplace.people.organisations import queries as organisations
from marketplace.people.organisations.states import SIZE_LABELS
from marketplace.pilots.members import actions, permissions, queries, sheets
from marketplace.pilots.members.listings import MEMBERS, OF_PILOT
from marketplace.pilots.members.models import Member
from marketplace.pilots.members.schemas import MemberNominationFormSchema, MemberSheetFormSchema, MemberWithdrawalSchema
from marketplace.pilots.members.states import MEMBER
from marketplace.pilots.programmes import queries as pilots
from marketplace.pilots.programmes.models import Pilot
from marketplace.pilots.programmes.states import PilotState
from marketplace.web.html import Form, done, render
from marketplace.web.nav import Task
from marketplace.web.runtime import act, reading
from marketplace.web.security import access

bp = Blueprint("members", __name__, url_prefix="/members")


@bp.get("")
@access(permissions.READ)
def index() -> str | Response:
    ctx = reading()
    running = pilots.visible(ctx, permissions.NOMINATE).where(Pilot.state == PilotState.APPROVED)
    own = [p for p in ctx.session.scalars(running.limit(20)) if ctx.may(permissions.NOMINATE, p)]
    return MEMBERS.answer("members/index.html", ctx=ctx, own=own)


@bp.get("/of/<uuid:pilot_id>")
@access(permissions.READ)
def of_pilot(pilot_id: uuid.UUID) -> str | Response:
    """The renovation list of one pilot in its order of urgency, with the share of key links."""
    ctx = reading()
    pilot = pilots.get(ctx, pilot_id)
    officer = ctx.may(permissions.READ, pilot)
    return OF_PILOT.answer(
        "members/of_pilot.html",
        ctx=ctx,
        given={"pilot_id": pilot.id},
        pilot=pilot,
        check=queries.key_link_check(ctx, pilot.id) if officer and pilot.approved_on else None,
        may_nominate=pilot.state is PilotState.APPROVED and ctx.may(permissions.NOMINATE, pilot),
    )


@bp.get("/<uuid:member_id>")
@access(permissions.READ)
def show(member_id: uuid.UUID) -> str:
    ctx = reading()
    member = queries.get(ctx, member_id)
    return render(
        "members/show.html",
        ctx=ctx,
        member=member,
        enterprise=organisations.by_id(ctx, member.enterprise_id),
        pilot=pilots.read(ctx, member.pilot_id),
        book=pilots.book(ctx, member.pilot_id),
        sizes=SIZE_LABELS,
        may_confirm=MEMBER.allows(member, "confirm") and ctx.may(permissions.CONFIRM, member),
        may_withdraw=MEMBER.allows(member, "withdraw") and ctx.may(permissions.WITHDRAW, member),
    )


@bp.route("/of/<uuid:pilot_id>/nominate", methods=["GET", "POST"])
@access(permissions.NOMINATE)
def nominate(pilot_id: uuid.UUID) -> Any:
    def verb(ctx: Context, data: dict[str, Any]) -> Member:
        enterprise = organisations.by_uscc(ctx, data.pop("uscc"))
        if enterprise is None:
            raise Invalid({"uscc": [N_("没有登记这家企业。")]})
        return actions.nominate(ctx, pilot_id, enterprise.id, **data)

    pilot = pilots.get(reading(), pilot_id)
    form = Form(MemberNominationFormSchema, {"focus": pilot.focus, "urgency": 1})
    if form.submitted and form.act(verb):
        return done(N_("已提名，待设区市确认。"), url_for("members.show", member_id=form.result.id))
    ctx = reading()
    book = pilots.book(ctx, pilot_id)
    levels = [(level, level) for level in book.level_scale.levels]
    return (
        render(
            "members/nominate.html",
            ctx=ctx,
            form=form,
            pilot=pilot,
            book=book,
            kind=book.types[pilot.type],
            levels=levels,
        ),
        form.status,
    )


@bp.route("/of/<uuid:pilot_id>/sheet", methods=["GET", "POST"])
@access(permissions.NOMINATE)
def sheet(pilot_id: uuid.UUID) -> Any:
    """A dry run shows what would become of each row; only the second step writes, all or nothing."""

    def verb(ctx: Context, data: dict[str, Any]) -> sheets.Report:
        data["file"].stream.seek(0)
        return sheets.nominate_sheet(ctx, pilot_id, data["file"].read(), dry_run=data["mode"] == "check")

    form = Form(MemberSheetFormSchema, {"mode": "check"})
    report = form.result if form.submitted and form.act(verb) else None
    if report is not None and report.written:
        return done(
            N_("已提名 {new} 家，{known} 家此前已在名单中。"),
            url_for("members.of_pilot", pilot_id=pilot_id),
            new=report.count("new"),
            known=report.count("known"),
        )
    ctx = reading()
    return render(
        "members/sheet.html",
        ctx=ctx,
        form=form,
        report=report,
        columns=[next(name for name in names if not name.isascii()) for names in sheets.COLUMNS.values()],
        pilot=pilots.get(ctx, pilot_id),
    ), form.status


@bp.post("/<uuid:member_id>/confirmation")
@access(permissions.CONFIRM)
def confirm(member_id: uuid.UUID) -> Any:
    member = act(lambda ctx: actions.confirm(ctx, member_id))
    return done(N_("已确认。"), url_for("members.show", member_id=member.id))


@bp.route("/<uuid:member_id>/withdrawal", methods=["GET", "POST"])
@access(permissions.WITHDRAW)
def withdraw(member_id: uuid.UUID) -> Any:
    form = Form(MemberWithdrawalSchema)
    if form.submitted and form.act(lambda ctx, data: actions.withdraw(ctx, member_id, **data)):
        return done(N_("已移出名单。"), url_for("members.show", member_id=member_id))
    ctx = reading()
    member = queries.get(ctx, member_id)
    enterprise = organisations.by_id(ctx, member.enterprise_id)
    return render("members/withdraw.html", ctx=ctx, form=form, member=member, enterprise=enterprise), form.status


def tasks(ctx: Context) -> list[Task]:
    """Nominations that wait for the city."""
    if ctx.actor is None or ctx.house.matrix.within(permissions.CONFIRM, ctx.actor.role) is None:
        return []
    waiting = queries.waiting(ctx)
    names = pilots.names(ctx, [pilot_id for pilot_id, _ in waiting])
    return [
        Task(
            Text(N_("确认试点“{pilot}”提名的 {count} 家企业"), {"pilot": names[pilot_id], "count": count}),
            url_for("members.of_pilot", pilot_id=pilot_id, state="nominated"),
        )
        for pilot_id, count in waiting
    ]
