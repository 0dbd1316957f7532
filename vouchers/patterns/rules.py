"""When many orders together are striking: pure arithmetic over what the database added up."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence

from marketplace.base.clock import day_of
from marketplace.people.organisations.rules import Profile, relations
from vouchers.patterns.queries import AtCap, Placed


def clusters_at_cap(found: AtCap, *, orders: int, share_bps: int, times: int) -> bool:
    """Whether a provider prices to the cap: often enough, mostly, and several times as often as the others do."""
    if found.near < orders or found.near * 10_000 < found.orders * share_bps:
        return False
    return found.near * found.other_orders >= times * found.other_near * found.orders


def together(
    providers: Iterable[uuid.UUID], profiles: Mapping[uuid.UUID, Profile], least_bps: int
) -> list[set[uuid.UUID]]:
    """The providers in groups: those that belong together, whether directly or through a third of them."""
    groups: list[set[uuid.UUID]] = []
    for one in providers:
        near = [g for g in groups if any(relations(profiles[one], profiles[o], least_bps=least_bps) for o in g)]
        groups = [g for g in groups if g not in near] + [{one}.union(*near)]
    return groups


def pieces(orders: Sequence[Placed], *, days: int, total_fen: int) -> Iterator[list[Placed]]:
    """Runs of orders, given the earliest first, that fall within `days` and together pass what none of them passes.

    That is the cap of the voucher for their subsidies, or `total_fen` for their prices. No order is in two runs.
    """
    start = 0
    while start < len(orders) - 1:
        first = day_of(orders[start].at)
        run = [o for o in orders[start:] if (day_of(o.at) - first).days <= days]
        if len(run) > 1 and _passes(run, total_fen):
            yield run
            start += len(run)
        else:
            start += 1


def _passes(run: Sequence[Placed], total_fen: int) -> bool:
    cap = max(o.cap_fen for o in run)
    over_cap = sum(o.subsidy_fen for o in run) > cap >= max(o.subsidy_fen for o in run)
    return over_cap or sum(o.total_fen for o in run) >= total_fen > max(o.total_fen for o in run)
