"""`marketplace check`: a spending sheet against the policy, with nothing to set up."""

from __future__ import annotations

import gc
import io
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import click

from marketplace.policy.books import shelf
from marketplace.policy.books.model import Book
from marketplace.policy.engine import pilot as pilots
from marketplace.policy.engine.detect import derive
from marketplace.policy.engine.judge import judge
from marketplace.policy.engine.verdict import FAIL
from marketplace.policy.spending import reading
from marketplace.policy.spending.answer import Answer
from marketplace.policy.spending.fault import LANGUAGES, Unusable

FORMATS = ("text", "json", "html", "xlsx", "pdf")
BINARY = frozenset({"xlsx", "pdf"})
_MAX_PILOT = 1 << 20


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--book", "book_name", help="The rule book: see `marketplace policy list`.")
@click.option("--pilot", "pilot_file", type=click.Path(path_type=Path), help="PILOT.toml: who is judged, on which day.")
@click.option("--sheet", help="The sheet of a workbook; the first visible one without it.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the answer to this file.")
@click.option("--language", type=click.Choice(LANGUAGES), default="zh", show_default=True)
@click.option(
    "--template",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write an empty sheet with explanations instead of checking one.",
)
def check(
    file: Path | None,
    book_name: str | None,
    pilot_file: Path | None,
    sheet: str | None,
    form: str,
    output: Path | None,
    language: str,
    template: Path | None,
) -> None:
    """Check a spending sheet (CSV or XLSX) against the policy, without a database.

    Exit code 0 for pass and warn, 1 for fail, 2 when FILE, book or pilot cannot be used; then nothing is written.
    """
    if template is not None:
        _write_template(template, book_name)
        return
    if file is None or book_name is None or pilot_file is None:
        missing = [
            name for name, value in (("FILE", file), ("--book", book_name), ("--pilot", pilot_file)) if value is None
        ]
        _stop([f"missing: {', '.join(missing)}"])
        return
    if form in BINARY and output is None and sys.stdout.isatty():
        _stop([f"-o: a file is needed for {form}"])
    book = _book(book_name)
    pilot = _pilot(book, pilot_file)
    gc.disable()  # what is read is kept until the answer is written: looking for garbage only costs time
    try:
        found = reading.read(file, book, sheet)
    except Unusable as fault:
        _stop(fault.lines(language), file.name)
        return
    verdict = judge(book, pilot, derive(book, pilot, found.rows, found.skipped))
    found.rows.clear()
    gc.freeze()
    gc.enable()
    try:
        _write(Answer(verdict, language), form, output, file, sheet)
    except OSError as fault:
        _stop([f"{output}: {fault.strerror or fault}"])
    sys.exit(1 if verdict.status == FAIL else 0)


def _write(answer: Answer, form: str, output: Path | None, file: Path, sheet: str | None) -> None:
    """Write the answer beside its place first, so that a fault leaves no half of it."""
    if output is None:
        out = sys.stdout.buffer
        for piece in _pieces(answer, form, file, sheet):
            out.write(piece)
        out.flush()
        return
    with tempfile.NamedTemporaryFile(dir=output.parent, prefix=f".{output.name}.", delete=False) as beside:
        place = Path(beside.name)
        try:
            for piece in _pieces(answer, form, file, sheet):
                beside.write(piece)
            beside.close()
            place.chmod(0o644)
            place.replace(output)
        except BaseException:
            place.unlink(missing_ok=True)
            raise


def _pieces(answer: Answer, form: str, file: Path, sheet: str | None) -> Iterator[bytes]:
    from marketplace.policy.spending import presenting

    if form == "json":
        yield from (piece.encode() for piece in presenting.as_json(answer))
    elif form == "text":
        yield from (piece.encode() for piece in presenting.as_text(answer))
    elif form == "html":
        yield presenting.as_page(answer).encode()
    elif form == "pdf":
        yield presenting.as_paper(answer)
    else:
        buffer = io.BytesIO()
        presenting.as_workbook(answer, buffer, file, sheet)
        yield buffer.getvalue()


def _write_template(place: Path, book_name: str | None) -> None:
    from marketplace.policy.spending import template

    book = _book(book_name or "jiangxi-2023")
    buffer = io.BytesIO()
    template.write(buffer, book)
    try:
        place.write_bytes(buffer.getvalue())
    except OSError as fault:
        _stop([f"{place}: {fault.strerror or fault}"])
    click.echo(f"{place}: {book.code} {book.version}")


def _book(name: str) -> Book:
    try:
        return shelf.load(name)
    except shelf.UnknownBook as fault:
        _stop([f"--book: no rule book {fault}; there are: {', '.join(shelf.available())}"])
    except shelf.UnusableBook as fault:
        _stop([f"--book: {fault}"])
    raise AssertionError("stopped before")


def _pilot(book: Book, file: Path) -> pilots.Pilot:
    try:
        with file.open("rb") as stream:
            return pilots.read(book, tomllib.loads(_limited(stream).decode("utf-8-sig")))
    except pilots.Unusable as fault:
        _stop([f"{file.name}: {fault}"])
    except OSError as fault:
        _stop([f"{file.name}: {fault.strerror or fault}"])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as fault:
        _stop([f"{file.name}: is not TOML: {fault}"])
    raise AssertionError("stopped before")


def _limited(stream: IO[bytes]) -> bytes:
    data = stream.read(_MAX_PILOT + 1)
    if len(data) > _MAX_PILOT:
        raise pilots.Unusable("is larger than 1 MiB")
    return data


def _stop(lines: list[str], name: str | None = None) -> None:
    for line in lines:
        click.echo(line if name is None else f"{name}: {line}", err=True)
    sys.exit(2)
