"""Offering, reviewing, finding: who may, what is refused and by which clause, and that editions stay as they are."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from marketplace.base.errors import Forbidden, Invalid, NotFound, Refusal
from marketplace.record.notices.models import Notice
from marketplace.shop.catalogue import actions, queries
from marketplace.shop.catalogue.models import Edition, Listing, ListingFacet, ListingWord, Product
from marketplace.shop.catalogue.states import ListingState
from marketplace.shop.roster.models import RosterEntry
from marketplace.shop.roster.states import RosterState
from tests.support.people import OTHER_CITY, OTHER_COUNTY, make_actor
from tests.support.shop import CATEGORIES, Town, build_town, content, list_product, packages_of, publish


def test_a_product_goes_from_draft_to_the_public_list(town: Town) -> None:
    listing = list_product(town)
    assert listing.state is ListingState.LISTED
    assert (listing.price_from_fen, listing.categories) == (200_000, CATEGORIES)
    page = town.act(lambda ctx: queries.browse(ctx))
    assert [found.id for found in page.items] == [listing.id]
    told = town.act(lambda ctx: ctx.session.scalars(select(Notice.template)).all())
    assert "产品“{name}”已通过审核并上架。" in told


@pytest.mark.parametrize("field", [*actions.CONTENT, "packages"])
def test_a_draft_that_lacks_something_is_not_published(town: Town, field: str) -> None:
    empty: Any = {"scenarios": [], "industries": [], "packages": []}.get(field, None if field != "name" else "")
    product = town.act(lambda ctx: actions.draft_product(ctx, content=content(**{field: empty})), town.provider)
    with pytest.raises(Invalid) as fault:
        town.act(lambda ctx: actions.publish_edition(ctx, product.id), town.provider)
    assert fault.value.code == "product.incomplete" and field in fault.value.errors
    assert town.act(lambda ctx: ctx.session.scalar(select(func.count()).select_from(Edition))) == 0


def test_evidence_has_ten_characters(town: Town) -> None:
    for words, faulty in (("九个字还不够数的话", True), ("十个字就够了吧应该是", False)):
        assert ("fast" in actions.lint(content(fast=words))) is faulty


def test_the_same_content_is_not_published_twice(town: Town) -> None:
    product = publish(town)
    with pytest.raises(Refusal) as fault:
        town.act(lambda ctx: actions.publish_edition(ctx, product.id), town.provider)
    assert fault.value.code == "edition.unchanged"
    town.act(lambda ctx: actions.edit_product(ctx, product.id, content=content(delivery_days=13)), town.provider)
    assert town.act(lambda ctx: actions.publish_edition(ctx, product.id), town.provider).number == 2


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE edition SET name = 'x'",
        "DELETE FROM edition",
        "UPDATE package SET price_fen = 1",
        "DELETE FROM package",
        "INSERT OR REPLACE INTO package SELECT id, edition_id, position, name, unit, cost_type, 1, created_at "
        "FROM package LIMIT 1",
        "INSERT OR REPLACE INTO package SELECT 'another', edition_id, position, name, unit, cost_type, 1, created_at "
        "FROM package LIMIT 1",
    ],
)
def test_the_database_keeps_editions_and_prices(town: Town, sql: str) -> None:
    listing = list_product(town)
    with pytest.raises(DBAPIError, match="append-only"):
        town.act(lambda ctx: ctx.session.execute(text(sql)))
    assert [p.price_fen for p in packages_of(town, listing)] == [1_680_000, 200_000]


def test_editing_the_draft_leaves_the_listed_edition(town: Town) -> None:
    listing = list_product(town)
    changed = content(name="新名字", packages=[{"name": "贵", "unit": "年", "cost_type": "software", "price_fen": 9}])
    town.act(lambda ctx: actions.edit_product(ctx, listing.product_id, content=changed), town.provider)
    offer = town.act(lambda ctx: queries.offer(ctx, listing.id))
    assert offer.edition.name == "轻质检" and [p.price_fen for p in offer.packages] == [1_680_000, 200_000]


def test_a_newer_edition_takes_the_place_of_the_listed_one(town: Town) -> None:
    first = list_product(town)
    town.act(lambda ctx: actions.edit_product(ctx, first.product_id, content=content(name="轻质检二")), town.provider)
    town.act(lambda ctx: actions.publish_edition(ctx, first.product_id), town.provider)
    second = town.act(lambda ctx: actions.submit_listing(ctx, first.product_id, city=town.pilot.city), town.provider)
    town.act(
        lambda ctx: actions.review_listing(ctx, second.id, approve=True, reason="", categories=CATEGORIES), town.city
    )
    states = town.act(lambda ctx: {i: s for i, s in ctx.session.execute(select(Listing.id, Listing.state))})
    assert states == {first.id: ListingState.WITHDRAWN, second.id: ListingState.LISTED}
    assert [x.id for x in town.act(lambda ctx: queries.browse(ctx)).items] == [second.id]


def _set_standing(town: Town, state: RosterState) -> None:
    def verb(ctx: Any) -> None:
        for entry in ctx.session.scalars(select(RosterEntry)):
            entry.state, entry.state_reason, entry.state_clause = state, "投诉属实", "二(四)"

    town.act(verb)


def test_a_suspended_provider_lists_nothing_new(town: Town) -> None:
    product = publish(town)
    _set_standing(town, RosterState.SUSPENDED)
    with pytest.raises(Refusal) as fault:
        town.act(lambda ctx: actions.submit_listing(ctx, product.id, city=town.pilot.city), town.provider)
    assert (fault.value.code, fault.value.clause) == ("provider.suspended", "二(四)")
    assert town.act(lambda ctx: ctx.session.scalar(select(func.count()).select_from(Listing))) == 0


def test_only_providers_on_the_citys_list(town: Town) -> None:
    product = publish(town)
    with pytest.raises(Refusal) as fault:
        town.act(lambda ctx: actions.submit_listing(ctx, product.id, city=OTHER_CITY), town.provider)
    assert (fault.value.code, fault.value.clause) == ("provider.not_on_roster", "二(四)")


def test_a_review_is_of_this_city_and_names_a_category_of_the_book(town: Town, today: date) -> None:
    product = publish(town)
    listing = town.act(lambda ctx: actions.submit_listing(ctx, product.id, city=town.pilot.city), town.provider)

    def review(actor: Any, **more: Any) -> Any:
        values = {"approve": True, "reason": "", "categories": CATEGORIES, **more}
        return town.act(lambda ctx: actions.review_listing(ctx, listing.id, **values), actor)

    elsewhere, _ = make_actor(town.act, "city", region=OTHER_CITY)
    with pytest.raises(NotFound):
        review(elsewhere)
    with pytest.raises(Forbidden):
        review(town.provider)
    with pytest.raises(Invalid):
        review(town.city, categories={})
    with pytest.raises(Invalid):
        review(town.city, approve=False, reason="  ")
    for wrong in ({"county": "network"}, {"zone": "services"}, {"province": "renovation"}):
        with pytest.raises(Refusal) as fault:
            review(town.city, categories=wrong)
        assert (fault.value.code, fault.value.clause) == ("category.not_for_pilot_type", "四(二)")
    state = town.act(lambda ctx: ctx.session.scalar(select(Listing.state)))
    assert state is ListingState.SUBMITTED
    assert review(town.city, approve=False, reason="依据不足").state is ListingState.REJECTED
    with pytest.raises(Refusal) as again:
        review(town.city)
    assert again.value.code == "state.not_allowed"


def test_what_is_not_listed_is_nobodys_business(town: Town) -> None:
    product = publish(town)
    listing = town.act(lambda ctx: actions.submit_listing(ctx, product.id, city=town.pilot.city), town.provider)
    rival, _ = make_actor(town.act, "provider", region=OTHER_COUNTY)
    for stranger in (rival, town.enterprise):
        with pytest.raises(NotFound):
            town.act(lambda ctx: queries.get(ctx, listing.id), stranger)
    with pytest.raises(NotFound):
        town.act(lambda ctx: queries.product(ctx, product.id), rival)
    with pytest.raises(NotFound):
        town.act(lambda ctx: actions.edit_product(ctx, product.id, content=content(name="我的")), rival)
    assert town.act(lambda ctx: ctx.session.get(Product, product.id)).name == "轻质检"


def test_withdrawing_takes_a_product_out_of_search(town: Town) -> None:
    listing = list_product(town)
    with pytest.raises(Invalid):
        town.act(lambda ctx: actions.withdraw_listing(ctx, listing.id, reason=" "), town.provider)
    town.act(lambda ctx: actions.withdraw_listing(ctx, listing.id, reason="停止销售"), town.provider)
    assert town.act(lambda ctx: queries.browse(ctx, words="质检")).items == []
    left = town.act(
        lambda ctx: [ctx.session.scalar(select(func.count()).select_from(t)) for t in (ListingWord, ListingFacet)]
    )
    assert left == [0, 0]


@pytest.fixture
def shelf(town: Town) -> dict[str, uuid.UUID]:
    """Three products: inspection, tracing and a scheduler."""
    tracing = content(
        name="追溯云一物一码", summary="从炉号到成品的全程追溯，与质量检验联通。", scenarios=["12"], deployment="edge",
        industries=["C21"], cases="鹰潭铜材",
        packages=[{"name": "一次性", "unit": "套", "cost_type": "software", "price_fen": 5_800_000}],
    )  # fmt: skip
    planning = content(
        name="APS 排程助手", summary="按订单自动排产。", scenarios=["05"], industries=["C34"], cases="宜春齿轮",
        packages=[{"name": "年费", "unit": "年", "cost_type": "cloud", "price_fen": 990_000}],
    )  # fmt: skip
    return {
        "inspect": list_product(town).id,
        "trace": list_product(town, **tracing).id,
        "plan": list_product(town, **planning).id,
    }


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("质检", {"inspect"}),
        ("检验", {"inspect", "trace"}),
        ("检验 追溯", {"inspect", "trace"}),
        ("炉号 检验", {"trace"}),
        ("铜", {"trace"}),
        ("排", {"plan"}),
        ("aps", {"plan"}),
        ("ＡＰＳ", {"plan"}),
        ("检质", set()),
        ("没有这个", set()),
        ("%", {"inspect", "trace", "plan"}),
        ("", {"inspect", "trace", "plan"}),
    ],
)
def test_chinese_words_are_found(town: Town, shelf: dict[str, uuid.UUID], words: str, found: set[str]) -> None:
    names = {listing_id: name for name, listing_id in shelf.items()}
    page = town.act(lambda ctx: queries.browse(ctx, words=words))
    assert {names[x.id] for x in page.items} == found
    assert town.act(lambda ctx: queries.how_many(ctx, words=words)) == len(found)


def test_facets_count_what_was_found(town: Town, shelf: dict[str, uuid.UUID]) -> None:
    counts = town.act(lambda ctx: queries.facet_counts(ctx))
    assert counts["deployment"] == {"saas": 2, "edge": 1}
    assert counts["industry"] == {"C34": 2, "C21": 1, "C33": 1}
    narrowed = town.act(lambda ctx: queries.facet_counts(ctx, words="检验", facets={"deployment": "saas"}))
    assert narrowed["scenario"] == {"06": 1, "07": 1} and narrowed["deployment"] == {"saas": 1}


def test_cheapest_first_and_page_by_page(town: Town, shelf: dict[str, uuid.UUID]) -> None:
    prices, cursor = [], None
    while True:
        page = town.act(lambda ctx, at=cursor: queries.browse(ctx, cheapest=True, limit=1, cursor=at))
        prices += [x.price_from_fen for x in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert prices == [200_000, 990_000, 5_800_000]


def test_each_city_has_its_own_shelf(town: Town, app: Any, today: date) -> None:
    listing = list_product(town)
    other = build_town(app, today, city=OTHER_CITY, county=OTHER_COUNTY)
    there = list_product(other)
    for city, expected in ((town.pilot.city, listing.id), (OTHER_CITY, there.id)):
        assert [x.id for x in town.act(lambda ctx, at=city: queries.browse(ctx, city=at)).items] == [expected]
    waiting = town.act(lambda ctx: queries.listings(ctx).items, other.city)
    assert [x.id for x in waiting] == [there.id]
