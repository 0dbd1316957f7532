"""How long somebody waits for the first page: in an empty folder, and the second time."""

from __future__ import annotations

import os
import subprocess
import time

from tests.bench.figures import Figure
from tests.bench.ground import Place
from tests.bench.serving import COMMAND, Server

LIMIT = 120.0


def measure(place: Place) -> list[Figure]:
    """The seconds of each step of ``make run`` on an empty database, and again on the same one."""
    first, second = _steps(place), _steps(place)
    return [
        Figure(f"first start of the demo, {place.database}", f"{sum(first.values()):.1f} s", _told(first)),
        Figure("  of which the demo", f"{first['demo']:.1f} s", "at most 30 s", first["demo"] <= 30),
        Figure("second start", f"{sum(second.values()):.1f} s", _told(second)),
    ]


def _told(steps: dict[str, float]) -> str:
    return ", ".join(f"{name} {seconds:.1f} s" for name, seconds in steps.items())


def _steps(place: Place) -> dict[str, float]:
    found = {"db upgrade": _command(place, "db", "upgrade"), "demo": _command(place, "demo")}
    with Server(place, jobs=True) as server:
        found["first page"] = server.waited
    return found


def _command(place: Place, *words: str) -> float:
    started = time.perf_counter()
    done = subprocess.run(
        [*COMMAND, *words],
        env={**os.environ, **place.environment},
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"marketplace {' '.join(words)}: {done.stderr[-500:] or done.stdout[-500:]}")
    return time.perf_counter() - started
