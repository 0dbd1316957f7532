"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import JOBS, House, Job
from marketplace.base.roles import Role
from marketplace.base.stage import SCENES
from marketplace.base.text import N_
from marketplace.people.accounts import api, loaders, queries, recipients, scenes, signing, subscribers
from marketplace.people.accounts.pages import door, own, people
from marketplace.people.accounts.permissions import MATRIX, READ
from marketplace.people.organisations import events
from marketplace.record.audit import queries as audit
from marketplace.record.notices.actions import RECIPIENTS
from marketplace.web import nav, signin


def wire(house: House) -> None:
    """Permissions, who is at the door, pages, and what happens when an organisation is registered or claimed."""
    house.matrix.add(MATRIX)
    house.add(signin.SESSION_LOADER, loaders.by_session)
    house.add(signin.TOKEN_LOADER, loaders.by_token)
    house.subscribe(events.OrganisationRegistered, subscribers.seat_founder)
    house.subscribe(events.PaperFiled, subscribers.open_paper_to_pilots)
    house.subscribe(events.OwnershipClaimed, subscribers.refuse_own_claim)
    house.subscribe(events.OwnershipDecided, subscribers.seat_claimant)
    house.subscribe(events.AccountConfirmed, subscribers.refuse_own_invitee)
    house.add(RECIPIENTS, recipients.addresses)
    house.add(audit.NAMES, queries.names)
    house.add(audit.NAMED, queries.named)
    house.add(audit.ELSEWHERE, queries.elsewhere)
    house.add(JOBS, Job("accounts.sweep", N_("清理过期的登录与计数"), signing.sweep, at="03:40"))
    for blueprint in (door.bp, own.bp, people.bp):
        house.add(nav.BLUEPRINTS, blueprint)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(nav.TASKS, own.tasks)
    officers = frozenset({Role.ADMIN, Role.CITY, Role.AUDITOR})
    house.add(
        nav.MENU,
        nav.MenuEntry(
            "people.index", N_("人员"), READ, order=950, roles=officers, group="pilots", front=frozenset({Role.ADMIN})
        ),
    )
    for scene in scenes.scenes():
        house.add(SCENES, scene)
