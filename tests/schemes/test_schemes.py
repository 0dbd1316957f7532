"""Making a scheme: drafts, publication, what never changes, who may, and the price hint of the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from marketplace.base.clock import SetClock
from marketplace.base.errors import Forbidden, NotFound, Refusal
from marketplace.shop.catalogue.models import Listing
from marketplace.shop.orders.states import Mode
from tests.support.people import OTHER_COUNTY, make_actor
from tests.support.shop import Town, list_product
from vouchers.schemes import actions, queries
from vouchers.schemes.actions import TermsInput
from vouchers.schemes.models import Scheme, SchemeVersion
from vouchers.schemes.states import Basis, OnShort, VersionState


@pytest.fixture
def terms(today: date) -> TermsInput:
    return TermsInput(
        category="renovation",
        mode=Mode.DIRECT,
        basis=Basis.NET,
        rate_bps=4000,
        cap_voucher_fen=5_000_000,
        cap_enterprise_year_fen=None,
        cost_types=["software", "cloud"],
        on_short=OnShort.PARTIAL,
        use_by=today + timedelta(days=180),
        redeem_by=today + timedelta(days=365),
    )


def draft(town: Town, terms: TermsInput, code: str = "RENO-1", actor: Any = None) -> Scheme:
    found: Scheme = town.act(
        lambda ctx: actions.draft_scheme(ctx, pilot_id=town.pilot.id, code=code, name="改造券", terms=terms),
        actor or town.office,
    )
    return found


def versions(town: Town, scheme: Scheme) -> list[SchemeVersion]:
    return list(town.act(lambda ctx: queries.versions(ctx, scheme), town.office))


def publish(town: Town, terms: TermsInput, code: str = "RENO-1") -> SchemeVersion:
    scheme = draft(town, terms, code)
    version = versions(town, scheme)[0]
    found: SchemeVersion = town.act(lambda ctx: actions.publish_version(ctx, version.id), town.office)
    return found


def refused(call: Callable[[], Any]) -> Refusal:
    with pytest.raises(Refusal) as fault:
        call()
    return fault.value


def test_a_draft_is_seen_where_it_is_made_and_published_for_all(town: Town, terms: TermsInput) -> None:
    scheme = draft(town, terms)
    assert town.act(lambda ctx: queries.get(ctx, scheme.id), town.city).id == scheme.id
    with pytest.raises(NotFound):
        town.act(lambda ctx: queries.get(ctx, scheme.id), town.enterprise)
    version = versions(town, scheme)[0]
    town.act(lambda ctx: actions.publish_version(ctx, version.id), town.office)
    assert town.act(lambda ctx: queries.get(ctx, scheme.id), town.enterprise).id == scheme.id


@pytest.mark.parametrize(
    ("changes", "code", "clause"),
    [
        ({"category": "network"}, "category.not_for_pilot_type", "四(二)"),
        ({"category": "welfare"}, "category.not_for_pilot_type", "四(二)"),
        ({"cost_types": []}, "scheme.cost_types", None),
        ({"cost_types": ["gold"]}, "scheme.cost_types", None),
        ({"rate_bps": 0}, "scheme.rate", None),
        ({"rate_bps": 10_001}, "scheme.rate", None),
        ({"cap_voucher_fen": 0}, "scheme.cap", None),
        ({"cap_enterprise_year_fen": 0}, "scheme.cap", None),
        ({"use_by": -1}, "scheme.days", "四(一)"),
        ({"redeem_by": 179}, "scheme.days", "四(一)"),
        ({"redeem_by": 701}, "scheme.days", "四(一)"),
    ],
)
def test_terms_that_are_refused(
    town: Town, terms: TermsInput, today: date, changes: dict[str, Any], code: str, clause: str | None
) -> None:
    typed = {k: today + timedelta(days=v) if k in ("use_by", "redeem_by") else v for k, v in changes.items()}
    fault = refused(lambda: draft(town, replace(terms, **typed)))
    assert (fault.code, fault.clause) == (code, clause)
    counted = town.act(
        lambda ctx: [ctx.session.scalar(select(func.count()).select_from(t)) for t in (Scheme, SchemeVersion)]
    )
    assert counted == [0, 0]


def test_the_last_day_of_the_period_is_inside(town: Town, terms: TermsInput, today: date) -> None:
    last = today + timedelta(days=700)
    assert publish(town, replace(terms, use_by=last, redeem_by=last)).redeem_by == last


def test_one_code_once_in_a_pilot(town: Town, terms: TermsInput) -> None:
    draft(town, terms)
    assert refused(lambda: draft(town, terms)).code == "scheme.code_taken"


def test_a_published_version_never_changes(town: Town, terms: TermsInput) -> None:
    version = publish(town, terms)
    fault = refused(
        lambda: town.act(
            lambda ctx: actions.edit_version(ctx, version.id, terms=replace(terms, rate_bps=5000)), town.office
        )
    )
    assert fault.code == "scheme.published"
    again = refused(lambda: town.act(lambda ctx: actions.publish_version(ctx, version.id), town.office))
    assert again.code == "state.not_allowed"
    assert town.act(lambda ctx: ctx.session.scalar(select(SchemeVersion.rate_bps))) == 4000


def test_a_new_version_closes_the_one_before(town: Town, terms: TermsInput) -> None:
    first = publish(town, terms)
    second = town.act(
        lambda ctx: actions.draft_version(ctx, first.scheme_id, terms=replace(terms, rate_bps=3000)), town.office
    )
    assert (
        refused(
            lambda: town.act(lambda ctx: actions.draft_version(ctx, first.scheme_id, terms=terms), town.office)
        ).code
        == "scheme.draft_open"
    )
    town.act(lambda ctx: actions.edit_version(ctx, second.id, terms=replace(terms, rate_bps=2500)), town.office)
    town.act(lambda ctx: actions.publish_version(ctx, second.id), town.office)
    wanted = select(SchemeVersion.number, SchemeVersion.state, SchemeVersion.rate_bps).order_by(SchemeVersion.number)
    found = town.act(lambda ctx: [tuple(row) for row in ctx.session.execute(wanted)])
    assert found == [(1, VersionState.CLOSED, 4000), (2, VersionState.PUBLISHED, 2500)]
    fault = refused(lambda: town.act(lambda ctx: queries.open_version(ctx, first.id), town.office))
    assert fault.code == "scheme.not_open"


def test_days_are_checked_again_at_publication(town: Town, terms: TermsInput, clock: SetClock) -> None:
    scheme = draft(town, terms)
    version = versions(town, scheme)[0]
    clock.advance(days=181)
    fault = refused(lambda: town.act(lambda ctx: actions.publish_version(ctx, version.id), town.office))
    assert (fault.code, fault.clause) == ("scheme.days", "四(一)")


def test_only_the_pilots_own_office_makes_schemes(town: Town, terms: TermsInput) -> None:
    stranger, _ = make_actor(town.act, "pilot", region=OTHER_COUNTY)
    with pytest.raises(Forbidden):
        draft(town, terms, actor=stranger)
    with pytest.raises(Forbidden):
        draft(town, terms, actor=town.city)
    scheme = draft(town, terms)
    version = versions(town, scheme)[0]
    for verb in (
        lambda ctx: actions.publish_version(ctx, version.id),
        lambda ctx: actions.edit_version(ctx, version.id, terms=terms),
        lambda ctx: actions.draft_version(ctx, scheme.id, terms=terms),
    ):
        with pytest.raises(NotFound):
            town.act(verb, stranger)
    town.act(lambda ctx: actions.publish_version(ctx, version.id), town.office)
    with pytest.raises(Forbidden):
        town.act(lambda ctx: actions.close_version(ctx, version.id), stranger)


def hint(town: Town, listing: Listing) -> int | None:
    found: int | None = town.act(
        lambda ctx: ctx.session.scalar(select(Listing.hint_fen).where(Listing.id == listing.id))
    )
    return found


def test_the_catalogue_shows_the_price_after_the_voucher(town: Town, terms: TermsInput, clock: SetClock) -> None:
    early = list_product(town)
    assert hint(town, early) is None
    version = publish(town, terms)
    assert hint(town, early) == 1_008_000, "the gateway at 2,000.00 is hardware, which no voucher pays"
    late = list_product(town, name="第二个产品")
    assert hint(town, late) == 1_008_000
    clock.set(clock.now().replace(year=clock.now().year + 1))
    town.act(lambda ctx: actions.renew_hints(ctx))
    assert hint(town, early) is None and hint(town, late) is None
    assert version.use_by < clock.now().date()


def test_closing_takes_the_hint_back(town: Town, terms: TermsInput) -> None:
    listing = list_product(town)
    version = publish(town, terms)
    town.act(lambda ctx: actions.close_version(ctx, version.id), town.office)
    assert hint(town, listing) is None


def test_another_category_gives_no_hint(town: Town, terms: TermsInput) -> None:
    listing = list_product(town, categories={"county": "saas"})
    publish(town, terms)
    assert hint(town, listing) is None
