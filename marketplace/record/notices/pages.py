"""The inbox, and the administrator's view of what waits to be sent."""

from __future__ import annotations

import uuid

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from marketplace.base.text import N_
from marketplace.record.notices import actions, queries
from marketplace.record.notices.listings import INBOX, OUTBOX
from marketplace.record.notices.permissions import READ_OUTBOX, RETRY
from marketplace.web.html import done
from marketplace.web.runtime import act, reading
from marketplace.web.security import SIGNED_IN, access

bp = Blueprint("notices", __name__)


@bp.app_context_processor
def header() -> dict[str, object]:
    """For the frame of every page: `unread_notices()` counts when a template asks."""
    return {"unread_notices": lambda: queries.unread(reading())}


@bp.get("/notices")
@access(SIGNED_IN)
def index() -> str | Response:
    """What this person was told: unread first."""
    ctx = reading()
    return INBOX.answer("notices/index.html", ctx=ctx, unread=queries.unread(ctx))


@bp.post("/notices/<uuid:notice_id>/read")
@access(SIGNED_IN)
def read(notice_id: uuid.UUID) -> Response:
    """Mark a notice as read and go to its matter."""
    notice = act(lambda ctx: actions.read(ctx, notice_id))
    return redirect(notice.url, code=303)


@bp.post("/notices/read")
@access(SIGNED_IN)
def read_all() -> Response:
    """Mark everything as read."""
    act(actions.read_all)
    return done(N_("已全部标为已读。"), url_for("notices.index"))


@bp.get("/outbox")
@access(READ_OUTBOX)
def waiting() -> str | Response:
    """Messages that wait, and why."""
    ctx = reading()
    return OUTBOX.answer("notices/outbox.html", ctx=ctx, may_retry=ctx.may(RETRY))


@bp.post("/outbox/<int:outbox_id>/retry")
@access(RETRY)
def retry(outbox_id: int) -> Response:
    """Try one message again."""
    act(lambda ctx: actions.retry(ctx, outbox_id))
    return done(N_("将立即重新发送。"), url_for("notices.waiting"))
