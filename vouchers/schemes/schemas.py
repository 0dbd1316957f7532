"""Shapes of schemes and their terms for pages and API."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from marshmallow import Schema, fields, post_load, validate

from marketplace.base import money
from marketplace.shop.catalogue.states import CostType
from marketplace.shop.orders.states import Mode
from marketplace.web.fields import Amounts, Exact, Member, Moment, Money, Several
from marketplace.web.rest import ListArgs, Shape
from vouchers.schemes.actions import TermsInput
from vouchers.schemes.models import SchemeVersion
from vouchers.schemes.rules import MAX_DAYS, MOST_FACES, percent
from vouchers.schemes.states import Basis, OnShort, VersionState

_COST_TYPES = [c.value for c in CostType]
_CODE = validate.Regexp(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,29}$")
_DAYS = validate.Range(min=1, max=MAX_DAYS)
_FACES = Several(max=MOST_FACES)
_NAME = validate.Length(min=1, max=100)


class SchemeTermsShape(Shape):
    """The terms of a version: rate in ten-thousandths, caps in yuan, days inclusive."""

    category = fields.String(required=True, validate=validate.Length(min=1, max=40))
    mode = Member(Mode, required=True)
    basis = Member(Basis, required=True)
    rate_bps = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=10_000))
    cap_voucher = Money(attribute="cap_voucher_fen", required=True)
    cap_enterprise_year = Money(attribute="cap_enterprise_year_fen", load_default=None, allow_none=True)
    cap_order = Money(attribute="cap_order_fen", load_default=None, allow_none=True)
    cap_provider_year = Money(attribute="cap_provider_year_fen", load_default=None, allow_none=True)
    cap_scheme = Money(attribute="cap_scheme_fen", load_default=None, allow_none=True)
    min_use_bps = fields.Integer(
        strict=True, load_default=None, allow_none=True, validate=validate.Range(min=1, max=10_000)
    )
    use_days = fields.Integer(strict=True, load_default=None, allow_none=True, validate=_DAYS)
    redeem_days = fields.Integer(strict=True, load_default=None, allow_none=True, validate=_DAYS)
    faces = fields.List(Money(), attribute="faces_fen", load_default=None, allow_none=True, validate=_FACES)
    automatic = Money(attribute="automatic_fen", load_default=None, allow_none=True)
    cost_types = fields.List(
        fields.String(validate=validate.OneOf(_COST_TYPES)), required=True, validate=validate.Length(min=1)
    )
    on_short = Member(OnShort, required=True)
    use_by = fields.Date(required=True)
    redeem_by = fields.Date(required=True)

    @post_load
    def typed(self, data: dict[str, Any], **kwargs: Any) -> TermsInput:
        return TermsInput(**data)


class NewSchemeSchema(Shape):
    """A scheme with its first terms."""

    pilot_id = fields.UUID(required=True)
    code = fields.String(required=True, validate=_CODE)
    name = fields.String(required=True, validate=_NAME)
    terms = fields.Nested(SchemeTermsShape, required=True)


class SchemeVersionSchema(Shape):
    """A version of a scheme with its terms."""

    id = fields.UUID()
    scheme_id = fields.UUID()
    number = fields.Integer()
    state = Member(VersionState)
    terms = fields.Method("dump_terms", metadata={"type": "object"})
    published_at = Moment(allow_none=True)

    def dump_terms(self, version: SchemeVersion) -> Any:
        return SchemeTermsShape().dump(version)


class SchemeSchema(Shape):
    """A scheme as lists show it."""

    id = fields.UUID()
    pilot_id = fields.UUID()
    city = fields.String()
    code = fields.String()
    name = fields.String()
    created_at = Moment()


class WholeSchemeSchema(Shape):
    """A scheme with its versions, latest first."""

    scheme = fields.Nested(SchemeSchema)
    versions = fields.List(fields.Nested(SchemeVersionSchema))


class SchemeArgs(ListArgs):
    """Schemes of a pilot."""

    pilot_id = fields.UUID(load_default=None)


class TermsForm(Schema):
    """The terms as a form: the rate in percent."""

    category = fields.String(required=True)
    mode = Member(Mode, required=True)
    basis = Member(Basis, required=True)
    rate = Exact(places=2, required=True, validate=validate.Range(max=100))
    cap_voucher = Money(required=True)
    cap_enterprise_year = Money(load_default=None)
    cap_order = Money(load_default=None)
    cap_provider_year = Money(load_default=None)
    cap_scheme = Money(load_default=None)
    min_use = Exact(places=2, load_default=None, validate=validate.Range(max=100))
    use_days = fields.Integer(load_default=None, validate=_DAYS)
    redeem_days = fields.Integer(load_default=None, validate=_DAYS)
    faces = Amounts(load_default=None)
    automatic = Money(load_default=None)
    cost_types = fields.List(fields.String(validate=validate.OneOf(_COST_TYPES)), load_default=list)
    on_short = Member(OnShort, required=True)
    use_by = fields.Date(required=True)
    redeem_by = fields.Date(required=True)


class NewSchemeForm(TermsForm):
    """A scheme with its first terms as a form."""

    code = fields.String(required=True, validate=_CODE)
    name = fields.String(required=True, validate=_NAME)


def terms_of(data: dict[str, Any]) -> TermsInput:
    """The terms that a form gave."""
    names = ("category", "mode", "basis", "cost_types", "on_short", "use_by", "redeem_by")
    return TermsInput(
        **{name: data[name] for name in names},
        rate_bps=int(data["rate"] * Decimal(100)),
        cap_voucher_fen=data["cap_voucher"],
        cap_enterprise_year_fen=data["cap_enterprise_year"],
        cap_order_fen=data["cap_order"],
        cap_provider_year_fen=data["cap_provider_year"],
        cap_scheme_fen=data["cap_scheme"],
        min_use_bps=None if data["min_use"] is None else int(data["min_use"] * Decimal(100)),
        use_days=data["use_days"],
        redeem_days=data["redeem_days"],
        faces_fen=data["faces"],
        automatic_fen=data["automatic"],
    )


def form_values(version: SchemeVersion) -> dict[str, Any]:
    """The terms of a version as the form shows them."""
    names = ("category", "mode", "basis", "cost_types", "on_short")
    return {
        **{name: getattr(version, name) for name in names},
        "rate": percent(version.rate_bps),
        "cap_voucher": money.plain(version.cap_voucher_fen),
        **{
            name: "" if (fen := getattr(version, f"{name}_fen")) is None else money.plain(fen)
            for name in ("cap_enterprise_year", "cap_order", "cap_provider_year", "cap_scheme", "automatic")
        },
        "min_use": "" if version.min_use_bps is None else percent(version.min_use_bps),
        **{name: getattr(version, name) or "" for name in ("use_days", "redeem_days")},
        "faces": "、".join(money.plain(face) for face in version.faces_fen or ()),
        "use_by": version.use_by.isoformat(),
        "redeem_by": version.redeem_by.isoformat(),
    }
