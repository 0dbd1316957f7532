"""Making a scheme: draft, publish, follow with a new version, close."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from marketplace.base.context import Context
from marketplace.base.errors import NotFound, Refusal
from marketplace.base.text import N_
from marketplace.pilots.programmes import queries as pilots
from marketplace.pilots.programmes.rules import judged as judged_pilot
from marketplace.policy.engine.limits import of_enterprise
from marketplace.record.audit import actions as audit
from marketplace.shop.catalogue import actions as catalogue
from marketplace.shop.catalogue.events import ProductListed
from marketplace.shop.catalogue.models import Listing, Package
from marketplace.shop.catalogue.states import CostType, ListingState
from marketplace.shop.orders.states import Mode
from vouchers.schemes import permissions, queries, rules
from vouchers.schemes.events import SchemePublished
from vouchers.schemes.models import Scheme, SchemeVersion, SubsidyTrace
from vouchers.schemes.states import VERSION, Basis, OnShort, VersionState


@dataclass(frozen=True)
class TermsInput:
    """The terms of a version; amounts in fen, shares in ten-thousandths, days inclusive. None: without that limit."""

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
    cap_order_fen: int | None = None
    cap_provider_year_fen: int | None = None
    cap_scheme_fen: int | None = None
    min_use_bps: int | None = None
    use_days: int | None = None
    redeem_days: int | None = None
    faces_fen: Sequence[int] | None = None
    automatic_fen: int | None = None


def draft_scheme(ctx: Context, *, pilot_id: uuid.UUID, code: str, name: str, terms: TermsInput) -> Scheme:
    """Begin a scheme of a running pilot with its first version as a draft."""
    pilot = pilots.require_running(ctx, pilot_id)
    ctx.require(permissions.MAKE, pilot)
    if ctx.session.scalar(select(Scheme.id).where(Scheme.pilot_id == pilot.id, Scheme.code == code)):
        raise Refusal("scheme.code_taken", N_("本试点已有代码为“{taken}”的方案。"), field="code", taken=code)
    scheme = ctx.add(Scheme(pilot_id=pilot.id, city=pilot.city, code=code, name=name))
    ctx.session.flush()
    audit.record(ctx, "scheme.drafted", scheme, code=code)
    draft_version(ctx, scheme.id, terms=terms)
    return scheme


def draft_version(ctx: Context, scheme_id: uuid.UUID, *, terms: TermsInput) -> SchemeVersion:
    """Write the next version of a scheme; earlier vouchers keep theirs. Its category is one of the book's (四(二))."""
    scheme = queries.lock(ctx, scheme_id)
    ctx.require(permissions.MAKE, scheme)
    earlier = queries.versions(ctx, scheme)
    if any(version.state is VersionState.DRAFT for version in earlier):
        raise Refusal("scheme.draft_open", N_("该方案已有一个草稿版本，请先修改并发布它。"))
    values = _checked(ctx, scheme, terms)
    version = ctx.add(
        SchemeVersion(
            scheme_id=scheme.id,
            pilot_id=scheme.pilot_id,
            city=scheme.city,
            number=len(earlier) + 1,
            state=VersionState.DRAFT,
            **values,
        )
    )
    ctx.session.flush()
    audit.record(ctx, "scheme.version_drafted", version, **values)
    return version


def edit_version(ctx: Context, version_id: uuid.UUID, *, terms: TermsInput) -> SchemeVersion:
    """Rewrite the terms of a draft; a published version never changes."""
    version, scheme = _locked(ctx, version_id)
    ctx.require(permissions.MAKE, scheme)
    if version.state is not VersionState.DRAFT:
        raise Refusal("scheme.published", N_("该版本已发布，条款不可更改；请另拟新版本。"))
    values = _checked(ctx, scheme, terms)
    for name, value in values.items():
        setattr(version, name, value)
    ctx.session.flush()
    audit.record(ctx, "scheme.version_edited", version, **values)
    return version


def _locked(ctx: Context, version_id: uuid.UUID) -> tuple[SchemeVersion, Scheme]:
    """A version and its scheme, the scheme held until the end of the act."""
    scheme_id = ctx.session.scalar(select(SchemeVersion.scheme_id).where(SchemeVersion.id == version_id))
    if scheme_id is None:
        raise NotFound("scheme_version")
    scheme = queries.lock(ctx, scheme_id)
    version = ctx.session.get_one(SchemeVersion, version_id, populate_existing=True)
    if version.state is VersionState.DRAFT and not ctx.may(permissions.READ, scheme):
        raise NotFound("scheme_version")
    return version, scheme


def _checked(ctx: Context, scheme: Scheme, terms: TermsInput) -> dict[str, Any]:
    """The terms as columns, after category, cost types, amounts, the book's limits and days were checked."""
    pilot, batch = pilots.with_batch(ctx, scheme.pilot_id)
    book = pilots.book(ctx, pilot.id)
    rules.check_terms(
        category=terms.category,
        categories={c.code: c.name_zh for c in book.types[pilot.type].categories.values()},
        cost_types=terms.cost_types,
        known_cost_types=[c.value for c in CostType],
    )
    others = [terms.cap_order_fen, terms.cap_enterprise_year_fen, terms.cap_provider_year_fen, terms.cap_scheme_fen]
    rules.check_amounts(rate_bps=terms.rate_bps, caps_fen=[terms.cap_voucher_fen, *others])
    rules.check_faces(terms.faces_fen, automatic_fen=terms.automatic_fen, cap_voucher_fen=terms.cap_voucher_fen)
    rules.check_days_and_use(use_days=terms.use_days, redeem_days=terms.redeem_days, min_use_bps=terms.min_use_bps)
    judged = judged_pilot(pilot, batch, award=0, received=0, as_of=ctx.today)
    caps = {"cap_voucher": terms.cap_voucher_fen, "cap_enterprise_year": terms.cap_enterprise_year_fen}
    rules.check_book(of_enterprise(book, judged), rate_bps=terms.rate_bps, caps_fen=caps)
    _check_days(ctx, scheme.pilot_id, terms)
    faces = sorted(set(terms.faces_fen)) if terms.faces_fen else None
    return asdict(terms) | {"cost_types": sorted(set(terms.cost_types)), "faces_fen": faces}


def _check_days(ctx: Context, pilot_id: uuid.UUID, terms: TermsInput | SchemeVersion) -> None:
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
    version, scheme = _locked(ctx, version_id)
    ctx.require(permissions.MAKE, scheme)
    if version.state is VersionState.DRAFT:
        _check_days(ctx, scheme.pilot_id, version)
        for other in queries.versions(ctx, scheme):
            if other.state is VersionState.PUBLISHED:
                VERSION.move(other, "close")
        ctx.session.flush()
    VERSION.move(version, "publish")
    version.published_at, version.published_by = ctx.now, ctx.who.person_id
    ctx.session.flush()
    audit.record(ctx, "scheme.published", version, number=version.number)
    ctx.announce(SchemePublished(version.id, scheme.id, scheme.pilot_id))
    _hint(ctx, city=version.city)
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
            steps=trace.kept,
            amount_fen=trace.amount_fen,
        )
    )


def close_version(ctx: Context, version_id: uuid.UUID) -> SchemeVersion:
    """Stop issuing under a version; vouchers that were issued keep it."""
    version, scheme = _locked(ctx, version_id)
    ctx.require(permissions.MAKE, scheme)
    VERSION.move(version, "close")
    ctx.session.flush()
    audit.record(ctx, "scheme.closed", version, number=version.number)
    _hint(ctx, city=version.city)
    return version


def hint_listed(ctx: Context, fact: ProductListed) -> None:
    """A product was listed: show its lowest price after the best voucher of its city."""
    _hint(ctx, city=fact.city, listing_id=fact.listing_id)


def renew_hints(ctx: Context) -> str:
    """Compute every hint again: terms whose last day has passed promise nothing. Job ``schemes.hints``."""
    cities = ctx.session.scalars(select(Listing.city).where(Listing.state == ListingState.LISTED).distinct()).all()
    return f"{sum(_hint(ctx, city=city) for city in cities)} listings"


def _hint(ctx: Context, *, city: str, listing_id: uuid.UUID | None = None) -> int:
    """Write the lowest price after a voucher beside the listings of a city, or beside one of them."""
    offers = queries.open_offers(ctx, city)
    wanted = (
        select(Listing.id, Listing.categories, Package.cost_type, Package.price_fen)
        .join(Package, Package.edition_id == Listing.edition_id)
        .where(Listing.city == city, Listing.state == ListingState.LISTED)
    )
    if listing_id is not None:
        wanted = wanted.where(Listing.id == listing_id)
    prices: dict[uuid.UUID, int | None] = {}
    for found_id, categories, cost_type, price in ctx.session.execute(wanted):
        after = rules.lowest_after(price, cost_type, categories, offers, ctx.today)
        known = prices.get(found_id)
        prices[found_id] = after if known is None or (after is not None and after < known) else known
    catalogue.hint_prices(ctx, prices)
    return len(prices)
