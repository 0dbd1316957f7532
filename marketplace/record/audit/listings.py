"""Acts and looks before the auditor, and the checkpoints before everybody."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask import url_for

from marketplace.base.context import Context
from marketplace.base.paging import Key
from marketplace.base.roles import LABELS
from marketplace.base.text import N_
from marketplace.base.types import canonical
from marketplace.record.audit import keys, queries
from marketplace.record.audit.leaves import SEALED
from marketplace.record.audit.models import AccessRow, AuditRow, Checkpoint
from marketplace.web.i18n import say
from marketplace.web.listings import Column, Day, Listing, Same, Sort, Words

ROLES = {role.value: word for role, word in LABELS.items()} | {
    "visitor": N_("访客"),
    "platform": N_("平台"),
    "person": N_("个人"),
}

Row = AuditRow | AccessRow
People = Mapping[uuid.UUID, str]


def _people(ctx: Context, rows: list[Row]) -> People:
    return queries.names(ctx, (row.person_id for row in rows))


def _person(row: Row, people: People) -> str | None:
    return people.get(row.person_id, str(row.person_id)) if row.person_id else None


def _role(row: Row, people: People) -> str:
    return say(ROLES.get(row.role, row.role))


def _columns(page: str, *own: Column) -> list[Column]:
    """Who, when and at what; files name the second, the ids and the numbers, so that a row can be found again."""
    return [
        Column("at", N_("时间"), "moment"),
        Column("exactly", N_("精确时间"), "code", lambda row, _: row.at.isoformat(), hidden=True, filed=True),
        Column("id", N_("序号"), "count", hidden=True, filed=True),
        Column(
            "person",
            N_("人员"),
            value=_person,
            link=lambda row: url_for(page, person_id=row.person_id),
            under=_role,
        ),
        Column("person_id", N_("人员编号"), "code", hidden=True, filed=True),
        Column("role", N_("身份"), value=_role, hidden=True, filed=True),
        Column("assignment_id", N_("任职编号"), "code", hidden=True, filed=True),
        *own[:1],
        Column(
            "kind",
            N_("对象"),
            "code",
            link=lambda row: url_for(page, kind=row.kind, object_id=row.object_id),
            under=lambda row, _: row.object_id,
        ),
        Column("object_id", N_("对象编号"), "code", hidden=True, filed=True),
        *own[1:],
    ]


_WHOSE = [
    Words("name", N_("人员"), hint=N_("姓名")),
    Same("person_id", N_("人员"), named=lambda ctx, person_id: queries.names(ctx, [person_id]).get(person_id, "—")),
    Words("kind", N_("对象类型"), hint=N_("如 voucher")),
    Words("object_id", N_("对象编号")),
    Day("since", N_("起始日期")),
    Day("until", N_("截止日期")),
]


def _sorts(column: Any) -> list[Sort]:
    return [Sort("newest", N_("最新在前"), [Key(column, True)]), Sort("oldest", N_("最早在前"), [Key(column)])]


ACTS = Listing(
    "acts",
    N_("操作记录"),
    rows=queries.search,
    columns=_columns(
        "audit.index",
        Column("verb", N_("事项"), "code", link=lambda row: url_for("audit.index", verb=row.verb)),
        Column("facts", N_("内容"), value=lambda row, _: canonical(row.facts) if row.facts else None),
        Column("pilot_id", N_("试点编号"), "code", hidden=True, filed=True),
        Column("city", N_("地区代码"), "code", hidden=True, filed=True),
        Column("request_id", N_("请求编号"), "code", hidden=True),
    ),
    filters=[Words("verb", N_("事项"), hint=N_("如 voucher.reserved")), *_WHOSE],
    sorts=_sorts(AuditRow.id),
    prepare=_people,
    empty=N_("没有符合条件的记录。"),
)

LOOKS = Listing(
    "looks",
    N_("查阅记录"),
    rows=queries.looks,
    columns=_columns("audit.looks", Column("reason", N_("事由"))),
    filters=_WHOSE,
    sorts=_sorts(AccessRow.id),
    prepare=_people,
    empty=N_("没有符合条件的记录。"),
)


def _trees(row: Checkpoint, labels: Mapping[str, str]) -> str:
    """How many rows of each sealed table stand under the checkpoint."""
    return " · ".join(f"{labels.get(name, name)} {tree[0]}" for name, tree in sorted(row.trees.items()))


CHECKPOINTS = Listing(
    "checkpoints",
    N_("公开校验点"),
    rows=queries.checkpoints,
    columns=[
        Column("day", N_("日期"), "day", link=lambda row: url_for("audit.checkpoint", day=row.day.isoformat())),
        Column("seal_no", N_("封存"), "count"),
        Column("trees", N_("记录数"), value=_trees),
        Column("seal_hash", N_("摘要"), "code", value=lambda row, _: row.seal_hash.hex()),
        Column("key", N_("公钥编号"), "code", value=lambda row, _: keys.key_id(row.public_key)),
        Column("at", N_("公布时间"), "moment", hidden=True),
    ],
    filters=[Day("since", N_("起始日期")), Day("until", N_("截止日期"))],
    sorts=_sorts(Checkpoint.day),
    prepare=lambda ctx, rows: {source.name: say(source.label) for source in ctx.house.all(SEALED)},
    empty=N_("没有这些日期的校验点；第一个将在平台运行满一天后公布。"),
)
