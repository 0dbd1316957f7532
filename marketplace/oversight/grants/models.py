"""Lists of what other programmes granted, every row as it came."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified, one_of
from marketplace.base.keys import look_again
from marketplace.base.permissions import Scope
from marketplace.base.types import ID, Choice, Count, Day, Fen, Instant, Name
from marketplace.oversight.grants.states import GrantListState

_ACTIVE = text("state = 'active'")


class GrantList(Identified, Base):
    """One sheet of an office: whom another programme supported, for what."""

    __tablename__ = "grant_list"
    __table_args__ = (
        one_of("state", GrantListState),
        CheckConstraint("rows > 0", name="a_list_has_rows"),
        CheckConstraint("length(sha256) = 64", name="digest_whole"),
        CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL AND reason <> '')", name="withdrawn_iff_day_and_reason"
        ),
        Index(
            "uq_grant_list_active_once", "region", "sha256",
            unique=True, info=look_again(), sqlite_where=_ACTIVE, postgresql_where=_ACTIVE,
        ),
        Index("ix_grant_list_newest", "region", "created_at", "id"),
    )  # fmt: skip

    region: Mapped[str] = mapped_column(
        Name(), ForeignKey("region.code"), nullable=False, comment="city or province whose orders it is compared with"
    )
    programme: Mapped[str] = mapped_column(Name(), nullable=False, comment="whose money it was, unless a row says so")
    filename: Mapped[str] = mapped_column(Name(), nullable=False)
    document_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("document.id"), nullable=False)
    rows: Mapped[int] = mapped_column(Count(), nullable=False)
    sha256: Mapped[str] = mapped_column(Name(), nullable=False, comment="of the canonical rows, in hex")
    state: Mapped[GrantListState] = mapped_column(Choice(GrantListState), nullable=False)
    brought_by: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="person")
    withdrawn_by: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="person")
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant())
    reason: Mapped[str] = mapped_column(Name(), nullable=False, default="", comment="of the withdrawal")

    @property
    def scope(self) -> Scope:
        return Scope.of(city=self.region)


class GrantRow(Identified, Base):
    """One row of a list; the keys are its texts in the form in which they are compared."""

    __tablename__ = "grant_row"
    __table_args__ = (
        UniqueConstraint("list_id", "number"),
        CheckConstraint("uscc <> '' OR name <> ''", name="an_enterprise_is_named"),
        CheckConstraint("amount_fen IS NULL OR amount_fen > 0", name="amount_is_positive"),
        Index("ix_grant_row_enterprise", "enterprise_id"),
        Index("ix_grant_row_uscc", "uscc"),
        Index("ix_grant_row_key", "row_key"),
    )

    list_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("grant_list.id"), nullable=False)
    number: Mapped[int] = mapped_column(Count(), nullable=False, comment="as the spreadsheet shows it")
    uscc: Mapped[str] = mapped_column(Name(), nullable=False, comment="empty where the list has none")
    name: Mapped[str] = mapped_column(Name(), nullable=False)
    name_key: Mapped[str] = mapped_column(Name(), nullable=False)
    project: Mapped[str] = mapped_column(Name(), nullable=False)
    project_key: Mapped[str] = mapped_column(Name(), nullable=False)
    contract: Mapped[str] = mapped_column(Name(), nullable=False)
    contract_key: Mapped[str] = mapped_column(Name(), nullable=False)
    programme: Mapped[str] = mapped_column(Name(), nullable=False)
    amount_fen: Mapped[int | None] = mapped_column(Fen())
    granted_on: Mapped[date | None] = mapped_column(Day())
    row_key: Mapped[str] = mapped_column(Name(), nullable=False, comment="digest of what it says, in any list")
    enterprise_id: Mapped[uuid.UUID | None] = mapped_column(
        ID(), ForeignKey("organisation.id"), comment="who it is here; empty: not registered"
    )
