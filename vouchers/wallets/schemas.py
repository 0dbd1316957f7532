"""Shapes of vouchers, for forms, sheets and the API alike."""

from __future__ import annotations

from marshmallow import fields, validate

from marketplace.web.fields import Money, Reason, Upload
from marketplace.web.rest import Shape


class IssueSchema(Shape):
    """One voucher to issue under a published scheme version."""

    version_id = fields.UUID(required=True)
    enterprise_id = fields.UUID(required=True)
    face = Money(required=True)
    reason = Reason()


class IssueForm(Shape):
    """The same on the page of one version, which carries its key so that a double click issues once."""

    enterprise_id = fields.UUID(required=True)
    face = Money(required=True)
    key = fields.String(required=True, validate=validate.Length(max=128))
    reason = Reason()


class SheetForm(Shape):
    """A spreadsheet to look at first."""

    file = Upload(required=True)


class SheetIssueForm(Shape):
    """The word to issue what was looked at, or what the automatic quota gives."""

    reason = Reason()


class SheetIssueSchema(SheetForm, SheetIssueForm):
    """A spreadsheet to issue at once."""


class ReasonForm(Shape):
    """Why a voucher is frozen, thawed or taken back."""

    reason = fields.String(required=True, validate=validate.Length(min=2, max=500))


class VoucherRecallSchema(ReasonForm):
    """How much of a voucher is taken back, and why."""

    amount = Money(attribute="amount_fen", required=True)


class VoucherRecallForm(Shape):
    """The same beside the freeze on the voucher's page, with a key so that a double click recalls once."""

    amount = Money(required=True)
    why = fields.String(required=True, validate=validate.Length(min=2, max=500))
    key = fields.String(required=True, validate=validate.Length(max=128))


class PayloadSchema(Shape):
    """The text of a QR."""

    payload = fields.String(required=True, validate=validate.Length(max=2000))


class StatementSchema(Shape):
    """What a genuine QR says. It never says what is left on the voucher."""

    genuine = fields.Boolean()
    why = fields.String(allow_none=True)
    number = fields.String(allow_none=True)
    scheme = fields.String(allow_none=True)
    face = Money(attribute="face_fen", allow_none=True)
    use_by = fields.Date(allow_none=True)
    frozen = fields.Boolean(allow_none=True)


class VoucherSchema(Shape):
    """A voucher with its balances."""

    id = fields.UUID()
    number = fields.String()
    enterprise_id = fields.UUID(attribute="voucher.enterprise_id")
    enterprise = fields.String(attribute="holder")
    pilot_id = fields.UUID(attribute="voucher.pilot_id")
    scheme = fields.String(attribute="scheme.code")
    version_id = fields.UUID(attribute="version.id")
    category = fields.String()
    mode = fields.String(attribute="version.mode.value")
    face = Money(attribute="balance.face")
    available = Money(attribute="balance.available")
    reserved = Money(attribute="balance.reserved")
    payable = Money(attribute="balance.payable")
    paid = Money(attribute="balance.paid")
    recalled = Money(attribute="balance.recalled")
    clawed = Money(attribute="balance.clawed")
    use_by = fields.Date(attribute="balance.last_day")
    redeem_by = fields.Date(attribute="version.redeem_by")
    frozen = fields.Boolean(attribute="balance.frozen")


class IssuedSchema(Shape):
    """What an issue made."""

    batch_id = fields.UUID()
    voucher_ids = fields.List(fields.UUID(), attribute="commitment_ids")
    total = Money()
    replayed = fields.Boolean()


class GivenSchema(Shape):
    """What the automatic quota gave: vouchers, their total, and how many enterprises are left without."""

    count = fields.Integer()
    total = Money(attribute="total_fen")
    left = fields.Integer()


class QrSchema(Shape):
    """The signed text of a voucher's QR."""

    payload = fields.String()
