"""The report over REST."""

from __future__ import annotations

import uuid

from marketplace.web.rest import ApiBlueprint
from marketplace.web.runtime import reading
from marketplace.web.security import access
from vouchers.reports import permissions, queries
from vouchers.reports.schemas import SettlementSchema

bp = ApiBlueprint("settlement_reports", __name__, url_prefix="/reports")


@bp.get("/settlement/<uuid:pilot_id>")
@access(permissions.READ)
@bp.response(200, SettlementSchema)
def settlement(pilot_id: uuid.UUID) -> queries.Settlement:
    """Awarded, received, committed and paid by category, and each rule of the book with its clause."""
    return queries.settlement(reading(), pilot_id)
