"""What programs of a contract's provider may hear of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from marketplace.base.context import Context
from marketplace.base.text import N_
from marketplace.people.webhooks.topics import Topic
from vouchers.contracts import events
from vouchers.contracts.models import ContractRecord


def _provider(ctx: Context, data: Mapping[str, Any]) -> Iterable[uuid.UUID]:
    contract = ctx.session.get(ContractRecord, uuid.UUID(data["contract_id"]))
    return () if contract is None else (contract.provider_id,)


TOPICS = (
    Topic(
        "contract.confirmed", N_("合同资金已确认"), events.ContractConfirmed, ("contract_id", "amount_fen"), _provider
    ),
    Topic(
        "contract.part_accepted",
        N_("合同的一期已验收"),
        events.PartAccepted,
        ("contract_id", "part_id", "amount_fen"),
        _provider,
    ),
    Topic(
        "contract.reduced",
        N_("合同资金已核减"),
        events.ContractReduced,
        ("contract_id", "amount_fen", "reason"),
        _provider,
    ),
)
