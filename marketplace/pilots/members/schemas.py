"""Shapes of members for pages and API."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from marketplace.pilots.members.states import MemberState
from marketplace.web.fields import Member as Choice
from marketplace.web.fields import Moment, Upload
from marketplace.web.i18n import say
from marketplace.web.rest import ListArgs, Shape

_LEVEL = validate.Length(max=10)
_WORDS = validate.Length(max=2000)


class MemberSchema(Shape):
    id = fields.UUID()
    pilot_id = fields.UUID()
    programme_id = fields.UUID()
    enterprise_id = fields.UUID()
    city = fields.String()
    chain_or_cluster = fields.String()
    key_enterprise = fields.Boolean()
    key_link = fields.Boolean()
    baseline_level = fields.String(allow_none=True)
    target_level = fields.String()
    urgency = fields.Integer()
    note = fields.String(allow_none=True)
    state = Choice(MemberState)
    nominated_at = Moment(attribute="created_at")
    confirmed_at = Moment(allow_none=True)
    withdrawal_reason = fields.String(allow_none=True)


class MemberArgs(ListArgs):
    pilot_id = fields.UUID(load_default=None)
    state = Choice(MemberState, load_default=None)
    key_link = fields.Boolean(load_default=None)
    words = fields.String(load_default="", validate=validate.Length(max=100))


class _Nominated(Schema):
    focus = fields.String(required=True, validate=validate.Length(min=1, max=200))
    target_level = fields.String(required=True, validate=_LEVEL)
    key_link = fields.Boolean(load_default=False)
    key_enterprise = fields.Boolean(load_default=False)
    baseline_level = fields.String(load_default=None, allow_none=True, validate=_LEVEL)
    urgency = fields.Integer(load_default=1, validate=validate.Range(min=1, max=9999))
    note = fields.String(load_default="", validate=_WORDS)


class MemberNominationSchema(_Nominated, Shape):
    pilot_id = fields.UUID(required=True)
    enterprise_id = fields.UUID(required=True)


class MemberNominationFormSchema(_Nominated):
    uscc = fields.String(required=True, validate=validate.Length(min=1, max=40))


class MemberWithdrawalSchema(Shape):
    reason = fields.String(required=True, validate=validate.Length(min=1, max=2000))


class MemberSheetFormSchema(Schema):
    file = Upload(required=True)
    mode = fields.String(load_default="check", validate=validate.OneOf(["check", "write"]))


class MemberSheetRowSchema(Shape):
    row = fields.Integer(attribute="number")
    uscc = fields.String()
    name = fields.String()
    outcome = fields.String()
    fault = fields.Function(lambda row: say(row.fault) if row.fault else None, metadata={"type": "string"})


class MemberSheetReportSchema(Shape):
    written = fields.Boolean()
    rows = fields.List(fields.Nested(MemberSheetRowSchema))


class MemberSheetSchema(Schema):
    """A sheet of nominations as a form upload."""

    file = Upload(required=True, metadata={"type": "string", "format": "binary"})


class MemberSheetArgs(Shape):
    dry_run = fields.Boolean(load_default=True)
