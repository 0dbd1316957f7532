"""Reading adjustments, and what there is to adjust: lines whose period is over, interest, money to spare, entries."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import aliased

from marketplace.base import paging, permissions
from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.pilots.programmes.models import Pilot
from vouchers.adjustments import permissions as verbs
from vouchers.adjustments.models import Adjustment
from vouchers.adjustments.states import AdjustmentState, Kind
from vouchers.funds import queries as funds
from vouchers.funds.queries import LineState
from vouchers.ledger.models.commitments import Commitment
from vouchers.ledger.models.funds import BudgetLine, Fund, FundEntry
from vouchers.ledger.states import CORRECTABLE

NEWEST = (paging.Key(Adjustment.created_at, True), paging.Key(Adjustment.id, True))
OLDEST = (paging.Key(Adjustment.created_at), paging.Key(Adjustment.id))
SHOWN = 200
"""How many entries are offered for correction, the newest first."""


def visible(ctx: Context) -> Select[Adjustment]:
    """Adjustments this person may see."""
    return permissions.visible(ctx, verbs.READ, select(Adjustment), pilot=Adjustment.pilot_id, city=Adjustment.city)


def get(ctx: Context, adjustment_id: uuid.UUID, *, lock: bool = False) -> Adjustment:
    """One adjustment, or NotFound; locked for an act where asked."""
    statement = visible(ctx).where(Adjustment.id == adjustment_id).execution_options(populate_existing=True)
    row = ctx.session.scalars(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        raise NotFound("adjustment")
    return row


def listed(
    ctx: Context,
    *,
    state: AdjustmentState | None = None,
    kind: Kind | None = None,
    pilot_id: uuid.UUID | None = None,
    city: str | None = None,
    order: Sequence[paging.Key] = NEWEST,
    limit: int = 50,
    cursor: str | None = None,
) -> paging.Page[Adjustment]:
    """A page of adjustments within reach, newest first."""
    wanted: list[tuple[Any, Any]] = [
        (Adjustment.state, state),
        (Adjustment.kind, kind),
        (Adjustment.pilot_id, pilot_id),
        (Adjustment.city, city),
    ]
    statement = visible(ctx).where(*(column == value for column, value in wanted if value is not None))
    return paging.fetch(ctx.session, statement, order, limit=limit, cursor=cursor)


def waiting_for(ctx: Context) -> int:
    """How many adjustments within reach wait for a second person who is not the one that acts."""
    wanted = visible(ctx).where(
        Adjustment.state == AdjustmentState.PROPOSED, Adjustment.proposed_by != ctx.who.person_id
    )
    return ctx.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0


@dataclass(frozen=True)
class Desk:
    """What a fund has to be adjusted, in fen: cash on the account, what is still owed, interest not remitted yet."""

    fund: Fund
    over: list[LineState]
    """Lines whose last day is over and that still hold money that was not issued."""
    cash: int
    owed: int
    interest: int

    @property
    def spare(self) -> int:
        """What may be returned: nobody was promised it."""
        return max(0, self.cash - self.owed)


def desk(ctx: Context, pilot_id: uuid.UUID) -> Desk:
    """What of a pilot's governed money can be adjusted now."""
    funds.of_pilot(ctx, pilot_id)
    fund = funds.governed(ctx, pilot_id)
    over = [s for s in funds.by_fund(ctx, fund) if s.line.closes_on < ctx.today and s.available + s.lapsed]
    cash = fund.received - fund.returned - fund.paid + fund.recovered
    return Desk(fund, over, cash, owed(ctx, fund.id), fund.interest - fund.remitted)


def funded(ctx: Context) -> list[tuple[uuid.UUID, str]]:
    """Id and name of the pilots within reach that have money to adjust, by name."""
    statement = permissions.visible(
        ctx, verbs.PROPOSE, select(Fund.pilot_id, Pilot.name), pilot=Fund.pilot_id, city=Fund.city
    ).join(Pilot, Pilot.id == Fund.pilot_id)
    rows = ctx.session.execute(statement.where(Fund.source == funds.GOVERNED).order_by(Pilot.name)).all()
    return [(pilot_id, name) for pilot_id, name in rows]


def owed(ctx: Context, fund_id: uuid.UUID) -> int:
    """Fen that vouchers and contracts of a fund may still ask for."""
    total = (
        select(func.coalesce(func.sum(Commitment.available + Commitment.reserved + Commitment.payable), 0))
        .join(BudgetLine, BudgetLine.id == Commitment.line_id)
        .where(BudgetLine.fund_id == fund_id)
    )
    return int(ctx.session.scalar(total) or 0)


def line_state(ctx: Context, fund: Fund, line_id: uuid.UUID) -> LineState:
    """One line of this fund with its sums, or NotFound."""
    found = next((state for state in funds.by_fund(ctx, fund) if state.line.id == line_id), None)
    if found is None:
        raise NotFound("line")
    return found


def correctable(ctx: Context, fund_id: uuid.UUID) -> Sequence[FundEntry]:
    """Entries of a fund that may be taken back, newest first, at most `SHOWN`."""
    later = aliased(FundEntry)
    return ctx.session.scalars(
        select(FundEntry)
        .where(
            FundEntry.fund_id == fund_id,
            FundEntry.kind.in_(CORRECTABLE),
            ~exists(select(later.id).where(later.corrects == FundEntry.id)),
        )
        .order_by(FundEntry.id.desc())
        .limit(SHOWN)
    ).all()


def entry(ctx: Context, fund_id: uuid.UUID, entry_id: int) -> FundEntry:
    """One entry of this fund that may be taken back, or NotFound."""
    found = ctx.session.get(FundEntry, entry_id)
    if found is None or found.fund_id != fund_id or found.kind not in CORRECTABLE:
        raise NotFound("fund_entry")
    return found


def behind(ctx: Context, found: FundEntry) -> Adjustment | None:
    """The adjustment that booked an entry; none where a tranche did."""
    return ctx.session.get(Adjustment, found.reference) if found.reference else None
