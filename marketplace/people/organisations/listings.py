"""Organisations, and what waits for an officer's eye about them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from marketplace.base.context import Context
from marketplace.base.paging import Key
from marketplace.base.text import N_, Bilingual, Text
from marketplace.people.organisations import industries, queries
from marketplace.people.organisations.models import BankAccount, Organisation, OrganisationFact, OwnershipCase
from marketplace.people.organisations.states import (
    CAPACITY_LABELS,
    CASE,
    FACT_LABELS,
    ORGANISATION,
    SIZE_LABELS,
    CapacityKind,
    FactKind,
)
from marketplace.people.regions import queries as regions
from marketplace.people.regions.models import Region
from marketplace.web.i18n import say
from marketplace.web.listings import Choice, Column, Listing, Sort, Words


@dataclass(frozen=True)
class Known:
    """What a page of organisations needs besides: in which capacities each stands, and the places."""

    capacities: Mapping[uuid.UUID, set[CapacityKind]]
    places: Mapping[str, Region]

    def kinds(self, organisation: Organisation) -> list[tuple[str, str]]:
        return [(CAPACITY_LABELS[kind], "info") for kind in sorted(self.capacities.get(organisation.id, ()))]

    def place(self, organisation: Organisation) -> Text | str:
        found = self.places.get(organisation.region)
        return found.label if found else organisation.region


def _known(ctx: Context, found: Sequence[Organisation]) -> Known:
    return Known(queries.capacities_of(ctx, [o.id for o in found]), regions.names(ctx, [o.region for o in found]))


def _places(ctx: Context) -> dict[str, Text]:
    """Places to narrow by: the counties and zones of a city's officer, the cities of the province's."""
    region = ctx.who.region if ctx.who.pilot_id is None else None
    if region is None:
        return {}
    found = regions.cities(ctx, region) if region.endswith("0000") else regions.within(ctx, region)
    return {place.code: place.label for place in found}


def fact_shown(ctx: Context, fact: OrganisationFact) -> Any:
    """What an organisation says of itself, as people read it."""
    if fact.kind is FactKind.REGION:
        place = regions.get(ctx, fact.value)
        own = say(place.label)
        return own if place.city == place.code else f"{say(regions.get(ctx, place.city).label)} · {own}"
    if fact.kind is FactKind.INDUSTRY:
        return Bilingual(
            f"{fact.value} {industries.name_of(fact.value)}", {}, f"{fact.value} {industries.name_of(fact.value, 'en')}"
        )
    return fact.value


def _show(row: Any) -> str:
    return url_for("organisations.show", organisation_id=row[1].id)


ORGANISATIONS = Listing(
    "organisations",
    N_("单位"),
    statement=queries.search,
    columns=[
        Column("name", N_("名称"), link=lambda row: url_for("organisations.show", organisation_id=row.id)),
        Column("uscc", N_("统一社会信用代码"), "code"),
        Column("kinds", N_("类型"), "tags", value=lambda row, known: known.kinds(row)),
        Column("region", N_("所在地"), value=lambda row, known: known.place(row)),
        Column("size_class", N_("规模"), "word", value=lambda row, _: SIZE_LABELS.get(row.size_class)),
        Column("created_at", N_("登记时间"), "moment"),
        Column("state", N_("状态"), "state", lifecycle="organisation"),
    ],
    filters=[
        Choice("state", N_("状态"), options=ORGANISATION.labels, tabs=True),
        Words("words", N_("名称或统一社会信用代码"), address="q"),
        Choice("capacity", N_("类型"), options=CAPACITY_LABELS),
        Choice("region", N_("所在地"), options=_places, when=lambda ctx: bool(_places(ctx))),
    ],
    sorts=[Sort("newest", N_("最新"), [Key(Organisation.created_at, True), Key(Organisation.id, True)])],
    prepare=_known,
    empty=N_("没有符合条件的单位。"),
)

CHANGES = Listing(
    "organisation-changes",
    N_("等待核实的变更"),
    statement=queries.waiting_facts,
    columns=[
        Column("organisation", N_("单位"), value=lambda row, _: row[1].name, link=_show),
        Column("kind", N_("变更项"), "word", value=lambda row, _: FACT_LABELS[row[0].kind]),
        Column("value", N_("新内容"), value=lambda row, shown: shown[row[0].id]),
        Column("created_at", N_("提出时间"), "moment", value=lambda row, _: row[0].created_at),
    ],
    sorts=[Sort("oldest", N_("最早提出"), [Key(OrganisationFact.created_at), Key(OrganisationFact.id)])],
    prepare=lambda ctx, rows: {fact.id: fact_shown(ctx, fact) for fact, _ in rows},
    empty=N_("没有等待核实的变更。"),
)

ACCOUNTS = Listing(
    "bank-accounts",
    N_("待复核的收款账户"),
    statement=queries.waiting_accounts,
    columns=[
        Column(
            "organisation",
            N_("单位"),
            value=lambda row, _: row[1].name,
            link=lambda row: url_for("bank_accounts.index", organisation_id=row[1].id),
        ),
        Column("bank", N_("开户行"), value=lambda row, _: row[0].bank_name),
        Column("number", N_("账号"), "code", value=lambda row, _: row[0].number),
        Column("created_at", N_("提出时间"), "moment", value=lambda row, _: row[0].created_at),
    ],
    sorts=[Sort("oldest", N_("最早提出"), [Key(BankAccount.created_at), Key(BankAccount.id)])],
    empty=N_("没有待复核的账户。"),
    exports=False,  # account numbers leave the platform in payment files alone
)

CASES = Listing(
    "ownership-cases",
    N_("归属争议"),
    statement=queries.cases,
    columns=[
        Column(
            "organisation",
            N_("单位"),
            value=lambda row, _: row[1].name,
            link=lambda row: url_for("ownership.show", case_id=row[0].id),
        ),
        Column("capacity", N_("主张的身份"), "word", value=lambda row, _: CAPACITY_LABELS[row[0].capacity]),
        Column("created_at", N_("提出时间"), "moment", value=lambda row, _: row[0].created_at),
        Column("state", N_("状态"), "state", value=lambda row, _: row[0].state, lifecycle="ownership_case"),
    ],
    filters=[Choice("state", N_("状态"), options=CASE.labels, tabs=True)],
    sorts=[Sort("newest", N_("最新"), [Key(OwnershipCase.created_at, True), Key(OwnershipCase.id, True)])],
    empty=N_("没有归属争议。"),
)
