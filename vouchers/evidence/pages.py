"""The auditor takes a claim's evidence away: by page and by REST the same file."""

from __future__ import annotations

import tempfile
import uuid

from flask import Blueprint, Response, send_file

from marketplace.base.context import Context
from marketplace.web.runtime import reading
from marketplace.web.security import access
from vouchers.claims.ports import Panel
from vouchers.claims.queries import Filed
from vouchers.evidence import pack
from vouchers.evidence.permissions import EXPORT

bp = Blueprint("evidence", __name__)
_IN_MEMORY = 1 << 20
"""Bytes of a pack that are kept in memory; what is more lies in a file without a name."""


@bp.get("/claims/<uuid:claim_id>/evidence.zip")
@access(EXPORT)
def download(claim_id: uuid.UUID) -> Response:
    """The evidence pack of a claim."""
    return answer(reading(), claim_id)


def answer(ctx: Context, claim_id: uuid.UUID) -> Response:
    """The pack as a file; that it was taken is written down."""
    out = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)
    try:
        made = pack.write(ctx, claim_id, out)
    except BaseException:
        out.close()
        raise
    size = out.tell()
    out.seek(0)
    response = send_file(out, mimetype="application/zip", max_age=0, etag=False, as_attachment=True,
                         download_name=f"evidence-{made.number}.zip")  # fmt: skip
    response.headers["Content-Length"] = str(size)
    return response


def panel(ctx: Context, filed: Filed) -> Panel | None:
    """On a claim's page, for whoever may take its evidence away."""
    if not ctx.may(EXPORT, filed.form):
        return None
    return Panel("evidence/on_claim.html", {})
