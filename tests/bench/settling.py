"""Ten thousand claims paid: put together, released by another person, sent to the bank, and its answers matched.

The claims are copies of one that went its whole way. Their money moved through the ledger with every guard on; only
the papers beside it are written in bulk. The settlement itself is the product's own acts, each in its transaction.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from marketplace import schema
from marketplace.app import create_app
from marketplace.base import acts
from marketplace.base.actor import Actor
from marketplace.base.clock import SetClock, day_of
from marketplace.base.context import Context
from marketplace.base.ids import new_id
from marketplace.shop.acceptance.models import Acceptance
from marketplace.shop.orders.models import Contract, Order
from marketplace.web.db import db
from tests.bench.figures import Figure
from tests.bench.ground import Place, apart
from tests.bench.memory import peak
from tests.conftest import NOON
from tests.support.payday import Payday, build_payday, returned
from tests.support.people import Act, acting
from vouchers.claims.models import ClaimForm
from vouchers.claims.queries import Filed
from vouchers.invoices.models import Invoice
from vouchers.ledger import posting, verify
from vouchers.ledger.actions import issue
from vouchers.ledger.models.commitments import Commitment, Hold
from vouchers.ledger.models.payments import Claim, ClaimItem
from vouchers.ledger.posting import Head, Move
from vouchers.ledger.statements import insert_many
from vouchers.ledger.states import ClaimState
from vouchers.settlement import actions as settlement
from vouchers.settlement import queries
from vouchers.settlement.batching import MAX_CLAIMS

AMOUNT = 400_00
"""Fen of each claim: ten thousand of them are within what has arrived."""
REFUSED = 50
"""Of so many payments the bank refuses one."""
STEPS = ("made", "released", "file written", "answers matched")
SLOWER = 1.5
"""How much longer than the first batches the last may take: what is paid already must not weigh."""


@dataclass(frozen=True)
class Settled:
    """Seconds of each step, batch by batch; by how many MiB the process grew; what was paid and what was refused."""

    steps: dict[str, list[float]]
    grown: float
    paid: int
    refused: int

    @property
    def batches(self) -> list[float]:
        """Seconds of each batch."""
        return [sum(times) for times in zip(*self.steps.values(), strict=True)]


def measure(place: Place, claims: int) -> list[Figure]:
    """The figures of settling so many claims in a town of its own."""
    done = apart(_settle, place, apart(_prepare, place, claims), seconds=240)
    each = done.batches
    some = max(1, len(each) // 4)
    first, last = sum(each[:some]), sum(each[-some:])
    slowest = max(map(max, done.steps.values()))
    words = ", ".join(f"{name} {sum(times):.1f} s" for name, times in done.steps.items())
    return [
        Figure(
            f"{claims:,} claims in {len(each)} batches, {place.database}",
            f"{sum(each):.1f} s",
            f"{claims / sum(each):,.0f}/s; {words}; {done.paid:,} paid, {done.refused:,} refused by the bank",
        ),
        Figure("  the slowest act of a batch", f"{slowest:.2f} s", "at most 5 s", slowest <= 5),
        Figure(
            "  the last batches against the first", f"{last / first:.2f}", f"at most {SLOWER}", last <= SLOWER * first
        ),
        Figure("  memory", f"+{done.grown:.0f} MiB", "at most 100 MiB", done.grown <= 100),
    ]


@dataclass(frozen=True)
class Approved:
    """Claims that wait for their money, and who puts them together and who checks."""

    claim_ids: list[uuid.UUID]
    fund_id: uuid.UUID
    maker: Actor
    checker: Actor
    now: datetime


def _prepare(place: Place, claims: int) -> Approved:
    app = create_app(place.settings(), clock := SetClock(NOON))
    with app.app_context():
        schema.upgrade()
        acts.run(db.session(), app.extensions["house"], schema.load_reference, system=True)
    payday = build_payday(app, clock)
    pattern = payday.approved()
    ids = payday.act(lambda ctx: _copies(ctx, payday, pattern, claims))
    return Approved(ids, payday.fund_id, payday.maker, payday.checker, clock.now())


def _settle(place: Place, approved: Approved) -> Settled:
    act = acting(create_app(place.settings(), SetClock(approved.now)))
    steps: dict[str, list[float]] = {name: [] for name in STEPS}
    before = 0.0
    for start in range(0, len(approved.claim_ids), MAX_CLAIMS):
        _batch(act, approved, approved.claim_ids[start : start + MAX_CLAIMS], steps)
        before = before or peak()
    grown = peak() - before
    return Settled(steps, grown, *act(_judged))


def _batch(act: Act, approved: Approved, claim_ids: Sequence[uuid.UUID], steps: dict[str, list[float]]) -> None:
    """One batch from its maker to the bank's answer."""

    def timed(step: str, verb: Callable[[Context], Any], actor: Actor) -> Any:
        started = time.perf_counter()
        done = act(verb, actor)
        steps[step].append(time.perf_counter() - started)
        return done

    checker = approved.checker
    batch_id = timed("made", lambda ctx: settlement.make(ctx, approved.fund_id, claim_ids).id, approved.maker)
    timed("released", lambda ctx: settlement.approve(ctx, batch_id, reason="按月集中兑付。"), checker)
    timed("file written", lambda ctx: settlement.write_payment_file(ctx, batch_id), checker)
    codes = act(lambda ctx: sorted(queries.attempts(ctx, batch_id)), checker)
    answer = returned(_answers(codes, day_of(approved.now).isoformat()))
    timed("answers matched", lambda ctx: settlement.load_return(ctx, batch_id, answer, "回单.csv"), checker)


def _answers(codes: Sequence[str], day: str) -> Iterable[tuple[str, ...]]:
    for n, code in enumerate(codes):
        refused = n % REFUSED == REFUSED - 1
        yield (code, "失败" if refused else "成功", "" if refused else f"R-{code}", "账号不符" if refused else "", day)


def _judged(ctx: Context) -> tuple[int, int]:
    """How many claims are paid and how many wait again; the books must be sound."""
    report = verify.verify(ctx.session)
    if not report.sound:
        raise RuntimeError("; ".join(map(str, report.differences[:3])))
    counted = select(Claim.state, func.count()).group_by(Claim.state)
    found = {state: number for state, number in ctx.session.execute(counted)}
    return found[ClaimState.PAID], found[ClaimState.APPROVED] - 1  # the pattern was in no batch


def _copies(ctx: Context, payday: Payday, pattern: Filed, number: int) -> list[uuid.UUID]:
    """So many approved claims, each of a voucher, an order and papers of its own."""
    claim, form = pattern.claim, pattern.form
    assert form.order_id is not None
    orders = [new_id() for _ in range(number)]
    commitments = _issued(ctx, payday, number)
    parts = _redeemed(ctx, claim, commitments, orders)
    ids = [new_id() for _ in range(number)]
    _copied(ctx, Order, Order.id == form.order_id, {"id": orders, "number": _names("D", number)})
    papers = {"order_id": orders, "gross_fen": [AMOUNT] * number, "net_fen": [AMOUNT] * number, "tax_fen": [0] * number}
    filed = {"number": _names("HT", number), "document_sha256": [f"{n:064x}" for n in range(number)]}
    _copied(ctx, Contract, Contract.order_id == form.order_id, papers | filed)
    _copied(ctx, Acceptance, Acceptance.order_id == form.order_id, {"order_id": orders})
    numbers = {"number": [f"{n:020d}" for n in range(10**10, 10**10 + number)]}
    _copied(ctx, Invoice, Invoice.order_id == form.order_id, papers | numbers)
    _copied(ctx, Claim, Claim.id == claim.id, {"id": ids, "commitment_id": commitments, "state": [ClaimState.SUBMITTED] * number})  # fmt: skip
    asked = {"claim_id": ids, "redemption_id": parts, "commitment_id": commitments, "asked": [AMOUNT] * number}
    _copied(ctx, ClaimItem, ClaimItem.claim_id == claim.id, asked | {"approved": [AMOUNT] * number})
    for state, then in ((ClaimState.REVIEWED, ClaimState.SUBMITTED), (ClaimState.APPROVED, ClaimState.REVIEWED)):
        ctx.session.execute(update(Claim.__table__).where(Claim.state == then).values(state=state))
    _copied(ctx, ClaimForm, ClaimForm.claim_id == claim.id, {"claim_id": ids, "order_id": orders, "number": _names("K", number)})  # fmt: skip
    return ids


def _names(letter: str, number: int) -> list[str]:
    return [f"{letter}-BENCH-{n}" for n in range(number)]


def _issued(ctx: Context, payday: Payday, number: int) -> list[uuid.UUID]:
    """Vouchers of one enterprise, each another award."""
    version, enterprise = payday.version, payday.town.enterprise.organisation_id
    assert enterprise is not None
    line = ctx.session.scalars(select(Commitment.line_id).limit(1)).one()
    items = [
        issue.VoucherItem(AMOUNT, version.use_by, enterprise, version.id, award_no=1_000 + n) for n in range(number)
    ]
    return issue.issue(ctx, line, items, "bench:settling").commitment_ids


def _redeemed(ctx: Context, claim: Claim, commitments: Sequence[uuid.UUID], orders: Sequence[uuid.UUID]) -> list[int]:
    """Each voucher set aside and redeemed, through the triggers of the ledger; gives the parts."""
    like = ctx.session.execute(select(Hold.__table__).where(Hold.commitment_id == claim.commitment_id)).mappings().one()
    heads = dict(
        ctx.session.execute(select(Commitment.id, Commitment.chain).where(Commitment.id.in_(commitments))).all()
    )
    shared, provider = posting.who(ctx), like["provider_id"]
    holds = [
        {"id": new_id(), "commitment_id": c, "order_id": o, "provider_id": provider, "amount": AMOUNT, "last_day": like["last_day"]}
        for c, o in zip(commitments, orders, strict=True)
    ]  # fmt: skip
    insert_many(ctx.session, "hold", holds, {})
    reserved, redeemed = [], []
    for hold in holds:
        head = Head(hold["commitment_id"], claim.pilot_id, 1, heads[hold["commitment_id"]])
        ends = (("reserve", "available", "reserved"), ("redeem", "reserved", "payable"))
        first, second = posting.link(
            shared, head, [Move(*end, AMOUNT, hold_id=hold["id"], provider_id=provider) for end in ends]
        )
        reserved.append(first)
        redeemed.append(second)
    posting.write(ctx, reserved)
    return posting.write(ctx, redeemed)


def _copied(ctx: Context, model: Any, which: Any, changed: dict[str, Sequence[Any]]) -> None:
    """The row that is found once for each value of the changed columns."""
    like = dict(ctx.session.execute(select(model.__table__).where(which)).mappings().one())
    if "id" in like and "id" not in changed:
        changed = changed | {"id": [new_id() for _ in next(iter(changed.values()))]}
    changed = {name: values for name, values in changed.items() if name in like}
    rows = [like | dict(zip(changed, values, strict=True)) for values in zip(*changed.values(), strict=True)]
    ctx.session.execute(insert(model.__table__), rows)
