"""Shapes of statements."""

from __future__ import annotations

from marshmallow import fields, validate

from marketplace.web.fields import Money
from marketplace.web.rest import ListArgs, Shape
from vouchers.statements.queries import PAID, RETURNED


class StatementArgs(ListArgs):
    """A period, both days within, and one kind of movement."""

    since = fields.Date(load_default=None)
    until = fields.Date(load_default=None)
    what = fields.String(load_default=None, validate=validate.OneOf([PAID, RETURNED]))


class MovementSchema(Shape):
    """Money that reached the payee; negative: that it paid back. `day` is the bank's."""

    what = fields.String()
    day = fields.Date()
    matter_id = fields.UUID()
    number = fields.String()
    pilot_id = fields.UUID()
    reference = fields.String()
    amount = Money(attribute="amount_fen")
