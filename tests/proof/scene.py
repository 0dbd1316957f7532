"""One voucher at every stage of its life at once, and each act that can strike it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from marketplace.base.context import Actor, Context
from tests.support.ledger import CHECKER, CLOSES, LAST, OFFICER, PROVIDER, Books, key
from vouchers.ledger.actions import batches, claims, freezing, funds, holds, issue, parts, payouts, recalls
from vouchers.ledger.actions.batches import Payee
from vouchers.ledger.actions.claims import Decision
from vouchers.ledger.actions.issue import VoucherItem

FACE, PART, ENDED = 1000, 100, 50
RICH = 10**12


@dataclass(frozen=True)
class Scene:
    """What a trial is about. Of a face of 1000 fen, 250 are free, 100 and 50 held (the second hold ends with the
    voucher), and six parts of 100 are: redeemed, reviewed, approved, in a draft batch, sent to the bank, paid."""

    fund: uuid.UUID
    line: uuid.UUID
    voucher: uuid.UUID
    hold: uuid.UUID
    ended: uuid.UUID
    free_part: int
    reviewed_part: int
    reviewed_claim: uuid.UUID
    ready_claim: uuid.UUID
    draft: uuid.UUID
    attempt: uuid.UUID
    failed_item: uuid.UUID
    paid_part: int


def prosper(books: Books) -> None:
    """Give a stocked ledger so much money that no trial runs out of it."""

    def more(ctx: Context) -> None:
        funds.book_award(ctx, books.fund, RICH, key())
        funds.book_receipt(ctx, books.fund, RICH, key())
        funds.allot(ctx, books.renovation, RICH // 4, key())

    books.act(more)


def stand(books: Books) -> Scene:
    """Set the stage for one trial: six acts."""
    voucher: uuid.UUID = books.act(
        lambda ctx: issue.issue(ctx, books.renovation, [VoucherItem(FACE, LAST, uuid.uuid4())], key())
    ).commitment_ids[0]

    def live(ctx: Context) -> dict[str, Any]:
        made: list[int] = []
        for _ in range(7):
            held = holds.reserve(ctx, voucher, uuid.uuid4(), PROVIDER, PART, CLOSES, key()).hold_id
            made.append(holds.redeem(ctx, held, PART, key()).entry_id)
        # one of the seven went back again, so that a refund stands in every chain
        parts.refund(ctx, made.pop(), PART, key())
        free, reviewed, ready, drafted, sent, paid = made
        claim = {part: claims.file(ctx, voucher, "direct", PROVIDER, {part: PART}).id for part in made[1:]}
        for part, claim_id in claim.items():
            claims.review(ctx, claim_id, {part: Decision(PART)})
        for part in (ready, drafted, sent, paid):
            claims.approve(ctx, claim[part], {part: Decision(PART)}, key())
        draft, out = (batches.open_batch(ctx, books.fund, key()).id for _ in range(2))
        batches.add(ctx, draft, [Payee(claim[drafted], uuid.uuid4(), {"number": "1"})])
        items = batches.add(ctx, out, [Payee(claim[part], uuid.uuid4(), {"number": "1"}) for part in (sent, paid)])
        hold = holds.reserve(ctx, voucher, uuid.uuid4(), PROVIDER, PART, CLOSES, key()).hold_id
        ended = holds.reserve(ctx, voucher, uuid.uuid4(), PROVIDER, ENDED, LAST, key()).hold_id
        return {
            "hold": hold, "ended": ended, "free_part": free, "reviewed_part": reviewed,
            "reviewed_claim": claim[reviewed], "ready_claim": claim[ready], "draft": draft, "out": out,
            "items": items, "paid_part": paid,
        }  # fmt: skip

    made = books.act(live)
    out, items = made.pop("out"), made.pop("items")
    books.act(lambda ctx: batches.approve(ctx, out, key()), CHECKER)

    def pay(ctx: Context) -> dict[str, uuid.UUID]:
        tried = {attempt.batch_item_id: attempt.id for attempt in payouts.prepare(ctx, out)}
        payouts.send(ctx, out)
        return tried

    tried = books.act(pay)
    books.act(lambda ctx: payouts.confirm(ctx, {tried[items[1]]: "paid before"}))
    return Scene(
        fund=books.fund, line=books.renovation, voucher=voucher, attempt=tried[items[0]], failed_item=items[0], **made
    )


@dataclass(frozen=True)
class Act:
    """One verb, what it would do to a scene, and whether it can be repeated without end.

    `entry` says that a done act leaves an entry of the voucher that carries its key; `late` that it is tried after the
    voucher's last day, which is when it has something to do.
    """

    name: str
    verb: Callable[[Context, Scene, str], Any]
    entry: bool = False
    late: bool = False
    actor: Actor = OFFICER


def _approve(ctx: Context, s: Scene, k: str) -> Any:
    cut = [{"amount": 40, "code": "scope", "clause": "四(二)", "reason": "not part of the contract"}]
    return claims.approve(ctx, s.reviewed_claim, {s.reviewed_part: Decision(PART - 40, cut)}, k)


def _of(k: str) -> uuid.UUID:
    """An order or enterprise that belongs to a key: whoever sends the same key again means the same one."""
    return uuid.uuid5(uuid.NAMESPACE_OID, k)


ACTS = (
    Act("reserve", lambda c, s, k: holds.reserve(c, s.voucher, _of(k), PROVIDER, 100, LAST, k), entry=True),
    Act("redeem", lambda c, s, k: holds.redeem(c, s.hold, 60, k), entry=True),
    Act("redeem a part", lambda c, s, k: holds.redeem(c, s.hold, 10, k, release_rest=True), entry=True),
    Act("release", lambda c, s, k: holds.release(c, s.hold, k), entry=True),
    Act("transfer", lambda c, s, k: holds.transfer(c, s.hold, _of(k), PROVIDER, CLOSES, k), entry=True),
    Act("refund", lambda c, s, k: parts.refund(c, s.free_part, 40, k), entry=True),
    Act("cut", lambda c, s, k: parts.cut(c, s.free_part, 40, k), entry=True),
    Act("recall", lambda c, s, k: recalls.recall(c, s.voucher, 100, k), entry=True),
    Act("clawback", lambda c, s, k: parts.clawback(c, s.paid_part, 60, k), entry=True),
    Act("expire", lambda c, s, k: recalls.sweep(c), late=True),
    Act("file", lambda c, s, k: claims.file(c, s.voucher, "direct", PROVIDER, {s.free_part: 60})),
    Act("approve a claim", _approve),
    Act("reject a claim", lambda c, s, k: claims.reject(c, s.reviewed_claim)),
    Act("add to a batch", lambda c, s, k: batches.add(c, s.draft, [Payee(s.ready_claim, uuid.uuid4(), {"n": "1"})])),
    Act("release a batch", lambda c, s, k: batches.approve(c, s.draft, k), actor=CHECKER),
    Act("settle", lambda c, s, k: payouts.confirm(c, {s.attempt: "BANK-1"})),
    Act("payment failed", lambda c, s, k: payouts.fail(c, {s.attempt: "account closed"})),
    Act("give up a payment", lambda c, s, k: batches.fail_items(c, [s.failed_item], k)),
    Act("freeze", lambda c, s, k: freezing.freeze(c, s.voucher)),
    Act("issue", lambda c, s, k: issue.issue(c, s.line, [VoucherItem(100, LAST, _of(k))], k)),
)
BY_NAME = {act.name: act for act in ACTS}
AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Standing:
    """What the entries of a voucher say at one moment, folded by hand: balances, and rooms of what a trial strikes."""

    available: int
    reserved: int
    payable: int
    paid: int
    recalled: int
    clawed: int
    hold_rest: int
    part_room: int
    paid_room: int

    @property
    def whole(self) -> bool:
        """Whether nothing is below zero and the face is conserved."""
        balances = (self.available, self.reserved, self.payable, self.paid, self.recalled, self.clawed)
        rooms = (self.hold_rest, self.part_room, self.paid_room)
        return min(*balances, *rooms) >= 0 and sum(balances) == FACE

    def after(self, entry: Any, scene: Scene) -> Standing:
        """The same with one entry more."""
        moved = {entry.src: -entry.amount, entry.dst: entry.amount}
        names = ("available", "reserved", "payable", "paid", "recalled", "clawed")
        values: dict[str, int] = {name: getattr(self, name) + moved.get(name, 0) for name in names}
        if str(entry.hold_id) == str(scene.hold) and entry.kind != "reserve":
            values["hold_rest"] = self.hold_rest - entry.amount
        if entry.redemption_id == scene.free_part and entry.kind in ("refund", "cut"):
            values["part_room"] = self.part_room - entry.amount
        if entry.redemption_id == scene.paid_part and entry.kind == "clawback":
            values["paid_room"] = self.paid_room - entry.amount
        return replace(self, **values)


BEGIN = Standing(250, 150, 500, 100, 0, 0, PART, PART, PART)
"""A scene before anything strikes it."""

ROOM: dict[str, Callable[[Standing], bool]] = {
    "reserve": lambda now: now.available >= 100,
    "redeem": lambda now: now.hold_rest >= 60,
    "redeem a part": lambda now: now.hold_rest >= 10,
    "release": lambda now: now.hold_rest > 0,
    "transfer": lambda now: now.hold_rest > 0,
    "refund": lambda now: now.part_room >= 40,
    "cut": lambda now: now.part_room >= 40,
    "recall": lambda now: now.available >= 100,
    "clawback": lambda now: now.paid_room >= 60,
}
"""When an act would be right, as far as the voucher's own money decides it. An act that was refused although it would
have been right at every moment of its trial was refused wrongly."""
DECIDED_ELSEWHERE = {
    "reserve": {"freeze", "expire"},
    "redeem": {"freeze"},
    "redeem a part": {"freeze"},
    "transfer": {"freeze"},
    "refund": {"file"},
    "cut": {"file"},
}
"""Rivals that decide an act by something else than money: a stop, a day that is over, a claim."""


def story(steps: Sequence[Any], scene: Scene) -> list[Standing]:
    """Every standing of a voucher through its entries of a trial, in the order of their numbers."""
    told = [BEGIN]
    for entry in steps:
        told.append(told[-1].after(entry, scene))
    return told
