"""The notices, for everybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import url_for

from marketplace.base.context import Context
from marketplace.base.text import N_, Text
from marketplace.people.regions import queries as regions
from marketplace.procedure.publicity import queries
from marketplace.procedure.publicity.models import PublicNotice
from marketplace.procedure.publicity.states import NOTICE, RUNNING
from marketplace.web.listings import Choice, Column, Day, Listing, Sort, Words


@dataclass(frozen=True)
class Facts:
    """What a page of notices shows beside the notices."""

    places: Mapping[str, Text]
    today: date


def _cities(ctx: Context) -> dict[str, Text]:
    return {region.code: region.label for region in regions.cities(ctx)}


def _facts(ctx: Context, rows: list[PublicNotice]) -> Facts:
    found = regions.names(ctx, {notice.city for notice in rows})
    return Facts({code: region.label for code, region in found.items()}, ctx.today)


def _left(notice: PublicNotice, facts: Facts) -> Text | str | None:
    """How long objections are still taken."""
    if notice.state not in RUNNING or facts.today > notice.ends_on:
        return None
    if facts.today == notice.ends_on:
        return N_("今天 24 时截止")
    return Text(N_("还有 {days} 天"), {"days": (notice.ends_on - facts.today).days})


NOTICES = Listing(
    "publicity",
    N_("公示"),
    rows=queries.search,
    columns=[
        Column("title", N_("标题"), link=lambda notice: url_for("publicity.show", notice_id=notice.id)),
        Column("city", N_("发布地区"), "word", value=lambda n, facts: facts.places.get(n.city, n.city)),
        Column("starts_on", N_("发布日期"), "day"),
        Column("ends_on", N_("公示截止"), "day", under=_left),
        Column(
            "provisional",
            N_("截止日推算"),
            "tags",
            value=lambda notice, _: [(N_("暂定"), "warn")] if notice.provisional else [],
            hidden=True,
        ),
        Column("working_days", N_("公示期（工作日）"), "count", hidden=True),
        Column("clause", N_("依据"), "clause", hidden=True),
        Column("state", N_("状态"), "state", lifecycle="public_notice"),
    ],
    filters=[
        Choice("state", N_("状态"), options=NOTICE.labels, tabs=True),
        Words("words", N_("查找"), address="q", hint=N_("标题")),
        Choice("city", N_("发布地区"), options=_cities),
        Day("since", N_("发布日期自")),
        Day("until", N_("发布日期至")),
    ],
    sorts=[
        Sort("newest", N_("最新公示"), queries.NEWEST),
        Sort("oldest", N_("最早公示"), queries.OLDEST),
    ],
    prepare=_facts,
    empty=N_("没有符合条件的公示。"),
)
