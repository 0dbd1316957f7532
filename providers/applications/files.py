"""Handing out the documents of a submitted dossier to whoever may read the application at this moment."""

from __future__ import annotations

import uuid
from typing import BinaryIO

from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.base.text import N_
from marketplace.record.audit import actions as audit
from marketplace.record.documents.models import Document
from marketplace.record.documents.storage import storage
from providers.applications import queries


def open_document(ctx: Context, application_id: uuid.UUID, document_id: uuid.UUID) -> tuple[Document, BinaryIO]:
    """A document and its content; a look at personal data is written down first."""
    document = queries.document(ctx, application_id, document_id)
    if document.personal:
        audit.look(ctx, "document", document.id, N_("查看申报材料"))
    try:
        return document, storage(ctx.house).open(document.sha256)
    except FileNotFoundError:
        raise NotFound("document") from None
