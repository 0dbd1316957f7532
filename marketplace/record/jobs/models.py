"""Runs of scheduled work."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, one_of
from marketplace.base.types import ID, Choice, Instant, Name, Serial


class Outcome(StrEnum):
    DONE = "done"
    FAILED = "failed"


class JobRun(Base):
    """One finished run of a job. Runs of a frequent job that found nothing to do are not kept one by one."""

    __tablename__ = "job_run"
    __table_args__ = (one_of("outcome", Outcome), Index("ix_job_run_name", "name", "id"))

    id: Mapped[int] = mapped_column(Serial(), primary_key=True)
    name: Mapped[str] = mapped_column(Name(), nullable=False)
    started_at: Mapped[datetime] = mapped_column(Instant(), nullable=False)
    finished_at: Mapped[datetime] = mapped_column(Instant(), nullable=False, index=True)
    outcome: Mapped[Outcome] = mapped_column(Choice(Outcome), nullable=False)
    account: Mapped[str] = mapped_column(Name(), nullable=False, comment="what it did, or the fault")
    person_id: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="who ran it by hand")
