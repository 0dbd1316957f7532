"""Opening and deciding findings. A finding never stops an act: it waits for a person, until a working day."""

from __future__ import annotations

import uuid

from sqlalchemy import select

from marketplace.base.context import Context
from marketplace.base.errors import Refusal
from marketplace.base.roles import LABELS, Role
from marketplace.base.states import Label
from marketplace.base.text import N_
from marketplace.base.workdays import add_workdays
from marketplace.policy.findings import permissions, queries
from marketplace.policy.findings.detectors import DETECTORS, Detector, Suspicion
from marketplace.policy.findings.events import FindingDecided, FindingOpened
from marketplace.policy.findings.models import Finding
from marketplace.policy.findings.states import FINDING, Decision, FindingState, Severity
from marketplace.record.audit import actions as audit


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
    due = add_workdays(ctx.today, detector.working_days)
    finding = ctx.add(
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
    ctx.session.flush()
    audit.record(ctx, "finding.opened", finding, detector=detector.code, clause=detector.clause)
    ctx.announce(FindingOpened(finding.id, detector.code, finding.subject_kind, finding.subject_id, finding.city))
    return finding


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
    FINDING.move(finding, "decide")
    finding.decision = decision
    finding.reason = reason.strip()
    finding.decided_at = ctx.now
    finding.decided_by = ctx.actor.person_id if ctx.actor else None
    finding.decided_by_name = ctx.actor.name if ctx.actor else ""
    audit.record(ctx, "finding.decided", finding, decision=decision.value)
    ctx.announce(FindingDecided(finding.id, finding.detector, finding.subject_kind, finding.subject_id, decision.value))
    return finding


def detect(ctx: Context) -> str:
    """Run every detector that looks and open what is new: a job, safe to repeat."""
    opened = 0
    for detector in ctx.house.all(DETECTORS):
        if detector.find is None:
            continue
        wanted = select(Finding.subject_kind, Finding.subject_id, Finding.fingerprint)
        known = {tuple(row) for row in ctx.session.execute(wanted.where(Finding.detector == detector.code))}
        for suspicion in detector.find(ctx):
            key = (suspicion.subject_kind, suspicion.subject_id, suspicion.fingerprint)
            if key not in known:
                known.add(key)
                _open(ctx, detector, suspicion)
                opened += 1
    return f"{opened} opened"
