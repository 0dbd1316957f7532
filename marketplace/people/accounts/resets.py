"""A forgotten password: asked for by anybody, answered to the account's own phone or mailbox alone.

The request says and does the same whether the account exists or not: it puts a line into the outbox, and whether there
is somebody to write to is found out after the commit. The link's secret is derived, so that neither the table nor the
outbox lets anybody in who reads them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from dataclasses import replace
from typing import Any

from sqlalchemy import select, update

from marketplace.base.context import Context
from marketplace.base.errors import NotFound, Refusal
from marketplace.base.text import N_, Text
from marketplace.people.accounts import passwords, queries, rules, throttle
from marketplace.people.accounts.models import PasswordReset, Person, WebSession
from marketplace.people.accounts.states import PersonState
from marketplace.record.audit import actions as audit
from marketplace.record.notices import actions as notices
from marketplace.record.notices import letters, mail, outbox, sms
from marketplace.record.notices.outbox import Message

ASKED, BY_MAIL, BY_SMS = "password_asked", "password_mail", "password_sms"


def ask(ctx: Context, login: str, address: str) -> None:
    """Have a link sent to this phone number or e-mail address, if it is somebody's here; counted either way.

    Refuses what is neither a number nor an address (`login.invalid`), and too many attempts (`Throttled`).
    """
    login = rules.normal_login(login)
    try:
        login = str(rules.normal_email(login) if "@" in login else rules.normal_phone(login))
    except Refusal:
        raise Refusal("login.invalid", N_("请填写手机号或电子邮箱。"), field="login") from None
    throttle.count(ctx, "reset-address", throttle.network(address), rules.RESET_ADDRESS)
    throttle.count(ctx, "reset", login, rules.RESET_ACCOUNT)
    outbox.send(ctx, ASKED, {"login": login})


def answer(ctx: Context, message: Message) -> None:
    """Outbox topic `password_asked`: a link for whoever has this number or address; nothing when nobody has."""
    login = message.payload["login"]
    person = queries.by_login(ctx, login)
    if person is None or person.state is not PersonState.ACTIVE:
        return
    reset = ctx.add(PasswordReset(person_id=person.id, expires_at=ctx.now + rules.RESET_HOLDS))
    ctx.session.flush()
    audit.record(ctx, "password_reset.sent", reset, person=person.id)
    payload = {"reset_id": reset.id, "to": login, "locale": person.locale}
    outbox.send(ctx, BY_MAIL if "@" in login else BY_SMS, payload)


def secret_of(settings: Any, reset_id: uuid.UUID) -> str:
    """The secret part of a link: 32 bytes that only the installation's key gives."""
    made = hmac.digest(settings.secret_key.encode(), f"password-reset:{reset_id}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def send_mail(settings: Any, message: Message) -> None:
    """Outbox topic `password_mail`: the link as a letter, written when it leaves."""
    to, language, values = _written(settings, message)
    payload = {
        "to": to,
        "subject": letters.written(language, "accounts/reset_subject.txt", values),
        "body": letters.written(language, "accounts/reset_mail.txt", values) + "\n",
    }
    mail.send(settings, replace(message, payload=payload))


def send_sms(settings: Any, message: Message) -> None:
    """Outbox topic `password_sms`: the same as a short message."""
    to, language, values = _written(settings, message)
    text = letters.written(language, "accounts/reset_sms.txt", values)
    sms.send(settings, replace(message, payload={"to": to, "text": text}))


def _written(settings: Any, message: Message) -> tuple[str, str, dict[str, Any]]:
    reset_id = uuid.UUID(message.payload["reset_id"])
    path = f"/account/reset/{reset_id}/{secret_of(settings, reset_id)}"
    values = {"url": settings.public_url.rstrip("/") + path, "minutes": rules.RESET_HOLDS.seconds // 60}
    return message.payload["to"], message.payload["locale"], values


def living(ctx: Context, reset_id: uuid.UUID, secret: str, *, lock: bool = False) -> PasswordReset:
    """The link's row while it may be used; an expired, used or invented link is not found."""
    if not hmac.compare_digest(secret.encode(), secret_of(ctx.house.settings, reset_id).encode()):
        raise NotFound("password_reset")
    statement = (
        select(PasswordReset)
        .join(Person, Person.id == PasswordReset.person_id)
        .where(
            PasswordReset.id == reset_id,
            PasswordReset.used_at.is_(None),
            PasswordReset.expires_at > ctx.now,
            Person.state == PersonState.ACTIVE,
        )
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = ctx.session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound("password_reset")
    return found


def use(ctx: Context, reset_id: uuid.UUID, secret: str, new_password: str) -> None:
    """A new password for the link's person: every browser is signed out, every other link of hers ends."""
    reset = living(ctx, reset_id, secret, lock=True)
    person = ctx.session.get_one(Person, reset.person_id)
    try:
        text = passwords.check(new_password, phone=person.phone, email=person.email)
    except Refusal as refusal:
        refusal.field = "new_password"
        raise
    person.password_hash = passwords.hashed(text)
    links = update(PasswordReset).where(PasswordReset.person_id == person.id, PasswordReset.used_at.is_(None))
    ctx.session.execute(links.values(used_at=ctx.now))
    browsers = update(WebSession).where(WebSession.person_id == person.id, WebSession.ended_at.is_(None))
    ctx.session.execute(browsers.values(ended_at=ctx.now))
    for login in filter(None, (person.phone, person.email)):
        throttle.forget(ctx, "sign-in", login)
    ctx.session.flush()
    audit.record(ctx, "person.password_reset", person)
    told = Text(N_("您的登录密码已通过重设链接更换。如非您本人操作，请立即联系平台管理员。"), {})
    notices.tell(ctx, person_id=person.id, text=told, url="/account")
