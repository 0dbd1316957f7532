"""REST: spending sheets against the policy, /api/v1/spending-checks."""

from __future__ import annotations

from typing import Any

from flask import request

from marketplace.policy.spending import actions, apart
from marketplace.policy.spending.checking import MAX_PILOT
from marketplace.policy.spending.pages import sent
from marketplace.policy.spending.schemas import SpendingAnswerSchema, SpendingCheckSchema
from marketplace.web.rest import ApiBlueprint
from marketplace.web.runtime import act
from marketplace.web.security import PUBLIC, access

bp = ApiBlueprint("checking_api", __name__, url_prefix="/spending-checks", description="Spending sheets checked")


@bp.post("")
@access(PUBLIC)
@bp.arguments(SpendingCheckSchema, location="multipart", as_kwargs=True)
@bp.alt_response(200, schema=SpendingAnswerSchema)
def check(file: Any, pilot: Any, book: str, sheet: str | None, language: str) -> Any:
    """Check a sheet (CSV or XLSX), as multipart/form-data; the answer is that of `marketplace check --format json`.

    Nothing is kept of it. A sheet that cannot be used is answered with 422 (`check.unusable`), a line for each fault.
    """
    act(lambda ctx: actions.admit(ctx, request.remote_addr or ""))
    asked = apart.Asked(book, "json", language, sheet)
    return sent(asked, file, pilot.stream.read(MAX_PILOT + 1), "application/json")
