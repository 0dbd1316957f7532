"""Shapes of rule books for pages and API."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from marketplace.web.fields import Moment, Upload
from marketplace.web.rest import Shape


class RuleBookSchema(Shape):
    """An edition as lists show it."""

    id = fields.UUID()
    code = fields.String()
    version = fields.String()
    name_zh = fields.String()
    name_en = fields.String()
    content_hash = fields.String()
    published_at = Moment(attribute="created_at")
    published_by = fields.String(attribute="published_by_name")


class RuleBookTextSchema(RuleBookSchema):
    """An edition with its whole text, and the texts of the books it extends."""

    text = fields.String()
    parents = fields.Dict(keys=fields.String(), values=fields.String())


class RuleBookPublicationSchema(Shape):
    """Which book to publish: one that comes with the platform, or a text of one's own."""

    code = fields.String(validate=validate.Length(min=1, max=100))
    text = fields.String(validate=validate.Length(min=1, max=2 * 2**20))


class RuleBookPublicationFormSchema(Schema):
    """The same as a form: a choice, or a file."""

    code = fields.String(load_default=None)
    file = Upload(load_default=None)
