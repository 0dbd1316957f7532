"""Where the platform may speak to: nothing that lies inside a network of its own.

A name is resolved once, every address it has is judged, and the connection goes to one of the judged addresses: a name
that answers otherwise a moment later changes nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from typing import Any

from marketplace.people.webhooks.states import Problem

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))


_UNICAST = ipaddress.IPv6Network("2000::/3")
"""What of IPv6 is given to the world at all."""
_SPECIAL = (ipaddress.IPv4Network("192.0.0.0/24"), ipaddress.IPv4Network("192.88.99.0/24"))
"""Protocol assignments and the old relays, which not every release of Python knows as such."""


class Failed(Exception):
    """An attempt that did not end with a 2xx answer."""

    def __init__(self, problem: Problem, status: int | None = None):
        super().__init__(problem.value)
        self.problem = problem
        self.status = status


def innermost(address: Address) -> Address:
    """The IPv4 address that an IPv6 one carries (mapped, 6to4, Teredo, NAT64), else the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if any(address in network for network in _NAT64):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def opened(address: Address, networks: Sequence[Network]) -> bool:
    """Whether an address lies in a network that the installation opened by name."""
    return any(innermost(address) in network for network in networks)


def public(address: Address) -> bool:
    """Whether an address belongs to the open internet: not loopback, private, link-local, shared, reserved."""
    address = innermost(address)
    if isinstance(address, ipaddress.IPv6Address) and (address not in _UNICAST or address.scope_id):
        return False
    if any(address in network for network in _SPECIAL):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved and not address.is_unspecified


def literal(host: str) -> Address | None:
    """The address that a host's text is, in any spelling that a resolver understands (``127.1``, ``0x7f000001``)."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def resolve(host: str, port: int, networks: Sequence[Network], *, plain: bool) -> list[tuple[Any, Any]]:
    """(family, socket address) of every address of a host, all of them judged; raises `Failed`.

    Without TLS (`plain`) all must lie in opened networks.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Failed(Problem.NAME) from None
    targets = []
    for family, _kind, _protocol, _name, target in found:
        address = ipaddress.ip_address(target[0])
        if not opened(address, networks) and (plain or not public(address)):
            raise Failed(Problem.ADDRESS)
        targets.append((family, target))
    if not targets:
        raise Failed(Problem.NAME)
    return targets
