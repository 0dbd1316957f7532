"""Persons, what each may act as, and the secrets by which they are known at the door (kept as digests)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified, one_of
from marketplace.base.keys import taken
from marketplace.base.permissions import Scope
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.base.types import ID, Blob, Choice, Count, Instant, Json, Name
from marketplace.people.accounts.states import InvitationState, PersonState

KNOWN = "person.known"
KNOWN_TEXT = N_("不能用此手机号或邮箱注册；如已注册过，请直接登录。")
"""The same words for a number and an address, whoever has them."""


def place_fits_role() -> list[CheckConstraint]:
    """CHECKs that a role has the place it needs; the same for an assignment and for the offer of one."""
    return [
        CheckConstraint(
            "role NOT IN ('enterprise', 'provider') OR organisation_id IS NOT NULL", name="firms_have_organisation"
        ),
        CheckConstraint("role <> 'pilot' OR pilot_id IS NOT NULL", name="pilot_office_has_pilot"),
        CheckConstraint("pilot_id IS NULL OR role IN ('pilot', 'finance')", name="pilot_only_for_its_officers"),
        CheckConstraint("role <> 'finance' OR pilot_id IS NOT NULL OR region IS NOT NULL", name="finance_has_place"),
        CheckConstraint(
            "role NOT IN ('city', 'province', 'auditor') OR region IS NOT NULL", name="authorities_have_region"
        ),
    ]


class Person(Identified, Base):
    """A human being who can sign in. What she may do hangs on her assignments, never on the person."""

    __tablename__ = "person"

    name: Mapped[str] = mapped_column(Name(), nullable=False)
    phone: Mapped[str] = mapped_column(
        Name(), nullable=False, unique=True, info=taken(KNOWN, KNOWN_TEXT, field="phone"),
        comment="mainland mobile, 11 digits",
    )  # fmt: skip
    email: Mapped[str | None] = mapped_column(
        Name(), unique=True, info=taken(KNOWN, KNOWN_TEXT, field="email"),
        comment="lower case; many owners have none",
    )  # fmt: skip
    password_hash: Mapped[str] = mapped_column(Name(), nullable=False, comment="argon2id, 19 MiB, t=2, p=1")
    locale: Mapped[str] = mapped_column(Name(), nullable=False, default="zh", comment="zh or en: language of messages")
    state: Mapped[PersonState] = mapped_column(Choice(PersonState), nullable=False, default=PersonState.ACTIVE)

    __table_args__ = (
        one_of("state", PersonState),
        one_of("locale", ["zh", "en"]),
        CheckConstraint("length(phone) = 11", name="phone_has_11_digits"),
    )

    @property
    def scope(self) -> Scope:
        return Scope.of(persons=[self.id])


class Assignment(Identified, Base):
    """One role of one person at one place, from and until; ended, never deleted, because audit rows point at it."""

    __tablename__ = "assignment"

    person_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("person.id"), nullable=False)
    role: Mapped[Role] = mapped_column(Choice(Role), nullable=False)
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(ID(), ForeignKey("organisation.id"))
    pilot_id: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="pilot of a later chapter")
    region: Mapped[str | None] = mapped_column(
        Name(), ForeignKey("region.code"), comment="city or province of an officer; county or zone of a pilot's"
    )
    city: Mapped[str | None] = mapped_column(Name(), comment="prefecture city of the place, for lists")
    valid_from: Mapped[datetime] = mapped_column(Instant(), nullable=False)
    valid_until: Mapped[datetime | None] = mapped_column(Instant(), comment="the first moment it no longer holds")
    granted_by: Mapped[uuid.UUID | None] = mapped_column(
        ID(), ForeignKey("person.id"), comment="empty: the platform or the person's own registration"
    )
    substitute_for: Mapped[uuid.UUID | None] = mapped_column(
        ID(), ForeignKey("assignment.id"), comment="the assignment that is stood in for"
    )

    __table_args__ = (
        one_of("role", Role),
        *place_fits_role(),
        CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name="ends_after_it_begins"),
        CheckConstraint("substitute_for IS NULL OR valid_until IS NOT NULL", name="substitutes_end"),
        CheckConstraint("granted_by IS NULL OR granted_by <> person_id", name="never_granted_to_oneself"),
        Index("ix_assignment_person", "person_id"),
        Index("ix_assignment_organisation", "organisation_id", "role"),
        Index("ix_assignment_pilot", "pilot_id", "role"),
        Index("ix_assignment_city", "city", "role"),
    )

    @property
    def scope(self) -> Scope:
        return Scope.of(self.organisation_id, pilot_id=self.pilot_id, city=self.city, persons=[self.person_id])


class WebSession(Identified, Base):
    """A browser that is signed in, under one assignment. It ends with the working day, or when left alone (cookie)."""

    __tablename__ = "web_session"

    secret_hash: Mapped[bytes] = mapped_column(Blob(), nullable=False, unique=True, comment="SHA-256 of the secret")
    person_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("person.id"), nullable=False)
    assignment_id: Mapped[uuid.UUID | None] = mapped_column(ID(), ForeignKey("assignment.id"))
    expires_at: Mapped[datetime] = mapped_column(Instant(), nullable=False)
    ended_at: Mapped[datetime | None] = mapped_column(Instant())
    address: Mapped[str] = mapped_column(Name(), nullable=False, comment="network address at sign-in")
    agent: Mapped[str] = mapped_column(Name(), nullable=False, comment="browser at sign-in, shortened")

    __table_args__ = (
        CheckConstraint("length(secret_hash) = 32", name="secret_is_digest"),
        Index("ix_web_session_person", "person_id", "created_at"),
        Index("ix_web_session_expires", "expires_at"),
    )

    @property
    def scope(self) -> Scope:
        return Scope.of(persons=[self.person_id])


class PasswordReset(Identified, Base):
    """A link that lets one person choose a new password, once and for half an hour. Its secret stands nowhere."""

    __tablename__ = "password_reset"
    __table_args__ = (Index("ix_password_reset_person", "person_id", "created_at"),)

    person_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("person.id"), nullable=False)
    expires_at: Mapped[datetime] = mapped_column(Instant(), nullable=False, index=True)
    used_at: Mapped[datetime | None] = mapped_column(Instant(), comment="also when another link was used")

    @property
    def scope(self) -> Scope:
        return Scope.of(persons=[self.person_id])


class ApiToken(Identified, Base):
    """A key for programs: one assignment, narrowed to some verbs, with an end; the secret was shown once."""

    __tablename__ = "api_token"

    person_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("person.id"), nullable=False)
    assignment_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("assignment.id"), nullable=False)
    name: Mapped[str] = mapped_column(Name(), nullable=False, comment="what the person calls it")
    secret_hash: Mapped[bytes] = mapped_column(Blob(), nullable=False, unique=True, comment="SHA-256 of the secret")
    last_four: Mapped[str] = mapped_column(Name(), nullable=False)
    scopes: Mapped[Any] = mapped_column(Json(), nullable=False, comment="list of permission codes")
    expires_at: Mapped[datetime] = mapped_column(Instant(), nullable=False)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant())

    __table_args__ = (
        CheckConstraint("length(secret_hash) = 32", name="secret_is_digest"),
        CheckConstraint("length(last_four) = 4", name="last_four_are_four"),
        Index("ix_api_token_person", "person_id", "created_at"),
    )

    @property
    def scope(self) -> Scope:
        return Scope.of(persons=[self.person_id])


class Throttle(Base):
    """Attempts of one kind from one account or address in the running window."""

    __tablename__ = "throttle"

    key: Mapped[str] = mapped_column(Name(), primary_key=True, comment="kind:digest of account or address")
    attempts: Mapped[int] = mapped_column(Count(), nullable=False)
    window_ends: Mapped[datetime] = mapped_column(Instant(), nullable=False, index=True)


class Invitation(Identified, Base):
    """An assignment offered to a phone number; whoever signs in with that number and holds the link may take it."""

    __tablename__ = "invitation"

    phone: Mapped[str] = mapped_column(Name(), nullable=False)
    role: Mapped[Role] = mapped_column(Choice(Role), nullable=False)
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(ID(), ForeignKey("organisation.id"))
    pilot_id: Mapped[uuid.UUID | None] = mapped_column(ID())
    region: Mapped[str | None] = mapped_column(Name(), ForeignKey("region.code"))
    city: Mapped[str | None] = mapped_column(Name())
    assignment_until: Mapped[datetime | None] = mapped_column(Instant(), comment="end of the assignment it offers")
    secret_hash: Mapped[bytes] = mapped_column(Blob(), nullable=False, unique=True, comment="SHA-256 of the link")
    state: Mapped[InvitationState] = mapped_column(
        Choice(InvitationState), nullable=False, default=InvitationState.OPEN
    )
    expires_at: Mapped[datetime] = mapped_column(Instant(), nullable=False)
    invited_by: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("person.id"), nullable=False)
    invited_as: Mapped[uuid.UUID] = mapped_column(
        ID(), ForeignKey("assignment.id"), nullable=False, comment="the inviter's assignment, which must still hold"
    )
    accepted_by: Mapped[uuid.UUID | None] = mapped_column(ID(), ForeignKey("person.id"))

    __table_args__ = (
        one_of("state", InvitationState),
        one_of("role", Role),
        *place_fits_role(),
        CheckConstraint("(state = 'accepted') = (accepted_by IS NOT NULL)", name="accepted_iff_by_somebody"),
        Index("ix_invitation_organisation", "organisation_id", "created_at"),
        Index("ix_invitation_city", "city", "created_at"),
    )

    @property
    def scope(self) -> Scope:
        return Scope.of(self.organisation_id, pilot_id=self.pilot_id, city=self.city, persons=[self.invited_by])
