"""Shapes of funds, for the form and the API alike."""

from __future__ import annotations

from marshmallow import fields, validate

from marketplace.web.fields import Money
from marketplace.web.rest import Shape


class AllotmentSchema(Shape):
    """What is divided: a category of the pilot's book, an amount, and the client's key of a form."""

    category = fields.String(required=True, validate=validate.Length(max=40))
    amount = Money(required=True)


class AllotmentForm(AllotmentSchema):
    """The same from a page, which carries its key so that a double click divides once."""

    key = fields.String(required=True, validate=validate.Length(max=128))


class LineSchema(Shape):
    """A line of a fund with its sums."""

    id = fields.UUID(attribute="line.id")
    category = fields.String(attribute="line.category")
    share = fields.String(attribute="line.share.value")
    opens_on = fields.Date(attribute="line.opens_on")
    closes_on = fields.Date(attribute="line.closes_on")
    allotted = Money()
    available = Money()
    committed = Money()
    lapsed = Money()


class FundSchema(Shape):
    """A pilot's money from one source."""

    id = fields.UUID()
    pilot_id = fields.UUID()
    source = fields.String()
    ceiling_bps = fields.Integer(allow_none=True)
    award = Money()
    received = Money()
    renovation_allotted = Money()
    other_allotted = Money()
    paid = Money()


class PositionSchema(Shape):
    """The funds of a pilot and their lines."""

    funds = fields.List(fields.Nested(FundSchema))
    lines = fields.List(fields.Nested(LineSchema))
