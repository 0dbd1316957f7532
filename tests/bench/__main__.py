"""``make bench``: ratios and figures of one run, on this machine, now.

The absolute figures are this machine's; the ratios compare what ran in turns, on one server with its usual settings
(every commit synced to disk). It starts PostgreSQL and the platform by itself, uses the loopback interface alone, and
stops within fifteen minutes: a part that would not fit any more is printed as not run.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from tests.bench import (
    checking,
    issuing,
    matching,
    plain,
    redemption,
    reporting,
    settling,
    starting,
    statements,
    suite,
    verifying,
)
from tests.bench.figures import Figure, show
from tests.bench.ground import Ground, Place, apart, lay
from tests.proof import keeping
from tests.proof.all import PARTS
from tests.support.postgres import Cluster, cluster

LIMIT = 840.0
"""Seconds after which nothing is begun that could take longer than what is left."""


class Run:
    """One run: its parts in turn, while the time suffices."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.faults = 0
        self.shown: list[tuple[str, list[Figure]]] = []

    def part(self, title: str, seconds: float, measure: Callable[[], Sequence[Figure]]) -> None:
        """Measure and print one part that takes about so many seconds; a fault ends the part, not the run."""
        if time.monotonic() - self.started + seconds > LIMIT:
            found = [Figure("not run", "", "the time is over")]
        else:
            try:
                found = list(measure())
            except Exception as fault:  # a broken part is told, and the others are still measured
                self.faults += 1
                found = [Figure("failed", "", f"{type(fault).__name__}: {str(fault)[:300]}")]
        show(title, found)
        self.shown.append((title, found))


def main() -> int:
    asked = argparse.ArgumentParser(prog="make bench", description=__doc__.split("\n\n")[0])
    asked.add_argument("--rounds", type=int, default=3, help="rounds of redemptions; the medians are printed")
    asked.add_argument("--acts", type=int, default=400, help="redemptions per round")
    asked.add_argument("--vouchers", type=int, default=100_000, help="vouchers issued in one act")
    asked.add_argument("--claims", type=int, default=10_000, help="claims settled")
    asked.add_argument("--entries", type=int, default=1_000_000, help="ledger entries verified")
    asked.add_argument("--lines", type=int, default=1_000_000, help="ledger lines under a report")
    asked.add_argument("--keep", action="store_true", help="write the figures down for docs/proof.md")
    wanted = asked.parse_args()
    run = Run()
    with cluster() as server, tempfile.TemporaryDirectory(prefix="marketplace-bench-") as folder:
        print(_machine(server))
        postgresql = _ground(server.create_database("bench"), Path(folder) / "postgresql")
        run.part(
            f"Redemption on PostgreSQL, {redemption.CLIENTS} clients, {wanted.acts} acts a round, medians of "
            f"{wanted.rounds} rounds in turns",
            70,
            lambda: redemption.measure(postgresql, acts=wanted.acts, rounds=wanted.rounds),
        )
        run.part("What it says to PostgreSQL", 10, lambda: statements.measure(postgresql, server, "bench"))
        run.part(
            "The ledger's statements alone, on PostgreSQL, in turns",
            70,
            lambda: plain.measure(postgresql, server, "bench", wanted.rounds),
        )
        run.part("Bulk issue in one act", 60, lambda: issuing.measure(postgresql, wanted.vouchers))
        sqlite = Path(folder) / "sqlite"
        light = _ground(f"sqlite:///{sqlite}/marketplace.db", sqlite)
        run.part("The same on SQLite", 60, lambda: issuing.measure(light, wanted.vouchers))
        run.part("A list of another programme", 25, lambda: matching.measure(postgresql))
        run.part("The same on SQLite", 25, lambda: matching.measure(light))
        towns = [_town(server, Path(folder), name) for name in ("settling", "verifying")]
        run.part("Settlement", 75, lambda: settling.measure(towns[0][0], wanted.claims))
        run.part("The same on SQLite", 75, lambda: settling.measure(towns[0][1], wanted.claims))
        run.part("The ledger verified", 100, lambda: verifying.measure(towns[1][0], wanted.entries))
        run.part("The same on SQLite", 100, lambda: verifying.measure(towns[1][1], wanted.entries))
        run.part("A report", 45, lambda: reporting.measure(postgresql, wanted.lines))
        run.part("The same on SQLite", 60, lambda: reporting.measure(light, wanted.lines))
        demo = Path(folder) / "demo"
        run.part("Start", 35, lambda: starting.measure(Place(f"sqlite:///{demo}/marketplace.db", demo)))
    run.part("A large sheet, checked", 60, lambda: list(checking.measure()))
    run.part("Tests", 1, suite.measure)
    seconds = time.monotonic() - run.started
    print(f"\n{seconds:.0f} s in all")
    if wanted.keep:
        keeping.keep_speed([(title, [asdict(f) for f in found]) for title, found in run.shown], seconds)
        keeping.PAGE.write_text(keeping.page(PARTS), encoding="utf-8")
    return 1 if run.faults else 0


def _ground(url: str, folder: Path) -> Ground:
    return apart(lay, Place(url, folder))


def _town(server: Cluster, folder: Path, name: str) -> tuple[Place, Place]:
    """Empty places on PostgreSQL and on SQLite, for a part that needs a town of its own."""
    beside = folder / f"{name}-sqlite"
    return Place(server.create_database(name), folder / name), Place(f"sqlite:///{beside}/marketplace.db", beside)


def _machine(server: Cluster) -> str:
    said = subprocess.run([server.binaries / "postgres", "--version"], capture_output=True, text=True, check=True)
    load = f"load {os.getloadavg()[0]:.1f}"
    version = (
        f"Python {platform.python_version()}, {said.stdout.strip().replace('postgres (PostgreSQL)', 'PostgreSQL')}"
    )
    return f"{os.cpu_count()} cores ({load} before), {platform.system()} {platform.machine()}, {version}"


if __name__ == "__main__":
    sys.exit(main())
