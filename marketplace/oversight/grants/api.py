"""REST: lists of other programmes, /api/v1/grant-lists."""

from __future__ import annotations

import uuid
from typing import Any

from marketplace.base.paging import Key, Page, fetch
from marketplace.oversight.grants import actions, queries
from marketplace.oversight.grants.models import GrantList, GrantRow
from marketplace.oversight.grants.permissions import BRING_IN, READ
from marketplace.oversight.grants.schemas import (
    BroughtInSchema,
    GrantListArgs,
    GrantListFormSchema,
    GrantListSchema,
    GrantMatchSchema,
    GrantReasonSchema,
    GrantRowSchema,
)
from marketplace.web import rest
from marketplace.web.rest import ApiBlueprint, ListArgs, page_of
from marketplace.web.runtime import reading
from marketplace.web.security import access

bp = ApiBlueprint("grants_api", __name__, url_prefix="/grant-lists", description="Lists of other programmes")

NEWEST = [Key(GrantList.created_at, descending=True), Key(GrantList.id, descending=True)]
BY_NUMBER = [Key(GrantRow.number), Key(GrantRow.id)]


@bp.get("")
@access(READ)
@bp.arguments(GrantListArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(GrantListSchema))
def index(limit: int, cursor: str | None, **filters: Any) -> Page[Any]:
    """Lists within reach, newest first."""
    ctx = reading()
    return fetch(ctx.session, queries.search(ctx, **filters), NEWEST, limit=limit, cursor=cursor)


@bp.post("")
@access(BRING_IN)
@bp.arguments(GrantListFormSchema, location="multipart", as_kwargs=True)
@bp.alt_response(200, schema=BroughtInSchema)
def bring_in(file: Any, programme: str) -> Any:
    """Bring in a list (CSV or XLSX), compare it with the orders and open cases. The same rows again change nothing."""

    def verb(ctx: Any) -> actions.BroughtIn:
        file.stream.seek(0)
        return actions.bring_in(ctx, file.stream, file.filename, programme)

    return rest.do(BroughtInSchema, verb)


@bp.get("/<uuid:list_id>")
@access(READ)
@bp.response(200, GrantListSchema)
def show(list_id: uuid.UUID) -> GrantList:
    """One list."""
    return queries.get(reading(), list_id)


@bp.get("/<uuid:list_id>/rows")
@access(READ)
@bp.arguments(ListArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(GrantRowSchema))
def rows(list_id: uuid.UUID, limit: int, cursor: str | None) -> Page[Any]:
    """The rows of a list as they came."""
    ctx = reading()
    statement = queries.rows(ctx, list_id=queries.get(ctx, list_id).id)
    return fetch(ctx.session, statement, BY_NUMBER, limit=limit, cursor=cursor)


@bp.get("/<uuid:list_id>/matches")
@access(READ)
@bp.arguments(ListArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(GrantMatchSchema))
def matches(list_id: uuid.UUID, limit: int, cursor: str | None) -> Page[Any]:
    """The rows of a list that fit an order today.

    A page looks through `limit` rows of registered enterprises: it may be empty and still have a next one, and holds a
    row once for each order that it fits.
    """
    ctx = reading()
    known = queries.rows(ctx, list_id=queries.get(ctx, list_id).id, known=True)
    looked = fetch(ctx.session, known, BY_NUMBER, limit=limit, cursor=cursor)
    return Page(list(queries.matches(ctx, row_ids=[row.id for row in looked.items])), looked.next_cursor)


@bp.post("/<uuid:list_id>/withdrawal")
@access(BRING_IN)
@bp.arguments(GrantReasonSchema, as_kwargs=True)
@bp.alt_response(200, schema=GrantListSchema)
def withdraw(list_id: uuid.UUID, reason: str) -> Any:
    """Take a list back, with the reason; open cases that rest on it alone are dismissed."""
    return rest.do(GrantListSchema, lambda ctx: actions.withdraw(ctx, list_id, reason))
