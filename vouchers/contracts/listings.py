"""Contracts of direct expenditure in a list, with their money."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from flask import url_for

from marketplace.base.context import Context
from marketplace.base.roles import Role
from marketplace.base.text import N_, Text
from marketplace.people.organisations import queries as organisations
from marketplace.pilots.programmes import queries as pilots
from marketplace.shop.orders.listings import acts_as, pilot_names, several_cities, several_pilots
from marketplace.shop.roster.listings import city_names
from marketplace.web.listings import Choice, Column, Day, Listing, Sort, Tick, Words
from vouchers.contracts import queries
from vouchers.contracts.permissions import ACCEPT, CONFIRM
from vouchers.contracts.queries import Held
from vouchers.contracts.states import METHODS, RECORD, RecordState


@dataclass(frozen=True)
class Facts:
    """What a page of contracts shows beside them: names, the uses of the money, and what waits for whoever looks."""

    names: Mapping[uuid.UUID, str]
    pilots: Mapping[uuid.UUID, str]
    categories: Mapping[uuid.UUID, Mapping[str, Text]]
    next: Mapping[uuid.UUID, str]

    def category(self, held: Held) -> Text | str:
        record = held.record
        return self.categories.get(record.pilot_id, {}).get(record.category, record.category)


def next_of(ctx: Context, held: Held) -> str | None:
    """What whoever looks may do with a contract now."""
    record = held.record
    if record.state is RecordState.PROPOSED:
        other = ctx.actor is not None and ctx.actor.person_id != record.recorded_by
        return N_("复核") if other and ctx.may(CONFIRM, record) else None
    if record.state is RecordState.CONFIRMED and held.left_fen:
        return N_("验收") if ctx.may(ACCEPT, record) else None
    return None


def _facts(ctx: Context, rows: list[Held]) -> Facts:
    of_pilots = {row.record.pilot_id for row in rows}
    acts = {row.id: label for row in rows if (label := next_of(ctx, row))}
    return Facts(
        organisations.names(ctx, [row.record.provider_id for row in rows]),
        pilots.names(ctx, of_pilots),
        pilots.categories_of(ctx, of_pilots),
        acts,
    )


def _page(held: Held) -> str:
    return url_for("contracts.show", contract_id=held.id)


def _act(held: Held) -> str:
    """Where the next thing is done."""
    verb = "contracts.decide" if held.record.state is RecordState.PROPOSED else "contracts.accept"
    return url_for(verb, contract_id=held.id)


CONTRACTS = Listing(
    "contracts",
    N_("直接支出合同"),
    rows=queries.listed,
    columns=[
        Column("record.title", N_("采购内容"), link=_page, under=lambda held, _: held.record.number),
        Column("record.number", N_("合同编号"), "code", hidden=True, filed=True),
        Column(
            "provider",
            N_("服务商"),
            value=lambda held, facts: facts.names.get(held.record.provider_id),
            when=lambda ctx: not acts_as(ctx, Role.PROVIDER),
        ),
        Column("pilot", N_("所属试点"), value=lambda held, facts: facts.pilots.get(held.record.pilot_id), hidden=True),
        Column("category", N_("资金用途"), "word", value=lambda held, facts: facts.category(held)),
        Column(
            "method",
            N_("采购方式"),
            "word",
            value=lambda held, _: METHODS[held.record.method] if held.record.method else None,
            hidden=True,
        ),
        Column("record.total_fen", N_("合同金额"), "money", hidden=True, filed=True),
        Column("record.amount_fen", N_("其中奖补资金"), "money"),
        Column("accepted_fen", N_("已验收"), "money"),
        Column("paid_fen", N_("已兑付"), "money"),
        Column("recalled_fen", N_("已收回"), "money", hidden=True, filed=True),
        Column("left_fen", N_("未验收"), "money"),
        Column("record.state", N_("状态"), "state", lifecycle="contract_record"),
        Column("record.signed_on", N_("签订日期"), "day", hidden=True),
        Column("record.last_day", N_("履行截止日"), "day"),
        Column("record.created_at", N_("登记时间"), "moment", hidden=True),
        Column(
            "next",
            N_("下一步"),
            "word",
            value=lambda held, facts: facts.next.get(held.id),
            link=_act,
            when=lambda ctx: ctx.may(CONFIRM) or ctx.may(ACCEPT),
        ),
    ],
    filters=[
        Choice("state", N_("状态"), options=RECORD.labels, tabs=True),
        Words("words", N_("查找"), address="q", hint=N_("完整合同编号、采购内容或服务商名称")),
        Choice("city", N_("所在市"), options=city_names, when=several_cities),
        Choice("pilot_id", N_("所属试点"), address="pilot", options=pilot_names, when=several_pilots),
        Day("since", N_("签订日期自")),
        Day("until", N_("签订日期至")),
        Tick("open_only", N_("仅看还有未验收的")),
    ],
    sorts=[
        Sort("newest", N_("最新登记"), queries.NEWEST),
        Sort("oldest", N_("最早登记"), queries.OLDEST),
    ],
    prepare=_facts,
    empty=N_("没有符合条件的合同。"),
)
