"""The check in a process of its own, for sheets that strangers send: bounds on time and memory, nothing kept.

What the server knows (settings, keys, the database) does not reach the process; its folder is gone when it ends.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from marketplace.base.errors import Invalid, Refusal
from marketplace.base.text import N_, Bilingual
from marketplace.policy.books import shelf
from marketplace.policy.spending import checking
from marketplace.policy.spending.fault import Unusable, UnusableCells, one_line, said

SECONDS = 40
"""Of work; the longest sheet that may be uploaded takes a quarter of it."""
_WAITING = 3 * SECONDS
_MEMORY = 1 << 30
_WRITTEN = 1 << 29
_AT_ONCE = threading.BoundedSemaphore(2)
_PATIENCE = 10
"""Seconds that somebody waits while others' sheets are checked."""
_ASKED, _ANSWER, _FAULTS = "asked.json", "answer", "faults.json"
_ROOT = Path(__file__).resolve().parents[3]
_NAMED = re.compile(r"[a-z0-9][a-z0-9_-]*(@[0-9A-Za-z][0-9A-Za-z._-]*)?")


class Occupied(Refusal):
    """Others' sheets are being checked; try again in `retry_after` seconds."""

    status = 503
    retry_after = 10

    def __init__(self) -> None:
        super().__init__("check.occupied", N_("正在核查他人的表格，请稍后再试。"))


@dataclass(frozen=True)
class Asked:
    """What the process is told: how the book is called, in which form and language to answer, which sheet to read."""

    book: str
    form: str
    language: str = "zh"
    sheet: str | None = None


@contextmanager
def answered(asked: Asked, file: Callable[[IO[bytes]], object], pilot: bytes) -> Iterator[IO[bytes]]:
    """The answer, open for reading, byte for byte what `marketplace check` writes; `file` writes the sheet.

    Raises `Invalid` with one line for each fault of ``file``, ``pilot``, ``book`` or ``sheet``, `Occupied`, and a
    `Refusal` (``check.exhausted``) for a sheet that takes more time or memory than is given.
    """
    if not _NAMED.fullmatch(asked.book):  # never the path of a file of ours
        raise Invalid({"book": [N_("没有这部政策规则。")]})
    with tempfile.TemporaryDirectory(prefix="check-") as place:
        folder = Path(place)
        with (folder / "sheet").open("wb") as out:
            file(out)
        (folder / "PILOT.toml").write_bytes(pilot)
        (folder / _ASKED).write_text(json.dumps(asdict(asked)), encoding="utf-8")
        _wait_for(folder)
        faults = folder / _FAULTS
        if faults.exists():
            told = json.loads(faults.read_text(encoding="utf-8"))
            raise Invalid({told["about"]: [Bilingual(zh, {}, en) for zh, en in told["lines"]]}, "check.unusable")
        with (folder / _ANSWER).open("rb") as answer:
            yield answer


def _wait_for(folder: Path) -> None:
    """Run the process to its end, two at a time for each process of the server."""
    if not _AT_ONCE.acquire(timeout=_PATIENCE):
        raise Occupied
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__, folder],
            cwd=_ROOT,
            env={"PATH": os.defpath, "TMPDIR": str(folder), "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_WAITING,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _exhausted() from None
    finally:
        _AT_ONCE.release()
    if done.returncode:
        raise _exhausted()


def _exhausted() -> Refusal:
    return Refusal(
        "check.exhausted",
        N_("表格过大或过于复杂，未能核查完毕。请拆分后再试，或者改用命令行 marketplace check。"),
        field="file",
    )


def _bound() -> None:
    """Less priority than whoever waits for a page, and an end to everything."""
    os.nice(5)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_WRITTEN, _WRITTEN))
    if sys.platform == "linux":  # others know no such bound
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def _work(folder: Path) -> None:
    """What the process does: read what is asked, write the answer or the faults."""
    asked = Asked(**json.loads((folder / _ASKED).read_text(encoding="utf-8")))
    about = "book"
    try:
        book = shelf.find(asked.book)
        about = "pilot"
        pilot = checking.described(book, (folder / "PILOT.toml").read_bytes())
        about = "file"
        question = checking.Question(folder / "sheet", book, pilot, asked.sheet, asked.language)
        found, verdict = checking.judged(question)
    except (shelf.UnknownBook, shelf.UnusableBook):
        _fault(folder, about, [("没有这部政策规则。", "There is no such rule book.")])
    except UnusableCells as fault:
        lines = zip(fault.lines("zh"), fault.lines("en"), strict=True)
        _fault(folder, about, [(one_line(zh), one_line(en)) for zh, en in lines])
    except Unusable as fault:
        _fault(folder, about, [(one_line(said(fault.words, "zh")), one_line(said(fault.words, "en")))])
    else:
        with (folder / _ANSWER).open("wb") as out:
            out.writelines(checking.pieces(question, asked.form, found, verdict))


def _fault(folder: Path, about: str, lines: list[tuple[str, str]]) -> None:
    (folder / _FAULTS).write_text(json.dumps({"about": about, "lines": lines}), encoding="utf-8")


if __name__ == "__main__":
    _bound()
    _work(Path(sys.argv[1]))
