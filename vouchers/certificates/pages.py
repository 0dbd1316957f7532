"""The certificate as a page that prints, and the public page on which a bank checks it."""

from __future__ import annotations

import uuid

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from marketplace.base import ids
from marketplace.base.context import Context
from marketplace.base.text import N_
from marketplace.web.html import done, render
from marketplace.web.i18n import say
from marketplace.web.runtime import act, reading
from marketplace.web.security import PUBLIC, access
from vouchers.certificates import actions, queries
from vouchers.certificates.states import STANDINGS, TONES
from vouchers.claims import queries as claims
from vouchers.claims.permissions import READ, SUBMIT, SUBMIT_FOR
from vouchers.claims.ports import Panel
from vouchers.claims.queries import Filed
from vouchers.ledger.states import ClaimState
from vouchers.wallets import qr

bp = Blueprint("certificates", __name__)
PACE = 30
"""Questions a minute from one network: a code has thirty-five bits, and a bank asks a few times a day."""


@bp.post("/claims/<uuid:claim_id>/certificate")
@access(SUBMIT, SUBMIT_FOR)
def issue(claim_id: uuid.UUID) -> Response:
    """The payee gets its certificate."""
    made = act(lambda ctx: actions.issue(ctx, claim_id).id)
    return done(N_("应付确认书已开具。"), url_for("certificates.show", certificate_id=made))


@bp.get("/certificates/<uuid:certificate_id>")
@access(READ)
def show(certificate_id: uuid.UUID) -> str:
    """The certificate, to be shown to a bank or printed."""
    ctx = reading()
    shown = queries.get(ctx, certificate_id)
    row = shown.certificate
    address = url_for("certificates.check", number=row.number, code=row.code, _external=True)
    return render(
        "certificates/show.html",
        ctx=ctx,
        shown=shown,
        said=actions.said(row),
        svg=qr.svg(address, label=say(N_("应付确认书"))),
        code=ids.spoken(row.code),
        number=ids.spoken(row.number),
        address=address,
        standings=STANDINGS,
        tones=TONES,
    )


@bp.get("/payable")
@access(PUBLIC, pace=PACE)
def check() -> str:
    """A bank types, or scans, the number and the code of a certificate."""
    ctx = reading()
    number, code = request.args.get("number", "")[:60], request.args.get("code", "")[:60]
    shown = queries.check(ctx, number, code) if number and code else None
    return render(
        "certificates/check.html",
        ctx=ctx,
        number=number,
        code=code,
        asked=bool(number or code),
        shown=shown,
        said=actions.said(shown.certificate) if shown else None,
        standings=STANDINGS,
        tones=TONES,
    )


def panel(ctx: Context, filed: Filed) -> Panel | None:
    """On an approved claim's page: the way to its certificate, for its payee."""
    if not claims.takes_payees_side(ctx, filed.form):
        return None
    known = queries.of_claim(ctx, filed.id)
    waits = filed.claim.state is ClaimState.APPROVED
    if known is None and not waits:
        return None
    return Panel("certificates/on_claim.html", {"known": known, "waits": waits})
