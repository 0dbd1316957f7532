"""Drafting, publishing, closing and cancelling a call."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any, TypedDict, Unpack

from sqlalchemy import select

from marketplace.base.context import Context
from marketplace.base.errors import Refusal
from marketplace.base.permissions import Scope
from marketplace.base.text import N_
from marketplace.people.organisations import industries as trades
from marketplace.policy.editions import queries as editions
from marketplace.record.audit import actions as audit
from providers.calls import permissions, queries, rules
from providers.calls.events import CallCancelled, CallClosed, CallPublished
from providers.calls.models import Call
from providers.calls.states import CALL, CallState


class Terms(TypedDict):
    """What a call says. `seats`: class → number; `pass_line` in points of 100; days inclusive, in Shanghai."""

    number: str
    title: str
    edition_id: uuid.UUID
    seats: dict[str, int]
    industries: list[str]
    conditions: list[dict[str, Any]]
    scoring: list[dict[str, Any]]
    tie_break: list[str]
    pass_line: int
    opens_on: date
    closes_on: date
    publicity_days: int
    term_years: int
    materials: str
    duties: str
    contact: str


def draft(ctx: Context, *, city: str | None = None, **terms: Unpack[Terms]) -> Call:
    """Write a call of the officer's city down; nobody outside sees it yet."""
    city = city or ctx.who.region or ""
    ctx.require(permissions.MANAGE, Scope.of(city=city))
    values = _checked(ctx, city, None, terms)
    call = ctx.add(Call(city=city, state=CallState.DRAFT, drafted_by=_person(ctx), **values))
    ctx.session.flush()
    audit.record(ctx, "call.drafted", call)
    return call


def revise(ctx: Context, call_id: uuid.UUID, **terms: Unpack[Terms]) -> Call:
    """Change a draft. A published call never changes (`call.published`)."""
    call = queries.get(ctx, call_id, lock=True)
    ctx.require(permissions.MANAGE, call)
    if call.state is not CallState.DRAFT:
        raise Refusal("call.published", N_("公告发布后不能修改；确需调整的，请终止后重新发布。"), clause=call.clause)
    for name, value in _checked(ctx, call.city, call.id, terms).items():
        setattr(call, name, value)
    ctx.session.flush()
    audit.record(ctx, "call.revised", call)
    return call


def _checked(ctx: Context, city: str, call_id: uuid.UUID | None, terms: Terms) -> dict[str, Any]:
    """The terms as they are stored, with clause and basis from the rule book."""
    rules.check_terms(
        seats=terms["seats"],
        conditions=terms["conditions"],
        scoring=terms["scoring"],
        tie_break=terms["tie_break"],
        pass_line=terms["pass_line"],
        opens_on=terms["opens_on"],
        closes_on=terms["closes_on"],
        publicity_days=terms["publicity_days"],
        term_years=terms["term_years"],
    )
    book = editions.book(ctx, terms["edition_id"])
    if book.selection is None:
        raise Refusal(
            "call.no_selection", N_("政策规则“{book}”没有公开遴选的规定。"), field="edition_id", book=book.name_zh
        )
    number = " ".join(terms["number"].split())
    same = select(Call.id).where(Call.city == city, Call.number == number)
    if ctx.session.scalar(same.where(Call.id != call_id) if call_id else same):
        raise Refusal("call.number_taken", N_("文号“{number}”已经用过。"), field="number", number=number)
    values: dict[str, Any] = dict(terms)
    values["number"], values["basis"], values["clause"] = number, book.name_zh, book.selection.clause
    values["seats"] = {k: n for k, n in terms["seats"].items() if n}
    values["industries"] = sorted({trades.check(code) for code in terms["industries"]})
    return values


def remarks(ctx: Context, call: Call) -> list[rules.Remark]:
    """What an officer should look at again before publishing; none of it blocks."""
    texts = [c["label"] for c in call.conditions] + [line["label"] for line in call.scoring]
    texts += [call.title, call.materials, call.duties]
    return rules.lint(
        texts,
        publicity_days=call.publicity_days,
        opens_on=call.opens_on,
        closes_on=call.closes_on,
        clause=call.clause,
    )


def publish(ctx: Context, call_id: uuid.UUID) -> Call:
    """Publish a draft: from now on everybody reads it and its terms are fixed.

    Refuses a first day that has passed (`call.opens_past`).
    """
    call = queries.get(ctx, call_id, lock=True)
    ctx.require(permissions.MANAGE, call)
    if call.opens_on < ctx.today:
        raise Refusal(
            "call.opens_past",
            N_("报名开始日期 {day} 已过，请修改后再发布。"),
            clause=call.clause,
            field="opens_on",
            day=call.opens_on,
        )
    CALL.move(call, "publish")
    call.published_at = ctx.now
    ctx.session.flush()
    audit.record(
        ctx, "call.published", call, opens_on=call.opens_on, closes_on=call.closes_on,
        remarks=[r.code for r in remarks(ctx, call)],
    )  # fmt: skip
    ctx.announce(CallPublished(call.id, call.city, call.opens_on, call.closes_on))
    return call


def close(ctx: Context, call_id: uuid.UUID) -> Call:
    """End a call after its last day; refuses before (`call.still_open`): a published deadline never moves."""
    call = queries.get(ctx, call_id, lock=True)
    ctx.require(permissions.MANAGE, call)
    if call.state is CallState.OPEN and ctx.today <= call.closes_on:
        raise Refusal(
            "call.still_open", N_("报名截止日为 {day}，截止前不能结束。"), clause=call.clause, day=call.closes_on
        )
    _close(ctx, call)
    return call


def close_overdue(ctx: Context) -> str:
    """Close every call whose last day has passed. Job `calls.close`."""
    calls = queries.overdue(ctx)
    for call in calls:
        _close(ctx, call)
    return f"{len(calls)} closed" if calls else ""


def _close(ctx: Context, call: Call) -> None:
    CALL.move(call, "close")
    ctx.session.flush()
    audit.record(ctx, "call.closed", call)
    ctx.announce(CallClosed(call.id, call.city))


def cancel(ctx: Context, call_id: uuid.UUID, reason: str) -> Call:
    """End a call without a result, with the reason, which is public."""
    call = queries.get(ctx, call_id, lock=True)
    ctx.require(permissions.MANAGE, call)
    if not reason.strip():
        raise Refusal("call.reason_missing", N_("请写明终止理由。"), clause=call.clause, field="reason")
    CALL.move(call, "cancel")
    call.end_reason = reason.strip()
    ctx.session.flush()
    audit.record(ctx, "call.cancelled", call)
    ctx.announce(CallCancelled(call.id, call.city, call.end_reason))
    return call


def _person(ctx: Context) -> uuid.UUID | None:
    return ctx.actor.person_id if ctx.actor else None
