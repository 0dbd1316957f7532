"""The demo on PostgreSQL: it is built, its books are sound, and each kind of page answers every role."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from marketplace import demo
from tests.support.city import ROLES, City


@pytest.mark.postgres
@pytest.mark.slow
def test_the_demo_and_its_pages_stand_on_postgresql(tmp_path: Path, postgres_database: str) -> None:
    with closing(City(tmp_path, bounds=(1, 1), database_url=postgres_database)) as city:
        demo.prove(city.app)
        broken = [str(fault) for role in ROLES for fault in city.walk(role).broken]
    assert not broken, "\n".join(broken)
