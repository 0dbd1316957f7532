"""R13. One millionth of a second before and after a last day ends, on clocks of every zone, and two servers that differ."""

from __future__ import annotations

import os
import random
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import partial
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from sqlalchemy import event

from marketplace.base import clock, context
from marketplace.base.clock import SetClock
from marketplace.base.context import Context
from marketplace.base.errors import Busy, Refusal
from marketplace.base.house import House
from tests.proof import ground
from tests.proof.parts import Counts, Figure, Part, Piece, count, none, some, together
from tests.support.ledger import CHECKER, CLOSES, OFFICER, PROVIDER, Books, key
from tests.support.postgres import Cluster
from vouchers.ledger import verify
from vouchers.ledger.actions import funds, holds, issue, parts, recalls
from vouchers.ledger.actions.issue import VoucherItem

CHINA = timezone(timedelta(hours=8))
"""China has known no summer time since 1991; the product asks the zone database, this does not."""
BEFORE = datetime(CLOSES.year, 1, 10, 4, tzinfo=UTC)
DAYS = (
    date(2031, 3, 8), date(2031, 3, 29), date(2031, 8, 31), date(2031, 10, 25), date(2031, 11, 1), CLOSES,
)  # fmt: skip
"""Ends of which fall on the nights when clocks jump in America and Europe, an ordinary one, and the year's."""
TINY = timedelta(microseconds=1)
AWAY = (-timedelta(days=1), -timedelta(hours=1), -TINY, timedelta(0), TINY, timedelta(hours=1), timedelta(days=1))
ZONES = ("UTC", "Asia/Shanghai", "America/New_York", "Europe/Berlin", "Pacific/Kiritimati", "Asia/Kathmandu")


class _Undo(Exception):
    """Carries what an act did out of its transaction, which is given up."""


@dataclass(frozen=True)
class Stand:
    """A voucher with a last day: free money, a hold until that day, a redeemed part."""

    last: date
    voucher: uuid.UUID
    hold: uuid.UUID
    part: int


def _stand(books: Books, last: date) -> Stand:
    item = VoucherItem(1000, last, uuid.uuid4())
    voucher = books.act(lambda ctx: issue.issue(ctx, books.renovation, [item], key())).commitment_ids[0]

    def more(ctx: Context) -> Stand:
        spent = holds.reserve(ctx, voucher, uuid.uuid4(), PROVIDER, 100, last, key()).hold_id
        part = holds.redeem(ctx, spent, 100, key()).entry_id
        held = holds.reserve(ctx, voucher, uuid.uuid4(), PROVIDER, 50, last, key()).hold_id
        return Stand(last, voucher, held, part)

    return books.act(more)


@dataclass(frozen=True)
class Question:
    """An act, and what must come of it on the last day and after it."""

    act: Callable[[Context, Books, Stand], Any]
    inside: str
    over: str


QUESTIONS: dict[str, Question] = {
    "reserve": Question(
        lambda c, b, s: holds.reserve(c, s.voucher, uuid.uuid4(), PROVIDER, 10, s.last, key()),
        "reserve:available>reserved", "voucher.expired",
    ),
    "redeem": Question(
        lambda c, b, s: holds.redeem(c, s.hold, 10, key()), "redeem:reserved>payable", "hold.expired"
    ),
    "release": Question(
        lambda c, b, s: holds.release(c, s.hold, key()), "release:reserved>available", "lapse:reserved>recalled"
    ),
    "refund": Question(
        lambda c, b, s: parts.refund(c, s.part, 10, key()), "refund:payable>available", "refund:payable>recalled"
    ),
    "cut": Question(
        lambda c, b, s: parts.cut(c, s.part, 10, key()), "cut:payable>available", "cut:payable>recalled"
    ),
    "sweep": Question(
        lambda c, b, s: recalls.sweep(c), "", "lapse:reserved>recalled expire:available>recalled"
    ),
}  # fmt: skip
LINE: dict[str, Question] = {
    "recall": Question(lambda c, b, s: recalls.recall(c, s.voucher, 10, key()), "recall", "lapse"),
    "close the line": Question(lambda c, b, s: funds.close_line(c, b.renovation, key()), "line.period", "close"),
}
"""What hangs on the last day of the budget line instead."""


def _ask(books: Books, stand: Stand, question: Question, table: str, what: str) -> tuple[str, set[str]]:
    """What an act wrote, or how it was refused; and the days that its rows carry. Nothing stays."""

    def verb(ctx: Context) -> None:
        connection = ctx.session.connection()
        last = connection.exec_driver_sql(f"SELECT max(id) FROM {table}").scalar_one()
        try:
            question.act(ctx, books, stand)
        except Refusal as refusal:
            raise _Undo(refusal.code, set()) from None
        ctx.session.flush()
        rows = connection.exec_driver_sql(
            f"SELECT {what} AS what, CAST(day AS text) AS day FROM {table} WHERE id > {last} ORDER BY id"
        ).all()
        raise _Undo(" ".join(dict.fromkeys(row.what for row in rows)), {row.day for row in rows})

    try:
        books.act(verb)
    except _Undo as undone:
        words, days = undone.args
        return words, days
    raise AssertionError("the act did not end as it should")


@contextmanager
def _machine(zone: str) -> Iterator[None]:
    """A machine whose own clock stands in another zone."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        yield
    finally:
        os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
        time.tzset()


def _abroad(books: Books, zone: str) -> None:
    """Every new connection to PostgreSQL speaks of times in a zone."""
    books.engine.dispose()
    if books.dialect == "postgresql":

        def speak(raw: Any, _record: Any) -> None:
            raw.execute(f"SET TIME ZONE '{zone}'")
            raw.commit()

        event.listen(books.engine, "connect", speak)


def _boundaries(books: Books, days: Sequence[date], zones: Sequence[str]) -> Counts:
    seen: Counter[str] = Counter()
    books.clock.set(BEFORE)
    for last in days:
        books.clock.set(clock.midnight(last))
        books.act(recalls.sweep, None)  # what ended before has no part in it
        books.clock.set(BEFORE)
        stand = _stand(books, last)
        for zone in zones:
            _abroad(books, zone)
            with _machine(zone):
                seen.update(_one_day(books, stand, zone))
        books.clock.set(BEFORE)
        books.act(lambda ctx, s=stand: _empty(ctx, s))
    return {"cases": 0, "wrong": 0, **seen}


def _empty(ctx: Context, stand: Stand) -> None:
    """So that no later sweep meets it."""
    holds.release(ctx, stand.hold, key())
    recalls.recall(ctx, stand.voucher, 900, key())


def _one_day(books: Books, stand: Stand, zone: str) -> Counter[str]:
    seen: Counter[str] = Counter()
    ends = datetime(stand.last.year, stand.last.month, stand.last.day, tzinfo=CHINA) + timedelta(days=1)
    for away in AWAY:
        moment = (ends + away).astimezone(UTC).astimezone(ZoneInfo(zone))
        books.clock.set(moment)
        over = away >= timedelta(0)
        asked = [(name, q, "entry", "kind || ':' || src || '>' || dst", over) for name, q in QUESTIONS.items()]
        late = over and stand.last == CLOSES
        asked += [(name, q, "fund_entry", "kind", late) for name, q in LINE.items()]
        for name, question, table, what, after in asked:
            told, said = _ask(books, stand, question, table, what)
            day = {(moment.astimezone(CHINA)).date().isoformat()} if said else set()
            seen["cases"] += 1
            if told != (question.over if after else question.inside) or said != day:
                seen["wrong"] += 1
                if seen["wrong"] < 5:
                    print(f"  {name} at {moment.isoformat()} in {zone}: {told} on {said}", file=sys.stderr)
    return seen


def _by_utc(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def _a_tick_late(moment: datetime) -> date:
    return (moment - TINY).astimezone(CHINA).date()


def _on_the_machine(moment: datetime) -> date:
    return moment.astimezone().date()


def _control(books: Books) -> Counts:
    """Three wrong ways to know the day must be found."""
    found = 0
    wrong_ways = (_by_utc, _a_tick_late, _on_the_machine)
    with open(os.devnull, "w") as nowhere, patch.object(sys, "stderr", nowhere):
        for wrong in wrong_ways:
            stand = _stand_again(books)
            with patch.object(context, "day_of", wrong), _machine("America/New_York"):
                found += bool(_one_day(books, stand, "UTC")["wrong"])
            books.clock.set(BEFORE)
            books.act(lambda ctx, s=stand: _empty(ctx, s))
    return {"controls": len(wrong_ways), "controls found": found}


def _stand_again(books: Books) -> Stand:
    books.clock.set(BEFORE)
    return _stand(books, DAYS[0])


# ------------------------------------------------------------------ the sweep against a redeem


def _race(books: Books, trials: int, seed: int) -> Counts:
    """On one server the day is over, on the other it is not: the sweep and redeems strike one hold."""
    seen: Counter[str] = Counter()
    dice = random.Random(seed)
    for _ in range(trials):
        books.clock.set(BEFORE)
        stand = _stand(books, DAYS[2])
        told = _strike(books, stand, dice)
        seen.update(_verdict(books, stand, told))
        books.clock.set(BEFORE + timedelta(days=330))
        books.act(recalls.sweep, None)
    return {
        **{name: 0 for name in ("races", "race wrong", "redeemed first", "swept first", "both in turn")},
        **seen, "unsound": int(not books.look(verify.verify).sound),
    }  # fmt: skip


def _strike(books: Books, stand: Stand, dice: random.Random) -> list[str]:
    ends = clock.midnight(stand.last + timedelta(days=1))
    told: list[str] = []
    gate = threading.Barrier(6)

    def client(verb: Callable[[Context], Any], at: datetime, actor: Any, wait: float) -> None:
        mine = Books(books.engine, House(None, SetClock(at)), SetClock(at))
        gate.wait()
        time.sleep(wait)
        try:
            done = mine.act(verb, actor)
            told.append("redeemed" if actor is not None else f"swept {done}")
        except Busy:
            told.append("busy")
        except Refusal as refusal:
            told.append(refusal.code)
        except Exception as fault:
            told.append(f"fault {type(fault).__name__}: {fault}")

    asked: list[tuple[Callable[[Context], Any], datetime, Any]] = [
        *((lambda c, k=key(): holds.redeem(c, stand.hold, 15, k), ends - TINY, OFFICER) for _ in range(3)),
        (lambda c, k=key(): holds.redeem(c, stand.hold, 15, k), ends, CHECKER),
        *((recalls.sweep, ends, None) for _ in range(2)),
    ]
    crew = [
        threading.Thread(target=client, args=(*one, dice.random() * (0.003 if one[2] is None else 0.02)))
        for one in asked
    ]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()
    return told


REFUSALS = {"hold.not_open", "hold.expired", "hold.closed", "hold.too_much"}


def _verdict(books: Books, stand: Stand, told: Sequence[str]) -> Counter[str]:
    with books.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            f"SELECT kind, amount FROM entry WHERE hold_id = '{stand.hold}' ORDER BY seq"
        ).all()
    kinds = [row.kind for row in rows]
    spent = sum(row.amount for row in rows if row.kind == "redeem")
    lapsed = sum(row.amount for row in rows if row.kind == "lapse")
    redeemed = sum(one == "redeemed" for one in told)
    strange = [
        one for one in told if one not in ("redeemed", "busy") and not one.startswith("swept") and one not in REFUSALS
    ]
    right = (
        not strange
        and spent == 15 * redeemed
        and spent + lapsed <= 50
        and kinds.count("lapse") <= 1
        and "redeem" not in kinds[kinds.index("lapse") :]
        if "lapse" in kinds
        else not strange and spent == 15 * redeemed <= 50
    )
    if not right:
        print(f"  the sweep and redeems: {told}, entries {rows}", file=sys.stderr)
    return Counter({
        "races": 1, "race wrong": not right, "redeemed first": redeemed > 0 and not lapsed,
        "swept first": not redeemed and lapsed > 0, "both in turn": redeemed > 0 and lapsed > 0,
    })  # fmt: skip


# ------------------------------------------------------------------ the part


def _piece(
    postgresql: bool, days: Sequence[date], zones: Sequence[str], races: int, server: Cluster | None = None
) -> Counts:
    with ExitStack() as stack:
        books = (
            stack.enter_context(ground.postgresql(server))[0] if postgresql else stack.enter_context(ground.sqlite())
        )
        made = [_boundaries(books, days, zones), _control(books)]
        if races:
            made.append(_race(books, races, 1))
        return together(made)


def _short(server: Cluster) -> Counts:
    return _piece(True, DAYS[-1:], ZONES[2:3], 10, server)


def _figures(counts: Counts) -> list[Figure]:
    found, controls = counts.get("controls found", 0), counts.get("controls", 0)
    return [
        some(counts, "cases", "acts at the boundary"),
        none(counts, "wrong", "that went the wrong way, or carry the wrong day"),
        Figure("controls: wrong ways to know the day put in, found / tried", f"{found:,.0f} / {controls:,.0f}", "all",
               bool(found == controls > 0)),
        some(counts, "races", "races of two sweeps and four redeems, on servers a millionth of a second apart"),
        Figure("of them redeemed, and nothing was left to sweep", count(counts, "redeemed first")),
        Figure("swept before anybody redeemed", count(counts, "swept first")),
        Figure("redeemed in part, and the rest swept", count(counts, "both in turn")),
        none(counts, "race wrong", "in which money went both ways, twice, or nowhere"),
        none(counts, "unsound", "ledgers that `ledger verify` finds unsound afterwards"),
    ]  # fmt: skip


PART = Part(
    code="expiry",
    title="R13. The moment when a day ends",
    method=(
        "A voucher, its hold and its budget line end with a day in China. Every act that hangs on it is tried a day, an"
        " hour and a millionth of a second before and after that moment and on it, on six days (two of them in nights"
        " when American and European clocks jump), on machines and PostgreSQL sessions in six zones. Then two servers"
        " whose clocks differ by a millionth of a second sweep and redeem one hold at once."
    ),
    pieces=[
        Piece("sqlite", partial(_piece, False, DAYS, ZONES, 0)),
        Piece("postgresql", partial(_piece, True, DAYS, ZONES, 0)),
        Piece("races", partial(_piece, True, DAYS[:1], ZONES[:1], 1500)),
    ],
    short=_short,
    figures=_figures,
)
