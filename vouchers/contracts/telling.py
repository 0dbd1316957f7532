"""A contract told from its record to the last part, for its page."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from marketplace.base.money import Yuan
from marketplace.base.text import N_, Text
from vouchers.contracts.models import ContractRecall
from vouchers.contracts.queries import Held, Part
from vouchers.contracts.states import RecordState


@dataclass(frozen=True)
class Station:
    """One station: `state` is done, now, next or bad."""

    label: Text | str
    state: str
    at: datetime | None = None
    who: str = ""
    note: str = ""


def stations(
    held: Held, parts: Sequence[Part], recalls: Sequence[ContractRecall], people: Mapping[uuid.UUID, str]
) -> list[Station]:
    """The whole way of a contract; `people` are the names of the officers."""
    record = held.record
    told = [Station(N_("登记合同"), "done", record.created_at, people.get(record.recorded_by, ""))]
    if record.state is RecordState.PROPOSED:
        return [*told, Station(N_("由另一人复核"), "now"), Station(N_("分次验收、开票、兑付"), "next")]
    by = people.get(record.decided_by, "") if record.decided_by else ""
    if record.state is not RecordState.CONFIRMED:
        words = N_("复核未通过") if record.state is RecordState.DECLINED else N_("登记已撤回")
        return [*told, Station(words, "bad", record.decided_at, by, record.reason)]
    told.append(Station(N_("复核确认，承诺资金"), "done", record.decided_at, by))
    later = [_accepted(part, people) for part in parts] + [_recalled(row, people) for row in recalls]
    told += sorted(later, key=lambda station: station.at or record.created_at)
    if held.left_fen:
        text = Text(N_("尚有 {left} 未验收，截止 {day}"), {"left": Yuan(held.left_fen), "day": record.last_day})
        return [*told, Station(text, "now")]
    return [*told, Station(N_("已全部验收或收回"), "done")]


def _accepted(part: Part, people: Mapping[uuid.UUID, str]) -> Station:
    row = part.row
    text = Text(N_("验收 {amount}"), {"amount": Yuan(row.amount_fen)})
    return Station(text, "done", row.created_at, people.get(row.accepted_by, ""), row.content)


def _recalled(row: ContractRecall, people: Mapping[uuid.UUID, str]) -> Station:
    text = Text(N_("调减 {amount}"), {"amount": Yuan(row.amount_fen)})
    return Station(text, "done", row.created_at, people.get(row.recalled_by, ""), row.reason)
