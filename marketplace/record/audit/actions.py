"""Writing down what was done, and who looked. `record` is part of the act: it commits or vanishes with it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from marketplace.base import acts
from marketplace.base.context import Context
from marketplace.base.money import Yuan
from marketplace.base.text import Text
from marketplace.record.audit.models import AccessRow, AuditRow


def record(ctx: Context, verb: str, target: Any, **facts: Any) -> None:
    """Write one act down, in the act's own transaction: one INSERT.

    `target` is the row acted on, or ``(kind, id)``. `facts` hold ids, amounts in fen (or `Yuan`), states, dates;
    no names, phone numbers or other personal data, because the row can never be changed.
    """
    kind, object_id = _name(target)
    scope = getattr(target, "scope", None)
    ctx.session.execute(
        insert(AuditRow.__table__).values(  # type: ignore[arg-type]
            at=ctx.now,
            **_who(ctx),
            verb=verb,
            kind=kind,
            object_id=object_id,
            pilot_id=scope.pilot_id if scope is not None else None,
            city=scope.city if scope is not None else None,
            facts=_plain(facts),
        )
    )


def look(ctx: Context, kind: str, object_id: Any, reason: str) -> None:
    """Write down that somebody looked at something protected: the only write behind a GET.

    It commits at once in a transaction of its own; inside an act it belongs to the act.
    """
    if ctx.session.connection().get_execution_options().get("marketplace_write"):
        _write_look(ctx, kind, object_id, reason)
        return
    with Session(ctx.session.get_bind()) as session:
        acts.run(
            session,
            ctx.house,
            lambda own: _write_look(own, kind, object_id, reason),
            actor=ctx.actor,
            request_id=ctx.request_id,
            system=ctx.system,
        )


def _write_look(ctx: Context, kind: str, object_id: Any, reason: str) -> None:
    ctx.session.execute(
        insert(AccessRow.__table__).values(  # type: ignore[arg-type]
            at=ctx.now, **_who(ctx), kind=kind, object_id=str(object_id), reason=reason
        )
    )


def _who(ctx: Context) -> dict[str, Any]:
    actor = ctx.actor
    return {
        "person_id": actor.person_id if actor else None,
        "assignment_id": actor.assignment_id if actor else None,
        "role": _role(ctx),
        "request_id": ctx.request_id,
    }


def _role(ctx: Context) -> str:
    if ctx.actor is None:
        return "platform" if ctx.system else "visitor"
    return ctx.actor.role.value if ctx.actor.role else "person"


def _name(target: Any) -> tuple[str, str]:
    if isinstance(target, tuple):
        kind, identity = target
        return str(kind), str(identity)
    mapper = target.__mapper__
    keys = [getattr(target, mapper.get_property_by_column(column).key) for column in mapper.primary_key]
    if any(key is None for key in keys):
        raise ValueError(f"{mapper.local_table.name} has no id yet: add it with ctx.add, or flush")
    return mapper.local_table.name, ",".join(str(key) for key in keys)


def _plain(value: Any) -> Any:
    """Facts as JSON can hold them on every database: no float, money as fen, texts as their Chinese wording."""
    if isinstance(value, Yuan):
        return value.fen
    if isinstance(value, Text):
        return str(value)
    if isinstance(value, float):
        raise TypeError("facts hold no float: give fen, basis points or text")
    if isinstance(value, Mapping):
        return {str(_plain(k)): _plain(v) for k, v in value.items()}
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return value
