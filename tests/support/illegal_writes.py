"""Every write that the database itself must refuse, sent as raw SQL: what a fault of ours, or a hand, might try."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from tests.support.ledger import CHECKER, CLOSES, LAST, OTHER, PILOT, PROVIDER, TODAY, Books, key
from vouchers.ledger.actions import batches, claims, holds, parts, payouts, recalls
from vouchers.ledger.actions.batches import Payee
from vouchers.ledger.actions.claims import Decision

AT = "2031-03-12T04:00:00.000000Z"
AFTER = (LAST + timedelta(days=1)).isoformat()
PAST_HOLDS = (CLOSES + timedelta(days=1)).isoformat()
U = uuid.UUID
STATE = (
    "SELECT sum(seq * 1000003 + available * 7 + reserved * 5 + payable * 3 + paid), (SELECT count(*) FROM entry),"
    " count(*), (SELECT count(*) FROM hold), (SELECT sum(funded + issued) FROM issue_batch) FROM commitment"
)


@dataclass
class Stage:
    """A ledger in the middle of its life, and the names of what lies about in it."""

    books: Books
    v1: U
    v2: U
    v3: U
    v4: U
    contract: U
    h_closed: U
    h_open: U
    r_batched: int
    r_settled: int
    r_free: int
    q: int
    claim_contract: U
    claim_voucher: U
    claim_free: U
    b_approved: U
    b_draft: U
    item: U
    item_draft: U
    attempt: U
    paid_attempt: U
    recalled: int
    clawed: int


def stage(books: Books) -> Stage:
    """Live up to a point where every kind of row exists in every interesting state."""
    act = books.act
    v1, v2, v3, v4 = books.vouchers

    def hold(voucher: U, amount: int, last: Any = CLOSES) -> U:
        return act(lambda ctx: holds.reserve(ctx, voucher, uuid.uuid4(), PROVIDER, amount, last, key())).hold_id

    def redeem(held: U, amount: int, **more: Any) -> int:
        return act(lambda ctx: holds.redeem(ctx, held, amount, key(), **more)).entry_id

    def claim(commitment: U, asked: dict[int, int], mode: str = "direct") -> U:
        def verb(ctx: Any) -> U:
            made = claims.file(ctx, commitment, mode, PROVIDER, asked)
            decided = {part: Decision(amount) for part, amount in asked.items()}
            claims.review(ctx, made.id, decided)
            return claims.approve(ctx, made.id, decided, key()).id

        return act(verb)

    def batch(*claim_ids: U) -> tuple[U, list[U]]:
        made = act(lambda ctx: batches.open_batch(ctx, books.fund, key()))
        payees = [Payee(c, uuid.uuid4(), {"number": "1"}) for c in claim_ids]
        return made.id, act(lambda ctx: batches.add(ctx, made.id, payees)) if payees else []

    h_closed = hold(v1, 60_000)
    r_batched, r_settled = redeem(h_closed, 20_000), redeem(h_closed, 10_000)
    r_free = redeem(h_closed, 5_000, release_rest=True)
    act(lambda ctx: parts.refund(ctx, r_batched, 7_000, key()))
    done, _ = batch(claim(v1, {r_settled: 9_000}))
    act(lambda ctx: batches.approve(ctx, done, key()), CHECKER)
    [paid] = act(lambda ctx: payouts.prepare(ctx, done))
    act(lambda ctx: payouts.send(ctx, done))
    act(lambda ctx: payouts.confirm(ctx, {paid.id: "B"}))
    clawed = act(lambda ctx: parts.clawback(ctx, r_settled, 2_000, key())).entry_id
    recalled = act(lambda ctx: recalls.recall(ctx, v1, 1_000, key())).entry_id
    q = act(lambda ctx: parts.redeem_contract(ctx, books.contract, 50_000, key())).entry_id
    first, second = claim(books.contract, {q: 50_000}, "contract"), claim(v1, {r_batched: 13_000})
    approved, items = batch(first, second)
    act(lambda ctx: batches.approve(ctx, approved, key()), CHECKER)
    [attempt, _] = act(lambda ctx: payouts.prepare(ctx, approved))
    act(lambda ctx: payouts.send(ctx, approved))
    act(lambda ctx: payouts.doubt(ctx, {attempt.id: "no answer"}))
    moved = hold(v2, 30_000)
    h_open = act(lambda ctx: holds.transfer(ctx, moved, uuid.uuid4(), OTHER, CLOSES, key())).hold_id
    small = redeem(hold(v4, 300), 300)
    hold(v1, 5_000), hold(v2, 5_000)  # so that the commitment alone would allow more than one hold has
    free = act(lambda ctx: claims.file(ctx, v1, "direct", PROVIDER, {r_free: 1_000})).id
    draft, [item_draft] = batch(claim(v4, {small: 300}))
    return Stage(
        books, v1, v2, v3, v4, books.contract, h_closed, h_open, r_batched, r_settled, r_free, q, first, second, free,
        approved, draft, attempt.batch_item_id, item_draft, attempt.id, paid.id, recalled, clawed,
    )  # fmt: skip


class Raw:
    """Plain SQL on one connection, in the words of either database."""

    n = 0

    def __init__(self, connection: Connection, s: Stage) -> None:
        self.connection, self.s = connection, s
        self.lite = connection.dialect.name == "sqlite"

    def blob(self, data: bytes) -> str:
        return f"X'{data.hex()}'" if self.lite else f"'\\x{data.hex()}'::bytea"

    def lit(self, value: Any) -> str:
        if value is None:
            return "NULL"
        if isinstance(value, bytes):
            return self.blob(value)
        return str(value) if isinstance(value, int) else f"'{value}'"

    def do(self, sql: str) -> Any:
        return self.connection.exec_driver_sql(sql)

    def one(self, sql: str) -> tuple[Any, ...]:
        return tuple(self.do(sql).one())

    def row(self, table: str, verb: str = "INSERT", **values: Any) -> None:
        names, listed = ", ".join(values), ", ".join(map(self.lit, values.values()))
        self.do(f"{verb} INTO {table} ({names}) VALUES ({listed})")

    def entry(
        self, commitment: U, kind: str, src: str, dst: str, amount: int, *, hold: Any = None, part: Any = None,
        provider: Any = None, attempt: Any = None, day: str = TODAY.isoformat(), idem: Any = None, pilot: U = PILOT,
        seq: int | None = None, verb: str = "INSERT", at: str = AT, **more: Any,
    ) -> int:  # fmt: skip
        last, chain = self.one(f"SELECT seq, chain FROM commitment WHERE id = '{commitment}'")
        Raw.n += 1
        self.row(
            "entry", verb, pilot_id=pilot, commitment_id=commitment, seq=last + 1 if seq is None else seq, kind=kind,
            src=src, dst=dst, amount=amount, hold_id=hold, redemption_id=part, provider_id=provider, attempt_id=attempt,
            idem_scope=idem and "s", idem_key=idem, req_hash=idem and bytes(32), person_id=U(int=1),
            assignment_id=U(int=1), day=day, at=at, prev_hash=bytes(chain),
            hash=hashlib.sha256(bytes(chain) + str(Raw.n).encode()).digest(), **more,
        )  # fmt: skip
        return self.one("SELECT max(id) FROM entry")[0]

    def hold(self, commitment: U, amount: int, **more: Any) -> U:
        made = uuid.uuid4()
        values = {"order_id": uuid.uuid4(), "provider_id": PROVIDER, "last_day": CLOSES} | more
        self.row("hold", id=made, commitment_id=commitment, amount=amount, **values)
        return made

    def fund(
        self, kind: str, amount: int, *, line: Any = None, k: int = 0, day: str = TODAY.isoformat(), **more: Any
    ) -> None:
        books, inner = self.s.books, kind in ("issue", "recall", "lapse", "close", "carry")
        seq = None if inner else self.one(f"SELECT seq FROM fund WHERE id = '{books.fund}'")[0] + 1
        bseq = self.one(f"SELECT seq FROM line_bucket WHERE line_id = '{line}' AND k = {k}")[0] + 1 if line else None
        values = {
            "pilot_id": PILOT, "fund_id": books.fund, "seq": seq, "kind": kind, "line_id": line, "k": k if line else None,
            "bseq": bseq, "amount": amount, "person_id": U(int=1), "assignment_id": U(int=1), "day": day, "at": AT,
        }  # fmt: skip
        self.row("fund_entry", **(values | more))

    def first(self, kind: str) -> int:
        return self.one(f"SELECT min(id) FROM fund_entry WHERE kind = '{kind}'")[0]

    def amount_of(self, kind: str) -> int:
        return self.one(f"SELECT amount FROM fund_entry WHERE id = {self.first(kind)}")[0]

    def commitment(self, **more: Any) -> U:
        made, books = uuid.uuid4(), self.s.books
        batch = self.one(f"SELECT issue_batch_id FROM commitment WHERE id = '{self.s.v1}'")[0]
        values = {
            "id": made, "kind": "voucher", "line_id": books.renovation, "issue_batch_id": batch, "pilot_id": PILOT,
            "city": "360900", "currency": "CNY", "face": 5, "last_day": LAST, "chain": bytes(32),
        }  # fmt: skip
        self.row("commitment", **({"verb": more.pop("verb", "INSERT")} | values | more))
        return made

    def voucher(self, commitment: U, line: U, enterprise: int, **more: Any) -> None:
        values = {
            "commitment_id": commitment, "line_id": line, "pilot_id": PILOT, "city": "360900", "number": key(),
            "enterprise_id": U(int=enterprise), "award_no": 1, "issued_at": AT,
        }  # fmt: skip
        self.row("voucher", **(values | more))

    def claim(self, commitment: U, line: U, **more: Any) -> U:
        made = uuid.uuid4()
        values = {
            "id": made, "created_at": AT, "commitment_id": commitment, "kind": "voucher", "line_id": line,
            "fund_id": self.s.books.fund, "pilot_id": PILOT, "city": "360900", "payee_organisation_id": PROVIDER,
            "mode": "direct", "state": "submitted",
        }  # fmt: skip
        self.row("claim", **(values | more))
        return made

    def claim_item(self, claim: U, part: int, commitment: U, asked: int = 1, **more: Any) -> None:
        self.row("claim_item", claim_id=claim, redemption_id=part, commitment_id=commitment, asked=asked, **more)

    def batch(self, fund: U, **more: Any) -> U:
        made = uuid.uuid4()
        values = {
            "id": made, "created_at": AT, "fund_id": fund, "pilot_id": PILOT, "city": "360900", "number": key(),
            "maker_id": U(int=1),
        }  # fmt: skip
        self.row("payment_batch", **(values | more))
        return made

    def item(self, claim: U, batch: U, amount: int, fund: U | None = None, **more: Any) -> None:
        self.row(
            "batch_item", id=uuid.uuid4(), created_at=AT, claim_id=claim, batch_id=batch,
            fund_id=fund or self.s.books.fund, amount=amount, account_id=uuid.uuid4(), account="{}", **more,
        )  # fmt: skip

    def attempt(self, item: U, no: int, **more: Any) -> None:
        self.row("payout_attempt", id=uuid.uuid4(), created_at=AT, batch_item_id=item, attempt_no=no,
                 **({"end_to_end_id": key()} | more))  # fmt: skip

    def other_fund(self) -> U:
        made = uuid.uuid4()
        self.row("fund", id=made, created_at=AT, pilot_id=PILOT, city="360900", source=key(), currency="CNY")
        return made


Case = tuple[str, Callable[[Raw], Any]]


def sql(text: str) -> Callable[[Raw], Any]:
    """A statement whose braces name what stands on the stage: ``{v1}``, ``{books.fund}``."""
    return lambda r: r.do(text.format(**vars(r.s)))


COMMITMENT: list[Case] = [
    ("balance without entry", sql("UPDATE commitment SET available = available + 1, payable = payable - 1 WHERE id = '{v1}'")),
    ("balance under a made-up number", sql("UPDATE commitment SET available = available - 1, recalled = recalled + 1, seq = seq + 1 WHERE id = '{v1}'")),
    ("face raised", sql("UPDATE commitment SET face = face + 1 WHERE id = '{v1}'")),
    ("line changed", sql("UPDATE commitment SET line_id = '{books.platforms}' WHERE id = '{v1}'")),
    ("last day moved", sql("UPDATE commitment SET last_day = '2031-12-31' WHERE id = '{v1}'")),
    ("pilot changed", sql("UPDATE commitment SET pilot_id = '{v1}' WHERE id = '{v1}'")),
    ("chain cut", lambda r: r.do(f"UPDATE commitment SET chain = {r.blob(bytes(32))} WHERE id = '{r.s.v1}'")),
    ("commitment born paid", lambda r: r.commitment(paid=5, seq=9)),
    ("commitment born available", lambda r: r.commitment(available=5)),
    ("issue beyond the batch", lambda r: r.commitment()),
    ("other currency", lambda r: funded(r, currency="EUR")),
    ("another pilot's commitment on the line", lambda r: funded(r, pilot_id=U(int=2))),
    ("commitment longer than its line", lambda r: funded(r, last_day=CLOSES + timedelta(days=1))),
    ("commitment deleted", sql("DELETE FROM commitment WHERE id = '{v4}'")),
    ("issued twice", lambda r: r.entry(r.s.v1, "issue", "line", "available", 1)),
    ("third voucher of one award", lambda r: r.voucher(funded(r), r.s.books.renovation, 100)),
    ("voucher row for a contract", lambda r: r.voucher(r.s.contract, r.s.books.platforms, 900)),
    ("voucher given to another", sql("UPDATE voucher SET enterprise_id = '{v1}' WHERE commitment_id = '{v1}'")),
    ("voucher deleted", sql("DELETE FROM voucher")),
    ("contract given to another", sql("UPDATE direct_contract SET provider_id = '{v1}'")),
    ("issue batch enlarged", sql("UPDATE issue_batch SET total = total + 5")),
    ("issue batch funded by hand", sql("UPDATE issue_batch SET total = total + 5, funded = funded + 5")),
    ("issued made forgotten", sql("UPDATE issue_batch SET issued = issued - 5")),
    ("issue batch born funded", lambda r: r.row(
        "issue_batch", id=uuid.uuid4(), created_at=AT, line_id=r.s.books.renovation, idem_scope="x", idem_key=key(),
        req_hash=bytes(32), n=1, total=5, funded=5)),
    ("fund entry for a batch of another line", lambda r: r.fund("issue", 5, line=r.s.books.platforms, k=1, issue_batch_id=new_batch(r, 5))),
]  # fmt: skip


def new_batch(r: Raw, total: int) -> U:
    made = uuid.uuid4()
    r.row("issue_batch", id=made, created_at=AT, line_id=r.s.books.renovation, idem_scope="x", idem_key=key(),
          req_hash=bytes(32), n=1, total=total)  # fmt: skip
    return made


def funded(r: Raw, **more: Any) -> U:
    """A commitment that has its money, with whatever is wrong about it."""
    batch = new_batch(r, 5)
    r.fund("issue", 5, line=r.s.books.renovation, issue_batch_id=batch)
    return r.commitment(issue_batch_id=batch, **more)


MOVEMENTS: list[Case] = [
    ("reserve more than is available", lambda r: r.entry(r.s.v3, "reserve", "available", "reserved", 50_001, hold=r.hold(r.s.v3, 50_001), provider=PROVIDER)),
    ("movement that is not listed", lambda r: r.entry(r.s.v1, "redeem", "available", "paid", 1, provider=PROVIDER)),
    ("listed words under a wrong kind", lambda r: r.entry(r.s.v1, "settle", "payable", "available", 1, part=r.s.r_free, attempt=r.s.paid_attempt)),
    ("voucher redeemed without a hold", lambda r: r.entry(r.s.v1, "redeem", "available", "payable", 1, provider=PROVIDER)),
    ("hold on a contract", lambda r: r.entry(r.s.contract, "reserve", "available", "reserved", 10, hold=r.hold(r.s.contract, 10), provider=PROVIDER)),
    ("contract redeemed for another provider", lambda r: r.entry(r.s.contract, "redeem", "available", "payable", 1, provider=OTHER)),
    ("contract redeemed for nobody", lambda r: r.entry(r.s.contract, "redeem", "available", "payable", 1)),
    ("redeem a hold that was never reserved", lambda r: r.entry(r.s.v2, "redeem", "reserved", "payable", 5_000, hold=r.hold(r.s.v2, 5_000), provider=PROVIDER)),
    ("reserve another amount than the hold's", lambda r: r.entry(r.s.v3, "reserve", "available", "reserved", 99, hold=r.hold(r.s.v3, 100), provider=PROVIDER)),
    ("reserve for another provider than the hold's", lambda r: r.entry(r.s.v3, "reserve", "available", "reserved", 100, hold=r.hold(r.s.v3, 100), provider=OTHER)),
    ("redeem more than the hold has", lambda r: r.entry(r.s.v2, "redeem", "reserved", "payable", 30_001, hold=r.s.h_open, provider=OTHER)),
    ("redeem by another provider", lambda r: r.entry(r.s.v2, "redeem", "reserved", "payable", 5, hold=r.s.h_open, provider=PROVIDER)),
    ("hold of another commitment", lambda r: r.entry(r.s.v1, "redeem", "reserved", "payable", 1, hold=r.s.h_open, provider=OTHER)),
    ("redeem a closed hold", lambda r: r.entry(r.s.v1, "redeem", "reserved", "payable", 1, hold=r.s.h_closed, provider=PROVIDER)),
    ("release a closed hold", lambda r: r.entry(r.s.v1, "release", "reserved", "available", 1, hold=r.s.h_closed)),
    ("redeem after the hold's last day", lambda r: r.entry(r.s.v2, "redeem", "reserved", "payable", 5, hold=r.s.h_open, provider=OTHER, day=PAST_HOLDS)),
    ("reserve after the voucher's last day", lambda r: r.entry(r.s.v3, "reserve", "available", "reserved", 10, hold=r.hold(r.s.v3, 10), provider=PROVIDER, day=AFTER)),
    ("late reserve dressed as a transfer", lambda r: r.entry(r.s.v1, "reserve", "available", "reserved", 10, hold=r.hold(r.s.v1, 10, replaces=r.s.h_closed), provider=PROVIDER, day=AFTER)),
    ("transfer of more than was released", lambda r: (
        r.entry(r.s.v2, "release", "reserved", "available", 5, hold=r.s.h_open),
        r.entry(r.s.v2, "reserve", "available", "reserved", 6, hold=r.hold(r.s.v2, 6, replaces=r.s.h_open), provider=PROVIDER, day=AFTER))),
    ("lapse before the last day", lambda r: r.entry(r.s.v2, "lapse", "reserved", "recalled", 5, hold=r.s.h_open)),
    ("expire before the last day", lambda r: r.entry(r.s.v3, "expire", "available", "recalled", 1, day=LAST.isoformat())),
    ("reserve while frozen", lambda r: (r.do(f"UPDATE commitment SET frozen = true WHERE id = '{r.s.v3}'"), r.entry(r.s.v3, "reserve", "available", "reserved", 1, hold=r.hold(r.s.v3, 1), provider=PROVIDER))),
    ("redeem while frozen", lambda r: (r.do(f"UPDATE commitment SET frozen = true WHERE id = '{r.s.v2}'"), r.entry(r.s.v2, "redeem", "reserved", "payable", 1, hold=r.s.h_open, provider=OTHER))),
    ("contract redeemed while frozen", lambda r: (r.do(f"UPDATE commitment SET frozen = true WHERE id = '{r.s.contract}'"), r.entry(r.s.contract, "redeem", "available", "payable", 1, provider=PROVIDER))),
    ("hold posted by hand", sql("UPDATE hold SET posted = 0, state = 'pending' WHERE id = '{h_closed}'")),
    ("hold enlarged", sql("UPDATE hold SET amount = amount + 1 WHERE id = '{h_open}'")),
    ("hold prolonged", sql("UPDATE hold SET last_day = '2031-12-30' WHERE id = '{h_open}'")),
    ("hold given to another provider", sql("UPDATE hold SET provider_id = '{v1}' WHERE id = '{h_open}'")),
    ("hold born pending", lambda r: r.hold(r.s.v1, 10, state="pending")),
    ("hold born posted", lambda r: r.hold(r.s.v1, 10, posted=5)),
    ("hold beyond its line's period", lambda r: r.hold(r.s.v1, 10, last_day=CLOSES + timedelta(days=1))),
    ("second living hold of an order", lambda r: r.hold(r.s.v2, 10, order_id=r.one(f"SELECT order_id FROM hold WHERE id = '{r.s.h_open}'")[0])),
    ("hold replaced twice", lambda r: (r.hold(r.s.v2, 10, replaces=r.s.h_open), r.hold(r.s.v2, 10, replaces=r.s.h_open))),
    ("hold replacing one of another voucher", lambda r: r.hold(r.s.v3, 10, replaces=r.s.h_open)),
    ("hold deleted", sql("DELETE FROM hold")),
    ("redemption by hand", lambda r: r.row("redemption", entry_id=r.one("SELECT min(id) FROM entry")[0], commitment_id=r.s.v1, provider_id=PROVIDER, amount=5, last_entry=1)),
    ("refunded by hand", sql("UPDATE redemption SET refunded = 0 WHERE entry_id = {r_batched}")),
    ("settled by hand", sql("UPDATE redemption SET settled = settled + 1 WHERE entry_id = {r_free}")),
    ("redemption deleted", sql("DELETE FROM redemption")),
    ("refund more than the part", lambda r: r.entry(r.s.v1, "refund", "payable", "available", 5_001, part=r.s.r_free)),
    ("refund a settled part out of another", lambda r: r.entry(r.s.v1, "refund", "payable", "available", 9_000, part=r.s.r_settled)),
    ("refund while in a batch", lambda r: r.entry(r.s.v1, "refund", "payable", "available", 1, part=r.s.r_batched)),
    ("cut while in a batch", lambda r: r.entry(r.s.v1, "cut", "payable", "available", 1, part=r.s.r_batched)),
    ("refund without a part", lambda r: r.entry(r.s.v1, "refund", "payable", "available", 1)),
    ("refund of another commitment's part", lambda r: r.entry(r.s.contract, "refund", "payable", "available", 1, part=r.s.r_free)),
    ("refund to available past the day", lambda r: r.entry(r.s.v1, "refund", "payable", "available", 1, part=r.s.r_free, day=AFTER)),
    ("refund to recalled before the day", lambda r: r.entry(r.s.v1, "refund", "payable", "recalled", 1, part=r.s.r_free)),
    ("settle more than the part", lambda r: r.entry(r.s.v1, "settle", "payable", "paid", 5_001, part=r.s.r_free, attempt=r.s.paid_attempt)),
    ("settle without a payment", lambda r: r.entry(r.s.v1, "settle", "payable", "paid", 1_000, part=r.s.r_free)),
    ("settle on an unknown payment", lambda r: r.entry(r.s.contract, "settle", "payable", "paid", 50_000, part=r.s.q, attempt=r.s.attempt)),
    ("settle on another part's payment", lambda r: r.entry(r.s.v1, "settle", "payable", "paid", 1_000, part=r.s.r_free, attempt=r.s.paid_attempt)),
    ("settle twice", lambda r: r.entry(r.s.v1, "settle", "payable", "paid", 9_000, part=r.s.r_settled, attempt=r.s.paid_attempt)),
    ("claw back more than was settled", lambda r: r.entry(r.s.v1, "clawback", "paid", "clawed", 7_001, part=r.s.r_settled)),
    ("claw back what was not paid", lambda r: r.entry(r.s.v1, "clawback", "paid", "clawed", 1, part=r.s.r_free)),
]  # fmt: skip

ENTRIES: list[Case] = [
    ("stale number", lambda r: r.entry(r.s.v1, "recall", "available", "recalled", 1, seq=3)),
    ("gap in the numbers", lambda r: r.entry(r.s.v1, "recall", "available", "recalled", 1, seq=99)),
    ("wrong hash before", lambda r: r.row(
        "entry", pilot_id=PILOT, commitment_id=r.s.v3, seq=2, kind="recall", src="available", dst="recalled", amount=1,
        person_id=U(int=1), assignment_id=U(int=1), day=TODAY, at=AT, prev_hash=bytes(32), hash=bytes(32))),
    ("key used twice", lambda r: [r.entry(r.s.v1, "recall", "available", "recalled", 1, idem="k") for _ in "12"]),
    ("key without its digest", lambda r: r.entry(r.s.v1, "recall", "available", "recalled", 1, idem="k", **{}) and r.row(
        "entry", pilot_id=PILOT, commitment_id=r.s.v3, seq=2, kind="recall", src="available", dst="recalled", amount=1,
        idem_scope="s", idem_key="kk", person_id=U(int=1), assignment_id=U(int=1), day=TODAY, at=AT,
        prev_hash=bytes(r.one(f"SELECT chain FROM commitment WHERE id = '{r.s.v3}'")[0]), hash=bytes(32))),
    ("entry of another pilot", lambda r: r.entry(r.s.v1, "recall", "available", "recalled", 1, pilot=U(int=2))),
    ("amount of zero", lambda r: r.entry(r.s.v1, "recall", "available", "recalled", 0)),
    ("negative amount", lambda r: r.entry(r.s.v1, "recall", "available", "recalled", -5)),
    ("entry changed", sql("UPDATE entry SET amount = 1 WHERE id = {r_free}")),
    ("entry deleted", sql("DELETE FROM entry WHERE id = {r_free}")),
    ("fund entry changed", sql("UPDATE fund_entry SET amount = amount + 1")),
    ("fund entry deleted", sql("DELETE FROM fund_entry")),
]  # fmt: skip

FUNDS: list[Case] = [
    ("ceiling at allotment", lambda r: r.fund("allot", 50_001, line=r.s.books.platforms)),
    ("allot more than the award", lambda r: r.fund("allot", 300_000, line=r.s.books.renovation)),
    ("receive more than the award", lambda r: r.fund("receipt", 500_001)),
    ("return what was paid", lambda r: r.fund("return", 450_000)),
    ("fund by hand", sql("UPDATE fund SET award = award * 2, seq = seq + 1")),
    ("ceiling lifted", sql("UPDATE fund SET ceiling_bps = NULL")),
    ("fund given to another pilot", sql("UPDATE fund SET pilot_id = '{v1}'")),
    ("fund born rich", lambda r: r.row("fund", id=uuid.uuid4(), created_at=AT, pilot_id=PILOT, city="3", source="x", currency="CNY", award=5)),
    ("fund deleted", sql("DELETE FROM fund")),
    ("line turned into renovation", sql("UPDATE budget_line SET share = 'renovation'")),
    ("line moved to another fund", lambda r: r.do(f"UPDATE budget_line SET fund_id = '{r.other_fund()}' WHERE id = '{r.s.books.platforms}'")),
    ("line shortened", sql("UPDATE budget_line SET closes_on = '2031-02-01'")),
    ("line of another pilot's fund", lambda r: r.row(
        "budget_line", id=uuid.uuid4(), created_at=AT, fund_id=r.s.books.fund, pilot_id=U(int=2), city="3", category="x",
        share="other", currency="CNY", opens_on=TODAY, closes_on=TODAY)),
    ("bucket by hand", sql("UPDATE line_bucket SET allotted = allotted + 1, available = available + 1 WHERE k = 0")),
    ("bucket born rich", lambda r: r.row("line_bucket", line_id=r.s.books.renovation, k=9, allotted=5, available=5)),
    ("bucket deleted", sql("DELETE FROM line_bucket")),
    ("allot to another fund's line", lambda r: r.fund("allot", 1, line=r.s.books.platforms, fund_id=r.other_fund(), seq=1)),
    ("fund entry of another pilot", lambda r: r.fund("award", 1, pilot_id=U(int=2))),
    ("fund number twice", lambda r: r.fund("award", 1, seq=1)),
    ("recall without a recall", lambda r: r.fund("recall", 1, line=r.s.books.renovation)),
    ("recall more than was recalled", lambda r: r.fund("recall", 1, line=r.s.books.renovation, entry_id=r.s.recalled)),
    ("recall for an entry that recalls nothing", lambda r: r.fund("recall", 1, line=r.s.books.renovation, entry_id=r.s.r_free)),
    ("recall into another line", lambda r: r.fund("recall", 5, line=r.s.books.platforms, entry_id=r.entry(r.s.v3, "recall", "available", "recalled", 5))),
    ("lapse before the line closes", lambda r: r.fund("lapse", 5, line=r.s.books.renovation, entry_id=r.entry(r.s.v3, "recall", "available", "recalled", 5))),
    ("recover without a clawback", lambda r: r.fund("recover", 1, entry_id=r.s.r_free)),
    ("recover more than was clawed back", lambda r: r.fund("recover", 2_001, entry_id=r.s.clawed)),
    ("pay without a batch", lambda r: r.fund("pay", 100)),
    ("pay a draft", lambda r: r.fund("pay", 300, batch_id=r.s.b_draft)),
    ("pay a batch twice", lambda r: r.fund("pay", 63_000, batch_id=r.s.b_approved)),
    ("unpay what did not fail", lambda r: r.fund("unpay", 1, batch_id=r.s.b_approved)),
    ("close a line before its last day is over", lambda r: r.fund("close", 1, line=r.s.books.renovation)),
    ("carry what did not lapse", lambda r: r.fund("carry", 1, line=r.s.books.renovation)),
    ("carry into a period that is over", lambda r: [r.fund(kind, 1, line=r.s.books.renovation, day=PAST_HOLDS) for kind in ("close", "carry")]),
    ("close more than is unissued", lambda r: r.fund("close", 10**9, line=r.s.books.renovation, day=PAST_HOLDS)),
    ("remit interest that never came", lambda r: r.fund("remit", 1)),
    ("take a receipt back that is spent", lambda r: r.fund("unreceipt", r.amount_of("receipt"), corrects=r.first("receipt"))),
    ("take a receipt back in part", lambda r: r.fund("unreceipt", 1, corrects=r.first("receipt"))),
    ("take an entry back without naming it", lambda r: r.fund("unreceipt", 1)),
    ("take an award back as a receipt", lambda r: r.fund("unreceipt", r.amount_of("award"), corrects=r.first("award"))),
    ("take an entry back twice", lambda r: [
        r.fund("interest", 7), *[r.fund("uninterest", 7, corrects=r.first("interest")) for _ in "12"]]),
    ("correct with a kind that corrects nothing", lambda r: [r.fund("interest", 7), r.fund("interest", 7, corrects=r.first("interest"))]),
]  # fmt: skip

PAYMENTS: list[Case] = [
    ("part claimed twice", lambda r: r.claim_item(r.claim(r.s.contract, r.s.books.platforms, kind="contract", mode="contract"), r.s.q, r.s.contract)),
    ("part of another commitment in a claim", lambda r: r.claim_item(r.s.claim_free, new_part(r), r.s.v1)),
    ("part under its own commitment in another's claim", lambda r: r.claim_item(r.s.claim_free, new_part(r), r.s.v3)),
    ("part in a claim that is decided", lambda r: (r.do(f"UPDATE claim SET state = 'rejected' WHERE id = '{r.s.claim_free}'"), r.do(f"UPDATE claim_item SET live = false WHERE claim_id = '{r.s.claim_free}'"), r.claim_item(r.s.claim_voucher, r.s.r_free, r.s.v1))),
    ("claim more than the part has left", lambda r: r.claim_item(new_claim(r), new_part(r), r.s.v3, asked=6)),
    ("part claimed by a stranger", lambda r: r.claim_item(new_claim(r, payee_organisation_id=OTHER), new_part(r), r.s.v3)),
    ("provider claims what the enterprise paid", lambda r: r.claim_item(new_claim(r, mode="reimbursed"), new_part(r), r.s.v3)),
    ("contract mode for a voucher", lambda r: new_claim(r, mode="contract")),
    ("claim of the wrong kind", lambda r: new_claim(r, kind="contract", mode="contract")),
    ("claim born approved", lambda r: new_claim(r, state="approved")),
    ("claim on another line", lambda r: r.claim(r.s.v3, r.s.books.platforms)),
    ("claim for another payee", sql("UPDATE claim SET payee_organisation_id = '{v1}' WHERE id = '{claim_free}'")),
    ("claim approved without a review", sql("UPDATE claim SET state = 'approved' WHERE id = '{claim_free}'")),
    ("claim in a batch rejected", sql("UPDATE claim SET state = 'rejected' WHERE id = '{claim_voucher}'")),
    ("claim paid by hand", sql("UPDATE claim SET state = 'paid' WHERE id = '{claim_voucher}'")),
    ("claim deleted", sql("DELETE FROM claim")),
    ("approve more than was asked", sql("UPDATE claim_item SET approved = asked + 1 WHERE claim_id = '{claim_free}'")),
    ("part let go while in a batch", sql("UPDATE claim_item SET live = false WHERE redemption_id = {r_batched}")),
    ("decision changed in a batch", sql("UPDATE claim_item SET approved = 1 WHERE redemption_id = {r_batched}")),
    ("asked raised", sql("UPDATE claim_item SET asked = asked + 1 WHERE claim_id = '{claim_free}'")),
    ("claim approved with an undecided part", lambda r: [r.do(f"UPDATE claim SET state = '{state}' WHERE id = '{r.s.claim_free}'") for state in ("reviewed", "approved")]),
    ("claim in two batches", lambda r: r.item(r.s.claim_voucher, r.s.b_draft, 13_000)),
    ("claim that is not approved in a batch", lambda r: r.item(r.s.claim_free, r.s.b_draft, 1_000)),
    ("item into a batch that was approved", lambda r: (r.do(f"UPDATE batch_item SET state = 'failed' WHERE id = '{r.s.item_draft}'"), r.item(r.one(f"SELECT claim_id FROM batch_item WHERE id = '{r.s.item_draft}'")[0], r.s.b_approved, 300))),
    ("item of another amount", lambda r: (r.do(f"UPDATE batch_item SET state = 'failed' WHERE id = '{r.s.item_draft}'"), r.item(r.one(f"SELECT claim_id FROM batch_item WHERE id = '{r.s.item_draft}'")[0], r.s.b_draft, 299))),
    ("claim of another fund in a batch", lambda r: r.item(r.s.claim_free, r.batch(r.other_fund()), 1)),
    ("item enlarged", sql("UPDATE batch_item SET amount = amount + 1 WHERE id = '{item_draft}'")),
    ("account changed after the pin", sql("UPDATE batch_item SET account_id = '{v1}' WHERE id = '{item_draft}'")),
    ("item paid without the bank", sql("UPDATE batch_item SET state = 'paid' WHERE id = '{item}'")),
    ("item failed while an attempt is unknown", sql("UPDATE batch_item SET state = 'failed' WHERE id = '{item}'")),
    ("failed item opened again", lambda r: (r.do(f"UPDATE batch_item SET state = 'failed' WHERE id = '{r.s.item_draft}'"), r.do(f"UPDATE batch_item SET state = 'open' WHERE id = '{r.s.item_draft}'"))),
    ("maker checks", sql("UPDATE payment_batch SET checker_id = maker_id WHERE id = '{b_draft}'")),
    ("approved without a checker", sql("UPDATE payment_batch SET state = 'approved' WHERE id = '{b_draft}'")),
    ("approved with another total", sql("UPDATE payment_batch SET state = 'approved', checker_id = '{v1}', total = 299 WHERE id = '{b_draft}'")),
    ("total changed after approval", sql("UPDATE payment_batch SET total = total + 1 WHERE id = '{b_approved}'")),
    ("approved batch back to draft", sql("UPDATE payment_batch SET state = 'draft' WHERE id = '{b_approved}'")),
    ("batch done with open items", sql("UPDATE payment_batch SET state = 'done' WHERE id = '{b_approved}'")),
    ("batch born approved", lambda r: r.batch(r.s.books.fund, state="approved", checker_id=U(int=2))),
    ("maker changed", sql("UPDATE payment_batch SET maker_id = '{v1}' WHERE id = '{b_draft}'")),
    ("second attempt while the first is unknown", lambda r: r.attempt(r.s.item, 2)),
    ("attempt at an item of a draft", lambda r: r.attempt(r.s.item_draft, 1)),
    ("attempt born confirmed", lambda r: (r.do(f"UPDATE payout_attempt SET state = 'failed' WHERE id = '{r.s.attempt}'"), r.attempt(r.s.item, 2, state="confirmed"))),
    ("attempt from unknown back to sent", sql("UPDATE payout_attempt SET state = 'sent' WHERE id = '{attempt}'")),
    ("attempt under another reference", sql("UPDATE payout_attempt SET state = 'confirmed', end_to_end_id = 'x' WHERE id = '{attempt}'")),
    ("attempt deleted", sql("DELETE FROM payout_attempt")),
]  # fmt: skip


def new_claim(r: Raw, **more: Any) -> U:
    return r.claim(r.s.v3, r.s.books.renovation, **more)


def new_part(r: Raw) -> int:
    held = r.hold(r.s.v3, 5)
    r.entry(r.s.v3, "reserve", "available", "reserved", 5, hold=held, provider=PROVIDER)
    return r.entry(r.s.v3, "redeem", "reserved", "payable", 5, hold=held, provider=PROVIDER)


_COPY = "SELECT id, pilot_id, commitment_id, seq, kind, src, dst, 1, provider_id, hold_id, person_id, assignment_id, day, at, prev_hash, hash FROM entry"
SQLITE: list[Case] = [
    ("REPLACE an entry", sql(f"REPLACE INTO entry (id, pilot_id, commitment_id, seq, kind, src, dst, amount, provider_id, hold_id, person_id, assignment_id, day, at, prev_hash, hash) {_COPY} WHERE id = {{r_free}}")),
    ("REPLACE an entry by its number", lambda r: r.entry(r.s.v1, "recall", "available", "recalled", 1, seq=2, verb="INSERT OR REPLACE")),
    ("REPLACE an entry by its key", lambda r: [r.entry(r.s.v1, "recall", "available", "recalled", 1, idem="k", verb="INSERT OR REPLACE") for _ in "12"]),
    ("REPLACE a commitment", lambda r: r.commitment(verb="REPLACE", id=r.s.v4, face=50_000)),
    ("REPLACE a hold by its order", lambda r: r.row("hold", "REPLACE", id=uuid.uuid4(), commitment_id=r.s.v2, order_id=r.one(f"SELECT order_id FROM hold WHERE id = '{r.s.h_open}'")[0], provider_id=OTHER, amount=5, last_day=CLOSES)),
    ("REPLACE a fund entry", sql("REPLACE INTO fund_entry SELECT * FROM fund_entry WHERE id = 1")),
    ("REPLACE a fund", sql("REPLACE INTO fund SELECT * FROM fund")),
    ("REPLACE a voucher", sql("REPLACE INTO voucher SELECT * FROM voucher")),
    ("REPLACE a claim's part", sql("REPLACE INTO claim_item SELECT * FROM claim_item")),
    ("REPLACE an attempt", sql("REPLACE INTO payout_attempt SELECT * FROM payout_attempt")),
    ("IGNORE an overdraft", lambda r: r.entry(r.s.v3, "recall", "available", "recalled", 50_001, verb="INSERT OR IGNORE")),
    ("IGNORE a settle beyond the part", lambda r: r.entry(r.s.v1, "settle", "payable", "paid", 5_001, part=r.s.r_free, attempt=r.s.paid_attempt, verb="INSERT OR IGNORE")),
    ("IGNORE an unfunded commitment", lambda r: r.commitment(verb="INSERT OR IGNORE")),
    ("IGNORE a balance", sql("UPDATE OR IGNORE commitment SET available = available + 1, payable = payable - 1 WHERE id = '{v1}'")),
    ("IGNORE a ceiling", lambda r: r.row("fund_entry", "INSERT OR IGNORE", pilot_id=PILOT, fund_id=r.s.books.fund, seq=r.one("SELECT seq FROM fund")[0] + 1, kind="allot", line_id=r.s.books.platforms, k=0, bseq=r.one(f"SELECT seq FROM line_bucket WHERE line_id = '{r.s.books.platforms}' AND k = 0")[0] + 1, amount=60_000, person_id=U(int=1), assignment_id=U(int=1), day=TODAY, at=AT)),
    ("a word in a money column", sql("UPDATE batch_item SET amount = 'abc' WHERE id = '{item_draft}'")),
]  # fmt: skip
POSTGRESQL: list[Case] = [
    ("truncate", sql("TRUNCATE commitment CASCADE")),
    ("truncate entries", sql("TRUNCATE entry")),
    ("foreign transaction number", lambda r: r.entry(r.s.v1, "recall", "available", "recalled", 1, xid=1)),
    ("foreign transaction number of a fund entry", lambda r: r.fund("award", 1, xid=1)),
    ("chosen id of an entry", lambda r: r.entry(r.s.v1, "recall", "available", "recalled", 1, id=10**9)),
    ("issued raised by hand", sql("UPDATE issue_batch SET issued = funded")),
]  # fmt: skip


def cases(dialect: str) -> list[Case]:
    return COMMITMENT + MOVEMENTS + ENTRIES + FUNDS + PAYMENTS + (SQLITE if dialect == "sqlite" else POSTGRESQL)


def accepted(connection: Connection, s: Stage, only: list[Case] | None = None) -> list[str]:
    """The illegal writes that the database takes: each is tried under a savepoint of the connection's transaction."""
    raw = Raw(connection, s)
    taken = []
    for name, write in only or cases(connection.dialect.name):
        before = raw.one(STATE)
        raw.do("SAVEPOINT attempt")
        try:
            write(raw)
            if "IGNORE" not in name or raw.one(STATE) != before:
                taken.append(name)
        except DBAPIError:
            pass
        finally:
            raw.do("ROLLBACK TO SAVEPOINT attempt")
            raw.do("RELEASE SAVEPOINT attempt")
    return taken
