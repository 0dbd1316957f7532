"""Checking a QR or a number that somebody shows: what anybody may know of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from marketplace.base import ids
from marketplace.base.context import Context
from vouchers.wallets import qr, queries


@dataclass(frozen=True)
class Examined:
    """The answer to whoever scans: genuine or not, and what the voucher says of itself. Never the balance."""

    genuine: bool
    why: str | None = None
    number: str | None = None
    scheme: str | None = None
    face_fen: int | None = None
    use_by: date | None = None
    frozen: bool | None = None


def keys(ctx: Context) -> dict[str, bytes]:
    """The public keys of this installation by id: the present one first, then earlier ones."""
    settings = ctx.house.settings
    return qr.published(settings.seal_key, settings.voucher_keys_before)


def examine(ctx: Context, text: str) -> Examined:
    """Check a payload's signature, or look a bare number up."""
    if text.strip().startswith(qr.PREFIX + "."):
        try:
            said = qr.verify(text, keys(ctx))
        except qr.Unverified as fault:
            return Examined(False, str(fault))
        known = queries.public_state(ctx, said.number)
        return Examined(
            True, None, ids.spoken(said.number), said.scheme, said.face_fen, said.use_by, known[2] if known else None
        )
    number = ids.normal_number(text)
    known = queries.public_state(ctx, number) if number else None
    if number is None or known is None:
        return Examined(False, "no such voucher number")
    return Examined(True, None, ids.spoken(number), None, known[0], known[1], known[2])
