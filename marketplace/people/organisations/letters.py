"""What is told to whom about an organisation."""

from __future__ import annotations

from typing import Any

from marketplace.base.context import Context
from marketplace.base.roles import Role
from marketplace.base.text import Text
from marketplace.people.organisations.models import Organisation, OwnershipCase
from marketplace.record.notices import actions as notices


def to_officers(ctx: Context, organisation: Organisation, text: str, url: str = "") -> None:
    """Tell the officers of the city."""
    notices.tell(
        ctx,
        role=Role.CITY,
        region=organisation.city,
        text=Text(text, {"name": organisation.name}),
        url=url or f"/organisations/{organisation.id}",
    )


def to_members(ctx: Context, organisation: Organisation, text: str, url: str = "", **values: Any) -> None:
    """Tell everybody who acts for the organisation."""
    notices.tell(
        ctx,
        organisation_id=organisation.id,
        text=Text(text, {"name": organisation.name, **values}),
        url=url or f"/organisations/{organisation.id}",
    )


def to_person(ctx: Context, organisation: Organisation, case: OwnershipCase, text: str) -> None:
    """Tell the claimant of a case."""
    notices.tell(
        ctx,
        person_id=case.claimant_id,
        text=Text(text, {"name": organisation.name, "reason": case.reason}),
        url=f"/organisations/cases/{case.id}",
    )
