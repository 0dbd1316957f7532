"""Jobs and how they went."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from marketplace.base.clock import midnight
from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.base.house import JOBS, House, Job
from marketplace.base.paging import Key, Page, fetch
from marketplace.record.jobs.models import JobRun, Outcome
from marketplace.record.jobs.permissions import READ


def find(house: House, name: str) -> Job:
    """The job of a name, or NotFound."""
    for job in house.all(JOBS):
        if job.name == name:
            return job
    raise NotFound("job")


def overview(ctx: Context) -> list[tuple[Job, JobRun | None]]:
    """Every job with its last kept run."""
    ctx.require(READ)
    last = select(func.max(JobRun.id)).group_by(JobRun.name)
    runs = {run.name: run for run in ctx.session.scalars(select(JobRun).where(JobRun.id.in_(last)))}
    return [(job, runs.get(job.name)) for job in sorted(ctx.house.all(JOBS), key=lambda job: job.name)]


def runs(
    ctx: Context,
    name: str,
    *,
    outcome: Outcome | None = None,
    since: date | None = None,
    until: date | None = None,
    order: Sequence[Key] = (Key(JobRun.id, descending=True),),
    limit: int = 50,
    cursor: str | None = None,
) -> Page[JobRun]:
    """Kept runs of one job that began between two days, newest first."""
    ctx.require(READ)
    find(ctx.house, name)
    statement = select(JobRun).where(JobRun.name == name)
    if outcome is not None:
        statement = statement.where(JobRun.outcome == outcome)
    if since is not None:
        statement = statement.where(JobRun.started_at >= midnight(since))
    if until is not None:
        statement = statement.where(JobRun.started_at < midnight(until + timedelta(days=1)))
    return fetch(ctx.session, statement, order, cursor=cursor, limit=limit)


def last_done(ctx: Context) -> dict[str, datetime]:
    """When each job last finished well."""
    rows = ctx.session.execute(
        select(JobRun.name, func.max(JobRun.finished_at)).where(JobRun.outcome == Outcome.DONE).group_by(JobRun.name)
    )
    return {name: moment for name, moment in rows}
