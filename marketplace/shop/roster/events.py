"""What happens to a provider's place on the list."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from marketplace.shop.roster.states import ServiceClass


@dataclass(frozen=True)
class ProviderListed:
    entry_id: uuid.UUID
    provider_id: uuid.UUID
    city: str
    klass: ServiceClass
    certificate_number: str


@dataclass(frozen=True)
class ProviderSuspended:
    entry_id: uuid.UUID
    provider_id: uuid.UUID
    city: str
    reason: str


@dataclass(frozen=True)
class ProviderReinstated:
    entry_id: uuid.UUID
    provider_id: uuid.UUID
    city: str


@dataclass(frozen=True)
class ProviderRemoved:
    entry_id: uuid.UUID
    provider_id: uuid.UUID
    city: str
    reason: str
