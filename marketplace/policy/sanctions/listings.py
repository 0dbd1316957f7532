"""Who is kept out, why and until when: what holds today for everybody, all of it for officers."""

from __future__ import annotations

from marketplace.base.context import Context
from marketplace.base.paging import Key
from marketplace.base.text import N_
from marketplace.policy.sanctions import queries
from marketplace.policy.sanctions.models import Ban
from marketplace.policy.sanctions.permissions import READ
from marketplace.policy.sanctions.states import BAN, SUBJECTS
from marketplace.web.i18n import say
from marketplace.web.listings import Choice, Column, Listing, Sort, Words


def _sees_all(ctx: Context) -> bool:
    """Whether lifted bans are shown as well: to the public every ban in the list holds."""
    return ctx.may(READ)


def _lifted(ban: Ban) -> str | None:
    return say(N_("撤销理由：")) + ban.lift_reason if ban.lift_reason else None


SANCTIONS = Listing(
    "sanctions",
    N_("处理决定"),
    statement=queries.search,
    columns=[
        Column("subject_name", N_("对象"), under=lambda ban, _: say(SUBJECTS[ban.subject_kind])),
        Column("basis", N_("依据"), under=lambda ban, _: ban.clause),
        Column("reason", N_("理由"), under=lambda ban, _: _lifted(ban)),
        Column("from_day", N_("起始日期"), "day"),
        Column("until_day", N_("截止日期"), "day"),
        Column("imposed_by_name", N_("决定单位")),
        Column("state", N_("状态"), "state", lifecycle="ban"),
    ],
    filters=[
        Choice("state", N_("状态"), options=BAN.labels, tabs=True, when=_sees_all),
        Words("words", N_("对象")),
        Choice("kind", N_("类型"), options=SUBJECTS),
    ],
    sorts=[Sort("newest", N_("最新"), [Key(Ban.created_at, descending=True), Key(Ban.id, descending=True)])],
    empty=N_("目前没有处理决定。"),
)
