"""A program that receives: a real server on the loopback interface, which may be slow, huge, rude or gone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from flask import Flask

from marketplace.base.clock import SetClock
from marketplace.base.context import Actor
from marketplace.people.webhooks import actions, delivery
from marketplace.people.webhooks.models import Webhook
from marketplace.record.notices import delivery as outbox
from tests.support.people import acting, make_actor, make_organisation

EVERY = ["organisation.confirmed", "organisation.rejected", "bank_account.confirmed"]


@dataclass
class Receiver:
    """What it heard, and what it answers."""

    url: str
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    behave: Callable[[Any], None] | None = None
    status: int = 204


class _Handler(BaseHTTPRequestHandler):
    timeout = 5

    def do_POST(self) -> None:
        receiver: Receiver = self.server.receiver  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        receiver.heard.append(({name.lower(): value for name, value in self.headers.items()}, body))
        if receiver.behave is not None:
            receiver.behave(self)
            return
        self.send_response(receiver.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST

    def log_message(self, *_: Any) -> None:
        return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        return None  # a sender that hung up


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = _Server(("127.0.0.1", 0), _Handler)
    found = Receiver(f"http://127.0.0.1:{server.server_address[1]}/hook")
    server.receiver = found  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def opened(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The loopback network is opened by name, as an installation would open its intranet."""
    monkeypatch.setattr(app.extensions["house"].settings, "webhook_networks", "127.0.0.0/8")


@dataclass
class Bench:
    """One firm with its owner, and the two steps from an act to its program."""

    app: Flask
    clock: SetClock
    owner: Actor

    def act(self, verb: Callable[..., Any], actor: Actor | None = None) -> Any:
        return acting(self.app)(verb, actor)

    def register(self, url: str, topics: list[str] | None = None) -> Webhook:
        made: Webhook = self.act(lambda ctx: actions.register(ctx, url, topics or EVERY), self.owner)
        return made

    def fan_out(self) -> str:
        return outbox.deliver(self.act)

    def deliver(self) -> str:
        return delivery.deliver(self.act)

    def secret(self, webhook: Webhook) -> str:
        return str(self.act(lambda ctx: actions.secret_of(ctx, ctx.session.get(Webhook, webhook.id))))


@pytest.fixture
def bench(app: Flask, clock: SetClock) -> Bench:
    owner, _ = make_actor(acting(app), "provider", organisation=make_organisation(acting(app), capacity="provider"))
    return Bench(app, clock, owner)
