"""Who is told what happens to a recovery."""

from __future__ import annotations

import uuid
from typing import Any

from marketplace.base.context import Context
from marketplace.base.money import Yuan
from marketplace.base.roles import Role
from marketplace.base.text import N_, Text
from marketplace.record.notices import actions as notices
from vouchers.recoveries.events import (
    RecoveryAnswered,
    RecoveryDemanded,
    RecoveryDropped,
    RecoveryOpened,
    RecoveryReceived,
)
from vouchers.recoveries.models import Recovery


def _recovery(ctx: Context, recovery_id: uuid.UUID) -> Recovery:
    return ctx.session.get_one(Recovery, recovery_id)


def _debtor(ctx: Context, recovery: Recovery, text: str, **values: Any) -> None:
    told = Text(text, {"number": recovery.number, **values})
    notices.tell(ctx, organisation_id=recovery.debtor_id, text=told, url=f"/recoveries/{recovery.id}")


def _deciders(ctx: Context, recovery: Recovery, text: str, **values: Any) -> None:
    """Those who may decide: the city's office, finance of the pilot and of the city."""
    told = Text(text, {"number": recovery.number, **values})
    url = f"/recoveries/{recovery.id}"
    notices.tell(ctx, role=Role.CITY, region=recovery.city, text=told, url=url)
    notices.tell(ctx, role=Role.FINANCE, pilot_id=recovery.pilot_id, text=told, url=url)
    notices.tell(ctx, role=Role.FINANCE, region=recovery.city, text=told, url=url)


def opened(ctx: Context, fact: RecoveryOpened) -> None:
    recovery = _recovery(ctx, fact.recovery_id)
    values = {"amount": Yuan(recovery.amount_fen), "day": recovery.answer_by, "reason": recovery.reason}
    _debtor(ctx, recovery, N_("拟追回 {amount}（{number}）：{reason} 请于 {day} 前作出说明。"), **values)
    _deciders(ctx, recovery, N_("追回 {number} 已发起，对方可在 {day} 前作出说明。"), day=recovery.answer_by)


def answered(ctx: Context, fact: RecoveryAnswered) -> None:
    recovery = _recovery(ctx, fact.recovery_id)
    text = N_("对方同意追回 {number}，待复核。") if recovery.agrees else N_("对方不同意追回 {number}，待复核。")
    _deciders(ctx, recovery, text)


def demanded(ctx: Context, fact: RecoveryDemanded) -> None:
    recovery = _recovery(ctx, fact.recovery_id)
    values = {"amount": Yuan(recovery.amount_fen), "day": recovery.pay_by, "reason": recovery.decision}
    _debtor(ctx, recovery, N_("请于 {day} 前退回 {amount}（{number}）：{reason}"), **values)


def dropped(ctx: Context, fact: RecoveryDropped) -> None:
    recovery = _recovery(ctx, fact.recovery_id)
    _debtor(ctx, recovery, N_("追回 {number} 不再办理：{reason}"), reason=recovery.decision)


def received(ctx: Context, fact: RecoveryReceived) -> None:
    recovery = _recovery(ctx, fact.recovery_id)
    values = {"amount": Yuan(fact.amount_fen), "left": Yuan(fact.left_fen), "reference": fact.bank_reference}
    text = N_("追回 {number} 已到账 {amount}（流水号 {reference}），尚欠 {left}。")
    _debtor(ctx, recovery, text, **values)
    _deciders(ctx, recovery, text, **values)


def late(ctx: Context, recovery: Recovery) -> None:
    """Told by the job itself, with the city's case."""
    values = {"left": Yuan(recovery.left_fen), "day": recovery.pay_by}
    _debtor(ctx, recovery, N_("追回 {number} 已于 {day} 到期，尚欠 {left}，请立即退款。"), **values)
    _deciders(ctx, recovery, N_("追回 {number} 已于 {day} 到期，尚欠 {left}。"), **values)


SUBSCRIPTIONS: dict[type, Any] = {
    RecoveryOpened: opened,
    RecoveryAnswered: answered,
    RecoveryDemanded: demanded,
    RecoveryDropped: dropped,
    RecoveryReceived: received,
}
