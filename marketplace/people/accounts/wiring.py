"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import JOBS, House, Job
from marketplace.base.text import N_
from marketplace.people.accounts import loaders, signing, subscribers
from marketplace.people.accounts.permissions import MATRIX
from marketplace.people.organisations import events
from marketplace.web import signin


def wire(house: House) -> None:
    """Permissions, who is at the door, pages, and what happens when an organisation is registered or claimed."""
    house.matrix.add(MATRIX)
    house.add(signin.SESSION_LOADER, loaders.by_session)
    house.add(signin.TOKEN_LOADER, loaders.by_token)
    house.subscribe(events.OrganisationRegistered, subscribers.seat_founder)
    house.subscribe(events.OwnershipClaimed, subscribers.refuse_own_claim)
    house.subscribe(events.OwnershipDecided, subscribers.seat_claimant)
    house.subscribe(events.AccountConfirmed, subscribers.refuse_own_invitee)
    house.add(JOBS, Job("accounts.sweep", N_("清理过期的登录与计数"), signing.sweep, at="03:40"))
