"""Opening and deciding findings. A finding never stops an act: it waits for a person, until a working day."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Select, select

from marketplace.base.context import Context
from marketplace.base.errors import Refusal
from marketplace.base.roles import LABELS, Role
from marketplace.base.states import Label
from marketplace.base.streams import chunks
from marketplace.base.text import N_
from marketplace.base.workdays import add_workdays
from marketplace.policy.findings import permissions, queries
from marketplace.policy.findings.detectors import DETECTORS, Detector, Suspicion
from marketplace.policy.findings.events import FindingDecided, FindingOpened
from marketplace.policy.findings.models import Finding
from marketplace.policy.findings.states import FINDING, Decision, FindingState, Severity
from marketplace.record.audit import actions as audit

_CHUNK = 500


def open(
    ctx: Context,
    *,
    detector: str,
    clause: str,
    severity: Severity,
    suspicion: Suspicion,
    owner: Role = Role.CITY,
    working_days: int = 10,
) -> Finding:
    """Open a case for what was seen, due in so many working days; the same suspicion again gives the case it has."""
    known = ctx.session.scalars(
        select(Finding).where(
            Finding.detector == detector,
            Finding.subject_kind == suspicion.subject_kind,
            Finding.subject_id == suspicion.subject_id,
            Finding.fingerprint == suspicion.fingerprint,
        )
    ).one_or_none()
    seen = Detector(detector, detector, clause, severity, owner=owner, working_days=working_days)
    return known or _open(ctx, seen, suspicion)


def _open(ctx: Context, detector: Detector, suspicion: Suspicion) -> Finding:
    return _open_all(ctx, detector, [suspicion])[0]


def _open_all(ctx: Context, detector: Detector, suspicions: Iterable[Suspicion]) -> list[Finding]:
    """New cases of one rule, written together."""
    due = add_workdays(ctx.today, detector.working_days)
    opened = [
        ctx.add(
            Finding(
                detector=detector.code,
                severity=detector.severity,
                clause=detector.clause,
                subject_kind=suspicion.subject_kind,
                subject_id=suspicion.subject_id,
                fingerprint=suspicion.fingerprint,
                city=suspicion.city,
                pilot_id=suspicion.pilot_id,
                template=suspicion.template,
                evidence=suspicion.evidence,
                url=suspicion.url,
                owner_role=detector.owner,
                due=due.day,
                due_provisional=due.provisional,
                state=FindingState.OPEN,
            )
        )
        for suspicion in suspicions
    ]
    ctx.session.flush()
    for finding in opened:
        audit.record(ctx, "finding.opened", finding, detector=detector.code, clause=detector.clause)
        ctx.announce(FindingOpened(finding.id, detector.code, finding.subject_kind, finding.subject_id, finding.city))
    return opened


def decide(ctx: Context, finding_id: uuid.UUID, decision: Decision, reason: str) -> Finding:
    """Decide a case: confirmed, to be rectified, or dismissed; always with the reason, which stays."""
    finding = queries.get(ctx, finding_id, lock=True)
    ctx.require(permissions.DECIDE, finding)
    if ctx.actor is not None and ctx.actor.role is not finding.owner_role and ctx.actor.role is not Role.PROVINCE:
        raise Refusal(
            "finding.other_desk",
            N_("此疑点由{owner}核查。"),
            clause=finding.clause,
            owner=Label(LABELS[finding.owner_role]),
        )
    if not reason.strip():
        raise Refusal("finding.reason_missing", N_("请写明核查结论的理由。"), clause=finding.clause, field="reason")
    _close(ctx, finding, decision, reason.strip())
    return finding


def _close(ctx: Context, finding: Finding, decision: Decision, reason: str) -> None:
    FINDING.move(finding, "decide")
    finding.decision = decision
    finding.reason = reason
    finding.decided_at = ctx.now
    finding.decided_by = ctx.actor.person_id if ctx.actor else None
    finding.decided_by_name = ctx.actor.name if ctx.actor else ""
    audit.record(ctx, "finding.decided", finding, decision=decision.value)
    ctx.announce(FindingDecided(finding.id, finding.detector, finding.subject_kind, finding.subject_id, decision.value))


def let_go(ctx: Context, detectors: Collection[str], fingerprints: Select[Any], reason: str) -> int:
    """Dismiss the open cases whose ground fell away, with the reason of whoever took it away; returns how many.

    The caller has authorised the act that took it away. Should the same be seen again, it is a new case.
    """
    statement = select(Finding).where(
        Finding.detector.in_(detectors), Finding.state == FindingState.OPEN, Finding.fingerprint.in_(fingerprints)
    )
    found = ctx.session.scalars(statement.with_for_update()).all()
    for finding in found:
        finding.fingerprint = f"{finding.fingerprint}:{finding.id}"
        _close(ctx, finding, Decision.DISMISSED, reason)
    return len(found)


def detect(ctx: Context) -> str:
    """Run every detector that looks and open what is new: a job, safe to repeat."""
    opened = sum(look(ctx, d, d.find(ctx)) for d in ctx.house.all(DETECTORS) if d.find is not None)
    return f"{opened} opened"


def look(ctx: Context, detector: Detector, suspicions: Iterable[Suspicion]) -> int:
    """Open a case for each suspicion that has none yet, however it was decided; returns how many were opened.

    They come and are written in chunks, so that memory does not grow with their number.
    """
    opened = 0
    for several in chunks(suspicions, _CHUNK):
        chunk = {(one.subject_kind, one.subject_id, one.fingerprint): one for one in several}
        wanted = select(Finding.subject_kind, Finding.subject_id, Finding.fingerprint).where(
            Finding.detector == detector.code, Finding.subject_id.in_({subject for _, subject, _ in chunk})
        )
        known = {tuple(row) for row in ctx.session.execute(wanted)}
        opened += len(_open_all(ctx, detector, [one for key, one in chunk.items() if key not in known]))
    return opened
