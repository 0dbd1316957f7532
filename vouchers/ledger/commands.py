"""`marketplace ledger verify`: exit 0 when the books are sound, 1 when they are not."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click


@click.group()
def ledger() -> None:
    """The books of the money."""


@ledger.command()
@click.pass_obj
def verify(installation: Any) -> None:
    """Recompute every balance, invariant and chain from the entries; print counts and differences."""
    from vouchers.ledger import verify as verifying

    app = installation.app()
    with app.app_context():
        session = app.extensions["sqlalchemy"].session()
        report = verifying.verify(session, app.extensions["house"].clock.now(session))
    for name, count in report.counts.items():
        click.echo(f"{name}: {count}")
    for label, count in report.checks.items():
        click.echo(f"{'ok  ' if not count else 'FAIL'} {label}" + (f": {count} differences" if count else ""))
    for difference in report.differences:
        click.echo(f"  {difference}")
    click.echo("the books are sound" if report.sound else f"{sum(report.checks.values())} differences")
    sys.exit(0 if report.sound else 1)


@ledger.command()
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.pass_obj
def export(installation: Any, output: Path) -> None:
    """Write the journal in beancount's format, with a balance assertion for every account."""
    from vouchers.ledger import journal

    app = installation.app()
    with app.app_context(), output.open("w", encoding="utf-8") as file:
        entries = journal.write(app.extensions["sqlalchemy"].session(), file)
    click.echo(f"{entries} entries written to {output}")
