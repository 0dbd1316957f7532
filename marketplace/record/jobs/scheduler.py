"""Scheduled work in one elected process: others wait until it ends.

Two schedulers on one store would do everything twice. So one is elected by the database itself: PostgreSQL lends an
advisory lock to a connection and takes it back when that dies; beside an SQLite file lies a lock file that the
operating system frees when its holder ends.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, Protocol

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from marketplace.base import acts
from marketplace.base.clock import SHANGHAI
from marketplace.base.house import JOBS, House, Job
from marketplace.record.jobs import queries
from marketplace.record.jobs.runner import Runner

log = structlog.get_logger(__name__)
logging.getLogger("apscheduler").setLevel(logging.WARNING)  # two lines for every run, every few seconds
LOCK = 0x5C4ED
THREADS = 4
RENEW = 2.0
"""Seconds between two looks at whether the office is still held, and between two candidatures."""


class Office(Protocol):
    """The right to schedule, which one process holds at a time."""

    def take(self) -> bool:
        """Try to take it; says whether it is held."""

    def held(self) -> bool:
        """Whether it is still held."""

    def leave(self) -> None:
        """Give it back."""


class AdvisoryLock:
    """PostgreSQL: the lock belongs to one connection, and dies with it."""

    def __init__(self, engine: Engine):
        self.engine = engine
        self._connection: Connection | None = None

    def take(self) -> bool:
        try:
            connection = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        except DBAPIError:
            return False
        # Not back to the pool: closing it must end the server's session, and the lock with it.
        connection.detach()
        if connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": LOCK}).scalar_one():
            self._connection = connection
            return True
        connection.close()
        return False

    def held(self) -> bool:
        if self._connection is None:
            return False
        try:
            self._connection.execute(text("SELECT 1"))
        except DBAPIError:
            return False
        return True

    def leave(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class LockFile:
    """SQLite: a file beside the database, locked by the operating system."""

    def __init__(self, path: Path):
        self.path = path
        self._descriptor: int | None = None

    def take(self) -> bool:
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def held(self) -> bool:
        return self._descriptor is not None

    def leave(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def office(engine: Engine) -> Office:
    """The office of a database."""
    if engine.dialect.name == "sqlite":
        return LockFile(Path(f"{engine.url.database}-scheduler"))
    return AdvisoryLock(engine)


class Scheduler:
    """Waits to be elected, then runs every registered job until it is told to stop or loses the office."""

    def __init__(self, app: Any):
        self.app = app
        self.house: House = app.extensions["house"]
        with app.app_context():
            self.engine: Engine = app.extensions["sqlalchemy"].engine
        self.runner = Runner(self.engine, self.house)
        self.office = office(self.engine)
        self.elected = threading.Event()

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set. A job that is running then is waited for."""
        while not stop.is_set():
            if not self.office.take():
                stop.wait(RENEW)
                continue
            try:
                self._hold_office(stop)
            finally:
                self.elected.clear()
                self.office.leave()

    def _hold_office(self, stop: threading.Event) -> None:
        log.info("scheduler elected", pid=os.getpid())
        plan = BackgroundScheduler(
            timezone=SHANGHAI,
            executors={"default": ThreadPoolExecutor(THREADS)},
            # Late is better than never, and once is enough, never two at a time.
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        for job in self.house.all(JOBS):
            plan.add_job(self._running(job), trigger(job), id=job.name)
        for job in self._missed():
            plan.add_job(self._running(job), id=f"{job.name} (missed)")
        plan.start()
        self.elected.set()
        try:
            while not stop.wait(RENEW):
                if not self.office.held():
                    log.warning("scheduler lost its office", pid=os.getpid())
                    break
        finally:
            plan.shutdown(wait=True)

    def _running(self, job: Job) -> Callable[[], None]:
        def run() -> None:
            try:
                with self.app.app_context():
                    self.runner.run(job)
            except Exception:
                # Even the log could not be written (no database): the next run tries again.
                log.exception("job run not logged", job=job.name)

        return run

    def _missed(self) -> list[Job]:
        """Daily jobs whose hour passed while nobody was in office."""
        with Session(self.engine) as session:
            ctx = acts.read(session, self.house)
            done = queries.last_done(ctx)
            now = ctx.now
        return [
            job
            for job in self.house.all(JOBS)
            if job.at and (job.name not in done or done[job.name] < last_due(job.at, now))
        ]


def trigger(job: Job) -> Any:
    """When a job runs, for the scheduler."""
    if job.at:
        hour, minute = job.at.split(":")
        return CronTrigger(hour=int(hour), minute=int(minute), timezone=SHANGHAI)
    if job.every:
        return IntervalTrigger(seconds=job.every, timezone=SHANGHAI)
    raise ValueError(f"job {job.name} says neither `every` nor `at`")


def last_due(at: str, now: datetime) -> datetime:
    """The last moment at which a daily job was due."""
    hour, minute = at.split(":")
    local = now.astimezone(SHANGHAI)
    due = datetime.combine(local.date(), time(int(hour), int(minute)), SHANGHAI)
    return due if due <= local else due - timedelta(days=1)
