"""What the ledger does by itself: ends what is over, proves its own soundness."""

from __future__ import annotations

from marketplace.base.context import Context
from vouchers.ledger import verify
from vouchers.ledger.actions import recalls


class Unsound(Exception):
    """The books do not agree with themselves; somebody must look before anything else is done."""


def sweep(ctx: Context) -> str:
    """End holds and vouchers whose last day is over."""
    ended = recalls.sweep(ctx)
    return f"{ended} ended" if ended else ""


def prove(ctx: Context) -> str:
    """Check every invariant and chain; fails, and so is seen, when one does not hold."""
    report = verify.verify(ctx.session, ctx.now)
    if not report.sound:
        raise Unsound("; ".join(str(d) for d in report.differences[:5]))
    return ", ".join(f"{count} {name}" for name, count in report.counts.items())
