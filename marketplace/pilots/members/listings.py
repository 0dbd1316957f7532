"""Enterprises in pilots: all within reach, and the renovation list of one pilot in its order of urgency."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from marketplace.base.context import Context
from marketplace.base.paging import Key
from marketplace.base.text import N_
from marketplace.people.organisations import queries as organisations
from marketplace.pilots.members import queries
from marketplace.pilots.members.models import Member
from marketplace.pilots.members.states import MEMBER
from marketplace.pilots.programmes import queries as pilots
from marketplace.web.listings import Choice, Column, Listing, Sort, Tick, Words


@dataclass(frozen=True)
class Known:
    """Names of a page's enterprises and pilots."""

    names: Mapping[uuid.UUID, str]
    pilots: Mapping[uuid.UUID, str]


def _known(ctx: Context, found: Sequence[Member]) -> Known:
    return Known(
        organisations.names(ctx, [member.enterprise_id for member in found]),
        pilots.names(ctx, [member.pilot_id for member in found]),
    )


def _key_link(member: Member, _: Any) -> list[tuple[str, str]]:
    return [(N_("关键环节"), "ok")] if member.key_link else []


NAME = Column(
    "enterprise_id",
    N_("企业"),
    value=lambda member, known: known.names.get(member.enterprise_id),
    link=lambda member: url_for("members.show", member_id=member.id),
)
LEVELS = [
    Column("key_link", N_("关键环节"), "tags", value=_key_link),
    Column("baseline_level", N_("改造前水平")),
    Column("target_level", N_("目标水平")),
    Column("state", N_("状态"), "state", lifecycle="member"),
]
FILTERS = [
    Choice("state", N_("状态"), options=MEMBER.labels, tabs=True),
    Words("words", N_("企业名称或代码"), address="q"),
    Tick("key_link", N_("关键环节")),
]
NEWEST = Sort("newest", N_("最新提名"), [Key(Member.created_at, descending=True), Key(Member.id, descending=True)])

MEMBERS = Listing(
    "members",
    N_("改造企业"),
    statement=queries.search,
    columns=[NAME, Column("pilot_id", N_("试点"), value=lambda m, known: known.pilots.get(m.pilot_id)), *LEVELS],
    filters=FILTERS,
    sorts=[NEWEST],
    prepare=_known,
    empty=N_("没有这类企业。"),
)
OF_PILOT = Listing(
    "renovation-list",
    N_("改造企业名单"),
    statement=queries.search,
    columns=[NAME, Column("urgency", N_("次序"), "count"), *LEVELS],
    filters=FILTERS,
    sorts=[Sort("urgency", N_("改造次序"), [Key(Member.urgency), Key(Member.created_at), Key(Member.id)])],
    prepare=_known,
    empty=N_("没有这类企业。"),
)
