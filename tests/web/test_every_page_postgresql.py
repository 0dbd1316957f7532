"""The demo on PostgreSQL: it is built, its books are sound, each kind of page answers every role, and all of it goes
into a backup and comes back."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from marketplace import backup, demo, schema
from marketplace.web.db import db
from tests.support.city import ROLES, City
from tests.support.copies import installation, tables
from tests.support.postgres import Cluster


@pytest.mark.postgres
@pytest.mark.slow
def test_the_demo_and_its_pages_stand_on_postgresql(tmp_path: Path, postgres: Cluster, postgres_database: str) -> None:
    with closing(City(tmp_path, bounds=(1, 1), database_url=postgres_database)) as city:
        demo.prove(city.app)
        broken = [str(fault) for role in ROLES for fault in city.walk(role).broken]
        assert not broken, "\n".join(broken)
        _comes_back(city, tmp_path, postgres)


def _comes_back(city: City, folder: Path, postgres: Cluster) -> None:
    """Into a second database: every row of every table, references, guards and sequences as they were."""
    backup.save(city.app, folder / "city.zip")
    name = "restored"
    address = postgres.create_database(name)
    try:
        with installation(folder / "new", database_url=address) as app:
            backup.load(app, folder / "city.zip")
            assert tables(app) == tables(city.app)
            demo.prove(app)
            with app.app_context(), db.engine.connect() as connection:
                assert schema.drift(connection) == []
                last = "SELECT sequencename, last_value FROM pg_sequences ORDER BY 1"
                restored = connection.execute(text(last)).all()
            with city.app.app_context(), db.engine.connect() as connection:
                assert restored == connection.execute(text(last)).all()
            with pytest.raises(backup.Occupied):
                backup.load(app, folder / "city.zip")
    finally:
        postgres.drop_database(name)
