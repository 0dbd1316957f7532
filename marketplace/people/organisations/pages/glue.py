"""What several of these pages share: stored uploads, choices of places and industries, labels."""

from __future__ import annotations

import uuid
from typing import Any

from marketplace.base.context import Context
from marketplace.base.text import Bilingual
from marketplace.people.organisations import industries
from marketplace.people.organisations.models import Organisation
from marketplace.people.organisations.states import (
    CAPACITY_LABELS,
    FACT_LABELS,
    PAPER_LABELS,
    SIZE_LABELS,
)
from marketplace.people.regions import picker
from marketplace.people.regions import queries as regions
from marketplace.people.regions.states import RegionKind
from marketplace.record.documents import actions as documents
from marketplace.web.i18n import say

LABELS = {
    "capacity_labels": CAPACITY_LABELS,
    "fact_labels": FACT_LABELS,
    "paper_labels": PAPER_LABELS,
    "size_labels": SIZE_LABELS,
}


def industry(code: str) -> Bilingual:
    """An industry's code and name in the reader's language."""
    return Bilingual(f"{code} {industries.name_of(code)}", {}, f"{code} {industries.name_of(code, 'en')}")


def industry_options() -> list[tuple[str, str]]:
    return [(code, say(industry(code))) for code in industries.divisions()]


def place_options(ctx: Context, *, office: bool = False) -> picker.Picker:
    """Every place an organisation may sit at; a province only for offices."""
    kinds = (RegionKind.CITY, RegionKind.COUNTY, RegionKind.ZONE)
    return picker.picker(ctx, *kinds, *([RegionKind.PROVINCE] if office else []))


def place_name(ctx: Context, code: str) -> str:
    """City and county of a code, as people write it."""
    place = regions.get(ctx, code)
    if place.city == place.code:
        return say(place.label)
    return f"{say(regions.get(ctx, place.city).label)} · {say(place.label)}"


def stored(ctx: Context, upload: Any, organisation: Organisation | None, kind: str) -> uuid.UUID | None:
    """Keep an uploaded file and give its id; nothing uploaded gives None. The act may run twice: begin at the start."""
    if upload is None:
        return None
    upload.stream.seek(0)
    document = documents.store(
        ctx,
        upload.stream,
        upload.filename or "file",
        kind,
        owner_organisation_id=organisation.id if organisation else None,
        personal=True,
        city=organisation.city if organisation else None,
    )
    return document.id
