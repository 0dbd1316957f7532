"""Award, receipt, lines, issuing, recalling: the budget's side of the ledger."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from marketplace.base.errors import Refusal
from tests.support.ledger import CLOSES, LAST, PILOT, PROVIDER, TODAY, Books, counted, key
from vouchers.ledger import verify
from vouchers.ledger.actions import funds, holds, issue, recalls
from vouchers.ledger.actions.issue import ContractItem, VoucherItem
from vouchers.ledger.models.commitments import Voucher


def refused(code: str):
    return pytest.raises(Refusal, match=f"^{code}:")


def items(n: int, face: int, first: int = 1000) -> list[VoucherItem]:
    return [VoucherItem(face, LAST, uuid.UUID(int=first + i)) for i in range(n)]


def test_the_ceiling_is_kept_when_money_is_allotted_and_the_refusal_says_the_room(books: Books):
    with refused("fund.ceiling") as caught:
        books.act(lambda ctx: funds.allot(ctx, books.platforms, 50_001, key()))
    assert caught.value.clause == "四(二)"
    assert {n: v.fen for n, v in caught.value.text.values.items()} == {
        "award": 1_000_000,
        "limit": 250_000,
        "asked": 50_001,
        "room": 50_000,
    }
    books.act(lambda ctx: funds.allot(ctx, books.platforms, 50_000, key()))
    with refused("fund.award_exhausted"):
        books.act(lambda ctx: funds.allot(ctx, books.renovation, 50_001, key()))
    books.act(lambda ctx: funds.allot(ctx, books.renovation, 50_000, key()))
    with refused("fund.beyond_award"):
        books.act(lambda ctx: funds.book_receipt(ctx, books.fund, 500_001, key()))


def test_an_ungoverned_source_knows_no_ceiling_and_a_source_is_opened_once(books: Books):
    other = books.act(lambda ctx: funds.open_fund(ctx, PILOT, "city", None, city="360900"))
    books.act(lambda ctx: funds.book_award(ctx, other.id, 1_000, key()))
    line = books.act(lambda ctx: funds.open_line(ctx, other.id, "training", "other", TODAY, CLOSES))
    books.act(lambda ctx: funds.allot(ctx, line.id, 1_000, key()))
    with refused("fund.exists"):
        books.act(lambda ctx: funds.open_fund(ctx, PILOT, "city", None, city="360900"))
    with refused("line.exists"):
        books.act(lambda ctx: funds.open_line(ctx, other.id, "training", "other", TODAY, CLOSES))


def test_booking_and_allotting_under_one_key_happen_once(books: Books):
    k = key()
    assert books.act(lambda ctx: funds.allot(ctx, books.renovation, 30, k)) == books.act(
        lambda ctx: funds.allot(ctx, books.renovation, 30, k)
    )
    assert books.scalar("SELECT renovation_allotted FROM fund") == 700_030
    with refused("idempotency.other_request"):
        books.act(lambda ctx: funds.allot(ctx, books.renovation, 31, k))
    books.act(lambda ctx: funds.unallot(ctx, books.renovation, 30, key()))
    with refused("line.exhausted"):
        books.act(lambda ctx: funds.unallot(ctx, books.renovation, 400_001, key()))


def test_issuing_takes_what_is_there_and_not_a_fen_more(books: Books):
    with refused("line.exhausted") as caught:
        books.act(lambda ctx: issue.issue(ctx, books.renovation, items(1, 400_001), key()))
    assert caught.value.text.values["available"].fen == 400_000
    made = books.act(
        lambda ctx: issue.issue(ctx, books.renovation, items(4, 100_000), key())
    )  # more than one bucket has
    assert len(made.commitment_ids) == 4
    assert books.scalar("SELECT sum(available) FROM line_bucket WHERE committed > 0 AND k >= 0") == 50_000
    with refused("line.exhausted"):
        books.act(lambda ctx: issue.issue(ctx, books.renovation, items(1, 1, 9000), key()))


def test_issuing_refuses_an_award_given_twice_a_day_after_the_line_and_mixed_items(books: Books):
    with refused("voucher.awarded_already"):
        books.act(lambda ctx: issue.issue(ctx, books.renovation, items(1, 10, 100), key()))
    late = [VoucherItem(10, CLOSES + timedelta(days=1), uuid.uuid4())]
    with refused("line.outside"):
        books.act(lambda ctx: issue.issue(ctx, books.renovation, late, key()))
    with refused("issue.mixed"):
        books.act(lambda ctx: issue.issue(ctx, books.renovation, [], key()))
    again = [ContractItem(10, CLOSES, PROVIDER, "HT-1", bytes(32), TODAY)]
    with refused("contract.number_taken"):
        books.act(lambda ctx: issue.issue(ctx, books.platforms, again, key()))


def test_a_sheet_sent_twice_is_issued_once(books: Books):
    k, wanted = key(), items(3, 10)
    first = books.act(lambda ctx: issue.issue(ctx, books.renovation, wanted, k))
    again = books.act(lambda ctx: issue.issue(ctx, books.renovation, wanted, k))
    assert again.replayed and sorted(again.commitment_ids) == sorted(first.commitment_ids)
    with refused("idempotency.other_request"):
        books.act(lambda ctx: issue.issue(ctx, books.renovation, items(3, 11), k))


@pytest.mark.parametrize("n", [1, 300])
def test_issuing_takes_six_statements_for_any_number(books: Books, n: int):
    with counted(books.engine) as sent:
        books.act(lambda ctx: issue.issue(ctx, books.renovation, items(n, 10), key()))
    assert len(sent) == (6 if books.dialect == "postgresql" or n == 1 else 7), sent  # SQLite: 200 entries at a time


@pytest.mark.parametrize("n", [9, 11])
def test_a_long_issue_is_written_in_slices_and_stays_one_act(books: Books, monkeypatch: pytest.MonkeyPatch, n: int):
    monkeypatch.setattr(issue, "AT_ONCE", 3)
    before = books.scalar("SELECT count(*) FROM entry")
    twice = items(n, 10)
    twice[-1] = twice[0]
    with refused("voucher.awarded_already"):
        books.act(lambda ctx: issue.issue(ctx, books.renovation, twice, key()))
    assert books.scalar("SELECT count(*) FROM entry") == before, "the slices before are gone with it"
    wanted = items(n, 10)
    made = books.act(lambda ctx: issue.issue(ctx, books.renovation, wanted, key()))
    assert made.total == 10 * n
    for made_id, item in zip(made.commitment_ids, wanted, strict=True):
        holder = books.act(lambda ctx, made_id=made_id: ctx.session.get_one(Voucher, made_id).enterprise_id)
        assert holder == item.enterprise_id
    assert books.act(lambda ctx: verify.verify(ctx.session)).sound


def test_recalled_money_returns_to_its_line_until_that_closes_and_lapses_afterwards(books: Books):
    before = books.scalar("SELECT sum(available) FROM line_bucket")
    books.act(lambda ctx: recalls.recall(ctx, books.vouchers[0], 60_000, key()))
    assert books.scalar("SELECT sum(available) FROM line_bucket") == before + 60_000
    with refused("voucher.too_little"):
        books.act(lambda ctx: recalls.recall(ctx, books.vouchers[0], 40_001, key()))
    books.clock.advance(days=(CLOSES - TODAY).days + 1)
    books.act(lambda ctx: recalls.recall(ctx, books.vouchers[0], 40_000, key()))
    assert books.scalar("SELECT sum(lapsed) FROM line_bucket") == 40_000
    assert books.balances(books.vouchers[0]) == (0, 0, 0, 0, 100_000, 0)


def test_money_goes_back_past_a_bucket_that_nobody_took_from(books: Books):
    """An empty bucket between two others lies within what is given back, and gets nothing of it."""
    line = books.act(lambda ctx: funds.open_line(ctx, books.fund, "services", "renovation", TODAY, CLOSES, 3)).id
    books.act(lambda ctx: funds.allot(ctx, line, 300, key()))

    def grant() -> uuid.UUID:
        item = VoucherItem(100, LAST, uuid.uuid4())
        return books.act(lambda ctx: issue.issue(ctx, line, [item], key())).commitment_ids[0]

    def committed() -> list[int]:
        return [
            books.scalar(f"SELECT committed FROM line_bucket WHERE line_id = '{line}' AND k = {k}") for k in range(3)
        ]

    vouchers = [grant() for _ in range(3)]
    for voucher in vouchers[:2]:
        books.act(lambda ctx, voucher=voucher: recalls.recall(ctx, voucher, 100, key()))
    again = grant()
    while committed() != [100, 0, 100]:
        books.act(lambda ctx, again=again: recalls.recall(ctx, again, 100, key()))
        again = grant()
    books.act(lambda ctx: recalls.recall(ctx, again, 30, key()))
    books.clock.advance(days=(LAST - TODAY).days + 1)
    books.act(recalls.sweep, None)
    assert committed() == [0, 0, 0]


def test_the_sweep_ends_holds_then_expires_vouchers_and_returns_every_fen(books: Books):
    def sweep() -> int:
        return books.act(recalls.sweep, None)

    def hold(voucher: int, amount: int, last):
        return books.act(
            lambda ctx: holds.reserve(ctx, books.vouchers[voucher], uuid.uuid4(), PROVIDER, amount, last, key())
        )

    hold(0, 10_000, TODAY + timedelta(days=3))
    hold(0, 5_000, TODAY + timedelta(days=3))
    hold(1, 20_000, CLOSES)
    assert sweep() == 0
    books.clock.advance(days=4)
    assert sweep() == 2
    assert books.balances(books.vouchers[0]) == (100_000, 0, 0, 0, 0, 0)
    books.clock.advance(days=(LAST - TODAY).days)
    before = books.scalar("SELECT sum(available) FROM line_bucket")
    assert sweep() == 4
    assert books.balances(books.vouchers[1]) == (0, 20_000, 0, 0, 80_000, 0)
    assert books.scalar("SELECT sum(available) FROM line_bucket") == before + 280_000
    assert sweep() == 0
    books.clock.advance(days=200)
    with counted(books.engine) as sent:
        assert sweep() == 2  # the other hold, and the contract
    assert books.scalar("SELECT sum(lapsed) FROM line_bucket") == 170_000
    assert len(sent) == 5, sent
