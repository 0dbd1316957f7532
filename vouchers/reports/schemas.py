"""The report as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from marketplace.pilots.programmes.states import PilotState
from marketplace.policy.engine import render
from marketplace.policy.engine.verdict import Check
from marketplace.web.fields import Member, Money
from marketplace.web.rest import ListArgs, Shape
from vouchers.reports.queries import Settlement
from vouchers.reports.words import STATUSES

_SHARE = {"type": ["string", "null"], "examples": ["0.7000"]}


class CategorySchema(Shape):
    """One category; unissued is left of the allotment, granted is issued and unused, committed is promised."""

    code = fields.String()
    name_zh = fields.String()
    name_en = fields.String()
    bucket = fields.String()
    allotted = Money(attribute="money.allotted")
    unissued = Money(attribute="money.unissued")
    granted = Money(attribute="money.granted")
    committed = Money(attribute="money.committed")
    paid = Money(attribute="money.paid")
    recalled = Money(attribute="money.recalled")
    clawed = Money(attribute="money.clawed")


class SettlementSchema(Shape):
    """The settlement report: money by category, and the answer of `marketplace check` for the live books."""

    pilot_id = fields.UUID(attribute="pilot.id")
    pilot = fields.String(attribute="pilot.name")
    as_of = fields.Date()
    awarded = Money(attribute="award")
    received = Money()
    paid = Money(attribute="total.paid")
    categories = fields.List(fields.Nested(CategorySchema), attribute="rows")
    answer = fields.Method("_answer", metadata={"type": "object"})

    def _answer(self, report: Settlement) -> dict[str, Any]:
        return render.to_json(report.verdict)


class SettlementArgs(Shape):
    """Which day the report is about."""

    as_of = fields.Date(load_default=None, metadata={"description": "the end of this day; today without it"})


class SigningFormSchema(Schema):
    """Which day is signed, and why again."""

    as_of = fields.Date(required=True)
    reason = fields.String(load_default="", validate=validate.Length(max=500))


class SpendingArgs(ListArgs):
    """What narrows the public list: the prefecture city."""

    city = fields.String(load_default=None, validate=validate.Length(max=6))


class SpendingCategorySchema(Shape):
    """Sums over one category: allotted of the award, committed to orders and contracts, paid by the bank."""

    code = fields.String()
    name_zh = fields.String()
    name_en = fields.String()
    bucket = fields.String(metadata={"description": "renovation, other, or foreign to the pilot's type"})
    allotted = Money(attribute="money.allotted")
    committed = Money(attribute="money.committed")
    paid = Money(attribute="money.paid")


class ShareCheckSchema(Shape):
    """A share of the notice on one base, as `marketplace check` answers it; shares have four decimals, cut."""

    code = fields.String()
    name_zh = fields.String(attribute="rule.name_zh")
    name_en = fields.String(attribute="rule.name_en")
    clause = fields.String()
    base = fields.String(metadata={"description": "award, received, committed or paid"})
    amount = Money(metadata={"description": "of the base"})
    limit = Money()
    actual = Money()
    limit_share = fields.Method("_limit_share", metadata=_SHARE)
    actual_share = fields.Method("_actual_share", metadata=_SHARE)
    status = fields.String(validate=validate.OneOf(list(STATUSES)))
    message_zh = fields.String()
    message_en = fields.String()

    def _limit_share(self, check: Check) -> str | None:
        return render.share(check.limit_share)

    def _actual_share(self, check: Check) -> str | None:
        return render.share(check.actual_share)


class SpendingSchema(Shape):
    """What everybody may know of a pilot's money: sums only, of no enterprise and of no provider."""

    pilot_id = fields.UUID(attribute="pilot.id")
    pilot = fields.String(attribute="pilot.name")
    type = fields.String(attribute="pilot.type")
    klass = fields.String(attribute="pilot.klass", data_key="class")
    region = fields.String(attribute="pilot.region")
    city = fields.String(attribute="pilot.city")
    state = Member(PilotState, attribute="pilot.state")
    approved_on = fields.Date(attribute="pilot.approved_on")
    book = fields.String(attribute="book.code")
    book_version = fields.String(attribute="book.version")
    as_of = fields.Date()
    awarded = Money(attribute="award")
    received = Money()
    committed = Money(attribute="total.committed")
    paid = Money(attribute="total.paid")
    categories = fields.List(fields.Nested(SpendingCategorySchema), attribute="rows")
    checks = fields.List(fields.Nested(ShareCheckSchema), attribute="shares")
