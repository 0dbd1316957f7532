"""A recovery told from its opening to the last money, for its page."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from marketplace.base.money import Yuan
from marketplace.base.text import N_, Text
from vouchers.recoveries.models import Recovery, RecoveryReceipt
from vouchers.recoveries.states import RecoveryState


@dataclass(frozen=True)
class Station:
    """One station: `state` is done, now, next or bad."""

    label: Text | str
    state: str
    at: datetime | None = None
    who: str = ""
    note: str = ""


def stations(
    recovery: Recovery, receipts: Sequence[RecoveryReceipt], people: Mapping[uuid.UUID, str], *, late: bool
) -> list[Station]:
    """The whole way of a recovery; `people` are the names of those who acted."""
    opened = Text(N_("发起追回 {amount}"), {"amount": Yuan(recovery.amount_fen)})
    told = [Station(opened, "done", recovery.created_at, people.get(recovery.opened_by, ""), recovery.reason)]
    if recovery.answered_by is not None:
        label = N_("对方同意退款") if recovery.agrees else N_("对方不同意")
        told.append(Station(label, "done", recovery.answered_at, people.get(recovery.answered_by, ""), recovery.answer))
    if recovery.state is RecoveryState.OPENED:
        if recovery.answered_by is None:
            told.append(Station(Text(N_("等待对方说明，最迟 {day}"), {"day": recovery.answer_by}), "now"))
        waits = "now" if recovery.answered_by is not None else "next"
        return [*told, Station(N_("由另一人复核"), waits), Station(N_("退款到账"), "next")]
    by = people.get(recovery.decided_by, "") if recovery.decided_by else ""
    if recovery.state is RecoveryState.DROPPED:
        return [*told, Station(N_("不予追回"), "bad", recovery.decided_at, by, recovery.decision)]
    told.append(Station(N_("复核同意，要求退款"), "done", recovery.decided_at, by, recovery.decision))
    for row in receipts:
        text = Text(
            N_("到账 {amount}，流水号 {reference}"), {"amount": Yuan(row.amount_fen), "reference": row.bank_reference}
        )
        told.append(Station(text, "done", row.created_at, people.get(row.recorded_by, ""), row.received_on.isoformat()))
    if recovery.state is RecoveryState.SETTLED:
        return [*told, Station(N_("已全部追回"), "done")]
    text = Text(N_("尚欠 {left}，最迟 {day}"), {"left": Yuan(recovery.left_fen), "day": recovery.pay_by})
    return [*told, Station(text, "bad" if late else "now")]
