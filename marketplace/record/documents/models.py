"""What is known of a stored file, and to whom besides its owner it was opened."""

from __future__ import annotations

import uuid
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified, one_of
from marketplace.base.keys import look_again
from marketplace.base.permissions import Scope
from marketplace.base.types import ID, Choice, Count, Flag, Name


class Retention(StrEnum):
    """How long a file is kept after its matter is closed."""

    STANDARD = "standard"  # 10 years: claims, contracts, invoices (会计档案)
    PERMANENT = "permanent"  # decisions, published lists
    SHORT = "short"  # 1 year: drafts, imports


class Document(Identified, Base):
    """One stored file. The content is found by its SHA-256, so equal files are kept once."""

    __tablename__ = "document"
    __table_args__ = (
        one_of("retention", Retention),
        CheckConstraint("size > 0", name="holds_something"),
        CheckConstraint("length(sha256) = 64", name="digest_whole"),
        Index("ix_document_owner", "owner_organisation_id", "id"),
    )

    sha256: Mapped[str] = mapped_column(Name(), nullable=False, index=True, comment="of the content, in hex")
    size: Mapped[int] = mapped_column(Count(), nullable=False, comment="bytes")
    media_type: Mapped[str] = mapped_column(Name(), nullable=False, comment="by content, not by name")
    name: Mapped[str] = mapped_column(Name(), nullable=False, comment="as uploaded, made harmless")
    kind: Mapped[str] = mapped_column(Name(), nullable=False, comment="what it is in its matter: contract, invoice …")
    owner_organisation_id: Mapped[uuid.UUID | None] = mapped_column(ID())
    pilot_id: Mapped[uuid.UUID | None] = mapped_column(ID())
    city: Mapped[str | None] = mapped_column(Name())
    person_id: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="who stored it")
    assignment_id: Mapped[uuid.UUID | None] = mapped_column(ID())
    personal: Mapped[bool] = mapped_column(Flag(), nullable=False, comment="holds personal data: each look is logged")
    public: Mapped[bool] = mapped_column(Flag(), nullable=False, comment="anybody may read it")
    retention: Mapped[Retention] = mapped_column(Choice(Retention), nullable=False)

    @property
    def scope(self) -> Scope:
        return Scope.of(self.owner_organisation_id, pilot_id=self.pilot_id, city=self.city, persons=[self.person_id])


class Reader(StrEnum):
    """Who may read a file besides its owner."""

    ORGANISATION = "organisation"
    PILOT = "pilot"
    CITY = "city"
    PERSON = "person"


class DocumentReader(Identified, Base):
    """Somebody besides the owner to whom a matter opened a file: the other party, a pilot, a city, an expert."""

    __tablename__ = "document_reader"
    __table_args__ = (
        one_of("reader_kind", Reader),
        UniqueConstraint("document_id", "reader_kind", "reader", info=look_again()),
    )

    document_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("document.id"), nullable=False)
    reader_kind: Mapped[Reader] = mapped_column(Choice(Reader), nullable=False)
    reader: Mapped[str] = mapped_column(Name(), nullable=False, comment="id, or the city's code")
