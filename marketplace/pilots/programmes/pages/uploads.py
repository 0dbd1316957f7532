"""Files that come with a form: kept in the act that they belong to."""

from __future__ import annotations

import uuid
from typing import Any

from marketplace.base.context import Context
from marketplace.record.documents import actions as documents


def keep(
    ctx: Context, upload: Any, kind: str, *, city: str | None = None, pilot_id: uuid.UUID | None = None
) -> uuid.UUID | None:
    """Keep an uploaded file for the officers of a place and give its id; None where none was chosen."""
    if upload is None:
        return None
    upload.stream.seek(0)  # an act that is run again reads it again
    return documents.store(ctx, upload.stream, upload.filename or "", kind, city=city, pilot_id=pilot_id).id
