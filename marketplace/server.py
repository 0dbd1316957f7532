"""Serving: granian for requests, one elected scheduler for jobs and the outbox."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import threading
from typing import Any

import click
from flask import Flask

from marketplace import schema
from marketplace.web.db import db


def check(app: Flask) -> None:
    """Refuse to serve a database that is not at the present schema."""
    with app.app_context():
        try:
            with db.engine.connect() as connection:
                at = schema.revision(connection)
        except Exception as fault:
            click.echo(f"the database cannot be reached: {type(fault).__name__}", err=True)
            sys.exit(2)
    if at != schema.head():
        click.echo(f"the database is at {at or 'nothing'}; run `marketplace db upgrade` first", err=True)
        sys.exit(2)


def serve(app: Flask, host: str, port: int, workers: int, *, jobs: bool) -> None:
    """Run until stopped. Granian's workers load the application anew; the scheduler is a process of its own."""
    from granian import Granian
    from granian.constants import Interfaces

    process = None
    if jobs:
        process = multiprocessing.get_context("spawn").Process(target=_worker, name="scheduler", daemon=True)
        process.start()
    with app.app_context():
        db.engine.dispose()
    click.echo(f"http://{host}:{port}")
    try:
        Granian(
            "marketplace.server:wsgi",
            factory=True,
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=4,
            log_access=False,
        ).serve()
    finally:
        if process is not None:
            process.terminate()
            process.join(timeout=5)


def wsgi() -> Any:
    """The application for a server's worker process."""
    from marketplace.app import create_app

    return create_app()


def _worker() -> None:
    from marketplace.app import create_app

    work(create_app())


def work(app: Flask) -> None:
    """Scheduled work and the outbox until SIGTERM; of several workers one is elected and the others wait."""
    from marketplace.record.jobs.scheduler import Scheduler

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    Scheduler(app).run(stop)
