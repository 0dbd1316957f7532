"""A call told as the steps of a selection: which are done, and which runs now."""

from __future__ import annotations

from typing import Any

from marketplace.base.text import N_, Text
from marketplace.web.i18n import say
from providers.calls.models import Call
from providers.calls.states import CallState

_WAY = (
    (N_("发布公告"), (CallState.DRAFT,)),
    (N_("接受申报"), (CallState.OPEN,)),
    (N_("审查和评审"), (CallState.CLOSED, CallState.REVIEWING)),
    (N_("公示名单"), (CallState.IN_PUBLICITY, CallState.CLEARED)),
    (N_("公布结果"), (CallState.DECIDED,)),
)


def path(call: Call) -> list[dict[str, Any]]:
    """The steps for `steps.path`; none once the call was cancelled, which its page says by itself."""
    here = next((at for at, (_, states) in enumerate(_WAY) if call.state in states), None)
    if here is None:
        return []
    hints = {
        1: Text(N_("{start} 至 {end}"), {"start": call.opens_on, "end": call.closes_on}),
        3: Text(N_("{days} 个工作日"), {"days": call.publicity_days}),
    }
    decided = call.state is CallState.DECIDED
    return [
        {
            "label": say(label),
            "state": "done" if at < here or decided else "now" if at == here else "next",
            "hint": say(hints[at]) if at in hints else None,
        }
        for at, (label, _) in enumerate(_WAY)
    ]
