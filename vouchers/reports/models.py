"""Reports as they were signed."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified
from marketplace.base.keys import look_again
from marketplace.base.permissions import Scope
from marketplace.base.types import ID, Count, Day, Json, Name


class SignedReport(Identified, Base):
    """The settlement report of a pilot on one day as a person signed it. Never changed: news make a new version."""

    __tablename__ = "signed_report"
    __table_args__ = (
        UniqueConstraint("pilot_id", "as_of", "version", info=look_again()),
        CheckConstraint("version > 0", name="version_counts_from_one"),
        CheckConstraint("length(sha256) = 64", name="digest_whole"),
        CheckConstraint("version = 1 OR reason <> ''", name="a_new_version_has_its_reason"),
        Index("ix_signed_report_newest", "pilot_id", "created_at", "id"),
    )

    pilot_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("pilot.id"), nullable=False)
    city: Mapped[str] = mapped_column(Name(), nullable=False)
    as_of: Mapped[date] = mapped_column(Day(), nullable=False, comment="the end of this day")
    version: Mapped[int] = mapped_column(Count(), nullable=False, comment="1, and one more whenever it is opened again")
    content: Mapped[dict[str, Any]] = mapped_column(Json(), nullable=False, comment="the report as the API answers it")
    sha256: Mapped[str] = mapped_column(Name(), nullable=False, comment="of the canonical content, in hex")
    signed_by: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False, comment="person")
    reason: Mapped[str] = mapped_column(Name(), nullable=False, comment="why it was opened again; empty for the first")

    @property
    def scope(self) -> Scope:
        return Scope.of(pilot_id=self.pilot_id, city=self.city)
