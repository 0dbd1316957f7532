"""Who may act within one's reach, and as what."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marketplace.base.context import Context
from marketplace.base.paging import Key
from marketplace.base.roles import LABELS
from marketplace.base.text import N_
from marketplace.people.accounts import queries
from marketplace.people.accounts.models import Assignment
from marketplace.people.accounts.states import PersonState
from marketplace.people.regions import queries as regions
from marketplace.people.regions.models import Region
from marketplace.web.i18n import moment, say
from marketplace.web.listings import Choice, Column, Listing, Sort, Words


@dataclass(frozen=True)
class Known:
    """What a page of assignments needs besides: the places, and who gave them."""

    places: Mapping[str, Region]
    givers: Mapping[uuid.UUID, str]

    def place(self, row: Any) -> str:
        assignment, _, organisation = row
        region = self.places.get(assignment.region)
        return " · ".join(word for word in (organisation, say(region.label) if region else "") if word)


def _known(ctx: Context, rows: Sequence[Any]) -> Known:
    assignments = [row[0] for row in rows]
    return Known(
        regions.names(ctx, [a.region for a in assignments if a.region]),
        queries.names(ctx, [a.granted_by for a in assignments]),
    )


def _roles(row: Any, _: Any) -> list[tuple[str, str]]:
    assignment, person, _organisation = row
    marks = [(LABELS[assignment.role], "info")]
    marks += [(N_("代理"), "warn")] if assignment.substitute_for else []
    return marks + ([(N_("已停用"), "bad")] if person.state is PersonState.BLOCKED else [])


PEOPLE = Listing(
    "people",
    N_("人员"),
    statement=queries.search,
    columns=[
        Column("name", N_("姓名"), value=lambda row, _: row[1].name),
        Column("phone", N_("手机号"), value=lambda row, _: row[1].phone),
        Column("role", N_("身份"), "tags", value=_roles),
        Column("place", N_("单位或范围"), value=lambda row, known: known.place(row)),
        Column("giver", N_("授权人"), value=lambda row, known: known.givers.get(row[0].granted_by)),
        Column(
            "valid_until",
            N_("有效期至"),
            value=lambda row, _: moment(row[0].valid_until) if row[0].valid_until else say(N_("长期")),
        ),
    ],
    filters=[Choice("role", N_("身份"), options=LABELS), Words("words", N_("姓名或手机号"), address="q")],
    sorts=[Sort("newest", N_("最新"), [Key(Assignment.created_at, True), Key(Assignment.id, True)])],
    prepare=_known,
    empty=N_("没有符合条件的人员。"),
    exports=False,  # telephone numbers are for those who work here, not for a file
)
