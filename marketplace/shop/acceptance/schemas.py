"""Shapes of judgements for pages and API."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from marketplace.shop.acceptance.states import Result
from marketplace.web.fields import Member, Moment, Upload
from marketplace.web.rest import ListArgs, Shape

_SCORE = validate.Range(min=0, max=100)
_REASON = validate.Length(min=1, max=4000)


class AcceptanceSchema(Shape):
    """A judgement: scores per angle, the level before and after, the result and why."""

    id = fields.UUID()
    order_id = fields.UUID()
    round = fields.Integer()
    enterprise_id = fields.UUID()
    provider_id = fields.UUID()
    pilot_id = fields.UUID()
    city = fields.String()
    scores = fields.Dict(keys=fields.String(), values=fields.Integer())
    points = fields.Integer()
    finance_clean = fields.Boolean()
    level_before = fields.String(allow_none=True)
    level_after = fields.String()
    level_record_id = fields.UUID()
    result = Member(Result)
    accepted_on = fields.Date()
    reason = fields.String()
    created_at = Moment()


class JudgementSchema(Shape):
    """The city's judgement of an order's renovation."""

    order_id = fields.UUID(required=True)
    scores = fields.Dict(keys=fields.String(), values=fields.Integer(strict=True, validate=_SCORE), required=True)
    level_after = fields.String(required=True, validate=validate.Length(min=1, max=10))
    result = Member(Result, required=True)
    finance_clean = fields.Boolean(required=True)
    reason = fields.String(required=True, validate=_REASON)
    evidence_document_id = fields.UUID(load_default=None, allow_none=True)


class AcceptanceArgs(ListArgs):
    """Judgements by result, pilot or order."""

    result = Member(Result, load_default=None)
    pilot_id = fields.UUID(load_default=None)
    order_id = fields.UUID(load_default=None)


def judge_form(angles: list[str]) -> type[Schema]:
    """The judgement as a form: one score per angle of the book."""
    made: dict[str, Any] = {f"score_{angle}": fields.Integer(required=True, validate=_SCORE) for angle in angles}
    made["level_after"] = fields.String(required=True)
    made["finance_clean"] = fields.Boolean(load_default=False)
    made["result"] = Member(Result, required=True)
    made["reason"] = fields.String(required=True, validate=_REASON)
    made["evidence"] = Upload(load_default=None)
    return Schema.from_dict(made, name="JudgeForm")
