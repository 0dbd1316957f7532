"""The verbs of a request: submit, correct, withdraw, review. The city's yes issues the voucher in the same act."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from types import SimpleNamespace

from marketplace.base.context import Context
from marketplace.base.errors import NotFound, Refusal
from marketplace.base.ids import random_number
from marketplace.base.permissions import Scope
from marketplace.base.text import N_
from marketplace.base.workdays import add_workdays
from marketplace.pilots.programmes import queries as pilots
from marketplace.record.audit import actions as audit
from marketplace.record.documents import actions as documents
from vouchers.requests import permissions, queries, rules
from vouchers.requests.events import VoucherRequested, VoucherRequestReviewed
from vouchers.requests.models import VoucherRequest, VoucherRequestReview
from vouchers.requests.rules import Wish
from vouchers.requests.states import DESKS, REQUEST, VERBS, Desk, RequestState, Verdict
from vouchers.schemes import queries as schemes
from vouchers.schemes import rules as terms
from vouchers.schemes.models import SchemeVersion
from vouchers.wallets import issuing

_MAY = {Desk.PILOT: permissions.REVIEW_PILOT, Desk.CITY: permissions.REVIEW_CITY}


def submit(
    ctx: Context, version_id: uuid.UUID, *, wish: Wish, promised: bool, document_id: uuid.UUID | None = None
) -> VoucherRequest:
    """An enterprise asks for a voucher under a published scheme version.

    It is confirmed, on the pilot's list (二(一)) and not banned; the face is within what the terms would pay on what it
    means to spend; it promises that all is true. One request for a scheme at a time.
    """
    version = schemes.offered(ctx, version_id)
    enterprise_id = ctx.who.organisation_id
    if enterprise_id is None:
        raise NotFound("organisation")
    ctx.require(permissions.SUBMIT, Scope.of(enterprise_id))
    _check(ctx, version, enterprise_id, wish, promised)
    if queries.open_of(ctx, enterprise_id, version.scheme_id) is not None:
        raise Refusal(
            "voucher_request.under_way",
            N_("您在这个方案下已有一份申领正在办理，请等它办结，或先撤回。"),
            field="wanted",
        )
    made = VoucherRequest(
        number="A" + random_number(9),
        enterprise_id=enterprise_id,
        scheme_id=version.scheme_id,
        pilot_id=version.pilot_id,
        city=version.city,
        round=0,
        state=RequestState.SUBMITTED,
    )
    _fill(ctx, made, version, wish, document_id)
    ctx.add(made)
    ctx.session.flush()
    audit.record(ctx, "voucher_request.submitted", made, wanted_fen=wish.wanted_fen, planned_fen=wish.planned_fen)
    ctx.announce(VoucherRequested(made.id))
    return made


def correct(
    ctx: Context, request_id: uuid.UUID, *, wish: Wish, promised: bool, document_id: uuid.UUID | None = None
) -> VoucherRequest:
    """The enterprise corrects what was sent back, under the terms that are open now; without a new paper the old one
    stays."""
    made = queries.get(ctx, request_id, lock=True)
    ctx.require(permissions.SUBMIT, made)
    REQUEST.move(SimpleNamespace(state=made.state), "correct")
    version = _open_terms(ctx, made)
    _check(ctx, version, made.enterprise_id, wish, promised)
    REQUEST.move(made, "correct")
    _fill(ctx, made, version, wish, document_id or made.document_id)
    ctx.session.flush()
    audit.record(
        ctx,
        "voucher_request.corrected",
        made,
        round=made.round,
        wanted_fen=wish.wanted_fen,
        planned_fen=wish.planned_fen,
    )
    ctx.announce(VoucherRequested(made.id))
    return made


def _open_terms(ctx: Context, request: VoucherRequest) -> SchemeVersion:
    version = schemes.published(ctx, request.scheme_id)
    if version is None:
        raise Refusal("scheme.not_open", N_("该方案版本未发布或已停止发券。"), field="wanted")
    return version


def _check(ctx: Context, version: SchemeVersion, enterprise_id: uuid.UUID, wish: Wish, promised: bool) -> None:
    pilots.require_running(ctx, version.pilot_id)
    issuing.check_open(version, ctx.today)
    issuing.require_eligible(ctx, version, enterprise_id)
    rules.check_wish(version, wish, promised=promised)
    _check_face(version, wish.wanted_fen, "wanted")


def _fill(
    ctx: Context, made: VoucherRequest, version: SchemeVersion, wish: Wish, document_id: uuid.UUID | None
) -> None:
    """The next round of a request, on the pilot office's desk from today."""
    if document_id is not None and document_id != made.document_id:
        document = documents.get(ctx, document_id)
        documents.open_to(ctx, document, pilot_id=version.pilot_id, city=version.city)
        document_id = document.id
    made.version_id, made.document_id = version.id, document_id
    made.wanted_fen, made.planned_fen, made.purpose = wish.wanted_fen, wish.planned_fen, wish.purpose.strip()
    made.round += 1
    made.promised_at = made.submitted_at = ctx.now
    made.submitted_by = ctx.who.person_id
    made.due_on = add_workdays(ctx.today, rules.DAYS).day


def withdraw(ctx: Context, request_id: uuid.UUID) -> VoucherRequest:
    """The enterprise takes back a request that nobody decided in the end."""
    made = queries.get(ctx, request_id, lock=True)
    ctx.require(permissions.SUBMIT, made)
    REQUEST.move(made, "withdraw")
    made.due_on = None
    ctx.session.flush()
    audit.record(ctx, "voucher_request.withdrawn", made)
    return made


def review(
    ctx: Context,
    request_id: uuid.UUID,
    *,
    verdict: Verdict,
    agreed_fen: int | None = None,
    reason: str = "",
    notes: Mapping[str, str] | None = None,
) -> VoucherRequest:
    """An office decides about a request on its desk: first the pilot office's opinion, then the city's decision.

    `agreed_fen` is the face agreed to: what was asked for, or what the first office agreed to, where it is not given.
    The city's yes issues the voucher at once under all rules of issuing; where the engine warns, `reason` answers it.
    A no has its reason; sending back has a note to at least one field. One person decides on one desk only.
    """
    made = queries.get(ctx, request_id, lock=True)
    desk = DESKS.get(made.state)
    if desk is None:
        REQUEST.move(SimpleNamespace(state=made.state), "review")
    assert desk is not None
    ctx.require(_MAY[desk], made)
    kept = rules.check_verdict(verdict, reason, notes or {})
    first = queries.first_of(ctx, made)
    if made.submitted_by == ctx.who.person_id:
        raise Refusal("voucher_request.same_person", N_("申领与审核不能是同一人。"), clause="四(二)")
    if first is not None and first.person_id == ctx.who.person_id:
        raise Refusal("voucher_request.same_person", N_("初审与复审不能是同一人。"), clause="四(二)")
    agreed = _agreed(ctx, made, first, agreed_fen, reason) if verdict is Verdict.APPROVED else None
    due = made.due_on
    if agreed is None:
        REQUEST.move(made, VERBS[desk, verdict])
        made.due_on = None
    elif desk is Desk.PILOT:
        issuing.require_eligible(ctx, schemes.version(ctx, made.version_id), made.enterprise_id)
        REQUEST.move(made, "review")
        made.due_on = add_workdays(ctx.today, rules.DAYS).day
    else:
        _grant(ctx, made, agreed, reason)
    ctx.add(
        VoucherRequestReview(
            request_id=made.id,
            round=made.round,
            desk=desk,
            verdict=verdict,
            agreed_fen=agreed,
            reason=reason.strip(),
            notes=kept,
            person_id=ctx.who.person_id,
            due_on=due,
        )
    )
    ctx.session.flush()
    audit.record(
        ctx, "voucher_request.reviewed", made, desk=desk.value, verdict=verdict.value, agreed_fen=agreed, reason=reason
    )
    ctx.announce(VoucherRequestReviewed(made.id, desk, verdict, agreed, reason.strip()))
    return made


def _check_face(version: SchemeVersion, face_fen: int, field: str) -> None:
    terms.check_face(face_fen, cap_voucher_fen=version.cap_voucher_fen, faces_fen=version.faces_fen, field=field)


def _agreed(
    ctx: Context, made: VoucherRequest, first: VoucherRequestReview | None, agreed_fen: int | None, reason: str
) -> int:
    """The face agreed to, in fen."""
    before = first.agreed_fen if first is not None and first.agreed_fen is not None else made.wanted_fen
    agreed = before if agreed_fen is None else agreed_fen
    rules.check_agreed(agreed, made.wanted_fen, before, reason)
    _check_face(schemes.version(ctx, made.version_id), agreed, "agreed")
    return agreed


def _grant(ctx: Context, made: VoucherRequest, agreed_fen: int, reason: str) -> None:
    issued = issuing.grant(
        ctx,
        made.version_id,
        enterprise_id=made.enterprise_id,
        face_fen=agreed_fen,
        key=f"voucher-request:{made.id}",
        reason=reason,
    )
    REQUEST.move(made, "grant")
    made.granted_fen, made.voucher_id, made.due_on = agreed_fen, issued.commitment_ids[0], None
