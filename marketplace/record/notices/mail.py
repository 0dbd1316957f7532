"""Topic `mail`: ``{"to", "subject", "body"}`` over the SMTP server of ``MARKETPLACE_SMTP_URL``."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from marketplace.record.notices.outbox import Message

TIMEOUT = 20


def ready(settings: Any) -> bool:
    """Whether a server is set; until then mail waits."""
    return bool(settings.smtp_url)


def send(settings: Any, message: Message) -> None:
    """Hand one mail over. TLS from the start with ``smtps://``, else as soon as the server offers it."""
    url = urlsplit(settings.smtp_url)
    letter = compose(settings, message)
    with _connect(url.scheme, url.hostname or "localhost", url.port) as server:
        if url.scheme != "smtps":
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        server.send_message(letter)


def _connect(scheme: str, host: str, port: int | None) -> smtplib.SMTP:
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT, context=ssl.create_default_context())
    return smtplib.SMTP(host, port or 25, timeout=TIMEOUT)


def compose(settings: Any, message: Message) -> EmailMessage:
    """The mail of a message. The sender is ``?from=`` of the address, else its user name, else no-reply."""
    url = urlsplit(settings.smtp_url)
    domain = urlsplit(settings.public_url).hostname or "localhost"
    user = unquote(url.username or "")
    sender = parse_qs(url.query).get("from", [user if "@" in user else f"no-reply@{domain}"])[0]
    letter = EmailMessage()
    letter["From"] = sender
    letter["To"] = _one_line(message.payload["to"])
    letter["Subject"] = _one_line(message.payload["subject"])
    letter["Message-ID"] = f"<{message.message_id}@{domain}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(message.payload["body"])
    return letter


def _one_line(text: str) -> str:
    return " ".join(text.split())
