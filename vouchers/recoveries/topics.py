"""What a debtor's programs may hear of a recovery."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from marketplace.base.context import Context
from marketplace.base.text import N_
from marketplace.people.webhooks.topics import Topic
from vouchers.recoveries import events
from vouchers.recoveries.models import Recovery


def _debtor(ctx: Context, data: Mapping[str, Any]) -> Iterable[uuid.UUID]:
    recovery = ctx.session.get(Recovery, uuid.UUID(data["recovery_id"]))
    return () if recovery is None else (recovery.debtor_id,)


TOPICS = (
    Topic("recovery.opened", N_("拟追回已付资金"), events.RecoveryOpened, ("recovery_id",), _debtor),
    Topic("recovery.demanded", N_("要求退回资金"), events.RecoveryDemanded, ("recovery_id",), _debtor),
    Topic("recovery.dropped", N_("不再追回资金"), events.RecoveryDropped, ("recovery_id",), _debtor),
    Topic(
        "recovery.received",
        N_("退款已到账"),
        events.RecoveryReceived,
        ("recovery_id", "amount_fen", "left_fen", "bank_reference"),
        _debtor,
    ),
)
