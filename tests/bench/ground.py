"""What the benchmarks stand on: a database with a town, a scheme and a product, and work done in processes apart.

Every measured part runs in a process of its own, so that one application's caches and memory never help another.
"""

from __future__ import annotations

import multiprocessing
import uuid
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from marketplace import schema
from marketplace.app import create_app, furnish
from marketplace.base import acts
from marketplace.base.actor import Actor
from marketplace.base.clock import day_of
from marketplace.base.errors import Refusal
from marketplace.base.house import House
from marketplace.config import Settings
from marketplace.people.accounts import loaders, signing
from marketplace.web.db import db, engine_options, prepare
from tests.support.purse import Purse, fill_purse, list_software

T = TypeVar("T")
ALLOTTED = 7_000_000_00
SEAL_KEY = "11" * 32


@dataclass(frozen=True)
class Place:
    """A database and the folder of documents beside it."""

    url: str
    folder: Path

    @property
    def database(self) -> str:
        """The database's name, for the table of figures."""
        return "PostgreSQL" if self.url.startswith("postgresql") else "SQLite"

    @property
    def environment(self) -> dict[str, str]:
        """The same as settings of a process."""
        return {
            "MARKETPLACE_ENVIRONMENT": "development",
            "MARKETPLACE_DATA_DIR": str(self.folder),
            "MARKETPLACE_DATABASE_URL": self.url,
            "MARKETPLACE_SECRET_KEY": "bench" * 8,
            "MARKETPLACE_SEAL_KEY": SEAL_KEY,
        }

    def settings(self) -> Settings:
        return Settings.load(self.environment)

    def application(self) -> Flask:
        return create_app(self.settings())


@dataclass(frozen=True)
class Ground:
    """A place with a town in it: tokens of who acts, and what they act on."""

    place: Place
    enterprise_token: str
    office_token: str
    enterprise_id: uuid.UUID
    provider_id: uuid.UUID
    pilot_id: uuid.UUID
    programme_id: uuid.UUID
    version_id: uuid.UUID
    listing_id: uuid.UUID
    edition_id: uuid.UUID
    city: str
    county: str


def apart(work: Callable[..., T], *arguments: Any, seconds: float = 120) -> T:
    """Do some work in a fresh process; raises what it raised, or TimeoutError after so many seconds."""
    pool = lonely()
    try:
        return pool.submit(_told, work, *arguments).result(timeout=seconds)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _told(work: Callable[..., T], *arguments: Any) -> T:
    """A refusal cannot travel between processes; its words can."""
    try:
        return work(*arguments)
    except Refusal as refusal:
        raise RuntimeError(f"{refusal.code}: {refusal.text}") from None


def lonely() -> ProcessPoolExecutor:
    """One process that loads everything anew."""
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))


def lay(place: Place) -> Ground:
    """Migrate a database and fill it with a town whose pilot has 7,000,000.00 yuan for renovation."""
    app = place.application()
    with app.app_context():
        schema.upgrade()
        acts.run(db.session(), app.extensions["house"], schema.load_reference, system=True)
    purse = fill_purse(app, day_of(datetime.now(UTC)), allotted_fen=ALLOTTED)
    town, listing = purse.town, list_software(purse)
    assert town.enterprise.organisation_id and town.provider.organisation_id
    return Ground(
        place=place,
        enterprise_token=_token(purse, town.enterprise, "order.confirm"),
        office_token=_token(purse, town.office, "voucher.issue", "scheme.read"),
        enterprise_id=town.enterprise.organisation_id,
        provider_id=town.provider.organisation_id,
        pilot_id=town.pilot.id,
        programme_id=town.pilot.programme_id,
        version_id=purse.version_id,
        listing_id=listing.id,
        edition_id=listing.edition_id,
        city=town.pilot.city,
        county=town.pilot.region,
    )


def _token(purse: Purse, actor: Actor, *scopes: str) -> str:
    made: tuple[Any, str] = purse.act(lambda ctx: signing.make_token(ctx, "bench", scopes, 30), actor)
    return made[1]


class Desk:
    """Acts without the web: an engine, a house, and a session of its own for each act."""

    def __init__(self, place: Place) -> None:
        self.engine: Engine = prepare(create_engine(place.url, **engine_options(place.url)))
        self.house: House = furnish(place.settings())
        self.token = ""

    def act(self, verb: Callable[[Any], T], actor: Actor | None = None) -> T:
        with Session(self.engine, expire_on_commit=False) as session:
            return acts.run(session, self.house, verb, actor=actor, system=actor is None)

    def actor(self, token: str) -> Actor:
        """Who a token lets act, found as the server finds it."""
        with Session(self.engine) as session:
            found = loaders.by_token(session, datetime.now(UTC), token)
        assert found is not None
        return found
