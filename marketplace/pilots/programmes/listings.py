"""The programmes, and the pilots in them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import url_for

from marketplace.base.context import Context
from marketplace.base.paging import Key
from marketplace.base.text import N_, Text
from marketplace.people.regions import queries as regions
from marketplace.people.regions.models import Region
from marketplace.pilots.programmes import permissions, queries
from marketplace.pilots.programmes.models import Pilot, Programme
from marketplace.pilots.programmes.rules import named
from marketplace.pilots.programmes.states import PILOT
from marketplace.policy.books.model import Book
from marketplace.policy.editions import queries as editions
from marketplace.web.i18n import say
from marketplace.web.listings import Choice, Column, Listing, Sort


@dataclass(frozen=True)
class Known:
    """What a page of pilots needs besides: the places, and the rule books by edition."""

    places: Mapping[str, Region]
    books: Mapping[uuid.UUID, Book]

    def place(self, pilot: Pilot) -> str:
        return " ".join(say(self.places[code].label) for code in (pilot.city, pilot.region) if code in self.places)

    def klass(self, pilot: Pilot) -> Text:
        return named(self.books[pilot.edition_id].types[pilot.type].classes[pilot.klass])


def _known(ctx: Context, found: Sequence[Pilot]) -> Known:
    books = editions.books(ctx, {pilot.edition_id for pilot in found})
    return Known(regions.names(ctx, {p.city for p in found} | {p.region for p in found}), books)


def cities(ctx: Context) -> dict[str, Text]:
    """The cities by code."""
    return {region.code: region.label for region in regions.cities(ctx)}


def _officer(ctx: Context) -> bool:
    return ctx.actor is not None and ctx.house.matrix.within(permissions.READ, ctx.actor.role) is not None


PILOTS = Listing(
    "pilots",
    N_("试点"),
    statement=queries.search,
    columns=[
        Column("name", N_("试点"), link=lambda pilot: url_for("pilots.show", pilot_id=pilot.id)),
        Column("place", N_("地区"), value=lambda pilot, known: known.place(pilot)),
        Column("klass", N_("类别"), value=lambda pilot, known: known.klass(pilot)),
        Column("focus", N_("聚焦")),
        Column("target_enterprises", N_("改造企业（家）"), value=lambda pilot, _: f"≥ {pilot.target_enterprises}"),
        Column("award_fen", N_("奖补资金"), "money"),
        Column("approved_on", N_("批复日期"), "day", hidden=True),
        Column("state", N_("状态"), "state", lifecycle="pilot"),
    ],
    filters=[
        Choice("city", N_("设区市"), options=cities),
        Choice("state", N_("状态"), options=PILOT.labels, when=_officer),
    ],
    sorts=[Sort("newest", N_("最新"), [Key(Pilot.created_at, descending=True), Key(Pilot.id, descending=True)])],
    prepare=_known,
    empty=N_("没有这类试点。"),
)

PROGRAMMES = Listing(
    "programmes",
    N_("试点项目"),
    statement=lambda ctx: queries.all_programmes(),
    columns=[
        Column("name", N_("专项"), link=lambda found: url_for("programmes.show", programme_id=found.id)),
        Column("code", N_("代号"), "code"),
        Column(
            "publicity_days",
            N_("公示期"),
            value=lambda found, _: Text(N_("{days} 个工作日"), {"days": found.publicity_days}),
        ),
        Column("created_at", N_("设立时间"), "moment"),
    ],
    sorts=[
        Sort("newest", N_("最新"), [Key(Programme.created_at, descending=True), Key(Programme.id, descending=True)])
    ],
    empty=N_("尚未设立试点项目。"),
)
