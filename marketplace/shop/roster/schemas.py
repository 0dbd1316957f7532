"""Shapes of the list for pages and API."""

from __future__ import annotations

from typing import Any

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
    """What narrows the list, for page, export and API."""

    name = fields.String(load_default=None, validate=validate.Length(max=100))
    klass = Member(ServiceClass, load_default=None, data_key="class")
    industry = fields.String(load_default=None, validate=validate.Length(max=10))
    city = fields.String(load_default=None, validate=validate.Length(max=6))
    state = Member(RosterState, load_default=None)


class RosterArgs(ListArgs, RosterFilter):
    pass


def clean(values: dict[str, Any]) -> dict[str, Any]:
    """The query of a page without empty and unusable filters: a link never fails."""
    given = {k: v.strip() for k, v in values.items() if v and v.strip()}
    schema = RosterFilter(unknown="exclude")
    loaded: dict[str, Any] = schema.load({k: v for k, v in given.items() if k not in schema.validate(given)})
    return loaded
