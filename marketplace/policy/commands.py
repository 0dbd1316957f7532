"""`marketplace policy`: which rule books there are, what one says, and whether a draft is sound."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from marketplace.base.money import plain
from marketplace.policy.books import shelf
from marketplace.policy.books.model import Book, PilotType


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def policy() -> None:
    """Rule books: the numbers, categories and limits of a policy, each with its clause."""


@policy.command("list")
def list_() -> None:
    """List the rule books; exit code 1 when one of them cannot be used."""
    unusable = 0
    for name in shelf.available():
        try:
            book = shelf.load(name)
            click.echo(f"{book.code}  {book.version}  {book.content_hash[:12]}  {book.name_zh}  {book.name_en}")
        except shelf.UnusableBook as fault:
            unusable += 1
            click.echo(str(fault), err=True)
    sys.exit(1 if unusable else 0)


@policy.command()
@click.argument("book")
@click.option("--version", help="An older version that the shelf keeps.")
def show(book: str, version: str | None) -> None:
    """Show what a book says: types, caps, categories, calendar, checks; exit code 2 when there is no such BOOK."""
    try:
        found = shelf.load(book, version)
    except shelf.UnknownBook as fault:
        click.echo(f"no rule book {fault}; there are: {', '.join(shelf.available())}", err=True)
        sys.exit(2)
    except shelf.UnusableBook as fault:
        click.echo(str(fault), err=True)
        sys.exit(2)
    click.echo("\n".join(_described(found)))


@policy.command()
@click.argument("file", type=click.Path(path_type=Path))
def validate(file: Path) -> None:
    """Name line, key and mistake of a draft; exit code 1 when there are any, 2 when FILE cannot be read."""
    if not file.is_file():
        click.echo(f"{file}: no such file", err=True)
        sys.exit(2)
    mistakes = shelf.validate(file)
    for mistake in mistakes:
        click.echo(f"{file}:{mistake}")
    if not mistakes:
        book = shelf.read(file)
        click.echo(f"{file}: sound ({book.code} {book.version}, {book.content_hash[:12]})")
    sys.exit(1 if mistakes else 0)


def _described(book: Book) -> list[str]:
    lines = [
        f"{book.code} {book.version}",
        book.name_zh,
        book.name_en,
        f"SHA-256 {book.content_hash}",
        f"in force from {book.effective_from}" + (f" until {book.effective_until}" if book.effective_until else ""),
    ]
    for kind in book.types.values():
        lines += _type(kind)
    lines.append("")
    for batch in book.batches.values():
        lines.append(
            f"batch {batch.code}: year 1 until {batch.year1_end}, year 2 until {batch.year2_end} ({batch.clause})"
        )
    for tranche in book.tranches.values():
        lines.append(
            f"tranche {tranche.code}: {_percent(tranche.share_bps)} from {tranche.available} ({tranche.clause})"
        )
    for use in book.prohibited.values():
        lines.append(f"prohibited {use.code}: {use.name_zh} {use.name_en} ({use.clause})")
    levels = book.targets
    lines.append(f"levels: {levels.key_link_level} key link, {levels.other_level} other ({levels.level_clause})")
    lines.append(f"key links: at least {_percent(levels.key_link_share_bps)} ({levels.key_link_clause})")
    lines += ["", "checks:"]
    lines += [f"  {code}: {book.checks[code].name_zh} ({book.checks[code].clause})" for code in book.checks_applied]
    lines += ["findings:"]
    lines += [f"  {rule.severity} {rule.code} ({rule.clause})" for rule in book.findings.values()]
    return lines


def _type(kind: PilotType) -> list[str]:
    split = f"renovation >= {_percent(kind.renovation_floor_bps)}, other <= {_percent(kind.other_ceiling_bps)}"
    lines = ["", f"{kind.code}: {kind.name_zh} {kind.name_en}; {split} ({kind.share_clause})"]
    for entry in kind.classes.values():
        cap = f"at most {plain(entry.award_cap, grouped=True)} yuan ({entry.clause})"
        least = f"at least {entry.minimum_enterprises} enterprises ({entry.minimum_clause})"
        lines.append(f"  {entry.code}: {entry.name_zh} {entry.name_en}; {cap}, {least}")
    for category in kind.categories.values():
        lines.append(
            f"  {category.code}: {category.name_zh} {category.name_en} [{category.bucket}] ({category.clause})"
        )
    return lines


def _percent(bps: int) -> str:
    return f"{bps / 100:g} %"


if __name__ == "__main__":
    policy(prog_name="marketplace policy")
