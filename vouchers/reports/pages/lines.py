"""The ledger lines behind a figure: where every number of a report leads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Response as Answer

from marketplace.base.context import Context
from marketplace.web.listings import Listing
from marketplace.web.runtime import reading
from marketplace.web.security import access
from vouchers.reports import entries, permissions
from vouchers.reports.listings import BOOKINGS, ENTRIES
from vouchers.reports.pages.frame import bp


@bp.get("/entries")
@access(permissions.READ)
def movements() -> str | Answer:
    """What vouchers and contracts moved, one line each, and what the lines add up to."""
    return _answer(ENTRIES, entries.entries_total, entries.brought)


@bp.get("/bookings")
@access(permissions.READ)
def bookings() -> str | Answer:
    """What funds and lines moved, one line each, and what the lines add up to."""
    return _answer(BOOKINGS, entries.bookings_total, lambda ctx, **asked: 0)


def _answer(listing: Listing, total: Callable[..., int], brought: Callable[..., int]) -> str | Answer:
    ctx: Context = reading()
    asked: dict[str, Any] = listing.show(ctx).asked
    figure = asked.get("figure")
    return listing.answer(
        "reports/lines.html",
        ctx=ctx,
        total=total(ctx, **asked) if figure else None,
        brought=brought(ctx, **asked) if figure else 0,
        title=listing.title,
    )
