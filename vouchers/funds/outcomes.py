"""What came of the money in enterprises: who ordered with it, who was renovated, and to which level."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import and_, func, select

from marketplace.base.context import Context
from marketplace.people.organisations.models import Organisation
from marketplace.pilots.levels.models import LevelRecord
from marketplace.pilots.members.models import Member
from marketplace.pilots.members.states import MemberState
from marketplace.policy.engine.facts import Outcome
from marketplace.shop.acceptance.models import Acceptance
from marketplace.shop.acceptance.states import Result
from marketplace.shop.orders.models import Order
from vouchers.funds import opened
from vouchers.ledger import sums
from vouchers.ledger.models.commitments import Commitment, Hold
from vouchers.ledger.models.funds import BudgetLine
from vouchers.ledger.states import HoldState, Share


def outcomes(
    ctx: Context, fund_ids: Collection[uuid.UUID], as_of: date, opened_: Collection[uuid.UUID] = ()
) -> dict[uuid.UUID, list[Outcome]]:
    """By fund one outcome per enterprise that ordered with its renovation money: key link, accepted, level.

    What counts is the acceptance of an order that such money was set aside for: the sheet of the pilot's entries knows
    no other, but for the rows of openings, which the funds of `opened_` have. Who they are stays in the database, which
    counts the enterprises that came out alike.
    """
    ours = and_(BudgetLine.fund_id.in_(fund_ids), BudgetLine.share == Share.RENOVATION)
    spent = sums.spenders(ctx.session, as_of).subquery()
    selected = (
        select(BudgetLine.fund_id, BudgetLine.pilot_id, spent.c.enterprise_id)
        .join(BudgetLine, BudgetLine.id == spent.c.line_id)
        .where(ours)
        .distinct()
        .subquery()
    )
    latest = (
        select(
            BudgetLine.fund_id,
            Acceptance.enterprise_id,
            Acceptance.accepted_on,
            LevelRecord.rank,
            func.row_number()
            .over(
                partition_by=(BudgetLine.fund_id, Acceptance.enterprise_id),
                order_by=(Acceptance.accepted_on.desc(), LevelRecord.rank.asc()),
            )
            .label("place"),
        )
        .join(Order, Order.id == Acceptance.order_id)
        .join(Commitment, Commitment.id == Order.voucher_id)
        .join(BudgetLine, BudgetLine.id == Commitment.line_id)
        .join(LevelRecord, LevelRecord.id == Acceptance.level_record_id)
        .where(
            ours,
            Acceptance.pilot_id == BudgetLine.pilot_id,
            Acceptance.result == Result.PASSED,
            Acceptance.accepted_on <= as_of,
            select(Hold.id)
            .where(Hold.commitment_id == Commitment.id, Hold.order_id == Order.id, Hold.state != HoldState.NEW)
            .exists(),
        )
        .subquery()
    )
    each = (
        select(
            selected.c.fund_id,
            selected.c.enterprise_id,
            func.coalesce(Member.key_link, False).label("key_link"),
            latest.c.enterprise_id.is_not(None).label("renovated"),
            latest.c.rank,
            latest.c.accepted_on,
        )
        .outerjoin(
            Member,
            and_(
                Member.enterprise_id == selected.c.enterprise_id,
                Member.pilot_id == selected.c.pilot_id,
                Member.state != MemberState.WITHDRAWN,
            ),
        )
        .outerjoin(
            latest,
            and_(
                latest.c.fund_id == selected.c.fund_id,
                latest.c.enterprise_id == selected.c.enterprise_id,
                latest.c.place == 1,
            ),
        )
        .subquery()
    )
    brought = opened.enterprises(ctx, opened_, as_of) if opened_ else {}
    kinds = (each.c.fund_id, each.c.key_link, each.c.renovated, each.c.rank)
    counted = select(*kinds, func.count()).where(each.c.fund_id.not_in(brought)).group_by(*kinds)
    found: dict[uuid.UUID, list[Outcome]] = {}
    for fund_id, key, renovated, rank, count in ctx.session.execute(counted):
        found.setdefault(fund_id, []).extend([Outcome(bool(key), bool(renovated), rank)] * count)
    if brought:
        _meet(ctx, brought, each, spent)
    return found | {fund_id: [e.outcome for e in known.values() if e.selected] for fund_id, known in brought.items()}


def _meet(ctx: Context, brought: dict[uuid.UUID, dict[str, opened.Enterprise]], each: Any, spent: Any) -> None:
    """Add what enterprises did on the platform to what the pilot's own sheet says of them: by their codes."""
    code = func.lower(Organisation.uscc)
    here = (
        select(each.c.fund_id, code, each.c.key_link, each.c.accepted_on, each.c.rank)
        .join(Organisation, Organisation.id == each.c.enterprise_id)
        .where(each.c.fund_id.in_(brought))
    )
    for fund_id, key, key_link, accepted, rank in ctx.session.execute(here):
        known = brought[fund_id].setdefault(key, opened.Enterprise())
        known.selected = True
        known.key_link |= bool(key_link)
        known.offer(accepted, rank)
    elsewhere = (
        select(BudgetLine.fund_id, code)
        .join(spent, spent.c.line_id == BudgetLine.id)
        .join(Organisation, Organisation.id == spent.c.enterprise_id)
        .join(
            Member,
            and_(
                Member.enterprise_id == spent.c.enterprise_id,
                Member.pilot_id == BudgetLine.pilot_id,
                Member.state != MemberState.WITHDRAWN,
            ),
        )
        .where(BudgetLine.fund_id.in_(brought), BudgetLine.share != Share.RENOVATION, Member.key_link)
    )
    for fund_id, key in ctx.session.execute(elsewhere):
        brought[fund_id].setdefault(key, opened.Enterprise()).key_link = True
