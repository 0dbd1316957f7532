"""One POST to an address that was checked: pinned, short, never redirected, its answer hardly read."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from marketplace.people.webhooks import addresses
from marketplace.people.webhooks.addresses import Failed, Network
from marketplace.people.webhooks.states import Problem

PATIENCE = 10.0
"""Seconds for all of it: connecting, the handshake, sending and the answer."""
READ = 16 * 1024
"""Bytes of an answer that are read so that the connection ends politely; what they say is not kept."""


class _Pinned(http.client.HTTPConnection):
    """A connection that goes to one judged address, while Host and certificate are those of the name."""

    def __init__(self, host: str, port: int, target: tuple[Any, Any], context: ssl.SSLContext | None, patience: float):
        if context is not None:
            self.default_port = 443
        super().__init__(host, port, timeout=patience)
        self._target, self._context, self.late = target, context, False

    def connect(self) -> None:
        family, address = self._target
        self.sock = socket.socket(family, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(address)
        if self._context is not None:
            self.sock = self._context.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
            self.sock.do_handshake()

    def cut(self) -> None:
        """End it from outside: a receiver that drips a byte a second would outlive the socket's own patience."""
        self.late = True
        try:
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)
        except (OSError, AttributeError, TypeError):
            pass


def post(
    url: str, body: bytes, headers: Mapping[str, str], networks: Sequence[Network], *, patience: float = PATIENCE
) -> int:
    """Send, and give the status of the 2xx answer; anything else raises `Failed`."""
    parts = urlsplit(url)
    host, plain = parts.hostname or "", parts.scheme != "https"
    port = parts.port or (80 if plain else 443)
    began = time.monotonic()
    targets = addresses.resolve(host, port, networks, plain=plain)
    context = None if plain else ssl.create_default_context()
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    for place, target in enumerate(targets, 1):
        left = patience - (time.monotonic() - began)
        if left <= 0:
            raise Failed(Problem.TIMEOUT)
        try:
            return _once(_Pinned(host, port, target, context, left), path, body, headers, left)
        except Failed as fault:
            if fault.problem is not Problem.CONNECTION or place == len(targets):
                raise
    raise Failed(Problem.CONNECTION)


def _once(connection: _Pinned, path: str, body: bytes, headers: Mapping[str, str], left: float) -> int:
    watch = threading.Timer(left, connection.cut)
    watch.daemon = True
    watch.start()
    try:
        try:
            connection.connect()
        except TimeoutError:
            raise
        except ssl.SSLError:
            raise Failed(Problem.TIMEOUT if connection.late else Problem.TLS) from None
        except OSError:
            raise Failed(Problem.TIMEOUT if connection.late else Problem.CONNECTION) from None
        connection.request("POST", path, body, {**headers, "Connection": "close"})
        answer = connection.getresponse()
    except TimeoutError:
        raise Failed(Problem.TIMEOUT) from None
    except (http.client.HTTPException, OSError, ValueError):
        raise Failed(Problem.TIMEOUT if connection.late else Problem.ANSWER) from None
    else:
        if connection.late:
            raise Failed(Problem.TIMEOUT)  # what was cut in the middle of its headers looks like an answer
        with suppress(http.client.HTTPException, OSError, ValueError):
            answer.read(READ)
        return _judge(answer.status)
    finally:
        watch.cancel()
        connection.close()


def _judge(status: int) -> int:
    if 200 <= status < 300:
        return status
    if 300 <= status < 400:
        raise Failed(Problem.REDIRECT, status)
    raise Failed(Problem.GONE if status == http.client.GONE else Problem.STATUS, status)
