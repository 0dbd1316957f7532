"""Shapes of panels, scores and experts for pages and API. Points are written as people write them: 12.5."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from marketplace.base.text import N_
from marketplace.procedure.panels.scoring import HUNDRED, Given, plain
from marketplace.procedure.panels.states import PanelState, SeatState
from marketplace.web.fields import Member, Moment, Uscc
from marketplace.web.i18n import say
from marketplace.web.rest import ListArgs, Shape

_NAME = validate.Length(min=1, max=120)
_REASON = validate.Length(min=1, max=1000)


class Points(fields.Field[int]):
    """Hundredths inside; ``"12.5"`` outside, with at most two decimals."""

    def __init__(self, **kwargs: Any):
        super().__init__(metadata={"type": "string", **kwargs.pop("metadata", {})}, **kwargs)

    def _serialize(self, value: int | None, attr: Any, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else plain(value)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        text = str(value).strip() if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
        found = re.fullmatch(r"(\d{1,3})(?:\.(\d{1,2}))?", text, re.ASCII)
        if not found:
            raise ValidationError(say(N_("请填写分值，最多两位小数。")))
        return int(found[1]) * HUNDRED + int((found[2] or "").ljust(2, "0"))


class CriterionSchema(Schema):
    code = fields.String()
    label = fields.String()
    max = Points()


class PanelCandidateSchema(Schema):
    candidate_id = fields.UUID()
    organisation_id = fields.UUID(allow_none=True)
    label = fields.String()
    url = fields.String()


class PanelSeatSchema(Schema):
    """A seat as officers see it: who, and how far, never what was scored."""

    id = fields.UUID()
    position = fields.Integer()
    state = Member(SeatState)
    scored = fields.Integer()


class PanelSchema(Schema):
    id = fields.UUID()
    subject_kind = fields.String()
    subject_id = fields.UUID()
    title = fields.String()
    city = fields.String()
    size = fields.Integer()
    criteria = fields.List(fields.Nested(CriterionSchema))
    state = Member(PanelState)
    closed_at = Moment(allow_none=True)


class PanelDetailSchema(PanelSchema):
    candidates = fields.List(fields.Nested(PanelCandidateSchema))
    seats = fields.List(fields.Nested(PanelSeatSchema))


class PanelResultSchema(Schema):
    candidate_id = fields.UUID()
    mean = Points()
    spread = Points()
    sheets = fields.Integer()
    means = fields.Dict(keys=fields.String(), values=Points())


class PanelResultsSchema(Schema):
    items = fields.List(fields.Nested(PanelResultSchema))


class PanelArgs(ListArgs):
    state = Member(PanelState, load_default=None)


class DeclarationSchema(Shape):
    conflict = fields.Boolean(required=True)
    reason = fields.String(load_default="", validate=validate.Length(max=1000))


class DeclarationFormSchema(Schema):
    """The same for people, who must choose: an untouched form declares nothing."""

    answer = fields.String(required=True, validate=validate.OneOf(["none", "conflict"]))
    reason = fields.String(load_default="", validate=validate.Length(max=1000))


class ScoreLineSchema(Shape):
    points = Points(required=True)
    reason = fields.String(required=True, validate=_REASON)


class ScoreSheetSchema(Shape):
    scores = fields.Dict(keys=fields.String(), values=fields.Nested(ScoreLineSchema), required=True)


class SeatReasonSchema(Shape):
    reason = fields.String(required=True, validate=_REASON)


class ExpertSchema(Schema):
    id = fields.UUID()
    person_id = fields.UUID()
    name = fields.String()
    city = fields.String()
    fields_ = fields.List(fields.String(), attribute="fields", data_key="fields")
    title = fields.String()
    active = fields.Boolean()


class EnlistSchema(Shape):
    phone = fields.String(required=True, validate=validate.Length(max=20))
    fields_ = fields.List(fields.String(validate=_NAME), required=True, attribute="fields", data_key="fields")
    title = fields.String(required=True, validate=_NAME)
    employer_uscc = Uscc(required=True)
    employer_name = fields.String(required=True, validate=_NAME)
    employed_from = fields.Date(load_default=None)


class EnlistFormSchema(Schema):
    """The same for people: fields of expertise separated by 、 or commas."""

    phone = fields.String(required=True, validate=validate.Length(max=20))
    expertise = fields.String(required=True, validate=validate.Length(max=400))
    title = fields.String(required=True, validate=_NAME)
    employer_uscc = Uscc(required=True)
    employer_name = fields.String(required=True, validate=_NAME)
    employed_from = fields.Date(load_default=None)


class EmploymentSchema(Shape):
    employer_uscc = Uscc(required=True)
    employer_name = fields.String(required=True, validate=_NAME)
    from_day = fields.Date(load_default=None)
    until_day = fields.Date(load_default=None)


def split(text: str) -> list[str]:
    """Words that people separate by 、 ， , ； or line breaks."""
    return [word.strip() for word in re.split(r"[、，,；;\n]+", text) if word.strip()]


def sheet_schema(criteria: Iterable[Mapping[str, Any]]) -> Schema:
    """The form of one score sheet: points and reason for every criterion."""
    made: dict[str, Any] = {}
    for criterion in criteria:
        made[criterion["code"]] = Points(required=True)
        made[f"{criterion['code']}_reason"] = fields.String(required=True, validate=_REASON)
    return Schema.from_dict(made, name="ScoreForm")()


def given_of(data: Mapping[str, Any], criteria: Iterable[Mapping[str, Any]]) -> dict[str, Given]:
    """A filled form as the act wants it."""
    return {c["code"]: Given(data[c["code"]], data[f"{c['code']}_reason"]) for c in criteria}
