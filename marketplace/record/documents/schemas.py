"""Shapes of files for the API."""

from __future__ import annotations

from marshmallow import fields, validate

from marketplace.web.fields import Moment, Upload
from marketplace.web.rest import Shape


class UploadedDocumentSchema(Shape):
    """A file to keep: what it is in its matter (``contract``, ``invoice``), and whether it tells of persons."""

    file = Upload(required=True)
    kind = fields.String(required=True, validate=validate.Regexp(r"[a-z][a-z0-9_.]{0,39}$"))
    personal = fields.Boolean(load_default=False)


class DocumentSchema(Shape):
    """What is known of a kept file."""

    id = fields.UUID()
    sha256 = fields.String()
    name = fields.String()
    kind = fields.String()
    size = fields.Integer()
    media_type = fields.String()
    personal = fields.Boolean()
    stored_at = Moment(attribute="created_at")
