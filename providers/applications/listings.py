"""The applications within reach: a provider's own, those opened to officers, those before an expert's panels."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from flask import url_for

from marketplace.base.context import Context
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.people.organisations import industries
from marketplace.shop.roster.listings import city_names, several_cities
from marketplace.shop.roster.states import CLASS_LABELS
from marketplace.web.i18n import language
from marketplace.web.listings import Choice, Column, Day, Listing, Same, Sort, Words
from providers.applications import queries, story
from providers.applications.queries import Listed
from providers.applications.states import APPLICATION
from providers.calls import queries as calls
from providers.calls.models import Call

Calls = Mapping[uuid.UUID, Call]


def _applies(ctx: Context) -> bool:
    return ctx.actor is not None and ctx.actor.role is Role.PROVIDER


def _judges(ctx: Context) -> bool:
    return not _applies(ctx)


def _page(item: Listed) -> str:
    return url_for("applications.show", application_id=item.application.id)


def _title(item: Listed, found: Calls) -> str | None:
    call = found.get(item.application.call_id)
    return call.title if call else None


def _number(item: Listed, found: Calls) -> str | None:
    call = found.get(item.application.call_id)
    return call.number if call else None


def _industries(item: Listed) -> str | None:
    return "、".join(industries.name_of(code, language()) for code in item.application.industries) or None


def _call_named(ctx: Context, call_id: uuid.UUID) -> str:
    call = calls.many(ctx, [call_id]).get(call_id)
    return call.title if call else str(call_id)


APPLICATIONS = Listing(
    "applications",
    N_("申报"),
    rows=queries.search,
    columns=[
        Column("name", N_("申报单位"), link=_page, when=_judges),
        Column("own", N_("遴选公告"), value=_title, link=_page, under=_number, when=_applies),
        Column(
            "call",
            N_("遴选公告"),
            value=_title,
            link=lambda item: url_for("calls.show", call_id=item.application.call_id),
            under=_number,
            when=_judges,
        ),
        Column("klass", N_("类别"), "word", value=lambda item, _: CLASS_LABELS[item.application.klass]),
        Column("industries", N_("服务行业"), value=lambda item, _: _industries(item), hidden=True),
        Column("application.submitted_at", N_("提交时间"), "moment"),
        Column("application.supplement_until", N_("补正截止日"), "day", hidden=True),
        Column("application.state", N_("状态"), "state", lifecycle="application"),
        Column(
            "next",
            N_("下一步"),
            "word",
            value=lambda item, _: story.NEXT.get(item.application.state),
            link=_page,
            when=_applies,
        ),
    ],
    filters=[
        Words("words", N_("查找"), address="q", hint=N_("申报单位名称"), when=_judges),
        Choice("state", N_("状态"), options=APPLICATION.labels),
        Choice("klass", N_("类别"), address="class", options=CLASS_LABELS),
        Choice("city", N_("城市"), options=city_names, when=several_cities),
        Day("since", N_("提交日期自")),
        Day("until", N_("提交日期至")),
        Same("call_id", N_("遴选公告"), address="call", named=_call_named),
    ],
    sorts=[
        Sort("newest", N_("最新申报"), queries.NEWEST),
        Sort("oldest", N_("最早申报"), queries.OLDEST),
    ],
    prepare=lambda ctx, rows: calls.many(ctx, {item.application.call_id for item in rows}),
    empty=N_("没有符合条件的申报。"),
)
