"""A pilot with a tranche on its account and an allotted line, and two persons of finance, fresh for each test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import text

from marketplace.base.clock import SetClock, day_of
from marketplace.base.context import Actor
from marketplace.base.roles import Role
from marketplace.people.accounts.models import Person
from marketplace.pilots.programmes import actions as pilots
from marketplace.pilots.programmes.models import Pilot, Tranche
from tests.support.people import make_actor
from tests.support.pilots import World, make_world
from vouchers.funds import actions as funds
from vouchers.funds import queries as found
from vouchers.ledger.models.funds import BudgetLine, Fund

AWARD, ARRIVED, ALLOTTED = 10_000_000_00, 5_000_000_00, 4_000_000_00


@dataclass
class Office:
    """The two persons of finance and what they work on."""

    world: World
    pilot: Pilot
    maker: Actor
    checker: Actor
    persons: dict[str, Person]
    tranche: Tranche
    line: BudgetLine

    @property
    def today(self) -> Any:
        return day_of(self.world.clock.now())

    def act(self, verb: Any, actor: Actor | None = None) -> Any:
        return self.world.act(verb, actor)

    def fund(self) -> Fund:
        made: Fund = self.act(lambda ctx: found.governed(ctx, self.pilot.id))
        return made

    def buckets(self) -> tuple[int, int, int, int]:
        """allotted, available, committed, lapsed of the line."""
        asked = "SELECT sum(allotted), sum(available), sum(committed), sum(lapsed) FROM line_bucket"
        return tuple(self.act(lambda ctx: ctx.session.execute(text(asked)).one()))

    def year_ends(self) -> None:
        """Let the line's last day go by."""
        line = self.world.see(BudgetLine, self.line.id)
        self.world.clock.advance(days=(line.closes_on - self.today).days + 1)


@pytest.fixture
def office(act: Callable[..., Any], clock: SetClock) -> Office:
    world = make_world(act, clock)
    pilot = world.approved(award_fen=AWARD)
    sent = act(lambda ctx: pilots.propose_tranche(ctx, pilot.id, ARRIVED), world.industry)
    act(lambda ctx: pilots.release_tranche(ctx, sent.id, "赣财〔2031〕9号"), world.finance_department)
    people = {
        who: make_actor(act, Role.FINANCE, pilot_id=pilot.id, region=pilot.region) for who in ("maker", "checker")
    }
    (maker, one), (checker, other) = people["maker"], people["checker"]
    tranche = act(
        lambda ctx: pilots.receive_tranche(ctx, sent.id, received_on=ctx.today, bank_reference="BOC-1"), maker
    )
    line = act(lambda ctx: funds.allot(ctx, pilot.id, category="renovation", amount_fen=ALLOTTED, key="a"), maker)
    return Office(world, pilot, maker, checker, {"maker": one, "checker": other}, tranche, line)
