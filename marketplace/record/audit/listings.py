"""Acts and looks before the auditor, and the checkpoints before everybody."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for

from marketplace.base import money
from marketplace.base.context import Context
from marketplace.base.paging import Key
from marketplace.base.roles import LABELS
from marketplace.base.text import N_
from marketplace.base.types import canonical
from marketplace.record.audit import keys, queries, words
from marketplace.record.audit.leaves import SEALED
from marketplace.record.audit.models import AccessRow, AuditRow, Checkpoint
from marketplace.web.i18n import language, say
from marketplace.web.listings import Choice, Column, Day, Listing, Same, Sort, Words

ROLES = {role.value: word for role, word in LABELS.items()} | {
    "visitor": N_("访客"),
    "platform": N_("平台"),
    "person": N_("个人"),
}

TOLD = {
    "name": N_("名称"),
    "number": N_("编号"),
    "amount_fen": N_("金额"),
    "total_fen": N_("总额"),
    "gross_fen": N_("价税合计"),
    "award_fen": N_("奖补资金"),
    "approved_fen": N_("审定金额"),
    "arranged_fen": N_("已安排"),
    "paid_fen": N_("已支付"),
    "payments": N_("笔数"),
    "applications": N_("申请数"),
    "rows": N_("行数"),
    "opens_on": N_("开始日期"),
    "closes_on": N_("截止日期"),
    "ends_on": N_("结束日期"),
    "due_on": N_("办理期限"),
    "until": N_("有效期至"),
    "clause": N_("依据"),
    "reason": N_("理由"),
}
"""The facts that a page tells, in this order; the others are keys and codes, which files carry as they were sealed."""

Row = AuditRow | AccessRow


@dataclass(frozen=True)
class Known:
    """What the rows of a page hold as ids and codes, in words."""

    people: Mapping[uuid.UUID, str]
    kinds: Mapping[str, str]
    verbs: Mapping[str, str]


def _known(ctx: Context, rows: list[Row]) -> Known:
    people = queries.names(ctx, (row.person_id for row in rows))
    return Known(people, words.kinds(ctx.house), words.verbs(ctx.house))


def _person(row: Row, known: Known) -> str | None:
    return known.people.get(row.person_id, str(row.person_id)) if row.person_id else None


def _role(row: Row, known: Known) -> str:
    return say(ROLES.get(row.role, row.role))


def _kind(row: Row, known: Known) -> str:
    return say(known.kinds.get(row.kind, row.kind))


def _tail(row: Row, known: Known) -> str:
    """The end of a long id, by which rows about one object are told from rows about another."""
    return row.object_id if len(row.object_id) <= 12 else f"…{row.object_id[-6:]}"


def _verb(row: AuditRow, known: Known) -> str:
    return say(known.verbs.get(row.verb, row.verb))


def _facts(row: AuditRow, known: Known) -> str | None:
    """What a person would ask of the act: the facts that are no keys, each with its word."""
    told = []
    for name, label in TOLD.items():
        value = (row.facts or {}).get(name)
        if value not in (None, ""):
            shown = f"¥{money.plain(value, grouped=True)}" if name.endswith("_fen") else str(value)
            told.append(say(N_("{label}：{value}")).format(label=say(label), value=shown))
    return "；".join(told) if language() != "en" else "; ".join(told)


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
            value=_kind,
            link=lambda row: url_for(page, kind=row.kind, object_id=row.object_id),
            under=_tail,
        ),
        Column("object_kind", N_("对象代码"), "code", lambda row, _: row.kind, hidden=True, filed=True),
        Column("object_id", N_("对象编号"), "code", hidden=True, filed=True),
        *own[1:],
    ]


_WHOSE = [
    Words("name", N_("人员"), hint=N_("姓名")),
    Same("person_id", N_("人员"), named=lambda ctx, person_id: queries.names(ctx, [person_id]).get(person_id, "—")),
    Choice("kind", N_("对象类型"), options=lambda ctx: words.kinds(ctx.house)),
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
        Column("verb", N_("事项"), value=_verb, link=lambda row: url_for("audit.index", verb=row.verb)),
        Column("facts", N_("内容"), value=_facts),
        Column("verb_code", N_("事项代码"), "code", lambda row, _: row.verb, hidden=True, filed=True),
        Column(
            "sealed_facts",
            N_("原始内容"),
            "code",
            lambda row, _: canonical(row.facts) if row.facts else None,
            hidden=True,
            filed=True,
        ),
        Column("pilot_id", N_("试点编号"), "code", hidden=True, filed=True),
        Column("city", N_("地区代码"), "code", hidden=True, filed=True),
        Column("request_id", N_("请求编号"), "code", hidden=True),
    ),
    filters=[Choice("verb", N_("事项"), options=lambda ctx: words.verbs(ctx.house)), *_WHOSE],
    sorts=_sorts(AuditRow.id),
    prepare=_known,
    empty=N_("没有符合条件的记录。"),
    whole=True,
)

LOOKS = Listing(
    "looks",
    N_("查阅记录"),
    rows=queries.looks,
    columns=_columns("audit.looks", Column("reason", N_("事由"), "word")),
    filters=_WHOSE,
    sorts=_sorts(AccessRow.id),
    prepare=_known,
    empty=N_("没有符合条件的记录。"),
    whole=True,
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
