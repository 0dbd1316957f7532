"""R12. Two other arithmetics over the same entries: beancount's, and a fold that knows nothing of the product."""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa
from beancount import loader
from beancount.core.data import Balance, Transaction
from click.testing import CliRunner
from flask import Flask

from marketplace.app import create_app
from marketplace.base.context import Actor, Context
from marketplace.base.errors import Refusal
from tests.conftest import make_settings
from tests.proof import ground
from tests.proof.parts import Counts, Figure, Part, Piece, count, none, some, together
from tests.proof.scene import ACTS, Scene, stand
from tests.support.ledger import CLOSES, LAST, OFFICER, Books, key
from tests.support.postgres import Cluster
from vouchers.ledger.actions import funds, holds, parts, recalls
from vouchers.ledger.commands import ledger

NEXT_YEAR = date(CLOSES.year + 1, 12, 31)

# ------------------------------------------------------------------ a life with every movement there is


def live(books: Books, dice: random.Random, scenes: int) -> None:
    """So many vouchers at random stages; their last day, what comes too late for them, and the end of the year."""

    def attempt(verb: Callable[[Context], Any], actor: Actor | None = OFFICER) -> Any:
        try:
            return books.act(verb, actor)
        except Refusal:
            return None

    stood = []
    for _ in range(scenes):
        scene = stand(books)
        stood.append(scene)
        tried = [act for act in ACTS if not act.late and act.name != "freeze"]
        for act in dice.sample(tried, dice.randint(len(tried) // 2, len(tried))):
            attempt(lambda ctx, act=act, scene=scene: act.verb(ctx, scene, key()), act.actor)
        attempt(lambda ctx: parts.redeem_contract(ctx, books.contract, dice.randint(1, 500), key()))
        if dice.random() < 0.2 and books.clock.moment.date() < LAST - timedelta(days=1):
            books.clock.advance(days=1)
    books.clock.advance(days=(LAST - books.clock.moment.date()).days + 1)
    for scene in stood:
        for verb in dice.sample(_late(scene), 3):
            attempt(verb)
    attempt(recalls.sweep, None)
    _end_the_year(books, dice, attempt)


def _late(s: Scene) -> list[Callable[[Context], Any]]:
    return [
        lambda c: holds.release(c, s.ended, key(), 7),
        lambda c: holds.release(c, s.hold, key()),
        lambda c: parts.refund(c, s.free_part, 3, key()),
        lambda c: parts.cut(c, s.free_part, 2, key()),
        lambda c: parts.clawback(c, s.paid_part, 5, key()),
    ]


def _end_the_year(books: Books, dice: random.Random, attempt: Callable[..., Any]) -> None:
    """Clawed money comes back to the fund, the bank pays interest, mistakes are taken back; lines are closed, and what
    lapsed is carried over."""
    with books.engine.connect() as connection:
        clawed = connection.exec_driver_sql("SELECT id, amount FROM entry WHERE kind = 'clawback' ORDER BY id").all()
    for entry_id, amount in clawed:
        attempt(lambda c, e=entry_id, a=amount: funds.recover(c, books.fund, e, a, key()))
    booked = [
        attempt(lambda c, verb=verb: verb(c, books.fund, dice.randint(1, 9_999), key()))
        for verb in (
            *(funds.book_receipt, funds.book_return, funds.book_interest) * 2, funds.book_interest, funds.remit,
        )
    ]  # fmt: skip
    for entry_id in (booked[-1], *booked[3:6]):
        attempt(lambda c, e=entry_id: funds.take_back(c, e, key()))
    attempt(lambda c: funds.remit(c, books.fund, 1, key()))
    for line in (books.renovation, books.platforms):
        attempt(lambda c, line=line: funds.unallot(c, line, dice.randint(1, 5_000), key()))
    books.clock.advance(days=(CLOSES - books.clock.moment.date()).days + 1)
    attempt(recalls.sweep, None)
    for line in (books.renovation, books.platforms):
        lapsed = attempt(lambda c, line=line: funds.close_line(c, line, key()))
        if lapsed:
            half = lapsed // 2
            attempt(lambda c, line=line, half=half: funds.carry_over(c, line, half, NEXT_YEAR, key()))


# ------------------------------------------------------------------ the fold

COMMITMENT = ("available", "reserved", "payable", "paid", "recalled", "clawed")
FUND: Mapping[str, tuple[str, int]] = {
    "award": ("award", 1), "receipt": ("received", 1), "unreceipt": ("received", -1), "pay": ("paid", 1),
    "unpay": ("paid", -1), "recover": ("recovered", 1), "return": ("returned", 1), "unreturn": ("returned", -1),
    "interest": ("interest", 1), "uninterest": ("interest", -1), "remit": ("remitted", 1), "unremit": ("remitted", -1),
}  # fmt: skip
"""Of a fund: which sum a kind of entry adds to, or takes from."""
BUCKET: Mapping[str, Sequence[tuple[str, int]]] = {
    "allot": (("allotted", 1), ("available", 1)), "unallot": (("allotted", -1), ("available", -1)),
    "issue": (("available", -1), ("committed", 1)), "recall": (("committed", -1), ("available", 1)),
    "lapse": (("committed", -1), ("lapsed", 1)), "close": (("available", -1), ("lapsed", 1)),
    "carry": (("lapsed", -1), ("available", 1)),
}  # fmt: skip
"""Of a bucket of a line: the same, where one entry may move two sums."""
SHARE = {"renovation": "renovation_allotted", "other": "other_allotted"}


@dataclass
class Tables:
    """Everything that is compared, as plain rows."""

    entry: list[dict[str, Any]]
    fund_entry: list[dict[str, Any]]
    commitment: list[dict[str, Any]]
    hold: list[dict[str, Any]]
    redemption: list[dict[str, Any]]
    fund: list[dict[str, Any]]
    budget_line: list[dict[str, Any]]
    line_bucket: list[dict[str, Any]]

    @classmethod
    def read(cls, connection: sa.Connection) -> Tables:
        return cls(
            *(
                [dict(row) for row in connection.exec_driver_sql(f"SELECT * FROM {name}").mappings()]
                for name in cls.__dataclass_fields__
            )
        )

    @property
    def entries(self) -> int:
        return len(self.entry) + len(self.fund_entry)

    @property
    def kinds(self) -> int:
        """Different movements: of commitments from where to where, of funds by kind."""
        return len({(e["kind"], e["src"], e["dst"]) for e in self.entry} | {e["kind"] for e in self.fund_entry})


def differences(t: Tables) -> Iterator[str]:
    """What the rows say and the entries do not; also where the two kinds of entries do not say the same money."""
    held: dict[Any, Counter[str]] = {row["id"]: Counter() for row in t.commitment}
    hold: dict[Any, Counter[str]] = {row["id"]: Counter() for row in t.hold}
    part: dict[Any, Counter[str]] = {row["entry_id"]: Counter() for row in t.redemption}
    for e in t.entry:
        held[e["commitment_id"]][e["dst"]] += e["amount"]
        held[e["commitment_id"]][e["src"]] -= e["amount"]
        if e["hold_id"] is not None:
            hold[e["hold_id"]][e["kind"]] += e["amount"]
        if e["redemption_id"] is not None:
            part[e["redemption_id"]][e["kind"]] += e["amount"]
        elif e["kind"] == "redeem":
            part[e["id"]]["redeem"] += e["amount"]
    for row in t.commitment:
        yield from _same("commitment", row, held[row["id"]], {name: name for name in COMMITMENT}, line=-row["face"])
    for row in t.hold:
        sums = hold[row["id"]]
        sums["released"] = sums["release"] + sums["lapse"]
        yield from _same("hold", row, sums, {"amount": "reserve", "posted": "redeem", "released": "released"})
    for row in t.redemption:
        sums = part[row["entry_id"]]
        sums["refunded"] = sums["refund"] + sums["cut"]
        wanted = {"amount": "redeem", "refunded": "refunded", "settled": "settle", "clawed": "clawback"}
        yield from _same("part", row, sums, wanted)
    yield from _of_funds(t)


def _of_funds(t: Tables) -> Iterator[str]:
    fund: dict[Any, Counter[str]] = {row["id"]: Counter() for row in t.fund}
    bucket: dict[Any, Counter[str]] = {(row["line_id"], row["k"]): Counter() for row in t.line_bucket}
    share = {row["id"]: SHARE[row["share"]] for row in t.budget_line}
    of_line: dict[Any, Counter[str]] = {row["id"]: Counter() for row in t.budget_line}
    for e in t.fund_entry:
        if e["line_id"] is None:
            name, sign = FUND[e["kind"]]
            fund[e["fund_id"]][name] += sign * e["amount"]
            continue
        of_line[e["line_id"]][e["kind"]] += e["amount"]
        for name, sign in BUCKET[e["kind"]]:
            bucket[e["line_id"], e["k"]][name] += sign * e["amount"]
            if name == "allotted":
                fund[e["fund_id"]][share[e["line_id"]]] += sign * e["amount"]
    for row in t.fund:
        yield from _same(
            "fund", row, fund[row["id"]], {name: name for name in (*{n for n, _ in FUND.values()}, *SHARE.values())}
        )
    for row in t.line_bucket:
        names = ("allotted", "available", "committed", "lapsed")
        yield from _same("bucket", row, bucket[row["line_id"], row["k"]], {name: name for name in names})
    faces: Counter[Any] = Counter()
    back: Counter[Any] = Counter()
    for row in t.commitment:
        faces[row["line_id"]] += row["face"]
        back[row["line_id"]] += row["recalled"]
    for line, sums in of_line.items():
        if sums["issue"] != faces[line]:
            yield f"line {line}: {sums['issue']} left it, commitments of {faces[line]} came out"
        if sums["recall"] + sums["lapse"] != back[line]:
            yield f"line {line}: {sums['recall'] + sums['lapse']} came back, {back[line]} were recalled"
    paid = sum(row["paid"] for row in t.fund)
    settled = sum(e["amount"] for e in t.entry if e["kind"] == "settle")
    if settled > paid:
        yield f"{settled} were settled, {paid} paid"


def _same(
    what: str, row: Mapping[str, Any], sums: Mapping[str, int], names: Mapping[str, str], **more: int
) -> Iterator[str]:
    wanted = {name: row[name] for name in names} | more
    found = {name: sums.get(names.get(name, name), 0) for name in wanted}
    if wanted != found:
        yield f"{what} {row.get('id', row.get('entry_id', row.get('k')))} says {wanted}, its entries {found}"


# ------------------------------------------------------------------ the part


@dataclass
class _Installed:
    """What the command asks of an installation."""

    made: Flask

    def app(self) -> Flask:
        return self.made


def _export(books: Books, folder: Path) -> str:
    """The journal as `marketplace ledger export` writes it."""
    url = books.engine.url.render_as_string(hide_password=False)
    app = create_app(make_settings(folder, database_url=url), books.clock)
    file = folder / "ledger.beancount"
    done = CliRunner().invoke(ledger, ["export", "-o", str(file)], obj=_Installed(app))
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()
    assert done.exit_code == 0, done.output
    return file.read_text(encoding="utf-8")


def _compare(books: Books) -> Counts:
    with TemporaryDirectory(prefix="marketplace-journal-") as folder:
        journal = _export(books, Path(folder))
    with books.engine.connect() as connection:
        tables = Tables.read(connection)
    found, errors, _options = loader.load_string(journal)
    written = sum(isinstance(one, Transaction) for one in found)
    own = list(differences(tables))
    for fault in [*(error.message for error in errors), *own][:10]:
        print(f"  {fault}", file=sys.stderr)
    return {
        "entries": tables.entries, "missing": abs(tables.entries - written), "max kinds": tables.kinds,
        "balances": sum(isinstance(one, Balance) for one in found), "errors": len(errors), "own": len(own),
        **_control(journal, tables),
    }  # fmt: skip


def _control(journal: str, tables: Tables) -> Counts:
    """A fen that one entry says more than it did must trouble both."""
    at = journal.rindex("  Equity:", 0, journal.index(" balance "))
    end = journal.index("\n", at)
    line = journal[at:end]
    before, amount, currency = line.rsplit(" ", 2)
    euros, cents = amount.split(".")
    wrong = f"{before} {euros}.{(int(cents) + 1) % 100:02d} {currency}"
    _, errors, _options = loader.load_string(journal[:at] + wrong + journal[end:])
    tables.entry[-1]["amount"] += 1
    return {"controls": 2, "controls found": bool(errors) + any(True for _ in differences(tables))}


def _piece(postgresql: bool, scenes: int, number: int, server: Cluster | None = None) -> Counts:
    with ExitStack() as stack:
        books = (
            stack.enter_context(ground.postgresql(server))[0] if postgresql else stack.enter_context(ground.sqlite())
        )
        live(books, random.Random(number), scenes)
        return _compare(books)


def _short(_server: Cluster) -> Counts:
    return together([_piece(False, 4, 1)])


def _figures(counts: Counts) -> list[Figure]:
    found, controls = counts.get("controls found", 0), counts.get("controls", 0)
    return [
        some(counts, "entries", "entries exported by `marketplace ledger export`", 100),
        some(counts, "max kinds", f"different movements among them, of {len(FUND) + len(BUCKET) + 14}", 30),
        none(counts, "missing", "entries that beancount did not read"),
        some(counts, "balances", "balances that the journal asserts"),
        none(counts, "errors", "of them that beancount's arithmetic does not reach, or other errors"),
        none(counts, "own", "rows that differ from a fold of the entries written apart from the product"),
        Figure("controls: one fen too much in one entry, found / tried", count({"n": found}, "n") + f" / {controls:,.0f}",
               "all", bool(found == controls > 0)),
    ]  # fmt: skip


PART = Part(
    code="bookkeeping",
    title="R12. Another program's arithmetic",
    method=(
        "Vouchers live random lives through every kind of movement, their last days, corrections and the end of the"
        " year, on SQLite and on PostgreSQL. The ledger is exported as a beancount journal that asserts every balance,"
        " and beancount adds it up. A fold of some forty lines, which shares no code with the product, compares every"
        " commitment, hold, part, fund and bucket with its entries, and the two kinds of entries with each other."
    ),
    pieces=[
        Piece("sqlite", partial(_piece, False, 250, 1)),
        Piece("postgresql", partial(_piece, True, 250, 2)),
    ],
    short=_short,
    figures=_figures,
)
