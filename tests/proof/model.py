"""R1. A ledger of dictionaries beside the real one: whatever is tried, both accept or refuse it, and both hold the same."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from marketplace.base.context import Actor
from marketplace.base.errors import Refusal
from tests.proof import ground
from tests.proof.parts import Counts, Figure, Part, Piece, none, some, together
from tests.support.ledger import CHECKER, CLOSES, NOON, OFFICER, PROVIDER, TODAY, Books, key
from tests.support.postgres import Cluster
from vouchers.ledger import verify
from vouchers.ledger.actions import batches, claims, freezing, holds, issue, parts, payouts, recalls
from vouchers.ledger.actions.batches import Payee
from vouchers.ledger.actions.claims import Decision
from vouchers.ledger.actions.issue import ContractItem, VoucherItem

LAST = TODAY + timedelta(days=2)
AMOUNTS = st.integers(1, 40)
BALANCES = ("available", "reserved", "payable", "paid", "recalled", "clawed")
CONTRACT = 2
"""The third commitment of each story is a contract."""


@dataclass
class ModelHold:
    voucher: int
    rest: int
    last: date

    @property
    def open(self) -> bool:
        return self.rest > 0


@dataclass
class ModelPart:
    """A redeemed part: what is not yet paid or taken back, what was paid, and the claim it stands in."""

    voucher: int
    open: int
    paid: int = 0
    claim: int | None = None


@dataclass
class ModelClaim:
    part: int
    asked: int
    state: str = "filed"
    approved: int = 0
    sent: bool = False


@dataclass
class Model:
    """What should be there."""

    vouchers: list[dict[str, int]] = field(default_factory=list)
    frozen: list[bool] = field(default_factory=list)
    holds: list[ModelHold] = field(default_factory=list)
    parts: list[ModelPart] = field(default_factory=list)
    claims: list[ModelClaim] = field(default_factory=list)
    today: date = TODAY

    def over(self, voucher: int) -> bool:
        """Whether the last day of a commitment has passed."""
        return self.today > (CLOSES if voucher == CONTRACT else LAST)

    def move(self, voucher: int, src: str, dst: str, amount: int) -> None:
        self.vouchers[voucher][src] -= amount
        self.vouchers[voucher][dst] += amount

    def end(self, hold: ModelHold, amount: int) -> None:
        self.move(hold.voucher, "reserved", "recalled" if self.over(hold.voucher) else "available", amount)
        hold.rest -= amount

    def take_back(self, part: ModelPart, amount: int) -> None:
        self.move(part.voucher, "payable", "recalled" if self.over(part.voucher) else "available", amount)
        part.open -= amount


class Ledger(RuleBasedStateMachine):
    """Random lives of two vouchers and a contract, legal and illegal moves alike."""

    books: ClassVar[Books]
    seen: ClassVar[Counter[str]] = Counter()

    @initialize(faces=st.lists(st.integers(20, 100), min_size=2, max_size=2))
    def issue_vouchers(self, faces: list[int]) -> None:
        self.books.clock.set(NOON)
        items = [VoucherItem(face, LAST, uuid.uuid4()) for face in faces]
        contract = [ContractItem(faces[0], CLOSES, PROVIDER, key(), bytes(32), TODAY)]
        self.ids = self.books.act(lambda ctx: issue.issue(ctx, self.books.renovation, items, key())).commitment_ids
        self.ids += self.books.act(lambda ctx: issue.issue(ctx, self.books.platforms, contract, key())).commitment_ids
        zero = dict.fromkeys(BALANCES, 0)
        self.model = Model([zero | {"available": face} for face in (*faces, faces[0])], [False] * 3)
        self.hold_ids: list[uuid.UUID] = []
        self.part_ids: list[int] = []
        self.claim_ids: list[uuid.UUID] = []
        self.seen["stories"] += 1

    def agree(self, name: str, should: bool, verb: Callable[[Any], Any], actor: Actor = OFFICER) -> Any:
        """Do it for real and see that both accept it, or both refuse; None when refused."""
        try:
            done = self.books.act(verb, actor)
        except Refusal as refusal:
            assert not should, f"{name} was refused though it is right: {refusal.code}"
            self.seen[f"{name} refused"] += 1
            return None
        assert should, f"{name} was accepted though it is wrong"
        self.seen[f"{name} done"] += 1
        return done if done is not None else True

    @rule(voucher=st.integers(0, 2), amount=AMOUNTS, days=st.integers(1, 8))
    def reserve(self, voucher: int, amount: int, days: int) -> None:
        last = TODAY + timedelta(days=days)
        now = self.model
        should = (
            voucher != CONTRACT
            and now.today <= LAST
            and amount <= now.vouchers[voucher]["available"]
            and not now.frozen[voucher]
        )
        order = uuid.uuid4()
        done = self.agree(
            "reserve", should, lambda c: holds.reserve(c, self.ids[voucher], order, PROVIDER, amount, last, key())
        )
        if done:
            now.move(voucher, "available", "reserved", amount)
            now.holds.append(ModelHold(voucher, amount, last))
            self.hold_ids.append(done.hold_id)

    @precondition(lambda self: self.hold_ids)
    @rule(data=st.data(), amount=AMOUNTS, release_rest=st.booleans())
    def redeem(self, data: Any, amount: int, release_rest: bool) -> None:
        place = data.draw(st.integers(0, len(self.hold_ids) - 1))
        hold = self.model.holds[place]
        should = (
            hold.open and self.model.today <= hold.last and amount <= hold.rest and not self.model.frozen[hold.voucher]
        )
        k = key()
        verb = lambda c: holds.redeem(c, self.hold_ids[place], amount, k, release_rest=release_rest)  # noqa: E731
        done = self.agree("redeem", should, verb)
        if done:
            self.model.move(hold.voucher, "reserved", "payable", amount)
            hold.rest -= amount
            if release_rest and hold.open:
                self.model.end(hold, hold.rest)
            self.model.parts.append(ModelPart(hold.voucher, amount))
            self.part_ids.append(done.entry_id)
            again = self.books.act(verb)
            assert again.replayed and again.entry_id == done.entry_id, "the same key did something twice"

    @rule(amount=AMOUNTS)
    def redeem_contract(self, amount: int) -> None:
        should = amount <= self.model.vouchers[CONTRACT]["available"] and not self.model.frozen[CONTRACT]
        done = self.agree(
            "redeem a contract", should, lambda c: parts.redeem_contract(c, self.ids[CONTRACT], amount, key())
        )
        if done:
            self.model.move(CONTRACT, "available", "payable", amount)
            self.model.parts.append(ModelPart(CONTRACT, amount))
            self.part_ids.append(done.entry_id)

    @precondition(lambda self: self.hold_ids)
    @rule(data=st.data(), amount=st.none() | AMOUNTS)
    def release(self, data: Any, amount: int | None) -> None:
        place = data.draw(st.integers(0, len(self.hold_ids) - 1))
        hold = self.model.holds[place]
        should = hold.open and (amount or 0) <= hold.rest
        if self.agree("release", should, lambda c: holds.release(c, self.hold_ids[place], key(), amount)):
            self.model.end(hold, hold.rest if amount is None else amount)

    @precondition(lambda self: self.hold_ids)
    @rule(data=st.data(), days=st.integers(1, 8))
    def transfer(self, data: Any, days: int) -> None:
        place = data.draw(st.integers(0, len(self.hold_ids) - 1))
        hold, last = self.model.holds[place], TODAY + timedelta(days=days)
        should = hold.open and not self.model.frozen[hold.voucher]
        done = self.agree(
            "transfer",
            should,
            lambda c: holds.transfer(c, self.hold_ids[place], uuid.uuid4(), PROVIDER, last, key()),
        )
        if done:
            self.model.holds.append(ModelHold(hold.voucher, hold.rest, last))
            self.hold_ids.append(done.hold_id)
            hold.rest = 0

    @precondition(lambda self: self.part_ids)
    @rule(data=st.data(), amount=AMOUNTS, cut=st.booleans())
    def take_back(self, data: Any, amount: int, cut: bool) -> None:
        place = data.draw(st.integers(0, len(self.part_ids) - 1))
        part = self.model.parts[place]
        verb = parts.cut if cut else parts.refund
        name = "cut" if cut else "refund"
        should = amount <= part.open and not self._promised(place)
        if self.agree(name, should, lambda c: verb(c, self.part_ids[place], amount, key())):
            self.model.take_back(part, amount)

    def _promised(self, place: int) -> bool:
        """Whether a part stands in a claim that is in a batch."""
        claim = self.model.parts[place].claim
        return claim is not None and self.model.claims[claim].sent

    @rule(voucher=st.integers(0, 2), amount=AMOUNTS)
    def recall(self, voucher: int, amount: int) -> None:
        should = amount <= self.model.vouchers[voucher]["available"]
        if self.agree("recall", should, lambda c: recalls.recall(c, self.ids[voucher], amount, key())):
            self.model.move(voucher, "available", "recalled", amount)

    @rule(voucher=st.integers(0, 2), stop=st.booleans())
    def freeze(self, voucher: int, stop: bool) -> None:
        verb = freezing.freeze if stop else freezing.thaw
        self.agree("freeze" if stop else "thaw", True, lambda c: verb(c, self.ids[voucher]))
        self.model.frozen[voucher] = stop

    @precondition(lambda self: self.part_ids)
    @rule(data=st.data(), amount=AMOUNTS)
    def file(self, data: Any, amount: int) -> None:
        place = data.draw(st.integers(0, len(self.part_ids) - 1))
        part = self.model.parts[place]
        should = part.claim is None and amount <= part.open
        mode = "contract" if part.voucher == CONTRACT else "direct"
        asked = {self.part_ids[place]: amount}
        done = self.agree("file", should, lambda c: claims.file(c, self.ids[part.voucher], mode, PROVIDER, asked))
        if done:
            part.claim = len(self.model.claims)
            self.model.claims.append(ModelClaim(place, amount))
            self.claim_ids.append(done.id)

    @precondition(lambda self: self.claim_ids)
    @rule(data=st.data(), less=st.integers(0, 40))
    def approve(self, data: Any, less: int) -> None:
        """Review and approve in one go: a part of what was asked is cut, and goes back as cuts do."""
        place = data.draw(st.integers(0, len(self.claim_ids) - 1))
        claim = self.model.claims[place]
        part = self.model.parts[claim.part]
        less = min(less, claim.asked)
        granted = claim.asked - less
        # what was taken back since it was asked for can neither be approved nor cut once more
        should = claim.state == "filed" and granted <= part.open
        cut = max(min(claim.asked, part.open) - granted, 0)
        reasons = [{"amount": less, "code": "scope", "clause": "四(二)", "reason": "x"}] if less else []
        decision = {self.part_ids[claim.part]: Decision(granted, reasons)}

        k = key()

        def verb(ctx: Any) -> Any:
            claims.review(ctx, self.claim_ids[place], decision)
            return claims.approve(ctx, self.claim_ids[place], decision, k)

        if self.agree("approve", should, verb):
            claim.state, claim.approved = "approved", granted
            if cut:
                self.model.take_back(part, cut)

    @precondition(lambda self: self.claim_ids)
    @rule(data=st.data())
    def pay(self, data: Any) -> None:
        """A batch with one claim goes all its way to the bank, which pays."""
        place = data.draw(st.integers(0, len(self.claim_ids) - 1))
        claim = self.model.claims[place]
        part = self.model.parts[claim.part]
        # what was taken back since the approval is no longer there to be paid
        should = claim.state == "approved" and 0 < claim.approved <= part.open

        def gather(ctx: Any) -> Any:
            batch = batches.open_batch(ctx, self.books.fund, key()).id
            batches.add(ctx, batch, [Payee(self.claim_ids[place], uuid.uuid4(), {"number": "1"})])
            return batch

        batch = self.agree("batch", should, gather)
        if not batch:
            return
        claim.sent = True
        self.agree("release a batch", True, lambda c: batches.approve(c, batch, key()), CHECKER)

        def out(ctx: Any) -> Any:
            tried = payouts.prepare(ctx, batch)
            payouts.send(ctx, batch)
            return {attempt.id: "BANK" for attempt in tried}

        told = self.agree("send", True, out)
        self.agree("settle", True, lambda c: payouts.confirm(c, told))
        self.model.move(part.voucher, "payable", "paid", claim.approved)
        part.open -= claim.approved
        part.paid += claim.approved
        claim.state = "paid"
        assert self.books.act(lambda c: payouts.confirm(c, told)) == 0, "a return file that is read twice pays once"

    @precondition(lambda self: self.part_ids)
    @rule(data=st.data(), amount=AMOUNTS)
    def clawback(self, data: Any, amount: int) -> None:
        place = data.draw(st.integers(0, len(self.part_ids) - 1))
        part = self.model.parts[place]
        if self.agree(
            "clawback", amount <= part.paid, lambda c: parts.clawback(c, self.part_ids[place], amount, key())
        ):
            self.model.move(part.voucher, "paid", "clawed", amount)
            part.paid -= amount

    @rule(days=st.integers(1, 3))
    def time_passes(self, days: int) -> None:
        self.books.clock.advance(days=days)
        self.model.today += timedelta(days=days)

    @rule()
    def sweep(self) -> None:
        while self.books.act(recalls.sweep, None):
            pass
        for hold in self.model.holds:
            if hold.open and hold.last < self.model.today:
                self.model.end(hold, hold.rest)
        for voucher, balances in enumerate(self.model.vouchers):
            if self.model.over(voucher):
                self.model.move(voucher, "available", "recalled", balances["available"])

    @invariant()
    def same_balances(self) -> None:
        self.seen["comparisons"] += 1
        for place, commitment in enumerate(getattr(self, "ids", [])):
            assert self.books.balances(commitment) == tuple(self.model.vouchers[place].values())


def live(books: Books, stories: int, steps: int, chosen: int | None = None) -> dict[str, float]:
    """Run so many random stories; gives the counts."""
    Ledger.books, Ledger.seen = books, Counter()
    wanted = settings(
        max_examples=stories,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=chosen is None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    machine: Any = Ledger if chosen is None else seed(chosen)(Ledger)
    mismatches = 0
    try:
        run_state_machine_as_test(machine, settings=wanted)
    except AssertionError as fault:
        mismatches = 1
        print(f"  {fault}")
    books.clock.set(NOON)
    if not books.look(verify.verify).sound:
        mismatches += 1
        print("  ledger verify finds the books unsound")
    tried = {name: n for name, n in Ledger.seen.items() if name.endswith((" done", " refused"))}
    return {
        "stories": Ledger.seen["stories"],
        "comparisons": Ledger.seen["comparisons"],
        "acts": sum(tried.values()),
        "refused": sum(n for name, n in tried.items() if name.endswith(" refused")),
        "max kinds": len(tried),
        "mismatches": mismatches,
    }


STORIES, STEPS, PIECES = 500, 50, 10


def _piece(number: int, database: str) -> Counts:
    started = time.monotonic()
    with ExitStack() as stack:
        if database == "SQLite":
            books = stack.enter_context(ground.sqlite())
        else:
            books, _server = stack.enter_context(ground.postgresql(buckets=2))
        counts = live(books, STORIES, STEPS, number)
    return {**counts, "max seconds": round(time.monotonic() - started)}


def _short(server: Cluster) -> Counts:
    with ground.sqlite() as books:
        first = live(books, 20, 30)
    with ground.postgresql(server, buckets=2) as (books, _):
        return together([first, live(books, 20, 30)])


def _figures(counts: Counts) -> list[Figure]:
    return [
        some(counts, "stories", "random lives"),
        some(counts, "acts", "acts that were tried, legal and illegal"),
        some(counts, "refused", "of them refused, as the model says"),
        some(counts, "max kinds", "kinds of outcome that were seen (act × done or refused)", 20),
        some(counts, "comparisons", "comparisons of all balances"),
        none(counts, "mismatches", "mismatches"),
    ]


PART = Part(
    code="model",
    title="R1. A model beside the ledger",
    method=(
        "Hypothesis makes up lives of two vouchers and a contract: reserve, redeem, release, transfer, refund, cut,"
        " recall, freeze, file, approve, pay, claw back, days that pass, sweeps, and as many illegal tries. Beside the"
        f" real ledger a few dictionaries keep the same books. {PIECES * STORIES:,} lives of up to {STEPS} steps, half"
        " of them on each database; every answer and every balance must agree after every step, and each redemption"
        " is sent twice under its key."
    ),
    pieces=[
        Piece(f"{database.lower()}-{number:02}", partial(_piece, number, database))
        for number in range(PIECES // 2)
        for database in ("SQLite", "PostgreSQL")
    ],
    short=_short,
    figures=_figures,
)
