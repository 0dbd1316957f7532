"""Organisations by their unified social credit code, and everything whose history later chapters read."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified, one_of
from marketplace.base.keys import look_again
from marketplace.base.permissions import Scope
from marketplace.base.types import ID, Choice, Count, Fen, Instant, Json, Name
from marketplace.people.organisations.states import (
    AccountState,
    CapacityKind,
    CaseState,
    FactKind,
    FactState,
    OrganisationState,
    PaperKind,
    SizeClass,
)


class Organisation(Identified, Base):
    """One row per unified social credit code, whatever the organisation is here as. The row holds its current facts."""

    __tablename__ = "organisation"

    uscc: Mapped[str] = mapped_column(
        Name(), nullable=False, unique=True, info=look_again(), comment="统一社会信用代码, 18 characters"
    )
    name: Mapped[str] = mapped_column(Name(), nullable=False)
    region: Mapped[str] = mapped_column(
        Name(), ForeignKey("region.code"), nullable=False, comment="county or zone; city for firms from elsewhere"
    )
    city: Mapped[str] = mapped_column(Name(), nullable=False, comment="prefecture city whose officers confirm it")
    address: Mapped[str] = mapped_column(Name(), nullable=False, default="")
    legal_representative: Mapped[str] = mapped_column(Name(), nullable=False)
    phone: Mapped[str] = mapped_column(Name(), nullable=False)
    industry: Mapped[str] = mapped_column(Name(), nullable=False, comment="GB/T 4754 division, like C39")
    employees: Mapped[int | None] = mapped_column(Count())
    revenue_fen: Mapped[int | None] = mapped_column(Fen(), comment="of the last full year")
    size_class: Mapped[SizeClass | None] = mapped_column(
        Choice(SizeClass), comment="工信部联企业〔2011〕300号; empty when not of industry or figures are missing"
    )
    state: Mapped[OrganisationState] = mapped_column(
        Choice(OrganisationState), nullable=False, default=OrganisationState.REGISTERED
    )
    registered_by: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="person; empty: the platform")
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="officer who confirmed or rejected it")
    decided_at: Mapped[datetime | None] = mapped_column(Instant())
    reason: Mapped[str] = mapped_column(Name(), nullable=False, default="", comment="of a rejection")

    __table_args__ = (
        one_of("state", OrganisationState),
        one_of("size_class", SizeClass),
        CheckConstraint("length(uscc) = 18", name="uscc_has_18_characters"),
        CheckConstraint("employees IS NULL OR employees >= 0", name="employees_not_negative"),
        CheckConstraint("revenue_fen IS NULL OR revenue_fen >= 0", name="revenue_not_negative"),
        CheckConstraint("(state = 'registered') = (decided_at IS NULL)", name="decided_unless_registered"),
        Index("ix_organisation_city_state", "city", "state", "created_at", "id"),
        Index("ix_organisation_region_state", "region", "state", "created_at", "id"),
        Index("ix_organisation_created", "created_at", "id"),
        Index("ix_organisation_name", "name", "id"),
    )

    @property
    def scope(self) -> Scope:
        return Scope.of(self.id, city=self.city, region=self.region)


class Capacity(Base):
    """What an organisation is here as."""

    __tablename__ = "capacity"

    organisation_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("organisation.id"), primary_key=True)
    kind: Mapped[CapacityKind] = mapped_column(Choice(CapacityKind), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(Instant(), nullable=False)

    __table_args__ = (
        one_of("kind", CapacityKind),
        Index("ix_capacity_kind", "kind", "organisation_id"),
        {"info": look_again()},
    )


class OrganisationFact(Identified, Base):
    """One fact of an organisation through time: who said it, who confirmed it, from when until when it held."""

    __tablename__ = "organisation_fact"

    organisation_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("organisation.id"), nullable=False)
    kind: Mapped[FactKind] = mapped_column(Choice(FactKind), nullable=False)
    value: Mapped[Any] = mapped_column(Json(), nullable=False, comment="text; for size employees and revenue_fen")
    state: Mapped[FactState] = mapped_column(Choice(FactState), nullable=False)
    proposed_by: Mapped[uuid.UUID | None] = mapped_column(ID())
    document_id: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="evidence")
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ID())
    decided_at: Mapped[datetime | None] = mapped_column(Instant())
    valid_from: Mapped[datetime | None] = mapped_column(Instant())
    valid_until: Mapped[datetime | None] = mapped_column(Instant())

    __table_args__ = (
        one_of("kind", FactKind),
        one_of("state", FactState),
        CheckConstraint("(state IN ('current', 'past')) = (valid_from IS NOT NULL)", name="valid_iff_it_held"),
        CheckConstraint("(state = 'past') = (valid_until IS NOT NULL)", name="ended_iff_past"),
        Index("ix_organisation_fact_history", "organisation_id", "kind", "created_at"),
        Index("ix_organisation_fact_state", "state", "created_at"),
    )


class Shareholding(Identified, Base):
    """Who owns how much of an organisation, from and until: related parties are read from here."""

    __tablename__ = "shareholding"

    organisation_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("organisation.id"), nullable=False)
    holder_name: Mapped[str] = mapped_column(Name(), nullable=False)
    holder_uscc: Mapped[str | None] = mapped_column(Name(), index=True, comment="when the holder is an organisation")
    share_bps: Mapped[int] = mapped_column(Count(), nullable=False, comment="ten-thousandths of the capital")
    valid_from: Mapped[datetime] = mapped_column(Instant(), nullable=False)
    valid_until: Mapped[datetime | None] = mapped_column(Instant())
    stated_by: Mapped[uuid.UUID | None] = mapped_column(ID())

    __table_args__ = (
        CheckConstraint("share_bps BETWEEN 1 AND 10000", name="share_within_the_whole"),
        Index("ix_shareholding_organisation", "organisation_id", "valid_until"),
    )


class OrganisationPaper(Identified, Base):
    """A document that shows who an organisation is."""

    __tablename__ = "organisation_paper"

    organisation_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("organisation.id"), nullable=False, index=True)
    kind: Mapped[PaperKind] = mapped_column(Choice(PaperKind), nullable=False)
    document_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    filed_by: Mapped[uuid.UUID | None] = mapped_column(ID())

    __table_args__ = (one_of("kind", PaperKind),)


class BankAccount(Identified, Base):
    """Where money for an organisation goes: proposed by one person, confirmed by another, usable after a pause."""

    __tablename__ = "bank_account"

    organisation_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("organisation.id"), nullable=False)
    holder_name: Mapped[str] = mapped_column(Name(), nullable=False)
    bank_name: Mapped[str] = mapped_column(Name(), nullable=False, comment="branch, as on the account licence")
    bank_code: Mapped[str] = mapped_column(Name(), nullable=False, comment="12 digits (CNAPS), or empty")
    number: Mapped[str] = mapped_column(Name(), nullable=False, comment="digits only")
    state: Mapped[AccountState] = mapped_column(Choice(AccountState), nullable=False, default=AccountState.PROPOSED)
    document_id: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="account licence or bank statement")
    proposed_by: Mapped[uuid.UUID | None] = mapped_column(ID())
    confirmed_by: Mapped[uuid.UUID | None] = mapped_column(ID())
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant())
    effective_from: Mapped[datetime | None] = mapped_column(Instant(), comment="end of the cooling period")
    retired_at: Mapped[datetime | None] = mapped_column(Instant())
    reason: Mapped[str] = mapped_column(Name(), nullable=False, default="", comment="of a refusal")

    __table_args__ = (
        one_of("state", AccountState),
        CheckConstraint(
            "proposed_by IS NULL OR confirmed_by IS NULL OR proposed_by <> confirmed_by", name="two_persons"
        ),
        CheckConstraint(
            "(state IN ('active', 'retired')) = (effective_from IS NOT NULL)", name="effective_iff_confirmed"
        ),
        CheckConstraint("(state = 'retired') = (retired_at IS NOT NULL)", name="retired_iff_ended"),
        Index(
            "ix_bank_account_one_active",
            "organisation_id",
            unique=True,
            info=look_again(),
            sqlite_where=state == AccountState.ACTIVE.value,
            postgresql_where=state == AccountState.ACTIVE.value,
        ),
        Index("ix_bank_account_history", "organisation_id", "created_at"),
        Index("ix_bank_account_number", "number"),
        Index("ix_bank_account_state", "state", "created_at"),
    )


class OwnershipCase(Identified, Base):
    """Somebody else claims an organisation that is registered already: an officer decides, nobody takes over."""

    __tablename__ = "ownership_case"

    organisation_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("organisation.id"), nullable=False)
    city: Mapped[str] = mapped_column(Name(), nullable=False)
    region: Mapped[str] = mapped_column(Name(), nullable=False)
    claimant_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False, comment="person")
    capacity: Mapped[CapacityKind] = mapped_column(Choice(CapacityKind), nullable=False)
    claimed: Mapped[Any] = mapped_column(Json(), nullable=False, comment="name, legal representative, phone as claimed")
    state: Mapped[CaseState] = mapped_column(Choice(CaseState), nullable=False, default=CaseState.OPEN)
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ID())
    decided_at: Mapped[datetime | None] = mapped_column(Instant())
    reason: Mapped[str] = mapped_column(Name(), nullable=False, default="")

    __table_args__ = (
        one_of("state", CaseState),
        one_of("capacity", CapacityKind),
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided_unless_open"),
        Index("ix_ownership_case_city", "city", "state", "created_at", "id"),
        Index("ix_ownership_case_region", "region", "state", "created_at", "id"),
        Index("ix_ownership_case_claimant", "claimant_id"),
        Index(
            "ix_ownership_case_one_open",
            "organisation_id",
            "claimant_id",
            unique=True,
            sqlite_where=state == CaseState.OPEN.value,
            postgresql_where=state == CaseState.OPEN.value,
        ),
    )

    @property
    def scope(self) -> Scope:
        return Scope.of(city=self.city, region=self.region, persons=[self.claimant_id])


class UsccOverride(Base):
    """A real credit code whose check character does not fit, admitted by an officer who saw the licence."""

    __tablename__ = "uscc_override"

    uscc: Mapped[str] = mapped_column(Name(), primary_key=True, info=look_again())
    city: Mapped[str] = mapped_column(Name(), nullable=False)
    reason: Mapped[str] = mapped_column(Name(), nullable=False)
    document_id: Mapped[uuid.UUID | None] = mapped_column(ID())
    allowed_by: Mapped[uuid.UUID | None] = mapped_column(ID())
    created_at: Mapped[datetime] = mapped_column(Instant(), nullable=False)

    __table_args__ = (CheckConstraint("length(uscc) = 18", name="uscc_has_18_characters"),)
