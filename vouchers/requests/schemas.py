"""Shapes of requests, for pages and API."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from marketplace.web.fields import Member, Moment, Money, Upload
from marketplace.web.rest import ListArgs, Shape
from vouchers.requests.rules import MAX_TEXT, Wish
from vouchers.requests.states import FIELDS, Desk, RequestState, Verdict

_TEXT = validate.Length(max=MAX_TEXT)


class WishSchema(Shape):
    """What an enterprise asks for, in yuan; `promised`: all is true, and nobody else pays for the same thing."""

    wanted = Money(required=True)
    planned = Money(required=True)
    purpose = fields.String(required=True, validate=_TEXT)
    promised = fields.Boolean(load_default=False)
    document_id = fields.UUID(load_default=None, allow_none=True)

    @post_load
    def typed(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        return wish_of(data)


class VoucherRequestInput(WishSchema):
    """A request under a published scheme version. A paper was uploaded before."""

    version_id = fields.UUID(required=True)


class WishForm(Schema):
    """The same as a form."""

    wanted = Money(required=True)
    planned = Money(required=True)
    purpose = fields.String(required=True, validate=_TEXT)
    promised = fields.Boolean(load_default=False)
    document = Upload(load_default=None)


def wish_of(data: dict[str, Any]) -> dict[str, Any]:
    """The wish of a form or a body, the rest beside it."""
    wish = Wish(data.pop("wanted"), data.pop("planned"), data.pop("purpose"))
    return {**data, "wish": wish}


class VoucherRequestReviewInput(Shape):
    """An office's verdict: the face agreed to in yuan, else all that was asked for or agreed to before; the reason of
    a no, and what is to be corrected by field."""

    verdict = Member(Verdict, required=True)
    agreed = Money(attribute="agreed_fen", load_default=None, allow_none=True)
    reason = fields.String(load_default="", validate=_TEXT)
    notes = fields.Dict(keys=fields.String(validate=validate.OneOf(FIELDS)), values=fields.String(), load_default=dict)


class VerdictForm(Schema):
    """The same as a form, with a note to each field."""

    verdict = Member(Verdict, required=True)
    agreed = Money(load_default=None)
    reason = fields.String(load_default="", validate=_TEXT)
    note_wanted = fields.String(load_default="", validate=_TEXT)
    note_planned = fields.String(load_default="", validate=_TEXT)
    note_purpose = fields.String(load_default="", validate=_TEXT)
    note_document = fields.String(load_default="", validate=_TEXT)

    @post_load
    def typed(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        return {
            "verdict": data["verdict"],
            "agreed_fen": data["agreed"],
            "reason": data["reason"],
            "notes": {name: data[f"note_{name}"] for name in FIELDS},
        }


class VoucherRequestSchema(Shape):
    """A request and what became of it."""

    id = fields.UUID()
    number = fields.String()
    enterprise_id = fields.UUID()
    pilot_id = fields.UUID()
    city = fields.String()
    scheme_id = fields.UUID()
    version_id = fields.UUID()
    wanted = Money(attribute="wanted_fen")
    planned = Money(attribute="planned_fen")
    purpose = fields.String()
    document_id = fields.UUID(allow_none=True)
    state = Member(RequestState)
    round = fields.Integer()
    submitted_at = Moment()
    due_on = fields.Date(allow_none=True)
    granted = Money(attribute="granted_fen", allow_none=True)
    voucher_id = fields.UUID(allow_none=True)


class VoucherRequestReviewSchema(Shape):
    """An office's verdict on one round."""

    round = fields.Integer()
    desk = Member(Desk)
    verdict = Member(Verdict)
    agreed = Money(attribute="agreed_fen", allow_none=True)
    reason = fields.String()
    notes = fields.Dict(keys=fields.String(), values=fields.String())
    reviewed_at = Moment(attribute="created_at")


class WholeVoucherRequestSchema(Shape):
    """A request with its verdicts, earliest first."""

    request = fields.Nested(VoucherRequestSchema)
    reviews = fields.List(fields.Nested(VoucherRequestReviewSchema))


class VoucherRequestArgs(ListArgs):
    """Requests by state or pilot."""

    state = Member(RequestState, load_default=None)
    pilot_id = fields.UUID(load_default=None)
