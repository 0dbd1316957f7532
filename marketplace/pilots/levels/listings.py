"""Assessments of digital levels, the latest entry first."""

from __future__ import annotations

from flask import url_for

from marketplace.base.paging import Key
from marketplace.base.text import N_
from marketplace.people.organisations import queries as organisations
from marketplace.pilots.levels import queries
from marketplace.pilots.levels.models import LevelRecord
from marketplace.web.listings import Column, Listing, Sort

LEVELS = Listing(
    "levels",
    N_("数字化水平"),
    statement=queries.search,
    columns=[
        Column(
            "enterprise_id",
            N_("企业"),
            value=lambda row, names: names.get(row.enterprise_id),
            link=lambda row: url_for("levels.history", enterprise_id=row.enterprise_id),
        ),
        Column("value", N_("水平")),
        Column("version", N_("标准版本")),
        Column("assessor", N_("评定单位")),
        Column("assessed_on", N_("评定日期"), "day"),
    ],
    sorts=[Sort("newest", N_("最新"), [Key(LevelRecord.created_at, True), Key(LevelRecord.id, True)])],
    prepare=lambda ctx, rows: organisations.names(ctx, [row.enterprise_id for row in rows]),
    empty=N_("尚未登记水平。"),
)
