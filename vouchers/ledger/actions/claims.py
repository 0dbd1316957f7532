"""Asking for the redeemed parts of one commitment, and deciding how much of it is right."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, update

from marketplace.base.context import Context
from marketplace.base.errors import NotFound, Refusal
from marketplace.base.money import Yuan
from marketplace.base.text import N_
from vouchers.ledger import posting, returning
from vouchers.ledger.models.commitments import Commitment, Redemption
from vouchers.ledger.models.funds import BudgetLine
from vouchers.ledger.models.payments import Claim, ClaimItem
from vouchers.ledger.posting import Head, Move
from vouchers.ledger.refusals import ANSWERS, civil
from vouchers.ledger.statements import Statement, insert_many
from vouchers.ledger.states import ClaimMode, ClaimState

_HEAD = Statement(
    "SELECT c.id AS commitment_id, c.pilot_id, c.seq, c.chain, c.last_day FROM commitment c"
    " WHERE c.id = (SELECT commitment_id FROM claim WHERE id = :claim_id)",
    lock="FOR UPDATE OF c",
    columns="commitment_id pilot_id chain last_day",
)


@dataclass(frozen=True)
class Decision:
    """What of one part is accepted, in fen, and why the rest is not: [{amount, code, clause, reason}]."""

    approved: int
    cut_reasons: Sequence[Mapping[str, Any]] = field(default_factory=list)


def file(
    ctx: Context,
    commitment_id: uuid.UUID,
    mode: ClaimMode | str,
    payee_organisation_id: uuid.UUID,
    parts: Mapping[int, int],
) -> Claim:
    """Ask for redeemed parts of one commitment: `parts` maps a redemption's id to the fen asked of it.

    The payee is the provider, in reimbursed mode the enterprise. Refuses `claim.part_claimed` when a part is in
    another living claim, `claim.part_not_open` when it is not the payee's or has less left.
    """
    found = ctx.session.execute(
        select(Commitment, BudgetLine.fund_id)
        .join(BudgetLine, BudgetLine.id == Commitment.line_id)
        .where(Commitment.id == commitment_id)
    ).one_or_none()
    if found is None:
        raise NotFound("commitment")
    if not parts:
        raise Refusal("claim.empty", N_("请至少选择一笔核销。"))
    commitment, fund_id = found
    claim = Claim(
        commitment_id=commitment.id,
        kind=commitment.kind,
        line_id=commitment.line_id,
        fund_id=fund_id,
        pilot_id=commitment.pilot_id,
        city=commitment.city,
        payee_organisation_id=payee_organisation_id,
        mode=ClaimMode(mode),
        state=ClaimState.SUBMITTED,
    )
    rows = [
        {"claim_id": None, "redemption_id": part, "commitment_id": commitment.id, "asked": posting.positive(asked)}
        for part, asked in sorted(parts.items())
    ]
    with civil():
        ctx.add(claim)
        ctx.session.flush()
        insert_many(ctx.session, "claim_item", [{**row, "claim_id": claim.id} for row in rows], {})
    return claim


def review(ctx: Context, claim_id: uuid.UUID, decisions: Mapping[int, Decision]) -> Claim:
    """The pilot's opinion on every part: submitted → reviewed. No money moves yet."""
    claim = _lock(ctx, claim_id)
    with civil():
        _decide(ctx, claim, decisions)
        return _step(ctx, claim, ClaimState.REVIEWED)


def approve(ctx: Context, claim_id: uuid.UUID, decisions: Mapping[int, Decision], key: str) -> Claim:
    """The city's decision on every part: reviewed → approved. What is cut returns to the commitment, or to the
    budget line once the last day is over. The same key does nothing again. Refuses `part.in_batch`, and
    `part.too_little` when a part was taken back meanwhile and less is left of it than would be approved."""
    request = posting.asked(
        ctx, key, "approve", claim_id, [[part, d.approved] for part, d in sorted(decisions.items())]
    )
    head = _HEAD.run(ctx.session, claim_id=claim_id).one_or_none()
    if head is None:
        raise NotFound("claim")
    claim = _lock(ctx, claim_id)
    if posting.earlier(ctx, request) is not None:
        return claim
    with civil():
        dst = "recalled" if head.last_day < ctx.today else "available"
        cuts = _cuts(ctx, _decide(ctx, claim, decisions), decisions)
        moves = [Move("cut", "payable", dst, amount, redemption_id=part) for part, amount in cuts]
        if moves:
            ids = posting.post(ctx, Head(head.commitment_id, head.pilot_id, head.seq, head.chain), moves, request)
            returning.to_lines(ctx, ids if dst == "recalled" else [])
        return _step(ctx, claim, ClaimState.APPROVED)


def send_back(ctx: Context, claim_id: uuid.UUID) -> Claim:
    """Ask the payee for better evidence; the parts stay in the claim."""
    with civil():
        return _step(ctx, _lock(ctx, claim_id), ClaimState.RETURNED)


def resubmit(ctx: Context, claim_id: uuid.UUID) -> Claim:
    """The payee has answered: returned → submitted."""
    with civil():
        return _step(ctx, _lock(ctx, claim_id), ClaimState.SUBMITTED)


def reject(ctx: Context, claim_id: uuid.UUID) -> Claim:
    """End a claim that is in no batch; its parts may be claimed again. Refuses `claim.in_batch`."""
    with civil():
        claim = _step(ctx, _lock(ctx, claim_id), ClaimState.REJECTED)
        ctx.session.execute(update(ClaimItem).where(ClaimItem.claim_id == claim_id).values(live=False))
        return claim


def items(ctx: Context, claim_id: uuid.UUID) -> list[ClaimItem]:
    """The parts of a claim, in the order of their redemption."""
    found = select(ClaimItem).where(ClaimItem.claim_id == claim_id).order_by(ClaimItem.redemption_id)
    return list(ctx.session.scalars(found.execution_options(populate_existing=True)))


def _lock(ctx: Context, claim_id: uuid.UUID) -> Claim:
    found = select(Claim).where(Claim.id == claim_id).with_for_update().execution_options(populate_existing=True)
    claim = ctx.session.scalars(found).one_or_none()
    if claim is None:
        raise NotFound("claim")
    return claim


def _decide(ctx: Context, claim: Claim, decisions: Mapping[int, Decision]) -> list[ClaimItem]:
    living = [item for item in items(ctx, claim.id) if item.live]
    if {item.redemption_id for item in living} != set(decisions):
        raise Refusal("claim.undecided", N_("仍有未审定的明细。"))
    for item in living:
        decision = decisions[item.redemption_id]
        if not 0 <= decision.approved <= item.asked:
            raise Refusal("claim.beyond_asked", N_("审定金额不得超过申请金额。"), field="approved")
        if decision.approved < item.asked and not decision.cut_reasons:
            raise Refusal("claim.cut_without_reason", N_("核减须写明理由。"), field="cut_reasons")
        item.approved = decision.approved
        item.cut_reasons = [dict(reason) for reason in decision.cut_reasons]
    ctx.session.flush()
    return living


def _cuts(ctx: Context, living: Sequence[ClaimItem], decisions: Mapping[int, Decision]) -> list[tuple[int, int]]:
    """What goes back of each part: what was asked and not approved, as far as it is still there. The commitment is
    locked, so what is left of a part cannot change meanwhile."""
    left = select(Redemption.entry_id, Redemption.amount - Redemption.refunded - Redemption.settled)
    rooms: dict[int, int] = dict(ctx.session.execute(left.where(Redemption.entry_id.in_(decisions))).all())
    cuts = []
    for item in living:
        room, approved = rooms[item.redemption_id], decisions[item.redemption_id].approved
        if approved > room:
            code, message, clause = ANSWERS["redemption_parts_within_amount"]
            raise Refusal(code, message, clause=clause, available=Yuan(room), asked=Yuan(approved))
        cut = min(item.asked, room) - approved
        if cut > 0:
            cuts.append((item.redemption_id, cut))
    return cuts


def _step(ctx: Context, claim: Claim, state: ClaimState) -> Claim:
    if claim.state == state:
        raise Refusal("claim.step", N_("兑付申请的当前状态不能办理此操作。"))
    claim.state = state
    ctx.session.flush()
    return claim
