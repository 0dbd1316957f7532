"""Editions of rule books: what a pilot, a batch or a scheme points at, and what nobody can change any more."""

from __future__ import annotations

import uuid

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified
from marketplace.base.keys import look_again
from marketplace.base.types import ID, Json, Name


class BookEdition(Identified, Base):
    """A rule book as it was published: its whole text, and the texts of the books it extends."""

    __tablename__ = "book_edition"
    __table_args__ = (
        UniqueConstraint("code", "version", info=look_again()),
        CheckConstraint("length(content_hash) = 64", name="content_hash_is_sha256_hex"),
        Index("ix_book_edition_newest", "code", "created_at", "id"),
    )

    code: Mapped[str] = mapped_column(Name(), nullable=False, comment="code of the book: jiangxi-2023")
    version: Mapped[str] = mapped_column(Name(), nullable=False)
    content_hash: Mapped[str] = mapped_column(
        Name(), nullable=False, unique=True, info=look_again(), comment="SHA-256 of the content"
    )
    name_zh: Mapped[str] = mapped_column(Name(), nullable=False)
    name_en: Mapped[str] = mapped_column(Name(), nullable=False)
    text: Mapped[str] = mapped_column(Name(), nullable=False, comment="the TOML as published")
    parents: Mapped[dict[str, str]] = mapped_column(Json(), nullable=False, comment="extended books: code → TOML")
    published_by: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="person; empty: the installation")
    published_by_name: Mapped[str] = mapped_column(Name(), nullable=False)
