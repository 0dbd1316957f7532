"""Where counts are kept between runs, and the page that is drawn from them."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.proof.parts import Counts, Part, Piece, together
from tests.support.postgres import find_binaries

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "docs" / "proof"
PAGE = ROOT / "docs" / "proof.md"
SPEED = KEPT / "bench.json"

HEAD = """# Proof

What the ledger promises, tried by attack. Every line below comes from `make proof`, which runs these parts one after
another, keeps what it counted in `docs/proof`, and goes on where it stopped; `make proof ARGS="--part matrix --anew"`
runs one from its beginning. The short form of each part runs in `make test` and fails when a target is missed. A part
that has not run in its long form is printed as missing: nothing here was typed by hand.
"""


SPEED_HEAD = """What `make bench ARGS=--keep` measured in one run, with every guard on and every commit synced to disk. The ratios
compare what ran in turns on one server; the absolute figures are this machine's.
"""


def keep(part: Part, piece: Piece, counts: Counts, seconds: float) -> None:
    """Write down what a piece counted, where, when and at which revision of the code."""
    found = _read(part)
    found[piece.name] = {
        "counts": dict(counts),
        "seconds": round(seconds, 1),
        "on": datetime.now(UTC).date().isoformat(),
        "revision": revision(),
        "machine": machine(),
    }
    KEPT.mkdir(parents=True, exist_ok=True)
    _path(part).write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def kept(part: Part, piece: Piece) -> dict[str, Any] | None:
    """What is written down of a piece, or None."""
    return _read(part).get(piece.name)


def forget(part: Part) -> None:
    """Let a part begin anew."""
    _path(part).unlink(missing_ok=True)


def keep_speed(found: Sequence[tuple[str, Sequence[dict[str, Any]]]], seconds: float) -> None:
    """Write down the figures of one run of the benchmarks, part by part."""
    told = {
        "parts": [{"title": title, "figures": figures} for title, figures in found],
        "seconds": round(seconds, 1),
        "on": datetime.now(UTC).date().isoformat(),
        "revision": revision(),
        "machine": machine(),
    }
    KEPT.mkdir(parents=True, exist_ok=True)
    SPEED.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _speed() -> str:
    """The section of the page that tells how fast it all is."""
    lines = ["## Speed", "", SPEED_HEAD]
    if not SPEED.exists():
        return "\n".join([*lines, "Missing: the benchmarks have not run.", ""])
    told = json.loads(SPEED.read_text(encoding="utf-8"))
    for part in told["parts"]:
        lines += [f"### {part['title']}", "", "| figure | value | | how |", "|---|---:|---|---|"]
        for figure in part["figures"]:
            verdict = {None: "", True: "kept", False: "**missed**"}[figure["holds"]]
            lines.append(f"| {figure['name'].strip()} | {figure['value']} | {verdict} | {figure['note']} |")
        lines.append("")
    return "\n".join([*lines, _origin([told]), ""])


def _read(part: Part) -> dict[str, dict[str, Any]]:
    path = _path(part)
    found: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def _path(part: Part) -> Path:
    return KEPT / f"{part.code}.json"


def revision() -> str:
    """The commit that is tried, with a mark when the tree has changes beside it: others than the page and what it is
    drawn from, which each run writes anew."""
    try:
        at, beside = (
            subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
            for words in (
                ("rev-parse", "--short=10", "HEAD"),
                (
                    "status",
                    "--porcelain",
                    "--untracked-files=no",
                    "--",
                    ".",
                    *(f":!{path.relative_to(ROOT)}" for path in (PAGE, KEPT)),
                ),
            )
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{at}-dirty" if beside else at


def machine() -> str:
    """Cores, system and versions, as the page names them."""
    import sqlite3

    parts = [f"{os.cpu_count()} cores", f"{platform.system()} {platform.machine()}"]
    parts += [f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}"]
    binaries = find_binaries()
    if binaries is not None:
        said = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True)
        parts.append(said.stdout.strip().replace("postgres (PostgreSQL)", "PostgreSQL"))
    return ", ".join(parts)


def page(parts: Sequence[Part]) -> str:
    """The whole page. A part of which nothing is kept stands as it was printed when it ran."""
    before = dict(_printed(PAGE.read_text(encoding="utf-8"))) if PAGE.exists() else {}
    return "\n".join(
        [HEAD, *(_section(part) if _read(part) else before.get(part.title, _section(part)) for part in parts), _speed()]
    )


def _printed(text: str) -> Iterator[tuple[str, str]]:
    for section in text.split("\n## ")[1:]:
        title, _, rest = section.partition("\n")
        yield title, f"## {title}\n{rest}".rstrip("\n") + "\n"


def _section(part: Part) -> str:
    found = {piece.name: kept(part, piece) for piece in part.pieces}
    there = [one for one in found.values() if one is not None]
    missing = [name for name, one in found.items() if one is None]
    lines = [f"## {part.title}", "", part.method, ""]
    if there:
        lines += ["| figure | value | target | |", "|---|---:|---:|---|"]
        for figure in part.figures(together([one["counts"] for one in there])):
            verdict = ("kept" if figure.good else "**missed**") if figure.target else ""
            lines.append(f"| {figure.name} | {figure.value} | {figure.target} | {verdict} |")
        lines += ["", _origin(there)]
    if missing:
        lines += ["", f"Missing: {len(missing)} of {len(part.pieces)} pieces have not run ({', '.join(missing)})."]
    for note in part.notes:
        lines += ["", note]
    return "\n".join(lines) + "\n"


def _origin(there: Sequence[dict[str, Any]]) -> str:
    days = sorted({one["on"] for one in there})
    revisions = sorted({one["revision"] for one in there})
    machines = sorted({one["machine"] for one in there})
    span = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    seconds = sum(one["seconds"] for one in there)
    return f"Run on {span} at {', '.join(revisions)} in {seconds:,.0f} s; {'; '.join(machines)}."
