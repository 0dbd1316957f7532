"""The public list of providers."""

from __future__ import annotations

from flask import url_for

from marketplace.base.context import Context
from marketplace.base.ids import spoken
from marketplace.base.text import N_, Text
from marketplace.people.organisations import industries
from marketplace.people.regions import queries as regions
from marketplace.shop.roster import queries
from marketplace.shop.roster.states import CLASS_LABELS, LIFECYCLE
from marketplace.web.i18n import language, say
from marketplace.web.listings import Choice, Column, Listing, Words


def city_names(ctx: Context) -> dict[str, Text]:
    """The cities by code."""
    return {region.code: region.label for region in regions.cities(ctx)}


def several_cities(ctx: Context) -> bool:
    """Whether this person looks after a whole province."""
    actor = ctx.actor
    return actor is not None and actor.region is not None and actor.region.endswith("0000") and actor.pilot_id is None


def divisions(ctx: Context) -> dict[str, str]:
    """The divisions of industry, with their codes."""
    return {code: f"{code} {industries.name_of(code, language())}" for code in industries.divisions()}


def _industries(item: queries.Listed) -> str:
    names = [industries.name_of(code, language()) for code in item.industries]
    return "; ".join(names) or say(N_("不限"))


ROSTER = Listing(
    "roster",
    N_("服务商名录"),
    rows=queries.search,
    columns=[
        Column("name", N_("单位名称"), link=lambda i: url_for("roster.certificate", number=i.entry.certificate_number)),
        Column("uscc", N_("统一社会信用代码"), "code", hidden=True),
        Column("entry.klass", N_("类别"), "word", value=lambda item, _: CLASS_LABELS[item.entry.klass]),
        Column("industries", N_("行业"), value=lambda item, _: _industries(item)),
        Column("entry.city", N_("所在市"), value=lambda item, cities: cities.get(item.entry.city, item.entry.city)),
        Column("certificate", N_("证书编号"), "code", lambda i, _: spoken(i.entry.certificate_number), hidden=True),
        Column("entry.valid_from", N_("有效期自"), "day", hidden=True),
        Column("entry.valid_until", N_("有效期至"), "day"),
        Column("entry.state", N_("状态"), "state", lifecycle="roster_entry"),
    ],
    filters=[
        Words("name", N_("单位名称")),
        Choice("klass", N_("类别"), address="class", options=CLASS_LABELS),
        Choice("industry", N_("行业"), options=divisions),
        Choice("city", N_("所在市"), options=city_names),
        Choice("state", N_("状态"), options=LIFECYCLE.labels, nothing=N_("有效名录")),
    ],
    prepare=lambda ctx, rows: city_names(ctx),
    empty=N_("没有符合条件的服务商。"),
)
