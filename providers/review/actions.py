"""The panel, the ranking, the public notice, and the decision."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import delete

from marketplace.base.context import Context
from marketplace.base.errors import Refusal
from marketplace.base.text import N_, Text
from marketplace.people.organisations import queries as organisations
from marketplace.procedure.panels import actions as panels
from marketplace.procedure.panels.events import PanelClosed
from marketplace.procedure.panels.models import Panel
from marketplace.procedure.panels.scoring import HUNDRED, Criterion, plain
from marketplace.procedure.publicity import actions as publicity
from marketplace.procedure.publicity.events import NoticeCleared, NoticeWithdrawn, ObjectionUpheld
from marketplace.procedure.publicity.models import PublicNotice
from marketplace.record.audit import actions as audit
from marketplace.record.notices import actions as notices
from marketplace.shop.roster.states import CLASS_LABELS
from providers.applications import queries as applications
from providers.applications.models import Application
from providers.applications.states import APPLICATION, ApplicationState
from providers.calls import queries as calls
from providers.calls.models import Call
from providers.calls.states import CALL, CallState
from providers.review import permissions, queries
from providers.review.checking import ask, begin, conclude, decide_condition, recheck
from providers.review.events import SelectionDecided
from providers.review.models import Ranking
from providers.review.queries import SUBJECT
from providers.review.rules import Ranked

__all__ = [
    "ask",
    "begin",
    "conclude",
    "decide",
    "decide_condition",
    "draw_panel",
    "exclude",
    "on_cleared",
    "on_objection",
    "on_panel_closed",
    "on_withdrawn",
    "propose",
    "recheck",
]


def draw_panel(ctx: Context, call_id: uuid.UUID, size: int, fields: Collection[str] = ()) -> Panel:
    """Draw the panel that scores the qualified applications, once every condition check has ended.

    Refuses while one is open (`review.unfinished`) and when nobody qualified (`review.none_qualified`).
    """
    call = _in_review(ctx, call_id)
    waiting = applications.awaiting(ctx, call.id)
    if waiting:
        raise Refusal(
            "review.unfinished", N_("还有 {count} 份申报没有完成形式审查。"), clause=call.clause, count=waiting
        )
    qualified = applications.of_call(ctx, call.id, [ApplicationState.QUALIFIED])
    if not qualified:
        raise Refusal("review.none_qualified", N_("没有待评审的合格申报。"), clause=call.clause)
    names = organisations.names(ctx, [a.applicant_organisation_id for a in qualified])
    return panels.draw(
        ctx,
        subject_kind=SUBJECT,
        subject_id=call.id,
        title=call.title,
        city=call.city,
        size=size,
        candidates=[
            panels.Candidate(
                a.id, a.applicant_organisation_id, names[a.applicant_organisation_id], f"/applications/{a.id}"
            )
            for a in qualified
        ],
        criteria=[Criterion(line["code"], line["label"], line["max"] * HUNDRED) for line in call.scoring],
        fields=fields,
    )


def on_panel_closed(ctx: Context, fact: PanelClosed) -> None:
    """The panel of a call has closed: its results become the applications' scores."""
    if fact.subject_kind != SUBJECT:
        return
    means = {result.candidate_id: result.mean for result in fact.results}
    for application in applications.of_call(ctx, fact.subject_id, [ApplicationState.QUALIFIED], lock=True):
        if application.id in means:
            APPLICATION.move(application, "score")
            application.score = means[application.id]
            audit.record(ctx, "application.scored", application, mean=application.score, panel_id=fact.panel_id)


def propose(ctx: Context, call_id: uuid.UUID) -> PublicNotice:
    """Rank the scored applications, propose those within the seats and above the line, and publish the proposal.

    Refuses while applications are unscored (`ranking.unscored`) and when nobody reaches the line (`ranking.empty`).
    """
    call = _in_review(ctx, call_id)
    unscored = applications.awaiting(ctx, call.id) + len(
        applications.of_call(ctx, call.id, [ApplicationState.QUALIFIED])
    )
    if unscored:
        raise Refusal("ranking.unscored", N_("还有 {count} 份申报没有评分结果。"), clause=call.clause, count=unscored)
    ranked = queries.preview(ctx, call)
    if not any(r.proposed for r in ranked):
        raise Refusal(
            "ranking.empty",
            N_("没有达到 {line} 分的申报，不能提出拟入选名单。"),
            clause=call.clause,
            line=call.pass_line,
        )
    rows = {a.id: a for a in applications.of_call(ctx, call.id, [ApplicationState.SCORED], lock=True)}
    ctx.session.execute(delete(Ranking).where(Ranking.call_id == call.id))
    for one in ranked:
        ctx.session.add(
            Ranking(
                application_id=one.application_id,
                call_id=call.id,
                klass=one.klass,
                place=one.place,
                score=one.score,
                passed=one.passed,
                proposed=one.proposed,
                made_by=ctx.actor.person_id if ctx.actor else None,
                made_at=ctx.now,
            )
        )
        if one.proposed:
            APPLICATION.move(rows[one.application_id], "propose")
    CALL.move(call, "announce")
    ctx.session.flush()
    audit.record(
        ctx,
        "review.proposed",
        call,
        ranking=[{"application_id": r.application_id, "place": r.place, "score": r.score} for r in ranked],
    )
    return _publish(
        ctx, call, [r for r in ranked if r.proposed], {a.id: a.applicant_organisation_id for a in rows.values()}
    )


def _publish(ctx: Context, call: Call, proposed: list[Ranked], applicants: dict[uuid.UUID, uuid.UUID]) -> PublicNotice:
    names = organisations.names(ctx, applicants.values())
    return publicity.publish(
        ctx,
        subject_kind=SUBJECT,
        subject_id=call.id,
        city=call.city,
        title=f"{call.title}拟入选名单公示",
        body=(
            f"根据《{call.title}》（{call.number}），经形式审查、专家评审，拟将下列单位列入服务商名录，现予公示。"
            f"公示期 {call.publicity_days} 个工作日。对名单有异议的，请在公示期内实名提出，并说明事实和理由。"
            f"联系方式：{call.contact}"
        ),
        clause=call.clause,
        working_days=call.publicity_days,
        items=[
            (
                r.application_id,
                names[applicants[r.application_id]],
                f"{CLASS_LABELS[r.klass]} · 第 {r.place} 名 · {plain(r.score)} 分",
            )
            for r in proposed
        ],
    )


def on_cleared(ctx: Context, fact: NoticeCleared) -> None:
    """The notice ran out without an open objection: the list may be decided."""
    if fact.subject_kind == SUBJECT:
        call = calls.get(ctx, fact.subject_id, lock=True)
        CALL.move(call, "clear")
        ctx.session.flush()
        audit.record(ctx, "call.cleared", call, notice_id=fact.notice_id)


def on_objection(ctx: Context, fact: ObjectionUpheld) -> None:
    """An objection holds: against one entry, that applicant is out; against the whole, the review is open again."""
    if fact.subject_kind != SUBJECT:
        return
    if fact.item_id is None:
        _back_to_review(ctx, fact.subject_id)
        return
    for application in applications.of_call(ctx, fact.subject_id, [ApplicationState.PROPOSED], lock=True):
        if application.id == fact.item_id:
            APPLICATION.move(application, "pass_over")
            application.note = fact.reason
            audit.record(ctx, "application.struck", application, objection_id=fact.objection_id)
            notices.tell(
                ctx,
                organisation_id=application.applicant_organisation_id,
                text=Text(N_("对贵单位的公示异议成立，不再列为拟入选：{reason}"), {"reason": fact.reason}),
                url=f"/applications/{application.id}",
            )


def on_withdrawn(ctx: Context, fact: NoticeWithdrawn) -> None:
    """The notice was taken back: the review is open again."""
    if fact.subject_kind == SUBJECT:
        _back_to_review(ctx, fact.subject_id)


def _back_to_review(ctx: Context, call_id: uuid.UUID) -> None:
    call = calls.get(ctx, call_id, lock=True)
    if call.state not in (CallState.IN_PUBLICITY, CallState.CLEARED):
        return
    CALL.move(call, "reopen_review")
    for application in applications.of_call(ctx, call.id, [ApplicationState.PROPOSED], lock=True):
        APPLICATION.move(application, "unpropose")
    ctx.session.flush()
    audit.record(ctx, "review.reopened", call)


def exclude(ctx: Context, application_id: uuid.UUID, reason: str) -> Application:
    """Take a scored application out of the ranking, with the reason: falsification found after the check (六(二))."""
    application = applications.get(ctx, application_id, lock=True)
    ctx.require(permissions.REVIEW, application)
    call = _in_review(ctx, application.call_id)
    if not reason.strip():
        raise Refusal("review.reason_missing", N_("请写明判断理由。"), clause=call.clause, field="reason")
    APPLICATION.move(application, "pass_over")
    application.note = reason.strip()
    ctx.session.flush()
    audit.record(ctx, "application.excluded", application)
    notices.tell(
        ctx,
        organisation_id=application.applicant_organisation_id,
        text=Text(N_("“{title}”：贵单位的申报不再列入评审：{reason}"), {"title": call.title, "reason": reason.strip()}),
        url=f"/applications/{application.id}",
    )
    return application


def decide(ctx: Context, call_id: uuid.UUID) -> Call:
    """Make the proposed list final after its public notice; never by who proposed it (`decision.same_person`)."""
    call = calls.get(ctx, call_id, lock=True)
    ctx.require(permissions.DECIDE, call)
    ranked = queries.ranking(ctx, call.id)
    if ctx.actor is not None and ctx.actor.person_id in {row.made_by for row, _ in ranked}:
        raise Refusal(
            "decision.same_person", N_("提出名单的经办人不能同时决定名单，请由其他人员办理。"), clause=call.clause
        )
    CALL.move(call, "decide")
    chosen = applications.of_call(ctx, call.id, [ApplicationState.PROPOSED], lock=True)
    others = applications.of_call(ctx, call.id, [ApplicationState.SCORED], lock=True)
    for application in chosen:
        APPLICATION.move(application, "select")
    for application in others:
        APPLICATION.move(application, "pass_over")
        notices.tell(
            ctx,
            organisation_id=application.applicant_organisation_id,
            text=Text(N_("“{title}”已公布结果，贵单位本次未入选。"), {"title": call.title}),
            url=f"/applications/{application.id}",
        )
    ctx.session.flush()
    audit.record(ctx, "review.decided", call, selected=[a.id for a in chosen])
    ctx.announce(SelectionDecided(call.id, call.city, tuple(a.id for a in chosen)))
    return call


def _in_review(ctx: Context, call_id: uuid.UUID) -> Call:
    call = calls.get(ctx, call_id, lock=True)
    ctx.require(permissions.REVIEW, call)
    if call.state is not CallState.REVIEWING:
        raise Refusal("review.not_open", N_("该遴选不在评审阶段。"), clause=call.clause)
    return call
