"""Shapes of places."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from marketplace.people.regions.states import CLASS_LABELS, RegionKind, ZoneLevel
from marketplace.web.fields import Member
from marketplace.web.rest import ListArgs, Shape


class RegionSchema(Shape):
    code = fields.String()
    name = fields.String()
    name_en = fields.String()
    kind = Member(RegionKind)
    parent = fields.String(allow_none=True)
    zone_level = Member(ZoneLevel, allow_none=True)


class RegionArgs(ListArgs):
    parent = fields.String(load_default=None)
    kind = Member(RegionKind, load_default=None)


class ClassifyForm(Schema):
    region = fields.String(required=True)
    year = fields.Integer(required=True, validate=validate.Range(2000, 2100))
    value = fields.String(required=True, validate=validate.OneOf(list(CLASS_LABELS)))
    source = fields.String(required=True, validate=validate.Length(1, 200))


class ClassifyShape(ClassifyForm, Shape):
    """The same for the API: unknown fields are refused."""

    class Meta(Shape.Meta):
        pass


class RegionClassSchema(Shape):
    """The class of a city or county from a year on."""

    region = fields.String()
    year = fields.Integer()
    kind = Member(RegionKind)
    value = fields.String()
    source = fields.String()


class ZoneForm(Schema):
    city = fields.String(required=True)
    name = fields.String(required=True, validate=validate.Length(2, 60))
    name_en = fields.String(required=True, validate=validate.Length(2, 120))
    level = Member(ZoneLevel, required=True)


class ZoneShape(ZoneForm, Shape):
    """The same for the API."""

    class Meta(Shape.Meta):
        pass
