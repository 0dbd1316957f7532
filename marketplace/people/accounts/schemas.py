"""Shapes of what persons fill in, and of what the API tells about them."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from marketplace.base.roles import Role
from marketplace.web.fields import Member, Moment, Several, Uscc
from marketplace.web.rest import Shape

_NAME = validate.Length(1, 80)


class SignInSchema(Schema):
    login = fields.String(required=True, validate=validate.Length(1, 254))
    password = fields.String(required=True, validate=validate.Length(1, 512))


class SignUpSchema(Schema):
    name = fields.String(required=True, validate=_NAME)
    phone = fields.String(required=True)
    email = fields.String(load_default=None)
    password = fields.String(required=True, validate=validate.Length(max=512))


class ProfileSchema(Schema):
    name = fields.String(required=True, validate=_NAME)
    email = fields.String(load_default=None)
    locale = fields.String(required=True, validate=validate.OneOf(["zh", "en"]))


class PasswordSchema(Schema):
    password = fields.String(required=True, validate=validate.Length(max=512))
    new_password = fields.String(required=True, validate=validate.Length(max=512))


class ForgottenSchema(Schema):
    login = fields.String(required=True, validate=validate.Length(1, 254))


class ResetSchema(Schema):
    new_password = fields.String(required=True, validate=validate.Length(max=512))


class TokenFormSchema(Schema):
    name = fields.String(required=True, validate=_NAME)
    scopes = fields.List(fields.String(), required=True, validate=Several(min=1))
    days = fields.Integer(required=True, validate=validate.Range(1, 366))


class SubstituteSchema(Schema):
    person_id = fields.UUID(required=True)
    last_day = fields.Date(required=True)


class InviteSchema(Schema):
    phone = fields.String(required=True)
    role = Member(Role, required=True)
    region = fields.String(load_default=None)
    pilot_id = fields.UUID(load_default=None)
    uscc = Uscc(load_default=None)
    last_day = fields.Date(load_default=None)


class AssignmentSchema(Shape):
    id = fields.UUID()
    role = Member(Role)
    organisation_id = fields.UUID(allow_none=True)
    pilot_id = fields.UUID(allow_none=True)
    region = fields.String(allow_none=True)


class MeSchema(Shape):
    """Who acts with this token, as what, and how far the token reaches."""

    person_id = fields.UUID()
    name = fields.String()
    assignment = fields.Nested(AssignmentSchema)
    organisation_name = fields.String()
    scopes = fields.List(fields.String())
    now = Moment()
