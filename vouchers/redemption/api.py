"""REST: codes and redemptions, /api/v1/redemption."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, request

from marketplace.base.context import Context
from marketplace.shop.orders.permissions import CONFIRM, FULFIL
from marketplace.web import rest
from marketplace.web.rest import ApiBlueprint
from marketplace.web.runtime import act
from marketplace.web.security import access
from vouchers.redemption import actions, rules
from vouchers.redemption.schemas import AskedSchema, MakeCodeSchema, RedeemedSchema, ShownCodeSchema, UseCodeSchema

bp = ApiBlueprint("redemption_api", __name__, url_prefix="/redemption", description="Codes and redemptions")


@bp.post("/codes")
@access(CONFIRM)
@bp.arguments(MakeCodeSchema, as_kwargs=True)
@bp.alt_response(201, schema=ShownCodeSchema)
def make(order_id: uuid.UUID) -> Response:
    """The enterprise makes a code for a delivered order; it lives 60 seconds and can be used once."""

    def verb(ctx: Context) -> dict[str, Any]:
        shown = actions.make(ctx, order_id)
        return {
            "order_id": shown.order_id, "code": shown.code, "qr": rules.qr_text(shown.code), "ends_at": shown.ends_at,
        }  # fmt: skip

    return rest.do(ShownCodeSchema, verb, status=201)


@bp.post("")
@access(FULFIL)
@bp.arguments(UseCodeSchema, as_kwargs=True)
@bp.alt_response(200, schema=RedeemedSchema)
def redeem(code: str) -> Response:
    """The provider uses a code: the delivery is confirmed and the voucher redeemed. Needs an `Idempotency-Key`.

    409 `code.wrong`, `code.used`, `code.expired`; 429 after too many attempts in vain.
    """
    address = request.remote_addr or ""
    act(lambda ctx: actions.count(ctx, address))
    return rest.do(RedeemedSchema, lambda ctx: actions.use(ctx, code, address), money=True)


@bp.post("/orders/<uuid:order_id>/request")
@access(FULFIL)
@bp.alt_response(200, schema=AskedSchema)
def ask(order_id: uuid.UUID) -> Response:
    """Ask the enterprise to confirm on its own device."""
    return rest.do(AskedSchema, lambda ctx: actions.ask(ctx, order_id))
