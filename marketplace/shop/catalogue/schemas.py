"""Shapes of products, editions and listings for pages and API."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from marketplace.base import money
from marketplace.base.text import N_
from marketplace.people.organisations.industries import divisions
from marketplace.shop.catalogue.states import SCENARIOS, CostType, Deployment, ListingState
from marketplace.shop.roster.states import ServiceClass
from marketplace.web.fields import Member, Moment, Money, Several
from marketplace.web.i18n import say
from marketplace.web.rest import ListArgs, Shape

MAX_PACKAGES = 6
_TEXT, _LONG = validate.Length(max=1000), validate.Length(max=4000)


class PackageShape(Shape):
    """A price: what is bought, per which unit, which kind of cost."""

    name = fields.String(required=True, validate=validate.Length(min=1, max=100))
    unit = fields.String(required=True, validate=validate.Length(min=1, max=20))
    cost_type = Member(CostType, required=True)
    price = Money(attribute="price_fen", required=True)


class PricedPackageShape(PackageShape):
    """A price of a published edition, with the id that orders name."""

    id = fields.UUID(dump_only=True)


class ContentShape(Shape):
    """What an edition says of a product; a draft may still lack everything but the name."""

    name = fields.String(required=True, validate=validate.Length(min=1, max=100))
    klass = Member(ServiceClass, load_default=None)
    summary = fields.String(load_default="", validate=_TEXT)
    scenarios = fields.List(fields.String(validate=validate.OneOf(list(SCENARIOS))), load_default=list)
    industries = fields.List(fields.String(validate=validate.OneOf(list(divisions()))), load_default=list)
    deployment = Member(Deployment, load_default=None)
    delivery_days = fields.Integer(load_default=None, validate=validate.Range(min=1, max=730))
    small = fields.String(load_default="", validate=_TEXT)
    fast = fields.String(load_default="", validate=_TEXT)
    light = fields.String(load_default="", validate=_TEXT)
    precise = fields.String(load_default="", validate=_TEXT)
    cases = fields.String(load_default="", validate=_LONG)
    exit_terms = fields.String(load_default="", validate=_LONG)


class ProductDraftShape(ContentShape):
    """A draft with its prices."""

    packages = fields.List(fields.Nested(PackageShape), load_default=list, validate=Several(max=MAX_PACKAGES))


def _rows() -> dict[str, Any]:
    """Six rows of prices as flat fields of a form: ``package1_name`` … ``package6_price``."""
    made: dict[str, Any] = {}
    for number in range(1, MAX_PACKAGES + 1):
        made[f"package{number}_name"] = fields.String(load_default="", validate=validate.Length(max=100))
        made[f"package{number}_unit"] = fields.String(load_default="", validate=validate.Length(max=20))
        made[f"package{number}_cost_type"] = Member(CostType, load_default=None)
        made[f"package{number}_price"] = Money(load_default=None)
    return made


class _ProductForm(ContentShape):
    @post_load
    def gather(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        packages, faults = [], {}
        for number in range(1, MAX_PACKAGES + 1):
            row = {name: data.pop(f"package{number}_{name}") for name in ("name", "unit", "cost_type", "price")}
            if not any(row.values()):
                continue
            for name, value in row.items():
                if not value:
                    faults[f"package{number}_{name}"] = [say(N_("请填完这一行报价，或把它清空。"))]
            packages.append({**{k: row[k] for k in ("name", "unit", "cost_type")}, "price_fen": row["price"]})
        if faults:
            raise ValidationError(faults)
        return {"content": {**data, "packages": packages}}


ProductForm = type("ProductForm", (_ProductForm,), {"__doc__": "A draft as a form.", **_rows()})


def form_values(content: dict[str, Any]) -> dict[str, Any]:
    """A draft as the form shows it."""
    values = {k: v for k, v in content.items() if k != "packages"}
    for number, package in enumerate(content.get("packages", []), start=1):
        values |= {f"package{number}_{k}": package[k] for k in ("name", "unit", "cost_type")}
        values[f"package{number}_price"] = money.plain(package["price_fen"])
    return values


class ProductSchema(Shape):
    """A provider's product with the draft of its next edition."""

    id = fields.UUID()
    name = fields.String()
    editions = fields.Integer(metadata={"description": "how many were published"})
    draft = fields.Nested(ProductDraftShape)
    created_at = Moment()


class EditionSchema(ContentShape):
    """A published edition: it never changes."""

    id = fields.UUID()
    product_id = fields.UUID()
    number = fields.Integer()
    content_hash = fields.Function(lambda edition: edition.content_hash.hex())
    published_at = Moment(attribute="created_at")


class ListingSchema(Shape):
    """An edition in a city, with that city's review."""

    id = fields.UUID()
    product_id = fields.UUID()
    edition_id = fields.UUID()
    provider_id = fields.UUID()
    provider_name = fields.String()
    city = fields.String()
    name = fields.String()
    state = Member(ListingState)
    price_from = Money(attribute="price_from_fen")
    price_after_voucher = Money(attribute="hint_fen", allow_none=True)
    categories = fields.Dict(keys=fields.String(), values=fields.String())
    reason = fields.String()
    reviewed_at = Moment(allow_none=True)
    created_at = Moment()


class CatalogueItemSchema(Shape):
    """A product on offer, as the public list shows it."""

    id = fields.UUID(metadata={"description": "the listing, which an order names"})
    edition_id = fields.UUID()
    provider_id = fields.UUID()
    provider_name = fields.String()
    city = fields.String()
    name = fields.String()
    price_from = Money(attribute="price_from_fen")
    price_after_voucher = Money(attribute="hint_fen", allow_none=True)
    categories = fields.Dict(keys=fields.String(), values=fields.String())
    listed_at = Moment(attribute="reviewed_at")


class OfferSchema(Shape):
    """A product on offer with its edition and its prices."""

    listing = fields.Nested(CatalogueItemSchema)
    edition = fields.Nested(EditionSchema)
    packages = fields.List(fields.Nested(PricedPackageShape))


class BrowseArgs(ListArgs):
    """The public catalogue: all words must occur, all facets must fit."""

    q = fields.String(load_default="", validate=validate.Length(max=100))
    city = fields.String(load_default=None)
    scenario = fields.String(load_default=None, validate=validate.OneOf(list(SCENARIOS)))
    industry = fields.String(load_default=None, validate=validate.OneOf(list(divisions())))
    deployment = fields.String(load_default=None, validate=validate.OneOf([d.value for d in Deployment]))
    klass = fields.String(load_default=None, validate=validate.OneOf([c.value for c in ServiceClass]))
    sort = fields.String(load_default="newest", validate=validate.OneOf(["newest", "cheapest"]))


class ListingArgs(ListArgs):
    """Listings by state."""

    state = Member(ListingState, load_default=None)


class ListingSubmissionSchema(Shape):
    """Ask a city to list the latest edition of a product."""

    product_id = fields.UUID(required=True)
    city = fields.String(required=True, validate=validate.Length(min=1, max=20))


class ListingReviewSchema(Shape):
    """List or reject: listing needs a subsidy category per pilot type, rejecting a reason."""

    approve = fields.Boolean(required=True)
    reason = fields.String(load_default="", validate=_TEXT)
    categories = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)


class ListingWithdrawalSchema(Shape):
    """Why."""

    reason = fields.String(required=True, validate=validate.Length(min=1, max=1000))


class SubmitForm(Schema):
    """Choosing the city."""

    city = fields.String(required=True)


def review_form(kinds: list[str]) -> type[Schema]:
    """The city's review as a form: one category per pilot type, each may stay empty."""
    made: dict[str, Any] = {f"category_{kind}": fields.String(load_default="") for kind in kinds}
    made["decision"] = fields.String(required=True, validate=validate.OneOf(["list", "reject"]))
    made["reason"] = fields.String(load_default="", validate=_TEXT)
    return Schema.from_dict(made, name="ListingReviewForm")
