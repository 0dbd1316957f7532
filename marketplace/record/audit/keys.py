"""The installation's sealing key: its private half signs, its public half is published."""

from __future__ import annotations

import hashlib
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


def private(settings: Any) -> Ed25519PrivateKey:
    """The key from ``MARKETPLACE_SEAL_KEY``."""
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(settings.seal_key))


def public(settings: Any) -> bytes:
    """Its public half: 32 bytes."""
    return private(settings).public_key().public_bytes_raw()


def key_id(public_key: bytes) -> str:
    """A short name of a public key: 16 hexadecimal characters of its SHA-256."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def signed(public_key: bytes, signature: bytes, data: bytes) -> bool:
    """Whether a signature fits."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True
