"""The calls: published ones for everybody, drafts for their officers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import url_for

from marketplace.base.context import Context
from marketplace.base.text import N_, Text
from marketplace.shop.roster.listings import city_names
from marketplace.shop.roster.states import CLASS_LABELS
from marketplace.web.i18n import say
from marketplace.web.listings import Choice, Column, Day, Listing, Sort, Tick, Words
from providers.calls import queries
from providers.calls.models import Call
from providers.calls.permissions import MANAGE
from providers.calls.states import CALL, CallState


@dataclass(frozen=True)
class Facts:
    """What a page of calls shows beside the calls."""

    cities: Mapping[str, Text]
    today: date


def _states(ctx: Context) -> Mapping[CallState, str]:
    """The states this person can find calls in: drafts are for officers."""
    drafts = ctx.may(MANAGE)
    return {state: label for state, label in CALL.labels.items() if drafts or state is not CallState.DRAFT}


def _seats(call: Call) -> str:
    return "、".join(f"{say(CLASS_LABELS[k])} {call.seats[k.value]}" for k in call.classes)


def _left(call: Call, facts: Facts) -> Text | None:
    """How long applications are still taken."""
    if not call.takes_on(facts.today):
        return None
    days = (call.closes_on - facts.today).days
    return Text(N_("还有 {days} 天"), {"days": days}) if days else Text(N_("今天 24 时截止"), {})


CALLS = Listing(
    "calls",
    N_("公开遴选"),
    rows=queries.search,
    columns=[
        Column(
            "title",
            N_("公告"),
            link=lambda call: url_for("calls.show", call_id=call.id),
            under=lambda call, _: call.number,
        ),
        Column("number", N_("文号"), hidden=True, filed=True),
        Column("city", N_("城市"), "word", value=lambda call, facts: facts.cities.get(call.city, call.city)),
        Column("seats", N_("类别和数量"), value=lambda call, _: _seats(call)),
        Column("opens_on", N_("报名开始日"), "day"),
        Column("closes_on", N_("报名截止日"), "day", under=_left),
        Column("publicity_days", N_("公示期（工作日）"), "count", hidden=True),
        Column("term_years", N_("入库有效期（年）"), "count", hidden=True),
        Column("published_at", N_("发布时间"), "moment", hidden=True),
        Column("state", N_("状态"), "state", lifecycle="call"),
    ],
    filters=[
        Choice("state", N_("状态"), options=_states, tabs=True),
        Words("words", N_("查找"), address="q", hint=N_("标题或文号")),
        Choice("city", N_("城市"), options=city_names),
        Day("since", N_("报名开始自")),
        Day("until", N_("报名开始至")),
        Tick("open_now", N_("正在接受申报"), address="open"),
    ],
    sorts=[
        Sort("newest", N_("最新公告"), queries.NEWEST),
        Sort("oldest", N_("最早公告"), queries.OLDEST),
    ],
    prepare=lambda ctx, rows: Facts(city_names(ctx), ctx.today),
    empty=N_("没有符合条件的遴选公告。"),
)
