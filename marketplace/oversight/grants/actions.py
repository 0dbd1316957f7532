"""Bringing in lists of other programmes, comparing them, withdrawing them."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from typing import BinaryIO

from sqlalchemy import ColumnElement, insert, select, update

from marketplace.base.context import Context
from marketplace.base.errors import Refusal
from marketplace.base.ids import new_id
from marketplace.base.permissions import Scope
from marketplace.base.streams import chunks
from marketplace.base.text import N_
from marketplace.oversight.grants import detectors, permissions, queries, reading, rules
from marketplace.oversight.grants.events import GrantListBroughtIn, GrantListWithdrawn
from marketplace.oversight.grants.models import GrantList, GrantRow
from marketplace.oversight.grants.rules import Granted
from marketplace.oversight.grants.states import GRANT_LIST, GrantListState
from marketplace.people.organisations.models import Organisation, UsccOverride
from marketplace.people.organisations.rules import check_text, normal_name
from marketplace.policy.findings import actions as findings
from marketplace.record.audit import actions as audit
from marketplace.record.documents import actions as documents
from marketplace.shop.orders.events import ContractFiled, OrderPlaced

_CHUNK = 1_000


@dataclass(frozen=True)
class BroughtIn:
    """What became of a file: its list, whether it is new, and how many cases it opened."""

    grants: GrantList
    new: bool
    opened: int


def bring_in(ctx: Context, content: BinaryIO, filename: str, programme: str) -> BroughtIn:
    """Keep every row of a list of another programme, compare it with the orders, and open what there is to look into.

    `programme` is whose money it was where a row does not say. It is compared with the orders of the officer's city,
    a province's with all of the province. The same rows a second time change nothing. Raises `Invalid` for a file with
    cells that nobody can understand, each named.
    """
    ctx.require(permissions.BRING_IN)
    region = ctx.who.region or ""
    ctx.require(permissions.BRING_IN, Scope.of(city=region))
    programme = check_text(programme, "programme")
    admitted = set(ctx.session.scalars(select(UsccOverride.uscc)))
    rows = reading.read(content, programme, admitted)
    digest = _digest(rows)
    known = ctx.session.scalars(
        select(GrantList).where(
            GrantList.region == region, GrantList.sha256 == digest, GrantList.state == GrantListState.ACTIVE
        )
    ).one_or_none()
    if known is not None:
        return BroughtIn(known, new=False, opened=0)
    content.seek(0)
    document = documents.store(ctx, content, filename, "grant_list", city=region)
    grants = ctx.add(
        GrantList(
            region=region,
            programme=programme,
            filename=document.name,
            document_id=document.id,
            rows=len(rows),
            sha256=digest,
            state=GrantListState.ACTIVE,
            brought_by=ctx.who.person_id,
        )
    )
    ctx.session.flush()
    for some in chunks(rows, _CHUNK):
        ctx.session.execute(insert(GrantRow), [_row(ctx, grants, *row) for row in some])
    recognise(ctx, grants.id)
    opened = detectors.open_for(ctx, queries.matches(ctx, list_id=grants.id))
    audit.record(ctx, "grant_list.brought_in", grants, rows=len(rows), opened=opened, sha256=document.sha256)
    ctx.announce(GrantListBroughtIn(grants.id, region, len(rows)))
    return BroughtIn(grants, new=True, opened=opened)


def _digest(rows: list[tuple[int, Granted]]) -> str:
    whole = hashlib.sha256()
    for number, row in rows:
        whole.update(f"{number}:{row.key}\n".encode())
    return whole.hexdigest()


def _row(ctx: Context, grants: GrantList, number: int, row: Granted) -> dict[str, object]:
    return {
        "id": new_id(),
        "created_at": ctx.now,
        "list_id": grants.id,
        "number": number,
        "uscc": row.uscc,
        "name": row.name,
        "name_key": normal_name(row.name),
        "project": row.project,
        "project_key": rules.project_key(row.project),
        "contract": row.contract,
        "contract_key": rules.contract_key(row.contract),
        "programme": row.programme,
        "amount_fen": row.amount_fen,
        "granted_on": row.granted_on,
        "row_key": row.key,
    }


def recognise(ctx: Context, list_id: uuid.UUID | None = None) -> int:
    """Find out who the enterprises of a list (None: of all that are active) are here; returns how many rows were.

    One statement for the rows with a credit code. Rows with a name alone need one pass over the names of everybody,
    which is not made where there are none; of two firms with one name neither is taken.
    """
    open_rows: list[ColumnElement[bool]] = [GrantRow.enterprise_id.is_(None)]
    if list_id is not None:
        open_rows.append(GrantRow.list_id == list_id)
    else:
        active = select(GrantList.id).where(GrantList.state == GrantListState.ACTIVE)
        open_rows.append(GrantRow.list_id.in_(active))
    by_code = (
        update(GrantRow)
        .where(*open_rows, GrantRow.uscc == Organisation.uscc)
        .values(enterprise_id=Organisation.id)
        .execution_options(synchronize_session=False)
    )
    known = ctx.session.execute(by_code).rowcount  # type: ignore[attr-defined]
    nameless = select(GrantRow.id, GrantRow.name_key).where(*open_rows, GrantRow.uscc == "")
    wanted: dict[str, list[uuid.UUID]] = {}
    for row_id, key in ctx.session.execute(nameless):
        wanted.setdefault(key, []).append(row_id)
    found: dict[str, uuid.UUID | None] = {}
    if wanted:
        everybody = select(Organisation.id, Organisation.name).execution_options(yield_per=_CHUNK)
        for organisation_id, name in ctx.session.execute(everybody):
            key = normal_name(name)
            if key in wanted:
                found[key] = None if key in found else organisation_id
    changes = [{"id": row, "enterprise_id": one} for key, one in found.items() if one for row in wanted[key]]
    if changes:
        ctx.session.execute(update(GrantRow), changes)
    return known + len(changes)


def recognise_again(ctx: Context) -> str:
    """Enterprises that registered since: a job, safe to repeat."""
    return f"{recognise(ctx)} recognised"


def withdraw(ctx: Context, list_id: uuid.UUID, reason: str) -> GrantList:
    """Take a list back, with the reason: it is compared with nothing any more, and its rows stay.

    Open cases that rest on it alone are dismissed with the same reason. What was decided stays decided.
    """
    grants = queries.get(ctx, list_id, lock=True)
    ctx.require(permissions.BRING_IN, grants)
    if not reason.strip():
        raise Refusal("grants.reason_missing", N_("请写明撤回名单的理由。"), clause=detectors.CLAUSE, field="reason")
    GRANT_LIST.move(grants, "withdraw")
    grants.withdrawn_at, grants.reason = ctx.now, reason.strip()
    grants.withdrawn_by = ctx.who.person_id
    ctx.session.flush()
    elsewhere = (
        select(GrantRow.row_key)
        .join(GrantList, GrantList.id == GrantRow.list_id)
        .where(GrantList.state == GrantListState.ACTIVE)
    )
    alone = select(GrantRow.row_key).where(GrantRow.list_id == list_id, GrantRow.row_key.not_in(elsewhere))
    closed = findings.let_go(ctx, [d.code for d in detectors.DETECTORS.values()], alone, reason.strip())
    audit.record(ctx, "grant_list.withdrawn", grants, dismissed=closed)
    ctx.announce(GrantListWithdrawn(grants.id, grants.region))
    return grants


def compare_order(ctx: Context, fact: OrderPlaced | ContractFiled) -> None:
    """An order under a voucher is compared when it is placed, and again with the number of its contract."""
    if fact.voucher_id is None:
        return
    detectors.open_for(ctx, queries.matches(ctx, order_id=fact.order_id))
