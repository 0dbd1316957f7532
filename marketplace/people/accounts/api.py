"""REST: who acts with this token."""

from __future__ import annotations

from typing import Any

from marketplace.people.accounts.schemas import MeSchema
from marketplace.web.rest import ApiBlueprint
from marketplace.web.runtime import reading
from marketplace.web.security import SIGNED_IN, access

bp = ApiBlueprint("accounts_api", __name__, description="The acting person")


@bp.get("/me")
@access(SIGNED_IN)
@bp.response(200, MeSchema)
def me() -> dict[str, Any]:
    """The person behind the token, the assignment it acts under, and its scopes."""
    ctx = reading()
    who = ctx.who
    return {
        "person_id": who.person_id,
        "name": who.name,
        "assignment": {
            "id": who.assignment_id,
            "role": who.role,
            "organisation_id": who.organisation_id,
            "pilot_id": who.pilot_id,
            "region": who.region,
        },
        "organisation_name": who.organisation_name,
        "scopes": sorted(who.permissions or ()),
        "now": ctx.now,
    }
