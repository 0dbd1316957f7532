"""Shapes of levels for pages and API."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from marketplace.web.fields import Moment, Upload
from marketplace.web.rest import ListArgs, Shape

_NAME = validate.Length(min=1, max=200)


class LevelSchema(Shape):
    id = fields.UUID(dump_only=True)
    enterprise_id = fields.UUID(required=True)
    pilot_id = fields.UUID(load_default=None, allow_none=True)
    edition_id = fields.UUID(dump_only=True)
    scale = fields.String(load_default=None, allow_none=True, validate=_NAME)
    version = fields.String(load_default=None, allow_none=True, validate=_NAME)
    value = fields.String(required=True, validate=validate.Length(min=1, max=10))
    assessor = fields.String(required=True, validate=_NAME)
    assessed_on = fields.Date(required=True)
    evidence_document_id = fields.UUID(load_default=None, allow_none=True)
    recorded_at = Moment(attribute="created_at", dump_only=True)


class LevelArgs(ListArgs):
    enterprise_id = fields.UUID(load_default=None)
    scale = fields.String(load_default=None)


class LevelFormSchema(Schema):
    value = fields.String(required=True, validate=validate.Length(min=1, max=10))
    assessor = fields.String(required=True, validate=_NAME)
    assessed_on = fields.Date(required=True)
    version = fields.String(load_default=None, validate=_NAME)
    file = Upload(load_default=None)
