"""What no single key of the subsidy can show: rules that say nothing or too much, steps left out or out of order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, time
from typing import Any

from marketplace.policy.books.keys import Moment
from marketplace.policy.books.lines import Path
from marketplace.policy.books.model import Book
from marketplace.policy.books.shape import Fault
from marketplace.policy.books.subsidy import (
    ATTRIBUTES,
    Bonus,
    Cap,
    Cost,
    Count,
    Gate,
    Instalment,
    Rate,
    Row,
    Rule,
    Share,
    Subsidy,
    Window,
)

_BEFORE = (
    ("costs", "rate"), ("shares", "rate"), ("minimum.spend", "rate"), ("rate", "bonus.inside"), ("rate", "caps"),
    ("rate", "minimum.subsidy"), ("rate", "bonus.outside"), ("rate", "round"), ("bonus.inside", "caps"),
    ("caps", "bonus.outside"), ("round", "tranches"), ("caps", "tranches"), ("bonus.outside", "tranches"),
)  # fmt: skip
_ROOT: Path = ("subsidy",)


def check(book: Book) -> Iterator[Fault]:
    """Every contradiction inside the subsidy of a book."""
    subsidy = book.subsidy
    if subsidy is None:
        return
    yield from _order(subsidy)
    yield from _whole(book, subsidy)
    for part in _PARTS:
        rules: Mapping[str, Rule] = getattr(subsidy, part)
        for code, rule in rules.items():
            path = (*_ROOT, part, code)
            if rule.silent:
                for name in ("question_zh", "question_en", "decides_zh", "decides_en"):
                    if not getattr(rule, name).strip():
                        yield Fault((*path, name), "is missing: a silent rule names its question and who decides it")
            else:
                yield from _CONTEXT[part](book, rule, path) if part in _CONTEXT else _ALONE[part](rule, path)


def _order(subsidy: Subsidy) -> Iterator[Fault]:
    path = (*_ROOT, "order")
    places = {step: place for place, step in enumerate(subsidy.order)}
    for place, step in enumerate(subsidy.order):
        if step in subsidy.order[:place]:
            yield Fault((*path, str(place)), f'"{step}" stands here twice')
    for earlier, later in _BEFORE:
        if earlier in places and later in places and places[earlier] > places[later]:
            yield Fault((*path, str(places[later])), f'"{later}" must come after "{earlier}"')
    wanted = {
        "gates": subsidy.gates, "windows": subsidy.windows, "counts": subsidy.counts, "costs": subsidy.costs,
        "shares": subsidy.shares, "rate": True, "caps": subsidy.caps, "tranches": subsidy.instalments,
        "minimum.spend": any(each.of == "spend" for each in subsidy.minimums.values()),
        "minimum.subsidy": any(each.of == "subsidy" for each in subsidy.minimums.values()),
        "bonus.inside": any(each.inside_cap for each in subsidy.bonuses.values()),
        "bonus.outside": any(not each.inside_cap for each in subsidy.bonuses.values()),
        "round": subsidy.round_to > 1,
    }  # fmt: skip
    for step, needed in wanted.items():
        if needed and step not in places:
            yield Fault(path, f'leaves out "{step}", for which the book has a rule')
    above = subsidy.rounding != "down" and subsidy.round_to > 1 and subsidy.caps
    if above and places.get("round", 0) > places.get("caps", 0):
        yield Fault(path, '"round" must come before "caps": this way of rounding could go above them')


def _whole(book: Book, subsidy: Subsidy) -> Iterator[Fault]:
    if not re.fullmatch(r"[A-Z]{3}", subsidy.currency):
        yield Fault((*_ROOT, "currency"), "must be three capital letters, such as CNY")
    if subsidy.round_to < 1:
        yield Fault((*_ROOT, "round_to"), "must be at least 0.01")
    if subsidy.basis == "silent" and "basis" not in book.silent:
        yield Fault((*_ROOT, "basis"), "is silent: the question belongs under [silent.basis]")
    if not subsidy.rates:
        yield Fault((*_ROOT, "rates"), "needs at least one rate")
    taken: dict[str, str] = {}
    for code, rate in subsidy.rates.items():
        for kind in rate.cost_types or ("",):
            if kind in taken:
                told = f'"{kind}" is' if kind else "the costs that no other rate names are"
                yield Fault((*_ROOT, "rates", code), f'{told} already paid by "{taken[kind]}"')
            taken.setdefault(kind, code)
    shares = [each.share_bps for each in subsidy.instalments.values()]
    if shares and sum(shares) != 10_000:
        yield Fault((*_ROOT, "instalments"), "must sum to 10000 ten-thousandths")


def _count(rule: Count, path: Path) -> Iterator[Fault]:
    if rule.most is None:
        yield Fault((*path, "most"), "is missing")
    if "claim" in rule.per or not rule.per:
        yield Fault((*path, "per"), "counts projects by something else than the project itself")


def _cost(rule: Cost, path: Path) -> Iterator[Fault]:
    if (rule.counts == "part") != (rule.part_bps is not None):
        yield Fault((*path, "part_bps"), "belongs to a cost that counts in part, and every such cost has it")


def _bonus(rule: Bonus, path: Path) -> Iterator[Fault]:
    yield from _one_of(rule, path, "bps", "amount")
    yield from _when(rule.when, (*path, "when"))


def _needed(name: str) -> Callable[[Rule, Path], Iterator[Fault]]:
    def rule_has(rule: Rule, path: Path) -> Iterator[Fault]:
        if getattr(rule, name) is None:
            yield Fault((*path, name), "is missing")

    return rule_has


def _gate(book: Book, rule: Gate, path: Path) -> Iterator[Fault]:
    if not (rule.allowed or rule.forbidden or rule.at_least):
        yield Fault(path, "says neither what is allowed, nor what is forbidden, nor the least level")
    steps = book.level_scale.levels
    if rule.at_least and (rule.attribute != "level" or rule.at_least not in steps):
        yield Fault((*path, "at_least"), "is no step of the level scale")
    for name in ("allowed", "forbidden"):
        for place, step in enumerate(getattr(rule, name)):
            if rule.attribute == "level" and step not in steps:
                yield Fault((*path, name, str(place)), f'"{step}" is no step of the level scale')


def _window(rule: Window, path: Path) -> Iterator[Fault]:
    if rule.opens is None and rule.closes is None:
        yield Fault(path, "has neither a beginning nor an end")
    if rule.opens is not None and rule.closes is not None and _at(rule.opens) > _at(rule.closes):
        yield Fault((*path, "closes"), "lies before opens")
    if rule.extensions and rule.closes is None:
        yield Fault((*path, "closes"), "is missing: only an end can be prolonged")
    announced = [each.announced for each in rule.extensions]
    if announced != sorted(set(announced)):
        yield Fault((*path, "extensions"), "must stand in the order of their announcement, one for a day")


def _at(moment: Moment) -> datetime:
    return moment if isinstance(moment, datetime) else datetime.combine(moment, time.min)


def _share(book: Book, rule: Share, path: Path) -> Iterator[Fault]:
    if not rule.cost_types:
        yield Fault((*path, "cost_types"), "is missing")
    yield from _known(book, rule.cost_types, path)
    yield from _one_of(rule, path, "most_bps", "least_bps")
    if rule.least_bps is not None and rule.effect == "cut":
        yield Fault((*path, "effect"), "must be refuse: a least share cannot be reached by cutting")
    if rule.base == "counted" and rule.effect == "cut" and rule.most_bps == 10_000:
        yield Fault((*path, "most_bps"), "of all that counts is no limit")


def _known(book: Book, types: tuple[str, ...], path: Path) -> Iterator[Fault]:
    costs = book.subsidy.costs if book.subsidy else {}
    for place, kind in enumerate(types):
        if costs and kind not in costs:
            yield Fault((*path, "cost_types", str(place)), f'"{kind}" is not under [subsidy.costs]')


def _rate(book: Book, rule: Rate, path: Path) -> Iterator[Fault]:
    yield from _known(book, rule.cost_types, path)
    yield from _one_of(rule, path, "bps", "rows", "slices")
    yield from _rows(rule.rows, path, ("bps", "amount"))
    ends = [each.up_to for each in rule.slices]
    for place, end in enumerate(ends):
        here = (*path, "slices", str(place), "up_to")
        if (end is None) != (place == len(ends) - 1):
            yield Fault(here, "is missing" if end is None else "belongs to every slice but the last")
        elif place and end is not None and end <= (ends[place - 1] or 0):
            yield Fault(here, "must be greater than that of the slice before")


def _rows(rows: tuple[Row, ...], path: Path, names: tuple[str, ...]) -> Iterator[Fault]:
    for place, row in enumerate(rows):
        here = (*path, "rows", str(place))
        yield from _one_of(row, here, *names)
        yield from _when(row.when, (*here, "when"))
        if not row.when and place < len(rows) - 1:
            yield Fault(here, "fits everything, so the lines below it are never reached")
        if "bps" not in names and row.bps is not None:
            yield Fault((*here, "bps"), "is no amount")


def _cap(rule: Cap, path: Path) -> Iterator[Fault]:
    yield from _one_of(rule, path, "amount", "rows")
    yield from _rows(rule.rows, path, ("amount",))
    if not rule.per:
        yield Fault((*path, "per"), "must name whose money is counted together")
    if rule.average and "claim" in rule.per:
        yield Fault((*path, "per"), "of an average cannot be the project alone")
    if rule.months < 1:
        yield Fault((*path, "months"), "must be at least 1")


def _instalment(rule: Instalment, path: Path) -> Iterator[Fault]:
    if (rule.waits == "nothing") == bool(rule.event):
        yield Fault((*path, "event"), "belongs to what waits for an event or a number, and is needed there")
    if (rule.waits == "count") != (rule.reached is not None):
        yield Fault((*path, "reached"), "belongs to what waits for a number, and is needed there")


def _one_of(table: Any, path: Path, *names: str) -> Iterator[Fault]:
    given = [name for name in names if getattr(table, name) not in (None, ())]
    if len(given) != 1:
        yield Fault((*path, given[1]) if given else path, f"needs exactly one of {', '.join(names)}")


def _when(when: Mapping[str, tuple[str, ...]], path: Path) -> Iterator[Fault]:
    for name, texts in when.items():
        if name not in ATTRIBUTES:
            yield Fault((*path, name), f"is nothing that is known of an applicant: {', '.join(ATTRIBUTES)}")
        if not texts:
            yield Fault((*path, name), "must not be empty")


_CONTEXT: dict[str, Callable[[Book, Any, Path], Iterator[Fault]]] = {"gates": _gate, "shares": _share, "rates": _rate}
_ALONE: dict[str, Callable[[Any, Path], Iterator[Fault]]] = {
    "windows": _window,
    "counts": _count,
    "costs": _cost,
    "minimums": _needed("amount"),
    "bonuses": _bonus,
    "caps": _cap,
    "instalments": _instalment,
    "goals": _needed("at_least"),
}
_PARTS = (*_CONTEXT, *_ALONE)
