"""What happens to an application before its review."""

from __future__ import annotations

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class ApplicationSubmitted:
    application_id: uuid.UUID
    call_id: uuid.UUID
    applicant_organisation_id: uuid.UUID


@dataclass(frozen=True)
class ApplicationSupplemented:
    """A returned application was submitted again, with a fresh copy of the dossier."""

    application_id: uuid.UUID
    call_id: uuid.UUID
