"""A notice as mail and short message: both languages in one letter, since nobody knows here who reads it."""

from __future__ import annotations

import uuid
from typing import Any

from flask import current_app, g

from marketplace.base.context import Context
from marketplace.base.text import Text
from marketplace.record.notices import outbox
from marketplace.record.notices.actions import RECIPIENTS
from marketplace.record.notices.models import Notice
from marketplace.record.notices.outbox import Message
from marketplace.record.notices.values import unpack


def text_of(notice: Notice) -> Text:
    """The notice's text with its values, to be translated where it is read."""
    return Text(notice.template, {name: unpack(value) for name, value in notice.values.items()})


def fan_out(ctx: Context, message: Message) -> None:
    """Topic `notice`: one mail or short message for each person that a notice is for."""
    notice = ctx.session.get(Notice, uuid.UUID(message.payload["notice_id"]))
    if notice is None:
        return
    subject, body, short = compose(ctx.house.settings, notice)
    addresses = {address for ask in ctx.house.all(RECIPIENTS) for address in ask(ctx, notice)}
    for address in sorted(addresses, key=lambda a: (a.email or "", a.phone or "")):
        if address.email:
            outbox.send(ctx, "mail", {"to": address.email, "subject": subject, "body": body})
        elif address.phone:
            outbox.send(ctx, "sms", {"to": address.phone, "text": short})


def compose(settings: Any, notice: Notice) -> tuple[str, str, str]:
    """(subject, body, short text) of a notice; needs the application's context for its templates."""
    values = {"text": text_of(notice), "url": settings.public_url.rstrip("/") + notice.url}
    body = "\n\n".join(written(language, "notices/mail.txt", values) for language in ("zh", "en"))
    subject = written("zh", "notices/subject.txt", values)
    return subject, body + "\n", written("zh", "notices/sms.txt", values)


def written(language: str, template: str, values: dict[str, Any]) -> str:
    """A template of a letter in one language; needs the application's context."""
    with current_app.app_context():
        g.locale_override = language
        return current_app.jinja_env.get_template(template).render(**values).strip()
