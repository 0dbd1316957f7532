"""Reserve, redeem, release, transfer: what moves, what is refused, what a repeated key answers."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest

from marketplace.base.errors import Refusal
from marketplace.record.notices import outbox
from tests.support.ledger import CLOSES, LAST, OTHER, PROVIDER, Books, counted, key
from vouchers.ledger.actions import holds, parts

ORDER = uuid.UUID(int=501)


def reserve(
    books: Books, amount: int, *, voucher: int = 0, order: uuid.UUID = ORDER, k: str | None = None, last=CLOSES
):
    return books.act(lambda ctx: holds.reserve(ctx, books.vouchers[voucher], order, PROVIDER, amount, last, k or key()))


def redeem(books: Books, hold: uuid.UUID, amount: int, k: str | None = None, **more):
    return books.act(lambda ctx: holds.redeem(ctx, hold, amount, k or key(), **more))


def refused(code: str):
    return pytest.raises(Refusal, match=f"^{code}:")


def test_a_voucher_is_held_handed_over_in_parts_and_the_rest_returns(books: Books):
    held = reserve(books, 60_000)
    assert books.balances(books.vouchers[0]) == (40_000, 60_000, 0, 0, 0, 0)
    redeem(books, held.hold_id, 20_000)
    redeem(books, held.hold_id, 15_000, release_rest=True)
    assert books.balances(books.vouchers[0]) == (65_000, 0, 35_000, 0, 0, 0)
    with refused("hold.not_open"):
        redeem(books, held.hold_id, 1)
    again = reserve(books, 1_000)
    assert again.hold_id != held.hold_id
    books.act(lambda ctx: holds.release(ctx, again.hold_id, key()))
    assert books.balances(books.vouchers[0]) == (65_000, 0, 35_000, 0, 0, 0)


def test_reserve_refuses_too_much_a_second_hold_for_the_order_and_days_that_are_over(books: Books):
    with refused("voucher.too_little") as caught:
        reserve(books, 100_001)
    assert {n: v.fen for n, v in caught.value.text.values.items()} == {"available": 100_000, "asked": 100_001}
    reserve(books, 1)
    with refused("hold.exists"):
        reserve(books, 1)
    with refused("hold.too_late"):
        reserve(books, 1, order=uuid.uuid4(), last=CLOSES + timedelta(days=1))
    with refused("money.not_positive"):
        reserve(books, 0, order=uuid.uuid4())
    books.clock.advance(days=(LAST - date(2031, 3, 12)).days)
    reserve(books, 1, order=uuid.uuid4())  # its last day itself is good
    books.clock.advance(days=1)
    with refused("voucher.expired"):
        reserve(books, 1, order=uuid.uuid4())
    assert books.balances(books.vouchers[0]) == (99_998, 2, 0, 0, 0, 0)


def test_one_key_is_one_act_and_another_request_under_it_is_refused(books: Books):
    k = key()
    first = reserve(books, 500, k=k)
    second = reserve(books, 500, k=k)
    assert second.replayed and (second.hold_id, second.entry_id) == (first.hold_id, first.entry_id)
    with refused("idempotency.other_request") as caught:
        reserve(books, 501, k=k)
    assert caught.value.status == 422
    part = key()
    paid = redeem(books, first.hold_id, 500, part)
    again = redeem(books, first.hold_id, 500, part)
    assert again.replayed and again.entry_id == paid.entry_id
    with refused("idempotency.other_request"):
        redeem(books, first.hold_id, 499, part)
    half = reserve(books, 600, order=uuid.uuid4())
    piece = key()
    assert redeem(books, half.hold_id, 100, piece).entry_id == redeem(books, half.hold_id, 100, piece).entry_id
    books.act(lambda ctx: holds.release(ctx, half.hold_id, key()))
    assert books.balances(books.vouchers[0]) == (99_400, 0, 600, 0, 0, 0)


def test_a_hold_outlives_its_voucher_and_ends_back_on_the_budget_line(books: Books):
    held = reserve(books, 30_000)
    books.clock.advance(days=(LAST - date(2031, 3, 12)).days + 1)
    redeem(books, held.hold_id, 10_000)
    before = books.scalar("SELECT sum(available) FROM line_bucket")
    books.act(lambda ctx: holds.release(ctx, held.hold_id, key()))
    assert books.balances(books.vouchers[0]) == (70_000, 0, 10_000, 0, 20_000, 0)
    assert books.scalar("SELECT sum(available) FROM line_bucket") == before + 20_000
    late = reserve_late(books)
    books.clock.advance(days=400)
    with refused("hold.expired"):
        redeem(books, late, 1)
    books.act(lambda ctx: holds.release(ctx, late, key()))
    assert books.scalar("SELECT sum(lapsed) FROM line_bucket") == 7_000


def reserve_late(books: Books) -> uuid.UUID:
    books.clock.advance(days=-10)
    return reserve(books, 7_000, voucher=1).hold_id


def test_a_failed_providers_hold_moves_to_another_even_after_the_last_day(books: Books):
    held = reserve(books, 30_000)
    redeem(books, held.hold_id, 10_000)
    books.clock.advance(days=(LAST - date(2031, 3, 12)).days + 5)
    k = key()
    moved = books.act(lambda ctx: holds.transfer(ctx, held.hold_id, ORDER, OTHER, CLOSES, k))
    assert moved.amount == 20_000 and moved.hold_id != held.hold_id
    assert books.act(lambda ctx: holds.transfer(ctx, held.hold_id, ORDER, OTHER, CLOSES, k)).replayed
    redeem(books, moved.hold_id, 20_000)
    assert books.balances(books.vouchers[0]) == (70_000, 0, 30_000, 0, 0, 0)
    with refused("hold.not_open"):
        books.act(lambda ctx: holds.transfer(ctx, held.hold_id, ORDER, OTHER, CLOSES, key()))


def test_reserve_and_redeem_with_its_message_take_three_statements(books: Books):
    def told(hold: uuid.UUID, **more):
        def verb(ctx):
            posted = holds.redeem(ctx, hold, 1_000, key(), **more)
            outbox.send(ctx, "voucher.redeemed", {"amount_fen": posted.amount})

        return verb

    with counted(books.engine) as sent:
        held = reserve(books, 60_000)
    assert len(sent) == 3, sent
    with counted(books.engine) as sent:
        books.act(told(held.hold_id))
    assert len(sent) == 3, sent
    with counted(books.engine) as sent:
        books.act(told(held.hold_id, release_rest=True))
    assert len(sent) == 3, sent
    with counted(books.engine) as sent:
        books.act(lambda ctx: parts.refund(ctx, books.scalar("SELECT max(entry_id) FROM redemption"), 1, key()))
    assert len(sent) == 2 + 1, sent  # the third is this test's own question
