"""Shapes of findings for pages and API."""

from __future__ import annotations

from marshmallow import fields, validate

from marketplace.policy.findings import limits
from marketplace.policy.findings.states import Decision, FindingState, Severity
from marketplace.policy.findings.telling import sentence
from marketplace.web.fields import Member, Moment
from marketplace.web.i18n import say
from marketplace.web.rest import ListArgs, Shape


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


class RuleSchema(Shape):
    """A rule that finds suspicions; counts are of the cases within reach, `precision` is a share of those decided."""

    code = fields.String(attribute="detector.code")
    label = fields.Function(lambda rule: say(rule.detector.label), metadata={"type": "string"})
    clause = fields.String(attribute="detector.clause")
    severity = Member(Severity, attribute="detector.severity")
    owner_role = fields.Function(lambda rule: rule.detector.owner.value, metadata={"type": "string"})
    working_days = fields.Integer(attribute="detector.working_days")
    limits = fields.Function(
        lambda rule: dict(limits.of(rule.detector.code)),
        metadata={"type": "object", "additionalProperties": {"type": "integer"}},
    )
    open = fields.Integer()
    confirmed = fields.Integer()
    rectify = fields.Integer()
    dismissed = fields.Integer()
    precision = fields.Function(
        lambda rule: None if rule.precision_bps is None else f"{rule.precision_bps / 10_000:.4f}",
        metadata={"type": ["string", "null"]},
    )


class RulesSchema(Shape):
    rules = fields.List(fields.Nested(RuleSchema))
