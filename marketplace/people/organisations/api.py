"""REST: organisations, their history, bank accounts and ownership cases."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from flask import Response

from marketplace.base.context import Context
from marketplace.base.paging import Key, Page, cut, fetch
from marketplace.people.organisations import actions, facts, queries, rules
from marketplace.people.organisations.models import Organisation, OwnershipCase
from marketplace.people.organisations.permissions import (
    ADMIT_CODE,
    CHANGE,
    CONFIRM,
    CONFIRM_ACCOUNT,
    DECIDE_CASE,
    PROPOSE_ACCOUNT,
    READ,
    READ_ACCOUNT,
    READ_CASE,
    REGISTER,
    STOP_ACCOUNT,
)
from marketplace.people.organisations.schemas import (
    AccountSchema,
    AccountShape,
    AdmitShape,
    CaseArgs,
    CaseDecisionShape,
    CaseSchema,
    ChangeShape,
    ConfirmationShape,
    FactDecisionShape,
    FactSchema,
    HoldersShape,
    OrganisationArgs,
    OrganisationSchema,
    PaperShape,
    ReasonShape,
    RegisterShape,
    RegistrationSchema,
    ShareholdingSchema,
    ShareholdingsSchema,
    value_of,
)
from marketplace.web import rest
from marketplace.web.rest import ApiBlueprint, ListArgs, page_of
from marketplace.web.runtime import reading
from marketplace.web.security import access

bp = ApiBlueprint("organisations_api", __name__, description="Organisations and who they are")
NEWEST = [Key(Organisation.created_at, descending=True), Key(Organisation.id, descending=True)]


@bp.get("/organisations")
@access(READ)
@bp.arguments(OrganisationArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(OrganisationSchema))
def organisations(limit: int, cursor: str | None, q: str, **narrowed: Any) -> Page[Any]:
    """Organisations within reach, newest first; `q` is a credit code or a part of the name."""
    ctx = reading()
    return fetch(ctx.session, queries.search(ctx, words=q, **narrowed), NEWEST, limit=limit, cursor=cursor)


@bp.post("/organisations")
@access(REGISTER)
@bp.arguments(RegisterShape)
@bp.alt_response(201, schema=RegistrationSchema)
def register(data: dict[str, Any]) -> Response:
    """Register an organisation. One that others registered before is not taken over: a case is opened."""

    def verb(ctx: Context) -> dict[str, Any]:
        made = actions.register(ctx, **data)
        is_case = isinstance(made, OwnershipCase)
        return {"organisation": None if is_case else made, "ownership_case": made if is_case else None}

    return rest.do(RegistrationSchema, verb, status=201)


@bp.get("/organisations/<uuid:organisation_id>")
@access(READ)
@bp.response(200, OrganisationSchema)
def organisation(organisation_id: uuid.UUID) -> Organisation:
    """One organisation within reach."""
    return queries.get(reading(), organisation_id)


@bp.post("/organisations/<uuid:organisation_id>/confirmation")
@access(CONFIRM)
@bp.arguments(ConfirmationShape)
@bp.alt_response(200, schema=OrganisationSchema)
def confirmation(data: dict[str, Any], organisation_id: uuid.UUID) -> Response:
    """Confirm who the organisation is, or reject it with a reason."""
    if data["decision"] == "confirm":
        return rest.do(OrganisationSchema, lambda ctx: actions.confirm(ctx, organisation_id))
    return rest.do(OrganisationSchema, lambda ctx: actions.reject(ctx, organisation_id, data["reason"]))


@bp.post("/organisations/<uuid:organisation_id>/resubmission")
@access(CHANGE)
@bp.alt_response(200, schema=OrganisationSchema)
def resubmission(organisation_id: uuid.UUID) -> Response:
    """Ask again for confirmation after a rejection."""
    return rest.do(OrganisationSchema, lambda ctx: actions.resubmit(ctx, organisation_id))


@bp.get("/organisations/<uuid:organisation_id>/facts")
@access(READ)
@bp.arguments(ListArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(FactSchema))
def history(organisation_id: uuid.UUID, limit: int, cursor: str | None) -> Page[Any]:
    """The history of an organisation's facts, newest first."""
    return cut(queries.facts(reading(), organisation_id), limit=limit, cursor=cursor)


@bp.post("/organisations/<uuid:organisation_id>/facts")
@access(CHANGE)
@bp.arguments(ChangeShape)
@bp.alt_response(201, schema=FactSchema)
def change(data: dict[str, Any], organisation_id: uuid.UUID) -> Response:
    """State a new value; name, legal representative and place wait for an officer."""
    return rest.do(
        FactSchema,
        lambda ctx: facts.change(ctx, organisation_id, data["kind"], value_of(data), data["document_id"]),
        status=201,
    )


@bp.post("/organisation-facts/<uuid:fact_id>/decision")
@access(CONFIRM)
@bp.arguments(FactDecisionShape)
@bp.alt_response(200, schema=FactSchema)
def decide_fact(data: dict[str, Any], fact_id: uuid.UUID) -> Response:
    """Accept or refuse a proposed change."""
    return rest.do(FactSchema, lambda ctx: facts.decide(ctx, fact_id, data["accept"]))


@bp.post("/organisations/<uuid:organisation_id>/papers")
@access(CHANGE)
@bp.arguments(PaperShape)
def file_paper(data: dict[str, Any], organisation_id: uuid.UUID) -> Response:
    """Put an uploaded document into the organisation's file."""
    return rest.do(None, lambda ctx: facts.file_paper(ctx, organisation_id, data["kind"], data["document_id"]))


@bp.get("/organisations/<uuid:organisation_id>/shareholders")
@access(READ)
@bp.arguments(ListArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(ShareholdingSchema))
def shareholders(organisation_id: uuid.UUID, limit: int, cursor: str | None) -> Page[Any]:
    """Who owns the organisation now."""
    return cut(queries.shareholders(reading(), organisation_id), limit=limit, cursor=cursor)


@bp.put("/organisations/<uuid:organisation_id>/shareholders")
@access(CHANGE)
@bp.arguments(HoldersShape)
@bp.alt_response(200, schema=ShareholdingsSchema)
def state_shareholders(data: dict[str, Any], organisation_id: uuid.UUID) -> Response:
    """State who owns the organisation now; the former list becomes history."""
    holders = [
        rules.Holder(entry["name"], entry["uscc"], int(entry["percent"] * Decimal(100)))
        for entry in data["shareholders"]
    ]
    return rest.do(ShareholdingsSchema, lambda ctx: {"items": facts.state_shareholders(ctx, organisation_id, holders)})


@bp.get("/organisations/<uuid:organisation_id>/bank-accounts")
@access(READ_ACCOUNT)
@bp.arguments(ListArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(AccountSchema))
def accounts(organisation_id: uuid.UUID, limit: int, cursor: str | None) -> Page[Any]:
    """Every bank account the organisation ever had here, newest first."""
    return cut(queries.accounts(reading(), organisation_id), limit=limit, cursor=cursor)


@bp.post("/organisations/<uuid:organisation_id>/bank-accounts")
@access(PROPOSE_ACCOUNT)
@bp.arguments(AccountShape)
@bp.alt_response(201, schema=AccountSchema)
def propose_account(data: dict[str, Any], organisation_id: uuid.UUID) -> Response:
    """Propose a bank account; a second person confirms it."""
    return rest.do(
        AccountSchema, lambda ctx: actions.propose_account(ctx, organisation_id, **data), status=201, money=True
    )


@bp.post("/bank-accounts/<uuid:account_id>/confirmation")
@access(CONFIRM_ACCOUNT)
@bp.alt_response(200, schema=AccountSchema)
def confirm_account(account_id: uuid.UUID) -> Response:
    """Confirm a proposed account as the second person; it may be paid after three working days."""
    return rest.do(AccountSchema, lambda ctx: actions.confirm_account(ctx, account_id), money=True)


@bp.post("/bank-accounts/<uuid:account_id>/refusal")
@access(CONFIRM_ACCOUNT)
@bp.arguments(ReasonShape)
@bp.alt_response(200, schema=AccountSchema)
def refuse_account(data: dict[str, Any], account_id: uuid.UUID) -> Response:
    """Refuse a proposed account, or take one's own proposal back."""
    return rest.do(AccountSchema, lambda ctx: actions.refuse_account(ctx, account_id, data["reason"]))


@bp.post("/bank-accounts/<uuid:account_id>/stop")
@access(STOP_ACCOUNT)
@bp.arguments(ReasonShape)
@bp.alt_response(200, schema=AccountSchema)
def stop_account(data: dict[str, Any], account_id: uuid.UUID) -> Response:
    """Stop an account at once."""
    return rest.do(AccountSchema, lambda ctx: actions.stop_account(ctx, account_id, data["reason"]))


@bp.get("/ownership-cases")
@access(READ_CASE)
@bp.arguments(CaseArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(CaseSchema))
def cases(limit: int, cursor: str | None, **narrowed: Any) -> Page[Any]:
    """Ownership cases within reach, newest first."""
    ctx = reading()
    keys = [Key(OwnershipCase.created_at, descending=True), Key(OwnershipCase.id, descending=True)]
    page = fetch(ctx.session, queries.cases(ctx, **narrowed), keys, limit=limit, cursor=cursor)
    page.items = [row[0] for row in page.items]
    return page


@bp.post("/ownership-cases/<uuid:case_id>/decision")
@access(DECIDE_CASE)
@bp.arguments(CaseDecisionShape)
@bp.alt_response(200, schema=CaseSchema)
def decide_case(data: dict[str, Any], case_id: uuid.UUID) -> Response:
    """Decide who may act for the organisation, with reasons."""
    return rest.do(CaseSchema, lambda ctx: actions.decide_case(ctx, case_id, **data))


@bp.post("/uscc-admissions")
@access(ADMIT_CODE)
@bp.arguments(AdmitShape)
def admit_code(data: dict[str, Any]) -> Response:
    """Admit a real credit code whose check character does not fit."""
    return rest.do(None, lambda ctx: actions.admit_code(ctx, **data))
