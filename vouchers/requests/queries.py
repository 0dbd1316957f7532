"""Reading requests for vouchers."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select

from marketplace.base import paging, permissions
from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from vouchers.ledger.models.commitments import Commitment, Voucher
from vouchers.requests import permissions as verbs
from vouchers.requests.models import VoucherRequest, VoucherRequestReview
from vouchers.requests.states import DESKS, OPEN, Desk, RequestState

NEWEST = (paging.Key(VoucherRequest.created_at, True), paging.Key(VoucherRequest.id, True))
OLDEST = (paging.Key(VoucherRequest.created_at), paging.Key(VoucherRequest.id))


def visible(ctx: Context) -> Select[VoucherRequest]:
    """Requests this person may see."""
    return permissions.visible(
        ctx,
        verbs.READ,
        select(VoucherRequest),
        own=[VoucherRequest.enterprise_id],
        pilot=VoucherRequest.pilot_id,
        city=VoucherRequest.city,
    )


def get(ctx: Context, request_id: uuid.UUID, *, lock: bool = False) -> VoucherRequest:
    """One request, or NotFound; locked for an act where asked."""
    statement = visible(ctx).where(VoucherRequest.id == request_id).execution_options(populate_existing=True)
    row = ctx.session.scalars(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        raise NotFound("voucher_request")
    return row


def listed(
    ctx: Context,
    *,
    state: RequestState | None = None,
    pilot_id: uuid.UUID | None = None,
    city: str | None = None,
    words: str = "",
    overdue: bool = False,
    order: Sequence[paging.Key] = NEWEST,
    limit: int = 50,
    cursor: str | None = None,
) -> paging.Page[VoucherRequest]:
    """A page of requests within reach, newest first; `words` is a whole number of one."""
    wanted: list[tuple[Any, Any]] = [
        (VoucherRequest.state, state),
        (VoucherRequest.pilot_id, pilot_id),
        (VoucherRequest.city, city),
    ]
    statement = visible(ctx).where(*(column == value for column, value in wanted if value is not None))
    if words:
        statement = statement.where(VoucherRequest.number == words.strip().upper())
    if overdue:
        statement = statement.where(VoucherRequest.due_on < ctx.today)
    return paging.fetch(ctx.session, statement, order, limit=limit, cursor=cursor)


def reviews(ctx: Context, request_id: uuid.UUID) -> Sequence[VoucherRequestReview]:
    """The verdicts on a request, earliest first; the caller has authorised the request."""
    wanted = select(VoucherRequestReview).where(VoucherRequestReview.request_id == request_id)
    return ctx.session.scalars(wanted.order_by(VoucherRequestReview.created_at, VoucherRequestReview.id)).all()


def first_of(ctx: Context, request: VoucherRequest) -> VoucherRequestReview | None:
    """The pilot office's verdict on the present round of a request."""
    return ctx.session.scalars(
        select(VoucherRequestReview).where(
            VoucherRequestReview.request_id == request.id,
            VoucherRequestReview.round == request.round,
            VoucherRequestReview.desk == Desk.PILOT,
        )
    ).one_or_none()


def open_of(ctx: Context, enterprise_id: uuid.UUID, scheme_id: uuid.UUID) -> VoucherRequest | None:
    """The request of an enterprise for a scheme that is still under way; the caller acts for the enterprise."""
    return ctx.session.scalars(
        select(VoucherRequest).where(
            VoucherRequest.enterprise_id == enterprise_id,
            VoucherRequest.scheme_id == scheme_id,
            VoucherRequest.state.in_(OPEN),
        )
    ).one_or_none()


def waiting(ctx: Context, state: RequestState) -> int:
    """How many requests within reach are in a state."""
    inner = visible(ctx).where(VoucherRequest.state == state).subquery()
    return ctx.session.scalar(select(func.count()).select_from(inner)) or 0


def desk_of(request: VoucherRequest) -> Desk | None:
    """On whose desk a request lies."""
    return DESKS.get(request.state)


def held(ctx: Context, request: VoucherRequest) -> tuple[int, int]:
    """How many vouchers the enterprise has in the request's pilot, and their faces together in fen; the caller has
    authorised the request."""
    found = ctx.session.execute(
        select(func.count(), func.coalesce(func.sum(Commitment.face), 0))
        .select_from(Voucher)
        .join(Commitment, Commitment.id == Voucher.commitment_id)
        .where(Voucher.enterprise_id == request.enterprise_id, Voucher.pilot_id == request.pilot_id)
    ).one()
    return int(found[0]), int(found[1])
