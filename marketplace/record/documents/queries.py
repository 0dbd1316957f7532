"""Which files somebody may read."""

from __future__ import annotations

import uuid

from sqlalchemy import ColumnElement, and_, false, or_, select

from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.base.permissions import reach
from marketplace.record.documents.models import Document, DocumentReader, Reader
from marketplace.record.documents.permissions import READ


def get(ctx: Context, document_id: uuid.UUID) -> Document:
    """A file that this person may read: its own, one of its place, one opened to it, a public one. Else NotFound."""
    statement = select(Document).where(Document.id == document_id)
    if not (ctx.system and ctx.actor is None):
        statement = statement.where(or_(_reached(ctx), Document.public, _opened(ctx)))
    document = ctx.session.scalars(statement).one_or_none()
    if document is None:
        raise NotFound("document")
    return document


def _reached(ctx: Context) -> ColumnElement[bool]:
    condition = reach(
        ctx,
        READ,
        own=[Document.owner_organisation_id],
        pilot=Document.pilot_id,
        city=Document.city,
        persons=[Document.person_id],
    )
    return or_(condition, Document.person_id == ctx.actor.person_id) if ctx.actor else condition


def _opened(ctx: Context) -> ColumnElement[bool]:
    """Whether a matter opened the file to this person, or to what it acts for."""
    actor = ctx.actor
    if actor is None or (actor.permissions is not None and READ.code not in actor.permissions):
        return false()
    addresses = {
        Reader.PERSON: actor.person_id,
        Reader.ORGANISATION: actor.organisation_id,
        Reader.PILOT: actor.pilot_id,
        Reader.CITY: actor.region if actor.pilot_id is None else None,
    }
    matching = [
        and_(DocumentReader.reader_kind == kind, DocumentReader.reader == str(value))
        for kind, value in addresses.items()
        if value is not None
    ]
    if actor.region is not None and actor.region.endswith("0000"):
        of_province = DocumentReader.reader.like(actor.region[:2] + "%")
        matching.append(and_(DocumentReader.reader_kind == Reader.CITY, of_province))
    return select(DocumentReader.id).where(DocumentReader.document_id == Document.id, or_(*matching)).exists()
