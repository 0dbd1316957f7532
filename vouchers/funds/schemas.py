"""Shapes of funds, for the form and the API alike."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from marketplace.policy.engine.change import Change
from marketplace.policy.engine.refusal import warned
from marketplace.policy.engine.render import check_row, finding_row
from marketplace.web.fields import Member, Money, MoneyText
from marketplace.web.i18n import language, say
from marketplace.web.rest import Shape
from vouchers.funds.gate import Act


class AllotmentSchema(Shape):
    """What is divided: a category of the pilot's book, an amount, and the client's key of a form."""

    category = fields.String(required=True, validate=validate.Length(max=40))
    amount = Money(required=True)


class AllotmentForm(AllotmentSchema):
    """The same from a page, which carries its key so that a double click divides once."""

    key = fields.String(required=True, validate=validate.Length(max=128))


class LineSchema(Shape):
    """A line of a fund with its sums."""

    id = fields.UUID(attribute="line.id")
    category = fields.String(attribute="line.category")
    share = fields.String(attribute="line.share.value")
    opens_on = fields.Date(attribute="line.opens_on")
    closes_on = fields.Date(attribute="line.closes_on")
    allotted = Money()
    available = Money()
    committed = Money()
    lapsed = Money()


class FundSchema(Shape):
    """A pilot's money from one source."""

    id = fields.UUID()
    pilot_id = fields.UUID()
    source = fields.String()
    ceiling_bps = fields.Integer(allow_none=True)
    award = Money()
    received = Money()
    renovation_allotted = Money()
    other_allotted = Money()
    paid = Money()
    recovered = Money()
    returned = Money()
    interest = Money()
    remitted = Money()


class PositionSchema(Shape):
    """The funds of a pilot and their lines."""

    funds = fields.List(fields.Nested(FundSchema))
    lines = fields.List(fields.Nested(LineSchema))


class WhatIfSchema(Shape):
    """An act in thought: which, in which category, how much; or of a payment batch all that it would pay."""

    act = Member(Act, required=True)
    category = fields.String(required=True, validate=validate.Length(max=40))
    amount = MoneyText(required=True)


class TurnSchema(Shape):
    """One check before and after; amounts are decimal strings of yuan, as in the answer of `marketplace check`."""

    before = fields.Function(lambda turn: check_row(turn.before, language()), metadata={"type": "object"})
    after = fields.Function(lambda turn: check_row(turn.after, language()), metadata={"type": "object"})
    worse = fields.Boolean()


class EffectSchema(Shape):
    """What an act would do: every check before and after, what would refuse it, what would need a reason."""

    verdict_before = fields.String(attribute="before.status")
    verdict_after = fields.String(attribute="after.status")
    checks = fields.List(fields.Nested(TurnSchema), attribute="turns")
    refused = fields.Method("dump_refused", metadata={"type": "array", "items": {"type": "object"}})
    warnings = fields.Method("dump_warnings", metadata={"type": "array", "items": {"type": "object"}})

    def dump_refused(self, change: Change) -> list[dict[str, Any]]:
        uses = [finding_row(finding, language()) for finding in change.uses]
        return uses + [check_row(check, language()) for check in change.broken]

    def dump_warnings(self, change: Change) -> list[dict[str, Any]]:
        return [{**row, "message": say(row["message"])} for row in map(warned, change.warnings)]
