"""The report over several pilots: of the province, of a city, of a batch, or of what both have in common."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select

from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.base.text import N_, Text
from marketplace.people.regions import queries as regions
from marketplace.pilots.programmes import queries as pilots
from marketplace.pilots.programmes.models import Batch, Pilot
from marketplace.policy.books.model import CheckRule
from marketplace.policy.engine.verdict import Check
from vouchers.funds import history, positions
from vouchers.funds.history import CategoryState
from vouchers.ledger.models.funds import Fund
from vouchers.reports import queries
from vouchers.reports.queries import Arrival, Row, Settlement, Source

MOST = 1_000
"""Pilots of one report: a province approves about twenty a year."""
TARGETS = ("targets.enterprises", "targets.key_link_share")


@dataclass(frozen=True)
class Tally:
    """One check of the books over the pilots it applies to: how many it finds in which state."""

    rule: CheckRule
    base: str | None
    counts: Counter[str]
    met: int | None = None
    """For a target what all pilots have reached together, and `wanted` what they need together; None for money."""
    wanted: int | None = None


@dataclass(frozen=True)
class Overview:
    """Everything the report shows of several pilots on one day. Amounts are fen."""

    name: Text | str
    city: str | None
    batch: Batch | None
    as_of: date
    reports: Sequence[Settlement]
    sources: Sequence[Source]
    arrivals: Sequence[tuple[Settlement, Arrival]]
    months: Sequence[history.Month]

    @property
    def award(self) -> int:
        return sum(report.award for report in self.reports)

    @property
    def received(self) -> int:
        return sum(report.received for report in self.reports)

    @property
    def total(self) -> CategoryState:
        """Over all pilots and categories."""
        return queries.total_of([report.total for report in self.reports])

    @property
    def statuses(self) -> Counter[str]:
        """How many pilots have which verdict."""
        return Counter(report.verdict.status for report in self.reports)

    @property
    def rows(self) -> Sequence[Row]:
        """By category, in the order of the books: renovation first."""
        found: dict[str, list[Row]] = {}
        for report in self.reports:
            for row in report.rows:
                found.setdefault(row.code, []).append(row)
        rows = [
            replace(same[0], money=queries.total_of([row.money for row in same], code)) for code, same in found.items()
        ]
        return sorted(rows, key=lambda row: row.bucket != "renovation")

    @property
    def tallies(self) -> Sequence[Tally]:
        """Every check of the books with the pilots counted by its result, in the order of the books."""
        found: dict[tuple[str, str | None], list[Check]] = {}
        for report in self.reports:
            for check in report.verdict.checks:
                found.setdefault((check.code, check.base), []).append(check)
        return [_tally(same) for same in found.values()]


def _tally(same: Sequence[Check]) -> Tally:
    counts = Counter(check.status for check in same)
    if same[0].code not in TARGETS:
        return Tally(same[0].rule, same[0].base, counts)
    return Tally(same[0].rule, same[0].base, counts, sum(c.actual for c in same), sum(c.limit for c in same))


def overview(
    ctx: Context, *, city: str | None = None, batch_id: uuid.UUID | None = None, as_of: date | None = None
) -> Overview:
    """The report over the pilots of a city, of a batch, or all within reach, today or at the end of an earlier day.

    Whoever asks sees the pilots of his own place alone: a city sees its own. Pilots that were approved later than the
    day are left out. NotFound for a place or batch out of reach; refuses a day that has not come yet.
    """
    queries.check_day(ctx, as_of)
    day = as_of or ctx.today
    statement = queries.visible(ctx).with_only_columns(Pilot.id).where(Pilot.approved_on <= day)
    if city is not None:
        statement = statement.where(Pilot.city == city)
    if batch_id is not None:
        statement = statement.where(Pilot.batch_id == batch_id)
    wanted = ctx.session.scalars(statement.order_by(Pilot.city, Pilot.name, Pilot.id).limit(MOST)).all()
    batch = pilots.batch(ctx, batch_id) if batch_id else None
    if not wanted and (city is not None or batch is not None):
        raise NotFound("pilot")
    reports = [queries.settled(position) for position in positions.positions(ctx, wanted, as_of)]
    ids = [report.pilot.id for report in reports]
    came = queries.arrivals_of(ctx, reports)
    return Overview(
        _name(ctx, city, batch),
        city,
        batch,
        day,
        reports,
        queries.sources(ctx, ids, day),
        [(report, arrival) for report in reports for arrival in came.get(report.pilot.id, ())],
        history.months(ctx, _governed(ctx, ids), day),
    )


def batches(ctx: Context) -> dict[uuid.UUID, str]:
    """The batches of the pilots within reach, newest first."""
    ids = queries.visible(ctx).with_only_columns(Pilot.batch_id)
    rows = ctx.session.execute(
        select(Batch.id, Batch.name).where(Batch.id.in_(ids)).order_by(Batch.number.desc(), Batch.id)
    )
    return {batch_id: name for batch_id, name in rows}


def _governed(ctx: Context, pilot_ids: Sequence[uuid.UUID]) -> Sequence[uuid.UUID]:
    statement = select(Fund.id).where(Fund.pilot_id.in_(pilot_ids), Fund.source == queries.funds.GOVERNED)
    return ctx.session.scalars(statement).all()


def _name(ctx: Context, city: str | None, batch: Batch | None) -> Text | str:
    """What the report is about, in words: the place and the batch."""
    actor = ctx.actor
    code = city or (actor.region if actor is not None and actor.pilot_id is None else None)
    place = regions.names(ctx, {code}).get(code) if code else None
    if batch is None:
        return place.label if place else N_("全部试点")
    if place is None:
        return batch.name
    return Text("{place} · {batch}", {"place": place.label, "batch": batch.name})
