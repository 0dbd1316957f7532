"""The command line. Groups are found by name and loaded when called, so that `check` and `verify` start at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import click

GROUPS = {
    "policy": "marketplace.policy.commands:policy",
    "check": "marketplace.policy.spending.command:check",
    "user": "marketplace.people.accounts.commands:user",
    "audit": "marketplace.record.audit.commands:audit",
    "jobs": "marketplace.record.jobs.commands:jobs",
    "ledger": "vouchers.ledger.commands:ledger",
    "voucher": "vouchers.wallets.commands:voucher",
    "evidence": "vouchers.evidence.commands:evidence",
    "demo": "marketplace.demo:demo",
}


class Installation:
    """The application behind a command, made when first needed."""

    def __init__(self) -> None:
        self._app: Any = None

    def app(self) -> Any:
        """The Flask application; settings errors end the command with one line and exit code 2."""
        if self._app is None:
            from marketplace.app import create_app
            from marketplace.config import SettingsError

            try:
                self._app = create_app()
            except SettingsError as fault:
                raise Unusable(str(fault)) from None
        return self._app

    def act(self, verb: Callable[[Any], Any]) -> Any:
        """Do one act as the platform itself."""
        from marketplace.base import acts
        from marketplace.web.db import db

        app = self.app()
        with app.app_context():
            return acts.run(db.session(), app.extensions["house"], verb, system=True)


class Unusable(click.ClickException):
    """Input or settings that cannot be used: exit code 2."""

    exit_code = 2


class _ByName(click.Group):
    """Loads a group's module when its name is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *GROUPS})

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name in GROUPS:
            module, attribute = GROUPS[name].split(":")
            found: click.Command = getattr(import_module(module), attribute)
            return found
        return super().get_command(ctx, name)


@click.group(cls=_ByName, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="voucher-marketplace")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """The voucher marketplace: selection, catalogue, vouchers, settlement and proof."""
    ctx.obj = Installation()


@cli.group()
def db() -> None:
    """The database's schema."""


@db.command()
@click.pass_obj
def upgrade(installation: Installation) -> None:
    """Bring the database to the present schema and load reference data."""
    from marketplace import schema

    with installation.app().app_context():
        schema.upgrade()
        installation.act(schema.load_reference)
    click.echo(f"database at {schema.head()}")


@db.command()
@click.pass_obj
def check(installation: Installation) -> None:
    """Compare the database with the models and triggers; exit code 1 when they differ."""
    from marketplace import schema
    from marketplace.web.db import db as database

    with installation.app().app_context(), database.engine.connect() as connection:
        faults = schema.drift(connection)
    for fault in faults:
        click.echo(fault)
    click.echo("no drift" if not faults else f"{len(faults)} differences")
    sys.exit(1 if faults else 0)


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
@click.option("--no-jobs", is_flag=True, help="Serve only; scheduled work runs in `marketplace worker`.")
@click.pass_obj
def run(installation: Installation, host: str, port: int, workers: int, no_jobs: bool) -> None:
    """Serve the platform, with one elected scheduler."""
    from marketplace import server

    server.check(installation.app())
    server.serve(installation.app(), host, port, workers, jobs=not no_jobs)


@cli.command()
@click.pass_obj
def worker(installation: Installation) -> None:
    """Scheduler and outbox alone."""
    from marketplace import server

    server.check(installation.app())
    server.work(installation.app())


@cli.command()
@click.pass_obj
def openapi(installation: Installation) -> None:
    """Print the OpenAPI document."""
    import json

    click.echo(json.dumps(installation.app().extensions["openapi"].to_dict(), ensure_ascii=False, indent=2))


@cli.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def backup(installation: Installation, file: Path) -> None:
    """Write a consistent copy of the database and its documents to FILE, beside a running platform.

    The keys are not in it: keep MARKETPLACE_SECRET_KEY and MARKETPLACE_SEAL_KEY elsewhere, and safe.
    """
    from marketplace import backup as keeping

    try:
        copied = keeping.save(installation.app(), file)
    except FileExistsError:
        raise Unusable(f"{file} exists already; a backup never replaces a file") from None
    except OSError as fault:
        raise Unusable(f"{file}: {fault.strerror or fault}") from None
    click.echo(f"{copied.rows} rows at {copied.revision}, {copied.documents} documents ({copied.size} bytes): {file}")


@cli.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def restore(installation: Installation, file: Path) -> None:
    """Make the platform of a backup in an empty installation; never over data. No server may run meanwhile."""
    from marketplace import backup as keeping

    try:
        copied = keeping.load(installation.app(), file)
    except keeping.Occupied as fault:
        click.echo(f"refused: {fault}; nothing was changed", err=True)
        sys.exit(1)
    except keeping.Unreadable as fault:
        raise Unusable(f"{file}: {fault}") from None
    click.echo(f"{copied.rows} rows at {copied.revision}, {copied.documents} documents ({copied.size} bytes) restored")
    click.echo("next: give the platform the keys it had, then")
    click.echo("  marketplace db upgrade; marketplace audit verify; marketplace ledger verify")


@cli.command(hidden=True)
@click.argument("page")
@click.pass_obj
def handbook(installation: Installation, page: str) -> None:
    """Print a page of the documentation that is drawn from the code."""
    from marketplace.handbook import PAGES

    if page not in PAGES:
        raise Unusable(f"pages: {', '.join(PAGES)}")
    with installation.app().app_context():
        click.echo(PAGES[page](), nl=False)


def main() -> None:
    """Console entry."""
    os.environ.setdefault("PYTHONUTF8", "1")
    cli(prog_name="marketplace")


if __name__ == "__main__":
    main()
