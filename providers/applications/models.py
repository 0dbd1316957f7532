"""Dossiers, and applications with the copy of the dossier that was submitted."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified, one_of
from marketplace.base.keys import look_again
from marketplace.base.permissions import Scope
from marketplace.base.types import ID, Choice, Count, Day, Fen, Flag, Instant, Json, Name
from marketplace.shop.roster.states import ServiceClass
from providers.applications.states import ApplicationState, ProofKind

_LIVE = text("state <> 'withdrawn'")


class Dossier(Identified, Base):
    """What an organisation says of itself, kept up to date and reused from call to call."""

    __tablename__ = "dossier"

    organisation_id: Mapped[uuid.UUID] = mapped_column(
        ID(), ForeignKey("organisation.id"), nullable=False, unique=True, info=look_again()
    )
    founded_on: Mapped[date] = mapped_column(Day(), nullable=False, comment="as on the business licence")
    staff: Mapped[int] = mapped_column(Count(), nullable=False)
    technical_staff: Mapped[int] = mapped_column(Count(), nullable=False)
    revenue_fen: Mapped[int | None] = mapped_column(Fen(), comment="of the last full year")
    bad_credit: Mapped[bool] = mapped_column(Flag(), nullable=False, comment="own statement: on the list of bad credit")
    introduction: Mapped[str] = mapped_column(Name(), nullable=False)
    knowledge: Mapped[str] = mapped_column(Name(), nullable=False, comment="knowledge of the industry")
    engineering: Mapped[str] = mapped_column(Name(), nullable=False, comment="ability to carry projects out")
    ecosystem: Mapped[str] = mapped_column(Name(), nullable=False, comment="network of services")
    continuity: Mapped[str] = mapped_column(Name(), nullable=False, comment="how it keeps serving")
    changed_at: Mapped[datetime] = mapped_column(Instant(), nullable=False)

    __table_args__ = (
        CheckConstraint("staff >= 0 AND technical_staff >= 0", name="people_are_not_negative"),
        CheckConstraint("technical_staff <= staff", name="technical_staff_within_staff"),
    )

    @property
    def scope(self) -> Scope:
        return Scope.of(self.organisation_id)


class DossierCase(Identified, Base):
    """A success case, with somebody who can be asked about it."""

    __tablename__ = "dossier_case"

    dossier_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("dossier.id"), nullable=False, index=True)
    client_name: Mapped[str] = mapped_column(Name(), nullable=False)
    industry: Mapped[str] = mapped_column(Name(), nullable=False, comment="GB/T 4754 division")
    title: Mapped[str] = mapped_column(Name(), nullable=False)
    finished_on: Mapped[date] = mapped_column(Day(), nullable=False)
    amount_fen: Mapped[int | None] = mapped_column(Fen(), comment="of the contract")
    effect: Mapped[str] = mapped_column(Name(), nullable=False)
    contact: Mapped[str] = mapped_column(Name(), nullable=False, comment="personal data: whom to ask at the client")


class DossierProof(Identified, Base):
    """A document of the dossier: licence, copyright, patent, qualification."""

    __tablename__ = "dossier_proof"

    dossier_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("dossier.id"), nullable=False, index=True)
    kind: Mapped[ProofKind] = mapped_column(Choice(ProofKind), nullable=False)
    name: Mapped[str] = mapped_column(Name(), nullable=False)
    number: Mapped[str] = mapped_column(Name(), nullable=False, comment="registration number, or empty")
    document_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("document.id"), nullable=False)

    __table_args__ = (one_of("kind", ProofKind),)


class Application(Identified, Base):
    """One organisation's application to one call, in one class."""

    __tablename__ = "application"

    call_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("selection_call.id"), nullable=False)
    city: Mapped[str] = mapped_column(Name(), nullable=False)
    applicant_organisation_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("organisation.id"), nullable=False)
    subject_kind: Mapped[str] = mapped_column(Name(), nullable=False, comment="what is applied for: provider, pilot")
    subject_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    klass: Mapped[ServiceClass] = mapped_column(Choice(ServiceClass), nullable=False)
    industries: Mapped[list[str]] = mapped_column(Json(), nullable=False)
    proposal: Mapped[str] = mapped_column(Name(), nullable=False, comment="how it will serve: products, prices")
    dossier: Mapped[dict[str, Any] | None] = mapped_column(Json(), comment="copy of the dossier as submitted")
    state: Mapped[ApplicationState] = mapped_column(
        Choice(ApplicationState), nullable=False, default=ApplicationState.DRAFT
    )
    promised_by: Mapped[uuid.UUID | None] = mapped_column(ID(), ForeignKey("person.id"), comment="promise of truth")
    submitted_at: Mapped[datetime | None] = mapped_column(Instant(), comment="first submission")
    opened_at: Mapped[datetime | None] = mapped_column(Instant(), comment="since when others than it may read")
    supplement_until: Mapped[date | None] = mapped_column(Day(), comment="last day of a supplement")
    note: Mapped[str | None] = mapped_column(Name(), comment="what the applicant is told: supplement, reason")
    score: Mapped[int | None] = mapped_column(Count(), comment="hundredths of a point")

    __table_args__ = (
        one_of("state", ApplicationState),
        one_of("klass", ServiceClass),
        CheckConstraint("subject_kind IN ('provider', 'pilot')", name="subject_known"),
        CheckConstraint(
            "state IN ('draft', 'withdrawn') OR (dossier IS NOT NULL AND submitted_at IS NOT NULL)",
            name="submitted_with_a_dossier",
        ),
        CheckConstraint("state <> 'returned' OR supplement_until IS NOT NULL", name="supplement_has_a_deadline"),
        Index(
            "uq_application_live",
            "call_id",
            "applicant_organisation_id",
            "klass",
            unique=True,
            info=look_again(),
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index("ix_application_call_id_state", "call_id", "state"),
        Index("ix_application_applicant", "applicant_organisation_id", "id"),
        Index("ix_application_city", "city", "id"),
    )

    @property
    def scope(self) -> Scope:
        return Scope.of(self.applicant_organisation_id, city=self.city)
