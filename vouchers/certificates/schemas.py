"""Shapes of certificates."""

from __future__ import annotations

from marshmallow import fields

from marketplace.web.fields import Member, Moment, Money
from marketplace.web.rest import Shape
from vouchers.certificates.states import Standing


class CheckArgs(Shape):
    """Number and code, as they stand on the certificate."""

    number = fields.String(load_default="")
    code = fields.String(load_default="")


class PayableSchema(Shape):
    """What a certificate says (`text`, canonical JSON), its signature, and what it is worth now."""

    number = fields.String(attribute="certificate.number")
    amount = Money(attribute="certificate.amount_fen")
    text = fields.String(attribute="certificate.text")
    public_key = fields.Function(lambda shown: shown.certificate.public_key.hex())
    signature = fields.Function(lambda shown: shown.certificate.signature.hex())
    standing = Member(Standing)
    paid_on = fields.Date(allow_none=True)


class CertificateSchema(PayableSchema):
    """The same for its payee, with id and code."""

    id = fields.UUID(attribute="certificate.id")
    code = fields.String(attribute="certificate.code")
    issued_at = Moment(attribute="certificate.created_at")
