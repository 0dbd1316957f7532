"""`marketplace policy`: which rule books there are, what one says, what changed, and whether a draft is sound."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import NoReturn

import click

from marketplace.base.money import plain
from marketplace.policy.books import codes, difference, page, shelf
from marketplace.policy.books.model import Batch, Book, PilotType
from marketplace.policy.books.subsidy import Subsidy

DAY = click.DateTime(["%Y-%m-%d"])


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def policy() -> None:
    """Rule books: the numbers, categories and limits of a policy, each with its clause."""


@policy.command("list")
@click.option("--versions", is_flag=True, help="With the older versions that the shelf keeps.")
def list_(versions: bool) -> None:
    """List the rule books with the days they are in force; exit code 1 when one of them cannot be used."""
    unusable = 0
    for name in shelf.available():
        try:
            books = shelf.versions(name) if versions else (shelf.load(name),)
        except shelf.UnusableBook as fault:
            unusable += 1
            click.echo(str(fault), err=True)
            continue
        for book in books:
            days = f"{book.effective_from}/{book.effective_until or '…'}"
            click.echo(f"{book.code}  {book.version}  {book.content_hash[:12]}  {days}  {book.name_zh}  {book.name_en}")
    sys.exit(1 if unusable else 0)


@policy.command()
@click.argument("book")
@click.option("--version", help="An older version that the shelf keeps.")
@click.option("--on", "day", type=DAY, help="The version in force on this day.")
def show(book: str, version: str | None, day: datetime | None) -> None:
    """Show what a book says: types, caps, categories, calendar, checks; exit code 2 when there is no such BOOK.

    BOOK is a code, a code with its version (jiangxi-2023@1.0.0), or a file.
    """
    try:
        if day is not None:
            found = shelf.in_force(book, day.date())
        else:
            found = shelf.load(book, version) if version else shelf.find(book)
    except (shelf.UnknownBook, shelf.UnusableBook) as fault:
        _give_up(fault)
    click.echo("\n".join(_described(found)))


@policy.command()
@click.argument("old")
@click.argument("new")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def diff(old: str, new: str, language: str) -> None:
    """Say in words what NEW says otherwise than OLD; exit code 0 when nothing, 1 when something, 2 when unusable.

    Each is a code, a code with its version (jiangxi-2023@1.0.0), or a file.
    """
    try:
        changes = difference.changes(shelf.find(old), shelf.find(new))
    except (shelf.UnknownBook, shelf.UnusableBook) as fault:
        _give_up(fault)
    place = difference.EN if language == "en" else difference.ZH
    for change in changes:
        click.echo(change.sentence(place))
    if not changes:
        click.echo(("内容相同。", "They say the same.")[place])
    sys.exit(1 if changes else 0)


@policy.command()
def keys() -> None:
    """Print every key that a book may hold, as a page in Markdown."""
    click.echo(page.page(), nl=False)


@policy.command("codes")
def codes_() -> None:
    """Print every code that `marketplace check` answers, with its clause in each book, as a page in Markdown."""
    click.echo(codes.page(shelf.load(name) for name in shelf.available()), nl=False)


def _give_up(fault: Exception) -> NoReturn:
    unknown = isinstance(fault, shelf.UnknownBook)
    told = f"no rule book {fault}; there are: {', '.join(shelf.available())}" if unknown else str(fault)
    click.echo(told, err=True)
    sys.exit(2)


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
        calendar = (
            f"year 1 until {batch.year1_end}, year 2 until {batch.year2_end}" if batch.year1_end else "no calendar"
        )
        lines.append(f"batch {batch.code}: {calendar}{_help(batch)} ({batch.clause})")
    for tranche in book.tranches.values():
        lines.append(
            f"tranche {tranche.code}: {_percent(tranche.share_bps)} from {tranche.available} ({tranche.clause})"
        )
    for use in book.prohibited.values():
        lines.append(f"prohibited {use.code}: {use.name_zh} {use.name_en} ({use.clause})")
    levels = book.targets
    if levels.other_level:
        key_link = f"{levels.key_link_level} key link, " if levels.key_link_level else ""
        lines.append(f"levels: {key_link}{levels.other_level} other ({levels.level_clause})")
    if levels.key_link_share_bps:
        lines.append(f"key links: at least {_percent(levels.key_link_share_bps)} ({levels.key_link_clause})")
    lines += ["", "checks:"]
    lines += [f"  {code}: {book.checks[code].name_zh} ({book.checks[code].clause})" for code in book.checks_applied]
    lines += ["findings:"]
    lines += [f"  {rule.severity} {rule.code} ({rule.clause})" for rule in book.findings.values()]
    if book.subsidy:
        lines += ["subsidy:", *_subsidy(book.subsidy)]
    if book.silent:
        lines.append("the text is silent:")
    for entry in book.silent.values():
        asked = f"{entry.question_zh} {entry.decides_zh} / {entry.question_en} {entry.decides_en}"
        lines.append(f"  {asked} ({entry.clause})")
    return lines


def _subsidy(subsidy: Subsidy) -> Iterator[str]:
    """What is said of the whole, then every rule with its values."""
    yield f"  {difference.described(subsidy)[difference.EN]} ({subsidy.clause})"
    for entry in fields(subsidy):
        rules = getattr(subsidy, entry.name)
        for rule in rules.values() if isinstance(rules, Mapping) else ():
            told = difference.described(rule)[difference.EN]
            yield f"  {entry.name}.{rule.code}: {rule.name_zh} {rule.name_en}; {told} ({rule.clause})"


def _help(batch: Batch) -> str:
    rate, cap = batch.enterprise_rate_bps, batch.enterprise_cap
    told = f", one enterprise at most {_percent(rate)} of its contracts" if rate is not None else ""
    return told + (f", at most {plain(cap, grouped=True)} yuan" if cap is not None else "")


def _type(kind: PilotType) -> list[str]:
    split = f"renovation >= {_percent(kind.renovation_floor_bps)}, other <= {_percent(kind.other_ceiling_bps)}"
    lines = ["", f"{kind.code}: {kind.name_zh} {kind.name_en}; {split} ({kind.share_clause})"]
    for entry in kind.classes.values():
        cap = f"at most {plain(entry.award_cap, grouped=True)} yuan ({entry.clause})"
        least = f", at least {entry.minimum_enterprises} enterprises ({entry.minimum_clause})"
        least = least if entry.minimum_enterprises else ""
        lines.append(f"  {entry.code}: {entry.name_zh} {entry.name_en}; {cap}{least}")
    for category in kind.categories.values():
        lines.append(
            f"  {category.code}: {category.name_zh} {category.name_en} [{category.bucket}] ({category.clause})"
        )
    return lines


def _percent(bps: int) -> str:
    return f"{bps / 100:g} %"


if __name__ == "__main__":
    policy(prog_name="marketplace policy")
