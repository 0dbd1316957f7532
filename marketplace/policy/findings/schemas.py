"""Shapes of findings for pages and API."""

from __future__ import annotations

from marshmallow import fields, validate

from marketplace.base.states import Labels
from marketplace.base.text import Text
from marketplace.policy.findings.models import Finding
from marketplace.policy.findings.states import Decision, FindingState, Severity
from marketplace.web.fields import Member, Moment
from marketplace.web.i18n import say
from marketplace.web.rest import ListArgs, Shape


def sentence(finding: Finding) -> Text:
    """What was seen, with its values, in the reader's language."""
    values = {k: Labels(v) if isinstance(v, list) else v for k, v in finding.evidence.items()}
    return Text(finding.template, values)


class FindingSchema(Shape):
    id = fields.UUID()
    detector = fields.String()
    severity = Member(Severity)
    clause = fields.String()
    subject_kind = fields.String()
    subject_id = fields.String()
    pilot_id = fields.UUID(allow_none=True)
    city = fields.String()
    message = fields.Function(lambda finding: say(sentence(finding)), metadata={"type": "string"})
    evidence = fields.Dict(keys=fields.String(), values=fields.Raw())
    owner_role = fields.Function(lambda finding: finding.owner_role.value, metadata={"type": "string"})
    due = fields.Date()
    due_provisional = fields.Boolean()
    state = Member(FindingState)
    decision = Member(Decision, allow_none=True)
    reason = fields.String(allow_none=True)
    decided_at = Moment(allow_none=True)
    opened_at = Moment(attribute="created_at")


class FindingArgs(ListArgs):
    state = Member(FindingState, load_default=None)
    severity = Member(Severity, load_default=None)
    detector = fields.String(load_default=None, validate=validate.Length(max=100))
    pilot_id = fields.UUID(load_default=None)


class FindingDecisionSchema(Shape):
    decision = Member(Decision, required=True)
    reason = fields.String(required=True, validate=validate.Length(min=1, max=2000))
