"""Batches in a list, and the approved claims of a fund that wait to be put into one."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import url_for

from marketplace.base.context import Context
from marketplace.base.text import N_, Text
from marketplace.people.accounts import queries as accounts
from marketplace.people.organisations.models import BankAccount
from marketplace.pilots.programmes import queries as pilots
from marketplace.shop.orders.listings import pilot_names, several_cities, several_pilots
from marketplace.shop.roster.listings import city_names
from marketplace.web.listings import Choice, Column, Day, Listing, Sort, Tick, Words
from vouchers.claims.telling import clock
from vouchers.ledger.models.payments import PaymentBatch
from vouchers.ledger.states import BatchState
from vouchers.settlement import queries
from vouchers.settlement.permissions import APPROVE, LOAD
from vouchers.settlement.queries import Waiting
from vouchers.settlement.states import BATCH


@dataclass(frozen=True)
class Facts:
    """What a page of batches shows beside them: names, how many payments, and what waits for whoever looks."""

    people: Mapping[uuid.UUID, str]
    pilots: Mapping[uuid.UUID, str]
    sizes: Mapping[uuid.UUID, int]
    next: Mapping[uuid.UUID, str]


def _next_of(ctx: Context, batch: PaymentBatch) -> str | None:
    """What whoever looks may do with a batch now; nobody checks a batch of their own making."""
    if batch.state is BatchState.DRAFT and batch.maker_id != ctx.who.person_id and ctx.may(APPROVE, batch):
        return N_("复核批次")
    if batch.state is BatchState.APPROVED and ctx.may(LOAD, batch):
        return N_("生成付款文件")
    return N_("导入回单") if batch.state is BatchState.SENT and ctx.may(LOAD, batch) else None


def _beside(ctx: Context, rows: list[PaymentBatch]) -> Facts:
    return Facts(
        accounts.names(ctx, [person for row in rows for person in (row.maker_id, row.checker_id)]),
        pilots.names(ctx, [row.pilot_id for row in rows]),
        queries.sizes(ctx, [row.id for row in rows]),
        {row.id: label for row in rows if (label := _next_of(ctx, row))},
    )


def _show(batch: PaymentBatch) -> str:
    return url_for("settlement.batch", batch_id=batch.id)


BATCHES = Listing(
    "payment-batches",
    N_("支付批次"),
    rows=queries.listed,
    columns=[
        Column("number", N_("批次"), "code", link=_show),
        Column("pilot", N_("试点"), value=lambda row, facts: facts.pilots.get(row.pilot_id)),
        Column("payments", N_("付款笔数"), "count", value=lambda row, facts: facts.sizes.get(row.id, 0)),
        Column("total", N_("金额"), "money"),
        Column("maker", N_("制单人"), value=lambda row, facts: facts.people.get(row.maker_id)),
        Column("created_at", N_("制单时间"), "moment"),
        Column("checker", N_("复核人"), value=lambda row, facts: facts.people.get(row.checker_id)),
        Column("approved_on", N_("复核日期"), "day", hidden=True, filed=True),
        Column("state", N_("状态"), "state", lifecycle="payment_batch"),
        Column(
            "next",
            N_("下一步"),
            "word",
            value=lambda row, facts: facts.next.get(row.id),
            link=_show,
            when=lambda ctx: ctx.may(APPROVE) or ctx.may(LOAD),
        ),
    ],
    filters=[
        Choice("state", N_("状态"), options=BATCH.labels, tabs=True),
        Words("words", N_("查找"), address="q", hint=N_("完整批次号、申请编号或收款单位")),
        Choice("city", N_("所在市"), options=city_names, when=several_cities),
        Choice("pilot_id", N_("所属试点"), address="pilot", options=pilot_names, when=several_pilots),
        Day("since", N_("制单日期自")),
        Day("until", N_("制单日期至")),
    ],
    sorts=[
        Sort("newest", N_("最新制单"), queries.NEWEST),
        Sort("oldest", N_("最早制单"), queries.OLDEST),
    ],
    prepare=_beside,
    empty=N_("没有支付批次。"),
)


@dataclass(frozen=True)
class Payees:
    """The accounts to which the payees of a page of claims may be paid now, and today."""

    accounts: Mapping[uuid.UUID, BankAccount]
    today: date


def _payees(ctx: Context, rows: list[Waiting]) -> Payees:
    return Payees(queries.payable(ctx, [row.form.payee_id for row in rows]), ctx.today)


def _clock(row: Waiting, facts: Payees) -> list[tuple[Text, str]]:
    found = clock(row.form, facts.today)
    return [found] if found else []


def _payable(row: Waiting, facts: Payees) -> list[tuple[str, str]]:
    """Whether the payee has an account that a batch could pin today."""
    return [(N_("可付款"), "ok") if row.form.payee_id in facts.accounts else (N_("没有可付款的账户"), "bad")]


def _account(row: Waiting, facts: Payees) -> str | None:
    """Bank and last digits: enough to know the account by, the batch shows it whole."""
    account = facts.accounts.get(row.form.payee_id)
    return f"{account.bank_name} …{account.number[-4:]}" if account else None


WAITING = Listing(
    "claims-to-pay",
    N_("待付款的申请"),
    rows=queries.waiting,
    columns=[
        Column(
            "form.number",
            N_("申请编号"),
            "code",
            link=lambda row: url_for("claims.show", claim_id=row.id),
        ),
        Column("payee", N_("收款单位")),
        Column("amount_fen", N_("审定金额"), "money"),
        Column("account", N_("收款账户"), "tags", value=_payable, under=_account),
        Column("clock", N_("办理时限"), "tags", value=_clock, under=lambda row, _: row.form.due_on),
        Column("form.due_on", N_("办理期限"), "day", hidden=True, filed=True),
    ],
    filters=[
        Words("words", N_("查找"), address="q", hint=N_("完整申请编号或收款单位")),
        Tick("overdue", N_("仅看已超期")),
    ],
    prepare=_payees,
    empty=N_("没有待付款的申请。"),
    limit=100,
)
