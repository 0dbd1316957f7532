"""Shapes of codes and redemptions, for forms and the API alike."""

from __future__ import annotations

from marshmallow import fields, validate

from marketplace.web.fields import Moment, Money, Upload
from marketplace.web.rest import Shape


class TextForm(Shape):
    """What was typed or scanned: a code of eight digits, a voucher's number or the text of its QR."""

    text = fields.String(required=True, validate=validate.Length(min=1, max=2000))


class PhotoForm(Shape):
    """A picture with a QR on it."""

    photo = Upload(required=True)


class MakeCodeSchema(Shape):
    """Which order's code the enterprise shows."""

    order_id = fields.UUID(required=True)


class ShownCodeSchema(Shape):
    """A code, its QR's text, and the instant at which it is over."""

    order_id = fields.UUID()
    code = fields.String()
    qr = fields.String()
    ends_at = Moment()


class UseCodeSchema(Shape):
    """The code that the enterprise shows."""

    code = fields.String(required=True, validate=validate.Length(min=1, max=40))


class RedeemedSchema(Shape):
    """The order that was confirmed, and what of its voucher was redeemed."""

    order_id = fields.UUID(attribute="order.id")
    number = fields.String(attribute="order.number")
    amount = Money(attribute="amount_fen")
    redeemed_at = Moment(attribute="order.state_since")


class AskedSchema(Shape):
    """The order whose enterprise was asked."""

    order_id = fields.UUID(attribute="id")
    number = fields.String()
