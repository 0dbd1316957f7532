"""REST: the payee's statement, /api/v1/statement."""

from __future__ import annotations

from typing import Any

from marketplace.web.rest import ApiBlueprint, page_of
from marketplace.web.runtime import reading
from marketplace.web.security import access
from vouchers.statements import queries
from vouchers.statements.permissions import READ
from vouchers.statements.schemas import MovementSchema, StatementArgs

bp = ApiBlueprint("statement_api", __name__, url_prefix="/statement", description="The payee's statement")


@bp.get("")
@access(READ)
@bp.arguments(StatementArgs, location="query")
@bp.response(200, page_of(MovementSchema))
def index(args: dict[str, Any]) -> Any:
    """Payments to the acting organisation and what it paid back, newest day first."""
    return queries.listed(reading(), **args)
