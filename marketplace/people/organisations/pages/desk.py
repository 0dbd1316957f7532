"""What waits on the home page, and what the search over everything finds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import url_for
from sqlalchemy import func, select

from marketplace.base.context import Context
from marketplace.base.permissions import Permission
from marketplace.base.text import N_, Text
from marketplace.people.organisations import queries
from marketplace.people.organisations.models import Organisation
from marketplace.people.organisations.permissions import CONFIRM, CONFIRM_ACCOUNT, DECIDE_CASE, READ
from marketplace.people.organisations.states import CaseState, OrganisationState
from marketplace.web.nav import Task

MANY = 100


def tasks(ctx: Context) -> Iterable[Task]:
    """Organisations, changes, accounts and cases that wait for whoever looks."""
    lists: tuple[tuple[Permission, Any, str, str, dict[str, Any]], ...] = (
        (
            CONFIRM,
            queries.search(ctx, state=OrganisationState.REGISTERED),
            N_("{count} 家单位等待确认身份"),
            "organisations.index",
            {"state": OrganisationState.REGISTERED.value},
        ),
        (CONFIRM, queries.waiting_facts(ctx), N_("{count} 项单位信息变更等待核实"), "organisations.changes", {}),
        (
            CONFIRM_ACCOUNT,
            queries.waiting_accounts(ctx),
            N_("{count} 个收款账户等待复核"),
            "bank_accounts.waiting",
            {},
        ),
        (
            DECIDE_CASE,
            queries.cases(ctx, CaseState.OPEN),
            N_("{count} 件单位归属争议等待处理"),
            "ownership.index",
            {"state": CaseState.OPEN.value},
        ),
    )
    for permission, statement, text, endpoint, args in lists:
        count = _count(ctx, permission, statement)
        if count:
            yield Task(Text(text, {"count": count}), url_for(endpoint, **args), tone="warn")
    yield from _own(ctx)


def _count(ctx: Context, permission: Permission, statement: Any) -> int:
    """How many wait, counted up to a hundred; without asking the database where the role has no such verb."""
    if ctx.actor is None or ctx.house.matrix.within(permission, ctx.actor.role) is None:
        return 0
    some = statement.with_only_columns(Organisation.id).limit(MANY).subquery()
    return ctx.session.execute(select(func.count()).select_from(some)).scalar_one()


def _own(ctx: Context) -> Iterable[Task]:
    """Where the own organisation stands until it is confirmed."""
    if ctx.actor is None or ctx.actor.organisation_id is None or not ctx.may(READ):
        return
    organisation = queries.by_id(ctx, ctx.actor.organisation_id)
    url = url_for("organisations.show", organisation_id=organisation.id)
    if organisation.state is OrganisationState.REGISTERED:
        yield Task(
            Text(N_("“{name}”等待主管部门确认身份"), {"name": organisation.name}),
            url,
            hint=Text(N_("请上传营业执照，便于核对。")),
        )
    elif organisation.state is OrganisationState.REJECTED:
        yield Task(Text(N_("“{name}”未通过确认，请更正后重新提交"), {"name": organisation.name}), url, tone="bad")


def find(ctx: Context, words: str) -> Iterable[tuple[str, str, str]]:
    """Organisations within reach by credit code or name: (title, hint, address)."""
    if ctx.actor is None or not ctx.may(READ):
        return []
    found = ctx.session.scalars(queries.search(ctx, words=words).order_by(Organisation.name, Organisation.id).limit(10))
    return [(o.name, o.uscc, url_for("organisations.show", organisation_id=o.id)) for o in found]
