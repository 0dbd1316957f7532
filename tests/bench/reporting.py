"""A report over a million ledger lines: the page as an officer opens it, against one plain aggregate of the same lines.

The lines are written past the ledger's triggers, for a million acts would take an hour: one voucher's life (issued, set
aside, redeemed, paid, the rest recalled) copied for many vouchers of many enterprises on the days of two years.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import Connection, text

from marketplace.base import acts
from marketplace.base.clock import day_of
from marketplace.base.roles import Role
from marketplace.web.db import db
from tests.bench.figures import Figure
from tests.bench.ground import Ground, apart
from tests.support.people import client_as
from vouchers.funds import queries as funds
from vouchers.ledger.actions import holds, issue, snapshots
from vouchers.ledger.models.commitments import Commitment, Entry, Hold, Voucher
from vouchers.schemes.models import SchemeVersion

MOVES = ("issue:line>available", "reserve:available>reserved", "redeem:reserved>payable", "settle:payable>paid",
         "recall:available>recalled")  # fmt: skip
ENTERPRISES, DAYS = 500, 600
PATTERN, FIRST = 1_000_000, 1_000_000_000
"""From which numbers the copies count, awards and entries: beyond what anybody else was given."""
SINCE = 2_000
"""Lines that no sum holds yet when the report is opened: what a busy minute brings."""
PLAIN = "SELECT kind, src, dst, sum(amount) FROM entry GROUP BY kind, src, dst"


@dataclass(frozen=True)
class Opening:
    """Seconds: the first sums of all lines, the plain aggregate, and the report today and of an earlier day."""

    lines: int
    taking: float
    plain: float
    today: float
    earlier: float


def measure(ground: Ground, lines: int) -> list[Figure]:
    """The figures of a report over so many lines on one database."""
    apart(_fill, ground, lines // len(MOVES))
    opened = apart(_open, ground)
    place = ground.place.database
    return [
        Figure(
            f"report over {opened.lines:,} lines, {place}",
            f"{opened.today:.2f} s",
            f"{opened.today / opened.plain:.2f} of a plain aggregate ({opened.plain:.2f} s); "
            f"of an earlier day {opened.earlier:.2f} s; sums of all lines begun in {opened.taking:.1f} s",
        )
    ]


def _fill(ground: Ground, vouchers: int) -> None:
    app = ground.place.application()
    house = app.extensions["house"]
    with app.app_context():
        acts.run(db.session(), house, lambda ctx: _pattern(ctx, ground), system=True)
        db.session.remove()
        with db.engine.connect().execution_options(marketplace_write=True) as connection:
            unguarded(connection)
            _copy(connection, 1, vouchers)
            connection.commit()
        with db.engine.connect().execution_options(marketplace_write=True) as connection:
            connection.execute(text("ANALYZE"))
            connection.commit()


def _pattern(ctx: Any, ground: Ground) -> None:
    """The voucher whose rows are copied."""
    version = ctx.session.get_one(SchemeVersion, ground.version_id)
    item = issue.VoucherItem(400_00, version.use_by, ground.enterprise_id, version.id, award_no=PATTERN)
    line = funds.lines(ctx, ground.pilot_id)[0].line
    made = issue.issue(ctx, line.id, [item], "bench:pattern").commitment_ids[0]
    holds.reserve(ctx, made, uuid.uuid4(), ground.provider_id, 400_00, version.use_by, "bench:pattern:hold")


def unguarded(connection: Connection) -> None:
    """Let a connection write rows past the triggers: on PostgreSQL for its transaction, in SQLite for good."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        return
    for name in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all():
        connection.execute(text(f'DROP TRIGGER "{name}"'))


def _copy(connection: Connection, first: int, last: int) -> None:
    """The pattern's rows once for each number from `first` to `last`."""
    postgresql = connection.dialect.name == "postgresql"
    made = "(lpad(to_hex({}::int), 32, '0'))::uuid" if postgresql else "printf('00000000-0000-0000-0000-%012x', {})"
    own, holder = made.format("g"), made.format(f"(g % {ENTERPRISES} + 900000000)")
    day = f"(x.day - (g % {DAYS})::int)" if postgresql else f"date(x.day, '-' || (g % {DAYS}) || ' days')"
    rows = f"WITH RECURSIVE s(g) AS (SELECT {first} UNION ALL SELECT g + 1 FROM s WHERE g < {last})"

    def insert(model: Any, changed: dict[str, str], which: str) -> None:
        names = [column.name for column in model.__table__.columns]
        values = ", ".join(changed.get(name, f"x.{name}") for name in names)
        given = "OVERRIDING SYSTEM VALUE" if postgresql and model is Entry else ""
        pattern = f"(SELECT * FROM {model.__tablename__} WHERE {which} LIMIT 1) x"
        connection.execute(
            text(
                f"INSERT INTO {model.__tablename__} ({', '.join(names)}) {given} {rows} SELECT {values} FROM s CROSS JOIN {pattern}"
            )
        )

    ours = f"(SELECT commitment_id FROM voucher WHERE award_no = {PATTERN})"
    insert(Commitment, {"id": own}, f"id = {ours}")
    insert(
        Voucher,
        {"commitment_id": own, "number": "'N' || g", "award_no": f"g + {PATTERN}", "enterprise_id": holder},
        f"award_no = {PATTERN}",
    )
    insert(Hold, {"id": own, "commitment_id": own, "order_id": own}, f"commitment_id = {ours}")
    for place, move in enumerate(MOVES):
        kind, ends = move.split(":")
        src, dst = ends.split(">")
        spent = kind in ("reserve", "redeem")
        insert(
            Entry,
            {
                "id": f"g * 10 + {place} + {FIRST}", "commitment_id": own, "seq": str(place + 1), "kind": f"'{kind}'",
                "src": f"'{src}'", "dst": f"'{dst}'", "day": day, "idem_scope": "NULL", "idem_key": "NULL", "req_hash": "NULL",
                "hold_id": own if spent else "NULL", "provider_id": "x.provider_id" if spent else "NULL",
                "redemption_id": "1" if kind == "settle" else "NULL", "attempt_id": own if kind == "settle" else "NULL",
            },
            f"commitment_id = {ours} AND kind = 'reserve'",
        )  # fmt: skip


def _open(ground: Ground) -> Opening:
    app = ground.place.application()
    client = client_as(app, Role.CITY, region=ground.city)
    house = app.extensions["house"]
    with app.app_context():
        with db.engine.connect() as connection:
            lines = int(connection.execute(text("SELECT count(*) FROM entry")).scalar_one())
            plain = min(_seconds(lambda: connection.execute(text(PLAIN)).all()) for _ in range(3))
        taking = _seconds(lambda: acts.run(db.session(), house, snapshots.take, system=True))
        db.session.remove()
        with db.engine.connect().execution_options(marketplace_write=True) as connection:
            unguarded(connection)
            _copy(connection, lines, lines + SINCE // len(MOVES) - 1)
            connection.commit()
        today = day_of(house.clock.now(db.session()))
        db.session.remove()
    address = f"/reports/settlement/{ground.pilot_id}"
    _page(client, address)  # the rule book, the templates and the letters of the charts are read once per process
    return Opening(
        lines,
        taking,
        plain,
        min(_seconds(lambda: _page(client, address)) for _ in range(3)),
        min(_seconds(lambda: _page(client, f"{address}?as_of={today - timedelta(days=30)}")) for _ in range(3)),
    )


def _page(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status}")


def _seconds(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
