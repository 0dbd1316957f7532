"""A report of any day is what somebody finds who adds up the ledger lines by hand: a random year, read with plain SQL.

The second reading of the rules (`tests/policy/oracle.py`) imports nothing of the product; the lines become its rows.
"""

from __future__ import annotations

import random
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from marketplace.base.clock import SetClock, day_of
from marketplace.base.errors import Refusal
from tests.ledger.test_ledger_verify import pay
from tests.policy import oracle
from tests.support.ledger import OFFICER, PROVIDER, key
from tests.support.purse import AWARD, Purse, fill_purse
from vouchers.funds import actions as funds
from vouchers.funds import history
from vouchers.funds import queries as purses
from vouchers.funds.positions import position
from vouchers.ledger import verify
from vouchers.ledger.actions import holds, issue, parts, recalls, snapshots

STEPS, FIRMS = 160, [uuid.UUID(int=900 + place) for place in range(3)]
LINES = """
    SELECT e.day, e.kind, e.src, e.dst, e.amount, c.kind, c.id, b.category, v.enterprise_id
    FROM entry e JOIN commitment c ON c.id = e.commitment_id JOIN budget_line b ON b.id = c.line_id
    LEFT JOIN voucher v ON v.commitment_id = c.id WHERE b.pilot_id = :pilot ORDER BY e.id
"""
BOOKED = "SELECT day, kind, amount FROM fund_entry WHERE fund_id = :fund AND kind IN ('award', 'receipt')"
COMMITS, FREES = {"reserve"}, {"release", "lapse", "refund", "cut"}


@dataclass
class Year:
    """A purse that lives at random; answers to `act` as the ledger's own tests ask it."""

    purse: Purse
    clock: SetClock
    dice: random.Random
    fund: uuid.UUID = uuid.UUID(int=0)
    lines: dict[str, uuid.UUID] = field(default_factory=dict)
    vouchers: list[uuid.UUID] = field(default_factory=list)
    held: list[uuid.UUID] = field(default_factory=list)
    contracts: list[uuid.UUID] = field(default_factory=list)
    unpaid: list[tuple[uuid.UUID, int, int]] = field(default_factory=list)
    settled: list[tuple[int, int]] = field(default_factory=list)

    def act(self, verb: Any, actor: Any = OFFICER) -> Any:
        return self.purse.act(verb, actor)

    @property
    def last(self) -> date:
        return day_of(self.clock.moment) + timedelta(days=60)

    def some(self) -> int:
        return self.dice.choice([1, 99, 100, 12_345_67, self.dice.randrange(1, 60_000_00)])

    def grant(self) -> None:
        line = self.lines[self.dice.choice(["renovation", "saas"])]
        item = issue.VoucherItem(self.some(), self.last, self.dice.choice(FIRMS))
        self.vouchers += self.act(lambda ctx: issue.issue(ctx, line, [item], key())).commitment_ids

    def sign(self) -> None:
        item = issue.ContractItem(self.some(), self.last, PROVIDER, key()[:8], bytes(32), day_of(self.clock.moment))
        line = self.lines[self.dice.choice(["services", "platform"])]
        self.contracts += self.act(lambda ctx: issue.issue(ctx, line, [item], key())).commitment_ids

    def order(self) -> None:
        voucher = self.dice.choice(self.vouchers)
        held = self.act(lambda ctx: holds.reserve(ctx, voucher, uuid.uuid4(), PROVIDER, self.some(), self.last, key()))
        self.held.append(held.hold_id)

    def hand_over(self) -> None:
        held = self.dice.choice(self.held)
        amount, rest = self.some(), self.dice.random() < 0.5
        found = self.act(lambda ctx: holds.redeem(ctx, held, amount, key(), release_rest=rest))
        self.unpaid.append((found.commitment_id, found.entry_id, amount))

    def accept_part(self) -> None:
        contract, amount = self.dice.choice(self.contracts), self.some()
        found = self.act(lambda ctx: parts.redeem_contract(ctx, contract, amount, key()))
        self.unpaid.append((contract, found.entry_id, amount))

    def give_back(self) -> None:
        _, part, amount = self.dice.choice(self.unpaid)
        self.act(lambda ctx: parts.refund(ctx, part, self.dice.randrange(1, amount + 1), key()))

    def let_go(self) -> None:
        held = self.dice.choice(self.held)
        self.act(lambda ctx: holds.release(ctx, held, key()))

    def settle(self) -> None:
        self.dice.shuffle(self.unpaid)
        commitment, part, amount = self.unpaid.pop()
        mode = "contract" if commitment in self.contracts else "direct"
        pay(self, commitment, part, amount, max(1, amount - 501), mode)  # type: ignore[arg-type]
        self.settled.append((part, amount))

    def claw(self) -> None:
        part, amount = self.dice.choice(self.settled)
        self.act(lambda ctx: parts.clawback(ctx, part, self.dice.randrange(1, amount + 1), key()))

    def take_back(self) -> None:
        one = self.dice.choice(self.vouchers + self.contracts)
        self.act(lambda ctx: recalls.recall(ctx, one, None, key()))

    def night(self) -> None:
        self.clock.advance(days=self.dice.randrange(1, 12))
        self.act(recalls.sweep, None)
        if self.dice.random() < 0.4:
            self.act(snapshots.take, None)

    def live(self) -> None:
        acts = [self.grant, self.sign, self.order, self.order, self.hand_over, self.accept_part, self.give_back]
        acts += [self.let_go, self.settle, self.settle, self.claw, self.take_back, self.night, self.night]
        for _ in range(STEPS):
            try:
                self.dice.choice(acts)()
            except (Refusal, IndexError):  # nothing to choose from yet, or more than there is
                continue


@pytest.fixture
def year(request: pytest.FixtureRequest, app: Flask, clock: SetClock) -> Year:
    purse = fill_purse(app, day_of(clock.moment), allotted_fen=6_000_000_00)
    for category in ("saas", "services", "platform"):
        purse.act(
            lambda ctx, c=category: funds.allot(ctx, purse.town.pilot.id, category=c, amount_fen=500_000_00, key=c),
            purse.finance,
        )
    made = Year(purse, clock, random.Random(request.param))
    made.fund = purse.act(lambda ctx: purses.governed(ctx, purse.town.pilot.id).id)
    states = purse.act(lambda ctx: purses.lines(ctx, purse.town.pilot.id))
    made.lines = {state.line.category: state.line.id for state in states}
    made.live()
    return made


def rows_until(year: Year, day: date) -> list[dict[str, Any]]:
    """The lines of the ledger as rows of a sheet: a voucher commits when it is set aside, a contract when it is signed."""
    found: list[dict[str, Any]] = []

    def row(kind: str, on: Any, amount: int, commitment: Any, category: str, firm: Any) -> None:
        found.append({
            "kind": kind, "day": on, "amount": amount, "category": category, "contract": str(commitment),
            "enterprise": str(firm or ""), "accepted": None, "level": None, "key_link": False,
        })  # fmt: skip

    read = year.act(
        lambda ctx: ctx.session.execute(text(LINES), {"pilot": place_of(ctx, year.purse.town.pilot.id)}).all()
    )
    assert read
    for on, kind, src, dst, amount, what, commitment, category, firm in read:
        if date.fromisoformat(str(on)) > day:
            continue
        told = []
        if what == "contract":
            told += ["committed"] if kind == "issue" else []
            told += ["released"] if dst == "recalled" else []
            told += ["refund"] if kind == "clawback" else []
        else:
            told += ["committed"] if kind in COMMITS or (kind == "redeem" and src == "available") else []
            told += ["released"] if kind in FREES else []
            told += ["refund", "released"] if kind == "clawback" else []
        told += ["paid"] if kind == "settle" else []
        for name in told:
            row(name, on, amount, commitment, category, firm)
    return found


def place_of(ctx: Any, identity: uuid.UUID) -> Any:
    """How the database holds an id that plain SQL asks for."""
    return identity if ctx.session.get_bind().dialect.name == "postgresql" else str(identity)


def booked(year: Year, day: date) -> dict[str, int]:
    lines = year.act(lambda ctx: ctx.session.execute(text(BOOKED), {"fund": place_of(ctx, year.fund)}).all())
    sums: dict[str, int] = defaultdict(int)
    for on, kind, amount in lines:
        sums[kind] += amount if date.fromisoformat(str(on)) <= day else 0
    return sums


@pytest.mark.parametrize("year", [1, 2, 3, 4], indirect=True)
def test_the_report_of_any_day_is_what_the_lines_add_up_to(year: Year, monkeypatch: pytest.MonkeyPatch) -> None:
    pilot, today = year.purse.town.pilot, day_of(year.clock.moment)
    assert year.act(lambda ctx: verify.verify(ctx.session)).sound
    assert len(year.settled) > 2 and (today - pilot.approved_on).days > 60, "too little happened"
    compared = set()
    for ago in (0, 1, 7, 20, 45):
        day = today - timedelta(days=ago)
        found = year.act(lambda ctx, day=day: position(ctx, pilot.id, day)).verdict
        monkeypatch.setattr(oracle, "YEAR1", found.pilot.year1_end)
        monkeypatch.setattr(oracle, "YEAR2", found.pilot.year2_end)
        money, rows = booked(year, day), rows_until(year, day)
        facts = {
            "type": "county", "class": "county_1", "award": money["award"], "received": money["receipt"],
            "approved_on": pilot.approved_on, "as_of": day,
        }  # fmt: skip
        sums = oracle.sums(facts, rows)
        assert money["award"] == AWARD
        for code, state in found.facts.by_category.items():
            assert (state.arranged, state.paid) == sums.get(code, (0, 0)), (code, day)
        assert found.facts.refunded == sum(row["amount"] for row in rows if row["kind"] == "refund")
        assert [
            (c.code, c.base, c.amount, c.limit, c.actual, part(c.limit_share), part(c.actual_share), c.status)
            for c in found.checks
        ] == oracle.checks(facts, rows), day
        compared.add(tuple(sums.values()))
    assert len(compared) > 2, "the days did not differ"
    months = year.act(lambda ctx: history.months(ctx, [year.fund], today))
    for month in months:
        sums = oracle.sums({"type": "county"}, rows_until(year, month.day))
        assert (month.committed, month.paid) == tuple(map(sum, zip(*sums.values(), strict=True)) if sums else (0, 0))


def part(bps: int | None) -> Fraction | None:
    return None if bps is None else Fraction(bps, 10_000)
