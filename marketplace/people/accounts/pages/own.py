"""One's own account: what I may act as, where I am signed in, who stands in for me, keys for programs."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from marketplace.base.context import Context
from marketplace.base.errors import NotFound, Throttled
from marketplace.base.permissions import Permission
from marketplace.base.roles import LABELS
from marketplace.base.text import N_, Text
from marketplace.people.accounts import actions, places, queries, rules, signing
from marketplace.people.accounts.models import Assignment
from marketplace.people.accounts.pages.door import keep, secret_here
from marketplace.people.accounts.passwords import digest
from marketplace.people.accounts.schemas import PasswordSchema, ProfileSchema, SubstituteSchema, TokenFormSchema
from marketplace.people.organisations import queries as organisations
from marketplace.people.regions import queries as regions
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import say
from marketplace.web.nav import Task
from marketplace.web.runtime import act, reading
from marketplace.web.security import SIGNED_IN, access

bp = Blueprint("accounts", __name__, url_prefix="/account")


@bp.app_context_processor
def header() -> dict[str, Any]:
    """For the frame of every page: `identities()` looks up under what else this person may act when a template asks."""
    return {"identities": lambda: _identities(reading())}


def _identities(ctx: Context) -> list[tuple[Assignment, str, Any]]:
    """One's assignments with organisation and place; none when there is nothing to choose."""
    held = queries.own_assignments(ctx) if ctx.actor else []
    if len(held) < 2:
        return []
    named = _places(ctx, [assignment for assignment, _ in held])
    return [(assignment, organisation or "", named.get(assignment.id)) for assignment, organisation in held]


@bp.get("")
@access(SIGNED_IN)
def home() -> str:
    ctx = reading()
    held = queries.own_assignments(ctx)
    return render(
        "accounts/home.html",
        ctx=ctx,
        person=queries.me(ctx),
        held=held,
        places=_places(ctx, [assignment for assignment, _ in held]),
        sessions=queries.own_sessions(ctx),
        here=digest(secret_here()),
        labels=LABELS,
        may_register=organisations.may_register(ctx),
    )


def _places(ctx: Context, held: list[Assignment]) -> dict[uuid.UUID, Any]:
    """What each assignment's pilot or region is called."""
    found = regions.names(ctx, [a.region for a in held if a.region])
    named: dict[uuid.UUID, Any] = {a.id: found[a.region].label for a in held if a.region in found}
    for assignment in held:
        if assignment.pilot_id is not None:
            place = places.place_of_pilot(ctx, assignment.pilot_id)
            if place is not None:
                named[assignment.id] = place.name
    return named


@bp.post("/switch")
@access(SIGNED_IN)
def switch() -> Response:
    """Act under another of one's own assignments from now on."""
    try:
        wanted = uuid.UUID(request.form.get("assignment_id", ""))
    except ValueError:
        raise NotFound("assignment") from None
    here = secret_here()
    keep(act(lambda ctx: signing.switch(ctx, here, wanted)))
    return done(N_("已切换身份。"), "/")


@bp.post("/assignments/<uuid:assignment_id>/leave")
@access(SIGNED_IN)
def leave(assignment_id: uuid.UUID) -> Response:
    act(lambda ctx: actions.leave(ctx, assignment_id))
    return done(N_("您已退出该身份。"), url_for("accounts.home"))


@bp.route("/profile", methods=["GET", "POST"])
@access(SIGNED_IN)
def profile() -> Any:
    me = queries.me(reading())
    form = Form(ProfileSchema, values={"name": me.name, "email": me.email or "", "locale": me.locale})
    if form.submitted and form.act(lambda ctx, data: actions.change_profile(ctx, **data)):
        return done(N_("已保存。"), url_for("accounts.home"))
    return render("accounts/profile.html", form=form, phone=me.phone), form.status


@bp.route("/password", methods=["GET", "POST"])
@access(SIGNED_IN)
def password() -> Any:
    """A new password; every other browser is signed out."""
    form = Form(PasswordSchema)
    if form.submitted and form.load() is not None and _counted(form):
        here = secret_here()
        if form.act(lambda ctx, d: signing.change_password(ctx, d["password"], d["new_password"], keep=here)):
            return done(N_("密码已更换，其他设备已退出登录。"), url_for("accounts.home"))
    return render("accounts/password.html", form=form), form.status


def _counted(form: Form) -> bool:
    try:
        act(signing.count_password)
    except Throttled as refusal:
        form.refusal, form.status = refusal, refusal.status
        return False
    return True


@bp.post("/sessions/<uuid:session_id>/end")
@access(SIGNED_IN)
def end_session(session_id: uuid.UUID) -> Response:
    act(lambda ctx: signing.end_session(ctx, session_id))
    return done(N_("该设备已退出登录。"), url_for("accounts.home"))


@bp.route("/tokens", methods=["GET", "POST"])
@access(SIGNED_IN)
def tokens() -> Any:
    """One's keys for programs. A new one's secret stands on the answer of this POST and nowhere else."""
    form = Form(TokenFormSchema, values={"days": 90})
    secret = None
    if form.submitted and form.act(lambda ctx, data: signing.make_token(ctx, **data)):
        secret = form.result[1]
        form.values = {"days": 90}
    ctx = reading()
    answer = render(
        "accounts/tokens.html",
        ctx=ctx,
        form=form,
        secret=secret,
        tokens=queries.own_tokens(ctx),
        scopes=[(p.code, f"{say(p.label)} ({p.code})") for p in _verbs(ctx)],
        most=rules.TOKEN_DAYS,
    )
    return answer, form.status


def _verbs(ctx: Context) -> list[Permission]:
    """What the present assignment may do, in the order of the matrix."""
    return [p for p, roles in ctx.house.matrix.rows.items() if ctx.who.role in roles]


@bp.post("/tokens/<uuid:token_id>/revoke")
@access(SIGNED_IN)
def revoke_token(token_id: uuid.UUID) -> Response:
    act(lambda ctx: signing.revoke_token(ctx, token_id))
    return done(N_("令牌已失效。"), url_for("accounts.tokens"))


@bp.route("/substitutes", methods=["GET", "POST"])
@access(SIGNED_IN)
def substitutes() -> Any:
    """Let a colleague stand in while one is away."""
    form = Form(SubstituteSchema)
    if form.submitted and form.act(lambda ctx, data: actions.substitute(ctx, **data)):
        return done(N_("已委托同事代理。"), url_for("accounts.substitutes"))
    ctx = reading()
    standing = queries.substitutes(ctx)
    return render(
        "accounts/substitutes.html",
        ctx=ctx,
        form=form,
        colleagues=queries.colleagues(ctx),
        standing=standing,
        names=queries.names(ctx, [row.person_id for row in standing]),
        days=rules.SUBSTITUTE_DAYS,
    ), form.status


@bp.post("/substitutes/<uuid:assignment_id>/end")
@access(SIGNED_IN)
def end_substitute(assignment_id: uuid.UUID) -> Response:
    act(lambda ctx: actions.end_substitute(ctx, assignment_id))
    return done(N_("代理已结束。"), url_for("accounts.substitutes"))


def tasks(ctx: Context) -> list[Task]:
    """Whoever acts for nobody yet has one thing to do."""
    if ctx.actor is None or ctx.actor.role is not None:
        return []
    return [
        Task(
            Text(N_("登记您的单位，或打开同事发来的邀请链接")),
            url_for("accounts.home"),
            hint=Text(N_("登记后由主管部门确认身份，即可办理业务。")),
        )
    ]
