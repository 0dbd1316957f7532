"""The report as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from marketplace.policy.engine import render
from marketplace.web.fields import Money
from marketplace.web.rest import Shape
from vouchers.reports.queries import Settlement


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
    awarded = Money(attribute="fund.award")
    received = Money(attribute="fund.received")
    paid = Money(attribute="fund.paid")
    categories = fields.List(fields.Nested(CategorySchema), attribute="rows")
    answer = fields.Method("_answer", metadata={"type": "object"})

    def _answer(self, report: Settlement) -> dict[str, Any]:
        return render.to_json(report.verdict)
