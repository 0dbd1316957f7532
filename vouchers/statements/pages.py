"""The payee's statement."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from marketplace.web.runtime import reading
from marketplace.web.security import access
from vouchers.statements import queries
from vouchers.statements.listings import STATEMENT
from vouchers.statements.permissions import READ

bp = Blueprint("statements", __name__)


@bp.get("/statement")
@access(READ)
def index() -> str | Response:
    """What was paid, what was paid back, and what is still owed."""
    ctx = reading()
    asked = STATEMENT.show(ctx).asked
    period = {name: asked[name] for name in ("since", "until") if name in asked}
    return STATEMENT.answer("statements/index.html", ctx=ctx, totals=queries.totals(ctx, **period), period=period)
