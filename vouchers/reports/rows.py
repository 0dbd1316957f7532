"""The entries of a pilot as the rows of a spending sheet: what `marketplace check` reads, line by line."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import aliased

from marketplace.base.context import Context
from marketplace.base.money import parse, plain
from marketplace.base.sheets import write_csv
from marketplace.people.organisations.models import Organisation
from marketplace.pilots.levels.models import LevelRecord
from marketplace.pilots.members.models import Member
from marketplace.pilots.members.states import MemberState
from marketplace.policy.books.model import Book
from marketplace.policy.engine.pilot import Pilot as JudgedPilot
from marketplace.policy.engine.render import pilot_row
from marketplace.policy.engine.rows import Kind, Row
from marketplace.policy.spending.columns import COLUMNS, KINDS
from marketplace.shop.acceptance.models import Acceptance
from marketplace.shop.acceptance.states import Result
from marketplace.shop.orders.models import Contract, Order
from vouchers.contracts.models import ContractRecord
from vouchers.funds.queries import GOVERNED
from vouchers.invoices.models import Invoice
from vouchers.invoices.states import InvoiceState
from vouchers.ledger.models.commitments import Commitment, DirectContract, Entry, Hold, Redemption, Voucher
from vouchers.ledger.models.funds import BudgetLine, Fund
from vouchers.ledger.models.openings import Opening, OpeningBalance, OpeningRow
from vouchers.ledger.states import CommitmentKind, OpeningState

CHUNK = 1_000
_VOUCHER: dict[str, tuple[Kind, ...]] = {
    "reserve": (Kind.COMMITTED,),
    "redeem": (Kind.COMMITTED,),  # without a hold before it: see the statement
    "release": (Kind.RELEASED,),
    "lapse": (Kind.RELEASED,),
    "refund": (Kind.RELEASED,),
    "cut": (Kind.RELEASED,),
    "settle": (Kind.PAID,),
    "clawback": (Kind.REFUND, Kind.RELEASED),  # what came back can be promised anew
}
_CONTRACT: dict[str, tuple[Kind, ...]] = {
    "issue": (Kind.COMMITTED,),
    "expire": (Kind.RELEASED,),
    "recall": (Kind.RELEASED,),
    "refund": (Kind.RELEASED,),
    "cut": (Kind.RELEASED,),
    "settle": (Kind.PAID,),
    "clawback": (Kind.REFUND,),
}
"""What a movement is on the sheet: a voucher commits when an order sets it aside, a contract when it is signed."""

_KINDS = {name: kind for kind, name in KINDS.items()}
_ON_OPENING = case((OpeningBalance.commitment_id.is_(None), 0), (OpeningBalance.paid == 0, 1), else_=3)
"""How many entries of a commitment an opening wrote: issued, and redeemed and settled what had been paid. Its own rows
say it better, one by one and on their days."""

Enterprise, Provider = aliased(Organisation), aliased(Organisation)


def csv(ctx: Context, pilot_id: uuid.UUID, as_of: date) -> Iterator[str]:
    """The sheet as CSV in pieces, up to and with the day `as_of`; the caller has authorised the pilot."""
    return write_csv([column.zh for column in COLUMNS], _rows(ctx, pilot_id, as_of))


def pilot_file(pilot: JudgedPilot) -> str:
    """The PILOT.toml that belongs to the sheet."""
    return "".join(f"{key} = {_quoted(value)}\n" for key, value in pilot_row(pilot).items())


def _quoted(text: str) -> str:
    """A basic string of TOML."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in escaped) + '"'


def live(ctx: Context, pilot_id: uuid.UUID, as_of: date, book: Book) -> Iterator[Row]:
    """The same rows as the engine takes them, with numbers below zero: those of a sheet beside them come after."""
    for number, cells in enumerate(_rows(ctx, pilot_id, as_of), start=-(1 << 31)):
        texts = dict(zip((column.code for column in COLUMNS), cells, strict=True))
        yield Row(
            number=number,
            day=date.fromisoformat(texts["date"]),
            kind=_KINDS[texts["kind"]],
            amount=parse(texts["amount"]),
            category=texts["category"],
            enterprise=texts["enterprise"],
            provider=texts["provider"],
            contract=texts["contract"],
            invoices=tuple(filter(None, texts["invoice"].split("、"))),
            other_support=texts["other_support"],
            key_link=texts["key_link"] == "是",
            level=book.level_scale.rank(texts["level"]),
            accepted=date.fromisoformat(texts["accepted"]) if texts["accepted"] else None,
            total=parse(texts["total"]) if texts["total"] else None,
        )


def _rows(ctx: Context, pilot_id: uuid.UUID, as_of: date) -> Iterator[list[Any]]:
    yield from _opened(ctx, pilot_id, as_of)
    last = 0
    while True:
        found = ctx.session.execute(_statement(pilot_id, as_of).where(Entry.id > last).limit(CHUNK)).all()
        for entry in found:
            yield from _of_entry(entry)
        if len(found) < CHUNK:
            return
        last = found[-1].id


def _opened(ctx: Context, pilot_id: uuid.UUID, as_of: date) -> Iterator[list[Any]]:
    """What the pilot brought along, row by row as its sheet had it."""
    place = (uuid.UUID(int=0), 0)
    while True:
        found = ctx.session.scalars(
            select(OpeningRow)
            .join(Opening, Opening.id == OpeningRow.opening_id)
            .where(
                Opening.pilot_id == pilot_id,
                Opening.state == OpeningState.RELEASED,
                OpeningRow.day <= as_of,
                or_(
                    OpeningRow.opening_id > place[0],
                    and_(OpeningRow.opening_id == place[0], OpeningRow.number > place[1]),
                ),
            )
            .order_by(OpeningRow.opening_id, OpeningRow.number)
            .limit(CHUNK)
        ).all()
        for row in found:
            yield [
                row.day.isoformat(),
                KINDS[Kind(row.kind)],
                row.category,
                plain(row.amount),
                row.enterprise,
                row.provider,
                row.contract,
                row.invoices,
                row.other_support,
                "是" if row.key_link else "否",
                row.level or "",
                row.accepted.isoformat() if row.accepted else "",
                plain(row.total) if row.total else "",
            ]
        if len(found) < CHUNK:
            return
        place = (found[-1].opening_id, found[-1].number)


def _of_entry(entry: Any) -> Iterator[list[Any]]:
    kinds = _CONTRACT if entry.commitment is CommitmentKind.CONTRACT else _VOUCHER
    if entry.commitment is CommitmentKind.CONTRACT and entry.dst == "available":
        kinds = {"issue": _CONTRACT["issue"]}  # what returns to a contract stays committed to it
    for kind in kinds.get(entry.kind, ()):
        yield [
            entry.day.isoformat(),
            KINDS[kind],
            entry.category,
            plain(entry.amount),
            entry.enterprise or "",
            entry.provider or "",
            entry.contract or "",
            (entry.invoices or "") if kind is Kind.PAID else "",
            "",
            "是" if entry.key_link else "否",
            entry.level or "",
            entry.accepted_on.isoformat() if entry.accepted_on else "",
            plain(entry.total) if entry.total else "",
        ]


def _statement(pilot_id: uuid.UUID, as_of: date) -> Any:
    standing = select(func.aggregate_strings(Invoice.number, "、")).where(Invoice.state != InvoiceState.WITHDRAWN)
    invoices = func.coalesce(
        standing.where(Invoice.order_id == Order.id).correlate(Order).scalar_subquery(),
        standing.where(Invoice.contract_id == ContractRecord.id).correlate(ContractRecord).scalar_subquery(),
    )
    return (
        select(
            Entry.id,
            Entry.day,
            Entry.kind,
            Entry.dst,
            Entry.amount,
            Commitment.kind.label("commitment"),
            BudgetLine.category,
            Enterprise.uscc.label("enterprise"),
            Provider.uscc.label("provider"),
            func.coalesce(Order.number, OpeningBalance.contract, DirectContract.number).label("contract"),
            case((Entry.kind == "settle", invoices)).label("invoices"),
            Member.key_link,
            LevelRecord.value.label("level"),
            Acceptance.accepted_on,
            func.coalesce(Contract.gross_fen, Order.total_fen).label("total"),  # the order's price until it is signed
        )
        .join(Commitment, Commitment.id == Entry.commitment_id)
        .join(BudgetLine, BudgetLine.id == Commitment.line_id)
        .join(Fund, Fund.id == BudgetLine.fund_id)
        .outerjoin(Redemption, Redemption.entry_id == Entry.redemption_id)
        .outerjoin(Hold, Hold.id == func.coalesce(Entry.hold_id, Redemption.hold_id))
        .outerjoin(Order, Order.id == Hold.order_id)
        .outerjoin(Voucher, Voucher.commitment_id == Commitment.id)
        .outerjoin(DirectContract, DirectContract.commitment_id == Commitment.id)
        .outerjoin(ContractRecord, ContractRecord.commitment_id == Commitment.id)
        .outerjoin(OpeningBalance, OpeningBalance.commitment_id == Commitment.id)
        .outerjoin(Enterprise, Enterprise.id == Voucher.enterprise_id)
        .outerjoin(
            Provider, Provider.id == func.coalesce(Hold.provider_id, DirectContract.provider_id, Entry.provider_id)
        )
        .outerjoin(
            Member,
            and_(
                Member.enterprise_id == Voucher.enterprise_id,
                Member.pilot_id == pilot_id,
                Member.state != MemberState.WITHDRAWN,
            ),
        )
        .outerjoin(
            Acceptance,
            and_(
                Acceptance.order_id == Order.id,
                Acceptance.result == Result.PASSED,
                Acceptance.accepted_on <= as_of,
            ),
        )
        .outerjoin(LevelRecord, LevelRecord.id == Acceptance.level_record_id)
        .outerjoin(Contract, Contract.order_id == Order.id)
        .where(
            Fund.pilot_id == pilot_id,
            Fund.source == GOVERNED,
            Entry.day <= as_of,
            Entry.seq > _ON_OPENING,
            or_(Entry.kind.in_(sorted({*_VOUCHER, *_CONTRACT} - {"redeem"})), Entry.src == "available"),
        )
        .order_by(Entry.id)
    )
