"""Promising money: vouchers for enterprises, contracts of direct expenditure, any number of them in one act."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Any

from marketplace.base.context import Context
from marketplace.base.errors import NotFound, Refusal
from marketplace.base.ids import new_id, random_number
from marketplace.base.text import N_
from vouchers.ledger import chain, posting
from vouchers.ledger.actions import funds
from vouchers.ledger.posting import Asked, Head, Move
from vouchers.ledger.refusals import civil
from vouchers.ledger.statements import Statement, insert_few, insert_many
from vouchers.ledger.states import CommitmentKind


@dataclass(frozen=True)
class VoucherItem:
    """One voucher to be issued: face in fen, last day for new orders, who gets it, which award of the line it is."""

    face: int
    last_day: date
    enterprise_id: uuid.UUID
    scheme_version_id: uuid.UUID | None = None
    award_no: int = 1
    number: str | None = None
    """16 bare Crockford symbols; made here when not given."""


@dataclass(frozen=True)
class ContractItem:
    """One contract of direct expenditure: its subsidy in fen, its last day, the provider, the signed document."""

    face: int
    last_day: date
    provider_id: uuid.UUID
    number: str
    document_hash: bytes
    signed_on: date


@dataclass(frozen=True)
class Issued:
    """What was issued, in the order of the items. `replayed`: the same key issued them before."""

    batch_id: uuid.UUID
    commitment_ids: list[uuid.UUID]
    total: int
    replayed: bool = False


AT_ONCE = 10_000
"""Rows that are held in memory at a time, so that an act of a hundred thousand needs hardly more than one of these."""

_LINE = (
    "SELECT l.id AS line_id, l.fund_id, l.pilot_id, l.city, l.currency, l.opens_on, l.closes_on, b.k, b.seq,"
    " b.available, i.id AS batch_id, i.total, i.req_hash FROM line_bucket b JOIN budget_line l ON l.id = b.line_id"
    " LEFT JOIN issue_batch i ON i.idem_scope = :scope AND i.idem_key = :key WHERE b.line_id = :line_id"
)
_COLUMNS = "line_id fund_id pilot_id closes_on batch_id req_hash"
_ANY = Statement(
    _LINE + " AND b.available >= :total ORDER BY (b.k + :start) % 64 LIMIT 1",
    lock="FOR UPDATE OF b SKIP LOCKED",
    columns=_COLUMNS,
)
_NEXT = Statement(_LINE + " AND b.available >= :total ORDER BY b.k LIMIT 1", lock="FOR UPDATE OF b", columns=_COLUMNS)
_BEFORE = Statement("SAVEPOINT bucket")
_LET_GO = Statement("ROLLBACK TO SAVEPOINT bucket")
_ALL = Statement(_LINE + " ORDER BY b.k", lock="FOR UPDATE OF b", columns=_COLUMNS)
_EARLIER = Statement("SELECT id FROM commitment WHERE issue_batch_id = :batch_id ORDER BY id", columns="id")


def issue(
    ctx: Context,
    line_id: uuid.UUID,
    items: Sequence[VoucherItem] | Sequence[ContractItem],
    key: str,
    *,
    file_sha256: bytes | None = None,
    before: Callable[[], object] | None = None,
) -> Issued:
    """Issue vouchers, or register contracts, out of one line: all of them or none.

    `before` is asked under the lock of the money, before anything is written, and may refuse; not when the same key
    issued before. Without it six statements on PostgreSQL up to `AT_ONCE` of them. Refuses `line.exhausted` (四(一)),
    `voucher.awarded_already`, `line.outside`, `issue.mixed`; the same key and items answer what was issued before.
    """
    kind = _kind(items)
    total = sum(posting.positive(item.face) for item in items)
    request = posting.asked(ctx, key, "issue", line_id, kind.value, [tuple(vars(item).values()) for item in items])
    line, parts = _money(ctx, line_id, total, request)
    if line.batch_id is not None:
        return _replayed(ctx, line, request)
    if before is not None:
        before()
    with civil():
        batch_id = _fund(ctx, line, parts, total, len(items), request, file_sha256)
        made: list[uuid.UUID] = []
        for rows, faces, entries in _ahead(ctx, line, batch_id, kind, items):
            insert_many(ctx.session, "commitment", rows, {})
            insert_many(ctx.session, "voucher" if kind is CommitmentKind.VOUCHER else "direct_contract", faces, {})
            posting.write(ctx, entries)
            made += [row["id"] for row in rows]
    return Issued(batch_id, made, total)


def _kind(items: Sequence[Any]) -> CommitmentKind:
    kinds = {type(item) for item in items}
    if kinds == {VoucherItem}:
        return CommitmentKind.VOUCHER
    if kinds == {ContractItem}:
        return CommitmentKind.CONTRACT
    raise Refusal("issue.mixed", N_("一次只能发放同一类服务券，且不能为空。"))


def _money(ctx: Context, line_id: uuid.UUID, total: int, request: Asked) -> tuple[Any, list[tuple[int, int, int]]]:
    """The line, and (k, seq, part) of the buckets that pay.

    Any free bucket with enough; else one with enough whose user is waited for; else all of them in the order of k,
    exactly: so money is neither promised twice nor found missing when it is only busy.
    """
    asked = {"line_id": line_id, "scope": request.scope, "key": request.key}
    row = _ANY.run(ctx.session, total=total, start=random.randrange(64), **asked).first()
    if row is None and ctx.session.get_bind().dialect.name == "postgresql":
        _BEFORE.run(ctx.session)
        row = _NEXT.run(ctx.session, total=total, **asked).first()
        if row is None:  # buckets that were waited for in vain stay locked, and would be taken again out of order
            _LET_GO.run(ctx.session)
    if row is not None:
        return row, [(row.k, row.seq, total)]
    found = _ALL.run(ctx.session, **asked).all()
    if not found:
        raise NotFound("line")
    if found[0].batch_id is not None:
        return found[0], []
    parts = funds.take([(b.k, b.seq, b.available) for b in found], total)
    if parts is None:
        raise funds.exhausted(sum(b.available for b in found), total)
    return found[0], parts


def _replayed(ctx: Context, line: Any, request: Asked) -> Issued:
    if line.req_hash != request.digest:
        raise posting.other_request()
    ids = list(_EARLIER.run(ctx.session, batch_id=line.batch_id).scalars())
    return Issued(line.batch_id, ids, line.total, replayed=True)


def _fund(
    ctx: Context, line: Any, parts: list[tuple[int, int, int]], total: int, n: int, request: Asked, file: bytes | None
) -> uuid.UUID:
    """The batch row, and the fund entries that move its money from available to committed."""
    batch_id = new_id()
    batch = {"id": batch_id, "line_id": line.line_id, **request.columns, "file_sha256": file, "n": n, "total": total}
    insert_few(ctx.session, "issue_batch", [batch], {"created_at": ctx.now})
    rows = [
        funds.fund_row(
            line.fund_id,
            line.pilot_id,
            "issue",
            part,
            None,
            line_id=line.line_id,
            k=k,
            bseq=seq + 1,
            issue_batch_id=batch_id,
        )
        for k, seq, part in parts
    ]
    insert_many(ctx.session, "fund_entry", rows, posting.who(ctx))
    return batch_id


Rows = list[dict[str, Any]]


def _ahead(
    ctx: Context, line: Any, batch_id: uuid.UUID, kind: CommitmentKind, items: Sequence[Any]
) -> Iterator[tuple[Rows, Rows, Rows]]:
    """`_rows` of `AT_ONCE` items after another; while the database writes some, the next are computed beside it."""
    parts = [items[start : start + AT_ONCE] for start in range(0, len(items), AT_ONCE)]
    if len(parts) == 1:
        yield _rows(ctx, line, batch_id, kind, items)
        return
    with ThreadPoolExecutor(1) as beside:
        coming = beside.submit(_rows, ctx, line, batch_id, kind, parts[0])
        for part in parts[1:]:
            ready, coming = coming.result(), beside.submit(_rows, ctx, line, batch_id, kind, part)
            yield ready
        yield coming.result()


def _rows(
    ctx: Context, line: Any, batch_id: uuid.UUID, kind: CommitmentKind, items: Sequence[Any]
) -> tuple[Rows, Rows, Rows]:
    """Commitments, their faces (vouchers or contracts) and their first entries, row for row."""
    commitments, faces, entries, shared = [], [], [], posting.who(ctx)
    for item in items:
        row = {
            "id": new_id(),
            "kind": kind.value,
            "line_id": line.line_id,
            "issue_batch_id": batch_id,
            "pilot_id": line.pilot_id,
            "city": line.city,
            "currency": line.currency,
            "face": item.face,
            "last_day": item.last_day,
        }
        face = _face(item) | {
            "commitment_id": row["id"],
            "kind": kind.value,
            "line_id": line.line_id,
            "pilot_id": line.pilot_id,
            "city": line.city,
            "issued_at": ctx.now,
        }
        row["chain"] = chain.seed(row, face)
        head = Head(row["id"], line.pilot_id, 0, row["chain"])
        entries += posting.link(shared, head, [Move("issue", "line", "available", item.face)])
        commitments.append(row)
        faces.append(face)
    return commitments, faces, entries


def _face(item: VoucherItem | ContractItem) -> dict[str, Any]:
    if isinstance(item, VoucherItem):
        return {
            "number": item.number or random_number(),
            "enterprise_id": item.enterprise_id,
            "scheme_version_id": item.scheme_version_id,
            "award_no": item.award_no,
        }
    return {
        "provider_id": item.provider_id,
        "number": item.number,
        "document_hash": item.document_hash,
        "signed_on": item.signed_on,
    }
