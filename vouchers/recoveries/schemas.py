"""Shapes of recoveries, for pages and API."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from marketplace.web.fields import Member, Moment, Money
from marketplace.web.rest import ListArgs, Shape
from vouchers.recoveries.states import Ground, RecoveryState

_TEXT = validate.Length(min=1, max=500)
_FREE = validate.Length(max=500)
_REFERENCE = validate.Length(min=1, max=64)


class RecoveryInput(Shape):
    """A recovery of a paid claim. `ground_id` is the finding, the held invoice or the disputed order; an inspection
    has none."""

    claim_id = fields.UUID(required=True)
    amount = Money(attribute="amount_fen", required=True)
    ground = Member(Ground, required=True)
    ground_id = fields.UUID(load_default=None, allow_none=True)
    reason = fields.String(required=True, validate=_TEXT)


class RecoveryForm(Schema):
    """The same as a form of one claim; a ground is `inspection` or `finding:ID`, as offered."""

    amount = Money(required=True)
    ground = fields.String(required=True, validate=validate.Length(max=60))
    reason = fields.String(required=True, validate=_TEXT)


class AnswerInput(Shape):
    """What whoever was paid says of it."""

    agrees = fields.Boolean(required=True)
    text = fields.String(load_default="", validate=_FREE)


class AnswerForm(Schema):
    """The same as a form."""

    agrees = fields.String(required=True, validate=validate.OneOf(["yes", "no"]))
    text = fields.String(load_default="", validate=_FREE)


class RecoveryReason(Shape):
    """Why."""

    reason = fields.String(required=True, validate=_TEXT)


class RecoveryDecisionForm(Schema):
    """The second person's decision, with its reason."""

    decision = fields.String(required=True, validate=validate.OneOf(["demand", "drop"]))
    reason = fields.String(required=True, validate=_TEXT)


class ReceiptInput(Shape):
    """Money that came in."""

    amount = Money(attribute="amount_fen", required=True)
    bank_reference = fields.String(required=True, validate=_REFERENCE)
    received_on = fields.Date(required=True)


class ReceiptForm(Schema):
    """The same as a form."""

    amount = Money(required=True)
    bank_reference = fields.String(required=True, validate=_REFERENCE)
    received_on = fields.Date(required=True)


class RecoverySchema(Shape):
    """A recovery; `left` is still owed."""

    id = fields.UUID()
    number = fields.String()
    claim_id = fields.UUID()
    fund_id = fields.UUID()
    pilot_id = fields.UUID()
    city = fields.String()
    debtor_id = fields.UUID()
    ground = Member(Ground)
    ground_id = fields.UUID(allow_none=True)
    amount = Money(attribute="amount_fen")
    received = Money(attribute="received_fen")
    left = Money(attribute="left_fen")
    reason = fields.String()
    state = Member(RecoveryState)
    answer_by = fields.Date()
    agrees = fields.Boolean(allow_none=True)
    answer = fields.String()
    answered_at = Moment(allow_none=True)
    decision = fields.String()
    decided_at = Moment(allow_none=True)
    pay_by = fields.Date(allow_none=True)
    escalated_on = fields.Date(allow_none=True)
    opened_at = Moment(attribute="created_at")


class RecoveryReceiptSchema(Shape):
    """Money that came in under the bank's reference."""

    id = fields.UUID()
    recovery_id = fields.UUID()
    amount = Money(attribute="amount_fen")
    bank_reference = fields.String()
    received_on = fields.Date()


class WholeRecoverySchema(Shape):
    """A recovery with what came in."""

    recovery = fields.Nested(RecoverySchema)
    receipts = fields.List(fields.Nested(RecoveryReceiptSchema))


class RecoveryArgs(ListArgs):
    """Recoveries by state or pilot; `overdue` those that were to be paid back before today."""

    state = Member(RecoveryState, load_default=None)
    pilot_id = fields.UUID(load_default=None)
    overdue = fields.Boolean(load_default=None)
