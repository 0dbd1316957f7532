"""Publishing an intended decision, objecting to it, ruling on objections, and ending the notice."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from sqlalchemy import update

from marketplace.base.context import Context
from marketplace.base.errors import Invalid, Refusal
from marketplace.base.ids import random_number
from marketplace.base.permissions import Scope
from marketplace.base.roles import Role
from marketplace.base.text import N_, Text
from marketplace.base.workdays import add_workdays
from marketplace.people.accounts import throttle
from marketplace.procedure.publicity import permissions, queries, rules
from marketplace.procedure.publicity.events import NoticeCleared, NoticePublished, NoticeWithdrawn, ObjectionUpheld
from marketplace.procedure.publicity.models import NoticeItem, Objection, PublicNotice
from marketplace.procedure.publicity.states import NOTICE, OBJECTION, RUNNING, NoticeState, ObjectionState
from marketplace.record.audit import actions as audit
from marketplace.record.documents import actions as documents
from marketplace.record.notices import actions as notices


@dataclass(frozen=True)
class Attachment:
    """A file handed in with an objection."""

    data: bytes | BinaryIO
    filename: str


def publish(
    ctx: Context,
    *,
    subject_kind: str,
    subject_id: uuid.UUID,
    city: str,
    title: str,
    body: str,
    working_days: int,
    items: Sequence[tuple[uuid.UUID, str, str]] = (),
    clause: str | None = None,
    ruling_days: int = rules.RULING_DAYS,
) -> PublicNotice:
    """Publish an intended decision today, for a number of working days after today.

    `items` are (id, title, detail) of what the notice lists; an objection may name one. The last day is fixed here and
    never moves; it is provisional (暂定) when it was counted through a year without published holidays. Refuses a
    second notice of the same subject while one runs (`notice.running`).
    """
    ctx.require(permissions.PUBLISH, Scope.of(city=city))
    if working_days < 1 or ruling_days < 1:
        raise Invalid({"working_days": [N_("公示期至少 1 个工作日。")]})
    if queries.running(ctx, subject_kind, subject_id) is not None:
        raise Refusal("notice.running", N_("该事项正在公示，不能重复公示。"), clause=clause)
    last = add_workdays(ctx.today, working_days)
    notice = ctx.add(
        PublicNotice(
            subject_kind=subject_kind,
            subject_id=subject_id,
            city=city,
            title=title,
            body=body,
            clause=clause,
            starts_on=ctx.today,
            working_days=working_days,
            ends_on=last.day,
            provisional=last.provisional,
            ruling_days=ruling_days,
            state=NoticeState.OPEN,
            published_by=ctx.actor.person_id if ctx.actor else None,
        )
    )
    ctx.session.flush()
    for position, (item_id, item_title, detail) in enumerate(items, start=1):
        ctx.session.add(
            NoticeItem(notice_id=notice.id, item_id=item_id, position=position, title=item_title, detail=detail)
        )
    ctx.session.flush()
    audit.record(ctx, "notice.published", notice, subject=subject_id, ends_on=last.day, items=len(items))
    ctx.announce(NoticePublished(notice.id, subject_kind, subject_id))
    return notice


def object(
    ctx: Context,
    notice_id: uuid.UUID,
    *,
    name: str,
    contact: str,
    text: str,
    item_id: uuid.UUID | None = None,
    attachment: Attachment | None = None,
    address: str = "",
) -> Objection:
    """Anybody objects to a notice while it runs, by real name; signing in is not needed.

    `address` is the network address it came from, to slow machines down. The objection carries a receipt number, with
    which the answer can be read. Refuses after the last day (`notice.over`).
    """
    notice = queries.lock(ctx, notice_id)
    if address:
        throttle.count(ctx, "objection", throttle.network(address), rules.FROM_ONE_ADDRESS)
    name, contact, text = rules.check_objection(name, contact, text)
    if notice.state not in RUNNING or ctx.today > notice.ends_on:
        raise Refusal(
            "notice.over", N_("公示期至 {day} 已结束，不再受理异议。"), clause=notice.clause, day=notice.ends_on
        )
    if item_id is not None and item_id not in {i.item_id for i in queries.items(ctx, notice.id)}:
        raise Refusal("notice.item_unknown", N_("公示名单中没有该对象。"), clause=notice.clause, field="item_id")
    document = attachment and documents.store(
        ctx, attachment.data, attachment.filename, "objection", personal=True, city=notice.city
    )
    NOTICE.move(notice, "object")
    objection = ctx.add(
        Objection(
            notice_id=notice.id,
            city=notice.city,
            receipt=random_number(),
            item_id=item_id,
            name=name,
            contact=contact,
            text=text,
            document_id=document.id if document else None,
            due_on=add_workdays(ctx.today, notice.ruling_days).day,
            state=ObjectionState.OPEN,
        )
    )
    ctx.session.flush()
    audit.record(ctx, "objection.filed", objection, notice_id=notice.id, item_id=item_id, due_on=objection.due_on)
    notices.tell(
        ctx,
        role=Role.PROVINCE if notice.city.endswith("0000") else Role.CITY,
        region=notice.city,
        text=Text(N_("公示“{title}”收到异议，请在 {due} 前答复。"), {"title": notice.title, "due": objection.due_on}),
        url=f"/publicity/{notice.id}",
    )
    return objection


def reveal(ctx: Context, objection_id: uuid.UUID, reason: str) -> Objection:
    """Show an objector's name and contact to an officer who says why; the look is written down."""
    objection = queries.objection(ctx, objection_id)
    if not reason.strip():
        raise Refusal("look.reason_missing", N_("请写明查看个人信息的事由。"), field="reason")
    audit.look(ctx, "objection", objection.id, reason.strip())
    return objection


def rule(ctx: Context, objection_id: uuid.UUID, upheld: bool, reason: str) -> Objection:
    """Decide an objection with a reasoned answer, which is public.

    Never by the person who published the notice (`objection.own_notice`). Dismissed, the notice goes on once no other
    objection is open. Upheld against one entry, that entry is struck and the rest goes on; upheld against the whole,
    the notice stops. `ObjectionUpheld` lets the chapter of the subject draw its consequence.
    """
    objection = queries.objection(ctx, objection_id, lock=True)
    ctx.require(permissions.RULE, objection)
    notice = queries.lock(ctx, objection.notice_id)
    if ctx.actor is not None and ctx.actor.person_id == notice.published_by:
        raise Refusal(
            "objection.own_notice",
            N_("发布公示的经办人不能答复对该公示的异议，请由其他人员办理。"),
            clause=notice.clause,
        )
    if not reason.strip():
        raise Refusal("objection.reason_missing", N_("请写明答复意见和理由。"), clause=notice.clause, field="reason")
    OBJECTION.move(objection, "uphold" if upheld else "dismiss")
    objection.ruling = reason.strip()
    objection.ruled_by = ctx.actor.person_id if ctx.actor else None
    objection.ruled_at = ctx.now
    ctx.session.flush()
    audit.record(ctx, "objection.ruled", objection, upheld=upheld, item_id=objection.item_id)
    if upheld:
        _uphold(ctx, notice, objection)
    if notice.state is NoticeState.OBJECTED and queries.open_objections(ctx, notice.id) == 0:
        NOTICE.move(notice, "resume")
    return objection


def _uphold(ctx: Context, notice: PublicNotice, objection: Objection) -> None:
    """Draw the consequence in the notice itself, then tell the chapter of its subject."""
    assert objection.ruling is not None
    if objection.item_id is not None:
        ctx.session.execute(
            update(NoticeItem)
            .where(
                NoticeItem.notice_id == notice.id,
                NoticeItem.item_id == objection.item_id,
                NoticeItem.struck_reason.is_(None),
            )
            .values(struck_reason=objection.ruling)
        )
    elif notice.state in RUNNING:
        NOTICE.move(notice, "stop")
        notice.ended_at, notice.ended_reason = ctx.now, objection.ruling
        ctx.session.flush()
        audit.record(ctx, "notice.stopped", notice, objection_id=objection.id)
    ctx.announce(
        ObjectionUpheld(
            objection.id, notice.id, notice.subject_kind, notice.subject_id, objection.item_id, objection.ruling
        )
    )


def clear(ctx: Context, notice_id: uuid.UUID) -> PublicNotice:
    """State that the period is over without an open objection, so that the subject may be decided.

    Refuses up to and on the last day (`notice.running`) and while an objection is open (`notice.objected`).
    """
    notice = queries.lock(ctx, notice_id)
    ctx.require(permissions.PUBLISH, notice)
    if ctx.today <= notice.ends_on:
        raise Refusal(
            "notice.running", N_("公示期至 {day}，期满前不能办理。"), clause=notice.clause, day=notice.ends_on
        )
    waiting = queries.open_objections(ctx, notice.id)
    if waiting:
        raise Refusal(
            "notice.objected", N_("还有 {count} 件异议没有答复，不能结束公示。"), clause=notice.clause, count=waiting
        )
    NOTICE.move(notice, "clear")
    notice.ended_at = ctx.now
    ctx.session.flush()
    audit.record(ctx, "notice.cleared", notice)
    ctx.announce(NoticeCleared(notice.id, notice.subject_kind, notice.subject_id))
    return notice


def withdraw(ctx: Context, notice_id: uuid.UUID, reason: str) -> PublicNotice:
    """Take a running notice back, with the reason; the subject is open again."""
    notice = queries.lock(ctx, notice_id)
    ctx.require(permissions.PUBLISH, notice)
    if not reason.strip():
        raise Refusal("notice.reason_missing", N_("请写明撤回理由。"), clause=notice.clause, field="reason")
    NOTICE.move(notice, "withdraw")
    notice.ended_at, notice.ended_reason = ctx.now, reason.strip()
    ctx.session.flush()
    audit.record(ctx, "notice.withdrawn", notice)
    ctx.announce(NoticeWithdrawn(notice.id, notice.subject_kind, notice.subject_id))
    return notice
