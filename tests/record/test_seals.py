"""The sealer: everything once, nothing missed, one sealer at a time, and through a restore into another cluster."""

from __future__ import annotations

import hashlib
import uuid
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from marketplace.base.actor import Actor
from marketplace.base.clock import SHANGHAI
from marketplace.record.audit import actions as audit
from marketplace.record.audit import keys, leaves, merkle, queries, sealing, verify
from marketplace.record.audit.leaves import SEALED
from marketplace.record.audit.models import Seal
from tests.conftest import NOON, make_settings
from tests.record.conftest import Platform
from tests.support.load import Load
from tests.support.postgres import cluster as start_cluster
from tests.support.postgres import transplant


def write(platform: Any, count: int, actor: Actor | None = None) -> None:
    def verb(ctx: Any) -> None:
        for number in range(count):
            audit.record(ctx, "thing.done", ("thing", number), n=number)

    platform.act(verb, actor)


def seals(platform: Any) -> list[Seal]:
    return platform.act(lambda ctx: list(ctx.session.scalars(select(Seal).order_by(Seal.no))))


def verified(platform: Any, **more: Any) -> verify.Report:
    more.setdefault("public_keys", [keys.public(platform.house.settings)])
    with Session(platform.engine) as session:
        return verify.verify(session, platform.house.all(SEALED), now=platform.clock.moment, **more)


def test_nothing_to_seal_leaves_no_seal(platform: Any) -> None:
    assert platform.act(sealing.seal) == ""
    assert seals(platform) == []
    report = verified(platform)
    assert report.good and report.seals == 0 and report.last is None


def test_seals_cover_rows_in_batches_and_chain(platform: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "ROWS", 4)
    write(platform, 10)
    platform.act(lambda ctx: audit.look(ctx, "thing", 1, "why"))
    assert platform.act(sealing.seal) == "11 rows under 4 seals"
    write(platform, 1)
    assert platform.act(sealing.seal) == "1 rows under 1 seals"
    made = seals(platform)
    assert [(s.no, s.source, s.n, s.tree_size) for s in made] == [
        (1, "audit_row", 4, 4), (2, "audit_row", 4, 8), (3, "audit_row", 2, 10), (4, "access_row", 1, 1),
        (5, "audit_row", 1, 11),
    ]  # fmt: skip
    assert made[0].prev_hash == sealing.GENESIS
    assert [s.prev_hash for s in made[1:]] == [s.hash for s in made[:-1]]
    report = verified(platform)
    assert report.good, report.faults
    assert report.rows == {"audit_row": 11, "access_row": 1}
    assert {t.rows for t in report.tails.values()} == {0}


def test_the_tail_is_told_in_rows_and_seconds(platform: Any) -> None:
    write(platform, 3)
    platform.act(sealing.seal)
    write(platform, 2)
    platform.clock.advance(seconds=90)
    tail = verified(platform).tails["audit_row"]
    assert (tail.rows, tail.seconds) == (2, 90.0)


def test_every_row_can_be_proved_to_have_been_sealed(platform: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "ROWS", 5)
    for count in (1, 7, 3, 12):
        write(platform, count)
        platform.act(sealing.seal)
    write(platform, 1)
    source = platform.house.all(SEALED)[0]
    ids = [row[0] for row in platform.sql("SELECT id FROM audit_row ORDER BY id")]
    with Session(platform.engine) as session:
        proofs = queries.inclusions(session, source, ids)
    assert [p.row_id for p in proofs] == ids[:-1]
    assert [p.index for p in proofs] == list(range(23))
    for proof in proofs:
        assert merkle.proves(proof.leaf, proof.index, proof.seal["tree_size"], proof.steps, proof.seal["root"])
        assert sealing.seal_hash(proof.seal) == proof.seal["hash"]
        assert keys.signed(proof.seal["public_key"], proof.seal["signature"], proof.seal["hash"])


def test_a_checkpoint_closes_each_day_once(platform: Any) -> None:
    write(platform, 2)
    platform.act(sealing.seal)
    assert platform.sql("SELECT count(*) FROM checkpoint")[0][0] == 0
    platform.clock.advance(days=1)
    write(platform, 1)
    assert platform.act(sealing.seal) == "1 rows under 1 seals; checkpoint of 2031-03-12"
    assert platform.act(sealing.seal) == ""
    platform.clock.advance(days=1)
    assert platform.act(sealing.seal) == "checkpoint of 2031-03-13"
    page = platform.act(lambda ctx: queries.checkpoints(ctx))
    assert [(c.day.isoformat(), c.seal_no) for c in page.items] == [("2031-03-13", 2), ("2031-03-12", 1)]
    assert [c.trees["audit_row"][0] for c in page.items] == [3, 2]
    report = verified(platform)
    assert report.good and report.checkpoints == 2


@pytest.mark.postgres
def test_a_row_that_commits_late_is_sealed_late_not_missed(on_postgres: Any) -> None:
    """The trap: a transaction takes its ids, others overtake it and are sealed; then it commits lower ids."""
    slow = on_postgres.engine.connect()
    slow.execute(text("SET idle_in_transaction_session_timeout = 0"))
    insert = text(
        "INSERT INTO audit_row (at, role, request_id, verb, kind, object_id, facts) "
        "VALUES (now(), 'x', 'x', 'slow.done', 'x', 'x', '{}')"
    )
    slow.execute(insert)
    write(on_postgres, 5)
    assert on_postgres.act(sealing.seal) == ""
    slow.commit()
    slow.close()
    assert on_postgres.act(sealing.seal) == "6 rows under 1 seals"

    older = on_postgres.engine.connect()
    older.execute(text("SELECT nextval(pg_get_serial_sequence('audit_row', 'id'))"))
    write(on_postgres, 2)
    assert on_postgres.act(sealing.seal) == "2 rows under 1 seals"
    low = on_postgres.sql("SELECT max(id) FROM audit_row")[0][0] - 2
    older.execute(
        text(
            "INSERT INTO audit_row (id, at, role, request_id, verb, kind, object_id, facts) "
            "OVERRIDING SYSTEM VALUE VALUES (:id, now(), 'x', 'x', 'low.done', 'x', 'x', '{}')"
        ),
        {"id": low},
    )
    older.commit()
    older.close()
    assert on_postgres.act(sealing.seal) == "1 rows under 1 seals"
    report = verified(on_postgres)
    assert report.good, report.faults
    assert report.rows["audit_row"] == 9


@pytest.mark.postgres
def test_nothing_is_missed_under_load(on_postgres: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Eight writers with aborts, one long transaction, two sealers at once: every committed row exactly once."""
    load = Load(on_postgres.engine, on_postgres.act)
    load.run(2.5, writers=8)
    assert not load.faults
    on_postgres.act(sealing.seal)
    report = verified(on_postgres)
    assert report.good, report.faults
    stored = {row[0] for row in on_postgres.sql("SELECT id FROM audit_row")}
    whole = b"".join(seal.leaves for seal in seals(on_postgres))
    distinct = {whole[i : i + 32] for i in range(0, len(whole), 32)}
    assert stored == set(load.committed) and not stored & set(load.aborted)
    assert report.rows["audit_row"] == len(stored) == len(distinct) == len(whole) // 32
    assert report.tails["audit_row"].rows == 0
    with capsys.disabled():
        print(f"\n  sealer: {len(stored)} committed, {len(load.aborted)} aborted, {report.seals} seals, missed 0")


@pytest.mark.postgres
def test_a_cursor_over_ids_would_have_missed_rows(on_postgres: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Positive control: with the horizon switched off, the same trap catches the sealer."""
    monkeypatch.setattr(sealing, "_HORIZON", text("9223372036854775807"))
    slow = on_postgres.engine.connect()
    slow.execute(text("SELECT pg_current_xact_id()"))
    write(on_postgres, 2)
    on_postgres.act(sealing.seal)
    slow.execute(
        text(
            "INSERT INTO audit_row (at, role, request_id, verb, kind, object_id, facts) "
            "VALUES (now(), 'x', 'x', 'x', 'x', 'x', '{}')"
        )
    )
    slow.commit()
    slow.close()
    on_postgres.act(sealing.seal)
    assert verified(on_postgres).faults


@pytest.mark.postgres
def test_one_sealer_at_a_time(on_postgres: Any) -> None:
    write(on_postgres, 1)
    with on_postgres.engine.connect() as other:
        other.execute(text("SELECT pg_advisory_xact_lock(:k)"), {"k": sealing._LOCK})
        assert on_postgres.act(sealing.seal) == ""
    assert on_postgres.act(sealing.seal) == "1 rows under 1 seals"


@pytest.mark.postgres
def test_the_chain_goes_on_after_a_restore_into_another_cluster(on_postgres: Any, tmp_path: Path) -> None:
    """Dump and restore: transaction numbers begin again, below those of the restored rows, sealed or not."""
    with on_postgres.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as aging:
        aging.execute(text("DO $$ BEGIN FOR i IN 1..4000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$"))
    for count in (3, 4):
        write(on_postgres, count)
        on_postgres.act(sealing.seal)
    write(on_postgres, 2)
    old = seals(on_postgres)[-1]
    name = on_postgres.url.rpartition("/")[2]
    with start_cluster() as fresh:
        url = transplant(on_postgres.postgres, name, fresh, "restored")
        restored = Platform(url, tmp_path / "restored", on_postgres.clock)
        restored.house.settings.seal_key = on_postgres.house.settings.seal_key
        write(restored, 5)
        new_xid = restored.sql("SELECT min(xid) FROM audit_row WHERE id > 9")[0][0]
        assert new_xid < old.hi_xid
        assert restored.act(sealing.seal) == "7 rows under 1 seals"
        write(restored, 3)
        restored.act(sealing.seal)
        report = verified(restored)
        assert report.good, report.faults
        assert report.rows["audit_row"] == 17 and report.tails["audit_row"].rows == 0
        made = seals(restored)
        assert [s.epoch for s in made] == [1, 1, 2, 2] and made[2].cluster != made[1].cluster
        with Session(restored.engine) as session:
            proofs = queries.inclusions(session, restored.house.all(SEALED)[0], range(1, 18))
        assert len(proofs) == 17
        for proof in proofs:
            assert merkle.proves(proof.leaf, proof.index, proof.seal["tree_size"], proof.steps, proof.seal["root"])
        for row_id in (2, 6, 8, 12, 16):
            restored.sql("ALTER TABLE audit_row DISABLE TRIGGER USER", f"DELETE FROM audit_row WHERE id = {row_id}")
            assert not verified(restored).good, row_id
        restored.engine.dispose()


def test_a_leaf_is_the_hash_of_the_canonical_bytes(platform: Any) -> None:
    """The fast way and the documented way give the same; a column that is empty leaves no trace."""
    write(platform, 1)
    source = platform.house.all(SEALED)[0]
    with Session(platform.engine) as session:
        row = session.execute(select(*source.columns)).one()
    fields = dict(row._mapping)
    data = leaves.encode("leaf", "audit_row", fields)
    assert source.data(row) == data
    assert source.leaf(row) == merkle.leaf_hash(data)
    assert leaves.encode("leaf", "audit_row", {**fields, "later": None}) == data


def test_what_is_signed_is_written_the_same_for_ever() -> None:
    """Published checkpoints and old seals must be recomputed in ten years from these fields, under these names."""
    day = {"day": date(2031, 3, 12), "seal_no": 7, "seal_hash": b"h", "trees": {"entry": [1, "00"]}, "at": NOON}
    assert sealing.checkpoint_text({**day, "public_key": b"k"}) == leaves.encode("checkpoint", "checkpoint", day)
    names = (
        "no", "source", "epoch", "cluster", "floor_id", "lo_xid", "lo_id", "hi_xid", "hi_id", "top_id", "n",
        "tree_size", "root", "at", "prev_hash", "public_key",
    )  # fmt: skip
    seal = {name: number for number, name in enumerate(names)}
    expected = hashlib.sha256(leaves.encode("seal", "seal", seal)).digest()
    assert sealing.seal_hash({**seal, "signature": b"s"}) == expected


def test_only_the_key_that_signed_fits(tmp_path: Path) -> None:
    mine, other = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (0x11, 0x22))
    settings = make_settings(tmp_path)
    public = keys.public(settings)
    assert public == mine.public_key().public_bytes_raw()
    signature = keys.private(settings).sign(b"words")
    assert keys.signed(public, signature, b"words")
    assert not keys.signed(public, signature, b"other words")
    assert not keys.signed(other.public_key().public_bytes_raw(), signature, b"words")
    assert not keys.signed(b"no key", signature, b"words")
    assert keys.key_id(public) == hashlib.sha256(public).hexdigest()[:16]


class Colour(StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (True, b"f1"),
        (1, b"i1"),
        (-7, b"i-7"),
        ("1", b"s1"),
        ("中", "s中".encode()),
        (b"1", b"b1"),
        (uuid.UUID(int=1), b"u00000000-0000-0000-0000-000000000001"),
        (datetime(2031, 3, 12, 12, tzinfo=SHANGHAI), b"t2031-03-12T04:00:00.000000Z"),
        (date(2031, 3, 12), b"d2031-03-12"),
        (Decimal("1.500"), b"n1.5"),
        (Colour.RED, b"sred"),
        ({"b": 1, "a": [None]}, b'j{"a":[null],"b":1}'),
        ([], b"j[]"),
    ],
)
def test_values_are_written_the_same_for_ever(value: Any, written: bytes) -> None:
    assert leaves.plain(value) == written


def test_a_float_is_not_sealed() -> None:
    with pytest.raises(TypeError):
        leaves.plain(0.5)
