"""What an address may look like; whether its name leads outside is judged at each delivery."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit

from marketplace.base.errors import Refusal
from marketplace.base.text import N_
from marketplace.people.accounts.rules import Limit
from marketplace.people.webhooks import addresses
from marketplace.people.webhooks.addresses import Network

MOST = 10
"""Addresses of one organisation."""
TESTS = Limit(30, timedelta(hours=1))
"""Tests and replays of one organisation: the platform hammers nobody on request."""
PATIENCE = timedelta(days=3)
"""After so long a delivery is given up."""
KEPT = timedelta(days=30)
"""So long deliveries stay listed and may be replayed."""


def normal_url(text: str, networks: Sequence[Network]) -> str:
    """The address as it is kept; refuses what is no https address of the open internet (`webhook.url`).

    Plain http and addresses of networks that the installation opened are let through here, and judged when sending.
    """
    try:
        parts = urlsplit(text.strip())
        host = (parts.hostname or "").rstrip(".")
        ascii_host = host if ":" in host else host.encode("idna").decode()
        port = parts.port
    except (ValueError, UnicodeError):
        raise _unfit() from None
    if any(ord(c) <= 32 or ord(c) > 126 for c in parts.path + parts.query):
        raise _unfit()
    if not ascii_host or len(text) > 500 or parts.username is not None or parts.fragment or port == 0:
        raise _unfit()
    if parts.scheme != "https" and not (parts.scheme == "http" and networks):
        raise _unfit()
    address = addresses.literal(ascii_host)
    inside = address is not None and not addresses.public(address)
    local = ascii_host == "localhost" or ascii_host.endswith((".localhost", ".local", ".internal"))
    if (inside or local) and not (networks and (address is None or addresses.opened(address, networks))):
        raise Refusal("webhook.inside", N_("不能推送到内部网络的地址。"), field="url")
    shown = f"[{ascii_host}]" if ":" in ascii_host else ascii_host
    return urlunsplit((parts.scheme, f"{shown}:{port}" if port else shown, parts.path or "/", parts.query, ""))


def _unfit() -> Refusal:
    return Refusal("webhook.url", N_("请填写以 https:// 开头的完整地址，不含用户名、密码和 # 片段。"), field="url")
