"""Sixteen at once, on PostgreSQL: whoever loses is told so civilly, and the money is never wrong."""

from __future__ import annotations

import itertools
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from marketplace.base.errors import Refusal
from tests.support.ledger import CLOSES, LAST, PROVIDER, Books, key, postgres_books, stock
from tests.support.postgres import Cluster
from vouchers.ledger import verify
from vouchers.ledger.actions import batches, claims, funds, holds, issue, parts, recalls
from vouchers.ledger.actions.batches import Payee
from vouchers.ledger.actions.claims import Decision
from vouchers.ledger.actions.issue import VoucherItem

pytestmark = pytest.mark.postgres
RACERS = 16


@pytest.fixture(scope="module")
def books(postgres: Cluster, postgres_template: str) -> Iterator[Books]:
    with postgres_books(postgres, postgres_template) as books:
        stock(books, buckets=8)
        yield books
        assert books.look(verify.verify).sound
        assert books.scalar("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == 0


def race(books: Books, *verbs: Callable[[Any], Any], racers: int = RACERS) -> list[Any]:
    """Run the verbs in turn over `racers` threads that start together; gives what each got: an answer or a code."""
    barrier = threading.Barrier(racers)
    got: list[Any] = [None] * racers

    def run(place: int) -> None:
        barrier.wait()
        try:
            got[place] = books.act(verbs[place % len(verbs)])
        except Refusal as refusal:
            got[place] = refusal.code

    threads = [threading.Thread(target=run, args=(place,)) for place in range(racers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def codes(got: list[Any]) -> Counter[str]:
    return Counter(g if isinstance(g, str) else "replayed" if getattr(g, "replayed", False) else "done" for g in got)


def hold(books: Books, amount: int, voucher: int = 0) -> uuid.UUID:
    return books.act(
        lambda ctx: holds.reserve(ctx, books.vouchers[voucher], uuid.uuid4(), PROVIDER, amount, CLOSES, key())
    ).hold_id


def hold_row(books: Books, held: uuid.UUID) -> tuple[int, int, str]:
    with books.engine.connect() as connection:
        row = connection.exec_driver_sql(f"SELECT posted, released, state FROM hold WHERE id = '{held}'").one()
        return tuple(row)


@pytest.mark.parametrize("trial", range(15))
def test_one_hold_is_redeemed_once(books: Books, trial: int):
    held = hold(books, 100)
    hold(books, 100)  # the commitment alone would allow more
    got = codes(race(books, lambda ctx: holds.redeem(ctx, held, 60, key())))
    assert got == {"done": 1, "hold.too_little": 15}
    assert hold_row(books, held) == (60, 0, "pending")


@pytest.mark.parametrize("trial", range(15))
def test_one_key_is_one_redemption_however_often_it_is_sent(books: Books, trial: int):
    held, k = hold(books, 100), key()
    got = race(books, lambda ctx: holds.redeem(ctx, held, 60 if trial % 2 else 10, k))
    assert codes(got) == {"done": 1, "replayed": 15}
    assert len({g.entry_id for g in got}) == 1
    assert hold_row(books, held)[0] == (60 if trial % 2 else 10)


@pytest.mark.parametrize("trial", range(10))
def test_a_redemption_and_a_release_share_a_hold(books: Books, trial: int):
    held = hold(books, 100)
    got = codes(
        race(
            books,
            lambda ctx: holds.redeem(ctx, held, 10, key()),
            lambda ctx: holds.release(ctx, held, key()),
        )
    )
    posted, released, state = hold_row(books, held)
    assert state == "closed" and posted + released == 100
    assert got["done"] == posted // 10 + 1 and got["hold.not_open"] == 16 - got["done"]


@pytest.mark.parametrize("trial", range(10))
def test_reserving_and_recalling_never_overdraw_a_voucher(books: Books, trial: int):
    made = books.act(
        lambda ctx: issue.issue(ctx, books.renovation, [VoucherItem(100, LAST, uuid.uuid4())], key())
    ).commitment_ids[0]
    got = codes(
        race(
            books,
            lambda ctx: holds.reserve(ctx, made, uuid.uuid4(), PROVIDER, 30, CLOSES, key()),
            lambda ctx: recalls.recall(ctx, made, 30, key()),
        )
    )
    assert got == {"done": 3, "voucher.too_little": 13}
    assert books.balances(made)[0] == 10


@pytest.mark.parametrize("trial", range(5))
def test_one_order_holds_a_voucher_once(books: Books, trial: int):
    order = uuid.uuid4()
    got = codes(race(books, lambda ctx: holds.reserve(ctx, books.vouchers[1], order, PROVIDER, 1, CLOSES, key())))
    assert got == {"done": 1, "hold.exists": 15}


@pytest.mark.parametrize("trial", range(10))
def test_two_allotments_near_the_ceiling(books: Books, trial: int):
    def allot(ctx: Any) -> int:
        return funds.allot(ctx, books.platforms, 40_000, key())

    assert codes(race(books, allot, racers=4)) == {"done": 1, "fund.ceiling": 3}
    books.act(lambda ctx: funds.unallot(ctx, books.platforms, 40_000, key()))


@pytest.mark.parametrize("trial", range(10))
def test_a_part_is_refunded_or_put_into_a_batch_never_both(books: Books, trial: int):
    def ready(ctx: Any) -> tuple[int, uuid.UUID, uuid.UUID]:
        held = holds.reserve(ctx, books.vouchers[2], uuid.uuid4(), PROVIDER, 100, CLOSES, key())
        part = holds.redeem(ctx, held.hold_id, 100, key()).entry_id
        claim = claims.file(ctx, books.vouchers[2], "direct", PROVIDER, {part: 100})
        claims.review(ctx, claim.id, {part: Decision(100)})
        claims.approve(ctx, claim.id, {part: Decision(100)}, key())
        return part, claim.id, batches.open_batch(ctx, books.fund, key()).id

    part, claim, batch = books.act(ready)
    payee = Payee(claim, uuid.uuid4(), {"number": "1"})
    got = codes(
        race(
            books,
            lambda ctx: parts.refund(ctx, part, 40, key()),
            lambda ctx: batches.add(ctx, batch, [payee]),
            racers=8,
        )
    )
    batched = books.scalar(f"SELECT count(*) FROM batch_item WHERE batch_id = '{batch}'")
    refunded = books.scalar(f"SELECT refunded FROM redemption WHERE entry_id = {part}")
    assert (batched, refunded) in {(1, 0), (0, 80)}
    assert set(got) <= {"done", "part.in_batch", "part.too_little", "batch.not_payable", "batch.claim_taken"}


def test_issuing_to_exhaustion_gives_every_fen_out_once(books: Books):
    left = int(books.scalar(f"SELECT sum(available) FROM line_bucket WHERE line_id = '{books.renovation}'"))
    face = left // 100

    def until_refused() -> tuple[int, str]:
        for issued in itertools.count():
            items = [VoucherItem(face, LAST, uuid.uuid4())]
            try:
                books.act(partial(issue.issue, line_id=books.renovation, items=items, key=key()))
            except Refusal as refusal:
                return issued, refusal.code
        raise AssertionError

    got: list[tuple[int, str]] = []
    threads = [threading.Thread(target=lambda: got.append(until_refused())) for _ in range(RACERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rest = books.scalar(f"SELECT sum(available) FROM line_bucket WHERE line_id = '{books.renovation}'")
    assert Counter(code for _, code in got) == {"line.exhausted": RACERS}
    assert sum(issued for issued, _ in got) * face + rest == left and rest < face


@pytest.mark.parametrize("trial", range(3))
def test_one_sheet_sent_by_sixteen_is_issued_once(books: Books, trial: int):
    books.act(lambda ctx: recalls.recall(ctx, books.vouchers[3], 3, key()))
    items, k = [VoucherItem(1, LAST, uuid.uuid4()) for _ in range(3)], key()
    got = race(books, lambda ctx: issue.issue(ctx, books.renovation, items, k))
    assert codes(got) == {"done": 1, "replayed": 15}
    assert len({g.batch_id for g in got}) == 1
