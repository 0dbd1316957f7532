"""REST: judgements of renovations, /api/v1/acceptances."""

from __future__ import annotations

import uuid
from typing import Any

from marketplace.base.paging import Page
from marketplace.shop.acceptance import actions, queries
from marketplace.shop.acceptance.models import Acceptance
from marketplace.shop.acceptance.permissions import JUDGE, READ
from marketplace.shop.acceptance.schemas import AcceptanceArgs, AcceptanceSchema, JudgementSchema
from marketplace.web import rest
from marketplace.web.rest import ApiBlueprint, page_of
from marketplace.web.runtime import reading
from marketplace.web.security import access

bp = ApiBlueprint(
    "acceptances_api", __name__, url_prefix="/acceptances", description="The city's acceptance of renovations"
)


@bp.get("")
@access(READ)
@bp.arguments(AcceptanceArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(AcceptanceSchema))
def index(**wanted: Any) -> Page[Any]:
    """Judgements within reach, newest first."""
    return queries.listed(reading(), **wanted)


@bp.get("/<uuid:acceptance_id>")
@access(READ)
@bp.response(200, AcceptanceSchema)
def show(acceptance_id: uuid.UUID) -> Acceptance:
    """One judgement."""
    return queries.get(reading(), acceptance_id)


@bp.post("")
@access(JUDGE)
@bp.arguments(JudgementSchema)
@bp.alt_response(201, schema=AcceptanceSchema)
def judge(judgement: dict[str, Any]) -> Any:
    """Judge the renovation behind a confirmed order."""
    order_id = judgement.pop("order_id")
    return rest.do(AcceptanceSchema, lambda ctx: actions.judge(ctx, order_id, **judgement), status=201)
