"""Looking up published rule books. They are public: nothing here asks who looks."""

from __future__ import annotations

import uuid
from collections.abc import Collection

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
    return books(ctx, [edition_id])[edition_id]


def books(ctx: Context, edition_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Book]:
    """The books of several editions in one look, each read once per process; 404 where one is missing."""
    wanted = select(BookEdition.id, BookEdition.content_hash).where(BookEdition.id.in_(edition_ids))
    hashes = {edition_id: content_hash for edition_id, content_hash in ctx.session.execute(wanted)}
    if len(hashes) < len(set(edition_ids)):
        raise NotFound("book_edition")
    unread = [edition_id for edition_id, content_hash in hashes.items() if content_hash not in _READ]
    if unread:
        for edition in ctx.session.scalars(select(BookEdition).where(BookEdition.id.in_(unread))):
            _read(edition)
    return {edition_id: _READ[content_hash] for edition_id, content_hash in hashes.items()}


def _read(edition: BookEdition) -> None:
    found = texts.parse(edition.code, edition.text, edition.parents)
    if found.content_hash != edition.content_hash:
        raise RuntimeError(f"edition {edition.code} {edition.version} does not give its own hash")
    _READ[edition.content_hash] = found


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


def search(ctx: Context, *, code: str | None = None) -> Select[BookEdition]:
    """The same, narrowed to one book."""
    statement = all_editions()
    return statement if code is None else statement.where(BookEdition.code == code)


def choices(ctx: Context) -> list[BookEdition]:
    """Editions to choose from, newest first, without their texts."""
    return list(ctx.session.scalars(select(BookEdition).order_by(BookEdition.created_at.desc(), BookEdition.id.desc())))
