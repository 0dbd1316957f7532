"""Reading orders: both parties, the pilot office, the city, finance, the province and auditors, each its own."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, func, or_, select

from marketplace.base import paging, permissions
from marketplace.base.clock import midnight
from marketplace.base.context import Context
from marketplace.base.errors import NotFound, Refusal
from marketplace.people.organisations.models import Organisation
from marketplace.pilots.members.models import Member
from marketplace.pilots.members.states import MemberState
from marketplace.pilots.programmes.models import Pilot
from marketplace.pilots.programmes.states import PilotState
from marketplace.policy.sanctions import queries as sanctions
from marketplace.policy.sanctions.states import Subject
from marketplace.shop.catalogue import queries as catalogue
from marketplace.shop.catalogue.models import Listing
from marketplace.shop.catalogue.queries import Offer
from marketplace.shop.orders import permissions as verbs
from marketplace.shop.orders.models import Consent, Contract, ContractLine, Delivery, Milestone, Order, OrderLine
from marketplace.shop.orders.states import OrderState
from marketplace.shop.roster import queries as roster

NEWEST = (paging.Key(Order.created_at, True), paging.Key(Order.id, True))
OLDEST = (paging.Key(Order.created_at), paging.Key(Order.id))


@dataclass(frozen=True)
class Filed:
    """A contract with its lines."""

    contract: Contract
    lines: Sequence[ContractLine]


def visible(ctx: Context) -> Select[Order]:
    """Orders this person may see."""
    return permissions.visible(
        ctx,
        verbs.READ,
        select(Order),
        own=[Order.enterprise_id, Order.provider_id],
        pilot=Order.pilot_id,
        city=Order.city,
    )


def get(ctx: Context, order_id: uuid.UUID) -> Order:
    """One order, or NotFound."""
    row = ctx.session.scalars(visible(ctx).where(Order.id == order_id)).one_or_none()
    if row is None:
        raise NotFound("order")
    return row


def lock(ctx: Context, order_id: uuid.UUID) -> Order:
    """One order, locked for an act, with its present state."""
    statement = visible(ctx).where(Order.id == order_id).with_for_update().execution_options(populate_existing=True)
    row = ctx.session.scalars(statement).one_or_none()
    if row is None:
        raise NotFound("order")
    return row


def listed(
    ctx: Context,
    *,
    state: OrderState | None = None,
    pilot_id: uuid.UUID | None = None,
    city: str | None = None,
    number: str = "",
    words: str = "",
    since: date | None = None,
    until: date | None = None,
    order: Sequence[paging.Key] = NEWEST,
    limit: int = 50,
    cursor: str | None = None,
) -> paging.Page[Order]:
    """A page of orders, newest first; `number` is a whole order number, the days are those on which it was placed."""
    wanted = [(Order.state, state), (Order.pilot_id, pilot_id), (Order.city, city)]
    statement = visible(ctx).where(*(column == value for column, value in wanted if value is not None))
    if number:
        statement = statement.where(Order.number == number.strip().upper())
    if since is not None:
        statement = statement.where(Order.created_at >= midnight(since))
    if until is not None:
        statement = statement.where(Order.created_at < midnight(until + timedelta(days=1)))
    return paging.fetch(ctx.session, named(statement, words), order, limit=limit, cursor=cursor)


def named(statement: Select[Any], words: str) -> Select[Any]:
    """Of a statement over orders, those with this number, or with these words in the product's or a party's name."""
    if not words:
        return statement
    parties = select(Organisation.id).where(Organisation.name.contains(words, autoescape=True))
    return statement.where(
        or_(
            Order.number == words.upper(),
            Order.title.contains(words, autoescape=True),
            Order.enterprise_id.in_(parties),
            Order.provider_id.in_(parties),
        )
    )


def lines(ctx: Context, order_id: uuid.UUID) -> Sequence[OrderLine]:
    """The packages of an order."""
    return ctx.session.scalars(select(OrderLine).where(OrderLine.order_id == order_id).order_by(OrderLine.id)).all()


def counts(ctx: Context, own: Any) -> dict[OrderState, int]:
    """How many orders stand where, for one side: `own` is the column of its organisation, or None for officers."""
    statement = visible(ctx).with_only_columns(Order.state, func.count()).group_by(Order.state)
    if own is not None:
        statement = statement.where(own == ctx.who.organisation_id)
    return {state: number for state, number in ctx.session.execute(statement)}


def places_to_order(ctx: Context, enterprise_id: uuid.UUID, offer: Offer) -> dict[uuid.UUID, str]:
    """Running pilots of the offer's city in which an enterprise is a confirmed member, by id with their names."""
    rows = ctx.session.execute(
        select(Pilot.id, Pilot.name)
        .join(Member, Member.pilot_id == Pilot.id)
        .where(
            Member.enterprise_id == enterprise_id,
            Member.state == MemberState.CONFIRMED,
            Pilot.state == PilotState.APPROVED,
            Pilot.city == offer.listing.city,
        )
        .order_by(Pilot.name)
    )
    return {pilot_id: name for pilot_id, name in rows}


def able(ctx: Context, order: Order) -> bool:
    """Whether an order's provider may take something new in the city (二(四)): listed, not suspended, not banned."""
    try:
        roster.require_active(ctx, order.provider_id, order.city)
    except Refusal:
        return False
    return not sanctions.active_among(ctx, Subject.ORGANISATION, [order.provider_id], ctx.today)


REPLACEMENTS = 50
"""Products of other providers that are offered in place of an order's."""


def replacements(ctx: Context, order: Order) -> Sequence[Listing]:
    """Listed products of other providers in an order's city, cheapest first."""
    wanted = catalogue.found(city=order.city).where(Listing.provider_id != order.provider_id)
    return paging.fetch(ctx.session, wanted, catalogue.CHEAPEST, limit=REPLACEMENTS).items


def contract(ctx: Context, order_id: uuid.UUID) -> Filed | None:
    """The filed contract of an order, with its lines in order."""
    row = ctx.session.scalars(select(Contract).where(Contract.order_id == order_id)).one_or_none()
    if row is None:
        return None
    found = ctx.session.scalars(
        select(ContractLine).where(ContractLine.contract_id == row.id).order_by(ContractLine.position)
    ).all()
    return Filed(row, found)


def milestones(ctx: Context, order_id: uuid.UUID) -> Sequence[Milestone]:
    """The stages that an order's contract agreed, in order; none where it is delivered at once."""
    return ctx.session.scalars(
        select(Milestone).where(Milestone.order_id == order_id).order_by(Milestone.position)
    ).all()


def last_redeemed_fen(ctx: Context, order: Order) -> int:
    """What the newest confirmation of an order redeemed, fen: all of its subsidy, or the share of a milestone."""
    if order.parts == 1:
        return order.subsidy_fen if order.confirmed_at is not None else 0
    done = [row.subsidy_fen for row in milestones(ctx, order.id) if row.confirmed_at is not None]
    return done[-1] if done else 0


def deliveries(ctx: Context, order_id: uuid.UUID) -> Sequence[Delivery]:
    """What was handed over, oldest first."""
    return ctx.session.scalars(
        select(Delivery).where(Delivery.order_id == order_id).order_by(Delivery.created_at, Delivery.id)
    ).all()


def consents(ctx: Context, order_id: uuid.UUID) -> Sequence[Consent]:
    """What the enterprise said yes to, oldest first."""
    return ctx.session.scalars(
        select(Consent).where(Consent.order_id == order_id).order_by(Consent.created_at, Consent.id)
    ).all()
