"""What anybody may ask is asked at a pace: by network, in memory, with the seconds to wait."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from marketplace.app import create_app
from marketplace.base.errors import Throttled
from marketplace.web import pace
from marketplace.web.pace import Pace
from tests.conftest import make_settings

WORDS = "/parts/words?amount=1234.5"


@pytest.fixture
def moment(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock for the minute, and nobody counted yet."""
    now = [1000.0]
    monkeypatch.setattr(pace.time, "monotonic", lambda: now[0])
    monkeypatch.setitem(app.extensions, "pace", Pace())
    return now


def test_one_network_is_slowed_and_no_other(app: Flask, moment: list[float]) -> None:
    client = app.test_client()
    here, there = {"REMOTE_ADDR": "198.51.100.7"}, {"REMOTE_ADDR": "198.51.100.8"}
    assert {client.get(WORDS, environ_base=here).status_code for _ in range(600)} == {200}
    moment[0] += 20
    refused = client.get(WORDS, environ_base=here)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "40")
    assert client.get(WORDS, environ_base=there).status_code == 200
    assert client.get("/parts/uscc?uscc=9", environ_base=here).status_code == 200  # each route has its own
    assert client.get("/", environ_base=here).status_code == 200
    moment[0] += 40
    assert client.get(WORDS, environ_base=here).status_code == 200


def test_a_household_has_one_pace_however_many_addresses(app: Flask, moment: list[float]) -> None:
    app.extensions["pace"].count("parts.words", "2001:db8:1:2::/64", 1)
    with pytest.raises(Throttled):
        app.extensions["pace"].count("parts.words", "2001:db8:1:2::/64", 1)
    for last in range(600):
        app.test_client().get(WORDS, environ_base={"REMOTE_ADDR": f"2001:db8:9:9::{last:x}"})
    answer = app.test_client().get(WORDS, environ_base={"REMOTE_ADDR": "2001:db8:9:9:ffff::1"})
    assert answer.status_code == 429


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "REMEMBERED", 10)
    counts = Pace()
    for number in range(100):
        counts.count("x", str(number), 5)
    assert len(counts._seen) == 10


@pytest.mark.parametrize(("proxies", "slowed"), [(0, "the proxy"), (1, "the visitor")])
def test_behind_a_proxy_of_ours_the_visitor_is_counted(tmp_path: Path, proxies: int, slowed: str) -> None:
    app = create_app(make_settings(tmp_path, proxies=proxies))
    heard: list[str] = []
    app.extensions["pace"].count = lambda route, network, most: heard.append(network)
    app.test_client().get(WORDS, headers={"X-Forwarded-For": "6.6.6.6, 198.51.100.7"})
    assert heard == [{"the proxy": "127.0.0.1", "the visitor": "198.51.100.7"}[slowed]]
