"""Who is told what happens to a contract."""

from __future__ import annotations

import uuid
from typing import Any

from marketplace.base.context import Context
from marketplace.base.money import Yuan
from marketplace.base.roles import Role
from marketplace.base.text import N_, Text
from marketplace.record.notices import actions as notices
from vouchers.contracts.events import (
    ContractConfirmed,
    ContractDeclined,
    ContractRecorded,
    ContractReduced,
    PartAccepted,
)
from vouchers.contracts.models import ContractRecord


def _contract(ctx: Context, contract_id: uuid.UUID) -> ContractRecord:
    return ctx.session.get_one(ContractRecord, contract_id)


def _url(contract: ContractRecord) -> str:
    return f"/contracts/{contract.id}"


def _provider(ctx: Context, contract: ContractRecord, text: str, **values: Any) -> None:
    told = Text(text, {"number": contract.number, **values})
    notices.tell(ctx, organisation_id=contract.provider_id, text=told, url=_url(contract))


def _office(ctx: Context, contract: ContractRecord, text: str, **values: Any) -> None:
    told = Text(text, {"number": contract.number, **values})
    notices.tell(ctx, role=Role.PILOT, pilot_id=contract.pilot_id, text=told, url=_url(contract))


def recorded(ctx: Context, fact: ContractRecorded) -> None:
    """The checkers hear of it: finance at the pilot and in the city."""
    contract = _contract(ctx, fact.contract_id)
    values = {"number": contract.number, "amount": Yuan(contract.amount_fen)}
    told = Text(N_("直接支出合同 {number}（{amount}）已登记，待复核确认。"), values)
    for place in ({"pilot_id": contract.pilot_id}, {"region": contract.city}):
        notices.tell(ctx, role=Role.FINANCE, **place, text=told, url=_url(contract))


def confirmed(ctx: Context, fact: ContractConfirmed) -> None:
    contract = _contract(ctx, fact.contract_id)
    amount = Yuan(fact.amount_fen)
    _office(ctx, contract, N_("直接支出合同 {number} 已复核确认，承诺资金 {amount}。"), amount=amount)
    _provider(
        ctx, contract, N_("合同 {number} 已确认，其中奖补资金 {amount}；交付验收后可开票并申请兑付。"), amount=amount
    )


def declined(ctx: Context, fact: ContractDeclined) -> None:
    _office(ctx, _contract(ctx, fact.contract_id), N_("直接支出合同 {number} 复核未通过：{reason}"), reason=fact.reason)


def accepted(ctx: Context, fact: PartAccepted) -> None:
    contract = _contract(ctx, fact.contract_id)
    _provider(ctx, contract, N_("合同 {number} 已验收 {amount}，请提交发票并申请兑付。"), amount=Yuan(fact.amount_fen))


def reduced(ctx: Context, fact: ContractReduced) -> None:
    contract = _contract(ctx, fact.contract_id)
    text = N_("合同 {number} 调减 {amount}：{reason}")
    _provider(ctx, contract, text, amount=Yuan(fact.amount_fen), reason=fact.reason)


SUBSCRIPTIONS: dict[type, Any] = {
    ContractRecorded: recorded,
    ContractConfirmed: confirmed,
    ContractDeclined: declined,
    PartAccepted: accepted,
    ContractReduced: reduced,
}
