"""Several at the same moment, each in a session of its own: what a race test on PostgreSQL starts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from marketplace.base import acts
from marketplace.base.actor import Actor
from marketplace.base.errors import Refusal
from marketplace.web.db import db

RACERS = 16


@pytest.fixture
def platform(postgres_app: Flask) -> Flask:
    """An empty platform on PostgreSQL, with a connection for every racer."""
    return postgres_app


def race(
    app: Flask,
    verbs: list[Callable[[Any], Any]],
    actors: list[Actor | None] | None = None,
    *,
    meet: type | None = None,
) -> list[Any]:
    """Start every verb at the same moment; gives their answers, and the codes of refusals. A fault is raised here.

    With `meet` they wait for each other once more before the first row of that kind is written: all have asked, and
    none has seen another's row.
    """
    barrier, door = threading.Barrier(len(verbs)), threading.Barrier(len(verbs))
    got: list[Any] = [None] * len(verbs)
    faults: list[Exception] = []
    house = app.extensions["house"]
    with app.app_context():
        engine = db.engine

    def run(place: int) -> None:
        actor = actors[place] if actors else None
        barrier.wait()
        try:
            with Session(engine, expire_on_commit=False) as session:
                if meet is not None:
                    _wait_before(session, meet, door)
                got[place] = acts.run(session, house, verbs[place], actor=actor, system=actor is None)
        except Refusal as refusal:
            got[place] = refusal.code
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(verbs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return got


def _wait_before(session: Session, kind: type, door: threading.Barrier) -> None:
    met: list[bool] = []

    @event.listens_for(session, "before_flush")
    def _flush(session: Session, context: Any, instances: Any) -> None:
        if not met and any(isinstance(row, kind) for row in session.new):
            met.append(True)
            door.wait(20)
