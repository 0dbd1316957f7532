"""R6. SQLite after a power cut at any byte of its log: each prefix of it is a sound ledger, and keeps what it promised."""

from __future__ import annotations

import random
import shutil
import struct
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from sqlalchemy import event

from marketplace.base.errors import Refusal
from tests.proof import ground
from tests.proof.parts import Counts, Figure, Part, Piece, none, some
from tests.proof.scene import ACTS, stand
from tests.support.ledger import Books, key, make_engine, open_books
from tests.support.postgres import Cluster
from vouchers.ledger import verify

HEADER, FRAME_HEADER = 32, 24
SCENES = 3


@contextmanager
def _captured(scenes: int) -> Iterator[tuple[Path, bytes, list[tuple[int, str]]]]:
    """Every act on so many scenes; gives the file as it stood before, the whole log, and (bytes of the log when an act
    was acknowledged, its key)."""
    with ground.sqlite() as books, tempfile.TemporaryDirectory(prefix="marketplace-wal-") as folder:
        path = Path(str(books.engine.url.database))
        with books.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        books.engine.dispose()
        event.listen(books.engine, "connect", lambda raw, _record: raw.execute("PRAGMA wal_autocheckpoint=0"))
        before = Path(folder) / "before.db"
        shutil.copy(path, before)
        log = path.with_name(path.name + "-wal")
        holding = books.engine.connect()  # the last connection to close would empty the log
        acknowledged: list[tuple[int, str]] = []
        for _ in range(scenes):
            scene = stand(books)
            for act in ACTS:
                k = key()
                try:
                    books.act(lambda ctx, act=act, scene=scene, k=k: act.verb(ctx, scene, k), act.actor)
                except Refusal:
                    continue
                if act.entry:
                    acknowledged.append((log.stat().st_size, k))
        whole = log.read_bytes()
        holding.close()
        yield before, whole, acknowledged


def _cuts(log: bytes, torn: int, dice: random.Random) -> list[int]:
    """Every end of a frame, and places inside of random frames."""
    size = struct.unpack(">I", log[8:12])[0] + FRAME_HEADER
    ends = list(range(HEADER, len(log) + 1, size))
    return sorted({*ends, *(dice.randrange(HEADER, len(log)) for _ in range(torn)), 0})


def _reopen(before: Path, log: bytes, folder: Path) -> Books:
    path = folder / "cut.db"
    for old in folder.glob("cut.db*"):
        old.unlink()
    shutil.copy(before, path)
    path.with_name("cut.db-wal").write_bytes(log)
    return open_books(make_engine(f"sqlite:///{path}"))


def _all(scenes: int, torn: int, step: int, seed: int) -> Counts:
    wrong: list[str] = []
    checked = kept = 0
    with _captured(scenes) as (before, log, acknowledged), tempfile.TemporaryDirectory() as folder:
        cuts: Sequence[int] = _cuts(log, torn, random.Random(seed))[::step]
        for cut in cuts:
            books = _reopen(before, log[:cut], Path(folder))
            promised = {k for size, k in acknowledged if size <= cut}
            with books.engine.connect() as connection:
                if connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() != "ok":
                    wrong.append(f"at byte {cut} the file is broken")
                there = set(
                    connection.exec_driver_sql("SELECT idem_key FROM entry WHERE idem_key IS NOT NULL").scalars()
                )
            if promised - there:
                wrong.append(f"at byte {cut} {len(promised - there)} acknowledged acts are gone")
            kept = max(kept, len(promised & there))
            if not books.look(verify.verify).sound:
                wrong.append(f"at byte {cut} the ledger is unsound")
            checked += 1
            books.engine.dispose()
    for fault in wrong[:20]:
        print(f"  {fault}")
    return {"checked": checked, "wrong": len(wrong), "max kept": kept}


def _short(_server: Cluster) -> Counts:
    return _all(1, 10, 12, 1)


def _figures(counts: Counts) -> list[Figure]:
    return [
        some(counts, "checked", "prefixes of the log, reopened and verified", 10),
        some(counts, "max kept", "acknowledged acts that the longest of them holds"),
        none(counts, "wrong", "unsound, broken, or without an act that was acknowledged"),
    ]


PART = Part(
    code="prefixes",
    title="R6. SQLite after a power cut",
    method=(
        "The write-ahead log of a ledger at work is cut after every frame and inside of random frames, as a power cut"
        " would leave it. Each piece is opened, checked by SQLite and by `ledger verify`, and must hold every act that"
        " had been acknowledged when the log was that long."
    ),
    pieces=[Piece(f"{number + 1}", partial(_all, SCENES, 200, 1, number)) for number in range(3)],
    short=_short,
    figures=_figures,
)
