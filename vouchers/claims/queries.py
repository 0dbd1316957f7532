"""Reading claims: both parties their own, officers those of their place."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, case, func, or_, select

from marketplace.base import paging, permissions
from marketplace.base.clock import midnight
from marketplace.base.context import Context
from marketplace.base.errors import NotFound, Refusal
from marketplace.people.organisations import queries as organisations
from marketplace.people.organisations.models import Organisation
from marketplace.pilots.members import queries as members
from marketplace.policy.sanctions import queries as sanctions
from marketplace.policy.sanctions.states import Subject
from marketplace.record.documents.models import Document
from marketplace.shop.orders.models import Order
from marketplace.shop.orders.states import Mode
from vouchers.claims import permissions as verbs
from vouchers.claims import rules
from vouchers.claims.models import ClaimForm, ClaimPaper, ClaimReview, OwnPayment
from vouchers.claims.own_part import Due, Payment
from vouchers.claims.rules import Facts
from vouchers.claims.verdicts import Check
from vouchers.contracts import queries as contracts
from vouchers.contracts.models import ContractRecord
from vouchers.invoices import official
from vouchers.invoices import queries as invoices
from vouchers.invoices.matters import Matter
from vouchers.ledger.models.commitments import Commitment, Hold, Redemption
from vouchers.ledger.models.payments import BatchItem, Claim, ClaimItem, PayoutAttempt
from vouchers.ledger.states import ClaimState
from vouchers.schemes import queries as schemes
from vouchers.schemes.states import Basis

NEWEST = (paging.Key(ClaimForm.created_at, True), paging.Key(ClaimForm.claim_id, True))
OLDEST = (paging.Key(ClaimForm.created_at), paging.Key(ClaimForm.claim_id))
OLDEST_DUE = (paging.Key(ClaimForm.due_on), paging.Key(ClaimForm.claim_id))

_DECIDED = (ClaimState.APPROVED, ClaimState.PAID)


@dataclass(frozen=True)
class Filed:
    """A claim: the ledger's row, what the payee filled in, and its sums in fen."""

    claim: Claim
    form: ClaimForm
    asked_fen: int
    approved_fen: int | None

    @property
    def id(self) -> uuid.UUID:
        return self.claim.id

    @property
    def amount_fen(self) -> int:
        """What is accepted, before any decision what is asked."""
        return self.asked_fen if self.approved_fen is None else self.approved_fen

    @property
    def decided_fen(self) -> int | None:
        """What the city has approved; None before its decision, and once it was taken back."""
        return self.approved_fen if self.claim.state in _DECIDED else None

    @property
    def cut_fen(self) -> int | None:
        """What the city has cut, before its decision what the pilot office proposes to cut; None before both."""
        if self.approved_fen is None or self.claim.state not in (*_DECIDED, ClaimState.REVIEWED):
            return None
        return self.asked_fen - self.approved_fen


@dataclass(frozen=True)
class Part:
    """A redeemed part of an order or contract: fen neither refunded nor settled, and the living claim that has it."""

    redemption_id: int
    commitment_id: uuid.UUID
    open_fen: int
    claim_number: str | None


@dataclass(frozen=True)
class Share:
    """A line of an order's contract, or an accepted part of a contract, with its share of a claim's subsidy, in fen."""

    name: str
    eligible: bool
    basis_fen: int
    share_fen: int


_ASKED = select(func.coalesce(func.sum(ClaimItem.asked), 0)).where(ClaimItem.claim_id == Claim.id).scalar_subquery()
_APPROVED = select(func.sum(ClaimItem.approved)).where(ClaimItem.claim_id == Claim.id).scalar_subquery()


def _select(ctx: Context) -> Select[Any]:
    statement: Any = select(Claim, ClaimForm, _ASKED, _APPROVED).join(ClaimForm, ClaimForm.claim_id == Claim.id)
    statement = statement.execution_options(populate_existing=True)
    if ctx.system and ctx.actor is None:  # a command of the installation
        return statement
    return permissions.visible(
        ctx,
        verbs.READ,
        statement,
        own=[ClaimForm.enterprise_id, ClaimForm.provider_id],
        pilot=ClaimForm.pilot_id,
        city=ClaimForm.city,
    )


def _filed(row: Any) -> Filed:
    return Filed(row[0], row[1], int(row[2]), None if row[3] is None else int(row[3]))


def get(ctx: Context, claim_id: uuid.UUID) -> Filed:
    """One claim, or NotFound."""
    row = ctx.session.execute(_select(ctx).where(Claim.id == claim_id)).one_or_none()
    if row is None:
        raise NotFound("claim")
    return _filed(row)


def lock(ctx: Context, claim_id: uuid.UUID) -> Filed:
    """The same under its locks: whoever decides or corrects comes one after another, and before or after a dispute."""
    for behind, its in ((Order.id, ClaimForm.order_id), (ContractRecord.id, ClaimForm.contract_id)):
        wanted = select(its).where(ClaimForm.claim_id == claim_id).scalar_subquery()
        ctx.session.execute(select(behind).where(behind == wanted).with_for_update())
    found = select(ClaimForm).where(ClaimForm.claim_id == claim_id).with_for_update()
    ctx.session.execute(found.execution_options(populate_existing=True))
    return get(ctx, claim_id)


def listed(
    ctx: Context,
    *,
    state: ClaimState | None = None,
    pilot_id: uuid.UUID | None = None,
    order_id: uuid.UUID | None = None,
    contract_id: uuid.UUID | None = None,
    city: str | None = None,
    number: str = "",
    words: str = "",
    since: date | None = None,
    until: date | None = None,
    overdue: bool | None = None,
    order: Sequence[paging.Key] = NEWEST,
    limit: int = 50,
    cursor: str | None = None,
) -> paging.Page[Filed]:
    """A page of claims, newest first; `number` is a whole claim number, `overdue` those whose step is late today.

    The days are those on which a claim was first submitted.
    """
    wanted: list[tuple[Any, Any]] = [
        (Claim.state, state),
        (ClaimForm.pilot_id, pilot_id),
        (ClaimForm.order_id, order_id),
        (ClaimForm.contract_id, contract_id),
        (ClaimForm.city, city),
        (ClaimForm.number, number.strip().upper() or None),
    ]
    statement = _select(ctx).where(*(column == value for column, value in wanted if value is not None))
    if since is not None:
        statement = statement.where(ClaimForm.created_at >= midnight(since))
    if until is not None:
        statement = statement.where(ClaimForm.created_at < midnight(until + timedelta(days=1)))
    return _page(ctx, _late(ctx, _named(statement, words), overdue), order, limit, cursor)


def _late(ctx: Context, statement: Select[Any], overdue: bool | None) -> Select[Any]:
    if overdue is None:
        return statement
    on_time = or_(ClaimForm.due_on.is_(None), ClaimForm.due_on >= ctx.today)
    return statement.where(~on_time if overdue else on_time)


def _named(statement: Select[Any], words: str) -> Select[Any]:
    """Those with this number, of the order or contract with this number, or with these words in a party's name."""
    if not words:
        return statement
    parties = select(Organisation.id).where(Organisation.name.contains(words, autoescape=True))
    return statement.where(
        or_(
            ClaimForm.number == words.upper(),
            ClaimForm.order_id.in_(select(Order.id).where(Order.number == words.upper())),
            ClaimForm.contract_id.in_(select(ContractRecord.id).where(ContractRecord.number == words)),
            ClaimForm.enterprise_id.in_(parties),
            ClaimForm.provider_id.in_(parties),
        )
    )


def _page(
    ctx: Context, statement: Select[Any], order: Sequence[paging.Key], limit: int, cursor: str | None
) -> paging.Page[Filed]:
    page = paging.fetch(ctx.session, statement, order, limit=limit, cursor=cursor)
    return paging.Page([_filed(row) for row in page.items], page.next_cursor, page.cursor, page.limit)


def waiting(
    ctx: Context,
    states: Collection[ClaimState],
    *,
    pilot_id: uuid.UUID | None = None,
    city: str | None = None,
    words: str = "",
    overdue: bool | None = None,
    order: Sequence[paging.Key] = OLDEST_DUE,
    limit: int = 50,
    cursor: str | None = None,
) -> paging.Page[Filed]:
    """Claims on somebody's desk, the one that is due first first."""
    statement = _select(ctx).where(Claim.state.in_(states), ClaimForm.due_on.is_not(None))
    if pilot_id is not None:
        statement = statement.where(ClaimForm.pilot_id == pilot_id)
    if city is not None:
        statement = statement.where(ClaimForm.city == city)
    return _page(ctx, _late(ctx, _named(statement, words), overdue), order, limit, cursor)


def counts(ctx: Context) -> dict[ClaimState, tuple[int, int, Any]]:
    """How many claims within reach stand where: state → (number, of them late, first day that is due)."""
    late = func.count(case((ClaimForm.due_on < ctx.today, 1)))
    statement = (
        _select(ctx)
        .with_only_columns(Claim.state, func.count(), late, func.min(ClaimForm.due_on))
        .group_by(Claim.state)
    )
    return {state: (number, late_, due) for state, number, late_, due in ctx.session.execute(statement)}


def of_order(ctx: Context, order_id: uuid.UUID) -> list[Filed]:
    """The claims of one order that this person may see, latest first."""
    rows = ctx.session.execute(_select(ctx).where(ClaimForm.order_id == order_id).order_by(ClaimForm.created_at.desc()))
    return [_filed(row) for row in rows]


def of_contract(ctx: Context, contract_id: uuid.UUID) -> list[Filed]:
    """The claims of one contract that this person may see, latest first."""
    rows = ctx.session.execute(
        _select(ctx).where(ClaimForm.contract_id == contract_id).order_by(ClaimForm.created_at.desc())
    )
    return [_filed(row) for row in rows]


def many(ctx: Context, claim_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Filed]:
    """Several claims within reach at once, by id."""
    return {filed.id: filed for filed in map(_filed, ctx.session.execute(_select(ctx).where(Claim.id.in_(claim_ids))))}


def reviews(ctx: Context, claim_id: uuid.UUID) -> Sequence[ClaimReview]:
    """What the reviewers decided, earliest first; the caller has authorised the claim."""
    return ctx.session.scalars(
        select(ClaimReview).where(ClaimReview.claim_id == claim_id).order_by(ClaimReview.created_at, ClaimReview.id)
    ).all()


def pinned(ctx: Context, claim_id: uuid.UUID, round_: int) -> Sequence[ClaimPaper]:
    """The papers that a round of a claim stands on; the caller has authorised the claim."""
    return ctx.session.scalars(
        select(ClaimPaper)
        .where(ClaimPaper.claim_id == claim_id, ClaimPaper.round == round_)
        .order_by(ClaimPaper.created_at, ClaimPaper.id)
    ).all()


def payments(ctx: Context, claim_id: uuid.UUID) -> Sequence[tuple[BatchItem, PayoutAttempt | None]]:
    """Every item and attempt at paying a claim, earliest first; the caller has authorised the claim."""
    rows = ctx.session.execute(
        select(BatchItem, PayoutAttempt)
        .outerjoin(PayoutAttempt, PayoutAttempt.batch_item_id == BatchItem.id)
        .where(BatchItem.claim_id == claim_id)
        .order_by(BatchItem.created_at, BatchItem.id, PayoutAttempt.attempt_no)
    )
    return [(row[0], row[1]) for row in rows]


def digests(ctx: Context, document_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """SHA-256 of several files, by the id of the document. Does not ask who looks."""
    rows = ctx.session.execute(select(Document.id, Document.sha256).where(Document.id.in_(document_ids)))
    return {row[0]: row[1] for row in rows}


def parts(ctx: Context, matter: Matter) -> list[Part]:
    """The redeemed parts of an order or contract that still have money to claim; the caller has authorised it."""
    left = Redemption.amount - Redemption.refunded - Redemption.settled
    statement = (
        select(Redemption.entry_id, Redemption.commitment_id, left, ClaimForm.number)
        .outerjoin(ClaimItem, (ClaimItem.redemption_id == Redemption.entry_id) & ClaimItem.live)
        .outerjoin(ClaimForm, ClaimForm.claim_id == ClaimItem.claim_id)
        .where(left > 0)
        .order_by(Redemption.entry_id)
    )
    if isinstance(matter, ContractRecord):
        statement = statement.where(Redemption.commitment_id == matter.commitment_id)
    else:
        statement = statement.join(Hold, Hold.id == Redemption.hold_id).where(Hold.order_id == matter.id)
    return [Part(row[0], row[1], int(row[2]), row[3]) for row in ctx.session.execute(statement)]


def takes_payees_side(ctx: Context, form: ClaimForm) -> bool:
    """Whether whoever acts is the payee, or for a contract's provider an officer of its pilot."""
    instead = form.contract_id is not None and ctx.may(verbs.SUBMIT_FOR, form)
    return instead or ctx.may(verbs.SUBMIT, permissions.Scope.of(form.payee_id))


def payee_of(matter: Matter) -> uuid.UUID:
    """Whom the treasury pays: the provider, in reimbursed mode the enterprise."""
    if isinstance(matter, Order) and matter.mode is Mode.REIMBURSED:
        return matter.enterprise_id
    return matter.provider_id


def facts(ctx: Context, matter: Matter, *, payment: Payment | None = None, has_proof: bool = False) -> Facts:
    """Everything that speaks for or against a new claim of an order or contract; the caller has authorised it.

    `payment` is what the receipt of the enterprise's own payment says, `has_proof` whether there is a file of it.
    """
    found = parts(ctx, matter)
    free = [part for part in found if part.claim_number is None]
    taken = [part for part in found if part.claim_number is not None]
    payee = payee_of(matter)
    account, code = _account(ctx, payee)
    ban = sanctions.active(ctx, Subject.ORGANISATION, payee, ctx.today)
    direct = isinstance(matter, ContractRecord)
    papers = invoices.papers_of(ctx, matter)
    return Facts(
        ground=ground_of(matter),
        match=papers.match,
        subsidy_fen=matter.amount_fen if isinstance(matter, ContractRecord) else matter.subsidy_fen,
        open_fen=sum(part.open_fen for part in free),
        claimed_in=taken[0].claim_number if taken and not free else None,
        frozen=_is_frozen(ctx, matter.commitment_id if isinstance(matter, ContractRecord) else matter.voucher_id),
        account=account,
        account_code=code,
        banned_until=ban.until_day if ban else None,
        ban_clause=ban.clause if ban else "",
        relations=tuple(organisations.relations(ctx, matter.enterprise_id, matter.provider_id)),
        own=_own(ctx, matter, papers, sum(part.open_fen for part in found)) if isinstance(matter, Order) else None,
        payment=payment,
        has_proof=has_proof,
        direct=direct,
    )


def _own(ctx: Context, order: Order, papers: Any, redeemed_fen: int) -> Due:
    """What the enterprise pays itself: what no voucher paid, or everything when it is paid back."""
    contract = papers.filed.contract if papers.filed else None
    names = organisations.names(ctx, [order.enterprise_id, order.provider_id])
    whole = order.mode is Mode.REIMBURSED
    gross = contract.gross_fen if contract else 0
    return Due(
        enterprise=names.get(order.enterprise_id, ""),
        provider=names.get(order.provider_id, ""),
        own_fen=gross if whole else gross - redeemed_fen,
        signed_on=contract.signed_on if contract else None,
        today=ctx.today,
        whole=whole,
    )


def own_payment(ctx: Context, claim_id: uuid.UUID) -> OwnPayment | None:
    """The receipt of the last round that has one; the caller has authorised the claim."""
    return ctx.session.scalars(
        select(OwnPayment).where(OwnPayment.claim_id == claim_id).order_by(OwnPayment.round.desc()).limit(1)
    ).one_or_none()


def payment_of(row: OwnPayment | None) -> Payment | None:
    """The same as the rules compare it."""
    if row is None:
        return None
    return Payment(row.paid_on, row.amount_fen, row.payer, row.receiver, row.reference)


def ground_of(matter: Matter) -> Check:
    """What the order or contract itself says of a claim."""
    if isinstance(matter, ContractRecord):
        return rules.of_contract(matter.commitment_id is not None)
    return rules.of_order(matter.state)


def _account(ctx: Context, payee: uuid.UUID) -> tuple[Any, str]:
    """Why the payee's account may not be paid today, and the code of it; (None, "") when it may."""
    try:
        organisations.payable_account(ctx, payee)
    except Refusal as refusal:
        return refusal.text, refusal.code
    return None, ""


def _is_frozen(ctx: Context, commitment_id: uuid.UUID | None) -> bool:
    if commitment_id is None:
        return False
    return bool(ctx.session.scalar(select(Commitment.frozen).where(Commitment.id == commitment_id)))


def standing(ctx: Context, claim_ids: Collection[uuid.UUID], *, paying: bool = False) -> dict[uuid.UUID, list[Check]]:
    """For many claims at once: what must hold until the money leaves, by claim. Does not ask who looks.

    `paying`: the money is about to leave, and where the installation says so every invoice must have been looked up.
    """
    rows = ctx.session.execute(
        select(ClaimForm.claim_id, Order, ContractRecord, Commitment.frozen)
        .join(Claim, Claim.id == ClaimForm.claim_id)
        .join(Commitment, Commitment.id == Claim.commitment_id)
        .outerjoin(Order, Order.id == ClaimForm.order_id)
        .outerjoin(ContractRecord, ContractRecord.id == ClaimForm.contract_id)
        .where(ClaimForm.claim_id.in_(claim_ids))
        .execution_options(populate_existing=True)
    ).all()
    of_orders = invoices.matches(ctx, {order.id for _, order, _, _ in rows if order is not None})
    of_contracts = invoices.contract_papers(ctx, {c.id: c for _, _, c, _ in rows if c is not None}.values())
    unchecked = official.unchecked(
        ctx,
        {order.id for _, order, _, _ in rows if order is not None},
        {contract.id for _, _, contract, _ in rows if contract is not None},
    )
    placed = [order for _, order, _, _ in rows if order is not None]
    listed = members.live_among(ctx, {order.pilot_id for order in placed}, {order.enterprise_id for order in placed})
    must = paying and ctx.house.settings.invoice_checks
    found = {}
    for claim_id, order, contract, frozen in rows:
        match = of_orders[order.id] if order is not None else of_contracts[contract.id].match
        matter = order or contract
        found[claim_id] = [
            *rules.standing(ground_of(matter), match, frozen, unchecked.get(matter.id, 0), must),
            *([] if order is None else rules.of_member((order.pilot_id, order.enterprise_id) in listed)),
        ]
    return found


def lock_money(ctx: Context, claim_ids: Collection[uuid.UUID]) -> None:
    """Lock the commitments behind claims, in the order of their ids: a dispute, which freezes its own, waits or was
    before. The caller has authorised the claims."""
    behind = select(Claim.commitment_id).where(Claim.id.in_(claim_ids))
    ctx.session.execute(
        select(Commitment.id).where(Commitment.id.in_(behind)).order_by(Commitment.id).with_for_update()
    )


def shares(ctx: Context, matter: Matter, amount_fen: int, claim_id: uuid.UUID | None = None) -> list[Share]:
    """What a claim of `amount_fen` is made of; the caller has authorised the order or contract.

    Of an order: the lines of its contract, each with its share of the subsidy. Of a contract: the parts that the claim
    asks for, or without a claim those that may be asked for.
    """
    if isinstance(matter, ContractRecord):
        return _shares_of_parts(ctx, matter, claim_id)
    filed = invoices.papers(ctx, matter.id).filed
    kept = schemes.traces(ctx, matter.id)
    if filed is None:
        return []
    version = schemes.version(ctx, kept[-1].version_id) if kept else None
    lines = [
        (
            line.net_fen if version is not None and version.basis is Basis.NET else line.gross_fen,
            version is None or line.cost_type.value in version.cost_types,
        )
        for line in filed.lines
    ]
    amounts = rules.apportion(amount_fen, lines)
    return [
        Share(line.name, eligible, basis, amount)
        for line, (basis, eligible), amount in zip(filed.lines, lines, amounts, strict=True)
    ]


def _shares_of_parts(ctx: Context, contract: ContractRecord, claim_id: uuid.UUID | None) -> list[Share]:
    found = {part.row.redemption_id: part.row for part in contracts.parts(ctx, contract.id)}
    if claim_id is None:
        asked = {part.redemption_id: part.open_fen for part in parts(ctx, contract) if part.claim_number is None}
    else:
        rows = select(ClaimItem.redemption_id, ClaimItem.asked).where(ClaimItem.claim_id == claim_id)
        asked = {redemption_id: amount for redemption_id, amount in ctx.session.execute(rows)}
    return [
        Share(found[part].content, True, found[part].amount_fen, amount)
        for part, amount in sorted(asked.items())
        if part in found
    ]
