"""What only looked ends with COMMIT, so that PostgreSQL's prepared statements live on; everything else is rolled back."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from marketplace.base import acts
from marketplace.base.clock import SetClock
from marketplace.base.house import House
from marketplace.people.regions.models import Region
from marketplace.web.db import db, engine_options, prepare
from tests.support.postgres import Cluster

CITY = "360900"


def name_of(session: Session) -> str:
    return session.get_one(Region, CITY).name


def test_what_was_looked_at_is_read_afresh(app: Flask) -> None:
    with app.app_context():
        session = db.session()
        before = name_of(session)
        with db.engine.connect() as other:
            other.execute(text("UPDATE region SET name = '改名市' WHERE code = :code"), {"code": CITY})
            other.commit()
        assert name_of(session) == before  # this look is over when the session is told so
        acts.end_looking(session)
        assert name_of(session) == "改名市"


def test_what_was_touched_while_looking_is_never_written(app: Flask) -> None:
    with app.app_context():
        session = db.session()
        before = name_of(session)
        session.get_one(Region, CITY).name = "偷改市"
        acts.end_looking(session)
        assert name_of(session) == before


def test_an_act_that_stands_open_is_rolled_back(app: Flask) -> None:
    with app.app_context():
        session = db.session()
        before = name_of(session)
        session.rollback()
        session.connection(execution_options={"marketplace_write": True})
        session.execute(text("UPDATE region SET name = '半途市' WHERE code = :code"), {"code": CITY})
        acts.end_looking(session)
        assert name_of(session) == before


def test_a_request_that_only_looked_leaves_nothing_behind(app: Flask) -> None:
    with app.app_context():
        session = db.session()
        session.get_one(Region, CITY).name = "偷改市"
    with app.app_context():
        assert name_of(db.session()) != "偷改市"


def test_an_act_inside_another_is_refused_at_once(app: Flask) -> None:
    """On SQLite it would wait for its own thread; the next act of the thread runs again."""
    with app.app_context():
        house, session = app.extensions["house"], db.session()

        def outer(_ctx: Any) -> None:
            with Session(db.engine) as second:
                acts.run(second, house, lambda _own: None, system=True)

        with pytest.raises(RuntimeError, match="inside another"):
            acts.run(session, house, outer, system=True)
        assert acts.run(session, house, lambda _ctx: "done", system=True) == "done"


@pytest.mark.postgres
def test_statements_stay_prepared_between_acts(postgres: Cluster, postgres_database: str, clock: SetClock) -> None:
    engine = create_engine(postgres_database, **engine_options(postgres_database))
    house = House(None, clock)

    def verb(ctx: Any) -> int:
        ctx.session.execute(text("SELECT :one + 1"), {"one": 1})
        held: int = ctx.session.scalar(text("SELECT count(*) FROM pg_prepared_statements"))
        return held

    with Session(engine) as session:
        for _ in range(8):
            session.execute(text("SELECT 1"))  # who is at the door is looked up before every act
            held = acts.run(session, house, verb, system=True)
    engine.dispose()
    assert held > 0


@pytest.mark.postgres
def test_an_act_stands_in_the_transaction_of_the_look_before_it(
    postgres: Cluster, postgres_database: str, clock: SetClock
) -> None:
    engine = prepare(create_engine(postgres_database, **engine_options(postgres_database)))
    house = House(None, clock)
    began = text("SELECT transaction_timestamp()")
    with Session(engine) as session, engine.connect() as other:
        other.execute(text("CREATE TABLE seen (word text)"))
        other.execute(text("INSERT INTO seen VALUES ('before')"))
        other.commit()
        looked = session.scalar(began)
        session.execute(text("SELECT word FROM seen"))
        other.execute(text("UPDATE seen SET word = 'after'"))
        other.commit()
        acted, word = acts.run(
            session,
            house,
            lambda ctx: (ctx.session.scalar(began), ctx.session.scalar(text("SELECT word FROM seen"))),
            system=True,
        )
        assert acted == looked
        assert word == "after"  # and yet it sees what a rival did meanwhile
        assert not session.in_transaction()
        assert session.scalar(began) != looked
    engine.dispose()


@pytest.mark.postgres
def test_an_act_does_not_stand_in_a_look_that_failed(
    postgres: Cluster, postgres_database: str, clock: SetClock
) -> None:
    engine = prepare(create_engine(postgres_database, **engine_options(postgres_database)))
    with Session(engine) as session:
        with pytest.raises(ProgrammingError):
            session.execute(text("SELECT nothing FROM nowhere"))
        assert acts.run(session, House(None, clock), lambda ctx: ctx.session.scalar(text("SELECT 7")), system=True) == 7
    engine.dispose()


@pytest.mark.postgres
def test_a_connection_lost_at_rest_is_replaced(
    postgres: Cluster, postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marketplace.web.db.REST", 0.0)
    engine = prepare(create_engine(postgres_database, **engine_options(postgres_database)))
    with engine.connect() as mine, engine.connect() as other:
        pid = mine.scalar(text("SELECT pg_backend_pid()"))
        mine.close()
        other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        other.commit()
        with engine.connect() as again:
            assert again.scalar(text("SELECT pg_backend_pid()")) != pid
    engine.dispose()


@pytest.mark.postgres
def test_a_lost_connection_hinders_no_act(postgres: Cluster, postgres_database: str, clock: SetClock) -> None:
    engine = create_engine(postgres_database, **engine_options(postgres_database))
    with Session(engine) as session, engine.connect() as other:
        mine = session.scalar(text("SELECT pg_backend_pid()"))
        other.execute(text("SELECT pg_terminate_backend(:mine)"), {"mine": mine})
        other.commit()
        assert acts.run(session, House(None, clock), lambda ctx: ctx.session.scalar(text("SELECT 7")), system=True) == 7
    engine.dispose()
