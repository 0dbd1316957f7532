"""Shapes of bans for pages and API."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from marketplace.policy.sanctions.states import BanState, Subject
from marketplace.web.fields import Member, Moment
from marketplace.web.rest import ListArgs, Shape

_REASON = validate.Length(min=1, max=2000)


class BanSchema(Shape):
    id = fields.UUID()
    subject_kind = Member(Subject)
    subject_id = fields.String()
    subject_name = fields.String()
    city = fields.String(allow_none=True)
    basis = fields.String()
    clause = fields.String()
    reason = fields.String()
    from_day = fields.Date()
    until_day = fields.Date()
    state = Member(BanState)
    imposed_by = fields.String(attribute="imposed_by_name")
    lifted_at = Moment(allow_none=True)
    lift_reason = fields.String(allow_none=True)


class BanArgs(ListArgs):
    subject_kind = Member(Subject, load_default=None)
    subject_id = fields.String(load_default=None, validate=validate.Length(max=40))


class BanImpositionSchema(Shape):
    """With `edition_id` the rule book gives basis, clause and years; else all three are named."""

    subject_kind = Member(Subject, required=True)
    subject_id = fields.String(required=True, validate=validate.Length(min=1, max=40))
    reason = fields.String(required=True, validate=_REASON)
    edition_id = fields.UUID(load_default=None)
    basis = fields.String(load_default="", validate=validate.Length(max=500))
    clause = fields.String(load_default="", validate=validate.Length(max=50))
    until = fields.Date(load_default=None)


class BanImpositionFormSchema(Schema):
    """The same for people: a region from the list, or an organisation by its credit code."""

    region = fields.String(load_default="")
    uscc = fields.String(load_default="")
    reason = fields.String(required=True, validate=_REASON)
    edition_id = fields.UUID(load_default=None)
    basis = fields.String(load_default="", validate=validate.Length(max=500))
    clause = fields.String(load_default="", validate=validate.Length(max=50))
    until = fields.Date(load_default=None)


class BanLiftingSchema(Shape):
    reason = fields.String(required=True, validate=_REASON)
