"""The pilot's money: awarded, arrived, divided into lines, and brought back."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import insert, update

from marketplace.base.context import Context
from marketplace.base.errors import NotFound, Refusal
from marketplace.base.money import CURRENCY, Yuan, share, spread
from marketplace.base.text import N_
from vouchers.ledger import posting
from vouchers.ledger.models.funds import BudgetLine, Fund, FundEntry, LineBucket
from vouchers.ledger.posting import Asked
from vouchers.ledger.refusals import civil
from vouchers.ledger.statements import Statement, insert_many
from vouchers.ledger.states import CORRECTABLE, Share

BUCKETS = {"postgresql": 8, "sqlite": 1}
"""How many officers may issue from one line at the same time; SQLite has one writer anyway."""

_FUND = Statement(
    "SELECT f.id AS fund_id, f.pilot_id, f.seq, f.award, f.received, f.renovation_allotted, f.other_allotted, f.paid,"
    " f.recovered, f.returned, f.interest, f.remitted, f.ceiling_bps, e.id AS replay_entry_id,"
    " e.req_hash AS replay_hash FROM fund f"
    " LEFT JOIN fund_entry e ON e.idem_scope = :scope AND e.idem_key = :key WHERE f.id = :fund_id",
    lock="FOR UPDATE OF f",
    columns="fund_id pilot_id replay_hash",
)
_FUND_OF_LINE = Statement(
    "SELECT f.id AS fund_id, f.pilot_id, f.seq, f.award, f.received, f.renovation_allotted, f.other_allotted, f.paid,"
    " f.recovered, f.returned, f.interest, f.remitted, f.ceiling_bps, l.share, e.id AS replay_entry_id,"
    " e.req_hash AS replay_hash"
    " FROM budget_line l JOIN fund f ON f.id = l.fund_id"
    " LEFT JOIN fund_entry e ON e.idem_scope = :scope AND e.idem_key = :key WHERE l.id = :line_id",
    lock="FOR UPDATE OF f",
    columns="fund_id pilot_id replay_hash",
)
_BUCKETS = Statement(
    "SELECT k, seq, available, lapsed FROM line_bucket WHERE line_id = :line_id ORDER BY k", lock="FOR UPDATE"
)


def open_fund(
    ctx: Context,
    pilot_id: uuid.UUID,
    source: str,
    ceiling_bps: int | None,
    *,
    city: str,
    currency: str = CURRENCY,
) -> Fund:
    """Open the account of a pilot's money from one source (``province``, ``city``, …).

    `ceiling_bps` is the share of the award that lines other than renovation may take (2500: a quarter); None when no
    rule book governs this source. Refuses `fund.exists`.
    """
    fund = Fund(pilot_id=pilot_id, city=city, source=source, currency=currency, ceiling_bps=ceiling_bps)
    with civil():
        ctx.add(fund)
        ctx.session.flush()
    return fund


def open_line(
    ctx: Context,
    fund_id: uuid.UUID,
    category: str,
    share: Share | str,
    opens_on: date,
    closes_on: date,
    buckets: int | None = None,
) -> BudgetLine:
    """Open a fund's line for one category of the rule book. Recalls after `closes_on` lapse. Refuses `line.exists`."""
    fund = ctx.session.get(Fund, fund_id)
    if fund is None:
        raise NotFound("fund")
    line = BudgetLine(
        fund_id=fund_id,
        pilot_id=fund.pilot_id,
        city=fund.city,
        category=category,
        share=Share(share),
        currency=fund.currency,
        opens_on=opens_on,
        closes_on=closes_on,
    )
    with civil():
        ctx.add(line)
        ctx.session.flush()
        n = buckets or BUCKETS[ctx.session.get_bind().dialect.name]
        ctx.session.execute(insert(LineBucket), [{"line_id": line.id, "k": k} for k in range(n)])
    return line


def book_award(ctx: Context, fund_id: uuid.UUID, amount: int, key: str, reference: uuid.UUID | None = None) -> int:
    """The award, or a rise of it, in fen. `reference` is what decided it. Gives the id of the fund entry."""
    return _book(ctx, fund_id, "award", amount, key, reference)


def book_receipt(ctx: Context, fund_id: uuid.UUID, amount: int, key: str, reference: uuid.UUID | None = None) -> int:
    """Money that arrived, in fen; `reference` is the tranche. Refuses `fund.beyond_award`."""
    return _book(ctx, fund_id, "receipt", amount, key, reference)


def book_return(ctx: Context, fund_id: uuid.UUID, amount: int, key: str, reference: uuid.UUID | None = None) -> int:
    """Money sent back to its source, in fen. Refuses `fund.not_received` when it was spent already."""
    return _book(ctx, fund_id, "return", amount, key, reference)


def book_interest(ctx: Context, fund_id: uuid.UUID, amount: int, key: str, reference: uuid.UUID | None = None) -> int:
    """Interest that the bank paid on the fund's account, in fen: kept apart from the award, for it is not subsidy."""
    return _book(ctx, fund_id, "interest", amount, key, reference)


def remit(ctx: Context, fund_id: uuid.UUID, amount: int, key: str, reference: uuid.UUID | None = None) -> int:
    """Interest that went to the treasury, in fen. Refuses `fund.interest_exhausted` beyond what came in."""
    return _book(ctx, fund_id, "remit", amount, key, reference)


def take_back(ctx: Context, entry_id: int, key: str, reference: uuid.UUID | None = None) -> int:
    """Take one earlier movement of a fund back, whole; its kind is one of `CORRECTABLE`. Gives the new entry's id.

    Refuses `fund.nothing_to_correct` for other kinds, `fund.corrected` the second time, and whatever the fund's own
    rules refuse: money that is spent by now cannot turn out never to have arrived.
    """
    entry = ctx.session.get(FundEntry, entry_id)
    if entry is None:
        raise NotFound("fund_entry")
    if entry.kind not in CORRECTABLE:
        raise Refusal("fund.nothing_to_correct", N_("没有与此相符、可以更正的账目。"))
    return _book(ctx, entry.fund_id, f"un{entry.kind}", entry.amount, key, reference, corrects=entry_id)


def close_line(ctx: Context, line_id: uuid.UUID, key: str, reference: uuid.UUID | None = None) -> int:
    """Let what a line whose last day is over has not issued lapse; gives the fen that lapsed now (none: nothing left).

    Refuses `line.period` while the line is open.
    """
    request = posting.asked(ctx, key, "close", line_id, reference)
    fund = _of_line(ctx, line_id, request)
    if _replayed(ctx, fund, request) is not None:
        return 0
    parts = [(b.k, b.seq, b.available) for b in _BUCKETS.run(ctx.session, line_id=line_id).all() if b.available]
    if parts:
        with civil():
            _shift(ctx, fund, "close", line_id, parts, request, reference)
    return sum(part for _, _, part in parts)


def carry_over(
    ctx: Context, line_id: uuid.UUID, amount: int, closes_on: date, key: str, reference: uuid.UUID | None = None
) -> None:
    """Open a line's new period, to `closes_on`, with `amount` fen of what lapsed; the rest stays lapsed.

    Refuses `line.exhausted` when less has lapsed, `line.period` when the new period is over too.
    """
    request = posting.asked(ctx, key, "carry", line_id, posting.positive(amount), closes_on, reference)
    fund = _of_line(ctx, line_id, request)
    if _replayed(ctx, fund, request) is not None:
        return
    found = _BUCKETS.run(ctx.session, line_id=line_id).all()
    parts = take([(b.k, b.seq, b.lapsed) for b in found], amount)
    if parts is None:
        raise exhausted(sum(b.lapsed for b in found), amount)
    with civil():
        ctx.session.execute(update(BudgetLine).where(BudgetLine.id == line_id).values(closes_on=closes_on))
        _shift(ctx, fund, "carry", line_id, parts, request, reference)


def recover(ctx: Context, fund_id: uuid.UUID, clawback_id: int, amount: int, key: str) -> int:
    """Money of a clawback that came in, in fen; `clawback_id` is the id of its entry. Refuses `fund.nothing_clawed`."""
    return _book(ctx, fund_id, "recover", amount, key, None, entry_id=clawback_id)


def allot(ctx: Context, line_id: uuid.UUID, amount: int, key: str, reference: uuid.UUID | None = None) -> int:
    """Give a line `amount` fen of its fund's award, spread over its buckets.

    Refuses `fund.ceiling` (四(二)) when lines other than renovation would take more than their share of the award,
    `fund.award_exhausted` when all lines together would take more than the award.
    """
    request = posting.asked(ctx, key, "allot", line_id, posting.positive(amount), reference)
    fund = _of_line(ctx, line_id, request)
    done = _replayed(ctx, fund, request)
    if done is not None:
        return done
    found = _BUCKETS.run(ctx.session, line_id=line_id).all()
    parts = [(b.k, b.seq, part) for b, part in zip(found, spread(amount, [1] * len(found)), strict=True) if part]
    with civil(**_room(fund, amount)):
        return _move(ctx, fund, "allot", line_id, parts, request, reference)


def unallot(ctx: Context, line_id: uuid.UUID, amount: int, key: str, reference: uuid.UUID | None = None) -> int:
    """Take `amount` fen that is not issued back out of a line. Refuses `line.exhausted`."""
    request = posting.asked(ctx, key, "unallot", line_id, posting.positive(amount), reference)
    fund = _of_line(ctx, line_id, request)
    done = _replayed(ctx, fund, request)
    if done is not None:
        return done
    found = _BUCKETS.run(ctx.session, line_id=line_id).all()
    parts = take([(b.k, b.seq, b.available) for b in found], amount)
    if parts is None:
        raise exhausted(sum(b.available for b in found), amount)
    with civil(**_room(fund, amount)):
        return _move(ctx, fund, "unallot", line_id, parts, request, reference)


def take(buckets: Sequence[tuple[int, int, int]], amount: int) -> list[tuple[int, int, int]] | None:
    """From (k, seq, available) in the order of k: (k, seq, part) that make up the amount, or None when too little."""
    parts = []
    for k, seq, available in buckets:
        part = min(available, amount)
        if part:
            parts.append((k, seq, part))
            amount -= part
    return None if amount else parts


def exhausted(available: int, amount: int) -> Refusal:
    """A line that has less than is asked of it."""
    return Refusal(
        "line.exhausted",
        N_("该预算科目可用金额不足：可用 {available}，需要 {asked}。"),
        clause="四(一)",
        available=Yuan(available),
        asked=Yuan(amount),
    )


def fund_row(
    fund_id: uuid.UUID, pilot_id: uuid.UUID, kind: str, amount: int, request: Asked | None, **more: Any
) -> dict[str, Any]:
    """One row of `fund_entry`, every column present."""
    return {
        "pilot_id": pilot_id,
        "fund_id": fund_id,
        "seq": None,
        "kind": kind,
        "line_id": None,
        "k": None,
        "bseq": None,
        "issue_batch_id": None,
        "batch_id": None,
        "entry_id": None,
        "corrects": None,
        "amount": amount,
        "reference": None,
        **(request.columns if request else {"idem_scope": None, "idem_key": None, "req_hash": None}),
        **more,
    }


def lock_fund(ctx: Context, fund_id: uuid.UUID, request: Asked) -> Any:
    """The fund's row under its lock, with the earlier entry of the same key beside it."""
    row = _FUND.run(ctx.session, fund_id=fund_id, scope=request.scope, key=request.key).one_or_none()
    if row is None:
        raise NotFound("fund")
    return row


def book(ctx: Context, fund: Any, kind: str, amount: int, request: Asked | None, **more: Any) -> int:
    """Write one movement of a locked fund and carry it out; refuses civilly."""
    row = fund_row(fund.fund_id, fund.pilot_id, kind, amount, request, seq=fund.seq + 1, **more)
    with civil(**_room(fund, amount)):
        [made] = insert_many(ctx.session, "fund_entry", [row], posting.who(ctx))
    return made


def _book(
    ctx: Context, fund_id: uuid.UUID, kind: str, amount: int, key: str, reference: uuid.UUID | None, **more: Any
) -> int:
    request = posting.asked(ctx, key, kind, fund_id, posting.positive(amount), reference, sorted(more.items()))
    fund = lock_fund(ctx, fund_id, request)
    done = _replayed(ctx, fund, request)
    if done is not None:
        return done
    return book(ctx, fund, kind, amount, request, reference=reference, **more)


def _of_line(ctx: Context, line_id: uuid.UUID, request: Asked) -> Any:
    row = _FUND_OF_LINE.run(ctx.session, line_id=line_id, scope=request.scope, key=request.key).one_or_none()
    if row is None:
        raise NotFound("line")
    return row


def _replayed(ctx: Context, row: Any, request: Asked) -> int | None:
    if row.replay_entry_id is None:
        return None
    if row.replay_hash != request.digest:
        raise posting.other_request()
    return int(row.replay_entry_id)


def _move(
    ctx: Context,
    fund: Any,
    kind: str,
    line_id: uuid.UUID,
    parts: list[tuple[int, int, int]],
    request: Asked,
    reference: uuid.UUID | None,
) -> int:
    rows = [
        fund_row(
            fund.fund_id,
            fund.pilot_id,
            kind,
            part,
            request if place == 1 else None,
            seq=fund.seq + place,
            line_id=line_id,
            k=k,
            bseq=seq + 1,
            reference=reference,
        )
        for place, (k, seq, part) in enumerate(parts, 1)
    ]
    return insert_many(ctx.session, "fund_entry", rows, posting.who(ctx))[0]


def _shift(
    ctx: Context,
    fund: Any,
    kind: str,
    line_id: uuid.UUID,
    parts: list[tuple[int, int, int]],
    request: Asked,
    reference: uuid.UUID | None,
) -> None:
    """Move money within the buckets of a line: (k, seq, part) of each; the fund's own sums stay."""
    rows = [
        fund_row(
            fund.fund_id,
            fund.pilot_id,
            kind,
            part,
            request if place == 0 else None,
            line_id=line_id,
            k=k,
            bseq=seq + 1,
            reference=reference,
        )
        for place, (k, seq, part) in enumerate(parts)
    ]
    insert_many(ctx.session, "fund_entry", rows, posting.who(ctx))


def _room(fund: Any, amount: int) -> dict[str, Any]:
    """What a refusal says about a fund: how much there is, how far it may go, what is left."""
    free = fund.award - fund.renovation_allotted - fund.other_allotted
    limit = fund.award if fund.ceiling_bps is None else share(fund.award, fund.ceiling_bps)
    cash = fund.received - fund.returned - fund.paid + fund.recovered
    interest = fund.interest - fund.remitted
    return {
        "interest": Yuan(interest),
        "award": Yuan(fund.award),
        "limit": Yuan(limit),
        "asked": Yuan(amount),
        "received": Yuan(fund.received - fund.returned),
        "paid": Yuan(fund.paid - fund.recovered),
        "room": Yuan(max(0, min(free, limit - fund.other_allotted))),
        "cash": Yuan(cash),
        "free": Yuan(free),
    }
