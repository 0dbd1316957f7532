"""What waits on the home page: for either department of the province, and for whoever awaits money."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for

from marketplace.base.context import Context
from marketplace.base.money import Yuan
from marketplace.base.roles import Role
from marketplace.base.text import N_, Text
from marketplace.pilots.programmes import queries
from marketplace.pilots.programmes.states import PilotState, TrancheState
from marketplace.web.nav import Task


def tasks(ctx: Context) -> list[Task]:
    """The next step of pilots and tranches, where it is this person's."""
    if ctx.actor is None:
        return []
    if ctx.actor.role is Role.FINANCE:
        return list(_to_receive(ctx))
    if ctx.actor.role is not Role.PROVINCE:
        return []
    found: list[Task] = []
    own = queries.programmes(ctx)
    if any(p.industry_department_id == ctx.actor.organisation_id for p in own):
        found += _to_decide(ctx)
    if any(p.finance_department_id == ctx.actor.organisation_id for p in own):
        found += _to_release(ctx)
    return found


def _to_receive(ctx: Context) -> Iterator[Task]:
    for tranche, name in queries.waiting_tranches(ctx, TrancheState.RELEASED):
        text = Text(
            N_("确认“{pilot}”第 {number} 期资金 {amount} 到位"),
            {"pilot": name, "number": tranche.number, "amount": Yuan(tranche.amount_fen)},
        )
        yield Task(text, url_for("pilots.receive", tranche_id=tranche.id), tone="warn")


def _to_release(ctx: Context) -> Iterator[Task]:
    for tranche, name in queries.waiting_tranches(ctx, TrancheState.PROPOSED):
        text = Text(
            N_("下达“{pilot}”第 {number} 期资金 {amount}"),
            {"pilot": name, "number": tranche.number, "amount": Yuan(tranche.amount_fen)},
        )
        yield Task(text, url_for("pilots.release", tranche_id=tranche.id), tone="warn")


_STEPS = {
    PilotState.NOMINATED: ("pilots.review", N_("登记“{pilot}”的专家评审结果")),
    PilotState.REVIEWED: ("pilots.show", N_("公示“{pilot}”所在批次的入围名单")),
    PilotState.CLEARED: ("pilots.approve", N_("批复“{pilot}”并核定奖补资金")),
}


def _to_decide(ctx: Context) -> Iterator[Task]:
    for pilot in queries.waiting_pilots(ctx, *_STEPS):
        endpoint, words = _STEPS[pilot.state]
        yield Task(Text(words, {"pilot": pilot.name}), url_for(endpoint, pilot_id=pilot.id))
    for change in queries.waiting_changes(ctx):
        text = Text(N_("审批实施方案调整“{title}”"), {"title": change.title})
        yield Task(text, url_for("pilots.decide_change", change_id=change.id))
