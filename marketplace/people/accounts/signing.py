"""Signing in and out, acting under another assignment, and keys for programs.

A sign-in is three steps, because a password takes its time to check and must not hold the database's writer
meanwhile: `count_sign_in` (an act that stands even when the password is wrong), `verify` (only looking),
`open_session` (an act).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from marketplace.base.context import Context
from marketplace.base.errors import Forbidden, NotFound, Refusal
from marketplace.base.text import N_
from marketplace.people.accounts import passwords, queries, rules, throttle
from marketplace.people.accounts.models import ApiToken, PasswordReset, Person, Throttle, WebSession
from marketplace.people.accounts.states import PersonState
from marketplace.record.audit import actions as audit

TOKEN_PREFIX = "dtv_"


def count_sign_in(ctx: Context, login: str, address: str) -> None:
    """Count one attempt against the account and the address; refuses with the seconds to wait (`Throttled`).

    It counts before the password is looked at, so that attempts at the same time can't slip past, and whether or not
    the account exists.
    """
    throttle.count(ctx, "sign-in-address", throttle.network(address), rules.SIGN_IN_ADDRESS)
    throttle.count(ctx, "sign-in", rules.normal_login(login), rules.SIGN_IN_ACCOUNT)


def verify(ctx: Context, login: str, password: str) -> uuid.UUID | None:
    """The person whose password this is, or None; as slow for an unknown account as for a wrong password."""
    person = queries.by_login(ctx, rules.normal_login(login))
    fits = passwords.matches(password, person.password_hash if person else None)
    return person.id if person and fits and person.state is PersonState.ACTIVE else None


def open_session(ctx: Context, person_id: uuid.UUID, *, login: str = "", address: str = "", agent: str = "") -> str:
    """Sign a verified person in: a new session under the assignment she last acted as. Returns the cookie's secret."""
    person = ctx.session.get(Person, person_id)
    if person is None or person.state is not PersonState.ACTIVE:
        raise NotFound("person")
    if login:
        throttle.forget(ctx, "sign-in", rules.normal_login(login))
    return _open(ctx, person_id, _usual_assignment(ctx, person_id), address, agent)


def _usual_assignment(ctx: Context, person_id: uuid.UUID) -> uuid.UUID | None:
    """The assignment of the last session while it holds, else the oldest one, else none."""
    held = [assignment.id for assignment in queries.live_assignments(ctx, person_id)]
    last = ctx.session.scalar(
        select(WebSession.assignment_id)
        .where(WebSession.person_id == person_id)
        .order_by(WebSession.created_at.desc(), WebSession.id.desc())
        .limit(1)
    )
    return last if last in held else (held[0] if held else None)


def _open(
    ctx: Context,
    person_id: uuid.UUID,
    assignment_id: uuid.UUID | None,
    address: str,
    agent: str,
    expires_at: datetime | None = None,
) -> str:
    secret = passwords.new_secret()
    session = ctx.add(
        WebSession(
            secret_hash=passwords.digest(secret),
            person_id=person_id,
            assignment_id=assignment_id,
            expires_at=expires_at or ctx.now + timedelta(hours=rules.SESSION_HOURS),
            address=address,
            agent=agent[:200],
        )
    )
    ctx.session.flush()
    audit.record(ctx, "session.opened", session, person=person_id, assignment=assignment_id)
    return secret


def sign_out(ctx: Context, secret: str) -> None:
    """End the session of this browser."""
    _end_sessions(ctx, WebSession.secret_hash == passwords.digest(secret))


def end_session(ctx: Context, session_id: uuid.UUID) -> None:
    """End one of one's own sessions in another browser."""
    if not _end_sessions(ctx, WebSession.id == session_id):
        raise NotFound("session")
    audit.record(ctx, "session.ended", ("web_session", session_id))


def _end_sessions(ctx: Context, *which: object) -> int:
    result = ctx.session.execute(
        update(WebSession)
        .where(WebSession.person_id == ctx.who.person_id, WebSession.ended_at.is_(None), *which)  # type: ignore[arg-type]
        .values(ended_at=ctx.now)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def switch(ctx: Context, secret: str, assignment_id: uuid.UUID) -> str:
    """Act under another of one's own assignments. The session gets a new secret; the old one ends."""
    if assignment_id not in {held.id for held in queries.live_assignments(ctx, ctx.who.person_id)}:
        raise NotFound("assignment")
    old = ctx.session.scalars(
        select(WebSession)
        .where(WebSession.secret_hash == passwords.digest(secret), WebSession.person_id == ctx.who.person_id)
        .with_for_update()
    ).one_or_none()
    if old is None:
        raise NotFound("session")
    fresh = _open(ctx, ctx.who.person_id, assignment_id, old.address, old.agent, old.expires_at)
    old.ended_at = ctx.now
    ctx.session.flush()
    return fresh


def adopt(ctx: Context, person_id: uuid.UUID, assignment_id: uuid.UUID) -> None:
    """Let the browsers of somebody who acted for nobody act under her first assignment."""
    ctx.session.execute(
        update(WebSession)
        .where(
            WebSession.person_id == person_id,
            WebSession.assignment_id.is_(None),
            WebSession.ended_at.is_(None),
        )
        .values(assignment_id=assignment_id)
    )


def count_password(ctx: Context) -> None:
    """Count one attempt to change the acting person's password."""
    throttle.count(ctx, "password", str(ctx.who.person_id), rules.SIGN_IN_ACCOUNT)


def change_password(ctx: Context, old: str, new: str, keep: str = "") -> None:
    """A new password, by whoever knows the old one; every session but the one with the secret `keep` ends."""
    person = queries.me(ctx)
    if not passwords.matches(old, person.password_hash):
        raise Refusal("password.wrong", N_("当前密码不正确。"), field="password")
    try:
        text = passwords.check(new, phone=person.phone, email=person.email)
    except Refusal as refusal:
        refusal.field = "new_password"
        raise
    person.password_hash = passwords.hashed(text)
    throttle.forget(ctx, "password", str(person.id))
    _end_sessions(ctx, WebSession.secret_hash != passwords.digest(keep))
    ctx.session.flush()
    audit.record(ctx, "person.password_changed", person)


def set_password(ctx: Context, person_id: uuid.UUID, new: str) -> None:
    """A new password for somebody who forgot the old one: the installation's command alone may do this."""
    if not ctx.system:
        raise Forbidden("person.set_password")
    person = ctx.session.get(Person, person_id)
    if person is None:
        raise NotFound("person")
    person.password_hash = passwords.hashed(passwords.check(new, phone=person.phone, email=person.email))
    ctx.session.execute(
        update(WebSession)
        .where(WebSession.person_id == person.id, WebSession.ended_at.is_(None))
        .values(ended_at=ctx.now)
    )
    ctx.session.flush()
    audit.record(ctx, "person.password_set", person)


def make_token(ctx: Context, name: str, scopes: Iterable[str], days: int) -> tuple[ApiToken, str]:
    """A key for a program, acting under the present assignment with some of its verbs, for 1 to 366 days.

    Returns the token and its secret, which is shown once and kept as a digest only.
    """
    who = ctx.who
    if who.assignment_id is None or who.permissions is not None:
        raise Forbidden("token.make")
    wanted = sorted(set(scopes))
    held = {p.code for p, roles in ctx.house.matrix.rows.items() if who.role in roles}
    if not wanted or not held.issuperset(wanted):
        raise Refusal("token.scopes", N_("请选择令牌可以办理的事项。"), field="scopes")
    if not 1 <= days <= rules.TOKEN_DAYS:
        raise Refusal("token.days", N_("有效期应为 1 至 {most} 天。"), field="days", most=rules.TOKEN_DAYS)
    label = " ".join(name.split())
    if not label or len(label) > 80:
        raise Refusal("token.name", N_("请为令牌起一个名称。"), field="name")
    secret = TOKEN_PREFIX + passwords.new_secret()
    token = ctx.add(
        ApiToken(
            person_id=who.person_id,
            assignment_id=who.assignment_id,
            name=label,
            secret_hash=passwords.digest(secret),
            last_four=secret[-4:],
            scopes=wanted,
            expires_at=ctx.now + timedelta(days=days),
        )
    )
    ctx.session.flush()
    audit.record(ctx, "token.made", token, scopes=wanted, expires_at=token.expires_at)
    return token, secret


def revoke_token(ctx: Context, token_id: uuid.UUID) -> ApiToken:
    """End one of one's own tokens at once; done again it changes nothing."""
    token = ctx.session.scalars(
        select(ApiToken).where(ApiToken.id == token_id, ApiToken.person_id == ctx.who.person_id).with_for_update()
    ).one_or_none()
    if token is None:
        raise NotFound("token")
    if token.revoked_at is None:
        token.revoked_at = ctx.now
        ctx.session.flush()
        audit.record(ctx, "token.revoked", token)
    return token


def sweep(ctx: Context) -> str:
    """Forget sessions and links that ended more than 30 days ago, and counts whose window is over."""
    old = ctx.now - timedelta(days=30)
    sessions = ctx.session.execute(delete(WebSession).where(WebSession.expires_at < old))
    ctx.session.execute(delete(PasswordReset).where(PasswordReset.expires_at < old))
    counts = ctx.session.execute(delete(Throttle).where(Throttle.window_ends < ctx.now))
    return f"{sessions.rowcount} sessions, {counts.rowcount} counts"  # type: ignore[attr-defined]
