"""The door: signing in, up and out, and taking an invitation."""

from __future__ import annotations

import time
import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Blueprint, current_app, make_response, redirect, request, session, url_for
from flask_login import login_user, logout_user
from werkzeug.wrappers import Response

from marketplace.base.errors import NotFound, Refusal, Throttled
from marketplace.base.roles import LABELS
from marketplace.base.text import N_
from marketplace.people.accounts import actions, invitations, loaders, resets, rules, signing
from marketplace.people.accounts.models import KNOWN
from marketplace.people.accounts.schemas import ForgottenSchema, ResetSchema, SignInSchema, SignUpSchema
from marketplace.web import runtime
from marketplace.web.db import db
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import language
from marketplace.web.runtime import act, reading
from marketplace.web.security import PUBLIC, SIGNED_IN, access
from marketplace.web.signin import SignedInUser

log = structlog.get_logger(__name__)
bp = Blueprint("door", __name__, url_prefix="/account")


@bp.record_once
def _idle(state: Any) -> None:
    """A browser left alone for two hours is signed out: its cookie's signature is too old then."""
    state.app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(hours=rules.IDLE_HOURS)


def safe_next(target: str | None) -> str | None:
    """A path of this platform to go on to, or None: no other host, no other scheme, no trick with slashes."""
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return None
    if any(ord(c) < 32 or ord(c) == 127 for c in target) or len(target) > 1000:
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target


def keep(secret: str) -> None:
    """Put a fresh session's secret into a fresh cookie: nothing from before the sign-in survives in it."""
    actor = loaders.by_session(db.session(), runtime.moment(), secret)
    assert actor is not None
    ends = loaders.end_of(db.session(), secret)
    session.clear()
    session.permanent = True
    session["until"] = int(time.time() + (ends - runtime.moment()).total_seconds())
    login_user(SignedInUser(secret, actor))


def secret_here() -> str:
    """The secret of this browser's session."""
    return str(session.get("_user_id", ""))


def rest() -> dict[str, int]:
    """Seconds until this browser is signed out if it is left alone, and until the session ends in any case."""
    idle = int(current_app.permanent_session_lifetime.total_seconds())
    most = int(session.get("until", time.time() + rules.SESSION_HOURS * 3600) - time.time())
    return {"idle": min(idle, most), "most": most}


@bp.app_context_processor
def clock() -> dict[str, Any]:
    """For the frame of every page, which warns before the end."""
    return {"session_rest": rest}


@bp.post("/stay")
@access(SIGNED_IN)
def stay() -> dict[str, int]:
    """Still here: this answer's cookie begins a new two hours. The end of the working day stays where it is."""
    return rest()


def _address() -> str:
    return request.remote_addr or ""


@bp.route("/sign-in", methods=["GET", "POST"])
@access(PUBLIC)
def sign_in() -> Any:
    """By phone number or e-mail address and password."""
    target = safe_next(request.values.get("next"))
    form = Form(SignInSchema)
    if form.submitted:
        secret = _sign_in(form)
        if secret is not None:
            keep(secret)
            return redirect(target or "/", code=303)
    answer = make_response(render("accounts/sign_in.html", form=form, target=target), form.status)
    if isinstance(form.refusal, Throttled):
        answer.headers["Retry-After"] = str(form.refusal.retry_after)
    return answer


def _sign_in(form: Form) -> str | None:
    data = form.load()
    if data is None:
        return None
    login = data["login"]
    try:
        act(lambda ctx: signing.count_sign_in(ctx, login, _address()))
    except Throttled as refusal:
        form.refusal, form.status = refusal, refusal.status
        log.warning("sign_in.throttled", address=_address())
        return None
    person_id = signing.verify(reading(), login, data["password"])
    if person_id is None:
        form.refusal, form.status = Refusal("sign_in.failed", N_("手机号、邮箱或密码不正确。")), 422
        log.warning("sign_in.failed", address=_address())
        return None
    agent = request.user_agent.string
    secret: str = act(lambda ctx: signing.open_session(ctx, person_id, login=login, address=_address(), agent=agent))
    return secret


@bp.post("/sign-out")
@access(PUBLIC)
def sign_out() -> Response:
    """End this browser's session; whoever is not signed in just goes to the first page."""
    if runtime.actor() is not None:
        secret = secret_here()
        act(lambda ctx: signing.sign_out(ctx, secret))
        logout_user()
    session.clear()
    return redirect("/", code=303)


@bp.route("/sign-up", methods=["GET", "POST"])
@access(PUBLIC)
def sign_up() -> Any:
    """A person makes herself known, and is signed in at once."""
    target = safe_next(request.values.get("next"))
    form = Form(SignUpSchema)
    if form.submitted and form.load() is not None and _counted(form):
        locale = "en" if language() == "en" else "zh"
        if form.act(lambda ctx, data: actions.sign_up(ctx, **data, locale=locale)):
            person, agent = form.result, request.user_agent.string
            keep(act(lambda ctx: signing.open_session(ctx, person.id, address=_address(), agent=agent)))
            return done(N_("注册成功，您已登录。"), target or url_for("accounts.home"))
        if form.refusal is not None and form.refusal.code == KNOWN:
            act(lambda ctx: actions.tell_known(ctx, form.values["phone"], form.values.get("email")))
    return render("accounts/sign_up.html", form=form, target=target), form.status


@bp.route("/forgotten", methods=["GET", "POST"])
@access(PUBLIC)
def forgotten() -> Any:
    """Ask for a link to a new password. What is answered says nothing of whether the account exists."""
    form = Form(ForgottenSchema)
    asked = form.submitted and form.act(lambda ctx, data: resets.ask(ctx, data["login"], _address()))
    answer = make_response(render("accounts/forgotten.html", form=form, asked=asked, minutes=_MINUTES), form.status)
    if isinstance(form.refusal, Throttled):
        answer.headers["Retry-After"] = str(form.refusal.retry_after)
    return answer


@bp.route("/reset/<uuid:reset_id>/<secret>", methods=["GET", "POST"])
@access(PUBLIC)
def reset(reset_id: uuid.UUID, secret: str) -> Any:
    """Choose a new password by the link that was sent."""
    form = Form(ResetSchema)
    try:
        if form.submitted and form.act(lambda ctx, data: resets.use(ctx, reset_id, secret, data["new_password"])):
            return done(N_("密码已重设，请用新密码登录。"), url_for("door.sign_in"))
        resets.living(reading(), reset_id, secret)
    except NotFound:
        return render("accounts/reset.html", form=None, minutes=_MINUTES), 404
    return render("accounts/reset.html", form=form, minutes=_MINUTES), form.status


_MINUTES = rules.RESET_HOLDS.seconds // 60


def _counted(form: Form) -> bool:
    try:
        act(lambda ctx: actions.count_sign_up(ctx, _address()))
    except Throttled as refusal:
        form.refusal, form.status = refusal, refusal.status
        return False
    return True


@bp.route("/join/<secret>", methods=["GET", "POST"])
@access(SIGNED_IN)
def join(secret: str) -> Any:
    """Take an offered role: the link and the phone number must both fit."""
    if request.method == "POST":
        assignment = act(lambda ctx: invitations.accept(ctx, secret))
        here = secret_here()
        keep(act(lambda ctx: signing.switch(ctx, here, assignment.id)))
        return done(N_("您已加入，并已切换到新的身份。"), url_for("accounts.home"))
    ctx = reading()
    return render("accounts/join.html", ctx=ctx, offer=invitations.offer(ctx, secret), labels=LABELS)
