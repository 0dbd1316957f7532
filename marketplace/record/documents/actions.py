"""Keeping files, opening them to others, and handing them out."""

from __future__ import annotations

import io
import uuid
from datetime import timedelta
from typing import BinaryIO

from sqlalchemy import insert, select

from marketplace.base.context import Context
from marketplace.base.errors import NotFound, Refusal
from marketplace.base.ids import new_id
from marketplace.base.text import N_
from marketplace.record.audit import actions as audit
from marketplace.record.documents.kinds import ALLOWED, recognise
from marketplace.record.documents.models import Document, DocumentReader, Reader, Retention
from marketplace.record.documents.names import harmless
from marketplace.record.documents.queries import get
from marketplace.record.documents.storage import Received, Storage, TooLarge, storage

__all__ = ["get", "open_file", "open_to", "store", "sweep"]

ORPHAN_AFTER = timedelta(days=2)
"""A content without a row may belong to an act that is still running; after this it does not."""


def store(
    ctx: Context,
    data: bytes | BinaryIO,
    filename: str,
    kind: str,
    owner_organisation_id: uuid.UUID | None = None,
    personal: bool = False,
    retention: str | Retention = Retention.STANDARD,
    *,
    pilot_id: uuid.UUID | None = None,
    city: str | None = None,
    public: bool = False,
) -> Document:
    """Keep a file and give its row.

    `kind` says what it is in its matter (``contract``, ``invoice``). The owner defaults to the organisation acted for,
    the place to the actor's; pass `pilot_id` and `city` so that the officers of the matter may read it. Refuses
    ``document.empty``, ``document.too_large``, ``document.type`` (field ``file``).
    """
    actor = ctx.actor
    if actor is not None:
        owner_organisation_id = owner_organisation_id or actor.organisation_id
        pilot_id = pilot_id or actor.pilot_id
        if city is None and actor.pilot_id is None and actor.region and not actor.region.endswith("0000"):
            city = actor.region
    store_ = storage(ctx.house)
    limit = ctx.house.settings.max_upload_mb
    try:
        received = store_.receive(io.BytesIO(data) if isinstance(data, bytes) else data, limit * 1024 * 1024)
    except TooLarge:
        raise Refusal("document.too_large", N_("文件超过 {limit} MiB。"), field="file", limit=limit) from None
    try:
        document = _describe(received, filename, kind)
        store_.keep(received)
    finally:
        received.drop()
    document.owner_organisation_id, document.pilot_id, document.city = owner_organisation_id, pilot_id, city
    document.personal, document.public, document.retention = personal, public, Retention(retention)
    document.person_id = actor.person_id if actor else None
    document.assignment_id = actor.assignment_id if actor else None
    ctx.add(document)
    ctx.session.flush()
    audit.record(ctx, "document.stored", document, sha256=document.sha256, size=document.size, what=kind)
    return document


def _describe(received: Received, filename: str, kind: str) -> Document:
    """The row of a file that came in, or the reason why it is not kept."""
    if received.size == 0:
        raise Refusal("document.empty", N_("文件是空的。"), field="file")
    with received.open() as file:
        found = recognise(file)
    if found is None:
        raise Refusal(
            "document.type",
            N_("不接受此类文件，请上传：{kinds}。"),
            field="file",
            kinds=", ".join(k.extension.upper() for k in ALLOWED),
        )
    return Document(
        sha256=received.sha256,
        size=received.size,
        media_type=found.media_type,
        name=harmless(filename, found),
        kind=kind,
    )


def open_to(
    ctx: Context,
    document: Document,
    *,
    organisation_id: uuid.UUID | None = None,
    pilot_id: uuid.UUID | None = None,
    city: str | None = None,
    person_id: uuid.UUID | None = None,
) -> None:
    """Let others of the same matter read a file: the other party, a pilot, a city, an expert.

    Done again it changes nothing. The caller has authorised the matter; nothing is asked here.
    """
    wanted = {
        (kind, str(value))
        for kind, value in (
            (Reader.ORGANISATION, organisation_id),
            (Reader.PILOT, pilot_id),
            (Reader.CITY, city),
            (Reader.PERSON, person_id),
        )
        if value is not None
    }
    rows = ctx.session.execute(
        select(DocumentReader.reader_kind, DocumentReader.reader).where(DocumentReader.document_id == document.id)
    )
    missing = sorted(wanted - {(kind, reader) for kind, reader in rows})
    if missing:
        ctx.session.flush()
        ctx.session.execute(
            insert(DocumentReader),
            [
                {"id": new_id(), "document_id": document.id, "reader_kind": k, "reader": r, "created_at": ctx.now}
                for k, r in missing
            ],
        )
        audit.record(ctx, "document.opened", document, to=[f"{kind}:{reader}" for kind, reader in missing])


def open_file(ctx: Context, document_id: uuid.UUID, reason: str = N_("下载文件")) -> tuple[Document, BinaryIO]:
    """A file that this person may read, and its content. A look at personal data is written down first."""
    document = get(ctx, document_id)
    if document.personal:
        audit.look(ctx, "document", document.id, reason)
    try:
        return document, storage(ctx.house).open(document.sha256)
    except FileNotFoundError:
        raise NotFound("document") from None


def sweep(ctx: Context) -> str:
    """Remove contents that no row names, once no act can still be about to name them. Job `documents.sweep`."""
    store_ = storage(ctx.house)
    removed, batch = 0, []
    for sha256 in store_.older(ORPHAN_AFTER):
        batch.append(sha256)
        if len(batch) == 500:
            removed += _remove_unnamed(ctx, store_, batch)
            batch = []
    removed += _remove_unnamed(ctx, store_, batch)
    return f"{removed} orphans removed" if removed else ""


def _remove_unnamed(ctx: Context, store_: Storage, digests: list[str]) -> int:
    named = set(ctx.session.scalars(select(Document.sha256).where(Document.sha256.in_(digests))))
    return sum(store_.remove(sha256, ORPHAN_AFTER) for sha256 in set(digests) - named)
