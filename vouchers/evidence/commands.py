"""`marketplace evidence export CLAIM -o PACK.zip` and `evidence verify PACK.zip`; the latter needs no database."""

from __future__ import annotations

import json
import sys
import uuid
from pathlib import Path
from typing import Any

import click

from vouchers.evidence import verifier


@click.group()
def evidence() -> None:
    """What proves one claim to somebody who has no access."""


@evidence.command()
@click.argument("claim")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.pass_obj
def export(installation: Any, claim: str, output: Path) -> None:
    """Write the evidence pack of CLAIM (its number or id). A file that exists is never replaced."""
    from marketplace.base.errors import NotFound, Refusal
    from marketplace.record.audit import sealing
    from vouchers.evidence import pack

    try:
        claim_id = installation.act(lambda ctx: pack.find(ctx, claim))
    except NotFound:
        click.echo(f"there is no claim {claim}", err=True)
        sys.exit(2)
    installation.act(sealing.seal)
    try:
        with output.open("xb") as file:
            made = installation.act(lambda ctx: _write(ctx, pack, claim_id, file))
    except FileExistsError:
        click.echo(f"{output} exists already; a pack never replaces a file", err=True)
        sys.exit(2)
    except Refusal as fault:
        output.unlink(missing_ok=True)
        click.echo(f"refused: {fault}", err=True)
        sys.exit(1)
    except OSError as fault:
        click.echo(f"{output}: {fault.strerror or fault}", err=True)
        sys.exit(2)
    click.echo(f"claim {made.number}: {made.rows} sealed rows, {made.documents} documents: {output}")
    click.echo(f"list of files {made.digest}")


def _write(ctx: Any, pack: Any, claim_id: uuid.UUID, file: Any) -> Any:
    """A second try of the act begins the file anew."""
    file.seek(0)
    file.truncate()
    return pack.write(ctx, claim_id, file)


@evidence.command()
@click.argument("pack", type=click.Path(exists=True, path_type=Path))
@click.option("--key", "key", multiple=True, help="Public key (hex), or a copy of /.well-known/voucher-keys.json.")
@click.option(
    "--checkpoint",
    "checkpoints",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint as published (JSON), kept from the platform's public page.",
)
def verify(pack: Path, key: tuple[str, ...], checkpoints: tuple[Path, ...]) -> None:
    """Verify an evidence pack offline. Exit code 0: it holds; 1: it does not; 2: no pack. Nothing in it is run."""
    try:
        keys = set().union(*(verifier.read_keys(text) for text in key)) if key else None
        kept = [json.loads(path.read_text(encoding="utf-8")) for path in checkpoints]
    except (OSError, ValueError) as fault:
        click.echo(f"unusable: {fault}", err=True)
        sys.exit(2)
    sys.exit(verifier.main(pack, keys, kept, click.echo))
