"""Shapes of orders, contracts, deliveries and consents for pages and API."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from marketplace.base.text import N_
from marketplace.shop.catalogue.states import CostType
from marketplace.shop.orders.rules import MAX_MILESTONES, MAX_QUANTITY, LineInput, MilestoneInput
from marketplace.shop.orders.states import ConsentStep, Mode, OrderState
from marketplace.web.fields import Exact, Member, Moment, Money, Reason, Several, Upload
from marketplace.web.i18n import say
from marketplace.web.rest import ListArgs, Shape

MAX_LINES = 8
_REASON = validate.Length(min=1, max=1000)


class ChosenPackage(Shape):
    """A package in a quantity."""

    package_id = fields.UUID(required=True)
    quantity = fields.Integer(required=True, validate=validate.Range(min=1, max=MAX_QUANTITY))


class PlaceOrderSchema(Shape):
    """What to order, for which pilot, with which voucher."""

    listing_id = fields.UUID(required=True)
    pilot_id = fields.UUID(required=True)
    packages = fields.List(fields.Nested(ChosenPackage), required=True, validate=Several(min=1, max=50))
    voucher_id = fields.UUID(load_default=None, allow_none=True)
    mode = Member(Mode, load_default=Mode.DIRECT)
    reason = Reason()

    @post_load
    def pair(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        data["packages"] = [(chosen["package_id"], chosen["quantity"]) for chosen in data["packages"]]
        return data


class ReplaceOrderSchema(Shape):
    """What to order from another provider instead, and why."""

    listing_id = fields.UUID(required=True)
    packages = fields.List(fields.Nested(ChosenPackage), required=True, validate=Several(min=1, max=50))
    reason = fields.String(required=True, validate=_REASON)

    @post_load
    def pair(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        data["packages"] = [(chosen["package_id"], chosen["quantity"]) for chosen in data["packages"]]
        return data


class OrderContractLineShape(Shape):
    """A contract line: exact quantity and unit price (yuan, tax included), gross and tax in yuan with two places."""

    name = fields.String(required=True, validate=validate.Length(min=1, max=200))
    cost_type = Member(CostType, required=True)
    quantity = Exact(required=True)
    unit_price = Exact(required=True)
    gross = Money(attribute="gross_fen", required=True)
    tax = Money(attribute="tax_fen", required=True, positive=False)
    net = Money(attribute="net_fen", dump_only=True)


class AgreedMilestoneShape(Shape):
    """A stage of the work: its name, and its share of the contract in yuan, tax included."""

    name = fields.String(required=True, validate=validate.Length(min=1, max=200))
    gross = Money(attribute="gross_fen", required=True)


class OrderContractSchema(Shape):
    """A signed contract to file; its document was uploaded before. With two or more milestones, which add up to the
    contract, the order is delivered, confirmed and redeemed stage by stage."""

    number = fields.String(required=True, validate=validate.Length(min=1, max=100))
    signed_on = fields.Date(required=True)
    document_id = fields.UUID(required=True)
    lines = fields.List(
        fields.Nested(OrderContractLineShape), required=True, validate=validate.Length(min=1, max=MAX_LINES)
    )
    milestones = fields.List(
        fields.Nested(AgreedMilestoneShape), load_default=[], validate=validate.Length(max=MAX_MILESTONES)
    )

    @post_load
    def typed(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        data["lines"] = [LineInput(**line) for line in data["lines"]]
        data["milestones"] = [MilestoneInput(**milestone) for milestone in data["milestones"]]
        return data


class OrderDeliverySchema(Shape):
    """What was handed over."""

    text = fields.String(required=True, validate=validate.Length(min=1, max=4000))
    document_id = fields.UUID(load_default=None, allow_none=True)


class OrderReasonSchema(Shape):
    """Why."""

    reason = fields.String(required=True, validate=_REASON)


class OrderRulingSchema(Shape):
    """How a dispute ends, and why."""

    upheld = fields.Boolean(required=True)
    reason = fields.String(required=True, validate=_REASON)


class OrderArgs(ListArgs):
    """Orders by state, pilot or number."""

    state = Member(OrderState, load_default=None)
    pilot_id = fields.UUID(load_default=None)
    number = fields.String(load_default="", validate=validate.Length(max=40))


class OrderSchema(Shape):
    """An order as lists show it."""

    id = fields.UUID()
    number = fields.String()
    title = fields.String()
    state = Member(OrderState)
    enterprise_id = fields.UUID()
    provider_id = fields.UUID()
    pilot_id = fields.UUID()
    city = fields.String()
    listing_id = fields.UUID()
    edition_id = fields.UUID()
    category = fields.String()
    mode = Member(Mode)
    total = Money(attribute="total_fen")
    subsidy = Money(attribute="subsidy_fen")
    voucher_id = fields.UUID(allow_none=True)
    parts = fields.Integer()
    part = fields.Integer()
    due = Money(attribute="due_fen")
    note = fields.String()
    placed_at = Moment(attribute="created_at")
    delivered_at = Moment(allow_none=True)
    confirmed_at = Moment(allow_none=True)


class OrderLineSchema(Shape):
    package_id = fields.UUID()
    name = fields.String()
    cost_type = Member(CostType)
    quantity = fields.Integer()
    unit_price = Money(attribute="unit_price_fen")
    amount = Money(attribute="amount_fen")


class FiledContractSchema(Shape):
    id = fields.UUID()
    order_id = fields.UUID()
    number = fields.String()
    signed_on = fields.Date()
    document_id = fields.UUID()
    document_sha256 = fields.String()
    net = Money(attribute="net_fen")
    tax = Money(attribute="tax_fen")
    gross = Money(attribute="gross_fen")
    filed_at = Moment(attribute="created_at")


class OrderMilestoneSchema(Shape):
    position = fields.Integer()
    name = fields.String()
    gross = Money(attribute="gross_fen")
    subsidy = Money(attribute="subsidy_fen")
    confirmed_at = Moment(allow_none=True)
    way = fields.String(allow_none=True)


class DeliveredSchema(Shape):
    id = fields.UUID()
    text = fields.String()
    part = fields.Integer(allow_none=True)
    document_id = fields.UUID(allow_none=True)
    delivered_at = Moment(attribute="created_at")


class OrderConsentSchema(Shape):
    step = Member(ConsentStep)
    way = fields.String()
    given_at = Moment(attribute="created_at")


class WholeOrderSchema(Shape):
    """An order with everything that was filed to it."""

    order = fields.Nested(OrderSchema)
    lines = fields.List(fields.Nested(OrderLineSchema))
    contract = fields.Nested(FiledContractSchema, allow_none=True)
    contract_lines = fields.List(fields.Nested(OrderContractLineShape))
    milestones = fields.List(fields.Nested(OrderMilestoneSchema))
    deliveries = fields.List(fields.Nested(DeliveredSchema))
    consents = fields.List(fields.Nested(OrderConsentSchema))


def order_form(positions: list[int]) -> type[Schema]:
    """The order form: a quantity per package of the offer, a voucher or none, the pilot where there are several."""
    made: dict[str, Any] = {
        f"quantity{position}": fields.Integer(load_default=0, validate=validate.Range(min=0, max=MAX_QUANTITY))
        for position in positions
    }
    made["voucher_id"] = fields.UUID(load_default=None)
    made["pilot_id"] = fields.UUID(load_default=None)
    made["reason"] = Reason()
    made["once"] = fields.String(required=True, validate=validate.Length(min=8, max=64))
    return Schema.from_dict(made, name="OrderForm")


def replacement_form(positions: list[int]) -> type[Schema]:
    """A quantity per package of the other provider's offer, and why the first one is left."""
    made: dict[str, Any] = {
        f"quantity{position}": fields.Integer(load_default=0, validate=validate.Range(min=0, max=MAX_QUANTITY))
        for position in positions
    }
    made["why"] = fields.String(required=True, validate=_REASON)
    return Schema.from_dict(made, name="ReplacementForm")


def _rows() -> dict[str, Any]:
    """Rows of contract lines and of milestones as flat fields: ``line1_name`` … ``line8_tax``, ``stage1_name`` …"""
    made: dict[str, Any] = {}
    for number in range(1, MAX_LINES + 1):
        made[f"line{number}_name"] = fields.String(load_default="", validate=validate.Length(max=200))
        made[f"line{number}_cost_type"] = Member(CostType, load_default=None)
        made[f"line{number}_quantity"] = Exact(load_default=None)
        made[f"line{number}_unit_price"] = Exact(load_default=None)
        made[f"line{number}_gross"] = Money(load_default=None)
        made[f"line{number}_tax"] = Money(load_default=None, positive=False)
    for number in range(1, MAX_MILESTONES + 1):
        made[f"stage{number}_name"] = fields.String(load_default="", validate=validate.Length(max=200))
        made[f"stage{number}_gross"] = Money(load_default=None)
    return made


class _ContractForm(Schema):
    number = fields.String(required=True, validate=validate.Length(max=100))
    signed_on = fields.Date(required=True)
    document = Upload(required=True)

    @post_load
    def gather(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        names = ("name", "cost_type", "quantity", "unit_price", "gross", "tax")
        lines, faults = [], {}
        for number in range(1, MAX_LINES + 1):
            row = {name: data.pop(f"line{number}_{name}") for name in names}
            if all(value in (None, "") for value in row.values()):
                continue
            for name, value in row.items():
                if value in (None, ""):
                    faults[f"line{number}_{name}"] = [say(N_("请填完这一行明细，或把它清空。"))]
            if not faults:
                lines.append(
                    LineInput(
                        name=row["name"],
                        cost_type=row["cost_type"],
                        quantity=row["quantity"],
                        unit_price=row["unit_price"],
                        gross_fen=row["gross"],
                        tax_fen=row["tax"],
                    )
                )
        milestones = []
        for number in range(1, MAX_MILESTONES + 1):
            named, gross = data.pop(f"stage{number}_name"), data.pop(f"stage{number}_gross")
            if not named and gross is None:
                continue
            if not named or gross is None:
                faults[f"stage{number}_gross" if named else f"stage{number}_name"] = [
                    say(N_("请填完这一阶段，或把它清空。"))
                ]
            else:
                milestones.append(MilestoneInput(named, gross))
        if faults:
            raise ValidationError(faults)
        return {**data, "lines": lines, "milestones": milestones}


ContractForm = type("ContractForm", (_ContractForm,), {"__doc__": "A contract as a form.", **_rows()})


class DeliveryForm(Schema):
    """A delivery as a form."""

    text = fields.String(required=True, validate=validate.Length(max=4000))
    document = Upload(load_default=None)


class RulingForm(Schema):
    """A ruling as a form."""

    ruling = fields.String(required=True, validate=validate.OneOf(["uphold", "dismiss"]))
    reason = fields.String(required=True, validate=_REASON)
