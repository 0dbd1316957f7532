"""The one act of this chapter: letting somebody's sheet in. Sheet and answer are kept nowhere."""

from __future__ import annotations

from datetime import timedelta

from marketplace.base.context import Context
from marketplace.people.accounts import throttle
from marketplace.people.accounts.rules import Limit

VISITOR = Limit(30, timedelta(hours=1))
"""Sheets from one network address without a sign-in: an office tries a few times, a machine does not go on."""
PERSON = Limit(120, timedelta(hours=1))


def admit(ctx: Context, address: str) -> None:
    """Count one sheet of whoever sends it, by person or else by network address; refuses too many (`throttled`)."""
    if ctx.actor is None:
        throttle.count(ctx, "check", throttle.network(address), VISITOR)
    else:
        throttle.count(ctx, "check", str(ctx.actor.person_id), PERSON)
