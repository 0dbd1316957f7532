"""What the books say under a clause, as sentences in both languages, in the order of the book."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any

from marketplace.base import money
from marketplace.base.text import Bilingual
from marketplace.policy.books import shelf
from marketplace.policy.books.model import Book, Category, CheckRule, Item, PilotClass, PilotType, Prohibited


@dataclass(frozen=True)
class Provision:
    """One provision in both languages; the text may be empty."""

    name: Bilingual
    text: Bilingual


def provisions(clause: str, book: str | None = None) -> tuple[Provision, ...]:
    """What the book of this code, or every book on the shelf, says under the clause."""
    wanted = clause.translate(str.maketrans("（）", "()")).replace(" ", "")
    codes = [code for code in shelf.available() if book in (None, code)]
    found = (provision for code in codes for provision in _index(code).get(wanted, ()))
    return tuple({(each.name.template, each.text.template): each for each in found}.values())


@cache
def _index(code: str) -> dict[str, list[Provision]]:
    book = shelf.load(code)
    found: dict[str, list[Provision]] = {}
    for clause, zh, en in (*_numbers(book), *_shared(book), *_words(book)):
        provision = Provision(Bilingual(zh[0], en=en[0]), Bilingual(zh[1], en=en[1]))
        found.setdefault(clause, []).append(provision)
    return found


Words = tuple[str, tuple[str, str], tuple[str, str]]
"""A clause, then name and text in Chinese and in English."""


def _numbers(book: Book) -> Iterator[Words]:
    """Limits and targets, which a book holds as numbers."""
    for kind in book.types.values():
        floor, ceiling = _share(kind.renovation_floor_bps), _share(kind.other_ceiling_bps)
        zh = f"企业数字化改造不低于奖补资金的 {floor}，其他用途合计不高于 {ceiling}。"
        en = f"At least {floor} of the award for renovation, at most {ceiling} for all other uses."
        yield kind.share_clause, (kind.name_zh, zh), (kind.name_en, en)
        for each in kind.classes.values():
            cap = money.plain(each.award_cap, grouped=True)
            yield each.clause, (each.name_zh, f"奖补资金不超过 ¥{cap}。"), (each.name_en, f"Awards up to ¥{cap}.")
            least = each.minimum_enterprises
            if least:
                zh, en = f"改造企业不少于 {least} 户。", f"At least {least} renovated enterprises."
                yield each.minimum_clause, (each.name_zh, zh), (each.name_en, en)
    targets = book.targets
    zh, en = f"企业改造后达到 {targets.other_level}。", f"Enterprises reach {targets.other_level}."
    if targets.key_link_level:
        zh = f"关键环节企业改造后达到 {targets.key_link_level}，其他企业达到 {targets.other_level}。"
        en = f"Key-link enterprises reach {targets.key_link_level}, the others {targets.other_level}."
    if targets.other_level:
        yield targets.level_clause, ("改造后水平", zh), ("Level after renovation", en)
    if targets.key_link_share_bps:
        share = _share(targets.key_link_share_bps)
        zh, en = f"不少于选定企业的 {share}。", f"At least {share} of the chosen enterprises."
        yield targets.key_link_clause, ("产业链关键环节企业", zh), ("Key links of the chain", en)


def _shared(book: Book) -> Iterator[Words]:
    """What the money must not be used for, in one sentence for each clause: a bare name would read like a use."""
    clauses: dict[str, list[Prohibited]] = {}
    for use in book.prohibited.values():
        clauses.setdefault(use.clause, []).append(use)
    for clause, uses in clauses.items():
        zh, en = "、".join(use.name_zh for use in uses), ", ".join(use.name_en.lower() for use in uses)
        yield clause, ("不得用于", f"{zh}。"), ("Not to be used for", f"{en}.")
    other = book.other_support
    if not other.excluding_zh:
        return
    zh, en = "、".join(other.excluding_zh), ", ".join(other.excluding_en)
    yield (
        other.clause,
        ("不得重复支持", f"已获下列资金支持的项目：{zh}。"),
        ("No double support", f"Projects supported by: {en}."),
    )


def _words(book: Book) -> Iterator[Words]:
    """Everything that a book says in words; a category is named with its kind of pilot."""
    for item, kind in _items(book, None):
        zh, en = item.name_zh, item.name_en
        if isinstance(item, Category) and kind is not None:
            zh, en = f"{kind.name_zh} · {zh}", f"{kind.name_en} · {en}"
        yield item.clause, (zh, item.text_zh), (en, item.text_en)


def _items(value: Any, kind: PilotType | None) -> Iterator[tuple[Item, PilotType | None]]:
    """Every provision within; a check only repeats in its own words what others say."""
    kind = value if isinstance(value, PilotType) else kind
    if isinstance(value, Item) and value.clause and not isinstance(value, (CheckRule, PilotClass, Prohibited)):
        yield value, kind
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _items(inner, kind)
    elif is_dataclass(value):
        for each in fields(value):
            yield from _items(getattr(value, each.name), kind)


def _share(bps: int) -> str:
    return f"{bps / 100:g}%"
