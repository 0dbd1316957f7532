"""REST: certificates of what is payable, /api/v1/payable."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response

from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.web import rest
from marketplace.web.rest import ApiBlueprint
from marketplace.web.runtime import reading
from marketplace.web.security import PUBLIC, access
from vouchers.certificates import actions, queries
from vouchers.certificates.pages import PACE
from vouchers.certificates.queries import Shown
from vouchers.certificates.schemas import CertificateSchema, CheckArgs, PayableSchema
from vouchers.claims.permissions import READ, SUBMIT, SUBMIT_FOR

bp = ApiBlueprint("certificates_api", __name__, url_prefix="/payable", description="Certificates of what is payable")


@bp.get("")
@access(PUBLIC, pace=PACE)
@bp.arguments(CheckArgs, location="query", as_kwargs=True)
@bp.response(200, PayableSchema)
def check(number: str, code: str) -> Shown:
    """A bank checks a certificate: what was signed, and whether it is payable, paid or withdrawn. 404 when number and
    code don't belong together."""
    shown = queries.check(reading(), number, code)
    if shown is None:
        raise NotFound("certificate")
    return shown


@bp.get("/<uuid:certificate_id>")
@access(READ)
@bp.response(200, CertificateSchema)
def show(certificate_id: uuid.UUID) -> Shown:
    """One certificate, for whoever may read its claim."""
    return queries.get(reading(), certificate_id)


@bp.post("/claims/<uuid:claim_id>")
@access(SUBMIT, SUBMIT_FOR)
@bp.alt_response(201, schema=CertificateSchema)
def issue(claim_id: uuid.UUID) -> Response:
    """The payee of an approved claim gets its certificate; asked again while nothing changed, the same one."""

    def verb(ctx: Context) -> Any:
        return queries.get(ctx, actions.issue(ctx, claim_id).id)

    return rest.do(CertificateSchema, verb, status=201)
