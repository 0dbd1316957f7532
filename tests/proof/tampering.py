"""R9. An owner of the database forges the books with every guard off: verification finds it and says where."""

from __future__ import annotations

import random
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from marketplace.base.context import Context
from marketplace.base.errors import Refusal
from marketplace.base.house import House
from marketplace.record.audit import actions as audit
from marketplace.record.audit import keys, sealing
from marketplace.record.audit import verify as seals
from marketplace.record.audit.leaves import SEALED
from marketplace.record.audit.models import AuditRow, Checkpoint, Seal
from marketplace.record.audit.pages import published
from marketplace.record.audit.wiring import wire as wire_audit
from tests.conftest import make_settings
from tests.proof import ground
from tests.proof.parts import Counts, Figure, Part, Piece, count, none, some, together
from tests.proof.scene import ACTS, stand
from tests.support.ledger import Books, key, make_engine
from tests.support.postgres import Cluster
from vouchers.ledger import chain, verify
from vouchers.ledger.models.commitments import Commitment, DirectContract, Entry, Hold, Redemption, Voucher
from vouchers.ledger.models.funds import FundEntry
from vouchers.ledger.states import BALANCES
from vouchers.ledger.wiring import wire as wire_ledger

ROWS = 40
"""Rows under one seal here: a forged row is then placed within so many."""
DAYS = 3

AUDIT, ENTRY, FUNDS = (model.__table__ for model in (AuditRow, Entry, FundEntry))
COMMITMENT, VOUCHER, CONTRACT = (model.__table__ for model in (Commitment, Voucher, DirectContract))
HOLD, REDEMPTION = Hold.__table__, Redemption.__table__
SEAL, CHECKPOINT = Seal.__table__, Checkpoint.__table__
Row = Mapping[str, Any]
Place = tuple[str, int] | None
"""The first sealed row that a forger touched: table and id; None when it is something else."""


class Unfit(Exception):
    """A crime that this place does not allow; another one is drawn."""


@dataclass
class Archive:
    """A sealed ledger whose guards are off, what stood in it, and the checkpoint that somebody outside keeps."""

    books: Books
    engine: sa.Engine
    anchor: dict[str, Any]
    rows: dict[str, list[Row]]
    tops: dict[str, int]
    """Table → the last row that the anchor covers."""

    def known(self, table: str, *kinds: str) -> list[Row]:
        """Rows that the anchor covers."""
        found = [row for row in self.rows[table] if row["id"] <= self.tops[table]]
        return [row for row in found if not kinds or row["kind"] in kinds]


@contextmanager
def _archive(server: Cluster | None, postgresql: bool, scenes: int) -> Iterator[Archive]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="marketplace-forge-")))
        books = (
            stack.enter_context(ground.postgresql(server))[0] if postgresql else stack.enter_context(ground.sqlite())
        )
        books.house = House(make_settings(folder), books.clock)
        wire_audit(books.house)
        wire_ledger(books.house)
        stack.enter_context(patch.object(sealing, "ROWS", ROWS))
        _live(books, scenes)
        engine = make_engine(books.engine.url.render_as_string(hide_password=False))
        stack.callback(engine.dispose)
        _disarm(books, engine)
        with Session(engine) as session:
            [*_, anchor, _last] = session.scalars(sa.select(Checkpoint).order_by(Checkpoint.day)).all()
            kept = seals.read_checkpoint(published(anchor))
            rows = {
                table.name: list(session.execute(sa.select(table).order_by(table.c.id)).mappings())
                for table in (AUDIT, ENTRY, FUNDS)
            }
            tops = {
                name: top
                for name, top in session.execute(
                    sa.select(SEAL.c.source, sa.func.max(SEAL.c.top_id))
                    .where(SEAL.c.no <= anchor.seal_no)
                    .group_by(SEAL.c.source)
                )
            }
        yield Archive(books, engine, kept, rows, tops)


def _live(books: Books, scenes: int) -> None:
    """Some days of every act on so many vouchers a day, sealed as it goes on; the last day has a checkpoint too."""
    for _ in range(DAYS):
        for _ in range(scenes):
            scene = stand(books)
            for act in ACTS:
                if act.late or act.name == "freeze":
                    continue

                def verb(ctx: Context, act: Any = act, scene: Any = scene, k: str = key()) -> None:
                    act.verb(ctx, scene, k)
                    audit.record(ctx, "proof.acted", ("proof", scene.voucher), act=act.name)

                try:
                    books.act(verb, act.actor)
                except Refusal:
                    continue
            books.act(sealing.seal, None)
        books.clock.advance(days=1)
    books.act(sealing.seal, None)


def _disarm(books: Books, engine: sa.Engine) -> None:
    """Every trigger off, and no reference checked: the forger owns the database."""
    with books.engine.begin() as connection:
        connection.execution_options(marketplace_write=True)
        if books.dialect == "sqlite":
            connection.exec_driver_sql("PRAGMA wal_checkpoint")
            for (name,) in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            for table in (ENTRY, FUNDS):
                connection.exec_driver_sql(f"ALTER TABLE {table.name} ALTER COLUMN id SET GENERATED BY DEFAULT")
    free = "PRAGMA foreign_keys=OFF" if books.dialect == "sqlite" else "SET session_replication_role = replica"

    def release(raw: Any, _record: Any) -> None:
        raw.execute(free)
        if books.dialect != "sqlite":
            raw.commit()

    event.listen(engine, "connect", release)


class Forger:
    """One crime in one transaction that is rolled back after the verdict."""

    def __init__(self, archive: Archive, connection: sa.Connection, dice: random.Random) -> None:
        self.archive, self.connection, self.dice = archive, connection, dice

    def pick(self, table: str, *kinds: str) -> Row:
        return self.dice.choice(self.archive.known(table, *kinds))

    def do(self, statement: Any) -> None:
        try:
            self.connection.execute(statement)
        except sa.exc.IntegrityError as refused:
            raise Unfit from refused

    def set(self, table: Any, row_id: Any, **values: Any) -> None:
        self.do(sa.update(table).where(table.c.id == row_id).values(**values))

    def remove(self, table: Any, *conditions: Any) -> None:
        self.do(sa.delete(table).where(*conditions))

    # Each crime gives the first sealed row that it touched.

    def edit_entry(self) -> Place:
        row = self.pick("entry")
        stranger = uuid.UUID(int=self.dice.getrandbits(128))
        change = {
            "amount": row["amount"] + self.dice.choice((-1, 1, 100)), "day": row["day"] - timedelta(days=1),
            "at": row["at"] + timedelta(microseconds=1), "person_id": stranger, "assignment_id": stranger,
            "pilot_id": stranger, "commitment_id": stranger, "hold_id": stranger, "provider_id": stranger,
            "attempt_id": stranger, "redemption_id": (row["redemption_id"] or 0) + 1, "idem_key": str(stranger),
            "idem_scope": str(stranger), "req_hash": stranger.bytes * 2, "hash": stranger.bytes * 2,
            "prev_hash": stranger.bytes * 2, "seq": row["seq"] + 1000,
        }  # fmt: skip
        name = self.dice.choice([name for name in change if row[name] is not None])
        self.set(ENTRY, row["id"], **{name: change[name]})
        return "entry", row["id"]

    def edit_fund_entry(self) -> Place:
        row = self.pick("fund_entry")
        stranger = uuid.UUID(int=self.dice.getrandbits(128))
        name, value = self.dice.choice(
            [("amount", row["amount"] + 1), ("day", row["day"] - timedelta(days=1)), ("person_id", stranger)]
        )
        self.set(FUNDS, row["id"], **{name: value})
        return "fund_entry", row["id"]

    def edit_audit_row(self) -> Place:
        row = self.pick("audit_row")
        name, value = self.dice.choice(
            [("object_id", "x"), ("verb", "proof.undone"), ("facts", {"act": "none"}), ("role", "city")]
        )
        self.set(AUDIT, row["id"], **{name: value})
        return "audit_row", row["id"]

    def delete(self) -> Place:
        table = self.dice.choice((ENTRY, FUNDS, AUDIT))
        row = self.pick(table.name)
        self.remove(table, table.c.id.between(row["id"], row["id"] + self.dice.choice((0, 0, 3))))
        return table.name, row["id"]

    def insert(self) -> Place:
        """A second entry of the same kind at the end of its chain, linked as it should be, in the place of the first
        id that is free (on PostgreSQL also among the rows of the first one's transaction)."""
        row = dict(self.pick("entry", "redeem", "release", "refund", "recall"))
        born = self.connection.execute(sa.select(COMMITMENT).where(COMMITMENT.c.id == row["commitment_id"])).one()
        twin = row | {"id": self.archive.rows["entry"][-1]["id"] + 1, "seq": born.seq + 1, "prev_hash": born.chain}
        twin |= {"idem_scope": None, "idem_key": None, "req_hash": None}
        twin["hash"] = chain.link(twin, born.chain)
        self.do(sa.insert(ENTRY).values(**twin))
        return ("entry", self._after(row)) if row["xid"] is not None else None

    def _after(self, row: Row) -> int:
        """The last row of a transaction: what is put in with its number is sealed behind it."""
        return max(r["id"] for r in self.archive.rows["entry"] if r["xid"] == row["xid"])

    def replace(self) -> Place:
        """Another entry in the place of one."""
        row, other = self.pick("entry"), self.pick("entry")
        if row["id"] == other["id"]:
            raise Unfit
        self.remove(ENTRY, ENTRY.c.id == row["id"])
        values = dict(other) | {"id": row["id"], "xid": row["xid"], "seq": row["seq"], "idem_key": row["idem_key"]}
        self.do(sa.insert(ENTRY).values(**(values | {n: row[n] for n in ("commitment_id", "idem_scope", "req_hash")})))
        return "entry", row["id"]

    def swap(self) -> Place:
        """Two entries change places, in the log or in their chain."""
        row = self.pick("entry")
        later = [r for r in self.archive.known("entry") if r["commitment_id"] == row["commitment_id"] and r["seq"] > 1]
        if len(later) < 2:
            raise Unfit
        first, second = sorted(self.dice.sample(later, 2), key=lambda r: r["id"])
        name = self.dice.choice(("id", "seq"))
        self.set(ENTRY, first["id"], **{name: -1})
        self.set(ENTRY, second["id"], **{name: first[name]})
        self.set(ENTRY, -1 if name == "id" else first["id"], **{name: second[name]})
        return "entry", first["id"]

    def truncate_chain(self) -> Place:
        """The last entries of a voucher go, and the voucher says that they never were."""
        row = self.pick("entry")
        gone = sa.and_(ENTRY.c.commitment_id == row["commitment_id"], ENTRY.c.seq >= row["seq"])
        if row["seq"] == 1:
            raise Unfit
        self.remove(ENTRY, gone)
        self._fold(row["commitment_id"])
        return "entry", row["id"]

    def truncate_log(self) -> Place:
        """Everything since the day before the anchor goes, and the seals and checkpoints over it as well."""
        no = self.connection.execute(
            sa.select(CHECKPOINT.c.seal_no).where(CHECKPOINT.c.day < self.archive.anchor["day"])
        ).scalar_one()
        tops = self.connection.execute(
            sa.select(SEAL.c.source, sa.func.max(SEAL.c.top_id)).where(SEAL.c.no <= no).group_by(SEAL.c.source)
        ).all()
        touched = {row["commitment_id"] for row in self.archive.rows["entry"] if row["id"] > dict(tops)["entry"]}
        for name, top in tops:
            table = next(t for t in (AUDIT, ENTRY, FUNDS) if t.name == name)
            self.remove(table, table.c.id > top)
        self.remove(SEAL, SEAL.c.no > no)
        self.remove(CHECKPOINT, CHECKPOINT.c.seal_no > no)
        for commitment in self.dice.sample(sorted(touched), 1):
            self._fold(commitment)
        return None

    def remove_voucher(self) -> Place:
        """A voucher goes whole: its face, entries, holds, parts and claims."""
        row = self.pick("entry", "issue")
        mine = row["commitment_id"]
        claims = "SELECT id FROM claim WHERE commitment_id = :c"
        for sql in (
            f"DELETE FROM payout_attempt WHERE batch_item_id IN (SELECT id FROM batch_item WHERE claim_id IN ({claims}))",
            f"DELETE FROM batch_item WHERE claim_id IN ({claims})", "DELETE FROM claim_item WHERE commitment_id = :c",
            "DELETE FROM claim WHERE commitment_id = :c", "DELETE FROM redemption WHERE commitment_id = :c",
            "DELETE FROM hold WHERE commitment_id = :c", "DELETE FROM voucher WHERE commitment_id = :c",
            "DELETE FROM direct_contract WHERE commitment_id = :c", "DELETE FROM entry WHERE commitment_id = :c",
            "DELETE FROM commitment WHERE id = :c",
        ):  # fmt: skip
            self.connection.execute(sa.text(sql), {"c": str(mine)})
        return "entry", row["id"]

    def rechain(self) -> Place:
        """A hold and its parts go to another provider; every hash after it is computed anew, so that the chain holds."""
        row = self.pick("entry", "reserve")
        another = uuid.UUID(int=self.dice.getrandbits(128))
        mine = sa.and_(ENTRY.c.hold_id == row["hold_id"], ENTRY.c.provider_id.is_not(None))
        self.do(sa.update(ENTRY).where(mine).values(provider_id=another))
        self.do(sa.update(HOLD).where(HOLD.c.id == row["hold_id"]).values(provider_id=another))
        self.do(sa.update(REDEMPTION).where(REDEMPTION.c.hold_id == row["hold_id"]).values(provider_id=another))
        hash_: bytes = row["prev_hash"]
        for entry in self.connection.execute(
            sa.select(ENTRY)
            .where(ENTRY.c.commitment_id == row["commitment_id"], ENTRY.c.seq >= row["seq"])
            .order_by(ENTRY.c.seq)
        ).mappings().all():  # fmt: skip
            linked = chain.link(dict(entry), hash_)
            self.set(ENTRY, entry["id"], prev_hash=hash_, hash=linked)
            hash_ = linked
        self.set(COMMITMENT, row["commitment_id"], chain=hash_)
        return "entry", row["id"]

    def rechain_and_reseal(self) -> Place:
        self.rechain()
        self.reseal()
        return None

    def rechain_and_reseal_with_another_key(self) -> Place:
        self.rechain()
        settings = self.archive.books.house.settings
        kept = settings.seal_key
        settings.seal_key = "22" * 32
        try:
            self.reseal()
        finally:
            settings.seal_key = kept
        return None

    def edit_seal(self) -> Place:
        no = self._seal_no()
        name = self.dice.choice(("n", "root", "leaves", "at", "prev_hash", "hash", "signature", "hi_id", "tree_size"))
        kept = self.connection.execute(sa.select(SEAL.c[name]).where(SEAL.c.no == no)).scalar_one()
        changed: Any = kept + timedelta(seconds=1) if name == "at" else None
        if changed is None:
            changed = bytes([kept[0] ^ 1]) + kept[1:] if isinstance(kept, bytes) else kept + 1
        self.do(sa.update(SEAL).where(SEAL.c.no == no).values(**{name: changed}))
        return "seal", no

    def delete_seal(self) -> Place:
        no = self._seal_no()
        self.remove(SEAL, SEAL.c.no == no)
        return "seal", no

    def _seal_no(self) -> int:
        return self.dice.randint(1, self.archive.anchor["seal_no"])

    def _fold(self, commitment: uuid.UUID) -> None:
        """Make a commitment say what its remaining entries say."""
        held = dict.fromkeys(BALANCES, 0)
        last: Any = None
        for last in self.connection.execute(
            sa.select(ENTRY).where(ENTRY.c.commitment_id == commitment).order_by(ENTRY.c.seq)
        ):
            for side, sign in ((last.src, -1), (last.dst, 1)):
                if side in held:
                    held[side] += sign * last.amount
        if last is not None:
            self.set(COMMITMENT, commitment, seq=last.seq, chain=last.hash, **held)

    def reseal(self) -> None:
        """The whole chain of seals anew, seal by seal with the old sizes and times, and the checkpoints with it."""
        old = self.connection.execute(sa.select(SEAL.c.source, SEAL.c.n, SEAL.c.at).order_by(SEAL.c.no)).all()
        days = self.connection.execute(sa.select(CHECKPOINT).order_by(CHECKPOINT.c.day)).mappings().all()
        self.remove(SEAL, SEAL.c.no > 0)
        house = self.archive.books.house
        sources = {source.name: source for source in house.all(SEALED)}
        made: dict[int, dict[str, Any]] = {}
        newest: dict[str, dict[str, Any]] = {}
        before = sealing.GENESIS
        with Session(self.connection) as session:
            where = sealing.cluster(session)
            for no, (name, n, at) in enumerate(old):
                context = Context(session, house, at, None, "", True)
                with patch.object(sealing, "ROWS", n):
                    seal = sealing._next(context, sources[name], newest.get(name), where, no, before)
                if seal is None:
                    raise Unfit
                session.execute(sa.insert(SEAL).values(seal))
                before, newest[name], made[no + 1] = seal["hash"], seal, seal
            session.flush()
        for day in days:
            last = {s["source"]: s for s in made.values() if s["no"] <= day["seal_no"]}
            values = dict(day) | {
                "seal_hash": made[day["seal_no"]]["hash"],
                "trees": {name: [s["tree_size"], s["root"].hex()] for name, s in last.items()},
                "public_key": keys.public(house.settings),
            }
            values["signature"] = keys.private(house.settings).sign(sealing.checkpoint_text(values))
            self.do(sa.update(CHECKPOINT).where(CHECKPOINT.c.day == day["day"]).values(**values))


CRIMES: dict[str, Callable[[Forger], Place]] = {
    "an entry edited": Forger.edit_entry,
    "a fund's entry edited": Forger.edit_fund_entry,
    "an audit row edited": Forger.edit_audit_row,
    "rows deleted": Forger.delete,
    "an entry put in": Forger.insert,
    "an entry replaced": Forger.replace,
    "two entries swapped": Forger.swap,
    "the end of a voucher's entries cut off": Forger.truncate_chain,
    "the end of everything cut off, seals with it": Forger.truncate_log,
    "a whole voucher removed": Forger.remove_voucher,
    "a seal edited": Forger.edit_seal,
    "a seal deleted": Forger.delete_seal,
    "entries chained anew": Forger.rechain,
    "chained and sealed anew without the key": Forger.rechain_and_reseal_with_another_key,
    "chained and sealed anew with the key": Forger.rechain_and_reseal,
}
SECRET = "chained and sealed anew with the key"
"""What leaves no trace inside: only a checkpoint that was published can tell."""


def _judge(archive: Archive, connection: sa.Connection, place: Place) -> dict[str, Any]:
    """What verification says, in the order in which an auditor asks: the ledger, the seals, the published anchor."""
    books = archive.books
    began = time.perf_counter()
    with Session(connection) as session:
        ledger = verify.verify(session, books.clock.moment)
        told: dict[str, Any] = {"ledger": not ledger.sound}
        for name, anchors in (("seals", []), ("anchor", [archive.anchor])):
            report = seals.verify(
                session,
                books.house.all(SEALED),
                now=books.clock.moment,
                public_keys=[keys.public(books.house.settings)],
                checkpoints=anchors,
            )
            told[name] = not report.good
            if not report.good:
                break
        told.setdefault("anchor", told["seals"])
        told["seconds"] = time.perf_counter() - began
        told["fault"] = report.faults[0] if report.faults else None
        told["placed"] = place is None or (report.faults and report.faults[0].seal_no == _seal_over(session, place))
    return told


def _seal_over(session: Session, place: tuple[str, int]) -> int | None:
    """The seal that covers a row, or that is the place itself."""
    name, row_id = place
    if name == "seal":
        return row_id
    return session.execute(
        sa.select(sa.func.min(SEAL.c.no)).where(SEAL.c.source == name, SEAL.c.top_id >= row_id)
    ).scalar()


def _trials(archive: Archive, trials: int, seed: int, crimes: Sequence[str]) -> Counts:
    seen: Counter[str] = Counter()
    dice = random.Random(seed)
    slowest = 0.0
    with archive.engine.connect() as connection:
        calm = _judge(archive, connection, None)
        seen["false alarms"] = int(calm["ledger"] or calm["anchor"])
        connection.rollback()
    for number in range(trials):
        name = crimes[number % len(crimes)]
        told = _one(archive, name, dice)
        found = told["ledger"] or told["anchor"]
        slowest = max(slowest, told["seconds"])
        seen.update({
            "tried": 1, "found": found, f"tried: {name}": 1, f"found: {name}": found, "by ledger": told["ledger"],
            "by seals": told["seals"], "blind": found and not told["ledger"] and not told["seals"],
            "seals alone": told["seals"] and not told["ledger"], "misplaced": not told["placed"],
        })  # fmt: skip
        if not found or not told["placed"]:
            print(f"  {name}: {'found elsewhere' if found else 'not found'}: {told}", file=sys.stderr)
    return {**seen, "missed": seen["tried"] - seen["found"], "max seconds": round(slowest, 2)}


def _one(archive: Archive, name: str, dice: random.Random) -> dict[str, Any]:
    while True:
        with archive.engine.connect().execution_options(marketplace_write=True) as connection:
            try:
                place = CRIMES[name](Forger(archive, connection, dice))
            except Unfit:
                connection.rollback()
                continue
            told = _judge(archive, connection, place)
            connection.rollback()
            return told


def _piece(postgresql: bool, trials: int, scenes: int, seed: int, server: Cluster | None = None) -> Counts:
    with _archive(server, postgresql, scenes) as archive:
        return _trials(archive, trials, seed, list(CRIMES))


def _short(server: Cluster) -> Counts:
    return together([_piece(False, len(CRIMES) * 2, 1, 1), _piece(True, len(CRIMES), 1, 2, server)])


def _figures(counts: Counts) -> list[Figure]:
    lines = [
        some(counts, "tried", "forgeries tried, each in a transaction that is rolled back after the verdict"),
        none(counts, "missed", "of them not found"),
    ]
    for name in CRIMES:
        found, tried = counts.get(f"found: {name}", 0), counts.get(f"tried: {name}", 0)
        lines.append(Figure(f"found / tried: {name}", f"{found:,.0f} / {tried:,.0f}", "all", bool(found == tried > 0)))
    return [
        *lines,
        Figure("found by `ledger verify`", count(counts, "by ledger")),
        some(counts, "seals alone", "found by the seals alone: the ledger's own chains held"),
        Figure(
            "control: unseen from inside, found by the published checkpoint alone",
            count(counts, "blind"),
            count(counts, f"tried: {SECRET}"),
            counts.get("blind", 0) == counts.get(f"tried: {SECRET}", 0) > 0,
        ),
        none(counts, "misplaced", "whose first fault was not told at the seal over the first row touched"),
        none(counts, "false alarms", "false alarms on books that nobody touched"),
        Figure("longest time to find and place one (all entries read again), s", count(counts, "max seconds")),
    ]


PART = Part(
    code="tampering",
    title="R9. A forger who owns the database",
    method=(
        "Three days of every act, sealed as they go on. Then all triggers and references are switched off, as an owner"
        " of the database can do, and rows are edited, deleted, put in, swapped, cut off, and chained and sealed anew,"
        " at random places on SQLite and on PostgreSQL. `ledger verify` and `audit verify` look at each crime; a day's"
        " checkpoint that was published before is kept outside."
    ),
    pieces=[
        *(Piece(f"sqlite-{number + 1}", partial(_piece, False, 1500, 4, number)) for number in range(3)),
        *(Piece(f"postgresql-{number + 1}", partial(_piece, True, 900, 4, 10 + number)) for number in range(2)),
    ],
    short=_short,
    figures=_figures,
    notes=[
        "Whoever holds both the database and the sealing key can write everything anew without a trace inside. That is"
        " what the checkpoints are for: they leave the house every day, and one of them is enough. What is forged after"
        " the last checkpoint that left, with the key, is found by nobody.",
    ],
)
