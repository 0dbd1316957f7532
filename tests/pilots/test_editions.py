"""Rule books as editions: published once, never changed, read again from what was kept."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from marketplace.base.errors import Forbidden, Invalid, NotFound, Refusal
from marketplace.base.ids import new_id
from marketplace.base.roles import Role
from marketplace.policy.books import shelf
from marketplace.policy.editions import actions, queries, texts
from marketplace.policy.editions.models import BookEdition
from tests.support.people import Act, make_actor

CHILD = """
extends = "jiangxi-2023"
code = "child-2031"
version = "{version}"
name_zh = "子规则"
name_en = "Child"

[types.county.classes.county_3]
award_cap = "7000000.00"
"""


def count(act: Act) -> int:
    return act(lambda ctx: ctx.session.scalar(select(func.count()).select_from(BookEdition)))


def test_an_edition_is_the_book_of_the_shelf(act: Act) -> None:
    edition = act(lambda ctx: actions.publish(ctx, "jiangxi-2023"))
    book = act(lambda ctx: queries.book(ctx, edition.id))
    assert book == shelf.load("jiangxi-2023")
    assert edition.content_hash == book.content_hash
    assert act(lambda ctx: queries.current(ctx, "jiangxi-2023")).id == edition.id


def test_the_same_content_twice_changes_nothing(act: Act) -> None:
    first = act(lambda ctx: actions.publish(ctx, "jiangxi-2023"))
    text = texts.on_shelf("jiangxi-2023")
    again = act(lambda ctx: actions.publish_file(ctx, ("# another comment\n" + text).encode()))
    assert (again.id, count(act)) == (first.id, 1)


def test_a_published_version_is_never_replaced(act: Act) -> None:
    act(lambda ctx: actions.publish(ctx, "jiangxi-2023"))
    version = shelf.load("jiangxi-2023").version
    other = texts.on_shelf("jiangxi-2023").replace("minimum_enterprises = 30", "minimum_enterprises = 31")
    with pytest.raises(Refusal) as caught:
        act(lambda ctx: actions.publish_file(ctx, other.encode()))
    assert (caught.value.code, caught.value.field, count(act)) == ("edition.version_taken", "file", 1)
    newer = other.replace(f'version = "{version}"', 'version = "9.0.0"')
    second = act(lambda ctx: actions.publish_file(ctx, newer.encode()))
    assert act(lambda ctx: queries.current(ctx, "jiangxi-2023")).id == second.id
    assert count(act) == 2


def test_a_book_that_extends_another_keeps_its_parent(act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    edition = act(lambda ctx: actions.publish_file(ctx, CHILD.format(version="1").encode()))
    assert list(edition.parents) == ["jiangxi-2023"]
    monkeypatch.setattr(queries, "_READ", {})
    monkeypatch.setattr(shelf, "FOLDER", shelf.FOLDER / "gone")
    book = act(lambda ctx: queries.book(ctx, edition.id))
    county = book.types["county"].classes
    assert (county["county_3"].award_cap, county["county_1"].award_cap) == (7_000_000_00, 10_000_000_00)


def test_a_book_is_read_once_per_content(act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    edition = act(lambda ctx: actions.publish(ctx, "jiangxi-2023"))
    monkeypatch.setattr(queries, "_READ", {})
    first = act(lambda ctx: queries.book(ctx, edition.id))
    monkeypatch.setattr(texts, "parse", lambda *given: pytest.fail("read again"))
    assert act(lambda ctx: queries.book(ctx, edition.id)) is first


def test_a_tampered_text_is_not_served(act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    edition = act(lambda ctx: actions.publish(ctx, "jiangxi-2023"))
    monkeypatch.setattr(queries, "_READ", {})
    act(lambda ctx: _tamper(ctx.session.get(BookEdition, edition.id)))
    with pytest.raises(RuntimeError):
        act(lambda ctx: queries.book(ctx, edition.id))


def _tamper(edition: Any) -> None:
    edition.text = edition.text.replace('award_cap = "8000000.00"', 'award_cap = "9000000.00"')


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xff\xfe\x00", "edition.not_text"),
        (b'code = "x"', "edition.unusable"),
        (b"no toml at all", "edition.unusable"),
        (b'extends = "nobody"\ncode = "x"', "edition.unknown_book"),
        (b"#" * (3 * 2**20), "edition.too_large"),
    ],
)
def test_an_unusable_file_is_refused_with_its_lines(act: Act, data: bytes, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        act(lambda ctx: actions.publish_file(ctx, data))
    assert (caught.value.code, count(act)) == (code, 0)
    if isinstance(caught.value, Invalid):
        assert caught.value.errors["file"]


def test_only_the_province_publishes(act: Act) -> None:
    for role in (Role.CITY, Role.PILOT, Role.ADMIN, Role.AUDITOR):
        actor = make_actor(act, role)[0]
        with pytest.raises(Forbidden):
            act(lambda ctx: actions.publish(ctx, "jiangxi-2023"), actor)
    assert count(act) == 0


def test_what_was_never_published_is_not_found(act: Act) -> None:
    with pytest.raises(NotFound):
        act(lambda ctx: queries.book(ctx, new_id()))
    with pytest.raises(Refusal) as caught:
        act(lambda ctx: queries.current(ctx, "jiangxi-2023"))
    assert caught.value.code == "edition.none"
    with pytest.raises(Refusal) as caught:
        act(lambda ctx: actions.publish(ctx, "atlantis"))
    assert caught.value.code == "edition.unknown_book"
