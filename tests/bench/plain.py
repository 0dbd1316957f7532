"""The ledger's statements alone, sent by pgbench: redeeming against TPC-B, and one budget line that everybody wants.

The statements are those of the product, with every trigger and constraint on; only the hash is made by the server, so
that no client's arithmetic stands between. TPC-B of pgbench has as many statements and no guard at all. Rounds of both
take turns on one server.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marketplace.base.context import Context
from tests.bench.figures import Figure
from tests.bench.ground import Desk, Ground, apart
from tests.support.postgres import Cluster
from vouchers.funds import queries as funds
from vouchers.ledger.actions import funds as ledger
from vouchers.ledger.actions import holds, issue
from vouchers.schemes.models import SchemeVersion

CLIENTS, SCALE, HOLDS, SECONDS = 8, 20, 1_000, 4
FACE = 500_00
"""So many redemptions of one fen fit into a voucher that nobody ever finds it empty."""

REDEEM = """
\\set n random(1, {holds})
\\set key random(1, 9000000000000000000)
BEGIN;
SELECT h.id AS hold, h.provider_id AS provider, c.id AS commitment, c.pilot_id AS pilot, c.seq + 1 AS seq,
  encode(c.chain, 'hex') AS chain, e.id AS replay FROM bench_hold b JOIN hold h ON h.id = b.hold_id
  JOIN commitment c ON c.id = h.commitment_id
  LEFT JOIN entry e ON e.idem_scope = 'bench' AND e.idem_key = :key::text
  WHERE b.n = :n::int FOR UPDATE OF c, h \\gset
INSERT INTO entry (pilot_id, commitment_id, seq, kind, src, dst, amount, hold_id, provider_id, idem_scope, idem_key,
    req_hash, person_id, assignment_id, day, at, prev_hash, hash)
  SELECT :pilot::uuid, :commitment::uuid, :seq::bigint, 'redeem', 'reserved', 'payable', 1, :hold::uuid,
    :provider::uuid, 'bench', :key::text, sha256(:key::text::bytea), '{nobody}', '{nobody}', '{day}', now(), x.chain,
    sha256(x.chain || :key::text::bytea) FROM (SELECT decode(:chain, 'hex') AS chain) x;
INSERT INTO outbox (message_id, topic, payload, created_at, next_try_at, attempts)
  VALUES (gen_random_uuid(), 'bench', '{{}}', now(), now(), 0);
COMMIT;
"""
ISSUE = """
\\set line random(1, {lines})
\\set start random(1, {buckets})
\\set key random(1, 9000000000000000000)
BEGIN;
SELECT l.id AS line, l.fund_id AS fund, l.pilot_id AS pilot, coalesce(free.k, -1) AS k, coalesce(free.seq, 0) + 1 AS bseq
  FROM bench_line b JOIN budget_line l ON l.id = b.line_id LEFT JOIN LATERAL (
    SELECT k, seq FROM line_bucket WHERE line_id = l.id AND available >= 1 ORDER BY (k + :start::int) % {buckets} LIMIT 1
    FOR UPDATE SKIP LOCKED) free ON true WHERE b.n = {which} \\gset
\\if :k < 0
SELECT k, seq + 1 AS bseq FROM line_bucket WHERE line_id = :line::uuid AND available >= 1
  ORDER BY (k + :start::int) % {buckets} LIMIT 1 FOR UPDATE \\gset
\\endif
SELECT gen_random_uuid() AS batch, gen_random_uuid() AS made \\gset
INSERT INTO issue_batch (id, created_at, line_id, idem_scope, idem_key, req_hash, n, total)
  VALUES (:batch::uuid, now(), :line::uuid, 'bench', :key::text, sha256(:key::text::bytea), 1, 1);
INSERT INTO fund_entry (pilot_id, fund_id, kind, line_id, k, bseq, issue_batch_id, amount, person_id, assignment_id, day, at)
  VALUES (:pilot::uuid, :fund::uuid, 'issue', :line::uuid, :k::bigint, :bseq::bigint, :batch::uuid, 1, '{nobody}', '{nobody}',
    '{day}', now());
INSERT INTO commitment (id, kind, line_id, issue_batch_id, pilot_id, city, currency, face, last_day, chain)
  VALUES (:made::uuid, 'voucher', :line::uuid, :batch::uuid, :pilot::uuid, '{city}', 'CNY', 1, '{last}',
    sha256(:made::text::bytea));
INSERT INTO voucher (commitment_id, line_id, pilot_id, city, number, enterprise_id, award_no, issued_at)
  VALUES (:made::uuid, :line::uuid, :pilot::uuid, '{city}', :made::text, gen_random_uuid(), 1, now());
INSERT INTO entry (pilot_id, commitment_id, seq, kind, src, dst, amount, person_id, assignment_id, day, at, prev_hash, hash)
  VALUES (:pilot::uuid, :made::uuid, 1, 'issue', 'line', 'available', 1, '{nobody}', '{nobody}', '{day}', now(),
    sha256(:made::text::bytea), sha256(:key::text::bytea));
COMMIT;
"""
_RATE = re.compile(r"tps = ([\d.]+)")
_FAILED = re.compile(r"number of failed transactions: (\d+)")
NOBODY = str(uuid.UUID(int=0))


@dataclass(frozen=True)
class Prepared:
    """What the scripts are filled in with."""

    day: str
    last: str
    city: str


def measure(ground: Ground, cluster: Cluster, database: str, rounds: int) -> list[Figure]:
    """The figures of the ledger's statements on one server."""
    prepared = apart(_prepare, ground)
    url = cluster.socket_url(database).replace("+psycopg", "")
    _run(cluster, url, "-i", "-q", "-s", str(SCALE))
    buckets = ledger.BUCKETS["postgresql"]
    said = {"holds": HOLDS, "lines": CLIENTS, "buckets": buckets, "nobody": NOBODY, **vars(prepared)}
    with tempfile.TemporaryDirectory() as folder:
        scripts = {
            "redeem": REDEEM.format(**said),
            "hot": ISSUE.format(which="1", **said),
            "cold": ISSUE.format(which=":line::int + 1", **said),
        }
        files = {name: Path(folder) / f"{name}.sql" for name in scripts}
        for name, words in scripts.items():
            files[name].write_text(words, encoding="utf-8")
        found: dict[str, list[float]] = {name: [] for name in ("tpcb", *scripts)}
        for _ in range(rounds):
            for name in found:
                script = ["-b", "tpcb-like"] if name == "tpcb" else ["-f", str(files[name])]
                found[name].append(_rate(cluster, url, *script))
    rate = {name: statistics.median(values) for name, values in found.items()}
    return [
        Figure(f"pgbench TPC-B, scale {SCALE}, {CLIENTS} clients", f"{rate['tpcb']:,.0f}/s"),
        Figure("redemption, 3 statements + BEGIN/COMMIT", f"{rate['redeem']:,.0f}/s", "every guard on"),
        Figure(
            "redemption / TPC-B",
            f"{rate['redeem'] / rate['tpcb']:.2f}",
            "at least 0.50",
            rate["redeem"] >= 0.50 * rate["tpcb"],
        ),
        Figure(f"issue from {CLIENTS} lines, one voucher a time", f"{rate['cold']:,.0f}/s"),
        Figure("issue from one line that all want", f"{rate['hot']:,.0f}/s"),
        Figure("hot / cold", f"{rate['hot'] / rate['cold']:.2f}", "at least 0.80", rate["hot"] >= 0.80 * rate["cold"]),
    ]


def _rate(cluster: Cluster, url: str, *script: str) -> float:
    said = _run(cluster, url, "-n", "-c", str(CLIENTS), "-j", "2", "-T", str(SECONDS), "-M", "prepared", *script)
    failed = _FAILED.search(said)
    if failed is not None and int(failed[1]):
        raise RuntimeError(f"{failed[1]} transactions failed: {said[-300:]}")
    found = _RATE.search(said)
    if found is None:
        raise RuntimeError(said[-300:])
    return float(found[1])


def _run(cluster: Cluster, url: str, *words: str) -> str:
    done = subprocess.run([cluster.binaries / "pgbench", *words, url], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-400:])
    return done.stdout


def _prepare(ground: Ground) -> Prepared:
    """Vouchers with a pending hold each, a line of its own for each client, and tables that number both."""
    desk = Desk(ground.place)
    line, version = desk.act(
        lambda ctx: (funds.lines(ctx, ground.pilot_id)[0].line, ctx.session.get_one(SchemeVersion, ground.version_id))
    )
    items = [issue.VoucherItem(FACE, version.use_by, uuid.uuid4(), version.id, award_no=7) for _ in range(HOLDS)]
    made = desk.act(lambda ctx: issue.issue(ctx, line.id, items, "bench:plain"), None).commitment_ids
    held = desk.act(lambda ctx: [_hold(ctx, ground, one, version.use_by) for one in made])
    lines = [line.id, *(desk.act(lambda ctx, n=n: _line(ctx, ground, n, line)) for n in range(CLIENTS))]
    desk.act(lambda ctx: _number(ctx, "bench_hold", "hold_id", held))
    desk.act(lambda ctx: _number(ctx, "bench_line", "line_id", lines))
    today = desk.act(lambda ctx: ctx.today)
    return Prepared(today.isoformat(), version.use_by.isoformat(), ground.city)


def _hold(ctx: Context, ground: Ground, voucher: uuid.UUID, last_day: Any) -> uuid.UUID:
    posted = holds.reserve(ctx, voucher, uuid.uuid4(), ground.provider_id, FACE, last_day, str(voucher))
    assert posted.hold_id is not None
    return posted.hold_id


def _line(ctx: Context, ground: Ground, n: int, like: Any) -> uuid.UUID:
    fund = ledger.open_fund(ctx, ground.pilot_id, f"bench {n}", None, city=ground.city)
    ledger.book_award(ctx, fund.id, 10_000_00, f"bench:award:{n}")
    line = ledger.open_line(ctx, fund.id, "zz", "renovation", like.opens_on, like.closes_on)  # after the town's own
    ledger.allot(ctx, line.id, 10_000_00, f"bench:allot:{n}")
    return line.id


def _number(ctx: Context, table: str, column: str, ids: list[uuid.UUID]) -> None:
    connection = ctx.session.connection()
    connection.exec_driver_sql(f"CREATE TABLE {table} (n int PRIMARY KEY, {column} uuid NOT NULL)")
    connection.exec_driver_sql(
        f"INSERT INTO {table} SELECT place, id FROM unnest(%s::uuid[]) WITH ORDINALITY AS x(id, place)",
        (ids,),
    )
