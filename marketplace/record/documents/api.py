"""REST: files, /api/v1/documents. They are uploaded first, and named by their id in the acts that need them."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response

from marketplace.base.context import Context
from marketplace.record.documents import actions
from marketplace.record.documents.models import Document
from marketplace.record.documents.pages import attachment
from marketplace.record.documents.permissions import STORE
from marketplace.record.documents.schemas import DocumentSchema, UploadedDocumentSchema
from marketplace.web import rest
from marketplace.web.rest import ApiBlueprint
from marketplace.web.runtime import reading
from marketplace.web.security import PUBLIC, access

bp = ApiBlueprint("documents_api", __name__, url_prefix="/documents", description="Files")


@bp.post("")
@access(STORE)
@bp.arguments(UploadedDocumentSchema, location="multipart", as_kwargs=True)
@bp.alt_response(201, schema=DocumentSchema)
def store(file: Any, kind: str, personal: bool) -> Any:
    """Keep a file, as multipart/form-data. It is the uploader's until an act opens it to the parties of a matter."""

    def verb(ctx: Context) -> Document:
        ctx.require(STORE)
        file.stream.seek(0)  # a second try of the act reads it again
        return actions.store(ctx, file.stream, file.filename, kind, personal=personal)

    return rest.do(DocumentSchema, verb, status=201)


@bp.get("/<uuid:document_id>")
@access(PUBLIC)
@bp.response(200, DocumentSchema)
def show(document_id: uuid.UUID) -> Document:
    """What is known of a file, to whom it is open."""
    return actions.get(reading(), document_id)


@bp.get("/<uuid:document_id>/content")
@access(PUBLIC)
@bp.alt_response(200, schema={"type": "string", "format": "binary"}, content_type="application/octet-stream")
def content(document_id: uuid.UUID) -> Response:
    """The file itself, always as an attachment. A look at a file that tells of persons is written down."""
    return attachment(*actions.open_file(reading(), document_id))
