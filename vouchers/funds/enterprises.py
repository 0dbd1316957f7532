"""What single enterprises have of a pilot's governed money, for books that limit the help for one enterprise."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from marketplace.base.context import Context
from marketplace.base.streams import chunks
from marketplace.people.organisations.models import Organisation
from marketplace.policy.engine import limits
from marketplace.policy.engine.finding import Finding
from marketplace.policy.engine.rows import folded
from marketplace.policy.engine.verdict import Verdict
from vouchers.funds import opened, queries
from vouchers.ledger.models.commitments import Commitment, Voucher
from vouchers.ledger.models.funds import BudgetLine

_AT_ONCE = 500


def findings(
    ctx: Context, verdict: Verdict, pilot_id: uuid.UUID, amounts: Mapping[uuid.UUID, int], *, promised: bool
) -> list[Finding]:
    """What stands against giving so many fen more to each of these enterprises, as `marketplace check` would say it.

    `verdict` is the pilot as it is judged. `promised` counts vouchers in hand too, else only what orders committed.
    Enterprises that may be refused are held until the act ends: the next one counts what this one adds. Nothing is read
    where the book has no limit.
    """
    book, judged = verdict.book, verdict.pilot
    if limits.of_enterprise(book, judged).cap is None:
        return []
    fund_id = queries.governed(ctx, pilot_id).id
    found: list[Finding] = []
    for some in chunks(sorted(amounts), _AT_ONCE):
        held = _held(ctx, some)
        have = _have(ctx, fund_id, some, promised=promised)
        brought = opened.for_enterprises(ctx, fund_id, [folded(code) for _, _, code in held])
        for enterprise_id, name, code in held:
            arranged = have.get(enterprise_id, 0) + brought.get(folded(code), 0) + amounts[enterprise_id]
            found += limits.help_for(book, judged, f"{name}（{code}）", arranged)
    return found


def _held(ctx: Context, enterprise_ids: Collection[uuid.UUID]) -> Sequence[Any]:
    """Id, name and code of enterprises, each held until the act ends, in one order for all acts."""
    return ctx.session.execute(
        select(Organisation.id, Organisation.name, Organisation.uscc)
        .where(Organisation.id.in_(enterprise_ids))
        .order_by(Organisation.id)
        .with_for_update(key_share=True)
    ).all()


def _have(
    ctx: Context, fund_id: uuid.UUID, enterprise_ids: Collection[uuid.UUID], *, promised: bool
) -> dict[uuid.UUID, int]:
    """Fen on the vouchers of enterprises out of a fund: set aside, redeemed and paid; in hand too where `promised`."""
    parts = Commitment.reserved + Commitment.payable + Commitment.paid
    rows = ctx.session.execute(
        select(Voucher.enterprise_id, func.sum(parts + Commitment.available if promised else parts))
        .join(Commitment, Commitment.id == Voucher.commitment_id)
        .join(BudgetLine, BudgetLine.id == Commitment.line_id)
        .where(BudgetLine.fund_id == fund_id, Voucher.enterprise_id.in_(enterprise_ids))
        .group_by(Voucher.enterprise_id)
    )
    return {enterprise_id: int(amount) for enterprise_id, amount in rows}
