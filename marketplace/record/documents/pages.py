"""Handing a file out: always as a download, never shown from our origin."""

from __future__ import annotations

import uuid
from typing import BinaryIO

from flask import Blueprint, Response, send_file

from marketplace.record.documents import actions
from marketplace.record.documents.models import Document
from marketplace.record.documents.names import disposition
from marketplace.web.runtime import reading
from marketplace.web.security import PUBLIC, access

bp = Blueprint("documents", __name__)


@bp.get("/documents/<uuid:document_id>")
@access(PUBLIC)
def download(document_id: uuid.UUID) -> Response:
    """One file, to whom it is open; a public one to everybody. To others it does not exist."""
    return attachment(*actions.open_file(reading(), document_id))


def attachment(document: Document, file: BinaryIO) -> Response:
    """A file on its way out: never guessed at, never run, never kept by a cache."""
    response = send_file(file, mimetype=document.media_type, max_age=0, etag=False)
    response.headers["Content-Disposition"] = disposition(document.name)
    response.headers["Content-Length"] = str(document.size)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "no-store"
    return response
