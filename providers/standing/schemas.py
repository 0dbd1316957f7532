"""Shapes of measures for pages and API."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from marketplace.web.fields import Member
from marketplace.web.rest import Shape
from providers.standing.states import Measure


class MeasureSchema(Schema):
    id = fields.UUID()
    entry_id = fields.UUID()
    provider_id = fields.UUID()
    city = fields.String()
    kind = Member(Measure)
    reason = fields.String()
    clause = fields.String()
    day = fields.Date()
    due_on = fields.Date(allow_none=True)


class TakeMeasureSchema(Shape):
    kind = Member(Measure, required=True)
    reason = fields.String(required=True, validate=validate.Length(min=1, max=2000))
    clause = fields.String(required=True, validate=validate.Length(min=1, max=100))
    due_on = fields.Date(load_default=None)
