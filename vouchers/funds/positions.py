"""Where pilots stand or stood: their governed money at the end of a day, and what the book says of it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, select

from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.pilots.programmes import rules
from marketplace.pilots.programmes.models import Batch, Pilot
from marketplace.policy.editions import queries as editions
from marketplace.policy.engine.facts import Facts, Sums, counted
from marketplace.policy.engine.judge import judge
from marketplace.policy.engine.verdict import Verdict
from vouchers.funds import history
from vouchers.funds.history import CategoryState
from vouchers.funds.outcomes import outcomes
from vouchers.funds.queries import GOVERNED
from vouchers.ledger.models.funds import Fund


@dataclass(frozen=True)
class Position:
    """Where a pilot's governed money stands on one day, and what its book says of it."""

    pilot: Pilot
    batch: Batch
    fund: Fund
    categories: Sequence[CategoryState]
    facts: Facts
    verdict: Verdict


def positions(ctx: Context, pilot_ids: Sequence[uuid.UUID], as_of: date | None = None) -> list[Position]:
    """Where several pilots stand today, in the order of `pilot_ids` and in as many statements as for one.

    With an earlier day `as_of`, where they stood at its end. Either is summed from the entries, award and receipts too.
    The caller has authorised the pilots; those without a governed fund are left out. The facts that are judged are what
    `marketplace check` reads from the exported sheet: arranged is committed (never below paid), and a granted voucher
    that no order has touched is not arranged yet.
    """
    day = ctx.today if as_of is None else min(as_of, ctx.today)
    rows = {
        row[0].id: row
        for row in ctx.session.execute(
            select(Pilot, Batch, Fund)
            .join(Batch, Batch.id == Pilot.batch_id)
            .join(Fund, and_(Fund.pilot_id == Pilot.id, Fund.source == GOVERNED))
            .where(Pilot.id.in_(pilot_ids))
            .execution_options(populate_existing=True)
        )
    }
    books = editions.books(ctx, {pilot.edition_id for pilot, _, _ in rows.values()})
    fund_ids = [fund.id for _, _, fund in rows.values()]
    stood = history.stood(ctx, fund_ids, day)
    came = outcomes(ctx, fund_ids, day, [fund_id for fund_id in fund_ids if stood[fund_id].opened])
    found = []
    for pilot, batch, fund in (rows[pilot_id] for pilot_id in pilot_ids if pilot_id in rows):
        book, money = books[pilot.edition_id], stood[fund.id]
        facts = Facts(
            by_category={state.category: Sums(state.committed, state.paid) for state in money.categories},
            refunded=sum(state.clawed for state in money.categories),
            enterprises=counted(book, came.get(fund.id, ())),
        )
        judged = rules.judged(pilot, batch, award=money.award, received=money.received, as_of=day)
        found.append(Position(pilot, batch, fund, money.categories, facts, judge(book, judged, facts)))
    return found


def position(ctx: Context, pilot_id: uuid.UUID, as_of: date | None = None) -> Position:
    """Where one pilot stands, or stood on a day; NotFound without a governed fund. The caller has authorised it."""
    for found in positions(ctx, [pilot_id], as_of):
        return found
    raise NotFound("fund")
