"""`marketplace check`: a spending sheet against the policy, with nothing to set up."""

from __future__ import annotations

import gc
import io
import os
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NoReturn

import click

from marketplace.policy.books import shelf
from marketplace.policy.books.model import Book
from marketplace.policy.engine import pilot as pilots
from marketplace.policy.engine.detect import derive
from marketplace.policy.engine.judge import judge
from marketplace.policy.engine.verdict import FAIL
from marketplace.policy.spending import reading
from marketplace.policy.spending.answer import Answer
from marketplace.policy.spending.fault import LANGUAGES, Unusable, UnusableCells, one_line, said

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

    BOOK is a code, a code with its version (jiangxi-2023@1.0.0), or a file. Exit code 0 for pass and warn, 1 for
    fail, 2 when FILE, book or pilot cannot be used; then nothing is written.
    """
    if template is not None:
        _write_template(template, book_name)
        return
    if file is None or book_name is None or pilot_file is None:
        given = {"FILE": file, "--book": book_name, "--pilot": pilot_file}
        _stop([f"missing: {', '.join(name for name, value in given.items() if value is None)}"])
    if form in BINARY and output is None and sys.stdout.isatty():
        _stop([f"-o: a file is needed for {form}"])
    if output is not None and any(_same(output, place) for place in (file, pilot_file)):
        _stop([f"-o: {output} would be overwritten"])
    book = _book(book_name)
    pilot = _pilot(book, pilot_file)
    with _no_collector():
        found = _read(file, book, sheet, language)
        verdict = judge(book, pilot, derive(book, pilot, found.rows, found.skipped))
        found.rows.clear()
    try:
        _write(_pieces(Answer(verdict, language), form, found, file, sheet), output)
    except OSError as fault:
        _stop([f"{output or 'stdout'}: {fault.strerror or fault}"])
    sys.exit(1 if verdict.status == FAIL else 0)


@contextmanager
def _no_collector() -> Iterator[None]:
    """What is read is kept until the answer is written: looking for garbage meanwhile only costs time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _read(file: Path, book: Book, sheet: str | None, language: str) -> reading.Sheet:
    try:
        return reading.read(file, book, sheet)
    except UnusableCells as fault:
        _stop(fault.lines(language))
    except Unusable as fault:
        _stop([f"{file.name}: {said(fault.words, language)}"])


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _write(pieces: Iterator[bytes], output: Path | None) -> None:
    """Write the answer beside its place first, so that a fault leaves no half of it."""
    if output is None:
        _print(pieces)
        return
    output = output.resolve()
    if output.exists() and not output.is_file():  # a pipe or a device is written to, never replaced
        with output.open("wb") as out:
            out.writelines(pieces)
        return
    beside = output.with_name(f".{output.name[:100]}.{os.getpid()}.part")
    try:
        with beside.open("xb") as out:
            out.writelines(pieces)
        if output.exists():
            beside.chmod(output.stat().st_mode & 0o777)
        beside.replace(output)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _print(pieces: Iterator[bytes]) -> None:
    try:
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Whoever reads has seen enough. What is still buffered must not fail once more when the program ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _pieces(answer: Answer, form: str, found: reading.Sheet, file: Path, sheet: str | None) -> Iterator[bytes]:
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
        presenting.as_workbook(answer, buffer, found, file, sheet)
        yield buffer.getvalue()


def _write_template(place: Path, book_name: str | None) -> None:
    from marketplace.policy.spending import template

    book = _book(book_name or "jiangxi-2023")
    buffer = io.BytesIO()
    template.write(buffer, book)
    try:
        with place.open("xb") as out:  # a sheet that somebody has filled in is never replaced by an empty one
            out.write(buffer.getvalue())
    except OSError as fault:
        _stop([f"{place}: {fault.strerror or fault}"])
    click.echo(one_line(f"{place}: {book.code} {book.version}"))


def _book(name: str) -> Book:
    try:
        return shelf.find(name)
    except shelf.UnknownBook as fault:
        _stop([f"--book: no rule book {fault}; there are: {', '.join(shelf.available())}"])
    except shelf.UnusableBook as fault:
        _stop([f"--book: {fault}"])


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


def _limited(stream: IO[bytes]) -> bytes:
    data = stream.read(_MAX_PILOT + 1)
    if len(data) > _MAX_PILOT:
        raise pilots.Unusable("is larger than 1 MiB")
    return data


def _stop(lines: list[str]) -> NoReturn:
    for line in lines:
        click.echo(one_line(line), err=True)
    sys.exit(2)
