"""REST: findings, /api/v1/findings."""

from __future__ import annotations

import uuid
from typing import Any

from marketplace.base.paging import Key, Page, fetch
from marketplace.policy.findings import actions, queries
from marketplace.policy.findings.models import Finding
from marketplace.policy.findings.permissions import DECIDE, READ
from marketplace.policy.findings.schemas import FindingArgs, FindingDecisionSchema, FindingSchema, RulesSchema
from marketplace.policy.findings.states import Decision
from marketplace.web import rest
from marketplace.web.rest import ApiBlueprint, page_of
from marketplace.web.runtime import reading
from marketplace.web.security import access

bp = ApiBlueprint("findings_api", __name__, url_prefix="/findings", description="Findings: cases a person decides")

DUE = [Key(Finding.due), Key(Finding.id)]


@bp.get("")
@access(READ)
@bp.arguments(FindingArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(FindingSchema))
def index(limit: int, cursor: str | None, **filters: Any) -> Page[Any]:
    """Findings within reach, the most urgent first."""
    ctx = reading()
    return fetch(ctx.session, queries.search(ctx, **filters), DUE, limit=limit, cursor=cursor)


@bp.get("/rules")
@access(READ)
@bp.response(200, RulesSchema)
def rules() -> dict[str, Any]:
    """The rules that find suspicions, each with what became of its cases."""
    return {"rules": queries.rules(reading())}


@bp.get("/<uuid:finding_id>")
@access(READ)
@bp.response(200, FindingSchema)
def show(finding_id: uuid.UUID) -> Finding:
    """One finding."""
    return queries.get(reading(), finding_id)


@bp.post("/<uuid:finding_id>/decision")
@access(DECIDE)
@bp.arguments(FindingDecisionSchema, as_kwargs=True)
@bp.alt_response(200, schema=FindingSchema)
def decide(finding_id: uuid.UUID, decision: Decision, reason: str) -> Any:
    """Decide a finding, with the reason."""
    return rest.do(FindingSchema, lambda ctx: actions.decide(ctx, finding_id, decision, reason))
