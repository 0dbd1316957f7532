"""What one redemption through HTTP says to PostgreSQL: counted at the driver, and again in the server's own log."""

from __future__ import annotations

import re
import uuid
from pathlib import Path

import psycopg
from flask.testing import FlaskClient
from sqlalchemy import event

from marketplace.web.db import db
from tests.bench.figures import Figure
from tests.bench.ground import Ground, apart
from tests.bench.orders import Waiting, deliver
from tests.support.postgres import Cluster

WARM = 3
_LOGGED = re.compile(r"LOG:  (?:statement|execute [^:]*): (.*)")
_FRAME = re.compile(r"BEGIN|COMMIT|ROLLBACK", re.I)


def measure(ground: Ground, cluster: Cluster, database: str) -> list[Figure]:
    """Statements per redemption, without and with what frames the transactions."""
    with psycopg.connect(cluster.socket_url(database).replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE \"{database}\" SET log_statement = 'all'")
        at_driver, in_log = apart(_count, ground, cluster.log)
        connection.execute(f'ALTER DATABASE "{database}" RESET log_statement')
    frames = [said for said in in_log if _FRAME.match(said)]
    others = len(in_log) - len(frames)
    return [
        Figure(
            "statements of a redemption, at the driver",
            str(len(at_driver)),
            "at most 10, BEGIN and COMMIT aside",
            len(at_driver) <= 10,
        ),
        Figure(
            "the same in PostgreSQL's log",
            f"{others} + {len(frames)}",
            f"{', '.join(frames)}; {others - len(at_driver)} more than at the driver",
        ),
    ]


def _count(ground: Ground, log: Path) -> tuple[list[str], list[str]]:
    """The statements of the last of a few redemptions, when pool and caches are warm."""
    app = ground.place.application()
    client = app.test_client()
    said: list[str] = []
    found = deliver(ground, WARM + 1)
    for waiting in found[:-1]:
        _confirm(client, ground, waiting)
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda _c, _k, statement, *_: said.append(statement))
    start = log.stat().st_size
    _confirm(client, ground, found[-1])
    return said, _LOGGED.findall(log.read_bytes()[start:].decode(errors="replace"))


def _confirm(client: FlaskClient, ground: Ground, waiting: Waiting) -> None:
    headers = {"Authorization": f"Bearer {ground.enterprise_token}", "Idempotency-Key": str(uuid.uuid4())}
    answer = client.post(f"/api/v1/orders/{waiting.order_id}/confirmation", headers=headers)
    assert answer.status_code == 200, answer.get_json()
