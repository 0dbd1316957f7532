"""Stopping a commitment and letting it go again. No money moves and so there is no entry; the caller audits why."""

from __future__ import annotations

import uuid

from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from vouchers.ledger.statements import Statement

_SET = Statement(
    "UPDATE commitment SET frozen = :frozen WHERE id = :commitment_id RETURNING id AS commitment_id",
    columns="commitment_id",
)


def freeze(ctx: Context, commitment_id: uuid.UUID) -> None:
    """No new holds and no redemptions until `thaw`; the triggers refuse both."""
    _set(ctx, commitment_id, True)


def thaw(ctx: Context, commitment_id: uuid.UUID) -> None:
    """The commitment may be used again."""
    _set(ctx, commitment_id, False)


def _set(ctx: Context, commitment_id: uuid.UUID, frozen: bool) -> None:
    if _SET.run(ctx.session, commitment_id=commitment_id, frozen=frozen).first() is None:
        raise NotFound("commitment")
