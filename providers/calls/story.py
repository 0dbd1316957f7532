"""A call told as the steps of a selection: which are done, and which runs now."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.base.text import N_, Text
from providers.calls.models import Call
from providers.calls.states import CallState


@dataclass(frozen=True)
class Step:
    """One step: its words, its state (done, now, next or bad), and what is to be said beneath."""

    label: str
    state: str
    hint: Text | None = None


_WAY = (
    (N_("发布公告"), (CallState.DRAFT,)),
    (N_("接受申报"), (CallState.OPEN,)),
    (N_("审查和评审"), (CallState.CLOSED, CallState.REVIEWING)),
    (N_("公示名单"), (CallState.IN_PUBLICITY, CallState.CLEARED)),
    (N_("公布结果"), (CallState.DECIDED,)),
)


def path(call: Call) -> list[Step]:
    """The steps of a call; none once it was cancelled, which its page says by itself."""
    here = next((at for at, (_, states) in enumerate(_WAY) if call.state in states), None)
    if here is None:
        return []
    hints = {
        1: Text(N_("{start} 至 {end}"), {"start": call.opens_on, "end": call.closes_on}),
        3: Text(N_("{days} 个工作日"), {"days": call.publicity_days}),
    }
    decided = call.state is CallState.DECIDED
    return [
        Step(label, "done" if at < here or decided else "now" if at == here else "next", hints.get(at))
        for at, (label, _) in enumerate(_WAY)
    ]
