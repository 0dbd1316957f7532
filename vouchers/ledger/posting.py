"""Writing entries: who acts, under which key, and the link to the entry before."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marketplace.base.context import Context
from marketplace.base.errors import Refusal
from marketplace.base.text import N_
from marketplace.base.types import canonical
from vouchers.ledger import chain
from vouchers.ledger.statements import Statement, insert_many

PLATFORM = uuid.UUID(int=0)
"""The person and assignment of an entry that the platform itself made: a sweep, a subscriber in a job."""


@dataclass(frozen=True)
class Asked:
    """An act as its client named it: the acting organisation, the client's key, a digest of what was asked."""

    scope: str
    key: str
    digest: bytes

    @property
    def columns(self) -> dict[str, Any]:
        return {"idem_scope": self.scope, "idem_key": self.key, "req_hash": self.digest}


_UNASKED: dict[str, Any] = {"idem_scope": None, "idem_key": None, "req_hash": None}


@dataclass(frozen=True)
class Head:
    """The end of a commitment's chain, read under its lock."""

    commitment_id: uuid.UUID
    pilot_id: uuid.UUID
    seq: int
    chain: bytes


@dataclass(frozen=True)
class Move:
    """One movement to be written: ``Move("redeem", "reserved", "payable", 5000, hold_id=…, provider_id=…)``."""

    kind: str
    src: str
    dst: str
    amount: int
    hold_id: uuid.UUID | None = None
    redemption_id: int | None = None
    provider_id: uuid.UUID | None = None
    attempt_id: uuid.UUID | None = None


@dataclass(frozen=True)
class Posted:
    """What an act of the ledger did. `replayed`: the same key did it before, and nothing was done now."""

    entry_id: int
    commitment_id: uuid.UUID
    hold_id: uuid.UUID | None
    amount: int
    replayed: bool = False


def scope(ctx: Context) -> str:
    """Within which a key names one act: the acting organisation, a person without one, or the platform itself."""
    actor = ctx.actor
    return str(actor.organisation_id or actor.person_id) if actor else "platform"


def asked(ctx: Context, key: str, verb: str, *what: Any) -> Asked:
    """The key of an act in the scope of the acting organisation, with a digest of the verb and its arguments."""
    return Asked(scope(ctx), key, hashlib.sha256(canonical([verb, *what]).encode()).digest())


def who(ctx: Context) -> dict[str, Any]:
    """Person, assignment, day and moment of an act, as every entry carries them."""
    actor = ctx.actor
    return {
        "person_id": actor.person_id if actor else PLATFORM,
        "assignment_id": (actor.assignment_id if actor else None) or PLATFORM,
        "day": ctx.today,
        "at": ctx.now,
    }


def other_request() -> Refusal:
    """The answer to a key that was used for something else."""
    refusal = Refusal("idempotency.other_request", N_("此幂等键已用于另一个请求。"), field="Idempotency-Key")
    refusal.status = 422
    return refusal


def positive(amount: Any) -> int:
    """An amount in fen that can be moved at all."""
    if not isinstance(amount, int) or isinstance(amount, bool) or amount <= 0:
        raise Refusal("money.not_positive", N_("金额必须大于零。"), field="amount")
    return amount


def link(
    shared: Mapping[str, Any], head: Head, moves: Sequence[Move], request: Asked | None = None
) -> list[dict[str, Any]]:
    """Rows of entries that follow a head, each linked to the one before; the first carries the key.

    `shared` is what `who` says of the act, asked once however many heads there are.
    """
    rows, seq, last = [], head.seq, head.chain
    for place, move in enumerate(moves):
        seq += 1
        row = {
            "pilot_id": head.pilot_id,
            "commitment_id": head.commitment_id,
            "seq": seq,
            **vars(move),
            **(request.columns if request is not None and place == 0 else _UNASKED),
        }
        row["prev_hash"] = last
        row["hash"] = last = chain.link({**row, **shared}, last)
        rows.append(row)
    return rows


def write(ctx: Context, rows: list[dict[str, Any]]) -> list[int]:
    """One INSERT of linked entries; the database's triggers carry them out. Gives their ids, in order."""
    return insert_many(ctx.session, "entry", rows, who(ctx))


def post(ctx: Context, head: Head, moves: Sequence[Move], request: Asked | None = None) -> list[int]:
    """Write entries that follow one head: one INSERT."""
    return write(ctx, link(who(ctx), head, moves, request))


_BY_KEY = Statement(
    "SELECT id AS entry_id, commitment_id, hold_id, amount, req_hash FROM entry"
    " WHERE idem_scope = :scope AND idem_key = :key",
    columns="commitment_id hold_id req_hash",
)


def earlier(ctx: Context, request: Asked) -> Posted | None:
    """What the key did before, read afresh: a rival that held the lock may have committed it meanwhile."""
    row = _BY_KEY.run(ctx.session, scope=request.scope, key=request.key).one_or_none()
    if row is None:
        return None
    if row.req_hash != request.digest:
        raise other_request()
    return Posted(row.entry_id, row.commitment_id, row.hold_id, row.amount, replayed=True)


def replayed(row: Any, request: Asked) -> Posted | None:
    """The same answer out of a row that was read together with the lock (columns ``replay_*``)."""
    if row.replay_entry_id is None:
        return None
    if row.replay_hash != request.digest:
        raise other_request()
    return Posted(row.replay_entry_id, row.replay_commitment_id, row.replay_hold_id, row.replay_amount, replayed=True)


def unless_done(ctx: Context, request: Asked, refusal: Refusal) -> Posted:
    """Refuse, but answer a request that a rival has already carried out under the same key."""
    done = earlier(ctx, request)
    if done is None:
        raise refusal
    return done


REPLAY = "e.id AS replay_entry_id, e.commitment_id AS replay_commitment_id, e.hold_id AS replay_hold_id, " + (
    "e.amount AS replay_amount, e.req_hash AS replay_hash"
)
BY_KEY = "LEFT JOIN entry e ON e.idem_scope = :scope AND e.idem_key = :key"
REPLAY_COLUMNS = "replay_commitment_id replay_hold_id replay_hash"
