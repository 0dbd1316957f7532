"""REST: /api/v1/claims/{id}/evidence."""

from __future__ import annotations

import uuid

from flask import Response

from marketplace.web.rest import ApiBlueprint
from marketplace.web.runtime import reading
from marketplace.web.security import access
from vouchers.evidence.pages import answer
from vouchers.evidence.permissions import EXPORT

bp = ApiBlueprint("evidence_api", __name__, url_prefix="/claims", description="Evidence of claims")


@bp.get("/<uuid:claim_id>/evidence")
@access(EXPORT)
@bp.alt_response(200, description="the evidence pack, application/zip")
def evidence(claim_id: uuid.UUID) -> Response:
    """The evidence pack of a claim, with a verifier of its own. 409 `evidence.unsealed`: ask again in some seconds."""
    return answer(reading(), claim_id)
