"""What the owner of the database can do with its triggers off, and that `verify` finds and names it."""

from __future__ import annotations

import gc
import random
import secrets
import shutil
import time
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from marketplace.base.clock import SetClock
from marketplace.record.audit import actions as audit
from marketplace.record.audit import keys, sealing, verify
from marketplace.record.audit.leaves import SEALED
from marketplace.record.audit.models import AuditRow, Checkpoint, Seal
from marketplace.record.audit.pages import published
from tests.conftest import NOON
from tests.record.conftest import Platform

BATCH = 7
ROWS = 60


def fill(platform: Any) -> dict[str, Any]:
    """Three days of acts, sealed in small batches; gives the second day's checkpoint as it was published."""
    for _ in range(3):
        for number in range(ROWS // 3):

            def verb(ctx: Any, n: int = number) -> None:
                audit.record(ctx, "thing.done", ("thing", n), amount=n * 100)

            platform.act(verb)
            if number % 3 == 0:
                platform.act(sealing.seal)
        platform.act(sealing.seal)
        platform.clock.advance(days=1)
    platform.act(sealing.seal)
    checkpoint = platform.act(lambda ctx: ctx.session.scalars(select(Checkpoint).order_by(Checkpoint.day)).all()[1])
    return verify.read_checkpoint(published(checkpoint))


class Forge:
    """Fresh copies of one sealed database whose guards are off, one per trial."""

    def __init__(self, platform: Any, copy: Callable[[], Platform]):
        self.checkpoint = fill(platform)
        platform.engine.dispose()
        self.copy = copy

    def trial(self, attack: Callable[[Platform], Any], **more: Any) -> verify.Report:
        """Commit the crime on a copy, and verify."""
        victim = self.copy()
        attack(victim)
        report = check(victim, **more)
        victim.engine.dispose()
        return report


def check(platform: Platform, **more: Any) -> verify.Report:
    more.setdefault("public_keys", [keys.public(platform.house.settings)])
    with Session(platform.engine) as session:
        return verify.verify(session, platform.house.all(SEALED), now=platform.clock.moment, **more)


def disarm(platform: Platform) -> None:
    if platform.is_postgresql:
        platform.sql(
            *(f"ALTER TABLE {t} DISABLE TRIGGER USER" for t in ("audit_row", "access_row", "seal", "checkpoint"))
        )
    else:
        names = [row[0] for row in platform.sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        platform.sql(*(f"DROP TRIGGER {name}" for name in names))


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def forge(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forge]:
    folder = tmp_path_factory.mktemp("forge")
    clock = SetClock(NOON)
    patch = pytest.MonkeyPatch()
    patch.setattr(sealing, "ROWS", BATCH)
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_record"), folder / "master.db")
        master = Platform(f"sqlite:///{folder / 'master.db'}", folder, clock)

        def copy() -> Platform:
            path = folder / f"{secrets.token_hex(4)}.db"
            shutil.copy(folder / "master.db", path)
            made = Platform(f"sqlite:///{path}", folder, clock)
            disarm(made)
            return made
    else:
        server = request.getfixturevalue("postgres")
        name = f"forge_{secrets.token_hex(4)}"
        master = Platform(server.create_database(name, request.getfixturevalue("postgres_record")), folder, clock)

        def copy() -> Platform:
            made = Platform(server.create_database(f"forge_{secrets.token_hex(4)}", name), folder, clock)
            disarm(made)
            return made

    made = Forge(master, copy)
    yield made
    patch.undo()


def test_the_untouched_copy_is_good(forge: Forge) -> None:
    report = forge.trial(lambda platform: None, checkpoints=[forge.checkpoint])
    assert report.good, report.faults
    assert report.rows["audit_row"] == ROWS and report.seals > ROWS / BATCH and report.checkpoints == 4


def seal_of(platform: Platform, row_id: int) -> int:
    """The seal over a row: rows were written one by one, so ids tell."""
    return platform.sql(f"SELECT min(no) FROM seal WHERE source = 'audit_row' AND top_id >= {row_id}")[0][0]


EDITS = {
    "at": "at = (SELECT max(b.at) FROM audit_row AS b)",
    "person_id": "person_id = '00000000-0000-0000-0000-000000000009'",
    "assignment_id": "assignment_id = '00000000-0000-0000-0000-000000000009'",
    "role": "role = 'city'",
    "request_id": "request_id = 'other'",
    "verb": "verb = 'thing.undone'",
    "kind": "kind = 'other'",
    "object_id": "object_id = '999'",
    "pilot_id": "pilot_id = '00000000-0000-0000-0000-000000000009'",
    "city": "city = '360100'",
    "facts": """facts = '{"amount": 1}'""",
}


@pytest.mark.parametrize("column", EDITS)
def test_an_edit_of_any_column_is_found_at_its_row(forge: Forge, column: str) -> None:
    row_id = random.Random(column).randint(1, ROWS // 2)
    seen: list[int] = []

    def attack(platform: Platform) -> None:
        seen.append(seal_of(platform, row_id))
        platform.sql(f"UPDATE audit_row SET {EDITS[column]} WHERE id = {row_id}")

    report = forge.trial(attack)
    first = report.faults[0]
    assert (first.seal_no, first.source, first.row_id) == (seen[0], "audit_row", row_id)
    assert "changed" in first.what
    assert len(report.faults) == 1, "one edit is one fault: what follows is checked against what was sealed"


def test_every_column_is_sealed() -> None:
    assert set(EDITS) | {"id", "xid"} == set(AuditRow.__table__.columns.keys())


def test_random_attacks_are_found_and_placed(forge: Forge, capsys: pytest.CaptureFixture[str]) -> None:
    """Edit, delete, delete a run, swap two rows, at random places: found, and named within a batch of the place."""
    dice = random.Random(2031)
    tried, slowest = 0, 0.0
    for kind in ("edit", "delete", "delete run", "swap"):
        for _ in range(6):
            row_id = dice.randint(2, ROWS - 10)
            other = dice.randint(row_id + 1, ROWS)
            statements = {
                "edit": [f"UPDATE audit_row SET object_id = 'x' WHERE id = {row_id}"],
                "delete": [f"DELETE FROM audit_row WHERE id = {row_id}"],
                "delete run": [f"DELETE FROM audit_row WHERE id BETWEEN {row_id} AND {row_id + 5}"],
                "swap": [
                    f"UPDATE audit_row SET id = -1 WHERE id = {row_id}",
                    f"UPDATE audit_row SET id = {row_id} WHERE id = {other}",
                    f"UPDATE audit_row SET id = {other} WHERE id = -1",
                ],
            }[kind]
            victim = forge.copy()
            place = seal_of(victim, row_id)
            victim.sql(*statements)
            began = time.perf_counter()
            report = check(victim)
            slowest = max(slowest, time.perf_counter() - began)
            victim.engine.dispose()
            assert not report.good, (kind, row_id)
            first = report.faults[0]
            assert first.seal_no == place, (kind, row_id, first)
            if kind == "edit":
                assert first.row_id == row_id
            tried += 1
    with capsys.disabled():
        print(f"\n  tampering: {tried} tried, {tried} found at their seal, slowest {slowest * 1000:.0f} ms")


def test_a_row_put_in_among_sealed_ones_is_found(forge: Forge) -> None:
    def attack(platform: Platform) -> None:
        columns = "at, role, request_id, verb, kind, object_id, facts"
        if platform.is_postgresql:
            platform.sql(
                f"INSERT INTO audit_row (id, xid, {columns}) SELECT 5000, xid, {columns} FROM audit_row WHERE id = 20"
            )
        else:
            # Between sealed ids of SQLite there is no room: only in the place of a row that was taken away.
            platform.sql(
                "DELETE FROM audit_row WHERE id = 5",
                f"INSERT INTO audit_row (id, {columns}) SELECT 5, {columns} FROM audit_row WHERE id = 20",
            )

    first = forge.trial(attack).faults[0]
    assert (first.row_id, first.what) in (
        (5, "the row was changed after sealing"),
        (5000, "rows were put in after sealing: 1"),
    )


def test_rows_where_no_sealer_looks_are_found(forge: Forge) -> None:
    def attack(platform: Platform) -> None:
        columns = "at, role, request_id, verb, kind, object_id, facts"
        platform.sql(f"INSERT INTO audit_row (id, {columns}) SELECT -7, {columns} FROM audit_row WHERE id = 20")
        if platform.is_postgresql:
            platform.sql("UPDATE audit_row SET xid = NULL WHERE id = -7")

    report = forge.trial(attack)
    assert [f.what for f in report.faults] == ["rows stand where no seal can cover them: 1"]


SEAL_EDITS = {
    "no": "no = 900", "source": "source = 'access_row'", "epoch": "epoch = 2", "cluster": "cluster = 'x'",
    "floor_id": "floor_id = 1", "lo_xid": "lo_xid = lo_xid + 1", "lo_id": "lo_id = lo_id + 1",
    "hi_xid": "hi_xid = hi_xid + 1", "hi_id": "hi_id = hi_id + 1", "top_id": "top_id = top_id + 1", "n": "n = n + 1",
    "tree_size": "tree_size = tree_size + 1000", "root": "root = prev_hash", "leaves": "leaves = prev_hash",
    "frontier": "frontier = prev_hash", "at": "at = (SELECT max(b.at) FROM seal AS b)", "prev_hash": "prev_hash = root",
    "hash": "hash = root", "public_key": "public_key = root", "signature": "signature = root",
}  # fmt: skip


@pytest.mark.parametrize("column", SEAL_EDITS)
def test_an_edit_of_any_field_of_a_seal_is_found(forge: Forge, column: str) -> None:
    report = forge.trial(lambda p: p.sql(f"UPDATE seal SET {SEAL_EDITS[column]} WHERE no = 6"))
    assert not report.good
    assert report.faults[0].seal_no == 6


def test_every_field_of_a_seal_is_tried() -> None:
    assert set(SEAL_EDITS) == set(Seal.__table__.columns.keys())


@pytest.mark.parametrize(
    "edit",
    [
        "day = '2030-01-01'", "seal_no = seal_no - 1", "seal_hash = public_key", "trees = '{}'",
        "at = (SELECT max(at) FROM checkpoint)", "public_key = seal_hash", "signature = seal_hash",
    ],
)  # fmt: skip
def test_an_edit_of_a_checkpoint_is_found(forge: Forge, edit: str) -> None:
    report = forge.trial(lambda p: p.sql(f"UPDATE checkpoint SET {edit} WHERE day = '2031-03-13'"))
    assert not report.good
    assert "checkpoint" in report.faults[0].source


def test_a_seal_taken_away_with_its_rows_is_found(forge: Forge) -> None:
    def attack(platform: Platform) -> None:
        (lo, hi), *_ = platform.sql("SELECT lo_id, hi_id FROM seal WHERE no = 5")
        platform.sql(f"DELETE FROM audit_row WHERE id > {lo} AND id <= {hi}", "DELETE FROM seal WHERE no = 5")

    report = forge.trial(attack)
    assert (report.faults[0].seal_no, report.faults[0].what) == (5, "the seal is missing")


def truncate(platform: Platform, and_checkpoints: bool) -> None:
    (last,), *_ = platform.sql("SELECT seal_no FROM checkpoint WHERE day = '2031-03-12'")
    (top,), *_ = platform.sql(f"SELECT max(top_id) FROM seal WHERE no <= {last}")
    platform.sql(f"DELETE FROM audit_row WHERE id > {top}", f"DELETE FROM seal WHERE no > {last}")
    if and_checkpoints:
        platform.sql("DELETE FROM checkpoint WHERE day > '2031-03-12'")


def test_a_tail_cut_off_is_found_by_the_checkpoints_after_it(forge: Forge) -> None:
    kept = forge.trial(lambda p: truncate(p, and_checkpoints=False))
    assert "names a seal that is gone" in kept.faults[0].what
    blind = forge.trial(lambda p: truncate(p, and_checkpoints=True))
    assert blind.good, "whoever cuts off everything since a day leaves no trace inside …"
    outside = forge.trial(lambda p: truncate(p, and_checkpoints=True), checkpoints=[forge.checkpoint])
    assert "names a seal that is gone" in outside.faults[0].what, "… which is what published checkpoints are for"


def reseal(platform: Platform) -> None:
    """The owner of database and key writes the whole chain anew after an edit, seal by seal with the old times."""
    moment = platform.clock.moment
    marks = platform.act(lambda ctx: ctx.session.execute(select(Seal.at, Seal.n).order_by(Seal.no)).all())
    platform.sql("UPDATE audit_row SET object_id = 'forged' WHERE id = 3", "DELETE FROM seal", "DELETE FROM checkpoint")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealing, "BATCHES", 1)
        for at, n in marks:
            patch.setattr(sealing, "ROWS", n)
            platform.clock.set(at)
            platform.act(sealing.seal)
    platform.clock.set(moment)
    platform.act(sealing.seal)
    assert platform.sql("SELECT count(*) FROM seal")[0][0] == len(marks)


def test_a_chain_written_anew_is_found_by_an_earlier_checkpoint(forge: Forge) -> None:
    with_key = forge.trial(reseal)
    assert with_key.good, "with the key, a forger can make a chain that holds by itself"
    caught = forge.trial(reseal, checkpoints=[forge.checkpoint])
    assert [fault.source for fault in caught.faults] == ["published checkpoint of 2031-03-13"] * 2
    assert "written anew" in caught.faults[0].what


def test_a_chain_written_anew_without_the_key_is_found(forge: Forge) -> None:
    def attack(platform: Platform) -> None:
        platform.house.settings.seal_key = "22" * 32
        reseal(platform)
        platform.house.settings.seal_key = "11" * 32

    report = forge.trial(attack)
    assert report.faults[0].what.startswith("it was sealed with the unknown key")
    assert report.faults[0].seal_no == 1


def test_one_seal_signed_anew_breaks_the_chain_after_it(forge: Forge) -> None:
    """With the key one can make a seal that is right in itself: the next one names the seal that stood there."""

    def attack(platform: Platform) -> None:
        def verb(ctx: Any) -> None:
            made = dict(ctx.session.execute(select(*Seal.__table__.columns).where(Seal.no == 6)).mappings().one())
            made["cluster"] = "elsewhere"
            digest = sealing.seal_hash(made)
            signature = keys.private(platform.house.settings).sign(digest)
            ctx.session.execute(
                update(Seal).where(Seal.no == 6).values(cluster="elsewhere", hash=digest, signature=signature)
            )

        platform.act(verb)

    report = forge.trial(attack)
    assert [(f.seal_no, f.what) for f in report.faults] == [(7, "it does not follow the seal before it")]


def test_seals_of_an_earlier_key_hold_when_it_is_named(forge: Forge) -> None:
    victim = forge.copy()
    old = keys.public(victim.house.settings)
    victim.house.settings.seal_key = "33" * 32
    victim.act(lambda ctx: audit.record(ctx, "thing.done", ("thing", 1)))
    victim.act(sealing.seal)
    new = keys.public(victim.house.settings)
    assert not check(victim).good
    report = check(victim, public_keys=[new, old])
    assert report.good and report.key_ids == [keys.key_id(old), keys.key_id(new)]
    victim.engine.dispose()


def test_memory_is_that_of_a_few_seals_not_of_the_table(on_sqlite: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "ROWS", 50)

    def many(ctx: Any) -> None:
        for number in range(6_000):
            audit.record(ctx, "thing.done", ("thing", number))

    def everything() -> int:
        with Session(on_sqlite.engine) as session:
            return len(session.execute(select(*AuditRow.__table__.columns)).all())

    def peak(work: Callable[[], Any]) -> int:
        gc.collect()
        tracemalloc.start()
        work()
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    on_sqlite.act(many)
    while on_sqlite.act(sealing.seal):
        pass
    check(on_sqlite)
    assert peak(lambda: check(on_sqlite)) * 4 < peak(everything)


def test_one_fault_line_names_seal_row_and_kind() -> None:
    assert str(verify.Fault(3, "audit_row", 17, "changed")) == "seal 3, audit_row row 17: changed"
    assert str(verify.Fault(None, "audit_row", None, "x")) == "audit_row: x"
