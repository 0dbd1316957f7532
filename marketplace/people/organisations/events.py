"""What happened to organisations, for the chapters that come later."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from marketplace.people.organisations.states import CapacityKind, FactKind


@dataclass(frozen=True)
class OrganisationRegistered:
    """Somebody registered an organisation, or a further capacity of it; `person_id` is None for the platform."""

    organisation_id: uuid.UUID
    capacity: CapacityKind
    person_id: uuid.UUID | None


@dataclass(frozen=True)
class OrganisationConfirmed:
    """An officer has seen licence and legal representative: from now on its acts bind."""

    organisation_id: uuid.UUID


@dataclass(frozen=True)
class OrganisationRejected:
    """An officer could not confirm it, with a reason on the row."""

    organisation_id: uuid.UUID


@dataclass(frozen=True)
class FactChanged:
    """A fact of an organisation has a new current value."""

    organisation_id: uuid.UUID
    kind: FactKind


@dataclass(frozen=True)
class PaperFiled:
    """A document was put into an organisation's file: the officers of the place need to read it."""

    organisation_id: uuid.UUID
    region: str
    document_id: uuid.UUID


@dataclass(frozen=True)
class OwnershipClaimed:
    """Somebody claims an organisation that others registered. A subscriber may refuse a claim by a member."""

    case_id: uuid.UUID
    organisation_id: uuid.UUID
    claimant_id: uuid.UUID


@dataclass(frozen=True)
class OwnershipDecided:
    """A claim was decided. When granted, the claimant becomes a member; `exclusive` ends the other memberships."""

    case_id: uuid.UUID
    organisation_id: uuid.UUID
    claimant_id: uuid.UUID
    capacity: CapacityKind
    granted: bool
    exclusive: bool


@dataclass(frozen=True)
class AccountProposed:
    """A new bank account waits for a second person."""

    account_id: uuid.UUID
    organisation_id: uuid.UUID
    person_id: uuid.UUID | None


@dataclass(frozen=True)
class AccountConfirmed:
    """A second person confirmed a bank account; a subscriber may refuse a second person who is none."""

    account_id: uuid.UUID
    organisation_id: uuid.UUID
    proposed_by: uuid.UUID | None
    confirmed_by: uuid.UUID | None
