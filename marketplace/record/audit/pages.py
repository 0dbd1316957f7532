"""The auditor's list of acts and looks, and the public checkpoints."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, Response, jsonify, request, stream_with_context
from marshmallow import ValidationError

from marketplace.base import sheets
from marketplace.base.errors import NotFound
from marketplace.base.roles import LABELS
from marketplace.base.text import N_
from marketplace.base.types import canonical
from marketplace.record.audit import keys, queries
from marketplace.record.audit.leaves import SEALED
from marketplace.record.audit.models import Checkpoint
from marketplace.record.audit.permissions import READ
from marketplace.record.audit.schemas import AuditFilter
from marketplace.web.html import render
from marketplace.web.i18n import say
from marketplace.web.runtime import reading
from marketplace.web.security import PUBLIC, access

bp = Blueprint("audit", __name__)


@bp.get("/audit")
@access(READ)
def index() -> tuple[str, int]:
    """Acts, filtered and paged; ``?of=looks`` shows who looked at protected things."""
    ctx = reading()
    wish, cursor, form = _wish()
    of_looks = request.args.get("of") == "looks"
    found = (queries.looks if of_looks else queries.search)(ctx, wish, cursor=cursor)
    chosen = {name: value for name, value in form.values.items() if value}
    if of_looks:
        chosen["of"] = "looks"
    html = render(
        "audit/looks.html" if of_looks else "audit/index.html",
        ctx=ctx,
        found=found,
        form=form,
        chosen=chosen,
        of_looks=of_looks,
        people=queries.names(ctx, (row.person_id for row in found.items)),
        roles={**LABELS, "visitor": N_("访客"), "platform": N_("平台"), "person": N_("个人")},
        written=canonical,
    )
    return html, 422 if form.errors else 200


@bp.get("/audit.csv")
@access(READ)
def export() -> Response:
    """The filtered acts as CSV, streamed."""
    ctx = reading()
    wish, _, _ = _wish()
    header = [
        "id",
        "at",
        "person_id",
        "assignment_id",
        "role",
        "verb",
        "kind",
        "object_id",
        "pilot_id",
        "city",
        "facts",
    ]

    def rows() -> Iterator[list[Any]]:
        for row in queries.every(ctx, wish):
            yield [
                row.id, row.at.isoformat(), row.person_id, row.assignment_id, row.role, row.verb, row.kind,
                row.object_id, row.pilot_id, row.city, canonical(row.facts),
            ]  # fmt: skip

    return Response(
        stream_with_context(sheets.write_csv(header, rows())),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="audit-{ctx.today}.csv"'},
    )


@bp.get("/checkpoints")
@access(PUBLIC)
def checkpoints() -> str:
    """Daily checkpoints with the public key: whoever keeps one can tell later whether the record was rewritten."""
    ctx = reading()
    found = queries.checkpoints(ctx, cursor=request.args.get("cursor"))
    key = keys.public(ctx.house.settings)
    labels = {source.name: source.label for source in ctx.house.all(SEALED)}
    return render(
        "audit/checkpoints.html",
        ctx=ctx,
        found=found,
        key=key.hex(),
        key_id=keys.key_id(key),
        id_of=keys.key_id,
        labels=labels,
    )


@bp.get("/checkpoints/<day>.json")
@access(PUBLIC)
def checkpoint(day: str) -> Response:
    """One checkpoint as a file for `marketplace audit verify --checkpoint`."""
    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        raise NotFound("checkpoint") from None
    found = queries.checkpoint(reading(), wanted)
    if found is None:
        raise NotFound("checkpoint")
    return jsonify(published(found))


def published(row: Checkpoint) -> dict[str, Any]:
    """A checkpoint as it leaves the house; `verify.read_checkpoint` reads it back."""
    return {
        "day": row.day.isoformat(),
        "seal_no": row.seal_no,
        "seal_hash": row.seal_hash.hex(),
        "trees": row.trees,
        "at": row.at.isoformat(),
        "public_key": row.public_key.hex(),
        "signature": row.signature.hex(),
    }


def _wish() -> tuple[queries.Filter, str | None, SimpleNamespace]:
    """The filter of the address, its cursor, and the form that shows it (with what is wrong)."""
    given = {name: value.strip() for name, value in request.args.items() if value.strip()}
    form = SimpleNamespace(values={k: v for k, v in given.items() if k in AuditFilter().fields}, errors={})
    form.values.pop("cursor", None)
    try:
        loaded = AuditFilter().load(given)
    except ValidationError as fault:
        form.errors = {name: [say(m) for m in found] for name, found in fault.messages_dict.items()}
        return queries.Filter(), None, form
    cursor = loaded.pop("cursor")
    return queries.Filter(**loaded), cursor, form
