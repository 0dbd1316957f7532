"""The end of a budget year: lines closed and carried over, interest of the bank, money returned, entries taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from beancount import loader

from marketplace.base.errors import NotFound, Refusal
from tests.support.illegal_writes import stage
from tests.support.ledger import CLOSES, Books, key
from vouchers.ledger import journal, verify
from vouchers.ledger.actions import funds, recalls

NEXT_YEAR = date(2032, 12, 31)
BUCKETS = "SELECT {} FROM line_bucket b JOIN budget_line l ON l.id = b.line_id WHERE l.category = 'renovation'"


def refused(code: str):
    return pytest.raises(Refusal, match=f"^{code}:")


def on_new_year(books: Books) -> None:
    books.clock.set(datetime(CLOSES.year + 1, 1, 2, 4, tzinfo=UTC))


def bucket(books: Books, name: str) -> int:
    return books.scalar(BUCKETS.format(f"sum(b.{name})"))


def sound(books: Books) -> bool:
    return books.look(verify.verify).sound


def test_a_line_is_closed_after_its_last_day_and_carried_over(books: Books):
    with refused("line.period"):
        books.act(lambda ctx: funds.close_line(ctx, books.renovation, key()))
    on_new_year(books)
    k = key()
    assert books.act(lambda ctx: funds.close_line(ctx, books.renovation, k)) == 400_000
    assert books.act(lambda ctx: funds.close_line(ctx, books.renovation, k)) == 0
    assert books.act(lambda ctx: funds.close_line(ctx, books.renovation, key())) == 0
    assert (bucket(books, "available"), bucket(books, "lapsed")) == (0, 400_000)
    with refused("line.exhausted"):
        books.act(lambda ctx: funds.carry_over(ctx, books.renovation, 400_001, NEXT_YEAR, key()))
    with refused("line.period"):  # a new period that is over as well
        books.act(lambda ctx: funds.carry_over(ctx, books.renovation, 1, CLOSES + timedelta(days=1), key()))
    k = key()
    for _ in "twice":
        books.act(lambda ctx: funds.carry_over(ctx, books.renovation, 300_000, NEXT_YEAR, k))
    assert (bucket(books, "available"), bucket(books, "lapsed")) == (300_000, 100_000)
    assert str(books.scalar("SELECT closes_on FROM budget_line WHERE category = 'renovation'")) == "2032-12-31"
    assert sound(books)


def test_what_is_recalled_after_the_line_was_carried_over_may_be_issued_again(books: Books):
    on_new_year(books)
    books.act(lambda ctx: funds.close_line(ctx, books.renovation, key()))
    books.act(lambda ctx: funds.carry_over(ctx, books.renovation, 400_000, NEXT_YEAR, key()))
    books.act(lambda ctx: recalls.recall(ctx, books.vouchers[0], 30_000, key()))
    assert (bucket(books, "available"), bucket(books, "lapsed")) == (430_000, 0)
    assert sound(books)


def test_interest_is_no_part_of_the_award_and_goes_to_the_treasury(books: Books):
    books.act(lambda ctx: funds.book_interest(ctx, books.fund, 1_234, key()))
    with refused("fund.interest_exhausted") as caught:
        books.act(lambda ctx: funds.remit(ctx, books.fund, 1_235, key()))
    assert {n: v.fen for n, v in caught.value.text.values.items() if n in ("interest", "asked")} == {
        "interest": 1_234,
        "asked": 1_235,
    }
    books.act(lambda ctx: funds.remit(ctx, books.fund, 1_234, key()))
    assert books.scalar("SELECT interest - remitted FROM fund") == 0
    assert books.scalar("SELECT received FROM fund") == 500_000
    assert sound(books)


def test_an_entry_is_taken_back_once_and_whole(books: Books):
    wrong = books.act(lambda ctx: funds.book_receipt(ctx, books.fund, 7_000, key()))
    k = key()
    taken = books.act(lambda ctx: funds.take_back(ctx, wrong, k))
    assert books.act(lambda ctx: funds.take_back(ctx, wrong, k)) == taken
    assert books.scalar("SELECT received FROM fund") == 500_000
    with refused("fund.corrected"):
        books.act(lambda ctx: funds.take_back(ctx, wrong, key()))
    with refused("fund.nothing_to_correct"):
        books.act(lambda ctx: funds.take_back(ctx, taken, key()))
    award = books.scalar("SELECT id FROM fund_entry WHERE kind = 'award'")
    with refused("fund.nothing_to_correct"):
        books.act(lambda ctx: funds.take_back(ctx, award, key()))
    with pytest.raises(NotFound):
        books.act(lambda ctx: funds.take_back(ctx, 10**9, key()))
    for name, book in (("returned", funds.book_return), ("interest", funds.book_interest)):
        made = books.act(lambda ctx, book=book: book(ctx, books.fund, 50, key()))
        books.act(lambda ctx, made=made: funds.take_back(ctx, made, key()))
        assert books.scalar(f"SELECT {name} FROM fund") == 0
    assert sound(books)


def test_money_that_is_spent_cannot_turn_out_never_to_have_arrived(books: Books):
    stage(books)
    first = books.scalar("SELECT min(id) FROM fund_entry WHERE kind = 'receipt'")
    with refused("fund.not_received"):
        books.act(lambda ctx: funds.take_back(ctx, first, key()))
    spent = books.act(lambda ctx: funds.book_interest(ctx, books.fund, 90, key()))
    books.act(lambda ctx: funds.remit(ctx, books.fund, 90, key()))
    with refused("fund.interest_exhausted"):
        books.act(lambda ctx: funds.take_back(ctx, spent, key()))


def test_another_program_adds_up_the_same(books: Books, tmp_path):
    on_new_year(books)
    books.act(lambda ctx: funds.close_line(ctx, books.renovation, key()))
    books.act(lambda ctx: funds.carry_over(ctx, books.renovation, 250_000, NEXT_YEAR, key()))
    books.act(lambda ctx: funds.book_interest(ctx, books.fund, 500, key()))
    remitted = books.act(lambda ctx: funds.remit(ctx, books.fund, 500, key()))
    books.act(lambda ctx: funds.take_back(ctx, remitted, key()))
    path = tmp_path / "books.beancount"
    with path.open("w", encoding="utf-8") as out:
        books.look(lambda session: journal.write(session, out))
    _, errors, _ = loader.load_file(str(path))
    assert errors == []
