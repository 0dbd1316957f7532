"""Shapes of public notices and objections for pages and API."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from marketplace.procedure.publicity.states import NoticeState, ObjectionState
from marketplace.web.fields import Member, Moment, Upload
from marketplace.web.rest import ListArgs, Shape

_TEXT = validate.Length(min=1, max=4000)


class NoticeItemSchema(Schema):
    item_id = fields.UUID()
    position = fields.Integer()
    title = fields.String()
    detail = fields.String()
    struck_reason = fields.String(allow_none=True)


class PublicNoticeSchema(Schema):
    id = fields.UUID()
    subject_kind = fields.String()
    subject_id = fields.UUID()
    city = fields.String()
    title = fields.String()
    body = fields.String()
    clause = fields.String(allow_none=True)
    starts_on = fields.Date()
    working_days = fields.Integer()
    ends_on = fields.Date()
    provisional = fields.Boolean()
    state = Member(NoticeState)
    ended_at = Moment(allow_none=True)
    ended_reason = fields.String(allow_none=True)


class PublicNoticeDetailSchema(PublicNoticeSchema):
    items = fields.List(fields.Nested(NoticeItemSchema))


class NoticeArgs(ListArgs):
    city = fields.String(load_default=None, validate=validate.Length(max=6))
    state = Member(NoticeState, load_default=None)
    subject_kind = fields.String(load_default=None, validate=validate.Length(max=40))
    subject_id = fields.UUID(load_default=None)


class ObjectionSchema(Schema):
    """An objection without the person behind it."""

    id = fields.UUID()
    notice_id = fields.UUID()
    item_id = fields.UUID(allow_none=True)
    text = fields.String()
    document_id = fields.UUID(allow_none=True)
    filed_at = Moment(attribute="created_at")
    due_on = fields.Date()
    state = Member(ObjectionState)
    ruling = fields.String(allow_none=True)
    ruled_at = Moment(allow_none=True)


class ReceiptSchema(Schema):
    """What whoever holds the receipt may know."""

    receipt = fields.String()
    notice_id = fields.UUID()
    filed_at = Moment(attribute="created_at")
    due_on = fields.Date()
    state = Member(ObjectionState)
    ruling = fields.String(allow_none=True)
    ruled_at = Moment(allow_none=True)


class ObjectorSchema(Schema):
    """The person behind an objection, shown to an officer who says why."""

    name = fields.String()
    contact = fields.String()


class ObjectSchema(Shape):
    name = fields.String(required=True, validate=validate.Length(max=60))
    contact = fields.String(required=True, validate=validate.Length(max=100))
    text = fields.String(required=True, validate=validate.Length(max=4000))
    item_id = fields.UUID(load_default=None)


class ObjectFormSchema(Schema):
    name = fields.String(required=True, validate=validate.Length(max=60))
    contact = fields.String(required=True, validate=validate.Length(max=100))
    text = fields.String(required=True, validate=validate.Length(max=4000))
    item_id = fields.UUID(load_default=None)
    file = Upload(load_default=None)


class RulingSchema(Shape):
    upheld = fields.Boolean(required=True)
    reason = fields.String(required=True, validate=_TEXT)


class RulingFormSchema(Schema):
    """The same for people, who must choose: an untouched form dismisses nothing."""

    outcome = fields.String(required=True, validate=validate.OneOf(["upheld", "dismissed"]))
    reason = fields.String(required=True, validate=_TEXT)


class NoticeReasonSchema(Shape):
    reason = fields.String(required=True, validate=_TEXT)
