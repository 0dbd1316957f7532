"""Shapes of the list for pages and API."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from marketplace.shop.roster.states import RosterState, ServiceClass
from marketplace.web.fields import Member
from marketplace.web.rest import ListArgs


class RosterEntrySchema(Schema):
    id = fields.UUID(attribute="entry.id")
    provider_id = fields.UUID(attribute="entry.provider_id")
    name = fields.String()
    uscc = fields.String()
    city = fields.String(attribute="entry.city")
    klass = Member(ServiceClass, attribute="entry.klass", data_key="class")
    industries = fields.List(fields.String())
    certificate_number = fields.String(attribute="entry.certificate_number")
    valid_from = fields.Date(attribute="entry.valid_from")
    valid_until = fields.Date(attribute="entry.valid_until")
    state = Member(RosterState, attribute="entry.state")
    state_since = fields.Date(attribute="entry.state_since")
    state_reason = fields.String(attribute="entry.state_reason", allow_none=True)
    state_clause = fields.String(attribute="entry.state_clause", allow_none=True)


class RosterFilter(Schema):
    """What narrows the list."""

    name = fields.String(load_default=None, validate=validate.Length(max=100))
    klass = Member(ServiceClass, load_default=None, data_key="class")
    industry = fields.String(load_default=None, validate=validate.Length(max=10))
    city = fields.String(load_default=None, validate=validate.Length(max=6))
    state = Member(RosterState, load_default=None)


class RosterArgs(ListArgs, RosterFilter):
    pass
