"""What no single key can show: names that must exist elsewhere, sums, dates in order, words in sentences."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable, Iterator, Mapping

from marketplace.policy.books import subsidy_references, vocabulary
from marketplace.policy.books.lines import Path
from marketplace.policy.books.model import NO_SCALE, Batch, Book, PilotClass, PilotType
from marketplace.policy.books.shape import Fault, near

BASES = ("award", "received", "committed", "paid")
NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]*")
_RESERVED = "unknown"


def check(book: Book) -> list[Fault]:
    """Every contradiction inside a book whose single keys are in order."""
    return [fault for rule in _RULES for fault in rule(book)]


def _identity(book: Book) -> Iterator[Fault]:
    """Code and version name the file of a book."""
    if not NAME.fullmatch(book.code):
        yield Fault(("code",), "must be small letters, digits, hyphen and underscore, as the file is called")
    if not VERSION.fullmatch(book.version):
        yield Fault(("version",), "must be letters, digits, dot, hyphen and underscore, such as 1.0.0")


def _applied(book: Book) -> Iterator[Fault]:
    lists: tuple[tuple[str, tuple[str, ...], Mapping[str, object], Iterable[str]], ...] = (
        ("checks", book.checks_applied, book.checks, vocabulary.CHECKS),
        ("findings", book.findings_applied, book.findings, vocabulary.ROW_FINDINGS),
    )
    for name, applied, defined, known in lists:
        for place, code in enumerate(applied):
            path = (f"{name}_applied", str(place))
            if code not in defined:
                yield Fault(path, f'"{code}" is not defined under [{name}]{near(code, known)}')
            elif code not in known:
                yield Fault(path, f'"{code}" is nothing that can be applied to rows or totals')
            if code in applied[:place]:
                yield Fault(path, f'"{code}" stands here twice')


def _checks(book: Book) -> Iterator[Fault]:
    for code, rule in book.checks.items():
        path: Path = ("checks", code)
        if code not in vocabulary.CHECKS:
            yield Fault(path, f"is no check that the engine knows{near(code, vocabulary.CHECKS)}")
            continue
        if bool(rule.bases) != (code in vocabulary.SHARE_CHECKS):
            yield Fault((*path, "bases"), "belong to the share checks, and only to them")
        for place, base in enumerate(rule.bases):
            if base not in book.bases or base in rule.bases[:place]:
                yield Fault((*path, "bases", str(place)), f'"{base}" is not under [bases], or stands here twice')
        for key in ("message_zh", "message_en"):
            yield from _places((*path, key), getattr(rule, key), vocabulary.CHECK_VALUES)
        for key in ("advice_zh", "advice_en"):
            for status, text in getattr(rule, key).items():
                if status not in vocabulary.STATUSES:
                    yield Fault((*path, key, status), "is no status: pass, open, empty, warn, fail")
                yield from _places((*path, key, status), text, vocabulary.CHECK_VALUES)
        if set(rule.advice_zh) != set(rule.advice_en):
            yield Fault((*path, "advice_en"), "must answer to the same statuses as advice_zh")


def _findings(book: Book) -> Iterator[Fault]:
    for code, rule in book.findings.items():
        path: Path = ("findings", code)
        if code not in vocabulary.FINDINGS:
            yield Fault(path, f"is no finding that the engine knows{near(code, vocabulary.FINDINGS)}")
            continue
        yield from _places((*path, "zh"), rule.zh, vocabulary.FINDINGS[code])
        yield from _places((*path, "en"), rule.en, vocabulary.FINDINGS[code])


def _places(path: Path, text: str, allowed: Iterable[str]) -> Iterator[Fault]:
    for _, name, spec, conversion in string.Formatter().parse(text):
        if name is not None and (name not in allowed or spec or conversion):
            yield Fault(path, f"{{{name}}} is no value of this sentence; it may use: {', '.join(sorted(allowed))}")


def _types(book: Book) -> Iterator[Fault]:
    if not book.types:
        yield Fault(("types",), "needs at least one pilot type")
    for code, kind in book.types.items():
        path: Path = ("types", code)
        if kind.renovation_floor_bps + kind.other_ceiling_bps != 10_000:
            yield Fault((*path, "other_ceiling_bps"), "and renovation_floor_bps must sum to 10000")
        if not kind.classes:
            yield Fault((*path, "classes"), "needs at least one class")
        if not any(category.bucket == "renovation" for category in kind.categories.values()):
            yield Fault((*path, "categories"), "needs at least one category of the bucket renovation")
        for city in kind.quota:
            if city not in book.city_classes:
                yield Fault((*path, "quota", city), "is not under [city_classes]")
        yield from _categories(book, kind, path)


def _categories(book: Book, kind: PilotType, path: Path) -> Iterator[Fault]:
    forbidden = {name: code for code, use in book.prohibited.items() for name in (code, use.name_zh, *use.aliases_zh)}
    seen: dict[str, str] = {}
    for code, category in kind.categories.items():
        here = (*path, "categories", code)
        if code == _RESERVED:
            yield Fault(here, "is reserved: money of no known use is summed under it")
        for name in (code, category.name_zh):
            if name in forbidden:
                yield Fault(here, f'has the name "{name}", which [prohibited.{forbidden[name]}] has too')
        if category.name_zh in seen:
            yield Fault((*here, "name_zh"), f'is already the name of "{seen[category.name_zh]}"')
        seen[category.name_zh] = code


def _money(book: Book) -> Iterator[Fault]:
    if book.tranches and sum(tranche.share_bps for tranche in book.tranches.values()) != 10_000:
        yield Fault(("tranches",), "must sum to 10000 ten-thousandths")
    for code in book.bases:
        if code not in BASES:
            yield Fault(("bases", code), f"is no base that the engine knows: {', '.join(BASES)}")
    ceilings: dict[Path, Batch | PilotClass] = {("batches", code): batch for code, batch in book.batches.items()}
    for name, kind in book.types.items():
        ceilings |= {("types", name, "classes", code): entry for code, entry in kind.classes.items()}
    for finding, key in (("enterprise.rate", "enterprise_rate_bps"), ("enterprise.cap", "enterprise_cap")):
        given = [path for path, entry in ceilings.items() if getattr(entry, key) is not None]
        if finding in book.findings_applied and not given:
            yield Fault(("findings_applied",), f"{finding} is applied, but no class or batch has {key}")
        elif finding not in book.findings_applied:
            yield from (
                Fault((*path, key), f'is judged by nothing: add "{finding}" to findings_applied') for path in given
            )


def _dates(book: Book) -> Iterator[Fault]:
    if book.effective_until and book.effective_until < book.effective_from:
        yield Fault(("effective_until",), "lies before effective_from")
    for code, batch in book.batches.items():
        if batch.year1_end is None or batch.year2_end is None:
            if batch.year1_end is not batch.year2_end:
                yield Fault(("batches", code, "year2_end"), "and year1_end are given together, or neither")
        elif batch.year1_end >= batch.year2_end:
            yield Fault(("batches", code, "year2_end"), "must be later than year1_end")


def _levels(book: Book) -> Iterator[Fault]:
    steps, targets = book.level_scale.levels, book.targets
    if len(set(steps)) != len(steps) or (book.level_scale is not NO_SCALE and not steps):
        yield Fault(("level_scale", "levels"), "must be different steps, lowest first")
    for key in ("key_link_level", "other_level"):
        if getattr(targets, key) and getattr(targets, key) not in steps:
            yield Fault(("targets", key), "is no step of the level scale")
    if (targets.key_link_level or targets.other_level) and not targets.level_clause:
        yield Fault(("targets", "level_clause"), "is missing")
    if targets.key_link_share_bps and not targets.key_link_clause:
        yield Fault(("targets", "key_link_clause"), "is missing")


def _grounds(book: Book) -> Iterator[Fault]:
    """What is applied needs something to be judged by."""
    kinds = book.types.values()
    grounds: dict[str, tuple[bool, str]] = {
        "received.tranche": (bool(book.tranches), "[tranches]"),
        "targets.enterprises": (
            any(entry.minimum_enterprises for kind in kinds for entry in kind.classes.values()),
            "minimum_enterprises in a class",
        ),
        "targets.key_link_share": (book.targets.key_link_share_bps > 0, "targets.key_link_share_bps"),
        "targets.levels": (bool(book.targets.other_level), "targets.other_level"),
        "level.below_target": (bool(book.targets.other_level), "targets.other_level"),
        "use.prohibited": (bool(book.prohibited), "[prohibited]"),
        "support.double": (bool(book.other_support.excluding_zh), "[other_support]"),
    }
    for name, applied in (("checks_applied", book.checks_applied), ("findings_applied", book.findings_applied)):
        for place, code in enumerate(applied):
            given, where = grounds.get(code, (True, ""))
            if not given:
                yield Fault((name, str(place)), f'"{code}" is applied, but the book has no {where}')
    for type_code, kind in book.types.items():
        if kind.quota and not kind.quota_clause:
            yield Fault(("types", type_code, "quota_clause"), "is missing")
        for code, entry in kind.classes.items():
            if entry.minimum_enterprises and not entry.minimum_clause:
                yield Fault(("types", type_code, "classes", code, "minimum_clause"), "is missing")


def _lists(book: Book) -> Iterator[Fault]:
    if book.removes and not book.extends:
        yield Fault(("removes",), "belongs to a book that extends another")
    for code, condition in book.application.conditions.items():
        path: Path = ("application", "conditions", code)
        for place, kind in enumerate(condition.types):
            if kind not in book.types:
                yield Fault((*path, "types", str(place)), f'"{kind}" is no pilot type of this book')
        if len(condition.evidence_zh) != len(condition.evidence_en):
            yield Fault((*path, "evidence_en"), "must have as many entries as evidence_zh")
    if len(book.application.departments_zh) != len(book.application.departments_en):
        yield Fault(("application", "departments_en"), "must have as many entries as departments_zh")
    if len(book.issuers_zh) != len(book.issuers_en):
        yield Fault(("issuers_en",), "must have as many entries as issuers_zh")
    if len(book.other_support.excluding_zh) != len(book.other_support.excluding_en):
        yield Fault(("other_support", "excluding_en"), "must have as many entries as excluding_zh")
    for code, sanction in book.sanctions.items():
        if (sanction.effect == "ban") != (sanction.years is not None):
            yield Fault(("sanctions", code, "years"), "belong to a ban, and every ban has them")


_RULES: tuple[Callable[[Book], Iterator[Fault]], ...] = (
    _identity, _applied, _checks, _findings, _types, _money, _dates, _levels, _grounds, _lists,
    subsidy_references.check,
)  # fmt: skip
