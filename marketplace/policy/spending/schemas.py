"""What is asked about a spending sheet, as a page and as a program ask it, and the answer."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from marketplace.policy.spending.fault import LANGUAGES
from marketplace.web.fields import Money, Upload
from marketplace.web.rest import Shape

SHOWN = "page"
DOWNLOADS = ("xlsx", "pdf", "html", "json")


class SpendingCheckSchema(Shape):
    """The same as on the command line: a sheet, a book of the platform, a PILOT.toml."""

    file = Upload(required=True)
    pilot = Upload(required=True)
    book = fields.String(required=True, validate=validate.Length(min=1, max=100))
    sheet = fields.String(load_default=None, validate=validate.Length(min=1, max=100))
    language = fields.String(load_default=LANGUAGES[0], validate=validate.OneOf(LANGUAGES))


class SpendingFormSchema(Schema):
    """A sheet, and the pilot in fields instead of a file. `kind` is type and class, as ``zone/national_zone``."""

    file = Upload(required=True)
    sheet = fields.String(load_default=None, validate=validate.Length(max=100))
    name = fields.String(required=True, validate=validate.Length(max=200))
    kind = fields.String(required=True)
    award = Money(required=True, positive=False)
    received = Money(required=True, positive=False)
    batch = fields.String(required=True, validate=validate.Length(max=40))
    approved_on = fields.Date(required=True)
    as_of = fields.Date(required=True)
    year1_end = fields.Date(load_default=None)
    year2_end = fields.Date(load_default=None)
    form = fields.String(load_default=SHOWN, validate=validate.OneOf((SHOWN, *DOWNLOADS)))


class SpendingSumsSchema(Shape):
    """Yuan as decimal strings."""

    arranged = fields.String(required=True)
    paid = fields.String(required=True)


class SpendingEnterprisesSchema(Shape):
    selected = fields.Integer(required=True)
    renovated = fields.Integer(required=True)
    key_link = fields.Integer(required=True)


class SpendingTotalsSchema(Shape):
    """Yuan as decimal strings with two places, and counts."""

    award = fields.String(required=True)
    received = fields.String(required=True)
    arranged = fields.String(required=True)
    paid = fields.String(required=True)
    refunded = fields.String(required=True)
    renovation = fields.Nested(SpendingSumsSchema, required=True)
    other = fields.Nested(SpendingSumsSchema, required=True)
    by_category = fields.Dict(keys=fields.String(), values=fields.Nested(SpendingSumsSchema), required=True)
    enterprises = fields.Nested(SpendingEnterprisesSchema, required=True)
    rows = fields.Integer(required=True)
    skipped_rows = fields.Integer(required=True)


class _AmountOrCount(fields.Raw):
    """Yuan as a decimal string, or a count of enterprises."""

    def __init__(self, **kwargs: Any):
        super().__init__(metadata={"type": ["string", "integer"]}, **kwargs)


class SpendingCheckLineSchema(Shape):
    """One comparison: `limit` and `actual` are yuan or counts, shares have four decimals and are cut."""

    code = fields.String(required=True)
    clause = fields.String(required=True)
    base = fields.String(required=True, allow_none=True)
    amount = fields.String(required=True, allow_none=True)
    limit = _AmountOrCount(required=True)
    actual = _AmountOrCount(required=True)
    limit_share = fields.String(required=True, allow_none=True)
    actual_share = fields.String(required=True, allow_none=True)
    status = fields.String(required=True, validate=validate.OneOf(("pass", "open", "warn", "fail")))
    message = fields.String(required=True)


class SpendingFindingSchema(Shape):
    """What was found on one row; `row` counts as the spreadsheet shows it."""

    row = fields.Integer(required=True, allow_none=True)
    code = fields.String(required=True)
    severity = fields.String(required=True, validate=validate.OneOf(("warn", "fail")))
    clause = fields.String(required=True)
    message = fields.String(required=True)


class SpendingAnswerSchema(Shape):
    """The answer of `marketplace check --format json`, byte for byte."""

    book = fields.String(required=True)
    book_version = fields.String(required=True)
    pilot = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    as_of = fields.Date(required=True)
    verdict = fields.String(required=True, validate=validate.OneOf(("pass", "warn", "fail")))
    totals = fields.Nested(SpendingTotalsSchema, required=True)
    checks = fields.List(fields.Nested(SpendingCheckLineSchema), required=True)
    findings = fields.List(fields.Nested(SpendingFindingSchema), required=True)
