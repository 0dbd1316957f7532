"""The voucher's QR: a signed statement that anyone can check offline. It proves that the voucher is real and until
when it can be used; it never spends."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import qrcode
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from qrcode.constants import ERROR_CORRECT_M

from marketplace.base import ids
from marketplace.base.types import canonical

PREFIX = "DTV1"
_FIELDS = {"scheme", "number", "holder", "face_fen", "use_by", "key"}


class Unverified(Exception):
    """The payload proves nothing; the text says why in one line."""


@dataclass(frozen=True)
class Statement:
    """What a QR says: scheme version, voucher number, hashed holder, face value in fen, last day, key id."""

    scheme: str
    number: str
    holder: str
    face_fen: int
    use_by: date
    key: str


def key_id(public: bytes) -> str:
    """A short name of a public key: the first 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(public).hexdigest()[:16]


def public_key(seal_key: str) -> bytes:
    """The raw public half (32 bytes) of the installation's key, given as 64 hexadecimal digits."""
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seal_key)).public_key().public_bytes_raw()


def published(seal_key: str, before: Iterable[str] = ()) -> dict[str, bytes]:
    """The public keys of an installation by id: the one that signs now first, then those of earlier keys (hex).

    A key that is changed stays here for as long as a voucher signed with it may be shown.
    """
    keys = [public_key(seal_key), *(bytes.fromhex(key) for key in before)]
    return {key_id(key): key for key in keys}


def holder_hash(number: str, uscc: str) -> str:
    """The holder without its name: whoever knows the enterprise's code can check it, nobody can read it off."""
    return hashlib.sha256(f"DTV1 holder\n{number}\n{uscc}".encode()).hexdigest()[:32]


def sign(seal_key: str, *, scheme: str, number: str, uscc: str, face_fen: int, use_by: date) -> str:
    """The payload of a voucher's QR: ``DTV1.<payload>.<signature>``, both base64url without padding."""
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seal_key))
    body = canonical(
        {
            "scheme": scheme,
            "number": number,
            "holder": holder_hash(number, uscc),
            "face_fen": face_fen,
            "use_by": use_by,
            "key": key_id(private.public_key().public_bytes_raw()),
        }
    ).encode()
    return f"{PREFIX}.{_encode(body)}.{_encode(private.sign(_signed(body)))}"


def verify(payload: str, keys: dict[str, bytes]) -> Statement:
    """The statement of a genuine payload; raises `Unverified` otherwise. `keys` maps key ids to raw public keys."""
    parts = payload.strip().split(".")
    if len(parts) != 3 or parts[0] != PREFIX or len(payload) > 2000:
        raise Unverified("not a voucher payload (DTV1.<payload>.<signature>)")
    try:
        body, signature = _decode(parts[1]), _decode(parts[2])
        said = json.loads(body)
    except (binascii.Error, ValueError):
        raise Unverified("the payload cannot be decoded") from None
    if not isinstance(said, dict) or set(said) != _FIELDS:
        raise Unverified("the payload does not hold the fields of a voucher")
    public = keys.get(str(said["key"]))
    if public is None:
        raise Unverified(f"unknown key {str(said['key'])[:32]}")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, _signed(body))
    except (InvalidSignature, ValueError):
        raise Unverified("the signature does not fit") from None
    return _statement(said)


def _statement(said: dict[str, Any]) -> Statement:
    try:
        use_by = date.fromisoformat(said["use_by"])
        face = said["face_fen"]
        number = ids.normal_number(said["number"])
    except (TypeError, ValueError, AttributeError):
        raise Unverified("the payload does not hold the fields of a voucher") from None
    if number is None or not isinstance(face, int) or isinstance(face, bool) or face <= 0:
        raise Unverified("the payload does not hold the fields of a voucher")
    return Statement(str(said["scheme"]), number, str(said["holder"]), face, use_by, str(said["key"]))


def svg(text: str, *, label: str) -> str:
    """A QR as compact SVG: one path of dark runs, with a text for screen readers."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=4)
    code.add_data(text)
    matrix = code.get_matrix()
    runs = []
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            if row[x]:
                start = x
                while x < len(row) and row[x]:
                    x += 1
                runs.append(f"M{start} {y}h{x - start}v1H{start}z")
            else:
                x += 1
    size = len(matrix)
    safe = label.replace("&", "&amp;").replace("<", "&lt;")
    return (
        f'<svg class="qr" viewBox="0 0 {size} {size}" role="img" shape-rendering="crispEdges"><title>{safe}</title>'
        f'<path class="qr-paper" d="M0 0h{size}v{size}H0z"/><path class="qr-ink" d="{"".join(runs)}"/></svg>'
    )


def _signed(body: bytes) -> bytes:
    return PREFIX.encode() + b"\n" + body


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decode(text: str) -> bytes:
    """Strict base64url: one text for one value, so that a payload cannot be varied without breaking."""
    data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if _encode(data) != text:
        raise ValueError("not canonical base64url")
    return data
