"""`marketplace jobs list` and `jobs run NAME`: work by hand. Exit 1 when the run failed, 2 for no such job."""

from __future__ import annotations

import sys
from typing import Any

import click


@click.group()
def jobs() -> None:
    """Scheduled work."""


@jobs.command("list")
@click.pass_obj
def list_(installation: Any) -> None:
    """Name, schedule and last run of every job."""
    from marketplace.record.jobs import queries

    for job, last in installation.act(queries.overview):
        when = f"every {job.every} s" if job.every else f"at {job.at}"
        went = f"{last.outcome} {last.finished_at.isoformat(timespec='seconds')} {last.account}" if last else "never"
        click.echo(f"{job.name:32} {when:14} {went}")


@jobs.command("run")
@click.argument("name")
@click.pass_obj
def run(installation: Any, name: str) -> None:
    """Run one job now, and log it."""
    from marketplace.base.errors import NotFound
    from marketplace.record.jobs import queries
    from marketplace.record.jobs.models import Outcome
    from marketplace.record.jobs.runner import Runner

    app = installation.app()
    house = app.extensions["house"]
    try:
        job = queries.find(house, name)
    except NotFound:
        click.echo(f"no job is called {name}; `marketplace jobs list` names them", err=True)
        sys.exit(2)
    with app.app_context():
        done = Runner(app.extensions["sqlalchemy"].engine, house).run(job, by_hand=True)
    click.echo(f"{done.outcome}: {done.account or 'nothing to do'}")
    sys.exit(0 if done.outcome is Outcome.DONE else 1)
