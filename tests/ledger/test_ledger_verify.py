"""The books prove themselves: what is sound is called sound, and each kind of tampering is named."""

from __future__ import annotations

import io
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from beancount import loader
from sqlalchemy.orm import Session

from marketplace.base.context import Context
from tests.support.ledger import (
    CHECKER,
    CLOSES,
    LAST,
    OFFICER,
    PILOT,
    PROVIDER,
    TODAY,
    Books,
    key,
    postgres_books,
    stock,
)  # fmt: skip
from tests.support.postgres import Cluster
from vouchers.ledger import journal, queries, sums, verify
from vouchers.ledger.actions import batches, claims, funds, holds, parts, payouts, recalls, snapshots
from vouchers.ledger.actions.batches import Payee
from vouchers.ledger.actions.claims import Decision
from vouchers.ledger.guards import triggers

WHY = [{"amount": 500, "code": "no_evidence", "reason": "缺少交付证明"}]


def live_a_year(books: Books) -> None:
    """Every movement that there is, at least once."""
    act = books.act
    first, second, third, _ = books.vouchers

    def hold(voucher: uuid.UUID, amount: int) -> uuid.UUID:
        return act(lambda ctx: holds.reserve(ctx, voucher, uuid.uuid4(), PROVIDER, amount, CLOSES, key())).hold_id

    held = hold(first, 60_000)
    part = act(lambda ctx: holds.redeem(ctx, held, 20_000, key())).entry_id
    act(lambda ctx: holds.redeem(ctx, held, 5_000, key(), release_rest=True))
    pay(books, first, part, 20_000, 19_500)
    back = act(lambda ctx: parts.clawback(ctx, part, 700, key()))
    act(lambda ctx: funds.recover(ctx, books.fund, back.entry_id, 700, key()))
    act(lambda ctx: parts.refund(ctx, part + 1, 1_000, key()))
    act(lambda ctx: parts.redeem_contract(ctx, books.contract, 50_000, key()))
    act(lambda ctx: recalls.recall(ctx, books.contract, 10_000, key()))
    moved = hold(second, 30_000)
    act(lambda ctx: holds.transfer(ctx, moved, uuid.uuid4(), uuid.UUID(int=8), CLOSES, key()))
    hold(third, 4_000)
    act(lambda ctx: funds.unallot(ctx, books.renovation, 1_000, key()))
    act(lambda ctx: funds.book_return(ctx, books.fund, 1_000, key()))
    books.clock.advance(days=(LAST - TODAY).days + 1)
    act(recalls.sweep, None)
    books.clock.advance(days=(CLOSES - LAST).days + 1)
    act(recalls.sweep, None)


def pay(books: Books, commitment: uuid.UUID, part: int, asked: int, approved: int, mode: str = "direct") -> None:
    def claimed(ctx):
        claim = claims.file(ctx, commitment, mode, PROVIDER, {part: asked})
        decided = {part: Decision(approved, WHY)}
        claims.review(ctx, claim.id, decided)
        return claims.approve(ctx, claim.id, decided, key())

    claim = books.act(claimed)
    batch = books.act(lambda ctx: batches.open_batch(ctx, books.fund, key()))
    books.act(lambda ctx: batches.add(ctx, batch.id, [Payee(claim.id, uuid.uuid4(), {"number": "1"})]))
    books.act(lambda ctx: batches.approve(ctx, batch.id, key()), CHECKER)
    [attempt] = books.act(lambda ctx: payouts.prepare(ctx, batch.id))
    books.act(lambda ctx: payouts.send(ctx, batch.id))
    books.act(lambda ctx: payouts.confirm(ctx, {attempt.id: "B"}))
    books.act(lambda ctx: batches.close(ctx, batch.id))


def test_a_year_of_every_movement_is_sound(books: Books):
    live_a_year(books)
    report = books.look(verify.verify)
    assert report.sound, [str(d) for d in report.differences]
    kinds = set(books.look(lambda s: s.connection().exec_driver_sql("SELECT DISTINCT kind FROM entry").scalars().all()))
    assert kinds == {
        *("issue", "reserve", "release", "lapse", "redeem", "refund", "cut", "settle", "clawback", "expire", "recall")
    }
    assert report.counts["commitments"] == 5 and report.counts["entries"] > 20


def test_beancount_adds_up_to_the_same_balances(books: Books, tmp_path: Path):
    live_a_year(books)
    out = io.StringIO()
    assert books.look(lambda s: journal.write(s, out)) > 30
    path = tmp_path / "ledger.beancount"
    path.write_text(out.getvalue(), encoding="utf-8")
    entries, errors, _ = loader.load_file(str(path))
    assert not errors, errors[:3]
    assert len(entries) > 60
    path.write_text(out.getvalue().replace("700.00", "700.01", 1), encoding="utf-8")
    _, errors, _ = loader.load_file(str(path))
    assert errors  # the oracle does look


def strip_guards(books: Books) -> None:
    """What an owner of the database can do: take the guards away."""
    with books.engine.connect().execution_options(marketplace_write=True) as connection:
        for name, sql in triggers(books.dialect).items():
            if sql.startswith("CREATE TRIGGER"):
                on = sql.split(" ON ")[1].split()[0]
                connection.exec_driver_sql(f"DROP TRIGGER {name}" + ("" if books.dialect == "sqlite" else f" ON {on}"))
        connection.commit()


def write(books: Books, sql: str) -> None:
    with books.engine.connect().execution_options(marketplace_write=True) as connection:
        connection.exec_driver_sql(sql)
        connection.commit()


TAMPERINGS = {
    "a balance": ("UPDATE commitment SET paid = paid - 5, clawed = clawed + 5 WHERE paid > 5", "I3"),
    "a face": ("UPDATE commitment SET face = face + 1, available = available + 1", "I2"),
    "an entry's amount": ("UPDATE entry SET amount = amount - 1 WHERE kind = 'redeem'", "I7"),
    "an entry's day": ("UPDATE entry SET day = '2031-03-11' WHERE kind = 'redeem'", "I7"),
    "an entry's person": (
        "UPDATE entry SET person_id = '00000000-0000-0000-0000-0000000000ff' WHERE kind = 'redeem'",
        "I7",
    ),
    "a voucher's holder": (
        "UPDATE voucher SET enterprise_id = '00000000-0000-0000-0000-0000000000ff'"
        " WHERE number = (SELECT max(number) FROM voucher)",
        "I7",
    ),
    "the last day": ("UPDATE commitment SET last_day = '2031-12-30' WHERE kind = 'voucher'", "I7"),
    "the last entry cut off": ("DELETE FROM entry WHERE id = (SELECT max(id) FROM entry)", "I3"),
    "a hold": ("UPDATE hold SET posted = posted + 1, released = released - 1 WHERE released > 0", "I5"),
    "a part": ("UPDATE redemption SET refunded = refunded + 1 WHERE settled + refunded < amount", "I5b"),
    "a redemption removed": ("DELETE FROM redemption WHERE entry_id = (SELECT max(entry_id) FROM redemption)", "I5b"),
    "a fund": ("UPDATE fund SET award = award + 1", "I8"),
    "a bucket": ("UPDATE line_bucket SET allotted = allotted + 1, available = available + 1 WHERE k = 0", "I8b"),
    "a batch": ("UPDATE payment_batch SET total = total + 1", "I6"),
    "an issue": ("UPDATE issue_batch SET issued = issued - 1", "I2b"),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_tampering_behind_the_guards_is_named(books: Books, what: str):
    live_a_year(books)
    strip_guards(books)
    sql, invariant = TAMPERINGS[what]
    write(books, sql)
    report = books.look(verify.verify)
    assert not report.sound
    assert invariant in {d.invariant for d in report.differences}, [str(d) for d in report.differences]


def test_the_trial_balance_of_a_day_is_the_same_with_and_without_sums_by_day(books: Books):
    live_a_year(books)
    days = [TODAY - timedelta(days=1), TODAY, LAST + timedelta(days=1), CLOSES + timedelta(days=2)]
    before = [books.look(lambda s, d=d: queries.trial(s, PILOT, d)) for d in days]
    present = books.look(lambda s: queries.trial(s, PILOT))
    assert [(t.granted, t.committed, t.paid) for t in before[-1]] == [(t.granted, t.committed, t.paid) for t in present]
    assert books.act(snapshots.take, None)
    assert books.act(snapshots.take, None) == ""
    assert [books.look(lambda s, d=d: queries.trial(s, PILOT, d)) for d in days] == before
    by_category = {t.category: t for t in before[1]}
    assert (by_category["renovation"].granted, by_category["renovation"].paid) == (242_500, 18_800)
    assert (by_category["platform"].granted, by_category["platform"].committed) == (0, 140_000)
    assert [t.granted for t in before[0]] == [0, 0]


UNTIL = CLOSES + timedelta(days=9)


def asked(books: Books) -> tuple[list, list, set]:
    """Everything the sums answer, in an order of its own."""
    lines, funds_ = [books.renovation, books.platforms], [books.fund]
    return (
        sorted(map(repr, books.look(lambda s: sums.moved(s, lines, UNTIL, by_day=True)))),
        sorted(map(repr, books.look(lambda s: sums.booked(s, funds_, UNTIL, by_day=True)))),
        {tuple(row) for row in books.look(lambda s: s.execute(sums.spenders(s, UNTIL)).all())},
    )


def test_sums_are_begun_and_gone_on_with_and_always_say_what_the_entries_say(books: Books):
    assert books.act(snapshots.take, None)
    begun = asked(books)
    live_a_year(books)
    fresh = asked(books)
    assert fresh[0] != begun[0] and fresh[1] != begun[1] and len(fresh[2]) > len(begun[2])
    assert books.act(snapshots.take, None)
    assert asked(books) == fresh, "the same from the sums alone"
    assert books.look(verify.verify).sound
    write(books, "DELETE FROM snapshot_horizon")
    assert asked(books) == fresh, "and from the entries alone"
    assert books.act(snapshots.take, None)
    assert asked(books) == fresh
    write(books, "UPDATE snapshot_horizon SET cluster = 'another'")
    write(books, "UPDATE balance_snapshot SET amount = amount + 1")
    assert asked(books) == fresh, "what another cluster summed is not read"
    assert books.look(verify.verify).sound
    assert books.act(snapshots.take, None)
    assert asked(books) == fresh
    assert books.look(verify.verify).sound


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE balance_snapshot SET amount = amount + 1 WHERE dst = 'paid'",
        "DELETE FROM balance_snapshot WHERE dst = 'paid'",
        "UPDATE fund_snapshot SET amount = amount - 1 WHERE kind = 'receipt'",
        "INSERT INTO fund_snapshot SELECT fund_id, part_id, 'unpay', day, 5 FROM fund_snapshot WHERE kind = 'award'",
        "UPDATE spender_snapshot SET first_day = '2031-03-01'",
        "DELETE FROM spender_snapshot",
        "UPDATE snapshot_horizon SET reached = 1, floor_id = 1 WHERE source = 'entry'",
    ],
)
def test_sums_that_were_tampered_with_are_named(books: Books, sql: str):
    live_a_year(books)
    books.act(snapshots.take, None)
    assert books.look(verify.verify).sound
    write(books, sql)
    report = books.look(verify.verify)
    assert {d.invariant for d in report.differences} == {"I11"}, [str(d) for d in report.differences]


def test_an_entry_that_is_committed_late_is_summed_once(postgres: Cluster, postgres_template: str):
    """Its id is lower than that of one that was summed before: a cursor over ids would pass it by."""
    with postgres_books(postgres, postgres_template) as books:
        stock(books)
        books.act(snapshots.take, None)
        first, second, *_ = books.vouchers
        with Session(books.engine) as slow:
            slow.connection(execution_options={"marketplace_write": True})
            context = Context(slow, books.house, books.house.clock.now(slow), OFFICER, "", False)
            holds.reserve(context, first, uuid.uuid4(), PROVIDER, 111, CLOSES, key())
            books.act(lambda ctx: holds.reserve(ctx, second, uuid.uuid4(), PROVIDER, 222, CLOSES, key()))
            books.act(snapshots.take, None)
            assert reserved(books) == 222
            slow.commit()
        assert reserved(books) == 333
        books.act(snapshots.take, None)
        assert reserved(books) == 333
        summed = "SELECT sum(amount) FROM balance_snapshot WHERE kind = 'voucher' AND dst = 'reserved'"
        assert books.scalar(summed) == 333
        assert books.look(verify.verify).sound


def reserved(books: Books) -> int:
    found = books.look(lambda s: sums.moved(s, [books.renovation], UNTIL))
    return sum(m.amount for m in found if m.dst == "reserved")


def test_what_a_provider_is_owed_is_what_is_neither_settled_nor_refunded(books: Books):
    live_a_year(books)
    found = books.look(lambda s: queries.owed(s, PROVIDER))
    assert [p.amount - p.refunded - p.settled for p in found] == [4_000, 50_000]
    assert books.look(lambda s: queries.owed(s, PROVIDER, after=found[0].entry_id))[0].entry_id == found[1].entry_id
    voucher = books.look(lambda s: queries.of_enterprise(s, uuid.UUID(int=100)))[0]
    assert voucher[1].clawed == 700
    assert books.look(lambda s: queries.balances(s, books.vouchers[0])).clawed == 700
