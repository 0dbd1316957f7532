"""The two departments of the province: one leads and proposes, the other decides about the money (五(四))."""

from __future__ import annotations

import uuid

from marketplace.base.context import Context
from marketplace.people.organisations.models import Organisation
from marketplace.pilots.programmes import rules
from marketplace.pilots.programmes.models import Programme


def person(ctx: Context) -> uuid.UUID | None:
    """Who acts; None is the platform itself."""
    return ctx.actor.person_id if ctx.actor else None


def require_industry(ctx: Context, programme_id: uuid.UUID, clause: str | None) -> None:
    """Refuse unless the act is done for the programme's industry department."""
    _require(ctx, programme_id, clause, industry=True)


def require_finance(ctx: Context, programme_id: uuid.UUID, clause: str | None) -> None:
    """Refuse unless the act is done for the programme's finance department."""
    _require(ctx, programme_id, clause, industry=False)


def _require(ctx: Context, programme_id: uuid.UUID, clause: str | None, *, industry: bool) -> None:
    if ctx.system and ctx.actor is None:
        return
    programme = ctx.session.get_one(Programme, programme_id)
    wanted = programme.industry_department_id if industry else programme.finance_department_id
    rules.check_department(ctx.who.organisation_id, ctx.session.get_one(Organisation, wanted), clause)
