"""The entries of the list as those see them who look after it, and each provider its own."""

from __future__ import annotations

from datetime import date

from flask import url_for

from marketplace.base.context import Context
from marketplace.base.ids import spoken
from marketplace.base.roles import Role
from marketplace.base.text import N_, Text
from marketplace.shop.roster.listings import city_names, several_cities
from marketplace.shop.roster.queries import Listed
from marketplace.shop.roster.states import CLASS_LABELS, LIFECYCLE, RosterState
from marketplace.web.listings import Choice, Column, Day, Listing, Sort, Words
from providers.standing import queries


def _others(ctx: Context) -> bool:
    """Whether this person looks at more than the own entries."""
    return ctx.actor is None or ctx.actor.role is not Role.PROVIDER


def _rectified_by(item: Listed, _: object) -> date | None:
    return item.entry.rectify_by if item.entry.state is RosterState.RECTIFYING else None


def _deadline(item: Listed, today: date) -> Text | None:
    """The end of a rectification, beneath the state that it belongs to."""
    until = _rectified_by(item, None)
    if until is None:
        return None
    return Text(N_("整改期限 {day} 已到") if until < today else N_("整改至 {day}"), {"day": until})


ENTRIES = Listing(
    "standing",
    N_("名录管理"),
    rows=queries.entries,
    columns=[
        Column("name", N_("单位名称"), link=lambda item: url_for("standing.show", entry_id=item.entry.id)),
        Column("uscc", N_("统一社会信用代码"), "code", hidden=True),
        Column("entry.klass", N_("类别"), "word", value=lambda item, _: CLASS_LABELS[item.entry.klass]),
        Column("certificate", N_("证书编号"), "code", lambda item, _: spoken(item.entry.certificate_number)),
        Column("entry.valid_from", N_("有效期自"), "day", hidden=True),
        Column("entry.valid_until", N_("有效期至"), "day"),
        Column("entry.state", N_("状态"), "state", lifecycle="roster_entry", under=_deadline),
        Column("rectify_by", N_("整改期限"), "day", _rectified_by, hidden=True),
        Column("entry.state_reason", N_("理由"), hidden=True),
    ],
    filters=[
        Choice("state", N_("状态"), options=LIFECYCLE.labels, tabs=True),
        Words("words", N_("查找"), address="q", hint=N_("单位名称或证书编号"), when=_others),
        Choice("klass", N_("类别"), address="class", options=CLASS_LABELS),
        Choice("city", N_("城市"), options=city_names, when=several_cities),
        Day("until", N_("有效期至不晚于")),
    ],
    sorts=[
        Sort("newest", N_("最近入库"), queries.NEWEST),
        Sort("ending", N_("最先到期"), queries.ENDING),
    ],
    prepare=lambda ctx, rows: ctx.today,
    empty=N_("没有符合条件的服务商。"),
)
