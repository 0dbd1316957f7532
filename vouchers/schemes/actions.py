"""Making a scheme: draft, publish, follow with a new version, close."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import func, select

from marketplace.base import money
from marketplace.base.context import Context
from marketplace.base.errors import NotFound, Refusal
from marketplace.base.text import N_
from marketplace.pilots.programmes import queries as pilots
from marketplace.record.audit import actions as audit
from marketplace.shop.catalogue import actions as catalogue
from marketplace.shop.catalogue.events import ProductListed
from marketplace.shop.catalogue.models import Listing
from marketplace.shop.catalogue.states import CostType, ListingState
from marketplace.shop.orders.states import Mode
from vouchers.schemes import permissions, queries, rules
from vouchers.schemes.events import SchemePublished
from vouchers.schemes.models import Scheme, SchemeVersion, SubsidyTrace
from vouchers.schemes.states import VERSION, Basis, OnShort, VersionState


@dataclass(frozen=True)
class TermsInput:
    """The terms of a version; amounts in fen, rate in ten-thousandths, days inclusive."""

    category: str
    mode: Mode
    basis: Basis
    rate_bps: int
    cap_voucher_fen: int
    cap_enterprise_year_fen: int | None
    cost_types: Sequence[str]
    on_short: OnShort
    use_by: date
    redeem_by: date


def draft_scheme(ctx: Context, *, pilot_id: uuid.UUID, code: str, name: str, terms: TermsInput) -> Scheme:
    """Begin a scheme of a running pilot with its first version as a draft."""
    pilot = pilots.require_running(ctx, pilot_id)
    ctx.require(permissions.MAKE, pilot)
    if ctx.session.scalar(select(Scheme.id).where(Scheme.pilot_id == pilot.id, Scheme.code == code)):
        raise Refusal("scheme.code_taken", N_("本试点已有代码为“{code}”的方案。"), field="code", code=code)
    scheme = ctx.add(Scheme(pilot_id=pilot.id, city=pilot.city, code=code, name=name))
    ctx.session.flush()
    audit.record(ctx, "scheme.drafted", scheme, code=code)
    draft_version(ctx, scheme.id, terms=terms)
    return scheme


def draft_version(ctx: Context, scheme_id: uuid.UUID, *, terms: TermsInput) -> SchemeVersion:
    """Write the next version of a scheme; earlier vouchers keep theirs. Category and cost types are checked (四(二))."""
    scheme = queries.get(ctx, scheme_id)
    ctx.require(permissions.MAKE, scheme)
    pilot = pilots.get(ctx, scheme.pilot_id)
    categories = pilots.book(ctx, pilot.id).types[pilot.type].categories
    rules.check_terms(
        category=terms.category,
        categories=list(categories),
        cost_types=terms.cost_types,
        known_cost_types=[c.value for c in CostType],
    )
    _check_days(ctx, pilot.id, terms)
    number = ctx.session.scalar(select(func.count()).where(SchemeVersion.scheme_id == scheme.id)) or 0
    values = asdict(terms) | {"cost_types": sorted(terms.cost_types)}
    version = ctx.add(
        SchemeVersion(
            scheme_id=scheme.id,
            pilot_id=scheme.pilot_id,
            city=scheme.city,
            number=number + 1,
            state=VersionState.DRAFT,
            **values,
        )
    )
    ctx.session.flush()
    audit.record(ctx, "scheme.version_drafted", version, **values)
    return version


def _check_days(ctx: Context, pilot_id: uuid.UUID, terms: TermsInput) -> None:
    _, last = pilots.period(ctx, pilot_id)
    if terms.use_by < ctx.today or terms.redeem_by < terms.use_by or (last is not None and terms.redeem_by > last):
        raise Refusal(
            "scheme.days",
            N_("使用截止日应不早于今天，兑付截止日不早于使用截止日且不晚于实施期最后一天 {last}。"),
            clause="四(一)",
            field="redeem_by",
            last=last,
        )


def publish_version(ctx: Context, version_id: uuid.UUID) -> SchemeVersion:
    """Freeze a version's terms and open it for issuing; an earlier published version of the scheme is closed."""
    version = ctx.session.get(SchemeVersion, version_id)
    scheme = queries.get(ctx, version.scheme_id) if version else None
    if version is None or scheme is None:
        raise NotFound("scheme_version")
    ctx.require(permissions.MAKE, scheme)
    for other in queries.versions(ctx, scheme):
        if other.state is VersionState.PUBLISHED and other.id != version.id:
            VERSION.move(other, "close")
    VERSION.move(version, "publish")
    version.published_at, version.published_by = ctx.now, ctx.who.person_id
    ctx.session.flush()
    audit.record(ctx, "scheme.published", version, number=version.number)
    ctx.announce(SchemePublished(version.id, scheme.id, scheme.pilot_id))
    _hint_city(ctx, version)
    return version


def keep_trace(
    ctx: Context, *, order_id: uuid.UUID, stage: str, version_id: uuid.UUID, trace: rules.Trace
) -> SubsidyTrace:
    """Keep how a subsidy was computed, for the order's page, the claim and the auditor."""
    return ctx.add(
        SubsidyTrace(
            order_id=order_id,
            stage=stage,
            version_id=version_id,
            steps=[step.kept() for step in trace.steps],
            amount_fen=trace.amount_fen,
        )
    )


def hint_listed(ctx: Context, fact: ProductListed) -> None:
    """A product was listed: show its lowest price after the best voucher of its city."""
    best = _best_terms(ctx, fact.city)
    if best is not None:
        catalogue.hint_price(ctx, fact.listing_id, _after(best, fact.price_from_fen))


def _hint_city(ctx: Context, version: SchemeVersion) -> None:
    best = _best_terms(ctx, version.city)
    listed = ctx.session.execute(
        select(Listing.id, Listing.price_from_fen).where(
            Listing.city == version.city, Listing.state == ListingState.LISTED
        )
    ).all()
    if best is not None:
        for listing_id, price in listed:
            catalogue.hint_price(ctx, listing_id, _after(best, price))


def _best_terms(ctx: Context, city: str) -> SchemeVersion | None:
    return ctx.session.scalars(
        select(SchemeVersion)
        .where(SchemeVersion.city == city, SchemeVersion.state == VersionState.PUBLISHED)
        .order_by(SchemeVersion.rate_bps.desc(), SchemeVersion.cap_voucher_fen.desc(), SchemeVersion.id)
        .limit(1)
    ).one_or_none()


def _after(terms: SchemeVersion, price_fen: int) -> int:
    return price_fen - min(money.share(price_fen, terms.rate_bps), terms.cap_voucher_fen)
