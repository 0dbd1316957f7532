"""Who sees which applications: the applicant always, officers once opened, an expert those of its panels."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select

from marketplace.base.clock import midnight
from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.base.paging import Key, Page, fetch
from marketplace.base.permissions import reach
from marketplace.base.roles import Role
from marketplace.people.organisations.models import Organisation
from marketplace.procedure.panels import queries as panels
from marketplace.record.documents.models import Document
from marketplace.shop.roster.states import ServiceClass
from providers.applications import permissions
from providers.applications.models import Application, Dossier, DossierCase, DossierProof
from providers.applications.states import ApplicationState

NEWEST = [Key(Application.id, True)]
OLDEST = [Key(Application.id)]


@dataclass(frozen=True)
class Held:
    """A dossier with its cases and proofs."""

    dossier: Dossier
    cases: list[DossierCase]
    proofs: list[DossierProof]


def held(ctx: Context, organisation_id: uuid.UUID) -> Held | None:
    """The dossier of an organisation, for itself; None when there is none yet. Others read what was submitted."""
    ctx.require(permissions.KEEP_DOSSIER)
    if ctx.actor is not None and ctx.actor.organisation_id != organisation_id:
        raise NotFound("dossier")
    dossier = ctx.session.scalars(select(Dossier).where(Dossier.organisation_id == organisation_id)).one_or_none()
    if dossier is None:
        return None
    cases = ctx.session.scalars(
        select(DossierCase)
        .where(DossierCase.dossier_id == dossier.id)
        .order_by(DossierCase.finished_on.desc(), DossierCase.id)
    )
    proofs = ctx.session.scalars(
        select(DossierProof).where(DossierProof.dossier_id == dossier.id).order_by(DossierProof.kind, DossierProof.id)
    )
    return Held(dossier, list(cases), list(proofs))


def _condition(ctx: Context) -> ColumnElement[bool]:
    if ctx.system and ctx.actor is None:
        return Application.id.is_not(None)
    if ctx.actor is None:
        return false()
    if ctx.actor.role is Role.EXPERT:
        return Application.id.in_(panels.readable(ctx))
    within = reach(ctx, permissions.READ, own=[Application.applicant_organisation_id], city=Application.city)
    if ctx.actor.role is Role.PROVIDER:
        return within
    return and_(within, Application.opened_at.is_not(None))


def visible(ctx: Context) -> Select[Application]:
    """Applications this person may read."""
    return select(Application).where(_condition(ctx))


def get(ctx: Context, application_id: uuid.UUID, *, lock: bool = False) -> Application:
    """One application; 404 when foreign, not yet opened, or before a panel one does not sit on."""
    statement = visible(ctx).where(Application.id == application_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = ctx.session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound("application")
    return found


@dataclass(frozen=True)
class Listed:
    """An application in a list, with its applicant's name."""

    application: Application
    name: str


def search(
    ctx: Context,
    *,
    call_id: uuid.UUID | None = None,
    state: ApplicationState | None = None,
    klass: ServiceClass | None = None,
    city: str | None = None,
    words: str | None = None,
    since: date | None = None,
    until: date | None = None,
    order: Sequence[Key] = NEWEST,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Any]:
    """Applications, the newest first; `words` are a part of the applicant's name, the days those of submission."""
    statement = (
        select(Application, Organisation.name)
        .join(Organisation, Organisation.id == Application.applicant_organisation_id)
        .where(_condition(ctx))
    )
    if call_id is not None:
        statement = statement.where(Application.call_id == call_id)
    if state is not None:
        statement = statement.where(Application.state == state)
    if klass is not None:
        statement = statement.where(Application.klass == klass)
    if city:
        statement = statement.where(Application.city == city)
    if words:
        statement = statement.where(Organisation.name.contains(words, autoescape=True))
    if since is not None:
        statement = statement.where(Application.submitted_at >= midnight(since))
    if until is not None:
        statement = statement.where(Application.submitted_at < midnight(until + timedelta(days=1)))
    page = fetch(ctx.session, statement, order, limit=limit, cursor=cursor)
    page.items = [Listed(application, name) for application, name in page.items]
    return page


def of_call(
    ctx: Context, call_id: uuid.UUID, states: Iterable[ApplicationState], *, lock: bool = False
) -> list[Application]:
    """All applications to a call in some states, for acts that were authorised on the call."""
    statement = select(Application).where(Application.call_id == call_id, Application.state.in_(list(states)))
    statement = statement.order_by(Application.id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return list(ctx.session.scalars(statement))


def submitted_count(ctx: Context, call_id: uuid.UUID) -> int:
    """How many applications a call has received: all that anybody else may know before they are opened."""
    statement = select(func.count()).where(
        Application.call_id == call_id,
        Application.state.not_in([ApplicationState.DRAFT, ApplicationState.WITHDRAWN]),
    )
    return ctx.session.scalar(statement) or 0


def own(ctx: Context, call_id: uuid.UUID) -> list[Application]:
    """The acting organisation's own applications to a call."""
    if ctx.actor is None or ctx.actor.organisation_id is None:
        return []
    return list(
        ctx.session.scalars(
            select(Application)
            .where(Application.call_id == call_id, Application.applicant_organisation_id == ctx.actor.organisation_id)
            .order_by(Application.id)
        )
    )


def returned(ctx: Context) -> list[Application]:
    """The acting organisation's applications that wait for a supplement."""
    if ctx.actor is None or ctx.actor.organisation_id is None:
        return []
    return list(
        ctx.session.scalars(
            select(Application)
            .where(
                Application.applicant_organisation_id == ctx.actor.organisation_id,
                Application.state == ApplicationState.RETURNED,
            )
            .order_by(Application.supplement_until)
        )
    )


def submitted(ctx: Context, application: Application) -> dict[str, Any] | None:
    """The dossier as submitted, as this person may read it: an expert is not given clients' contacts."""
    dossier = application.dossier
    if dossier is None or ctx.actor is None or ctx.actor.role is not Role.EXPERT:
        return dossier
    cases = [{name: value for name, value in case.items() if name != "contact"} for case in dossier["cases"]]
    return {**dossier, "cases": cases}


def document(ctx: Context, application_id: uuid.UUID, document_id: uuid.UUID) -> Document:
    """A document of the submitted dossier, for whoever may read the application now.

    It is asked for through the application, so an expert who leaves a panel loses it at the same moment.
    """
    application = get(ctx, application_id)
    proofs = (application.dossier or {}).get("proofs", [])
    if str(document_id) not in {proof["document_id"] for proof in proofs}:
        raise NotFound("document")
    found = ctx.session.get(Document, document_id)
    if found is None:
        raise NotFound("document")
    return found


def awaiting(ctx: Context, call_id: uuid.UUID) -> int:
    """How many applications to a call still wait for the end of their condition check."""
    statement = select(func.count()).where(
        Application.call_id == call_id,
        or_(Application.state == ApplicationState.SUBMITTED, Application.state == ApplicationState.RETURNED),
    )
    return ctx.session.scalar(statement) or 0
