"""Shapes of the review for pages and API."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from marketplace.shop.roster.states import ServiceClass
from marketplace.web.fields import Member, Moment
from marketplace.web.rest import Shape
from providers.applications.states import ApplicationState
from providers.review.states import Finding

_TEXT = validate.Length(min=1, max=2000)


class ConditionCheckSchema(Schema):
    code = fields.String()
    label = fields.String()
    machine = Member(Finding)
    needed = fields.Integer(allow_none=True)
    actual = fields.Integer(allow_none=True)
    decision = Member(Finding, allow_none=True)
    reason = fields.String(allow_none=True)
    decided_at = Moment(allow_none=True)


class ReviewedApplicationSchema(Schema):
    id = fields.UUID()
    state = Member(ApplicationState)
    supplement_until = fields.Date(allow_none=True)
    note = fields.String(allow_none=True)


class DecideConditionSchema(Shape):
    passed = fields.Boolean(required=True)
    reason = fields.String(load_default="", validate=validate.Length(max=2000))


class DecideConditionFormSchema(Schema):
    """The same for people, who must choose."""

    answer = fields.String(required=True, validate=validate.OneOf(["pass", "fail"]))
    reason = fields.String(load_default="", validate=validate.Length(max=2000))


class SupplementSchema(Shape):
    note = fields.String(required=True, validate=_TEXT)
    working_days = fields.Integer(load_default=5, validate=validate.Range(min=1, max=60))


class ExclusionSchema(Shape):
    reason = fields.String(required=True, validate=_TEXT)


class DrawSchema(Shape):
    size = fields.Integer(load_default=5, validate=validate.Range(min=1, max=99))
    fields_ = fields.List(fields.String(), load_default=list, attribute="fields", data_key="fields")


class DrawFormSchema(Schema):
    size = fields.Integer(required=True, validate=validate.Range(min=1, max=99))
    expertise = fields.String(load_default="", validate=validate.Length(max=400))


class RankedSchema(Schema):
    application_id = fields.UUID()
    klass = Member(ServiceClass, data_key="class")
    place = fields.Integer()
    score = fields.Integer(metadata={"description": "hundredths of a point"})
    passed = fields.Boolean()
    proposed = fields.Boolean()
