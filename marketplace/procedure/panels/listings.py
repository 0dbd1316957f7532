"""The panels and the pool of experts."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from flask import url_for

from marketplace.base.context import Context
from marketplace.base.roles import Role
from marketplace.base.text import N_, Text
from marketplace.people.regions import queries as regions
from marketplace.procedure.panels import queries
from marketplace.procedure.panels.models import Employment, Expert, Panel
from marketplace.procedure.panels.states import PANEL, SeatState
from marketplace.web.listings import Choice, Column, Listing, Sort, Words


def _cities(ctx: Context) -> Mapping[str, Text]:
    return {region.code: region.label for region in regions.cities(ctx)}


def _province(ctx: Context) -> bool:
    """Whether this person looks after a whole province."""
    return ctx.actor is not None and (ctx.actor.region or "").endswith("0000")


def _judges(ctx: Context) -> bool:
    return ctx.actor is not None and ctx.actor.role is Role.EXPERT


def _waiting(ctx: Context, rows: list[Panel]) -> dict[uuid.UUID, str]:
    """What each panel waits for from the expert who looks."""
    return {
        panel.id: N_("声明是否回避") if seat.state is SeatState.DRAWN else N_("评分")
        for panel, seat in queries.waiting(ctx)
    }


def _page(panel: Panel) -> str:
    return url_for("panels.show", panel_id=panel.id)


PANELS = Listing(
    "panels",
    N_("专家评审"),
    rows=queries.search,
    columns=[
        Column("title", N_("评审事项"), link=_page),
        Column("size", N_("专家人数"), "count"),
        Column("created_at", N_("抽取时间"), "moment"),
        Column("closed_at", N_("结束时间"), "moment", hidden=True),
        Column("state", N_("状态"), "state", lifecycle="panel"),
        Column(
            "next",
            N_("下一步"),
            "word",
            value=lambda panel, waiting: waiting.get(panel.id),
            link=_page,
            when=_judges,
        ),
    ],
    filters=[
        Choice("state", N_("状态"), options=PANEL.labels, tabs=True),
        Words("words", N_("查找"), address="q", hint=N_("评审事项")),
        Choice("city", N_("城市"), options=_cities, when=_province),
    ],
    sorts=[
        Sort("newest", N_("最近抽取"), queries.NEWEST),
        Sort("oldest", N_("最早抽取"), queries.OLDEST),
    ],
    prepare=_waiting,
    empty=N_("没有符合条件的评审事项。"),
)


Employments = Mapping[uuid.UUID, list[Employment]]


def _employers(expert: Expert, found: Employments) -> str | None:
    return "、".join(job.employer_name for job in found.get(expert.id, []) if job.until_day is None) or None


EXPERTS = Listing(
    "experts",
    N_("专家库"),
    rows=queries.search_experts,
    columns=[
        Column("name", N_("姓名"), link=lambda expert: url_for("panels.expert", expert_id=expert.id)),
        Column("title", N_("职称")),
        Column("fields", N_("专业领域"), value=lambda expert, _: "、".join(expert.fields)),
        Column("employer", N_("任职单位"), value=_employers),
        Column(
            "active",
            N_("状态"),
            "tags",
            value=lambda expert, _: [(N_("可抽取"), "ok") if expert.active else (N_("已停止抽取"), "quiet")],
        ),
        Column("created_at", N_("入库时间"), "moment", hidden=True),
    ],
    filters=[
        Choice("active", N_("状态"), options={True: N_("可抽取"), False: N_("已停止抽取")}, tabs=True),
        Words("words", N_("姓名"), address="q", longest=60),
        Choice("city", N_("城市"), options=_cities, when=_province),
    ],
    sorts=[
        Sort("name", N_("按姓名"), queries.BY_NAME),
        Sort("newest", N_("最近入库"), queries.JOINED),
    ],
    prepare=lambda ctx, rows: queries.employments(ctx, [expert.id for expert in rows]),
    empty=N_("没有符合条件的专家。"),
)
