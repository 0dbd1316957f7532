"""Shapes of the audit pages."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields, validate


class AuditFilter(Schema):
    """The query of the auditor's page; days are inclusive, in Asia/Shanghai."""

    kind = fields.String(load_default=None, validate=validate.Length(max=100))
    object_id = fields.String(load_default=None, validate=validate.Length(max=100))
    person_id = fields.UUID(load_default=None)
    verb = fields.String(load_default=None, validate=validate.Length(max=100))
    from_day = fields.Date(load_default=None)
    until_day = fields.Date(load_default=None)
    cursor = fields.String(load_default=None)

    class Meta:
        unknown = EXCLUDE
