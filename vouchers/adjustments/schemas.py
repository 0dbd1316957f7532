"""Shapes of adjustments, for pages and API."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from marketplace.web.fields import Member, Moment, Money, Reason, Upload
from marketplace.web.rest import ListArgs, Shape
from vouchers.adjustments.rules import MAX_TEXT
from vouchers.adjustments.states import AdjustmentState, Kind

_TEXT = validate.Length(min=1, max=MAX_TEXT)
_REFERENCE = validate.Length(min=1, max=100)


class AdjustmentInput(Shape):
    """What is proposed. Of a line: `line_id`, and `closes_on` to carry it over; at the bank: `amount`, `happened_on`
    and `bank_reference`; a correction: `entry_id`. A paper was uploaded before."""

    pilot_id = fields.UUID(required=True)
    kind = Member(Kind, required=True)
    amount = Money(attribute="amount_fen", load_default=None, allow_none=True)
    line_id = fields.UUID(load_default=None, allow_none=True)
    closes_on = fields.Date(load_default=None, allow_none=True)
    entry_id = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(min=1, max=2**62))
    happened_on = fields.Date(load_default=None, allow_none=True)
    bank_reference = fields.String(load_default="", validate=validate.Length(max=100))
    document_id = fields.UUID(load_default=None, allow_none=True)
    reason = fields.String(required=True, validate=_TEXT)


class CloseForm(Schema):
    """A line that is to be closed."""

    line_id = fields.UUID(required=True)
    reason = fields.String(required=True, validate=_TEXT)


class CarryForm(CloseForm):
    """A line that is to be carried over, into which period, and how much of it."""

    amount = Money(required=True)
    closes_on = fields.Date(required=True)


class PaperForm(Schema):
    """What stands on the bank's paper."""

    amount = Money(required=True)
    happened_on = fields.Date(required=True)
    bank_reference = fields.String(required=True, validate=_REFERENCE)
    document = Upload(load_default=None)
    reason = fields.String(required=True, validate=_TEXT)


class CorrectionForm(Schema):
    """The entry that is taken back."""

    entry_id = fields.Integer(required=True, validate=validate.Range(min=1, max=2**62))
    document = Upload(load_default=None)
    reason = fields.String(required=True, validate=_TEXT)


FORMS: dict[Kind, type[Schema]] = {
    Kind.CLOSE: CloseForm,
    Kind.CARRY: CarryForm,
    Kind.INTEREST: PaperForm,
    Kind.REMIT: PaperForm,
    Kind.RETURN: PaperForm,
    Kind.CORRECT: CorrectionForm,
}


class DecisionForm(Schema):
    """The second person's decision; a no has its reason."""

    decision = fields.String(required=True, validate=validate.OneOf(["book", "decline"]))
    reason = Reason()


class AdjustmentReason(Shape):
    """Why."""

    reason = fields.String(required=True, validate=_TEXT)


class AdjustmentSchema(Shape):
    """An adjustment and what became of it."""

    id = fields.UUID()
    pilot_id = fields.UUID()
    city = fields.String()
    kind = Member(Kind)
    amount = Money(attribute="amount_fen")
    line_id = fields.UUID(allow_none=True)
    closes_on = fields.Date(allow_none=True)
    entry_id = fields.Integer(allow_none=True)
    happened_on = fields.Date(allow_none=True)
    bank_reference = fields.String()
    document_id = fields.UUID(allow_none=True)
    reason = fields.String()
    state = Member(AdjustmentState)
    answer = fields.String()
    proposed_at = Moment(attribute="created_at")
    decided_at = Moment(allow_none=True)


class AdjustmentArgs(ListArgs):
    """Adjustments by state, kind or pilot."""

    state = Member(AdjustmentState, load_default=None)
    kind = Member(Kind, load_default=None)
    pilot_id = fields.UUID(load_default=None)
