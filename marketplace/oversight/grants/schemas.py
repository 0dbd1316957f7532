"""Shapes of lists of other programmes for pages and API."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from marketplace.oversight.grants.states import GrantListState, Likeness
from marketplace.web.fields import Member, Moment, Money, Upload
from marketplace.web.rest import ListArgs, Shape


class GrantListSchema(Shape):
    """A list; `region` is the city or province with whose orders it is compared."""

    id = fields.UUID()
    region = fields.String()
    programme = fields.String()
    filename = fields.String()
    document_id = fields.UUID()
    rows = fields.Integer()
    state = Member(GrantListState)
    brought_by = fields.UUID(allow_none=True)
    reason = fields.String()
    withdrawn_at = Moment(allow_none=True)
    created_at = Moment()


class GrantListArgs(ListArgs):
    state = Member(GrantListState, load_default=None)


class GrantListFormSchema(Schema):
    """A list as a form upload; `programme` is whose money it was, unless a row says so."""

    programme = fields.String(required=True, validate=validate.Length(1, 120))
    file = Upload(required=True)


class BroughtInSchema(Shape):
    """What became of a file: `new` is false for rows that stand in an active list already; `opened` counts cases."""

    grants = fields.Nested(GrantListSchema)
    new = fields.Boolean()
    opened = fields.Integer()


class GrantReasonSchema(Shape):
    reason = fields.String(required=True, validate=validate.Length(1, 500))


class GrantRowSchema(Shape):
    """A row as it came; `enterprise_id` says who it is here."""

    id = fields.UUID()
    number = fields.Integer()
    uscc = fields.String()
    name = fields.String()
    project = fields.String()
    contract = fields.String()
    programme = fields.String()
    amount = Money(attribute="amount_fen", allow_none=True)
    granted_on = fields.Date(allow_none=True)
    enterprise_id = fields.UUID(allow_none=True)


class GrantMatchSchema(Shape):
    """A row that fits an order today, and how closely."""

    row_id = fields.UUID()
    row_number = fields.Integer()
    likeness = Member(Likeness)
    order_id = fields.UUID()
    order_number = fields.String()
