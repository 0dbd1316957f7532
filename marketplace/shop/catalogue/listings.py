"""A provider's products, and what was submitted to the cities."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import url_for

from marketplace.base.context import Context
from marketplace.base.text import N_, Text
from marketplace.people.regions import queries as regions
from marketplace.shop.catalogue import actions, queries
from marketplace.shop.catalogue import models as rows
from marketplace.shop.catalogue.queries import Stage
from marketplace.shop.catalogue.states import LISTING, ListingState
from marketplace.shop.roster.listings import city_names, several_cities
from marketplace.web.i18n import language, say
from marketplace.web.listings import Choice, Column, Day, Listing, Sort, Words

STAGES = {Stage.LISTED: N_("已上架"), Stage.SUBMITTED: N_("待审核"), Stage.UNLISTED: N_("未上架")}


@dataclass(frozen=True)
class Facts:
    """Where the products of a page stand: their listings that count, and the names of the cities."""

    listed: Mapping[uuid.UUID, Sequence[rows.Listing]]
    cities: Mapping[str, Text]

    def of(self, product: rows.Product) -> Sequence[rows.Listing]:
        return self.listed.get(product.id, [])

    def standing(self, product: rows.Product) -> list[tuple[str, str]]:
        """The state of each listing with its tone."""
        found = [(LISTING.labels[x.state], LISTING.tones.get(x.state, "info")) for x in self.of(product)]
        return found or [(N_("尚未提交"), "quiet")]

    def places(self, product: rows.Product) -> str:
        codes = dict.fromkeys(x.city for x in self.of(product))
        return (", " if language() == "en" else "、").join(say(self.cities.get(code, code)) for code in codes)

    def next(self, product: rows.Product) -> str | None:
        """What the provider does next with it."""
        if actions.lint(product.draft):
            return N_("补全草稿")
        if not product.editions:
            return N_("发布第一版")
        waits_or_stands = any(x.state is not ListingState.REJECTED for x in self.of(product))
        return None if waits_or_stands else N_("提交上架")


def _cities(ctx: Context, found: Sequence[rows.Listing]) -> dict[str, Text]:
    return {code: place.label for code, place in regions.names(ctx, {x.city for x in found}).items()}


def _facts(ctx: Context, found: list[rows.Product]) -> Facts:
    listed = queries.listings_among(ctx, found)
    return Facts(listed, _cities(ctx, [x for several in listed.values() for x in several]))


def _product(product: rows.Product) -> str:
    return url_for("products.one", product_id=product.id)


PRODUCTS = Listing(
    "products",
    N_("我的产品"),
    rows=queries.products,
    columns=[
        Column("name", N_("产品"), link=_product),
        Column("editions", N_("已发布版本"), "count"),
        Column("standing", N_("上架情况"), "tags", value=lambda product, facts: facts.standing(product)),
        Column("places", N_("城市"), value=lambda product, facts: facts.places(product)),
        Column("created_at", N_("建立时间"), "moment"),
        Column("next", N_("下一步"), "word", value=lambda product, facts: facts.next(product), link=_product),
    ],
    filters=[
        Choice("stage", N_("上架情况"), options=STAGES, tabs=True),
        Words("words", N_("产品名称"), address="q"),
    ],
    prepare=_facts,
    empty=N_("没有符合条件的产品。"),
)

SUBMITTED = Listing(
    "submissions",
    N_("上架审核"),
    rows=queries.listings,
    columns=[
        Column("name", N_("产品"), link=lambda listing: url_for("listings.review", listing_id=listing.id)),
        Column("provider_name", N_("服务商")),
        Column("city", N_("城市"), value=lambda x, cities: cities.get(x.city, x.city), when=several_cities),
        Column("price_from_fen", N_("最低价"), "money"),
        Column("hint_fen", N_("用券后约"), "money", hidden=True),
        Column("created_at", N_("提交时间"), "moment"),
        Column("reviewed_at", N_("审核时间"), "moment", hidden=True),
        Column("reason", N_("意见"), "word", hidden=True),
        Column("state", N_("状态"), "state", lifecycle="listing"),
    ],
    filters=[
        Choice("state", N_("状态"), options=LISTING.labels, tabs=True, default=ListingState.SUBMITTED),
        Words("words", N_("查找"), address="q", hint=N_("产品或服务商名称")),
        Choice("city", N_("城市"), options=city_names, when=several_cities),
        Day("since", N_("提交日期自")),
        Day("until", N_("提交日期至")),
    ],
    sorts=[
        Sort("newest", N_("最新提交"), queries.NEWEST),
        Sort("oldest", N_("最早提交"), queries.OLDEST),
        Sort("cheapest", N_("价格从低到高"), queries.CHEAPEST),
    ],
    prepare=_cities,
    empty=N_("没有这类上架申请。"),
)
