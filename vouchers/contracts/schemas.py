"""Shapes of contracts, for pages and API."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from marketplace.web.fields import Member, Moment, Money, Reason, Upload, Uscc
from marketplace.web.rest import ListArgs, Shape
from vouchers.contracts.rules import MAX_TEXT
from vouchers.contracts.states import Method, RecordState

_TEXT = validate.Length(min=1, max=MAX_TEXT)
_KEY = validate.Length(max=128)


class ContractInput(Shape):
    """A contract to be recorded; its signed document was uploaded before. `amount` is what the subsidy pays of it."""

    pilot_id = fields.UUID(required=True)
    category = fields.String(required=True, validate=validate.Length(max=60))
    provider_uscc = Uscc(required=True)
    number = fields.String(required=True, validate=validate.Length(min=1, max=100))
    title = fields.String(required=True, validate=_TEXT)
    method = Member(Method, load_default=None, allow_none=True)
    total = Money(attribute="total_fen", required=True)
    amount = Money(attribute="amount_fen", required=True)
    signed_on = fields.Date(required=True)
    last_day = fields.Date(required=True)
    document_id = fields.UUID(required=True)


class ContractForm(Schema):
    """The same as a form of one pilot."""

    category = fields.String(required=True, validate=validate.Length(max=60))
    provider_uscc = Uscc(required=True)
    number = fields.String(required=True, validate=validate.Length(min=1, max=100))
    title = fields.String(required=True, validate=_TEXT)
    method = Member(Method, load_default=None, allow_none=True)
    total = Money(required=True)
    amount = Money(required=True)
    signed_on = fields.Date(required=True)
    last_day = fields.Date(required=True)
    document = Upload(required=True)


class PartInput(Shape):
    """A part that was delivered and accepted; what shows it was uploaded before."""

    amount = Money(attribute="amount_fen", required=True)
    content = fields.String(required=True, validate=_TEXT)
    accepted_on = fields.Date(required=True)
    document_id = fields.UUID(required=True)


class PartForm(Schema):
    """The same as a form, which carries its key so that a double click accepts once."""

    amount = Money(required=True)
    content = fields.String(required=True, validate=_TEXT)
    accepted_on = fields.Date(required=True)
    document = Upload(required=True)
    key = fields.String(required=True, validate=_KEY)


class RecallInput(Shape):
    """What is not needed any more, and why; the amendment may be uploaded before."""

    amount = Money(attribute="amount_fen", required=True)
    reason = fields.String(required=True, validate=_TEXT)
    document_id = fields.UUID(load_default=None, allow_none=True)


class RecallForm(Schema):
    """The same as a form."""

    amount = Money(required=True)
    reason = fields.String(required=True, validate=_TEXT)
    document = Upload(load_default=None)
    key = fields.String(required=True, validate=_KEY)


class DecisionForm(Schema):
    """The second person's decision; a no has its reason."""

    decision = fields.String(required=True, validate=validate.OneOf(["confirm", "decline"]))
    reason = Reason()


class ConfirmInput(Shape):
    """The second person's yes; `reason` where the engine warns of what the contract does to the shares."""

    reason = Reason()


class ContractReason(Shape):
    """Why."""

    reason = fields.String(required=True, validate=_TEXT)


class ContractSchema(Shape):
    """A contract with its money."""

    id = fields.UUID()
    pilot_id = fields.UUID(attribute="record.pilot_id")
    city = fields.String(attribute="record.city")
    category = fields.String(attribute="record.category")
    buyer_id = fields.UUID(attribute="record.buyer_id")
    provider_id = fields.UUID(attribute="record.provider_id")
    number = fields.String(attribute="record.number")
    title = fields.String(attribute="record.title")
    method = Member(Method, attribute="record.method", allow_none=True)
    total = Money(attribute="record.total_fen")
    amount = Money(attribute="record.amount_fen")
    signed_on = fields.Date(attribute="record.signed_on")
    last_day = fields.Date(attribute="record.last_day")
    document_id = fields.UUID(attribute="record.document_id")
    state = Member(RecordState, attribute="record.state")
    reason = fields.String(attribute="record.reason")
    accepted = Money(attribute="accepted_fen")
    paid = Money(attribute="paid_fen")
    recalled = Money(attribute="recalled_fen")
    left = Money(attribute="left_fen")
    recorded_at = Moment(attribute="record.created_at")
    decided_at = Moment(attribute="record.decided_at", allow_none=True)


class PartSchema(Shape):
    """One accepted part."""

    id = fields.UUID()
    contract_id = fields.UUID()
    amount = Money(attribute="amount_fen")
    content = fields.String()
    accepted_on = fields.Date()
    document_id = fields.UUID()


class RecallSchema(Shape):
    """What was recalled, and why."""

    id = fields.UUID()
    contract_id = fields.UUID()
    amount = Money(attribute="amount_fen")
    reason = fields.String()
    document_id = fields.UUID(allow_none=True)


class WholeContractSchema(Shape):
    """A contract with its accepted parts and what was recalled."""

    contract = fields.Nested(ContractSchema)
    parts = fields.List(fields.Nested(PartSchema))
    recalls = fields.List(fields.Nested(RecallSchema))


class ContractArgs(ListArgs):
    """Contracts by state, pilot or category; `open_only` those of which something is still to be accepted."""

    state = Member(RecordState, load_default=None)
    pilot_id = fields.UUID(load_default=None)
    category = fields.String(load_default="", validate=validate.Length(max=60))
    open_only = fields.Boolean(load_default=None)
