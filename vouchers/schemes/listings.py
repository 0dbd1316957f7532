"""The schemes, for everybody; drafts for those who make and watch them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from flask import url_for

from marketplace.base.context import Context
from marketplace.base.text import N_, Text
from marketplace.pilots.programmes import queries as pilots
from marketplace.shop.orders.listings import pilot_names, several_pilots
from marketplace.shop.orders.states import MODES
from marketplace.shop.roster.listings import city_names
from marketplace.web.listings import Choice, Column, Listing, Sort, Tick, Words
from vouchers.schemes import permissions, queries
from vouchers.schemes.models import Scheme, SchemeVersion
from vouchers.schemes.states import BASES, VERSION, VersionState


@dataclass(frozen=True)
class Facts:
    """What a page of schemes shows of each: the version that stands, the pilot, the city."""

    versions: Mapping[uuid.UUID, SchemeVersion]
    pilots: Mapping[uuid.UUID, str]
    cities: Mapping[str, Text]


def _facts(ctx: Context, rows: list[Scheme]) -> Facts:
    names = pilots.names(ctx, [scheme.pilot_id for scheme in rows])
    return Facts(queries.latest_of(ctx, rows), names, city_names(ctx))


def _states(ctx: Context) -> Mapping[VersionState, str]:
    """The states that this person can meet: a draft is no business of the public."""
    actor = ctx.actor
    drafts = actor is not None and ctx.matrix.within(permissions.READ, actor.role) is not None
    return {state: label for state, label in VERSION.labels.items() if drafts or state is not VersionState.DRAFT}


def _term(name: str, words: Mapping[Any, str] | None = None) -> Callable[[Scheme, Facts], Any]:
    """A term of the version that stands, in words where it has some."""

    def value(scheme: Scheme, facts: Facts) -> Any:
        found = attrgetter(name)(facts.versions[scheme.id])
        return words[found] if words else found

    return value


SCHEMES = Listing(
    "schemes",
    N_("服务券方案"),
    rows=queries.listed,
    columns=[
        Column(
            "name",
            N_("方案"),
            link=lambda scheme: url_for("schemes.show", scheme_id=scheme.id),
            under=lambda scheme, facts: facts.pilots.get(scheme.pilot_id),
        ),
        Column("code", N_("方案代码"), "code", hidden=True),
        Column("pilot", N_("所属试点"), value=lambda s, facts: facts.pilots.get(s.pilot_id), hidden=True, filed=True),
        Column("city", N_("所在市"), value=lambda s, facts: facts.cities.get(s.city, s.city)),
        Column("state", N_("状态"), "state", _term("state"), lifecycle="scheme_version"),
        Column("rate", N_("补贴比例"), "share", _term("rate_bps")),
        Column("basis", N_("计算基数"), "word", _term("basis", BASES), hidden=True),
        Column("cap", N_("单券上限"), "money", _term("cap_voucher_fen")),
        Column("cap_year", N_("企业年度上限"), "money", _term("cap_enterprise_year_fen"), hidden=True),
        Column("mode", N_("兑付方式"), "word", _term("mode", MODES), hidden=True),
        Column("use_by", N_("最迟下单"), "day", _term("use_by")),
        Column("redeem_by", N_("最迟确认交付"), "day", _term("redeem_by"), hidden=True),
    ],
    filters=[
        Choice("state", N_("状态"), options=_states, tabs=True),
        Words("words", N_("查找"), address="q", hint=N_("方案名称或代码")),
        Choice("city", N_("所在市"), options=city_names),
        Choice("pilot_id", N_("所属试点"), address="pilot", options=pilot_names, when=several_pilots),
        Tick("usable", N_("仍可下单")),
    ],
    sorts=[
        Sort("newest", N_("最新制定"), queries.NEWEST),
        Sort("oldest", N_("最早制定"), queries.OLDEST),
    ],
    prepare=_facts,
    empty=N_("没有符合条件的服务券方案。"),
)
