"""Telling people, and marking what they have read."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, delete, insert, literal, select, update

from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.base.house import Port
from marketplace.base.roles import Role
from marketplace.base.text import N_, Text
from marketplace.base.types import ID, Instant
from marketplace.record.audit import actions as audit
from marketplace.record.audit.events import CheckpointMade
from marketplace.record.notices import outbox, queries
from marketplace.record.notices.models import Notice, NoticeRead, Outbox
from marketplace.record.notices.permissions import RETRY
from marketplace.record.notices.queries import unread
from marketplace.record.notices.values import pack

__all__ = ["RECIPIENTS", "Address", "read", "read_all", "retry", "tell", "tidy", "unread"]

SENT_KEPT = timedelta(days=90)


@dataclass(frozen=True)
class Address:
    """Where one person is reached outside the platform; either may be empty."""

    email: str | None = None
    phone: str | None = None


RECIPIENTS: Port[Callable[[Context, Notice], Iterable[Address]]] = Port("recipients of notices")
"""From a notice to the addresses of everybody it is for: the accounts chapter knows them."""


def tell(
    ctx: Context,
    *,
    organisation_id: uuid.UUID | None = None,
    person_id: uuid.UUID | None = None,
    role: Role | str | None = None,
    region: str | None = None,
    pilot_id: uuid.UUID | None = None,
    text: Text,
    url: str,
) -> Notice:
    """Put a notice into an inbox, and have it sent to whoever it is for.

    It is for one person, or for everybody who acts under an assignment that fits all that is named. `url` is the
    page of the matter, beginning with ``/``.
    """
    if not url.startswith("/") or url.startswith("//"):
        raise ValueError("a notice leads to a page of the platform")
    notice = ctx.add(
        Notice(
            person_id=person_id,
            organisation_id=organisation_id,
            role=Role(role).value if role is not None else None,
            region=region,
            pilot_id=pilot_id,
            template=text.template,
            values={name: pack(value) for name, value in text.values.items()},
            url=url,
        )
    )
    if ctx.house.all(RECIPIENTS):
        outbox.send(ctx, "notice", {"notice_id": str(notice.id)})
    return notice


def read(ctx: Context, notice_id: uuid.UUID) -> Notice:
    """Mark one notice as read by this person. Done again it changes nothing."""
    notice = queries.get(ctx, notice_id)
    key = (notice.id, ctx.who.person_id)
    if ctx.session.get(NoticeRead, key) is None:
        ctx.session.add(NoticeRead(notice_id=key[0], person_id=key[1], at=ctx.now))
    return notice


def read_all(ctx: Context) -> None:
    """Mark every notice of this person as read: one INSERT from a SELECT."""
    marked = select(NoticeRead.notice_id).where(NoticeRead.person_id == ctx.who.person_id)
    mine = select(Notice.id, literal(ctx.who.person_id, ID()), literal(ctx.now, Instant()))
    ctx.session.execute(
        insert(NoticeRead).from_select(
            ["notice_id", "person_id", "at"], mine.where(queries.addressed(ctx), Notice.id.not_in(marked))
        )
    )


def retry(ctx: Context, outbox_id: int) -> None:
    """Let the deliverer try a message again at once."""
    ctx.require(RETRY)
    changed = ctx.session.execute(
        update(Outbox).where(Outbox.id == outbox_id, Outbox.sent_at.is_(None)).values(next_try_at=ctx.now)
    )
    if cast("CursorResult[Any]", changed).rowcount != 1:
        raise NotFound("outbox")
    audit.record(ctx, "outbox.retried", ("outbox", outbox_id))


def tidy(ctx: Context) -> str:
    """Forget what was sent more than 90 days ago: it holds addresses of persons. Job `notices.tidy`."""
    statement = delete(Outbox).where(Outbox.sent_at < ctx.now - SENT_KEPT)
    gone = cast("CursorResult[Any]", ctx.session.execute(statement)).rowcount
    return f"{gone} sent messages forgotten" if gone else ""


def publish_checkpoint(ctx: Context, fact: CheckpointMade) -> None:
    """Carry a day's checkpoint out of the operator's reach: to the auditors and the province."""
    text = Text(
        N_("{day} 的校验点：封存 {seal_no}，摘要 {digest}。请妥善保存此消息。"),
        {"day": fact.day, "seal_no": fact.seal_no, "digest": fact.seal_hash.hex()},
    )
    for role in (Role.AUDITOR, Role.PROVINCE):
        tell(ctx, role=role, text=text, url="/checkpoints")
