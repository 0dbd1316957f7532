"""``marketplace demo``: a made-up city with a year of life, made by the real actions under a moving clock."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import click
from sqlalchemy import func, select

from marketplace.app import create_app
from marketplace.base import acts
from marketplace.base.clock import SetClock, day_of
from marketplace.base.house import JOBS
from marketplace.base.roles import Role
from marketplace.base.stage import SCENES, Stage
from marketplace.config import Settings, SettingsError
from marketplace.people.accounts.models import Assignment, Person
from marketplace.people.organisations.models import Organisation
from marketplace.record.audit import actions as audit
from marketplace.record.audit.models import AuditRow
from marketplace.record.jobs.models import Outcome
from marketplace.record.jobs.runner import Runner
from marketplace.web.db import db

PASSWORD = "huanying-2026"
MARK = "demo.made"
OFFICE_ROUND = timedelta(days=10)
"""How often the story lets the scheduler work."""
TWICE = {Role.FINANCE, Role.PROVINCE}
"""Roles in which one person may not finish what the same person began."""


@click.command()
def demo() -> None:
    """Fill an empty database with a made-up city and a year of its life. Done again it changes nothing."""
    try:
        settings = Settings.load()
    except SettingsError as fault:
        raise click.ClickException(str(fault)) from None
    if settings.production:
        click.echo("the demo refuses production settings (MARKETPLACE_ENVIRONMENT=production)", err=True)
        sys.exit(2)
    started = time.perf_counter()
    clock = SetClock(datetime.now(UTC))
    app = create_app(settings, clock)
    with app.app_context():
        state = _state()
    if state == "foreign":
        click.echo("the demo refuses a database that already holds data", err=True)
        sys.exit(2)
    if state == "empty":
        with app.app_context():
            build(app, clock)
        click.echo(f"the made-up city was built in {time.perf_counter() - started:.1f} s")
        prove(app)
    for line in sign_ins(app):
        click.echo(line)


def _state() -> str:
    """Whether the database is empty, holds the demo, or holds something else."""
    session = db.session()
    marked = session.scalar(select(func.count()).select_from(AuditRow).where(AuditRow.verb == MARK))
    if marked:
        return "demo"
    return "foreign" if session.scalar(select(func.count()).select_from(Person)) else "empty"


def build(app: Any, clock: SetClock, today: datetime | None = None) -> Stage:
    """Play every chapter's scenes, sorted by their dates; ends at the clock's present."""
    end = today or clock.moment
    house = app.extensions["house"]

    def run(verb: Callable[[Any], Any], actor: Any) -> Any:
        return acts.run(db.session(), house, verb, actor=actor, system=actor is None)

    stage = Stage(clock=clock, today=day_of(end), run=run)
    stage.props["password"] = PASSWORD
    scenes = sorted(house.all(SCENES), key=lambda scene: (-scene.before, scene.hour))
    clock.set(end - timedelta(days=max((s.before for s in scenes), default=0) + 1))
    worked = clock.moment
    for scene in scenes:
        stage.go_to(stage.day(scene.before), scene.hour)
        if clock.moment - worked >= OFFICE_ROUND:
            work(app)
            worked = clock.moment
        scene.play(stage)
    clock.set(max(end - Stage.STEP, clock.moment))
    stage.act(lambda ctx: audit.record(ctx, MARK, ("demo", "city"), scenes=len(scenes)))
    work(app)
    return stage


def work(app: Any) -> None:
    """What the scheduler would have done meanwhile: every job once."""
    house = app.extensions["house"]
    runner = Runner(db.engine, house)
    for job in house.all(JOBS):
        done = runner.run(job)
        if done.outcome is Outcome.FAILED:
            raise click.ClickException(f"the job {job.name} failed: {done.account}")


def prove(app: Any) -> None:
    """Verify ledger and audit with the commands that anybody has; exit code 1 when either does not hold."""
    for group, name in (("vouchers.ledger.commands", "ledger"), ("marketplace.record.audit.commands", "audit")):
        click.echo(f"marketplace {name} verify")
        try:
            getattr(import_module(group), name).commands["verify"].main(args=[], obj=_Made(app), standalone_mode=False)
        except SystemExit as done:
            if done.code:
                raise


class _Made:
    """The application that is already there, as the commands ask for it."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def app(self) -> Any:
        return self._app


def sign_ins(app: Any) -> list[str]:
    """One line per role: who to sign in as, and with what; roles that check each other get two."""
    with app.app_context():
        rows = db.session.execute(
            select(Assignment.role, Person.phone, Person.name, Organisation.name)
            .join(Person, Person.id == Assignment.person_id)
            .outerjoin(Organisation, Organisation.id == Assignment.organisation_id)
            .order_by(Assignment.created_at, Assignment.id)
        ).all()
    shown: dict[Role, list[str]] = {role: [] for role in Role}
    for role, phone, name, organisation in rows:
        if len(shown[role]) < (2 if role in TWICE else 1):
            shown[role].append(f"  {role.value:<11} {phone}  {name} {organisation or ''}".rstrip())
    return [f"password of everyone below: {PASSWORD}", *(line for lines in shown.values() for line in lines)]
