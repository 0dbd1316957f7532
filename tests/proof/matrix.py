"""R2. Every act against every other, sixteen clients at once on PostgreSQL; and the same with the guards off."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

from tests.proof import ground
from tests.proof.crew import CLIENTS, Crew, Told, crew
from tests.proof.parts import Counts, Figure, Part, Piece, none, some
from tests.proof.scene import ACTS, AFTER, BY_NAME, DECIDED_ELSEWHERE, ROOM, Act, Scene, stand, story
from tests.support.ledger import LAST, NOON, Books, key
from tests.support.postgres import Cluster
from vouchers.ledger import verify

TRIALS = 40
CONTROLS = 20
PAIRS = list(itertools.combinations_with_replacement(ACTS, 2))
PER_PIECE = 30


def _trial(books: Books, clients: Crew, pair: tuple[Act, Act], wrong: list[str], seen: Counter[str]) -> None:
    scene = stand(books)
    at = NOON + (LAST - NOON.date()) + AFTER if any(act.late for act in pair) else NOON
    names = [pair[place % 2].name for place in range(CLIENTS)]
    keys = [key() for _ in names]
    told = clients.strike(names, scene, keys, at)
    seen["trials"] += 1
    for one in told:
        seen["acts done" if one.outcome == "done" else "busy" if one.outcome == "busy" else "acts refused"] += 1
    wrong += [f"{' / '.join(act.name for act in pair)}: {fault}" for fault in judge(books, scene, pair, told)]


def judge(books: Books, scene: Scene, pair: tuple[Act, Act], told: Sequence[Told]) -> list[str]:
    """What is wrong with the outcome of one trial, in words."""
    faults = [f"{one.act} broke: {one.words}" for one in told if one.outcome == "fault"]
    entries = _entries(books, scene)
    steps = story(entries, scene)
    faults += [
        f"entry {entry.seq} leaves {now}" for entry, now in zip(entries, steps[1:], strict=True) if not now.whole
    ]
    if _balances(books, scene) != _folded(steps[-1]):
        faults.append(f"the row says {_balances(books, scene)}, the entries {_folded(steps[-1])}")
    written = Counter(entry.idem_key for entry in entries if entry.idem_key)
    for one in told:
        if not BY_NAME[one.act].entry:
            continue
        if written[one.key] != (one.outcome == "done"):
            faults.append(f"{one.act} was told {one.outcome}, and has {written[one.key]} entries")
        rivals = {act.name for act in pair} - {one.act}
        if one.outcome in ("done", "busy", "fault") or rivals & DECIDED_ELSEWHERE.get(one.act, set()):
            continue
        if all(ROOM[one.act](now) for now in steps):
            faults.append(f"{one.act} was refused ({one.outcome}) although there was room all the time")
    return faults


def _entries(books: Books, scene: Scene) -> list[Any]:
    """What the trial wrote of the voucher, read by hand."""
    with books.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT seq, kind, src, dst, amount, hold_id, redemption_id, idem_key FROM entry"
            f" WHERE commitment_id = '{scene.voucher}' ORDER BY seq"
        ).all()
    return list(rows[SET_UP:])


SET_UP = 19
"""Entries that setting the stage leaves: an issue, nine reserved, seven redeemed, one refunded, one paid."""


def _balances(books: Books, scene: Scene) -> tuple[int, ...]:
    return books.balances(scene.voucher)


def _folded(now: Any) -> tuple[int, ...]:
    return (now.available, now.reserved, now.payable, now.paid, now.recalled, now.clawed)


def attack(books: Books, pairs: Sequence[tuple[Act, Act]], trials: int) -> dict[str, float]:
    """Race each pair so often; gives the counts."""
    wrong: list[str] = []
    seen: Counter[str] = Counter()
    with crew(_address(books)) as clients:
        for pair in pairs:
            for _ in range(trials):
                _trial(books, clients, pair, wrong, seen)
            seen["pairs"] += 1
    books.clock.set(NOON)
    if not books.look(verify.verify).sound:
        wrong.append("ledger verify finds the books unsound")
    for fault in wrong[:20]:
        print(f"  {fault}")
    deadlocks = books.scalar("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    return {**seen, "wrong": len(wrong), "deadlocks": int(deadlocks), "controls": 0, "controls lost": 0}


def control(trials: int, server: Cluster | None = None) -> dict[str, float]:
    """The same harness where the guards are off: it must see money lost, or it would see nothing at all."""
    lost = 0
    with ground.postgresql(server) as (books, _):
        _disarm(books)
        wrong: list[str] = []
        seen: Counter[str] = Counter()
        redeem = BY_NAME["redeem"]
        with crew(_address(books), sabotage="no lock") as clients:
            for _ in range(trials):
                before = len(wrong)
                _trial(books, clients, (redeem, redeem), wrong, seen)
                lost += any("leaves" in fault for fault in wrong[before:])
    return {"controls": trials, "controls lost": lost}


def _disarm(books: Books) -> None:
    """Take away what makes over-redeeming unwritable: the chain, the checks of the hold and of the balances."""
    with books.engine.connect().execution_options(marketplace_write=True) as connection:
        ask = connection.exec_driver_sql
        body = ask("SELECT pg_get_functiondef('ledger_entry_apply'::regproc)").scalar_one()
        weak = body.replace("AND seq = NEW.seq - 1 AND chain = NEW.prev_hash", "")
        if weak == body:
            raise RuntimeError("the guard that the control takes away is not where it was")
        ask(weak)
        for table, name in ask(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype IN ('c', 'u')"
            " AND conrelid IN ('entry'::regclass, 'hold'::regclass, 'commitment'::regclass)"
            " AND NOT EXISTS (SELECT 1 FROM pg_constraint f WHERE f.contype = 'f' AND f.confrelid = pg_constraint.conrelid"
            "   AND f.confkey @> pg_constraint.conkey AND f.confkey <@ pg_constraint.conkey)"
        ).all():
            ask(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for guard in ("commitment_guard", "commitment_depth"):
            ask(f"DROP TRIGGER {guard} ON commitment")
        for guard in ("hold_guard", "hold_depth"):
            ask(f"DROP TRIGGER {guard} ON hold")
        connection.commit()


def _address(books: Books) -> str:
    return books.engine.url.render_as_string(hide_password=False)


def _piece(pairs: Sequence[tuple[Act, Act]]) -> Counts:
    with ground.postgresql() as (books, _):
        return attack(books, pairs, TRIALS)


def _short(server: Cluster) -> Counts:
    """Each act against itself and one neighbour, a few times; and the control."""
    pairs = [(act, act) for act in ACTS] + [(BY_NAME["redeem"], BY_NAME[name]) for name in ("release", "transfer")]
    with ground.postgresql(server) as (books, _):
        counts = attack(books, pairs, 1)
    return {**counts, **control(4, server)}


def _figures(counts: Counts) -> list[Figure]:
    return [
        some(counts, "pairs", "pairs of acts"),
        some(counts, "trials", f"trials of {CLIENTS} processes"),
        some(counts, "acts done", "acts done"),
        some(counts, "acts refused", "acts refused in words"),
        none(counts, "wrong", "wrong outcomes"),
        none(counts, "deadlocks", "deadlocks that PostgreSQL counted"),
        some(counts, "controls lost", f"of {counts.get('controls', 0):,.0f} trials with the guards off, over-redeemed"),
    ]


PART = Part(
    code="matrix",
    title="R2. Races: every act against every other",
    method=(
        f"All {len(PAIRS)} pairs of {len(ACTS)} acts strike the same voucher from {CLIENTS} processes of the operating"
        f" system at one moment, {TRIALS} times each, on PostgreSQL. A fold of the entries that knows nothing of the"
        " product follows each trial: no balance below zero, the face conserved, one entry for each act that was told"
        " it was done and none for the others, no refusal while there was room all the time."
    ),
    pieces=[
        *(
            Piece(f"{number + 1:02}", partial(_piece, PAIRS[at : at + PER_PIECE]))
            for number, at in enumerate(range(0, len(PAIRS), PER_PIECE))
        ),
        Piece("control", lambda: control(CONTROLS)),
    ],
    short=_short,
    figures=_figures,
)
