"""Looking up published rule books. They are public: nothing here asks who looks."""

from __future__ import annotations

import uuid

from sqlalchemy import Select, select

from marketplace.base.context import Context
from marketplace.base.errors import NotFound, Refusal
from marketplace.base.text import N_
from marketplace.policy.books.model import Book
from marketplace.policy.editions import texts
from marketplace.policy.editions.models import BookEdition

_READ: dict[str, Book] = {}
"""Books by content hash: what has the same hash is the same book, so nothing here can grow stale."""


def get(ctx: Context, edition_id: uuid.UUID) -> BookEdition:
    """One edition; 404 where there is none."""
    edition = ctx.session.get(BookEdition, edition_id)
    if edition is None:
        raise NotFound("book_edition")
    return edition


def book(ctx: Context, edition_id: uuid.UUID) -> Book:
    """The book of an edition, read once per process."""
    content_hash = ctx.session.scalar(select(BookEdition.content_hash).where(BookEdition.id == edition_id))
    if content_hash is None:
        raise NotFound("book_edition")
    if content_hash not in _READ:
        edition = get(ctx, edition_id)
        found = texts.parse(edition.code, edition.text, edition.parents)
        if found.content_hash != content_hash:
            raise RuntimeError(f"edition {edition.code} {edition.version} does not give its own hash")
        _READ[content_hash] = found
    return _READ[content_hash]


def current(ctx: Context, code: str) -> BookEdition:
    """The newest edition of a book; refuses where none was published (`edition.none`)."""
    edition = ctx.session.scalars(
        select(BookEdition)
        .where(BookEdition.code == code)
        .order_by(BookEdition.created_at.desc(), BookEdition.id.desc())
        .limit(1)
    ).one_or_none()
    if edition is None:
        raise Refusal("edition.none", N_("政策规则“{book}”尚未发布。"), field="code", book=code[:60])
    return edition


def all_editions() -> Select[BookEdition]:
    """Every edition: the list is open to everybody."""
    return select(BookEdition)


def choices(ctx: Context) -> list[BookEdition]:
    """Editions to choose from, newest first, without their texts."""
    return list(ctx.session.scalars(select(BookEdition).order_by(BookEdition.created_at.desc(), BookEdition.id.desc())))
