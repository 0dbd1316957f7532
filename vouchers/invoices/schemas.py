"""Shapes of invoices and of the match, for pages and API."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from marketplace.base.text import N_
from marketplace.web.fields import Member, Moment, Money, Upload, Uscc
from marketplace.web.i18n import say
from marketplace.web.rest import ListArgs, Shape
from vouchers.invoices.states import InvoiceState, Official

_REASON = validate.Length(min=1, max=1000)
_NOTE = validate.Length(max=1000)
_QR = validate.Length(max=300)


class InvoiceInput(Shape):
    """An invoice of an order or a contract, one of the two; its file was uploaded before. `qr` is the text of its QR
    code, if at hand."""

    order_id = fields.UUID(load_default=None, allow_none=True)
    contract_id = fields.UUID(load_default=None, allow_none=True)
    number = fields.String(required=True, validate=validate.Length(max=40))
    issued_on = fields.Date(required=True)
    seller_uscc = Uscc(required=True)
    buyer_uscc = Uscc(required=True)
    net = Money(attribute="net_fen", required=True)
    tax = Money(attribute="tax_fen", required=True, positive=False)
    gross = Money(attribute="gross_fen", required=True)
    document_id = fields.UUID(required=True)
    qr = fields.String(load_default="", validate=_QR)

    @validates_schema
    def about(self, data: dict[str, Any], **kwargs: Any) -> None:
        if (data.get("order_id") is None) == (data.get("contract_id") is None):
            raise ValidationError({"order_id": [say(N_("请填写订单或合同，二者择一。"))]})


class InvoiceSchema(Shape):
    """An invoice as it stands."""

    id = fields.UUID()
    order_id = fields.UUID(allow_none=True)
    contract_id = fields.UUID(allow_none=True)
    enterprise_id = fields.UUID()
    provider_id = fields.UUID()
    pilot_id = fields.UUID()
    city = fields.String()
    number = fields.String()
    issued_on = fields.Date()
    seller_uscc = fields.String()
    buyer_uscc = fields.String()
    net = Money(attribute="net_fen")
    tax = Money(attribute="tax_fen")
    gross = Money(attribute="gross_fen")
    document_id = fields.UUID()
    state = Member(InvoiceState)
    reason = fields.String()
    submitted_at = Moment(attribute="created_at")


class InvoiceArgs(ListArgs):
    """Invoices by state, order, contract or number; `unchecked` those without an official answer that still counts."""

    state = Member(InvoiceState, load_default=None)
    order_id = fields.UUID(load_default=None)
    contract_id = fields.UUID(load_default=None)
    number = fields.String(load_default="", validate=validate.Length(max=40))
    unchecked = fields.Boolean(load_default=None)


class InvoiceReason(Shape):
    """Why."""

    reason = fields.String(required=True, validate=_REASON)


class OfficialInput(Shape):
    """What the official service answered; its evidence was uploaded before."""

    asked_on = fields.Date(required=True)
    result = Member(Official, required=True)
    document_id = fields.UUID(required=True)
    note = fields.String(load_default="", validate=_NOTE)


class OfficialSchema(OfficialInput):
    """One answer about an invoice."""

    id = fields.UUID()
    invoice_id = fields.UUID()
    recorded_at = Moment(attribute="created_at")


class OfficialForm(Schema):
    """The same as a form."""

    asked_on = fields.Date(required=True)
    result = Member(Official, required=True)
    document = Upload(required=True)
    note = fields.String(load_default="", validate=_NOTE)


class GapSchema(Shape):
    """One gap between the papers."""

    code = fields.String()
    clause = fields.String()
    message = fields.String()


class MatchSchema(Shape):
    """Contract, acceptance and invoices of an order compared."""

    order_id = fields.UUID()
    matches = fields.Boolean()
    contract_gross = Money(attribute="contract_gross_fen", allow_none=True)
    accepted_on = fields.Date(allow_none=True)
    invoiced = Money(attribute="invoiced_fen")
    unconfirmed = fields.Integer()
    held = fields.Integer()
    gaps = fields.List(fields.Nested(GapSchema))


class InvoiceForm(Schema):
    """An invoice as a form."""

    number = fields.String(required=True, validate=validate.Length(max=40))
    issued_on = fields.Date(required=True)
    seller_uscc = Uscc(required=True)
    buyer_uscc = Uscc(required=True)
    net = Money(required=True)
    tax = Money(required=True, positive=False)
    gross = Money(required=True)
    document = Upload(load_default=None)
    qr = fields.String(load_default="", validate=_QR)


class InvoiceFileForm(Schema):
    """An invoice's file, a photograph of its QR code, or the payload of that code."""

    document = Upload(load_default=None)
    qr = fields.String(load_default="", validate=_QR)
