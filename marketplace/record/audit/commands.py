"""`marketplace audit verify`: exit 0 when the chain holds, 1 when it does not, 2 when the input cannot be used."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click


@click.group()
def audit() -> None:
    """The sealed record of acts and money."""


@audit.command()
@click.option(
    "--checkpoint",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint as published (JSON), kept from an earlier day.",
)
@click.option(
    "--key", "more_keys", multiple=True, help="Another public key (hex) that may have sealed, before a rotation."
)
@click.pass_obj
def verify(installation: Any, files: tuple[Path, ...], more_keys: tuple[str, ...]) -> None:
    """Recompute every seal and name the first broken link."""
    from marketplace.record.audit import keys
    from marketplace.record.audit import verify as verifying
    from marketplace.record.audit.leaves import SEALED

    try:
        outside = [verifying.read_checkpoint(json.loads(file.read_text())) for file in files]
        public_keys = [bytes.fromhex(key) for key in more_keys]
    except (ValueError, KeyError, TypeError) as fault:
        click.echo(f"not a checkpoint or key: {fault}", err=True)
        sys.exit(2)
    app = installation.app()
    house = app.extensions["house"]
    with app.app_context():
        session = app.extensions["sqlalchemy"].session()
        report = verifying.verify(
            session,
            house.all(SEALED),
            now=house.clock.now(session),
            public_keys=[keys.public(house.settings), *public_keys],
            checkpoints=outside,
        )
    for line in _lines(report):
        click.echo(line)
    sys.exit(0 if report.good else 1)


def _lines(report: Any) -> list[str]:
    lines = [f"{name}: {count} rows sealed" for name, count in report.rows.items()]
    lines.append(f"{report.seals} seals, {report.checkpoints} checkpoints compared")
    if report.last:
        last = report.last
        lines.append(f"last seal: {last['no']} at {last['at'].isoformat()}, {last['hash'].hex()}")
        lines.append(f"sealed with: {', '.join(report.key_ids)}")
    for name, tail in report.tails.items():
        if tail.rows:
            age = f", oldest {tail.seconds:.1f} s" if tail.seconds is not None else ""
            lines.append(f"not sealed yet: {name} {tail.rows} rows{age}")
    if report.good:
        return [*lines, "the chain holds"]
    lines.append(f"first broken link: {report.faults[0]}")
    lines += [f"  also: {fault}" for fault in report.faults[1:]]
    if report.more_faults:
        lines.append(f"  and {report.more_faults} more")
    return lines
