"""REST: members, /api/v1/members."""

from __future__ import annotations

import uuid
from typing import Any

from marketplace.base.context import Context
from marketplace.base.paging import Key, Page, fetch
from marketplace.pilots.members import actions, queries, sheets
from marketplace.pilots.members.models import Member
from marketplace.pilots.members.permissions import CONFIRM, NOMINATE, READ, WITHDRAW
from marketplace.pilots.members.schemas import (
    MemberArgs,
    MemberNominationSchema,
    MemberSchema,
    MemberSheetArgs,
    MemberSheetReportSchema,
    MemberSheetSchema,
    MemberWithdrawalSchema,
)
from marketplace.web import rest
from marketplace.web.rest import ApiBlueprint, page_of
from marketplace.web.runtime import reading
from marketplace.web.security import access

bp = ApiBlueprint("members_api", __name__, url_prefix="/members", description="Enterprises on the pilots' lists")

NEWEST = [Key(Member.created_at, descending=True), Key(Member.id, descending=True)]


@bp.get("")
@access(READ)
@bp.arguments(MemberArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(MemberSchema))
def index(limit: int, cursor: str | None, **filters: Any) -> Page[Any]:
    """Members within reach, newest first."""
    ctx = reading()
    return fetch(ctx.session, queries.search(ctx, **filters), NEWEST, limit=limit, cursor=cursor)


@bp.get("/<uuid:member_id>")
@access(READ)
@bp.response(200, MemberSchema)
def show(member_id: uuid.UUID) -> Member:
    """One member."""
    return queries.get(reading(), member_id)


@bp.post("")
@access(NOMINATE)
@bp.arguments(MemberNominationSchema, as_kwargs=True)
@bp.alt_response(201, schema=MemberSchema)
def nominate(pilot_id: uuid.UUID, enterprise_id: uuid.UUID, **data: Any) -> Any:
    """Put an enterprise forward for a pilot's list."""
    return rest.do(MemberSchema, lambda ctx: actions.nominate(ctx, pilot_id, enterprise_id, **data), status=201)


@bp.post("/sheets/<uuid:pilot_id>")
@access(NOMINATE)
@bp.arguments(MemberSheetArgs, location="query", as_kwargs=True)
@bp.arguments(MemberSheetSchema, location="multipart", as_kwargs=True)
@bp.alt_response(200, schema=MemberSheetReportSchema)
def nominate_sheet(pilot_id: uuid.UUID, file: Any, dry_run: bool) -> Any:
    """Put the enterprises of a sheet forward; by default a dry run that writes nothing."""

    def verb(ctx: Context) -> sheets.Report:
        file.stream.seek(0)
        return sheets.nominate_sheet(ctx, pilot_id, file.read(), dry_run=dry_run)

    return rest.do(MemberSheetReportSchema, verb)


@bp.post("/<uuid:member_id>/confirmation")
@access(CONFIRM)
@bp.alt_response(200, schema=MemberSchema)
def confirm(member_id: uuid.UUID) -> Any:
    """The city confirms a nomination."""
    return rest.do(MemberSchema, lambda ctx: actions.confirm(ctx, member_id))


@bp.post("/<uuid:member_id>/withdrawal")
@access(WITHDRAW)
@bp.arguments(MemberWithdrawalSchema, as_kwargs=True)
@bp.alt_response(200, schema=MemberSchema)
def withdraw(member_id: uuid.UUID, reason: str) -> Any:
    """Take an enterprise off the list."""
    return rest.do(MemberSchema, lambda ctx: actions.withdraw(ctx, member_id, reason))
