"""Running one job: its act, and the log of it in a transaction of its own, so that a failure is logged as well."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from marketplace.base import acts
from marketplace.base.context import Actor, Context
from marketplace.base.house import House, Job
from marketplace.base.ids import new_id
from marketplace.record.audit import actions as audit
from marketplace.record.jobs.models import JobRun, Outcome

T = TypeVar("T")
log = structlog.get_logger(__name__)
FREQUENT = 600
"""Jobs with a shorter interval, in seconds, are logged when they did something, and once an hour when they did not."""
_QUIET = timedelta(hours=1)
_SAME_FAULT = timedelta(minutes=1)


class Runner:
    """Runs jobs on an engine; several threads may share it."""

    def __init__(self, engine: Engine, house: House):
        self.engine = engine
        self.house = house
        self._told: dict[str, tuple[datetime, str]] = {}
        self._lock = threading.Lock()

    def run(self, job: Job, *, by: Actor | None = None, by_hand: bool = False) -> JobRun:
        """One run. Never raises for what the job does wrong: the outcome says it."""
        request_id = str(new_id())
        act = self._act(request_id)
        started = act(lambda ctx: ctx.now)
        try:
            account = (job.run(act) if job.outside else act(job.run)) or ""
            outcome = Outcome.DONE
        except Exception as fault:
            log.exception("job failed", job=job.name, request_id=request_id)
            account, outcome = _words(fault), Outcome.FAILED
        row = JobRun(
            name=job.name,
            started_at=started,
            outcome=outcome,
            account=account,
            person_id=by.person_id if by else None,
        )
        if by_hand or self._worth_telling(job, row):
            act(lambda ctx: self._keep(ctx, row, by_hand), by)
        return row

    def _act(self, request_id: str) -> Callable[..., Any]:
        def act(verb: Callable[[Context], T], actor: Actor | None = None) -> T:
            with Session(self.engine, expire_on_commit=False) as session:
                return acts.run(session, self.house, verb, actor=actor, request_id=request_id, system=actor is None)

        return act

    def _keep(self, ctx: Context, row: JobRun, by_hand: bool) -> None:
        kept = JobRun(
            name=row.name,
            started_at=row.started_at,
            finished_at=ctx.now,
            outcome=row.outcome,
            account=row.account,
            person_id=row.person_id,
        )
        ctx.session.add(kept)
        ctx.session.flush()
        row.id, row.finished_at = kept.id, kept.finished_at
        if by_hand:
            audit.record(ctx, "job.run", ("job", row.name), outcome=row.outcome)

    def _worth_telling(self, job: Job, row: JobRun) -> bool:
        """Whether a run is kept: not the idle ones of a frequent job, nor the same fault every few seconds."""
        if job.every is None or job.every >= FREQUENT:
            return True
        with self._lock:
            last = self._told.get(job.name)
            pause = _QUIET if row.outcome is Outcome.DONE else _SAME_FAULT
            repeated = last is not None and last[1] == row.account and row.started_at - last[0] < pause
            if repeated or (last is None and row.outcome is Outcome.DONE and not row.account):
                self._told.setdefault(job.name, (row.started_at, row.account))
                return row.outcome is Outcome.DONE and bool(row.account)
            self._told[job.name] = (row.started_at, row.account)
            return True


def _words(fault: Exception) -> str:
    """The fault in one line; the whole of it is in the log."""
    lines = str(fault).splitlines()
    return f"{type(fault).__name__}: {lines[0][:300]}" if lines else type(fault).__name__
