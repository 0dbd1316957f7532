"""``marketplace voucher``: check a QR without an installation."""

from __future__ import annotations

import binascii
import json
import sys
from pathlib import Path
from typing import Any

import click

from marketplace.base import ids, money
from marketplace.config import Settings, SettingsError
from vouchers.wallets import qr


@click.group()
def voucher() -> None:
    """Vouchers, checked offline."""


@voucher.command()
@click.argument("payload")
@click.option(
    "--key",
    "key_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Public keys: a copy of /.well-known/voucher-keys.json, or one key in hexadecimal.",
)
@click.pass_obj
def verify(installation: Any, payload: str, key_file: Path | None) -> None:
    """Check the signature of a QR payload. Exit code 0: genuine; 1: not; 2: unusable key file."""
    keys = _keys(key_file) if key_file else _own_keys()
    try:
        statement = qr.verify(payload, keys)
    except qr.Unverified as fault:
        click.echo(f"not genuine: {fault}")
        sys.exit(1)
    click.echo(f"genuine voucher {ids.spoken(statement.number)}")
    click.echo(f"scheme   {statement.scheme}")
    click.echo(f"face     {money.plain(statement.face_fen, grouped=True)} CNY")
    click.echo(f"use by   {statement.use_by.isoformat()}")
    click.echo(f"key      {statement.key}")
    click.echo("A genuine voucher may have been used already; only the platform knows what is left on it.")


def _keys(path: Path) -> dict[str, bytes]:
    """Keys by id, from the published JSON or from one line of hexadecimal."""
    text = path.read_text(encoding="utf-8", errors="replace").strip()
    try:
        if text.startswith("{"):
            found = [bytes.fromhex(entry["public"]) for entry in json.loads(text)["keys"]]
        else:
            found = [bytes.fromhex(text)]
    except (ValueError, KeyError, TypeError, binascii.Error):
        found = []
    if not found or any(len(key) != 32 for key in found):
        click.echo(f"{path}: holds no Ed25519 public key", err=True)
        sys.exit(2)
    return {qr.key_id(key): key for key in found}


def _own_keys() -> dict[str, bytes]:
    try:
        settings = Settings.load()
    except SettingsError as fault:
        click.echo(str(fault), err=True)
        sys.exit(2)
    return qr.published(settings.seal_key, settings.voucher_keys_before)
