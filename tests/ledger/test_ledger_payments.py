"""From a redeemed part to the bank and, if need be, back."""

from __future__ import annotations

import uuid

import pytest

from marketplace.base.errors import Refusal
from tests.support.ledger import CHECKER, CLOSES, LAST, OFFICER, PROVIDER, TODAY, Books, counted, key
from vouchers.ledger.actions import batches, claims, funds, holds, parts, payouts
from vouchers.ledger.actions.batches import Payee
from vouchers.ledger.actions.claims import Decision
from vouchers.ledger.models.payments import PaymentBatch

WHY = [{"amount": 1, "code": "no_evidence", "clause": "四(二)", "reason": "缺少交付证明"}]


def refused(code: str):
    return pytest.raises(Refusal, match=f"^{code}:")


def part_of(books: Books, voucher: int, amount: int) -> int:
    """A redeemed part of a voucher."""
    held = books.act(
        lambda ctx: holds.reserve(ctx, books.vouchers[voucher], uuid.uuid4(), PROVIDER, amount, CLOSES, key())
    )
    return books.act(lambda ctx: holds.redeem(ctx, held.hold_id, amount, key())).entry_id


def claim_of(books: Books, commitment: uuid.UUID, asked: dict[int, int], approved: dict[int, int] | None = None):
    """A claim of the provider that pilot and city have approved, with cuts where less is approved than asked."""
    mode = "contract" if commitment == books.contract else "direct"
    claim = books.act(lambda ctx: claims.file(ctx, commitment, mode, PROVIDER, asked))
    decided = {k: Decision((approved or asked)[k], WHY if (approved or asked)[k] < v else []) for k, v in asked.items()}
    books.act(lambda ctx: claims.review(ctx, claim.id, decided))
    return books.act(lambda ctx: claims.approve(ctx, claim.id, decided, key()))


def batch_of(books: Books, *claim_ids: uuid.UUID, approve: bool = True) -> uuid.UUID:
    batch = books.act(lambda ctx: batches.open_batch(ctx, books.fund, key()))
    books.act(lambda ctx: batches.add(ctx, batch.id, [Payee(c, uuid.uuid4(), {"number": "1"}) for c in claim_ids]))
    if approve:
        books.act(lambda ctx: batches.approve(ctx, batch.id, key()), CHECKER)
    return batch.id


def sent(books: Books, batch: uuid.UUID) -> list[uuid.UUID]:
    attempts = books.act(lambda ctx: payouts.prepare(ctx, batch))
    books.act(lambda ctx: payouts.send(ctx, batch))
    return [a.id for a in attempts]


def fund(books: Books, column: str) -> int:
    return books.scalar(f"SELECT {column} FROM fund")


def test_a_part_is_claimed_cut_batched_paid_and_clawed_back(books: Books):
    part = part_of(books, 0, 30_000)
    claim = claim_of(books, books.vouchers[0], {part: 30_000}, {part: 29_000})
    assert books.balances(books.vouchers[0]) == (71_000, 0, 29_000, 0, 0, 0)
    batch = batch_of(books, claim.id)
    assert fund(books, "paid") == 29_000
    [attempt] = sent(books, batch)
    assert books.act(lambda ctx: payouts.confirm(ctx, {attempt: "BANK-1"})) == 1
    assert books.act(lambda ctx: payouts.confirm(ctx, {attempt: "BANK-1"})) == 0
    assert books.balances(books.vouchers[0]) == (71_000, 0, 0, 29_000, 0, 0)
    assert books.scalar("SELECT state FROM claim") == "paid"
    assert books.scalar("SELECT bank_reference FROM payout_attempt") == "BANK-1"
    books.act(lambda ctx: batches.close(ctx, batch))
    back = books.act(lambda ctx: parts.clawback(ctx, part, 4_000, key()))
    assert books.balances(books.vouchers[0]) == (71_000, 0, 0, 25_000, 0, 4_000)
    books.act(lambda ctx: funds.recover(ctx, books.fund, back.entry_id, 4_000, key()))
    with refused("fund.nothing_clawed"):
        books.act(lambda ctx: funds.recover(ctx, books.fund, back.entry_id, 1, key()))
    with refused("part.too_little"):
        books.act(lambda ctx: parts.clawback(ctx, part, 25_001, key()))
    assert (fund(books, "paid"), fund(books, "recovered")) == (29_000, 4_000)


def test_a_contract_is_spent_claimed_and_paid_like_a_voucher(books: Books):
    posted = books.act(lambda ctx: parts.redeem_contract(ctx, books.contract, 50_000, key()))
    with refused("contract.too_little"):
        books.act(lambda ctx: parts.redeem_contract(ctx, books.contract, 100_001, key()))
    claim = claim_of(books, books.contract, {posted.entry_id: 50_000})
    [attempt] = sent(books, batch_of(books, claim.id))
    books.act(lambda ctx: payouts.confirm(ctx, {attempt: "B"}))
    assert books.balances(books.contract) == (100_000, 0, 0, 50_000, 0, 0)


def test_refunds_stay_within_the_part_and_wait_for_no_batch(books: Books):
    part = part_of(books, 0, 10_000)
    books.act(lambda ctx: parts.refund(ctx, part, 3_000, key()))
    books.act(lambda ctx: parts.refund(ctx, part, 4_000, key()))
    assert books.balances(books.vouchers[0]) == (97_000, 0, 3_000, 0, 0, 0)
    with refused("part.too_little"):
        books.act(lambda ctx: parts.refund(ctx, part, 3_001, key()))
    batch_of(books, claim_of(books, books.vouchers[0], {part: 3_000}).id, approve=False)
    with refused("part.in_batch"):
        books.act(lambda ctx: parts.refund(ctx, part, 1, key()))
    late = part_of(books, 1, 500)
    books.clock.advance(days=(LAST - TODAY).days + 1)
    books.act(lambda ctx: parts.refund(ctx, late, 500, key()))
    assert books.balances(books.vouchers[1]) == (99_500, 0, 0, 0, 500, 0)


def test_what_was_taken_back_meanwhile_is_neither_approved_nor_cut_again(books: Books):
    part = part_of(books, 0, 10_000)
    claim = books.act(lambda ctx: claims.file(ctx, books.vouchers[0], "direct", PROVIDER, {part: 10_000}))
    books.act(lambda ctx: parts.refund(ctx, part, 4_000, key()))

    def decide(approved: int) -> None:
        decided = {part: Decision(approved, WHY)}
        if claim.state == "submitted":
            claim.state = books.act(lambda ctx: claims.review(ctx, claim.id, decided)).state
        books.act(lambda ctx: claims.approve(ctx, claim.id, decided, key()))

    with refused("part.too_little"):
        decide(6_001)
    decide(5_000)
    assert books.balances(books.vouchers[0]) == (95_000, 0, 5_000, 0, 0, 0)


def test_a_payment_that_arrived_is_not_given_up(books: Books):
    part = part_of(books, 0, 10_000)
    batch = batch_of(books, claim_of(books, books.vouchers[0], {part: 10_000}).id)
    [attempt] = sent(books, batch)
    books.act(lambda ctx: payouts.confirm(ctx, {attempt: "BANK-1"}))
    item = uuid.UUID(str(books.scalar("SELECT id FROM batch_item")))
    with refused("payout.not_open"):
        books.act(lambda ctx: batches.fail_items(ctx, [item], key()))
    assert fund(books, "paid") == 10_000


def test_a_part_is_in_one_claim_and_goes_to_the_payee_of_its_mode(books: Books):
    part = part_of(books, 0, 10_000)
    first = books.act(lambda ctx: claims.file(ctx, books.vouchers[0], "direct", PROVIDER, {part: 10_000}))
    for payee, mode, code in (
        (PROVIDER, "direct", "claim.part_claimed"),
        (uuid.UUID(int=100), "direct", "claim.part_"),
        (PROVIDER, "reimbursed", "claim.part_"),
    ):
        with refused(f"{code}.*"):
            books.act(lambda ctx, p=payee, m=mode: claims.file(ctx, books.vouchers[0], m, p, {part: 10_000}))
    books.act(lambda ctx: claims.reject(ctx, first.id))
    with refused("claim.part_not_open"):
        books.act(lambda ctx: claims.file(ctx, books.vouchers[0], "direct", uuid.UUID(int=100), {part: 10_000}))
    enterprise = uuid.UUID(int=100)
    books.act(lambda ctx: claims.file(ctx, books.vouchers[0], "reimbursed", enterprise, {part: 10_000}))


def test_the_maker_never_checks_and_nothing_is_paid_that_has_not_arrived(books: Books):
    part = part_of(books, 0, 100_000)
    batch = batch_of(books, claim_of(books, books.vouchers[0], {part: 100_000}).id, approve=False)
    with refused("batch.four_eyes"):
        books.act(lambda ctx: batches.approve(ctx, batch, key()), OFFICER)
    books.act(lambda ctx: funds.book_return(ctx, books.fund, 450_000, key()))
    with refused("fund.not_received") as caught:
        books.act(lambda ctx: batches.approve(ctx, batch, key()), CHECKER)
    assert caught.value.clause == "四(一)"
    assert {n: v.fen for n, v in caught.value.text.values.items()} == {
        "received": 50_000,
        "paid": 0,
        "asked": 100_000,
        "cash": 50_000,
    }
    assert books.look(lambda s: s.get(PaymentBatch, batch).state) == "draft"
    books.act(lambda ctx: funds.book_receipt(ctx, books.fund, 500_000, key()))
    k = key()
    books.act(lambda ctx: batches.approve(ctx, batch, k), CHECKER)
    books.act(lambda ctx: batches.approve(ctx, batch, k), CHECKER)
    assert fund(books, "paid") == 100_000


def test_a_failed_payment_is_tried_again_and_an_unknown_one_is_not(books: Books):
    part = part_of(books, 0, 8_000)
    claim = claim_of(books, books.vouchers[0], {part: 8_000})
    batch = batch_of(books, claim.id)
    [attempt] = sent(books, batch)
    item = uuid.UUID(str(books.scalar("SELECT id FROM batch_item")))
    books.act(lambda ctx: payouts.doubt(ctx, {attempt: "no answer"}))
    assert books.act(lambda ctx: payouts.prepare(ctx, batch)) == []
    with refused("payout.attempt_open"):
        books.act(lambda ctx: batches.fail_items(ctx, [item], key()))
    with refused("batch.items_open"):
        books.act(lambda ctx: batches.close(ctx, batch))
    books.act(lambda ctx: payouts.fail(ctx, {attempt: "account closed"}))
    [second] = sent(books, batch)
    books.act(lambda ctx: payouts.fail(ctx, {second: "account closed"}))
    assert books.act(lambda ctx: batches.fail_items(ctx, [item], key())) == 8_000
    assert fund(books, "paid") == 0
    [third] = sent(books, batch_of(books, claim.id))
    books.act(lambda ctx: payouts.confirm(ctx, {third: "B"}))
    assert books.balances(books.vouchers[0]) == (92_000, 0, 0, 8_000, 0, 0)
    with refused("payout.step"):
        books.act(lambda ctx: payouts.fail(ctx, {third: "too late"}))


def test_an_item_taken_out_of_a_draft_brings_no_money_back(books: Books):
    first = claim_of(books, books.vouchers[0], {(a := part_of(books, 0, 1_000)): 1_000})
    second = claim_of(books, books.vouchers[1], {(b := part_of(books, 1, 2_000)): 2_000})
    assert a != b
    batch = batch_of(books, first.id, second.id, approve=False)
    item = uuid.UUID(str(books.scalar("SELECT id FROM batch_item WHERE amount = 1000")))
    books.act(lambda ctx: batches.take_out(ctx, item))
    books.act(lambda ctx: batches.approve(ctx, batch, key()), CHECKER)
    assert fund(books, "paid") == 2_000
    with refused("batch.nothing_failed"):
        books.act(lambda ctx: batches.fail_items(ctx, [item], key()))
    assert fund(books, "paid") == 2_000


@pytest.mark.parametrize("n", [1, 6])
def test_confirming_takes_as_many_statements_for_one_claim_as_for_many(books: Books, n: int):
    ids = []
    for _ in range(n):
        part = part_of(books, 0, 1_000)
        ids.append(claim_of(books, books.vouchers[0], {part: 1_000}).id)
    attempts = sent(books, batch_of(books, *ids))
    with counted(books.engine) as statements:
        assert books.act(lambda ctx: payouts.confirm(ctx, dict.fromkeys(attempts, "B"))) == n
    assert len(statements) == 5, statements
    assert books.balances(books.vouchers[0])[3] == n * 1_000
