"""From the experts' result over the public notice to the approval, and what may follow it (五(二), 五(三), 五(五))."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import select

from marketplace.base.context import Context
from marketplace.base.errors import Refusal
from marketplace.base.text import N_
from marketplace.people.regions import queries as regions
from marketplace.pilots.programmes import departments, permissions, queries, rules
from marketplace.pilots.programmes.events import PilotApproved, PilotClosed, PilotResumed, PilotSuspended
from marketplace.pilots.programmes.models import Pilot
from marketplace.pilots.programmes.states import PILOT, PilotState
from marketplace.policy.books.model import Book
from marketplace.policy.editions import queries as editions
from marketplace.policy.engine import acts
from marketplace.policy.engine.refusal import refuse
from marketplace.procedure.publicity import actions as publicity
from marketplace.procedure.publicity.events import NoticeCleared, NoticeWithdrawn, ObjectionUpheld
from marketplace.procedure.publicity.models import PublicNotice
from marketplace.record.audit import actions as audit

NOTICE_KIND = "pilot_shortlist"
"""Subject of the public notice: the batch whose shortlist it is."""


def _book(ctx: Context, pilot: Pilot) -> Book:
    return editions.book(ctx, pilot.edition_id)


def review(ctx: Context, pilot_id: uuid.UUID, *, passed: bool, note: str) -> Pilot:
    """Record what the experts found, with their opinion; the industry department leads the review (五(二))."""
    pilot = queries.get(ctx, pilot_id, lock=True)
    ctx.require(permissions.REVIEW, pilot)
    clause = rules.clause_of(_book(ctx, pilot), "expert_review")
    departments.require_industry(ctx, pilot.programme_id, clause)
    if not note.strip():
        raise Refusal("review.note_missing", N_("请写明专家意见。"), clause=clause, field="note")
    PILOT.move(pilot, "pass" if passed else "fail")
    pilot.reviewed_on = ctx.today
    pilot.review_note = note.strip()
    audit.record(ctx, "pilot.reviewed", pilot, passed=passed)
    return pilot


def publish_shortlist(
    ctx: Context, batch_id: uuid.UUID, pilot_ids: Collection[uuid.UUID] | None = None
) -> PublicNotice:
    """Publish the reviewed pilots of a batch, all or those named, for the programme's working days (五(三))."""
    batch = queries.batch(ctx, batch_id, lock=True)
    ctx.require(permissions.PUBLISH, batch)
    book = editions.book(ctx, batch.edition_id)
    clause = rules.clause_of(book, "publicity")
    departments.require_industry(ctx, batch.programme_id, clause)
    wanted = select(Pilot).where(Pilot.batch_id == batch.id, Pilot.state == PilotState.REVIEWED).with_for_update()
    pilots = [
        pilot
        for pilot in ctx.session.scalars(wanted.order_by(Pilot.type, Pilot.region))
        if pilot_ids is None or pilot.id in pilot_ids
    ]
    if not pilots:
        raise Refusal("shortlist.empty", N_("没有评审通过、可以公示的试点。"), clause=clause)
    programme = queries.programme(ctx, batch.programme_id)
    names = regions.names(ctx, {pilot.city for pilot in pilots})
    notice = publicity.publish(
        ctx,
        subject_kind=NOTICE_KIND,
        subject_id=batch.id,
        city=batch.region,
        title=f"{programme.name}{batch.name}入围名单公示",
        body=book.steps["publicity"].text_zh if "publicity" in book.steps else "",
        clause=clause,
        working_days=programme.publicity_days,
        items=[
            (pilot.id, pilot.name, f"{names[pilot.city].name} · {book.types[pilot.type].name_zh} · {pilot.focus}")
            for pilot in pilots
        ],
    )
    for pilot in pilots:
        PILOT.move(pilot, "publish")
        pilot.notice_id = notice.id
        audit.record(ctx, "pilot.published", pilot, notice_id=notice.id)
    return notice


def on_cleared(ctx: Context, fact: NoticeCleared) -> None:
    """The notice ran out without an objection that holds: its pilots may be approved."""
    if fact.subject_kind != NOTICE_KIND:
        return
    for pilot in _published(ctx, fact.notice_id):
        PILOT.move(pilot, "clear")
        pilot.cleared_on = ctx.today
        audit.record(ctx, "pilot.cleared", pilot, notice_id=fact.notice_id)


def on_objection(ctx: Context, fact: ObjectionUpheld) -> None:
    """An objection holds: against one entry, that pilot is out; against the whole, the shortlist is reviewed again."""
    if fact.subject_kind != NOTICE_KIND:
        return
    for pilot in _published(ctx, fact.notice_id):
        if fact.item_id is None:
            _back(ctx, pilot)
        elif fact.item_id == pilot.id:
            PILOT.move(pilot, "decline")
            pilot.state_reason = fact.reason
            audit.record(ctx, "pilot.declined", pilot, objection_id=fact.objection_id)


def on_withdrawn(ctx: Context, fact: NoticeWithdrawn) -> None:
    """The notice was taken back: its pilots may be published again."""
    if fact.subject_kind == NOTICE_KIND:
        for pilot in _published(ctx, fact.notice_id):
            _back(ctx, pilot)


def _published(ctx: Context, notice_id: uuid.UUID) -> list[Pilot]:
    wanted = select(Pilot).where(Pilot.notice_id == notice_id, Pilot.state == PilotState.IN_PUBLICITY)
    return list(ctx.session.scalars(wanted.with_for_update()))


def _back(ctx: Context, pilot: Pilot) -> None:
    PILOT.move(pilot, "unpublish")
    pilot.notice_id = None
    audit.record(ctx, "pilot.unpublished", pilot)


def approve(ctx: Context, pilot_id: uuid.UUID, award_fen: int, edition_id: uuid.UUID | None = None) -> Pilot:
    """Approve the plan and set the award, in fen, within the cap of the class (四(一), 五(三)).

    `edition_id` pins a later edition of the same book; without it the pilot keeps that of its batch.
    """
    pilot = queries.get(ctx, pilot_id, lock=True)
    ctx.require(permissions.APPROVE, pilot)
    if edition_id is not None and edition_id != pilot.edition_id:
        if editions.get(ctx, edition_id).code != editions.get(ctx, pilot.edition_id).code:
            raise Refusal("pilot.other_book", N_("须沿用本批次的政策规则。"), field="edition_id")
        pilot.edition_id = edition_id
    book = _book(ctx, pilot)
    departments.require_industry(ctx, pilot.programme_id, rules.clause_of(book, "approval"))
    entry = rules.class_of(book, pilot.type, pilot.klass)
    if award_fen <= 0:
        raise Refusal("award.not_positive", N_("奖补资金应大于零。"), clause=entry.clause, field="award")
    refuse(acts.award(book, pilot.type, pilot.klass, award_fen), field="award")
    PILOT.move(pilot, "approve")
    pilot.award_fen = award_fen
    pilot.approved_on = ctx.today
    pilot.approved_by = departments.person(ctx)
    ctx.session.flush()
    audit.record(ctx, "pilot.approved", pilot, award_fen=award_fen, edition_id=pilot.edition_id)
    ctx.announce(PilotApproved(pilot.id, pilot.city, pilot.edition_id, award_fen, ctx.today))
    return pilot


def decline(ctx: Context, pilot_id: uuid.UUID, reason: str) -> Pilot:
    """Do not approve a pilot that was reviewed, with the reason."""
    pilot = _governed(ctx, pilot_id, permissions.APPROVE, "approval", reason)
    PILOT.move(pilot, "decline")
    pilot.state_reason = reason.strip()
    audit.record(ctx, "pilot.declined", pilot)
    return pilot


def suspend(ctx: Context, pilot_id: uuid.UUID, reason: str) -> Pilot:
    """Suspend a pilot after a poor evaluation (五(五)): nothing new is begun, what runs goes on."""
    pilot = _governed(ctx, pilot_id, permissions.GOVERN, "evaluation", reason)
    PILOT.move(pilot, "suspend")
    pilot.state_reason = reason.strip()
    audit.record(ctx, "pilot.suspended", pilot)
    ctx.announce(PilotSuspended(pilot.id, pilot.city, ctx.today))
    return pilot


def resume(ctx: Context, pilot_id: uuid.UUID, reason: str) -> Pilot:
    """Let a suspended pilot go on after its rectification."""
    pilot = _governed(ctx, pilot_id, permissions.GOVERN, "evaluation", reason)
    PILOT.move(pilot, "resume")
    pilot.state_reason = reason.strip()
    audit.record(ctx, "pilot.resumed", pilot)
    ctx.announce(PilotResumed(pilot.id, pilot.city, ctx.today))
    return pilot


def close(ctx: Context, pilot_id: uuid.UUID, reason: str) -> Pilot:
    """End a pilot, after its period or because its standing was taken away."""
    pilot = _governed(ctx, pilot_id, permissions.GOVERN, "evaluation", reason)
    PILOT.move(pilot, "close")
    pilot.state_reason = reason.strip()
    audit.record(ctx, "pilot.closed", pilot)
    ctx.announce(PilotClosed(pilot.id, pilot.city, ctx.today))
    return pilot


def _governed(ctx: Context, pilot_id: uuid.UUID, permission: permissions.Permission, step: str, reason: str) -> Pilot:
    pilot = queries.get(ctx, pilot_id, lock=True)
    ctx.require(permission, pilot)
    clause = rules.clause_of(_book(ctx, pilot), step)
    departments.require_industry(ctx, pilot.programme_id, clause)
    if not reason.strip():
        raise Refusal("pilot.reason_missing", N_("请写明理由。"), clause=clause, field="reason")
    return pilot
