"""The auditor's lists of acts and looks, and the public checkpoints."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, jsonify
from werkzeug.wrappers import Response

from marketplace.base.errors import NotFound
from marketplace.record.audit import keys, queries
from marketplace.record.audit.listings import ACTS, CHECKPOINTS, LOOKS
from marketplace.record.audit.models import Checkpoint
from marketplace.record.audit.permissions import READ
from marketplace.web.runtime import reading
from marketplace.web.security import PUBLIC, access

bp = Blueprint("audit", __name__)


@bp.get("/audit")
@access(READ)
def index() -> str | Response:
    """What was done, by whom, acting as what."""
    return ACTS.answer("audit/index.html")


@bp.get("/audit/looks")
@access(READ)
def looks() -> str | Response:
    """Who looked at protected things."""
    return LOOKS.answer("audit/looks.html")


@bp.get("/checkpoints")
@access(PUBLIC)
def checkpoints() -> str | Response:
    """Daily checkpoints with the public key: whoever keeps one can tell later whether the record was rewritten."""
    ctx = reading()
    key = keys.public(ctx.house.settings)
    return CHECKPOINTS.answer("audit/checkpoints.html", ctx=ctx, key=key.hex(), key_id=keys.key_id(key))


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
