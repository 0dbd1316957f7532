"""Levels: what an assessor found on which scale and day. Rows are only ever added."""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified
from marketplace.base.permissions import Scope
from marketplace.base.types import ID, Count, Day, Name


class LevelRecord(Identified, Base):
    """One assessment of one enterprise; a correction is a later row for the same day."""

    __tablename__ = "level_record"
    __table_args__ = (
        CheckConstraint("rank > 0", name="rank_counts_from_one"),
        Index("ix_level_record_latest", "enterprise_id", "scale", "assessed_on", "created_at"),
        Index("ix_level_record_city", "city", "created_at", "id"),
        Index("ix_level_record_newest", "created_at", "id"),
    )

    enterprise_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("organisation.id"), nullable=False)
    city: Mapped[str] = mapped_column(Name(), nullable=False)
    pilot_id: Mapped[uuid.UUID | None] = mapped_column(ID(), ForeignKey("pilot.id"), comment="for which it was made")
    edition_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("book_edition.id"), nullable=False)
    scale: Mapped[str] = mapped_column(Name(), nullable=False, comment="code of the book's scale: jiangxi")
    version: Mapped[str] = mapped_column(Name(), nullable=False, comment="edition of the scale that was used")
    value: Mapped[str] = mapped_column(Name(), nullable=False, comment="step of the scale: L6")
    rank: Mapped[int] = mapped_column(Count(), nullable=False, comment="its place on the scale, lowest 1")
    assessor: Mapped[str] = mapped_column(Name(), nullable=False, comment="who assessed")
    assessed_on: Mapped[date] = mapped_column(Day(), nullable=False)
    evidence_document_id: Mapped[uuid.UUID | None] = mapped_column(ID())
    recorded_by: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="person")

    @property
    def scope(self) -> Scope:
        return Scope.of(self.enterprise_id, pilot_id=self.pilot_id, city=self.city)
