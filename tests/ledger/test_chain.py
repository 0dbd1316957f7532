"""The hash chain as it is written for ever: whoever recomputes it in ten years must get the same bytes."""

from __future__ import annotations

import hashlib
import uuid
from datetime import UTC, date, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest

from marketplace.base.context import Actor
from marketplace.base.errors import Refusal
from marketplace.base.roles import Role
from tests.support.ledger import CLOSES, PROVIDER, Books, key
from vouchers.ledger import chain, posting
from vouchers.ledger.actions import holds
from vouchers.ledger.posting import Asked, Head, Move

U = [uuid.UUID(int=n) for n in range(20)]
DAY = date(2031, 3, 12)
AT = datetime(2031, 3, 12, 12, 0, 0, 7, tzinfo=timezone(timedelta(hours=8)))


def digest(tag: bytes, fields: list[bytes | None], before: bytes) -> bytes:
    """A second writing of the rule: a tag, each field after its length in four bytes (nothing: ff), the hash before."""
    data = tag
    for field in fields:
        data += b"\xff" * 4 if field is None else bytes([0, 0, len(field) // 256, len(field) % 256]) + field
    return hashlib.sha256(data + before).digest()


ENTRY: dict[str, Any] = {
    "pilot_id": U[1], "commitment_id": U[2], "seq": 7, "kind": "redeem", "src": "reserved", "dst": "payable",
    "amount": 123, "hold_id": U[3], "redemption_id": None, "provider_id": U[4], "attempt_id": None,
    "idem_scope": "券" * 100, "idem_key": "", "req_hash": b"\x00" * 32, "person_id": U[5], "assignment_id": U[6],
    "day": DAY, "at": AT,
}  # fmt: skip
WRITTEN = [
    U[1].bytes, U[2].bytes, b"7", b"redeem", b"reserved", b"payable", b"123", U[3].bytes, None, U[4].bytes, None,
    ("券" * 100).encode(), b"", b"\x00" * 32, U[5].bytes, U[6].bytes, b"2031-03-12", b"2031-03-12T04:00:00.000007Z",
]  # fmt: skip


def test_an_entry_is_hashed_as_it_will_be_for_ever() -> None:
    before = bytes(range(32))
    expected = digest(b"voucher-marketplace/entry/1", WRITTEN, before)
    assert chain.link(ENTRY, before) == expected
    assert chain.link({**ENTRY, "id": 9, "xid": 8}, before) == expected, "what the database adds is not hashed"
    settled = ENTRY | {"redemption_id": 9, "attempt_id": U[8]}
    assert chain.link(settled, before) == digest(
        b"voucher-marketplace/entry/1", [*WRITTEN[:8], b"9", WRITTEN[9], U[8].bytes, *WRITTEN[11:]], before
    )
    missing = {name: value for name, value in ENTRY.items() if name not in ("redemption_id", "attempt_id")}
    assert chain.link(missing, before) == expected, "an absent field is an empty one"


BORN: dict[str, Any] = {
    "id": U[1], "line_id": U[2], "issue_batch_id": U[3], "pilot_id": U[4], "city": "360900", "currency": "CNY",
    "face": 500, "last_day": DAY, "chain": b"not hashed",
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "face", "written"),
    [
        (
            "voucher",
            {"number": "V-1", "enterprise_id": U[7], "scheme_version_id": None, "award_no": "A-1"},
            [b"V-1", U[7].bytes, None, b"A-1"],
        ),
        (
            "contract",
            {"provider_id": U[7], "number": "HT-1", "document_hash": bytes(32), "signed_on": DAY},
            [U[7].bytes, b"HT-1", bytes(32), b"2031-03-12"],
        ),
    ],
)
def test_a_chain_begins_with_what_was_promised(kind: str, face: dict[str, Any], written: list[bytes | None]) -> None:
    fields = [
        U[1].bytes, kind.encode(), U[2].bytes, U[3].bytes, U[4].bytes, b"360900", b"CNY", b"500", b"2031-03-12",
        *written,
    ]  # fmt: skip
    assert chain.seed(BORN | {"kind": kind}, face) == digest(b"voucher-marketplace/commitment/1", fields, b"")


def context(actor: Actor | None) -> Any:
    return SimpleNamespace(actor=actor, today=DAY, now=AT.astimezone(UTC))


OF_HOUSE = Actor(U[1], U[2], Role.FINANCE, U[3], U[4])
ALONE = Actor(U[1], None, Role.FINANCE, None, U[4])


@pytest.mark.parametrize(
    ("actor", "scope", "person", "seat"),
    [
        (OF_HOUSE, str(U[3]), U[1], U[2]),
        (ALONE, str(U[1]), U[1], U[0]),
        (None, "platform", U[0], U[0]),
    ],
)
def test_a_key_belongs_to_who_acts_and_to_what_was_asked(
    actor: Actor | None, scope: str, person: uuid.UUID, seat: uuid.UUID
) -> None:
    request = posting.asked(context(actor), "k", "redeem", U[5], 10, DAY)
    text = f'["redeem","{U[5]}",10,"2031-03-12"]'
    assert request == Asked(scope, "k", hashlib.sha256(text.encode()).digest())
    assert request.columns == {"idem_scope": scope, "idem_key": "k", "req_hash": request.digest}
    assert posting.who(context(actor)) == {
        "person_id": person, "assignment_id": seat, "day": DAY, "at": AT.astimezone(UTC),
    }  # fmt: skip


def test_entries_follow_one_another_and_the_first_carries_the_key() -> None:
    request = Asked("s", "k", bytes(32))
    moves = [Move("redeem", "reserved", "payable", 5, hold_id=U[6], provider_id=U[7]),
             Move("release", "reserved", "available", 3, hold_id=U[6])]  # fmt: skip
    first, second = posting.link(posting.who(context(OF_HOUSE)), Head(U[9], U[8], 4, b"\x01" * 32), moves, request)
    assert (first["seq"], first["prev_hash"], second["seq"], second["prev_hash"]) == (5, b"\x01" * 32, 6, first["hash"])
    assert (first["idem_scope"], first["idem_key"], first["req_hash"]) == ("s", "k", bytes(32))
    assert (second["idem_scope"], second["idem_key"], second["req_hash"]) == (None, None, None)
    assert (first["pilot_id"], first["commitment_id"]) == (U[8], U[9])
    shared = posting.who(context(OF_HOUSE))
    assert first["hash"] == chain.link(first | shared, b"\x01" * 32)
    assert second["hash"] == chain.link(second | shared, first["hash"])
    [alone] = posting.link(posting.who(context(OF_HOUSE)), Head(U[9], U[8], 0, bytes(32)), moves[:1])
    assert (alone["seq"], alone["idem_key"]) == (1, None)


@pytest.mark.parametrize("amount", [0, -1, True, 1.0, "1", None])
def test_only_whole_fen_above_zero_move(amount: Any) -> None:
    with pytest.raises(Refusal) as refused:
        posting.positive(amount)
    assert (refused.value.code, refused.value.field) == ("money.not_positive", "amount")
    assert posting.positive(1) == 1


ROW = SimpleNamespace(
    replay_entry_id=3, replay_commitment_id=U[2], replay_hold_id=None, replay_amount=9, replay_hash=bytes(32)
)


def test_a_key_answers_the_same_again_and_nothing_else() -> None:
    assert posting.replayed(SimpleNamespace(replay_entry_id=None), Asked("s", "k", bytes(32))) is None
    assert posting.replayed(ROW, Asked("s", "k", bytes(32))) == posting.Posted(3, U[2], None, 9, replayed=True)
    with pytest.raises(Refusal) as refused:
        posting.replayed(ROW, Asked("s", "k", b"\x01" * 32))
    found = refused.value
    assert (found.code, found.status, found.field) == ("idempotency.other_request", 422, "Idempotency-Key")


def test_a_rival_that_was_done_meanwhile_answers_instead_of_a_refusal(books: Books) -> None:
    """Whoever waited for a lock finds what the same key did before it, and not what it would have been refused."""
    refusal = Refusal("voucher.too_little", "x")
    k, order = key(), uuid.uuid4()
    made = books.act(lambda ctx: holds.reserve(ctx, books.vouchers[0], order, PROVIDER, 100, CLOSES, k))

    def again(ctx: Any) -> posting.Posted | None:
        asked = posting.asked(ctx, k, "reserve", books.vouchers[0], order, PROVIDER, 100, CLOSES)
        other = posting.asked(ctx, k, "reserve", books.vouchers[0], order, PROVIDER, 101, CLOSES)
        with pytest.raises(Refusal, match="^idempotency.other_request"):
            posting.earlier(ctx, other)
        return posting.unless_done(ctx, asked, refusal)

    assert books.act(again) == posting.Posted(made.entry_id, books.vouchers[0], made.hold_id, 100, replayed=True)
    with pytest.raises(Refusal, match="^voucher.too_little"):
        books.act(lambda ctx: posting.unless_done(ctx, posting.asked(ctx, key(), "reserve"), refusal))
