"""REST: dossiers and applications, /api/v1/applications."""

from __future__ import annotations

import uuid
from operator import attrgetter
from typing import Any

from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.base.paging import Page, cut
from marketplace.web import rest
from marketplace.web.rest import ApiBlueprint, ListArgs, page_of
from marketplace.web.runtime import reading
from marketplace.web.security import access
from providers.applications import actions, facts, queries
from providers.applications.dossiers import own_organisation
from providers.applications.permissions import APPLY, KEEP_DOSSIER, READ
from providers.applications.schemas import (
    ApplicationArgs,
    ApplicationDetailSchema,
    ApplicationSchema,
    ApplicationTermsSchema,
    BeginSchema,
    DossierCaseSchema,
    DossierFactsSchema,
    DossierProofSchema,
    DossierSchema,
    ListedApplicationSchema,
    OutcomeSchema,
    PromiseSchema,
    ProofFormSchema,
)
from providers.applications.states import ApplicationState
from providers.calls import queries as calls

bp = ApiBlueprint("applications_api", __name__, url_prefix="/applications", description="Dossiers and applications")


@bp.get("")
@access(READ)
@bp.arguments(ApplicationArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(ListedApplicationSchema))
def index(**filters: Any) -> Page[Any]:
    """Applications: one's own, those of the officer's place once opened, those before the expert's panels."""
    return queries.search(reading(), **filters)


@bp.get("/<uuid:application_id>")
@access(READ)
@bp.response(200, ApplicationDetailSchema)
def show(application_id: uuid.UUID) -> dict[str, Any]:
    """One application with the dossier as submitted."""
    ctx = reading()
    application = queries.get(ctx, application_id)
    shown = {name: getattr(application, name) for name in ApplicationSchema().fields}
    return {**shown, "dossier": queries.submitted(ctx, application)}


@bp.get("/<uuid:application_id>/outcomes")
@access(READ)
@bp.arguments(ListArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(OutcomeSchema))
def outcomes(application_id: uuid.UUID, limit: int, cursor: str | None) -> Page[Any]:
    """The conditions as the machine finds them: before a submission from the dossier as it stands now."""
    ctx = reading()
    application = queries.get(ctx, application_id)
    if application.state in (ApplicationState.DRAFT, ApplicationState.RETURNED) and ctx.may(APPLY, application):
        found = actions.check(ctx, application)
    else:
        call = calls.get(ctx, application.call_id)
        found = facts.outcomes(ctx, call, application.applicant_organisation_id, application.dossier)
    return cut(found, limit=limit, cursor=cursor, name=attrgetter("condition.code"))


@bp.post("")
@access(APPLY)
@bp.arguments(BeginSchema, as_kwargs=True)
@bp.alt_response(201, schema=ApplicationSchema)
def begin(call_id: uuid.UUID, **terms: Any) -> Any:
    """Start an application."""
    return rest.do(ApplicationSchema, lambda ctx: actions.begin(ctx, call_id, **terms), status=201)


@bp.put("/<uuid:application_id>")
@access(APPLY)
@bp.arguments(ApplicationTermsSchema, as_kwargs=True)
@bp.alt_response(200, schema=ApplicationSchema)
def revise(application_id: uuid.UUID, **terms: Any) -> Any:
    """Change a draft or a returned application."""
    return rest.do(ApplicationSchema, lambda ctx: actions.revise(ctx, application_id, **terms))


@bp.post("/<uuid:application_id>/submission")
@access(APPLY)
@bp.arguments(PromiseSchema, as_kwargs=True)
@bp.alt_response(200, schema=ApplicationSchema)
def submit(application_id: uuid.UUID, promise: bool) -> Any:
    """Submit within the period, with the promise of truth."""
    return rest.do(ApplicationSchema, lambda ctx: actions.submit(ctx, application_id, promise=promise))


@bp.post("/<uuid:application_id>/supplement")
@access(APPLY)
@bp.arguments(PromiseSchema, as_kwargs=True)
@bp.alt_response(200, schema=ApplicationSchema)
def supplement(application_id: uuid.UUID, promise: bool) -> Any:
    """Submit a returned application again, by the day that was given."""
    return rest.do(ApplicationSchema, lambda ctx: actions.supplement(ctx, application_id, promise=promise))


@bp.post("/<uuid:application_id>/withdrawal")
@access(APPLY)
@bp.alt_response(200, schema=ApplicationSchema)
def withdraw(application_id: uuid.UUID) -> Any:
    """Take an application back."""
    return rest.do(ApplicationSchema, lambda ctx: actions.withdraw(ctx, application_id))


@bp.get("/dossier")
@access(KEEP_DOSSIER)
@bp.response(200, DossierSchema)
def dossier() -> queries.Held:
    """The acting organisation's dossier."""
    ctx = reading()
    held = queries.held(ctx, own_organisation(ctx))
    if held is None:
        raise NotFound("dossier")
    return held


@bp.put("/dossier")
@access(KEEP_DOSSIER)
@bp.arguments(DossierFactsSchema, as_kwargs=True)
@bp.alt_response(200, schema=DossierFactsSchema)
def save(**said: Any) -> Any:
    """Write the facts of the dossier."""
    return rest.do(DossierFactsSchema, lambda ctx: actions.save(ctx, **said))


@bp.post("/dossier/cases")
@access(KEEP_DOSSIER)
@bp.arguments(DossierCaseSchema, as_kwargs=True)
@bp.alt_response(201, schema=DossierCaseSchema)
def add_case(**said: Any) -> Any:
    """Add a success case."""
    return rest.do(DossierCaseSchema, lambda ctx: actions.add_case(ctx, **said), status=201)


@bp.delete("/dossier/cases/<uuid:case_id>")
@access(KEEP_DOSSIER)
@bp.alt_response(204, description="Dropped")
def drop_case(case_id: uuid.UUID) -> Any:
    """Take a case out."""
    return rest.do(None, lambda ctx: actions.drop_case(ctx, case_id))


@bp.post("/dossier/proofs")
@access(KEEP_DOSSIER)
@bp.arguments(ProofFormSchema, location="multipart", as_kwargs=True)
@bp.alt_response(201, schema=DossierProofSchema)
def add_proof(file: Any, **said: Any) -> Any:
    """Add a document, as multipart/form-data."""

    def verb(ctx: Context) -> Any:
        file.stream.seek(0)
        return actions.add_proof(ctx, **said, data=file.stream, filename=file.filename)

    return rest.do(DossierProofSchema, verb, status=201)


@bp.delete("/dossier/proofs/<uuid:proof_id>")
@access(KEEP_DOSSIER)
@bp.alt_response(204, description="Dropped")
def drop_proof(proof_id: uuid.UUID) -> Any:
    """Take a document out of the dossier."""
    return rest.do(None, lambda ctx: actions.drop_proof(ctx, proof_id))
