"""Bank accounts: proposed by one person, confirmed by another, usable after three working days, stoppable at once."""

from __future__ import annotations

import uuid

from sqlalchemy import select

from marketplace.base.context import Context
from marketplace.base.errors import NotFound, Refusal
from marketplace.base.text import N_
from marketplace.people.organisations import facts, letters, permissions, queries, rules
from marketplace.people.organisations.events import AccountConfirmed, AccountProposed
from marketplace.people.organisations.models import BankAccount, Organisation
from marketplace.people.organisations.states import ACCOUNT, AccountState
from marketplace.record.audit import actions as audit


def propose_account(
    ctx: Context,
    organisation_id: uuid.UUID,
    *,
    holder_name: str,
    bank_name: str,
    number: str,
    bank_code: str = "",
    document_id: uuid.UUID | None = None,
) -> BankAccount:
    """Propose where money for the organisation shall go. The account used so far stays until this one is confirmed."""
    organisation = queries.lock(ctx, organisation_id)
    ctx.require(permissions.PROPOSE_ACCOUNT, organisation)
    queries.require_confirmed(ctx, organisation_id)
    rules.check_holder(holder_name, organisation.name)
    number = rules.check_account_number(number)
    facts.check_evidence(ctx, document_id)
    known = ctx.session.scalars(
        select(BankAccount).where(
            BankAccount.organisation_id == organisation_id,
            BankAccount.state.in_([AccountState.PROPOSED, AccountState.ACTIVE]),
        )
    ).all()
    if any(row.state is AccountState.PROPOSED for row in known):
        raise Refusal("account.waiting", N_("已有账户待复核，请先办结。"))
    if any(row.number == number for row in known):
        raise Refusal("account.same", N_("与启用的账户相同，没有变更。"), field="number")
    account = ctx.add(
        BankAccount(
            organisation_id=organisation_id,
            holder_name=rules.check_text(holder_name, "holder_name"),
            bank_name=rules.check_text(bank_name, "bank_name"),
            bank_code=rules.check_bank_code(bank_code),
            number=number,
            state=AccountState.PROPOSED,
            document_id=document_id,
            proposed_by=ctx.actor.person_id if ctx.actor else None,
        )
    )
    ctx.session.flush()
    audit.record(ctx, "bank_account.proposed", organisation, account=account.id, last_four=number[-4:])
    _tell(ctx, organisation, N_("“{name}”提出新的收款账户（尾号 {last_four}），等待他人复核。"), account)
    ctx.announce(AccountProposed(account.id, organisation_id, account.proposed_by))
    return account


def confirm_account(ctx: Context, account_id: uuid.UUID) -> BankAccount:
    """A second person confirms a proposed account: the former one ends now, this one may be paid after the pause."""
    account, organisation = _lock(ctx, account_id)
    ctx.require(permissions.CONFIRM_ACCOUNT, organisation)
    person = ctx.actor.person_id if ctx.actor else None
    if person is not None and person == account.proposed_by:
        raise Refusal("person.same", N_("经办与复核不能是同一人。"))
    rules.check_holder(account.holder_name, organisation.name)
    former = ctx.session.scalars(
        select(BankAccount).where(
            BankAccount.organisation_id == organisation.id,
            BankAccount.state == AccountState.ACTIVE,
            BankAccount.id != account.id,
        )
    ).one_or_none()
    if former is not None:
        ACCOUNT.move(former, "retire")
        former.retired_at = ctx.now
        ctx.session.flush()
    ACCOUNT.move(account, "confirm")
    account.confirmed_by, account.confirmed_at = person, ctx.now
    account.effective_from = rules.cooled(ctx.today)
    ctx.session.flush()
    audit.record(ctx, "bank_account.confirmed", organisation, account=account.id, effective_from=account.effective_from)
    _tell(ctx, organisation, N_("“{name}”的收款账户（尾号 {last_four}）已复核，冷静期后启用。"), account)
    ctx.announce(AccountConfirmed(account.id, organisation.id, account.proposed_by, person))
    return account


def refuse_account(ctx: Context, account_id: uuid.UUID, reason: str) -> BankAccount:
    """Refuse a proposed account, or take one's own proposal back."""
    account, organisation = _lock(ctx, account_id)
    ctx.require(permissions.CONFIRM_ACCOUNT, organisation)
    account.reason = rules.check_text(reason, "reason", most=500)
    ACCOUNT.move(account, "refuse")
    ctx.session.flush()
    audit.record(ctx, "bank_account.refused", organisation, account=account.id)
    return account


def stop_account(ctx: Context, account_id: uuid.UUID, reason: str) -> BankAccount:
    """Stop an account at once: one person is enough, because stopping moves no money."""
    account, organisation = _lock(ctx, account_id)
    ctx.require(permissions.STOP_ACCOUNT, organisation)
    account.reason = rules.check_text(reason, "reason", most=500)
    ACCOUNT.move(account, "retire")
    account.retired_at = ctx.now
    ctx.session.flush()
    audit.record(ctx, "bank_account.stopped", organisation, account=account.id)
    _tell(ctx, organisation, N_("“{name}”的收款账户（尾号 {last_four}）已停用。"), account)
    return account


def _lock(ctx: Context, account_id: uuid.UUID) -> tuple[BankAccount, Organisation]:
    """An account and its organisation, both locked, the organisation first: that serialises its accounts."""
    found = ctx.session.get(BankAccount, account_id)
    if found is None:
        raise NotFound("bank_account")
    organisation = queries.lock(ctx, found.organisation_id)
    account = ctx.session.get(BankAccount, account_id, with_for_update=True, populate_existing=True)
    assert account is not None
    return account, organisation


def _tell(ctx: Context, organisation: Organisation, text: str, account: BankAccount) -> None:
    """Every member hears of every change of where the money goes, so that a stolen password is noticed."""
    url = f"/organisations/{organisation.id}/accounts"
    letters.to_members(ctx, organisation, text, url=url, last_four=account.number[-4:])
