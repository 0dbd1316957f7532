"""Whose network an address belongs to."""

from __future__ import annotations

import ipaddress


def network(address: str) -> str:
    """The part of a network address that one household or office holds: all of IPv4, the /64 of IPv6."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
