"""One question and its answer: a sheet, a book and a pilot in; a verdict and what is written of it out."""

from __future__ import annotations

import gc
import io
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from marketplace.policy.books.model import Book
from marketplace.policy.engine import pilot as pilots
from marketplace.policy.engine.detect import derive
from marketplace.policy.engine.judge import judge
from marketplace.policy.engine.pilot import Pilot
from marketplace.policy.engine.verdict import Verdict
from marketplace.policy.spending import reading
from marketplace.policy.spending.answer import Answer
from marketplace.policy.spending.fault import Unusable
from marketplace.policy.spending.reading import Sheet

FORMS = ("text", "json", "html", "xlsx", "pdf")
SUMMARY = "summary"
"""One form more, for pages: what a page shows of an answer, as plain data."""
MAX_PILOT = 1 << 20
"""Bytes of the description of a pilot."""


@dataclass(frozen=True)
class Question:
    """What is asked: a file, the sheet of it (None: the first), the book, the pilot, in which language (zh, en)."""

    file: Path
    book: Book
    pilot: Pilot
    sheet: str | None = None
    language: str = "zh"


def described(book: Book, data: bytes) -> Pilot:
    """The pilot that the bytes of a PILOT.toml describe. Raises `Unusable` in one line."""
    if len(data) > MAX_PILOT:
        raise Unusable("大于 1 MiB", "is larger than 1 MiB")
    try:
        return pilots.read(book, tomllib.loads(data.decode("utf-8-sig")))
    except pilots.Unusable as fault:
        zh, en = fault.words
        raise Unusable(f"{fault.key}: {zh}", f"{fault.key}: {en}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise Unusable(f"不是 TOML: {fault}", f"is not TOML: {fault}") from None


def judged(question: Question) -> tuple[Sheet, Verdict]:
    """The sheet (without its rows, which are used up) and the verdict. Raises `Unusable` for what cannot be judged."""
    with _no_collector():
        found = reading.read(question.file, question.book, question.sheet)
        facts = derive(question.book, question.pilot, found.rows, found.skipped)
        verdict = judge(question.book, question.pilot, facts)
        found.rows.clear()
    return found, verdict


def pieces(question: Question, form: str, found: Sheet, verdict: Verdict) -> Iterator[bytes]:
    """The answer in one of the `FORMS`, or as a `SUMMARY`; what is large comes in pieces."""
    from marketplace.policy.spending import presenting

    answer = Answer(verdict, question.language)
    if form == "json":
        yield from (piece.encode() for piece in presenting.as_json(answer))
    elif form == "text":
        yield from (piece.encode() for piece in presenting.as_text(answer))
    elif form == "html":
        yield presenting.as_page(answer).encode()
    elif form == SUMMARY:
        yield presenting.as_summary(answer).encode()
    elif form == "pdf":
        yield presenting.as_paper(answer)
    else:
        buffer = io.BytesIO()
        presenting.as_workbook(answer, buffer, found, question.file, question.sheet)
        yield buffer.getvalue()


@contextmanager
def _no_collector() -> Iterator[None]:
    """What is read is kept until the answer is written: looking for garbage meanwhile only costs time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
