"""What vouchers show on other chapters' pages: the choice on the order form, the arithmetic on the order's page."""

from __future__ import annotations

from typing import Any

from flask import url_for

from marketplace.base.context import Context
from marketplace.base.money import plain
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.pilots.members import queries as members
from marketplace.pilots.programmes import queries as pilots
from marketplace.shop.catalogue.queries import Offer
from marketplace.shop.orders.models import Order
from marketplace.shop.orders.ports import Panel
from marketplace.shop.orders.states import OrderState
from vouchers.schemes import queries as schemes
from vouchers.schemes import rules
from vouchers.schemes.models import SchemeVersion
from vouchers.schemes.ports import NextStep
from vouchers.wallets import permissions, queries


def choices(ctx: Context, offer: Offer) -> list[dict[str, Any]]:
    """The acting enterprise's vouchers that fit a product: by the category of the pilot they were issued in."""
    actor = ctx.actor
    if actor is None or actor.organisation_id is None:
        return []
    found = []
    for member in members.of_enterprise(ctx, actor.organisation_id):
        category = offer.listing.categories.get(pilots.read(ctx, member.pilot_id).type)
        for wallet in queries.usable(ctx, category=category, pilot_id=member.pilot_id) if category else ():
            label = f"{wallet.number} · ¥{plain(wallet.balance.available, grouped=True)} · {wallet.balance.last_day}"
            found.append(
                {
                    "id": wallet.id,
                    "label": label,
                    "available_fen": wallet.balance.available,
                    "pilot_id": member.pilot_id,
                    "mode": wallet.version.mode,
                }
            )
    return found


_OVER = (OrderState.DECLINED, OrderState.CANCELLED, OrderState.DISPUTED)
"""States in which a frozen voucher stops nothing, or the order itself says what stops it."""


def arithmetic(ctx: Context, order: Order) -> Panel | None:
    """How the order's subsidy was computed, stage by stage."""
    if order.voucher_id is None:
        return None
    seen = ctx.may(permissions.READ) and ctx.actor is not None and ctx.actor.organisation_id != order.provider_id
    url = url_for("wallets.show", voucher_id=order.voucher_id) if seen else None
    values = {
        "traces": schemes.traces(ctx, order.id),
        "explain": rules.explain,
        "voucher_url": url,
        "handovers": queries.handovers(ctx, order),
        "order": order,
        "stoppers": None if order.state in _OVER else queries.stoppers(ctx, order),
        "seen": seen,
    }
    return Panel("wallets/panel.html", values)


SHOWN = 3
"""Vouchers on the home page; the others are a click away."""


def home(ctx: Context) -> Panel | None:
    """An enterprise's newest vouchers with what is in them, on its home page."""
    if ctx.actor is None or ctx.actor.role is not Role.ENTERPRISE:
        return None
    page = queries.listed(ctx, limit=SHOWN)
    values = {"vouchers": page.items, "more": page.next_cursor is not None, "today": ctx.today}
    return Panel("wallets/home.html", values)


def issue_step(ctx: Context, version: SchemeVersion) -> NextStep | None:
    """On a scheme's page: issue vouchers under the open version."""
    if not ctx.may(permissions.ISSUE, version):
        return None
    return NextStep(N_("发券"), url_for("wallets.issue", version_id=version.id))
