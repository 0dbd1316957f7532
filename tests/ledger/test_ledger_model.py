"""A ledger of dictionaries beside the real one: whatever is tried, both accept or refuse it, and both hold the same."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from marketplace.base.errors import Refusal
from tests.support.ledger import CLOSES, NOON, PROVIDER, TODAY, Books, key, postgres_books, sqlite_books, stock
from vouchers.ledger import verify
from vouchers.ledger.actions import funds, holds, issue, parts, recalls
from vouchers.ledger.actions.issue import ContractItem, VoucherItem

LAST = TODAY + timedelta(days=2)
AMOUNTS = st.integers(1, 40)


@dataclass
class ModelHold:
    voucher: int
    rest: int
    last: date
    open: bool = True


@dataclass
class Model:
    """What should be there: per voucher six balances, holds with their rest, parts with theirs."""

    vouchers: list[dict[str, int]] = field(default_factory=list)
    holds: list[ModelHold] = field(default_factory=list)
    parts: list[list[int]] = field(default_factory=list)
    today: date = TODAY

    def move(self, voucher: int, src: str, dst: str, amount: int) -> bool:
        if amount > self.vouchers[voucher][src]:
            return False
        self.vouchers[voucher][src] -= amount
        self.vouchers[voucher][dst] += amount
        return True

    def give_back(self, hold: ModelHold, amount: int) -> None:
        self.move(hold.voucher, "reserved", "recalled" if self.today > LAST else "available", amount)
        hold.rest -= amount
        hold.open = hold.rest > 0


class Ledger(RuleBasedStateMachine):
    books: ClassVar[Books]
    steps: ClassVar[int] = 0

    @initialize(faces=st.lists(st.integers(20, 100), min_size=2, max_size=2))
    def issue_vouchers(self, faces: list[int]) -> None:
        self.books.clock.set(NOON)
        items = [VoucherItem(face, LAST, uuid.uuid4()) for face in faces]
        contract = [ContractItem(faces[0], CLOSES, PROVIDER, key(), bytes(32), TODAY)]
        self.ids = self.books.act(lambda ctx: issue.issue(ctx, self.books.renovation, items, key())).commitment_ids
        self.ids += self.books.act(lambda ctx: issue.issue(ctx, self.books.platforms, contract, key())).commitment_ids
        zero = dict.fromkeys(("available", "reserved", "payable", "paid", "recalled", "clawed"), 0)
        self.model = Model([zero | {"available": face} for face in (*faces, faces[0])])
        self.hold_ids: list[uuid.UUID] = []
        self.part_ids: list[int] = []

    def agree(self, should: bool, verb: Any) -> Any:
        """Do it for real and see that both accept it, or both refuse."""
        Ledger.steps += 1
        try:
            done = self.books.act(verb)
        except Refusal as refusal:
            assert not should, f"refused though it is right: {refusal}"
            return None
        assert should, "accepted though it is wrong"
        return done

    @rule(voucher=st.integers(0, 2), amount=AMOUNTS, days=st.integers(1, 8))
    def reserve(self, voucher: int, amount: int, days: int) -> None:
        last = TODAY + timedelta(days=days)
        should = voucher < 2 and self.model.today <= LAST and amount <= self.model.vouchers[voucher]["available"]
        verb = lambda ctx: holds.reserve(ctx, self.ids[voucher], uuid.uuid4(), PROVIDER, amount, last, key())  # noqa: E731
        done = self.agree(should, verb)
        if done:
            self.model.move(voucher, "available", "reserved", amount)
            self.model.holds.append(ModelHold(voucher, amount, last))
            self.hold_ids.append(done.hold_id)

    @precondition(lambda self: self.hold_ids)
    @rule(data=st.data(), amount=AMOUNTS, release_rest=st.booleans())
    def redeem(self, data: Any, amount: int, release_rest: bool) -> None:
        place = data.draw(st.integers(0, len(self.hold_ids) - 1))
        hold = self.model.holds[place]
        should = hold.open and self.model.today <= hold.last and amount <= hold.rest
        done = self.agree(
            should, lambda ctx: holds.redeem(ctx, self.hold_ids[place], amount, key(), release_rest=release_rest)
        )
        if done:
            self.model.move(hold.voucher, "reserved", "payable", amount)
            hold.rest -= amount
            hold.open = hold.rest > 0
            if release_rest and hold.open:
                self.model.give_back(hold, hold.rest)
            self.model.parts.append([hold.voucher, amount])
            self.part_ids.append(done.entry_id)

    @rule(amount=AMOUNTS)
    def redeem_contract(self, amount: int) -> None:
        should = amount <= self.model.vouchers[2]["available"]
        done = self.agree(should, lambda ctx: parts.redeem_contract(ctx, self.ids[2], amount, key()))
        if done:
            self.model.move(2, "available", "payable", amount)
            self.model.parts.append([2, amount])
            self.part_ids.append(done.entry_id)

    @precondition(lambda self: self.hold_ids)
    @rule(data=st.data(), amount=st.none() | AMOUNTS)
    def release(self, data: Any, amount: int | None) -> None:
        place = data.draw(st.integers(0, len(self.hold_ids) - 1))
        hold = self.model.holds[place]
        should = hold.open and (amount or 0) <= hold.rest
        if self.agree(should, lambda ctx: holds.release(ctx, self.hold_ids[place], key(), amount)):
            self.model.give_back(hold, hold.rest if amount is None else amount)

    @precondition(lambda self: self.hold_ids)
    @rule(data=st.data(), days=st.integers(1, 8))
    def transfer(self, data: Any, days: int) -> None:
        place = data.draw(st.integers(0, len(self.hold_ids) - 1))
        hold, last = self.model.holds[place], TODAY + timedelta(days=days)
        done = self.agree(
            hold.open, lambda ctx: holds.transfer(ctx, self.hold_ids[place], uuid.uuid4(), PROVIDER, last, key())
        )
        if done:
            self.model.holds.append(ModelHold(hold.voucher, hold.rest, last))
            self.hold_ids.append(done.hold_id)
            hold.rest, hold.open = 0, False

    @precondition(lambda self: self.part_ids)
    @rule(data=st.data(), amount=AMOUNTS, cut=st.booleans())
    def refund(self, data: Any, amount: int, cut: bool) -> None:
        place = data.draw(st.integers(0, len(self.part_ids) - 1))
        part = self.model.parts[place]
        verb = parts.cut if cut else parts.refund
        if self.agree(amount <= part[1], lambda ctx: verb(ctx, self.part_ids[place], amount, key())):
            over = self.model.today > (CLOSES if part[0] == 2 else LAST)
            self.model.move(part[0], "payable", "recalled" if over else "available", amount)
            part[1] -= amount

    @rule(voucher=st.integers(0, 2), amount=AMOUNTS)
    def recall(self, voucher: int, amount: int) -> None:
        should = amount <= self.model.vouchers[voucher]["available"]
        if self.agree(should, lambda ctx: recalls.recall(ctx, self.ids[voucher], amount, key())):
            self.model.move(voucher, "available", "recalled", amount)

    @rule(days=st.integers(1, 3))
    def time_passes(self, days: int) -> None:
        self.books.clock.advance(days=days)
        self.model.today += timedelta(days=days)

    @rule()
    def sweep(self) -> None:
        self.books.act(recalls.sweep, None)
        for hold in self.model.holds:
            if hold.open and hold.last < self.model.today:
                self.model.give_back(hold, hold.rest)
        for voucher in (0, 1) if self.model.today > LAST else ():
            self.model.move(voucher, "available", "recalled", self.model.vouchers[voucher]["available"])

    @invariant()
    def same_balances(self) -> None:
        for place, commitment in enumerate(getattr(self, "ids", [])):
            assert self.books.balances(commitment) == tuple(self.model.vouchers[place].values())


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def long_books(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Books]:
    with ExitStack() as stack:
        if request.param == "sqlite":
            books = stack.enter_context(sqlite_books(request.getfixturevalue("sqlite_template"), tmp_path))
        else:
            cluster, template = request.getfixturevalue("postgres"), request.getfixturevalue("postgres_template")
            books = stack.enter_context(postgres_books(cluster, template))
        stock(books)
        books.act(lambda ctx: funds.book_award(ctx, books.fund, 10**9, key()))
        books.act(lambda ctx: funds.allot(ctx, books.renovation, 10**8, key()))
        books.act(lambda ctx: funds.allot(ctx, books.platforms, 10**8, key()))
        yield books


def test_the_ledger_and_its_model_agree(long_books: Books):
    Ledger.books, Ledger.steps = long_books, 0
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=40,
            stateful_step_count=30,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Ledger.steps > 300
    assert long_books.look(verify.verify).sound
