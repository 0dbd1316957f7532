"""REST: voucher schemes and their versions, /api/v1/schemes."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, make_response

from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.base.paging import Page
from marketplace.web import rest
from marketplace.web.rest import ApiBlueprint, page_of
from marketplace.web.runtime import reading
from marketplace.web.security import PUBLIC, access
from vouchers.schemes import actions, queries
from vouchers.schemes.actions import TermsInput
from vouchers.schemes.models import SchemeVersion
from vouchers.schemes.permissions import MAKE
from vouchers.schemes.schemas import (
    NewSchemeSchema,
    SchemeArgs,
    SchemeSchema,
    SchemeTermsShape,
    SchemeVersionSchema,
    WholeSchemeSchema,
)

bp = ApiBlueprint("schemes_api", __name__, url_prefix="/schemes", description="Voucher schemes")


@bp.get("")
@access(PUBLIC)
@bp.arguments(SchemeArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(SchemeSchema))
def index(pilot_id: uuid.UUID | None, limit: int, cursor: str | None) -> Page[Any]:
    """Schemes, newest first: published ones for everybody, drafts where they are made."""
    return queries.listed(reading(), pilot_id=pilot_id, limit=limit, cursor=cursor)


@bp.get("/<uuid:scheme_id>")
@access(PUBLIC)
@bp.response(200, WholeSchemeSchema)
def show(scheme_id: uuid.UUID) -> dict[str, Any]:
    """One scheme with its versions."""
    ctx = reading()
    scheme = queries.get(ctx, scheme_id)
    return {"scheme": scheme, "versions": queries.versions(ctx, scheme)}


@bp.get("/<uuid:scheme_id>/versions/<uuid:version_id>")
@access(PUBLIC)
@bp.alt_response(200, schema=SchemeVersionSchema)
def version(scheme_id: uuid.UUID, version_id: uuid.UUID) -> Response:
    """One version; the `ETag` of a draft goes back as `If-Match` when its terms are rewritten."""
    found = _of(reading(), scheme_id, version_id)
    return _tagged(make_response(SchemeVersionSchema().dump(found)), found)


@bp.post("")
@access(MAKE)
@bp.arguments(NewSchemeSchema)
@bp.alt_response(201, schema=SchemeSchema)
def draft(wanted: dict[str, Any]) -> Any:
    """Begin a scheme of a running pilot."""
    return rest.do(SchemeSchema, lambda ctx: actions.draft_scheme(ctx, **wanted), status=201)


@bp.post("/<uuid:scheme_id>/versions")
@access(MAKE)
@bp.arguments(SchemeTermsShape)
@bp.alt_response(201, schema=SchemeVersionSchema)
def draft_version(terms: TermsInput, scheme_id: uuid.UUID) -> Any:
    """Write the next version; vouchers that were issued keep theirs."""
    return rest.do(SchemeVersionSchema, lambda ctx: actions.draft_version(ctx, scheme_id, terms=terms), status=201)


@bp.put("/<uuid:scheme_id>/versions/<uuid:version_id>")
@access(MAKE)
@bp.arguments(SchemeTermsShape)
@bp.alt_response(200, schema=SchemeVersionSchema)
def edit_version(terms: TermsInput, scheme_id: uuid.UUID, version_id: uuid.UUID) -> Any:
    """Rewrite the terms of a draft. A stale `If-Match` is 412."""
    done: list[SchemeVersion] = []

    def verb(ctx: Context) -> SchemeVersion:
        queries.lock(ctx, scheme_id)
        rest.check_match(_terms(_of(ctx, scheme_id, version_id)))
        done[:] = [actions.edit_version(ctx, version_id, terms=terms)]
        return done[0]

    response = rest.do(SchemeVersionSchema, verb)
    return _tagged(response, done[0]) if done else response


@bp.post("/<uuid:scheme_id>/versions/<uuid:version_id>/publish")
@access(MAKE)
@bp.alt_response(200, schema=SchemeVersionSchema)
def publish(scheme_id: uuid.UUID, version_id: uuid.UUID) -> Any:
    """Freeze a draft and open it for issuing."""

    def verb(ctx: Context) -> SchemeVersion:
        _of(ctx, scheme_id, version_id)
        return actions.publish_version(ctx, version_id)

    return rest.do(SchemeVersionSchema, verb)


@bp.post("/<uuid:scheme_id>/versions/<uuid:version_id>/close")
@access(MAKE)
@bp.alt_response(200, schema=SchemeVersionSchema)
def close(scheme_id: uuid.UUID, version_id: uuid.UUID) -> Any:
    """Stop issuing under a published version."""

    def verb(ctx: Context) -> SchemeVersion:
        _of(ctx, scheme_id, version_id)
        return actions.close_version(ctx, version_id)

    return rest.do(SchemeVersionSchema, verb)


def _of(ctx: Context, scheme_id: uuid.UUID, version_id: uuid.UUID) -> SchemeVersion:
    """A version of this scheme that this person may see."""
    for found in queries.versions(ctx, queries.get(ctx, scheme_id)):
        if found.id == version_id:
            return found
    raise NotFound("scheme_version")


def _terms(version: SchemeVersion) -> Any:
    return SchemeTermsShape().dump(version)


def _tagged(response: Response, version: SchemeVersion) -> Response:
    response.set_etag(rest.etag_of(_terms(version)))
    return response
