"""`marketplace check`: a spending sheet against the policy, with nothing to set up."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import click

from marketplace.policy.books import shelf
from marketplace.policy.books.model import Book
from marketplace.policy.engine.pilot import Pilot
from marketplace.policy.engine.verdict import FAIL, Verdict
from marketplace.policy.spending.checking import FORMS, MAX_PILOT, Question, described, judged, pieces
from marketplace.policy.spending.fault import LANGUAGES, Unusable, UnusableCells, one_line, said
from marketplace.policy.spending.reading import Sheet

BINARY = frozenset({"xlsx", "pdf"})


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--book", "book_name", help="The rule book: see `marketplace policy list`.")
@click.option("--pilot", "pilot_file", type=click.Path(path_type=Path), help="PILOT.toml: who is judged, on which day.")
@click.option("--sheet", help="The sheet of a workbook; the first visible one without it.")
@click.option("--format", "form", type=click.Choice(FORMS), default="text", show_default=True)
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
    question = Question(file, book, _pilot(book, pilot_file, language), sheet, language)
    found, verdict = _judged(question)
    try:
        _write(pieces(question, form, found, verdict), output)
    except OSError as fault:
        _stop([f"{output or 'stdout'}: {fault.strerror or fault}"])
    sys.exit(1 if verdict.status == FAIL else 0)


def _judged(question: Question) -> tuple[Sheet, Verdict]:
    try:
        return judged(question)
    except UnusableCells as fault:
        _stop(fault.lines(question.language))
    except Unusable as fault:
        _stop([f"{question.file.name}: {said(fault.words, question.language)}"])


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


def _pilot(book: Book, file: Path, language: str) -> Pilot:
    try:
        with file.open("rb") as stream:
            return described(book, stream.read(MAX_PILOT + 1))
    except Unusable as fault:
        _stop([f"{file.name}: {said(fault.words, language)}"])
    except OSError as fault:
        _stop([f"{file.name}: {fault.strerror or fault}"])


def _stop(lines: list[str]) -> NoReturn:
    for line in lines:
        click.echo(one_line(line), err=True)
    sys.exit(2)
