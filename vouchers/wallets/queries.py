"""Reading vouchers: an enterprise its wallet, officers those of their pilot or city."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, Select, SQLColumnExpression, and_, false, func, not_, or_, select
from sqlalchemy.orm import aliased

from marketplace.base import ids, paging, permissions
from marketplace.base.clock import day_of, midnight
from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.people.organisations.models import Organisation
from marketplace.record.audit import queries as audit
from marketplace.shop.orders import queries as orders
from marketplace.shop.orders.models import Order
from vouchers.funds import queries as funds
from vouchers.funds.queries import LineState
from vouchers.ledger.models.commitments import Commitment, Entry, Hold, Redemption, Voucher
from vouchers.ledger.models.funds import BudgetLine
from vouchers.schemes.models import Scheme, SchemeVersion
from vouchers.wallets import permissions as verbs
from vouchers.wallets.states import BALANCES, REASONED, Standing

NEWEST = (paging.Key(Voucher.commitment_id, True),)
OLDEST = (paging.Key(Voucher.commitment_id),)
SOON = timedelta(days=30)
"""A voucher that ends within this is about to expire."""


@dataclass(frozen=True)
class Wallet:
    """A voucher with its balances, terms and holder: what its page and the API show. Amounts in fen."""

    voucher: Voucher
    balance: Commitment
    category: str
    version: SchemeVersion
    scheme: Scheme
    holder: str
    holder_uscc: str

    @property
    def id(self) -> uuid.UUID:
        return self.voucher.commitment_id

    @property
    def number(self) -> str:
        return ids.spoken(self.voucher.number)

    def usable(self, today: date) -> bool:
        """Whether a new order may take from it."""
        return self.state(today) is Standing.OPEN

    def state(self, today: date) -> Standing:
        """One word for the list; the same as `_standing` asks of the database."""
        balance, over = self.balance, self.balance.last_day < today
        if balance.frozen:
            return Standing.FROZEN
        if over and (balance.available or balance.recalled):
            return Standing.EXPIRED
        return Standing.OPEN if balance.available else Standing.USED

    @property
    def balances(self) -> Mapping[str, int]:
        """Where each fen of the face is; what was never recalled or clawed back is left out."""
        found = {name: int(getattr(self.balance, name)) for name in BALANCES}
        return {name: fen for name, fen in found.items() if fen or name not in ("recalled", "clawed")}


def _standing(state: Standing, today: date) -> SQLColumnExpression[bool]:
    over = and_(Commitment.last_day < today, or_(Commitment.available > 0, Commitment.recalled > 0))
    free = ~Commitment.frozen
    return {
        Standing.FROZEN: Commitment.frozen,
        Standing.EXPIRED: and_(free, over),
        Standing.OPEN: and_(free, Commitment.available > 0, Commitment.last_day >= today),
        Standing.USED: and_(free, Commitment.available == 0, not_(over)),
    }[state]


def _select(ctx: Context) -> Select[Voucher, Commitment, str, SchemeVersion, Scheme, str, str]:
    statement = (
        select(Voucher, Commitment, BudgetLine.category, SchemeVersion, Scheme, Organisation.name, Organisation.uscc)
        .join(Commitment, Commitment.id == Voucher.commitment_id)
        .join(BudgetLine, BudgetLine.id == Voucher.line_id)
        .join(SchemeVersion, SchemeVersion.id == Voucher.scheme_version_id)
        .join(Scheme, Scheme.id == SchemeVersion.scheme_id)
        .join(Organisation, Organisation.id == Voucher.enterprise_id)
        .execution_options(populate_existing=True)
    )
    return permissions.visible(
        ctx, verbs.READ, statement, own=[Voucher.enterprise_id], pilot=Voucher.pilot_id, city=Voucher.city
    )


def get(ctx: Context, voucher_id: uuid.UUID) -> Wallet:
    """One voucher, or NotFound."""
    row = ctx.session.execute(_select(ctx).where(Voucher.commitment_id == voucher_id)).one_or_none()
    if row is None:
        raise NotFound("voucher")
    return Wallet(*row)


def listed(
    ctx: Context,
    *,
    enterprise_id: uuid.UUID | None = None,
    state: Standing | None = None,
    words: str = "",
    pilot_id: uuid.UUID | None = None,
    city: str | None = None,
    ending: bool = False,
    since: date | None = None,
    until: date | None = None,
    order: Sequence[paging.Key] = NEWEST,
    limit: int = 50,
    cursor: str | None = None,
) -> paging.Page[Wallet]:
    """A page of vouchers, newest first; the days are those of issue, `ending` are those soon to expire with money."""
    wanted = [(Voucher.enterprise_id, enterprise_id), (Voucher.pilot_id, pilot_id), (Voucher.city, city)]
    statement = _named(_select(ctx), words).where(*(column == value for column, value in wanted if value is not None))
    if state is not None:
        statement = statement.where(_standing(state, ctx.today))
    if ending:
        statement = statement.where(Commitment.available > 0, Commitment.last_day.between(ctx.today, ctx.today + SOON))
    if since is not None:
        statement = statement.where(Voucher.issued_at >= midnight(since))
    if until is not None:
        statement = statement.where(Voucher.issued_at < midnight(until + timedelta(days=1)))
    page = paging.fetch(ctx.session, statement, order, limit=limit, cursor=cursor)
    return paging.Page([Wallet(*row) for row in page.items], page.next_cursor, page.cursor, page.limit)


def _named(statement: Select[*tuple[Any, ...]], words: str) -> Select[*tuple[Any, ...]]:
    """Those with this number or code, or with these words in the holder's or the scheme's name."""
    if not words:
        return statement
    number = ids.normal_number(words)
    return statement.where(
        or_(
            Voucher.number == number if number else false(),
            Organisation.uscc == words.upper(),
            Organisation.name.contains(words, autoescape=True),
            Scheme.name.contains(words, autoescape=True),
        )
    )


def usable(ctx: Context, *, category: str, pilot_id: uuid.UUID | None = None) -> list[Wallet]:
    """The acting enterprise's vouchers that a new order of the category may take from, first to expire first."""
    if ctx.actor is None or ctx.actor.organisation_id is None:
        return []
    statement = _select(ctx).where(
        Voucher.enterprise_id == ctx.actor.organisation_id,
        BudgetLine.category == category,
        Commitment.available > 0,
        ~Commitment.frozen,
        Commitment.last_day >= ctx.today,
    )
    if pilot_id is not None:
        statement = statement.where(Voucher.pilot_id == pilot_id)
    rows = ctx.session.execute(statement.order_by(Commitment.last_day, Commitment.id).limit(50))
    return [Wallet(*row) for row in rows]


def version_of(ctx: Context, voucher_id: uuid.UUID) -> SchemeVersion:
    """The terms a voucher was issued under; the caller has authorised the order or voucher."""
    return ctx.session.scalars(
        select(SchemeVersion)
        .join(Voucher, Voucher.scheme_version_id == SchemeVersion.id)
        .where(Voucher.commitment_id == voucher_id)
    ).one()


@dataclass(frozen=True)
class Move:
    """One movement of a voucher, the order behind it, and what was available afterwards (fen).

    `kind` is the entry's, but for a failed provider's hold that another one took over.
    """

    entry: Entry
    order: Order | None
    available: int
    kind: str


def story(ctx: Context, voucher_id: uuid.UUID) -> list[Move]:
    """Every movement of a voucher, oldest first; the caller has authorised the voucher."""
    entries = ctx.session.scalars(select(Entry).where(Entry.commitment_id == voucher_id).order_by(Entry.seq)).all()
    parts = select(Redemption.entry_id, Redemption.hold_id).where(Redemption.commitment_id == voucher_id)
    of_part = {entry_id: hold_id for entry_id, hold_id in ctx.session.execute(parts)}
    held = holds(ctx, voucher_id)
    of_hold = {hold.id: hold.order_id for hold in held}
    over: dict[tuple[str, uuid.UUID | None], str] = {}
    for hold in held:
        if hold.replaces is not None:
            over |= {("release", hold.replaces): "hand_over", ("reserve", hold.id): "take_over"}
    seen = {order.id: order for order in spent_on(ctx, voucher_id)}
    told, available = [], 0
    for entry in entries:
        available += entry.amount * ((entry.dst == "available") - (entry.src == "available"))
        hold_id = entry.hold_id or (of_part.get(entry.redemption_id) if entry.redemption_id else None)
        order_id = of_hold.get(hold_id) if hold_id else None
        kind = over.get((entry.kind, entry.hold_id), entry.kind)
        told.append(Move(entry, seen.get(order_id) if order_id else None, available, kind))
    return told


def spent_on(ctx: Context, voucher_id: uuid.UUID) -> Sequence[Order]:
    """The orders placed with a voucher that this person may see, newest first."""
    statement = orders.visible(ctx).where(Order.voucher_id == voucher_id)
    return ctx.session.scalars(statement.order_by(Order.created_at.desc(), Order.id.desc())).all()


def holds(ctx: Context, voucher_id: uuid.UUID) -> Sequence[Hold]:
    """What orders have set aside on a voucher."""
    return ctx.session.scalars(select(Hold).where(Hold.commitment_id == voucher_id).order_by(Hold.id)).all()


@dataclass(frozen=True)
class Handover:
    """What of a failed provider's order went over to another provider's, in fen, and why."""

    before: uuid.UUID
    after: uuid.UUID
    amount_fen: int
    from_number: str
    from_provider: str
    to_number: str
    to_provider: str
    reason: str


def handovers(ctx: Context, order: Order) -> list[Handover]:
    """What an order took over, and what was taken over from it; the caller has authorised the order."""
    old, new = aliased(Hold), aliased(Hold)
    before, after = aliased(Order), aliased(Order)
    left, taken = aliased(Organisation), aliased(Organisation)
    rows = ctx.session.execute(
        select(before.id, after.id, new.amount, before.number, left.name, after.number, taken.name, before.note)
        .select_from(new)
        .join(old, old.id == new.replaces)
        .join(before, before.id == old.order_id)
        .join(after, after.id == new.order_id)
        .join(left, left.id == before.provider_id)
        .join(taken, taken.id == after.provider_id)
        .where(or_(before.id == order.id, after.id == order.id))
        .order_by(new.id)
    )
    return [Handover(*row) for row in rows]


def lock_frozen(ctx: Context, voucher_id: uuid.UUID) -> bool:
    """Take a voucher's lock, and say whether it is frozen; the caller has authorised the order or voucher."""
    return bool(ctx.session.scalar(select(Commitment.frozen).where(Commitment.id == voucher_id).with_for_update()))


def freezers(ctx: Context, voucher_id: uuid.UUID) -> set[str]:
    """What froze a voucher since it was last free: ids of disputed orders, and "officer" for a freeze by hand.

    Told by the audit rows, which stand in the same transactions; an officer's thaw lifts everything before it.
    """
    found: set[str] = set()
    for row in audit.history(ctx, Voucher.__tablename__, voucher_id):
        who = row.facts.get("order_id", "officer")
        if row.verb == "voucher.frozen":
            found.add(who)
        elif row.verb in ("voucher.thawed", "voucher.kept_frozen"):
            found = set() if who == "officer" else found - {who}
    return found


def stoppers(ctx: Context, order: Order) -> list[str] | None:
    """Numbers of the disputed orders for which an order's voucher is frozen; empty for a freeze by hand, None while it
    is not frozen. The caller has authorised the order, and decides who reads of other orders."""
    frozen = ctx.session.scalar(select(Commitment.frozen).where(Commitment.id == order.voucher_id))
    if not frozen or order.voucher_id is None:
        return None
    ids = [uuid.UUID(who) for who in freezers(ctx, order.voucher_id) if who != "officer"]
    return list(ctx.session.scalars(select(Order.number).where(Order.id.in_(ids)).order_by(Order.number)))


@dataclass(frozen=True)
class Said:
    """Why a voucher was frozen, thawed or taken back; the amount in fen only where money moved."""

    verb: str
    day: date
    reason: str
    amount_fen: int | None


def said(ctx: Context, voucher_id: uuid.UUID) -> list[Said]:
    """The reasons of officers' acts on a voucher, oldest first; the caller has authorised the voucher."""
    return [
        Said(row.verb, day_of(row.at), row.facts.get("reason") or "—", row.facts.get("amount_fen"))
        for row in audit.history(ctx, Voucher.__tablename__, voucher_id)
        if row.verb in REASONED
    ]


def unpaid_parts(ctx: Context, order_id: uuid.UUID, voucher_id: uuid.UUID) -> list[tuple[int, int]]:
    """What was redeemed for an order and is neither paid nor given back: (redemption, fen); the order is authorised."""
    left = Redemption.amount - Redemption.refunded - Redemption.settled
    rows = ctx.session.execute(
        select(Redemption.entry_id, left)
        .join(Hold, Hold.id == Redemption.hold_id)
        .where(Hold.order_id == order_id, Hold.commitment_id == voucher_id, left > 0)
        .order_by(Redemption.entry_id)
    )
    return [(part, int(amount)) for part, amount in rows]


def lock_holder(ctx: Context, enterprise_id: uuid.UUID) -> None:
    """Let one order after the other count a firm's yearly quota: an enterprise's with two vouchers in two hands, a
    provider's with many customers."""
    ctx.session.execute(select(Organisation.id).where(Organisation.id == enterprise_id).with_for_update(key_share=True))


def issued_under(ctx: Context, scheme_id: uuid.UUID) -> int:
    """Faces of all vouchers of a scheme in fen, less what was recalled, given back or expired; the scheme is locked
    until the end of the act, so that one issue after the other counts."""
    ctx.session.execute(select(Scheme.id).where(Scheme.id == scheme_id).with_for_update())
    statement = (
        select(func.coalesce(func.sum(Commitment.face - Commitment.recalled), 0))
        .join(Voucher, Voucher.commitment_id == Commitment.id)
        .join(SchemeVersion, SchemeVersion.id == Voucher.scheme_version_id)
        .where(SchemeVersion.scheme_id == scheme_id)
    )
    return int(ctx.session.scalar(statement) or 0)


CHUNK = 500


def use_of(ctx: Context, scheme_id: uuid.UUID, enterprise_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[int, int]]:
    """What each of some enterprises claimed under a scheme and what of it an order holds or spent, in fen.

    What was recalled or given back in time was not claimed; what expired was.
    """
    back = (
        select(func.coalesce(func.sum(Entry.amount), 0))
        .where(Entry.commitment_id == Commitment.id, Entry.kind == "recall")
        .scalar_subquery()
    )
    used = Commitment.reserved + Commitment.payable + Commitment.paid
    found: dict[uuid.UUID, tuple[int, int]] = {}
    for start in range(0, len(enterprise_ids), CHUNK):
        rows = ctx.session.execute(
            select(Voucher.enterprise_id, func.sum(Commitment.face - back), func.sum(used))
            .join(Commitment, Commitment.id == Voucher.commitment_id)
            .join(SchemeVersion, SchemeVersion.id == Voucher.scheme_version_id)
            .where(
                SchemeVersion.scheme_id == scheme_id,
                Voucher.enterprise_id.in_(enterprise_ids[start : start + CHUNK]),
            )
            .group_by(Voucher.enterprise_id)
        )
        found |= {enterprise_id: (int(claimed), int(spent)) for enterprise_id, claimed, spent in rows}
    return found


def used_this_year(
    ctx: Context,
    scheme_id: uuid.UUID,
    *,
    enterprise_id: uuid.UUID | None = None,
    provider_id: uuid.UUID | None = None,
) -> int:
    """Fen that were set aside or redeemed under a scheme since 1 January, net of what came back: of an enterprise, or
    for a provider."""
    sold = select(Order.voucher_id).where(Order.provider_id == provider_id)
    whose = (
        Voucher.enterprise_id == enterprise_id
        if enterprise_id
        else and_(Hold.provider_id == provider_id, Hold.commitment_id.in_(sold))
    )
    refunded = (
        select(func.coalesce(func.sum(Redemption.refunded), 0)).where(Redemption.hold_id == Hold.id).scalar_subquery()
    )
    statement = (
        select(func.coalesce(func.sum(Hold.amount - Hold.released - refunded), 0))
        .join(Voucher, Voucher.commitment_id == Hold.commitment_id)
        .join(SchemeVersion, SchemeVersion.id == Voucher.scheme_version_id)
        .join(Entry, (Entry.hold_id == Hold.id) & (Entry.kind == "reserve"))
        .where(
            whose,
            SchemeVersion.scheme_id == scheme_id,
            Entry.day >= ctx.today.replace(month=1, day=1),
        )
    )
    return int(ctx.session.scalar(statement) or 0)


def line_of(ctx: Context, version: SchemeVersion) -> LineState | None:
    """The line that pays a version's vouchers, if its category has one; the caller has authorised the version."""
    fund = funds.governed(ctx, version.pilot_id)
    return next((s for s in funds.by_fund(ctx, fund) if s.line.category == version.category), None)


def public_state(ctx: Context, number: str) -> Row[int, date, bool] | None:
    """What anybody may learn of a number: face in fen, last day, frozen. Nothing of the holder or the balance."""
    return ctx.session.execute(
        select(Commitment.face, Commitment.last_day, Commitment.frozen)
        .join(Voucher, Voucher.commitment_id == Commitment.id)
        .where(Voucher.number == number)
    ).one_or_none()
