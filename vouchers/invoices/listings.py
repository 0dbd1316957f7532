"""The invoices of either side, and of those who watch them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from flask import url_for

from marketplace.base.context import Context
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.people.organisations import queries as organisations
from marketplace.pilots.programmes import queries as pilots
from marketplace.shop.orders.listings import pilot_names, several_cities, several_pilots
from marketplace.shop.roster.listings import city_names
from marketplace.web.listings import Choice, Column, Day, Listing, Sort, Tick, Words
from vouchers.invoices import official, queries
from vouchers.invoices.matters import Matter, id_of, many, takes_side
from vouchers.invoices.models import Invoice, InvoiceCheck
from vouchers.invoices.permissions import CONFIRM, CONFIRM_FOR, HOLD, SUBMIT, SUBMIT_FOR
from vouchers.invoices.states import INVOICE, OFFICIAL, InvoiceState


@dataclass(frozen=True)
class Facts:
    """What a page of invoices shows beside them: their orders or contracts, names, what waits for whoever looks."""

    matters: Mapping[uuid.UUID, Matter]
    names: Mapping[uuid.UUID, str]
    pilots: Mapping[uuid.UUID, str]
    next: Mapping[uuid.UUID, str]
    checks: Mapping[uuid.UUID, InvoiceCheck]

    def title(self, invoice: Invoice) -> str | None:
        matter = self.matters.get(id_of(invoice))
        return matter.title if matter else None

    def number(self, invoice: Invoice) -> str | None:
        matter = self.matters.get(id_of(invoice))
        return matter.number if matter else None


def _next_of(ctx: Context, invoice: Invoice) -> str | None:
    """What waits for whoever may do it; a provider may take a held invoice back."""
    if invoice.state is InvoiceState.SUBMITTED:
        may = CONFIRM if invoice.contract_id is None else CONFIRM_FOR
        return N_("确认发票") if ctx.may(may, invoice) else None
    if invoice.state is InvoiceState.HELD:
        if ctx.may(HOLD, invoice):
            return N_("核实后解除暂缓")
        return N_("撤回后重开") if takes_side(ctx, SUBMIT, SUBMIT_FOR, invoice) else None
    return None


def _facts(ctx: Context, rows: list[Invoice]) -> Facts:
    names = organisations.names(ctx, [party for row in rows for party in (row.enterprise_id, row.provider_id)])
    acts = {row.id: label for row in rows if (label := _next_of(ctx, row))}
    checks = official.latest(ctx, [row.id for row in rows])
    return Facts(many(ctx, rows), names, pilots.names(ctx, [row.pilot_id for row in rows]), acts, checks)


def _checked(invoice: Invoice, facts: Facts) -> str:
    check = facts.checks.get(invoice.id)
    return OFFICIAL[check.result] if check else N_("未查验")


def _checked_on(invoice: Invoice, facts: Facts) -> str | None:
    check = facts.checks.get(invoice.id)
    return check.asked_on.isoformat() if check else None


def _page(invoice: Invoice) -> str:
    return url_for("invoices.show", invoice_id=invoice.id)


def _role(ctx: Context) -> Role | None:
    return ctx.actor.role if ctx.actor else None


INVOICES = Listing(
    "invoices",
    N_("发票"),
    rows=queries.listed,
    columns=[
        Column("number", N_("发票号码"), "code", link=_page, under=lambda invoice, facts: facts.title(invoice)),
        Column("order", N_("订单或合同编号"), "code", lambda i, facts: facts.number(i), hidden=True, filed=True),
        Column(
            "enterprise",
            N_("企业"),
            value=lambda invoice, facts: None if invoice.contract_id else facts.names.get(invoice.enterprise_id),
            when=lambda ctx: _role(ctx) is not Role.ENTERPRISE,
        ),
        Column(
            "provider",
            N_("服务商"),
            value=lambda invoice, facts: facts.names.get(invoice.provider_id),
            when=lambda ctx: _role(ctx) is not Role.PROVIDER,
        ),
        Column("pilot", N_("所属试点"), value=lambda i, facts: facts.pilots.get(i.pilot_id), hidden=True),
        Column("issued_on", N_("开票日期"), "day"),
        Column("net_fen", N_("不含税金额"), "money", hidden=True),
        Column("tax_fen", N_("税额"), "money", hidden=True),
        Column("gross_fen", N_("价税合计"), "money"),
        Column("state", N_("状态"), "state", lifecycle="invoice", under=lambda invoice, _: invoice.reason),
        Column("checked", N_("税务查验"), "word", value=_checked, under=_checked_on),
        Column("created_at", N_("提交时间"), "moment", hidden=True),
        Column(
            "next",
            N_("下一步"),
            "word",
            value=lambda invoice, facts: facts.next.get(invoice.id),
            link=_page,
            when=lambda ctx: any(ctx.may(permission) for permission in (CONFIRM, CONFIRM_FOR, HOLD, SUBMIT)),
        ),
    ],
    filters=[
        Choice("state", N_("状态"), options=INVOICE.labels, tabs=True),
        Words("words", N_("查找"), address="q", hint=N_("完整发票号码、订单或合同编号、单位名称")),
        Choice("city", N_("所在市"), options=city_names, when=several_cities),
        Choice("pilot_id", N_("所属试点"), address="pilot", options=pilot_names, when=several_pilots),
        Tick("unchecked", N_("仅看未查验或查验已过 30 天")),
        Day("since", N_("开票日期自")),
        Day("until", N_("开票日期至")),
    ],
    sorts=[
        Sort("newest", N_("最新提交"), queries.NEWEST),
        Sort("oldest", N_("最早提交"), queries.OLDEST),
    ],
    prepare=_facts,
    empty=N_("没有符合条件的发票。"),
)
