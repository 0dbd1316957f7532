"""Payees of approved claims get certificates: of one that is paid later, and of what still waits on the last day."""

from __future__ import annotations

from marketplace.base.stage import Scene, Stage
from vouchers.certificates import actions
from vouchers.claims import queries as claims
from vouchers.ledger.states import ClaimState

DAYS = (59, 1)


def scenes() -> list[Scene]:
    return [Scene(f"payees ask what is owed to them {day}", day, _issue, hour=17) for day in DAYS]


def _issue(stage: Stage) -> None:
    waiting = stage.act(lambda ctx: claims.listed(ctx, state=ClaimState.APPROVED), "city").items
    for filed in waiting:
        payee = filed.form.payee_id
        if payee in stage.props["providers"]:
            who = f"provider{stage.props['providers'].index(payee) + 1}"
            stage.act(lambda ctx, claim_id=filed.id: actions.issue(ctx, claim_id), who)
