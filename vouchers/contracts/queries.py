"""Reading contracts: a provider its own once they are confirmed, officers those of their place."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, or_, select

from marketplace.base import paging, permissions
from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.base.roles import Role
from marketplace.people.organisations.models import Organisation
from vouchers.contracts import permissions as verbs
from vouchers.contracts.models import ContractPart, ContractRecall, ContractRecord
from vouchers.contracts.states import RecordState
from vouchers.ledger.models.commitments import Commitment, Entry, Redemption

NEWEST = (paging.Key(ContractRecord.created_at, True), paging.Key(ContractRecord.id, True))
OLDEST = (paging.Key(ContractRecord.created_at), paging.Key(ContractRecord.id))


@dataclass(frozen=True)
class Held:
    """A contract with its money; `money` is None until it is confirmed. Amounts in fen."""

    record: ContractRecord
    money: Commitment | None

    @property
    def id(self) -> uuid.UUID:
        return self.record.id

    @property
    def left_fen(self) -> int:
        """What may still be accepted, or recalled."""
        return self.money.available if self.money else 0

    @property
    def accepted_fen(self) -> int:
        """What was accepted and not taken back: to be paid, paid, or demanded back."""
        return self.money.payable + self.money.paid + self.money.clawed if self.money else 0

    @property
    def paid_fen(self) -> int:
        return self.money.paid if self.money else 0

    @property
    def recalled_fen(self) -> int:
        return self.money.recalled if self.money else 0


def visible(ctx: Context) -> Select[ContractRecord]:
    """Contracts this person may see."""
    return _visible(ctx, select(ContractRecord))


def _visible(ctx: Context, statement: Any) -> Any:
    seen = permissions.visible(
        ctx,
        verbs.READ,
        statement,
        own=[ContractRecord.provider_id],
        pilot=ContractRecord.pilot_id,
        city=ContractRecord.city,
    )
    if ctx.actor is not None and ctx.actor.role is Role.PROVIDER:  # what two officers have not agreed on is theirs
        return seen.where(ContractRecord.state == RecordState.CONFIRMED)
    return seen


def get(ctx: Context, contract_id: uuid.UUID) -> ContractRecord:
    """One contract, or NotFound."""
    row = ctx.session.scalars(
        visible(ctx).where(ContractRecord.id == contract_id).execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound("contract")
    return row


def lock(ctx: Context, contract_id: uuid.UUID) -> ContractRecord:
    """One contract, locked for an act."""
    statement = visible(ctx).where(ContractRecord.id == contract_id).with_for_update()
    row = ctx.session.scalars(statement.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound("contract")
    return row


def held(ctx: Context, contract_id: uuid.UUID) -> Held:
    """One contract with its money, or NotFound."""
    row = ctx.session.execute(_held(ctx).where(ContractRecord.id == contract_id)).one_or_none()
    if row is None:
        raise NotFound("contract")
    return Held(*row)


def _held(ctx: Context) -> Any:
    statement = select(ContractRecord, Commitment).outerjoin(Commitment, Commitment.id == ContractRecord.commitment_id)
    return _visible(ctx, statement.execution_options(populate_existing=True))


def listed(
    ctx: Context,
    *,
    state: RecordState | None = None,
    pilot_id: uuid.UUID | None = None,
    city: str | None = None,
    category: str = "",
    words: str = "",
    since: date | None = None,
    until: date | None = None,
    open_only: bool | None = None,
    order: Sequence[paging.Key] = NEWEST,
    limit: int = 50,
    cursor: str | None = None,
) -> paging.Page[Held]:
    """A page of contracts with their money, newest first; the days are those on which they were signed.

    `open_only` are confirmed ones of which something is still to be accepted.
    """
    wanted: list[tuple[Any, Any]] = [
        (ContractRecord.state, state),
        (ContractRecord.pilot_id, pilot_id),
        (ContractRecord.city, city),
        (ContractRecord.category, category or None),
    ]
    statement = _held(ctx).where(*(column == value for column, value in wanted if value is not None))
    if since is not None:
        statement = statement.where(ContractRecord.signed_on >= since)
    if until is not None:
        statement = statement.where(ContractRecord.signed_on <= until)
    if open_only:
        statement = statement.where(Commitment.available > 0)
    page = paging.fetch(ctx.session, _named(statement, words), order, limit=limit, cursor=cursor)
    return paging.Page([Held(*row) for row in page.items], page.next_cursor, page.cursor, page.limit)


def _named(statement: Any, words: str) -> Any:
    """Those with this number, or with these words in what is bought or in the provider's name."""
    if not words:
        return statement
    providers = select(Organisation.id).where(Organisation.name.contains(words, autoescape=True))
    return statement.where(
        or_(
            ContractRecord.number == words,
            ContractRecord.title.contains(words, autoescape=True),
            ContractRecord.provider_id.in_(providers),
        )
    )


def many(ctx: Context, contract_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, ContractRecord]:
    """Several contracts within reach, by id."""
    wanted = visible(ctx).where(ContractRecord.id.in_(contract_ids))
    return {record.id: record for record in ctx.session.scalars(wanted)}


def waiting_for(ctx: Context) -> int:
    """How many contracts within reach wait for a second person who is not the one that acts."""
    wanted = visible(ctx).where(
        ContractRecord.state == RecordState.PROPOSED, ContractRecord.recorded_by != ctx.who.person_id
    )
    return ctx.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0


@dataclass(frozen=True)
class Part:
    """An accepted part with what of it may still be asked for, in fen."""

    row: ContractPart
    open_fen: int
    paid_fen: int
    taken_back_fen: int

    @property
    def stands_fen(self) -> int:
        """What was accepted less what a review cut."""
        return self.row.amount_fen - self.taken_back_fen


def parts(ctx: Context, contract_id: uuid.UUID) -> list[Part]:
    """The accepted parts of a contract, earliest first; the caller has authorised it."""
    return parts_of(ctx, [contract_id]).get(contract_id, [])


def parts_of(ctx: Context, contract_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Part]]:
    """The same of several contracts at once, by contract."""
    rows = ctx.session.execute(
        select(ContractPart, Redemption)
        .join(Redemption, Redemption.entry_id == ContractPart.redemption_id)
        .where(ContractPart.contract_id.in_(contract_ids))
        .order_by(ContractPart.redemption_id)
        .execution_options(populate_existing=True)
    )
    found: dict[uuid.UUID, list[Part]] = {}
    for row, r in rows:
        part = Part(row, r.amount - r.refunded - r.settled, r.settled - r.clawed, r.refunded)
        found.setdefault(row.contract_id, []).append(part)
    return found


def recalls(ctx: Context, contract_id: uuid.UUID) -> Sequence[ContractRecall]:
    """What was recalled of a contract, earliest first; the caller has authorised it."""
    return ctx.session.scalars(
        select(ContractRecall).where(ContractRecall.contract_id == contract_id).order_by(ContractRecall.entry_id)
    ).all()


@dataclass(frozen=True)
class Move:
    """One movement of a contract's money, and what was left to be accepted afterwards (fen)."""

    entry: Entry
    available: int


def story(ctx: Context, record: ContractRecord) -> list[Move]:
    """Every movement of a contract's money, oldest first; the caller has authorised the contract."""
    if record.commitment_id is None:
        return []
    told, available = [], 0
    for entry in ctx.session.scalars(
        select(Entry).where(Entry.commitment_id == record.commitment_id).order_by(Entry.seq)
    ):
        available += entry.amount * ((entry.dst == "available") - (entry.src == "available"))
        told.append(Move(entry, available))
    return told
