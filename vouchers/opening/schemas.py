"""Shapes of openings, for pages and API."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from marketplace.policy.engine.rows import Kind
from marketplace.web.fields import Member, Moment, Money, Upload
from marketplace.web.i18n import say
from marketplace.web.rest import ListArgs, Shape
from vouchers.ledger.states import OpeningState

_WORDS = validate.Length(min=1, max=1000)


class OpeningForm(Schema):
    """A sheet and the pilot it belongs to, as a form."""

    pilot_id = fields.UUID(required=True)
    file = Upload(required=True)


class OpeningInput(Shape):
    """A sheet to be uploaded for a pilot, in a multipart body."""

    pilot_id = fields.UUID(required=True)
    file = Upload(required=True)


class NoteInput(Shape):
    """Where the figures come from, for the one who checks them."""

    note = fields.String(required=True, validate=_WORDS)


class ReasonInput(Shape):
    """Why an opening is not released."""

    reason = fields.String(required=True, validate=_WORDS)


class NoteForm(Schema):
    """The same from a page."""

    note = fields.String(required=True, validate=_WORDS)


class ReasonForm(Schema):
    """The same from a page."""

    reason = fields.String(required=True, validate=_WORDS)


class OpeningSchema(Shape):
    """An opening; maker and checker are persons."""

    id = fields.UUID()
    number = fields.String()
    pilot_id = fields.UUID()
    city = fields.String()
    state = Member(OpeningState)
    rows = fields.Integer(attribute="n")
    skipped_rows = fields.Integer(attribute="skipped")
    first_day = fields.Date()
    last_day = fields.Date()
    arranged = Money(attribute="arranged")
    paid = Money(attribute="paid")
    refunded = Money(attribute="refunded")
    document_id = fields.UUID()
    file_sha256 = fields.String()
    maker_id = fields.UUID()
    note = fields.String(allow_none=True)
    checker_id = fields.UUID(allow_none=True)
    reason = fields.String(allow_none=True)
    released_on = fields.Date(allow_none=True)
    uploaded_at = Moment(attribute="created_at")


class OpeningFaultSchema(Shape):
    """What stands against releasing an opening."""

    code = fields.String()
    clause = fields.String()
    message = fields.Function(lambda said: say(said.text), metadata={"type": "string"})
    rows = fields.List(fields.Integer())


class OpeningCheckSchema(Shape):
    """One check of the pilot's book, as if the sheet were imported."""

    code = fields.String()
    base = fields.String(allow_none=True)
    clause = fields.String()
    status = fields.String()
    message = fields.Function(lambda said: say(said.text), metadata={"type": "string"})


class OpeningFindingSchema(Shape):
    """What a row of the sheet contradicts."""

    row = fields.Integer()
    code = fields.String()
    severity = fields.String()
    clause = fields.String()
    message = fields.Function(lambda said: say(said.text), metadata={"type": "string"})


class OpeningPreviewSchema(Shape):
    """An opening with what the engine says of it: as if imported, or as it was when it was released."""

    opening = fields.Nested(OpeningSchema)
    status = fields.String(allow_none=True)
    checks = fields.List(fields.Nested(OpeningCheckSchema))
    findings = fields.List(fields.Nested(OpeningFindingSchema))
    faults = fields.List(fields.Nested(OpeningFaultSchema))


class OpeningRowSchema(Shape):
    """A row of the sheet as it was read."""

    row = fields.Integer(attribute="number")
    date = fields.Date(attribute="day")
    kind = Member(Kind)
    category = fields.String()
    amount = Money(attribute="amount")
    enterprise = fields.String()
    provider = fields.String()
    contract = fields.String()
    invoices = fields.String()
    other_support = fields.String()
    key_link = fields.Boolean()
    level = fields.String(allow_none=True)
    accepted = fields.Date(allow_none=True)
    total = Money(attribute="total", allow_none=True)


class OpeningArgs(ListArgs):
    """Openings by state or pilot."""

    state = Member(OpeningState, load_default=None)
    pilot_id = fields.UUID(load_default=None)


class RowArgs(ListArgs):
    """Rows of one kind or category."""

    kind = Member(Kind, load_default=None)
    category = fields.String(load_default=None)
