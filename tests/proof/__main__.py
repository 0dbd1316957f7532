"""``make proof``: the long form of every proof, a piece at a time, and the page that tells what was found.

It uses the loopback interface and folders of its own, and stops by itself. What a piece counted is kept, so a run that
was broken off goes on with the piece after the last one that ended.
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.proof import keeping
from tests.proof.all import PARTS
from tests.proof.parts import LONGEST, Part, together


def main() -> int:
    asked = argparse.ArgumentParser(prog="make proof", description=__doc__.split("\n\n")[0])
    asked.add_argument("--part", action="append", choices=[part.code for part in PARTS], help="only this one")
    asked.add_argument("--minutes", type=float, default=9.0, help="begin no piece after so many minutes (9)")
    asked.add_argument("--anew", action="store_true", help="forget what the parts counted before")
    asked.add_argument("--page", action="store_true", help="only draw docs/proof.md from what is kept")
    wanted = asked.parse_args()
    chosen = [part for part in PARTS if not wanted.part or part.code in wanted.part]
    if wanted.anew:
        for part in chosen:
            keeping.forget(part)
    if not wanted.page:
        _run(chosen, wanted.minutes * 60)
    keeping.PAGE.write_text(keeping.page(PARTS), encoding="utf-8")
    return 0 if all(_tell(part) for part in chosen) else 1


def _run(chosen: list[Part], seconds: float) -> None:
    started = time.monotonic()
    for part in chosen:
        for piece in part.pieces:
            if keeping.kept(part, piece) is not None:
                continue
            if time.monotonic() - started > seconds:
                print("The time is over: run it again, it goes on from here.")
                return
            print(f"{part.code}: {piece.name}", flush=True)
            began = time.monotonic()
            counts = piece.run()
            took = time.monotonic() - began
            keeping.keep(part, piece, counts, took)
            if took > LONGEST:
                print(f"  took {took:.0f} s, more than a piece should")


def _tell(part: Part) -> bool:
    """Print a part's figures; whether it has run whole and kept its targets."""
    found = [keeping.kept(part, piece) for piece in part.pieces]
    there = [one["counts"] for one in found if one is not None]
    print(f"\n{part.title}")
    good = len(there) == len(found)
    for figure in part.figures(together(there)) if there else ():
        good = good and figure.good
        verdict = "" if not figure.target else " kept" if figure.good else " MISSED"
        print(f"  {figure.name:<64} {figure.value:>14}  {figure.target}{verdict}".rstrip())
    if len(there) < len(found):
        print(f"  missing: {len(found) - len(there)} of {len(found)} pieces")
    return good


if __name__ == "__main__":
    sys.exit(main())
