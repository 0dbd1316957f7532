"""Looking up findings, within the reach of whoever looks."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, false, func, or_, select

from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.base.permissions import visible as narrow
from marketplace.base.roles import Role
from marketplace.policy.findings.detectors import DETECTORS, Detector
from marketplace.policy.findings.models import Finding
from marketplace.policy.findings.permissions import READ
from marketplace.policy.findings.states import Decision, FindingState, Severity


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


def open_of(ctx: Context, pilot_id: uuid.UUID, limit: int = 5) -> tuple[int, list[Finding]]:
    """How many cases about one pilot are open and within this person's reach, and the most urgent of them."""
    wanted = search(ctx, state=FindingState.OPEN, pilot_id=pilot_id)
    count = ctx.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    order = (Finding.severity, Finding.due, Finding.id)
    return count, list(ctx.session.scalars(wanted.order_by(*order).limit(limit))) if count else []


def around(ctx: Context, subjects: Collection[tuple[str, Any]]) -> list[Finding]:
    """What is suspected of any of these things (kind, id) and not dismissed, open cases first; at most 20.

    For whoever decides about one of them.
    """
    keys = [and_(Finding.subject_kind == kind, Finding.subject_id == str(key)) for kind, key in subjects]
    standing = or_(Finding.decision.is_(None), Finding.decision != Decision.DISMISSED)
    statement = visible(ctx).where(or_(false(), *keys), standing)
    order = (Finding.state.desc(), Finding.severity, Finding.due, Finding.id)
    return list(ctx.session.scalars(statement.order_by(*order).limit(20)))


@dataclass(frozen=True)
class Rule:
    """A rule that finds suspicions, and what became of its cases within reach of whoever looks."""

    detector: Detector
    open: int = 0
    confirmed: int = 0
    rectify: int = 0
    dismissed: int = 0

    @property
    def decided(self) -> int:
        return self.confirmed + self.rectify + self.dismissed

    @property
    def precision_bps(self) -> int | None:
        """Of what people have decided, the part that was real (confirmed or to be rectified), in ten-thousandths."""
        return (self.confirmed + self.rectify) * 10_000 // self.decided if self.decided else None


def rules(ctx: Context, *, severity: Severity | None = None, owner: Role | None = None) -> list[Rule]:
    """Every rule in the order of the story, with the counts of its cases; a rule that is gone is called by its code."""
    counted: dict[str, dict[str, int]] = {}
    grouped = visible(ctx).with_only_columns(Finding.detector, Finding.decision, func.count())
    for code, decision, number in ctx.session.execute(grouped.group_by(Finding.detector, Finding.decision)):
        counted.setdefault(code, {})[decision or "open"] = number
    found = [Rule(detector, **counted.pop(detector.code, {})) for detector in ctx.house.all(DETECTORS)]
    found += [Rule(Detector(code, code, "", Severity.WARN), **numbers) for code, numbers in sorted(counted.items())]
    return [
        rule for rule in found if severity in (None, rule.detector.severity) and owner in (None, rule.detector.owner)
    ]
