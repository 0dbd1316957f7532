"""What an act would do to a pilot: asked of the engine before money is promised, ordered, contracted or paid.

Whoever is about to move a pilot's governed money says what, by category, under the lock that the ledger takes for it::

    answer = gate.ask(ctx, pilot_id, Act.CONTRACT, {contract.category: contract.amount_fen}, reason=reason)
    ...
    audit.record(ctx, "contract.confirmed", contract, amount_fen=contract.amount_fen, **answer.kept)

`ask` refuses what would break a check of the book or names a use that is not the pilot's, with clause, base, limit and
arithmetic; it refuses `warning.reason_required` (with the warnings) where an early warning is raised or made worse and
`reason` is empty. A form gets the field for it from ``forms.reason(form)`` when its schema has ``reason = Reason()``;
the API shape takes the same. `kept` is what the audit row holds: the reason and the warnings, or nothing. `foresee`
gives the same answer without refusing anything. Where the ledger finds the row to be locked itself, `ask` is handed to
it (`ledger.issue(…, before=…)`). The invariants of the database remain the last word.

A few statements, whatever the number of vouchers: sums by category.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select

from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.base.text import N_
from marketplace.pilots.programmes import queries as pilots
from marketplace.policy.engine import refusal
from marketplace.policy.engine.change import Change, change
from marketplace.policy.engine.facts import Addition, Facts, Sums, counted, project
from vouchers.funds import enterprises as helped
from vouchers.funds import history, queries
from vouchers.funds.outcomes import outcomes
from vouchers.ledger.models.funds import BudgetLine
from vouchers.ledger.models.payments import BatchItem, Claim, PaymentBatch
from vouchers.ledger.states import BatchState, ItemState


class Act(StrEnum):
    """What is about to be done with a pilot's money."""

    ISSUE = "issue"
    ORDER = "order"
    CONTRACT = "contract"
    PAYMENT = "payment"


ACTS = {
    Act.ISSUE: N_("发放服务券"),
    Act.ORDER: N_("用券下单"),
    Act.CONTRACT: N_("确认直接支出合同"),
    Act.PAYMENT: N_("复核付款批次"),
}


@dataclass(frozen=True)
class Answer:
    """The act may be done; `reason` is why, where the engine warned."""

    change: Change
    reason: str

    @property
    def kept(self) -> dict[str, Any]:
        """What the audit row of the act holds of it: nothing without a warning."""
        warnings = [
            {name: value for name, value in refusal.warned(turn).items() if name != "message"}
            for turn in self.change.warnings
        ]
        return {"reason": self.reason, "warnings": warnings} if warnings else {}


def ask(
    ctx: Context,
    pilot_id: uuid.UUID,
    act: Act,
    amounts: Mapping[str, int],
    *,
    enterprises: Mapping[uuid.UUID, int] | None = None,
    reason: str = "",
    field: str | None = None,
) -> Answer:
    """May this be done with the governed money of a pilot? `amounts` are fen by category, `field` the input at fault.

    Refuses what the act would break (四(一), 四(二)) under the code of the check, and `warning.reason_required`;
    `enterprise.cap` where the book limits what one enterprise gets and the act gives one of `enterprises` (fen by id)
    more. The caller has authorised the pilot.
    """
    found = foresee(ctx, pilot_id, act, amounts)
    refusal.refuse(
        helped.findings(ctx, found.after, pilot_id, enterprises or {}, promised=act is Act.ISSUE), field=field
    )
    refusal.refuse_change(found, reason=reason, field=field)
    return Answer(found, reason.strip())


def foresee(
    ctx: Context, pilot_id: uuid.UUID, act: Act, amounts: Mapping[str, int], *, targets: bool = False
) -> Change:
    """The pilot before and after an act, judged; nothing is done.

    Money changes no target: enterprises are counted only where somebody wants to see their checks too (`targets`).

    A voucher counts as arranged from its issue when another is issued or a contract confirmed: it is promised. For an
    order only what orders and contracts have committed counts, as in the report. For a payment the batches on their way
    to the bank count as paid.
    """
    book, judged = pilots.book(ctx, pilot_id), queries.judged_pilot(ctx, pilot_id)
    paying = act is Act.PAYMENT
    additions = [
        Addition(category, paid=amount) if paying else Addition(category, arranged=amount)
        for category, amount in amounts.items()
    ]
    facts = _facts(ctx, pilot_id, act)
    if targets:
        fund = queries.governed(ctx, pilot_id)
        came = outcomes(ctx, [fund.id], ctx.today).get(fund.id, ())
        facts = replace(facts, enterprises=counted(book, came))
    return change(book, judged, facts, additions)


def _facts(ctx: Context, pilot_id: uuid.UUID, act: Act) -> Facts:
    if act in (Act.ISSUE, Act.CONTRACT):
        return queries.promised(ctx, pilot_id)
    fund = queries.governed(ctx, pilot_id)
    states = history.categories(ctx, fund.id)
    facts = Facts(by_category={state.category: Sums(state.committed, state.paid) for state in states})
    if act is Act.PAYMENT:
        return project(facts, [Addition(*row) for row in _on_the_way(ctx, fund.id)])
    return facts


def _on_the_way(ctx: Context, fund_id: uuid.UUID) -> list[tuple[str, int, int]]:
    """Category, nothing, and the fen of released payments that no bank has answered yet."""
    rows = ctx.session.execute(
        _by_category(BatchItem.fund_id == fund_id, PaymentBatch.state.in_((BatchState.APPROVED, BatchState.SENT)))
    )
    return [(category, 0, int(amount)) for category, amount in rows]


def of_batch(ctx: Context, batch_id: uuid.UUID) -> dict[str, int]:
    """What a payment batch would pay, in fen by category; the caller has authorised it."""
    rows = ctx.session.execute(_by_category(BatchItem.batch_id == batch_id))
    return {category: int(amount) for category, amount in rows}


def drafted(ctx: Context, pilot_id: uuid.UUID, batch_id: uuid.UUID) -> dict[str, int]:
    """What a draft of payments out of a pilot's governed money would pay; NotFound beyond this person's reach."""
    funds = {fund.id for fund in queries.of_pilot(ctx, pilot_id) if fund.source == queries.GOVERNED}
    batch = ctx.session.get(PaymentBatch, batch_id)
    if batch is None or batch.fund_id not in funds or batch.state is not BatchState.DRAFT:
        raise NotFound("payment_batch")
    return of_batch(ctx, batch_id)


def _by_category(*conditions: Any) -> Any:
    return (
        select(BudgetLine.category, func.sum(BatchItem.amount))
        .join(PaymentBatch, PaymentBatch.id == BatchItem.batch_id)
        .join(Claim, Claim.id == BatchItem.claim_id)
        .join(BudgetLine, BudgetLine.id == Claim.line_id)
        .where(BatchItem.state == ItemState.OPEN, *conditions)
        .group_by(BudgetLine.category)
    )
