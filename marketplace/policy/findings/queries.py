"""Looking up findings, within the reach of whoever looks."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import Select, func, select

from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.base.permissions import visible as narrow
from marketplace.policy.findings.models import Finding
from marketplace.policy.findings.permissions import READ
from marketplace.policy.findings.states import FindingState, Severity


def visible(ctx: Context) -> Select[Finding]:
    """The findings this person may see."""
    return narrow(ctx, READ, select(Finding), pilot=Finding.pilot_id, city=Finding.city)


def search(
    ctx: Context,
    *,
    state: FindingState | None = None,
    severity: Severity | None = None,
    detector: str | None = None,
    pilot_id: uuid.UUID | None = None,
    city: str | None = None,
) -> Select[Finding]:
    """The same, narrowed by state, severity, detector, pilot and city."""
    statement = visible(ctx)
    wanted: list[tuple[Any, Any]] = [
        (Finding.state, state),
        (Finding.severity, severity),
        (Finding.detector, detector or None),
        (Finding.pilot_id, pilot_id),
        (Finding.city, city or None),
    ]
    return statement.where(*(column == value for column, value in wanted if value is not None))


def get(ctx: Context, finding_id: uuid.UUID, *, lock: bool = False) -> Finding:
    """One finding this person may see; 404 otherwise."""
    statement = visible(ctx).where(Finding.id == finding_id)
    finding = ctx.session.scalars(statement.with_for_update() if lock else statement).one_or_none()
    if finding is None:
        raise NotFound("finding")
    return finding


def about(ctx: Context, subject_kind: str, subject_id: Any) -> list[Finding]:
    """Findings on one thing, newest first: for its own page."""
    statement = visible(ctx).where(Finding.subject_kind == subject_kind, Finding.subject_id == str(subject_id))
    return list(ctx.session.scalars(statement.order_by(Finding.created_at.desc(), Finding.id.desc())))


def waiting(ctx: Context) -> list[Finding]:
    """The open findings on the desk of this person's role, the most urgent first; at most 20."""
    if ctx.actor is None:
        return []
    statement = visible(ctx).where(Finding.state == FindingState.OPEN, Finding.owner_role == ctx.actor.role)
    return list(ctx.session.scalars(statement.order_by(Finding.due, Finding.id).limit(20)))


def count_open(ctx: Context) -> int:
    """How many open findings this person may see."""
    inner = visible(ctx).where(Finding.state == FindingState.OPEN).subquery()
    return ctx.session.scalar(select(func.count()).select_from(inner)) or 0
