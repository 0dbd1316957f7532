"""Shapes of calls for pages and API."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from marketplace.base.text import N_
from marketplace.shop.roster.states import ServiceClass
from marketplace.web.fields import Member, Moment
from marketplace.web.i18n import say
from marketplace.web.rest import ListArgs, Shape
from providers.calls import rules
from providers.calls.models import Call
from providers.calls.states import YES_NO, CallState, ConditionKind, Fact, Operator

_LINE = validate.Length(min=1, max=200)
_PARAGRAPHS = validate.Length(max=8000)
_COUNT = validate.Range(min=0, max=10_000)


class ConditionSchema(Shape):
    code = fields.String(required=True, validate=validate.Regexp(r"[a-z][a-z0-9_]{0,39}$"))
    label = fields.String(required=True, validate=_LINE)
    kind = Member(ConditionKind, required=True)
    fact = Member(Fact, load_default=None, allow_none=True)
    operator = Member(Operator, load_default=None, allow_none=True)
    value = fields.Integer(load_default=None, allow_none=True, validate=_COUNT)


class ScoringLineSchema(Shape):
    code = fields.String(required=True, validate=validate.Regexp(r"[a-z][a-z0-9_]{0,39}$"))
    label = fields.String(required=True, validate=_LINE)
    max = fields.Integer(required=True, validate=validate.Range(min=1, max=100))


class CallTermsSchema(Shape):
    """What a call says."""

    number = fields.String(required=True, validate=_LINE)
    title = fields.String(required=True, validate=_LINE)
    edition_id = fields.UUID(required=True)
    seats = fields.Dict(
        keys=fields.String(validate=validate.OneOf([k.value for k in ServiceClass])),
        values=fields.Integer(validate=validate.Range(min=0, max=1000)),
        required=True,
    )
    industries = fields.List(fields.String(validate=_LINE), load_default=list)
    conditions = fields.List(fields.Nested(ConditionSchema), required=True)
    scoring = fields.List(fields.Nested(ScoringLineSchema), required=True)
    tie_break = fields.List(fields.String(), load_default=list)
    pass_line = fields.Integer(required=True)
    opens_on = fields.Date(required=True)
    closes_on = fields.Date(required=True)
    publicity_days = fields.Integer(required=True)
    term_years = fields.Integer(required=True)
    materials = fields.String(required=True, validate=_PARAGRAPHS)
    duties = fields.String(required=True, validate=_PARAGRAPHS)
    contact = fields.String(required=True, validate=_LINE)


class CallSchema(Schema):
    id = fields.UUID()
    city = fields.String()
    number = fields.String()
    title = fields.String()
    basis = fields.String()
    clause = fields.String()
    edition_id = fields.UUID(allow_none=True)
    seats = fields.Dict(keys=fields.String(), values=fields.Integer())
    industries = fields.List(fields.String())
    conditions = fields.List(fields.Nested(ConditionSchema))
    scoring = fields.List(fields.Nested(ScoringLineSchema))
    tie_break = fields.List(fields.String())
    pass_line = fields.Integer()
    opens_on = fields.Date()
    closes_on = fields.Date()
    publicity_days = fields.Integer()
    term_years = fields.Integer()
    materials = fields.String()
    duties = fields.String()
    contact = fields.String()
    state = Member(CallState)
    published_at = Moment(allow_none=True)
    end_reason = fields.String(allow_none=True)


class CallArgs(ListArgs):
    city = fields.String(load_default=None, validate=validate.Length(max=6))
    state = Member(CallState, load_default=None)
    open_now = fields.Boolean(load_default=False)


class CallReasonSchema(Shape):
    reason = fields.String(required=True, validate=validate.Length(min=1, max=2000))


class CallFormSchema(Schema):
    """The same terms for people: numbers beside usual conditions, one line for each of the others."""

    number = fields.String(required=True, validate=_LINE)
    title = fields.String(required=True, validate=_LINE)
    edition_id = fields.UUID(required=True)
    seats_integrated = fields.Integer(load_default=0, validate=validate.Range(min=0, max=1000))
    seats_product = fields.Integer(load_default=0, validate=validate.Range(min=0, max=1000))
    seats_chain_leader = fields.Integer(load_default=0, validate=validate.Range(min=0, max=1000))
    industries = fields.List(fields.String(), load_default=list)
    years_in_business = fields.Integer(load_default=None, validate=_COUNT)
    cases = fields.Integer(load_default=None, validate=_COUNT)
    cases_in_industry = fields.Integer(load_default=None, validate=_COUNT)
    software_copyrights = fields.Integer(load_default=None, validate=_COUNT)
    staff = fields.Integer(load_default=None, validate=_COUNT)
    technical_staff = fields.Integer(load_default=None, validate=_COUNT)
    years_since_removal = fields.Integer(load_default=None, validate=_COUNT)
    bad_credit = fields.Boolean(load_default=False)
    conditions = fields.String(load_default="", validate=_PARAGRAPHS)
    scoring = fields.String(required=True, validate=_PARAGRAPHS)
    tie_break = fields.String(load_default="", validate=_PARAGRAPHS)
    pass_line = fields.Integer(required=True)
    opens_on = fields.Date(required=True)
    closes_on = fields.Date(required=True)
    publicity_days = fields.Integer(required=True)
    term_years = fields.Integer(required=True)
    materials = fields.String(required=True, validate=_PARAGRAPHS)
    duties = fields.String(required=True, validate=_PARAGRAPHS)
    contact = fields.String(required=True, validate=_LINE)


_SAME = (
    "number",
    "title",
    "edition_id",
    "industries",
    "pass_line",
    "opens_on",
    "closes_on",
    "publicity_days",
    "term_years",
    "materials",
    "duties",
    "contact",
)
_SCORE_LINE = re.compile(r"(.+?)\s*[=＝:：|\t ]\s*(\d{1,3})\s*分?$")


def terms_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """A filled form as `actions.draft` takes it; raises ValidationError for lines that can't be read."""
    scoring = _scoring(data["scoring"])
    codes = {line["label"]: line["code"] for line in scoring}
    wanted = [part.strip() for part in re.split(r"[、，,\n]+", data["tie_break"]) if part.strip()]
    unknown = [label for label in wanted if label not in codes]
    if unknown:
        raise ValidationError({"tie_break": [say(N_("“{label}”不在评分表中。")).format(label=unknown[0][:40])]})
    persons = [line for line in data["conditions"].splitlines() if line.strip()]
    return {
        **{name: data[name] for name in _SAME},
        "seats": {k.value: data[f"seats_{k.value}"] for k in ServiceClass},
        "conditions": _machine(data) + [rules.person_condition(n, line) for n, line in enumerate(persons, start=1)],
        "scoring": scoring,
        "tie_break": [codes[label] for label in wanted],
    }


def _machine(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    asked = [(fact, data[fact.value]) for fact in Fact if fact not in YES_NO and data[fact.value] is not None]
    asked += [(fact, 0) for fact in YES_NO if data[fact.value]]
    return [rules.machine_condition(fact, value) for fact, value in asked]


def _scoring(text: str) -> list[dict[str, Any]]:
    found = []
    for number, line in enumerate((line for line in text.splitlines() if line.strip()), start=1):
        match = _SCORE_LINE.fullmatch(line.strip())
        if match is None:
            raise ValidationError({"scoring": [say(N_("第 {number} 行应写作“名称 = 分值”。")).format(number=number)]})
        found.append(rules.scoring_line(number, match[1], int(match[2])))
    return found


def values_of(terms: Mapping[str, Any] | Call) -> dict[str, Any]:
    """Terms as the form shows them: the template's, or those of a draft."""
    said: Mapping[str, Any] = terms if isinstance(terms, Mapping) else _terms(terms)
    labels = {line["code"]: line["label"] for line in said["scoring"]}
    values = {name: _typed(said[name]) for name in _SAME}
    for klass in ServiceClass:
        values[f"seats_{klass.value}"] = str(said["seats"].get(klass.value, 0))
    others = []
    for condition in said["conditions"]:
        if condition["kind"] != ConditionKind.MACHINE:
            others.append(condition["label"])
        elif Fact(condition["fact"]) in YES_NO:
            values[condition["fact"]] = "true"
        else:
            values[condition["fact"]] = str(condition["value"])
    values["conditions"] = "\n".join(others)
    values["scoring"] = "\n".join(f"{line['label']} = {line['max']}" for line in said["scoring"])
    values["tie_break"] = "、".join(labels[code] for code in said["tie_break"])
    return values


def _terms(call: Call) -> dict[str, Any]:
    names: Iterable[str] = (*_SAME, "seats", "conditions", "scoring", "tie_break")
    return {name: getattr(call, name) for name in names}


def _typed(value: Any) -> Any:
    if value is None or isinstance(value, list):
        return value
    return str(value) if isinstance(value, uuid.UUID) else value if isinstance(value, str) else str(value)
