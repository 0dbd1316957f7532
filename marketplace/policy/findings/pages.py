"""Pages: the officers' list of findings, and deciding one."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from marketplace.base.context import Context
from marketplace.base.roles import LABELS
from marketplace.base.text import N_, Text
from marketplace.policy.findings import actions, queries
from marketplace.policy.findings.detectors import DETECTORS, Detector
from marketplace.policy.findings.listings import FINDINGS, RULES
from marketplace.policy.findings.models import Finding
from marketplace.policy.findings.permissions import DECIDE, READ
from marketplace.policy.findings.schemas import FindingDecisionSchema
from marketplace.policy.findings.states import DECISIONS, SEVERITIES, FindingState
from marketplace.policy.findings.telling import sentence
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import say
from marketplace.web.nav import Task
from marketplace.web.runtime import reading
from marketplace.web.security import access

bp = Blueprint("findings", __name__, url_prefix="/findings")


@bp.get("")
@access(READ)
def index() -> str | Response:
    return FINDINGS.answer("findings/index.html")


@bp.get("/rules")
@access(READ)
def rules() -> str | Response:
    """What looks for suspicions, where it begins to suspect, and how often people found it right."""
    return RULES.answer("findings/rules.html")


@bp.route("/<uuid:finding_id>", methods=["GET", "POST"])
@access(READ, post=DECIDE)
def show(finding_id: uuid.UUID) -> Any:
    ctx = reading()
    finding = queries.get(ctx, finding_id)
    form = Form(FindingDecisionSchema)
    if form.submitted and form.act(lambda own, data: actions.decide(own, finding_id, **data)):
        return done(N_("已记录核查结论。"), url_for("findings.show", finding_id=finding_id))
    ctx = reading()
    detector = _detector(ctx, finding)
    told = sentence(finding)
    return (
        render(
            "findings/show.html",
            ctx=ctx,
            finding=finding,
            form=form,
            may_decide=finding.state is FindingState.OPEN and ctx.may(DECIDE, finding),
            decisions=[(d.value, say(label)) for d, label in DECISIONS.items()],
            decision_labels=DECISIONS,
            detector=detector,
            told=told,
            evidence=[(say(detector.evidence.get(name, name)), value) for name, value in told.values.items()],
            severity_labels=SEVERITIES,
            role_labels=LABELS,
        ),
        form.status,
    )


def tasks(ctx: Context) -> list[Task]:
    """Findings on this person's desk."""
    return [
        Task(
            Text(N_("核查疑点：{what}"), {"what": sentence(finding)}),
            url_for("findings.show", finding_id=finding.id),
            due=finding.due,
            tone="danger" if finding.due < ctx.today else "warn",
        )
        for finding in queries.waiting(ctx)
    ]


def _detector(ctx: Context, finding: Finding) -> Detector:
    """What saw it; one that is gone is called by its code."""
    known = (detector for detector in ctx.house.all(DETECTORS) if detector.code == finding.detector)
    return next(known, Detector(finding.detector, finding.detector, finding.clause, finding.severity))
