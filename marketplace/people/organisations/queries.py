"""Looking organisations up. `get` and `visible` authorise; what says so does not, and is for acts of later chapters."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, or_, select

from marketplace.base import permissions as ground
from marketplace.base import uscc as codes
from marketplace.base.clock import day_of
from marketplace.base.context import Context
from marketplace.base.errors import NotFound, Refusal
from marketplace.base.text import N_
from marketplace.people.organisations import permissions, rules
from marketplace.people.organisations.models import (
    BankAccount,
    Capacity,
    Organisation,
    OrganisationFact,
    OrganisationPaper,
    OwnershipCase,
    Shareholding,
)
from marketplace.people.organisations.states import (
    AccountState,
    CapacityKind,
    CaseState,
    FactKind,
    FactState,
    OrganisationState,
)


def visible(ctx: Context) -> Select[Any]:
    """Organisations within reach of whoever looks."""
    return ground.visible(
        ctx,
        permissions.READ,
        select(Organisation),
        own=[Organisation.id],
        city=Organisation.city,
        region=Organisation.region,
    )


def search(
    ctx: Context,
    *,
    state: OrganisationState | None = None,
    capacity: CapacityKind | None = None,
    region: str | None = None,
    words: str = "",
) -> Select[Any]:
    """The same, narrowed: by state, capacity, place, and by credit code or a part of the name."""
    statement = visible(ctx)
    if state is not None:
        statement = statement.where(Organisation.state == state)
    if region:
        statement = statement.where(or_(Organisation.region == region, Organisation.city == region))
    if capacity is not None:
        holders = select(Capacity.organisation_id).where(Capacity.kind == capacity)
        statement = statement.where(Organisation.id.in_(holders))
    words = words.strip()
    if words:
        same_code = Organisation.uscc == codes.normal(words)
        statement = statement.where(or_(same_code, Organisation.name.contains(words, autoescape=True)))
    return statement


def get(ctx: Context, organisation_id: uuid.UUID) -> Organisation:
    """One organisation within reach; a foreign one is not found."""
    if ctx.system and ctx.actor is None:
        return by_id(ctx, organisation_id)
    found = ctx.session.scalars(visible(ctx).where(Organisation.id == organisation_id)).one_or_none()
    if found is None:
        raise NotFound("organisation")
    return found


def lock(ctx: Context, organisation_id: uuid.UUID) -> Organisation:
    """The same, locked for an act."""
    get(ctx, organisation_id)
    return _locked(ctx, organisation_id)


def _locked(ctx: Context, organisation_id: uuid.UUID) -> Organisation:
    found = ctx.session.get(Organisation, organisation_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound("organisation")
    return found


def by_id(ctx: Context, organisation_id: uuid.UUID) -> Organisation:
    """Any organisation, without asking who looks: for acts that were authorised on something else."""
    found = ctx.session.get(Organisation, organisation_id)
    if found is None:
        raise NotFound("organisation")
    return found


def by_uscc(ctx: Context, uscc: str) -> Organisation | None:
    """The organisation of a credit code, without asking who looks."""
    return ctx.session.scalars(select(Organisation).where(Organisation.uscc == codes.normal(uscc))).one_or_none()


def names(ctx: Context, organisation_ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID, str]:
    """Names of several organisations at once; they stand in the public register of firms."""
    wanted = {o for o in organisation_ids if o}
    if not wanted:
        return {}
    rows = ctx.session.execute(select(Organisation.id, Organisation.name).where(Organisation.id.in_(wanted)))
    return {key: name for key, name in rows}


def many(ctx: Context, organisation_ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID, Organisation]:
    """Several organisations at once, without asking who looks."""
    wanted = {o for o in organisation_ids if o}
    if not wanted:
        return {}
    return {o.id: o for o in ctx.session.scalars(select(Organisation).where(Organisation.id.in_(wanted)))}


def capacities(ctx: Context, organisation_id: uuid.UUID) -> set[CapacityKind]:
    """What an organisation is here as."""
    return capacities_of(ctx, [organisation_id]).get(organisation_id, set())


def capacities_of(ctx: Context, organisation_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, set[CapacityKind]]:
    """The same for several at once."""
    found: dict[uuid.UUID, set[CapacityKind]] = {}
    rows = ctx.session.execute(
        select(Capacity.organisation_id, Capacity.kind).where(Capacity.organisation_id.in_(set(organisation_ids)))
    )
    for organisation_id, kind in rows:
        found.setdefault(organisation_id, set()).add(kind)
    return found


def require_confirmed(ctx: Context, organisation_id: uuid.UUID) -> Organisation:
    """An organisation whose acts bind, or a refusal (`organisation.not_confirmed`). Does not ask who looks."""
    found = by_id(ctx, organisation_id)
    if found.state is not OrganisationState.CONFIRMED:
        raise Refusal(
            "organisation.not_confirmed",
            N_("“{name}”的身份尚未经主管部门确认，不能办理此事项。"),
            name=found.name,
        )
    return found


def payable_account(ctx: Context, organisation_id: uuid.UUID) -> BankAccount:
    """The account to which money may go now. Does not ask who looks.

    Refuses when there is none (`account.none`), while it cools (`account.cooling`, with the first day on which it may
    be paid), and when its holder no longer bears the organisation's name (`account.holder_differs`).
    """
    account = ctx.session.scalars(
        select(BankAccount).where(
            BankAccount.organisation_id == organisation_id, BankAccount.state == AccountState.ACTIVE
        )
    ).one_or_none()
    if account is None:
        raise Refusal("account.none", N_("该单位没有启用的收款账户。"))
    assert account.effective_from is not None
    if account.effective_from > ctx.now:
        raise Refusal(
            "account.cooling",
            N_("收款账户变更后的冷静期未满，{day} 起可以付款。"),
            day=day_of(account.effective_from),
        )
    rules.check_holder(account.holder_name, by_id(ctx, organisation_id).name)
    return account


def accounts(ctx: Context, organisation_id: uuid.UUID) -> list[BankAccount]:
    """Every account an organisation ever had here, newest first, for who may see them."""
    organisation = get(ctx, organisation_id)
    if not ctx.may(permissions.READ_ACCOUNT, organisation):
        raise NotFound("bank_account")
    return list(
        ctx.session.scalars(
            select(BankAccount)
            .where(BankAccount.organisation_id == organisation_id)
            .order_by(BankAccount.created_at.desc(), BankAccount.id.desc())
        )
    )


def account(ctx: Context, account_id: uuid.UUID) -> tuple[BankAccount, Organisation]:
    """One account within reach, with its organisation."""
    found = ctx.session.get(BankAccount, account_id)
    if found is None:
        raise NotFound("bank_account")
    organisation = get(ctx, found.organisation_id)
    if not ctx.may(permissions.READ_ACCOUNT, organisation):
        raise NotFound("bank_account")
    return found, organisation


def waiting_accounts(ctx: Context) -> Select[Any]:
    """Proposed accounts within reach that this person may confirm: (BankAccount, Organisation)."""
    statement: Any = (
        select(BankAccount, Organisation)
        .join(Organisation, Organisation.id == BankAccount.organisation_id)
        .where(BankAccount.state == AccountState.PROPOSED)
    )
    if ctx.actor is not None:
        statement = statement.where(
            or_(BankAccount.proposed_by.is_(None), BankAccount.proposed_by != ctx.actor.person_id)
        )
    return ground.visible(
        ctx,
        permissions.CONFIRM_ACCOUNT,
        statement,
        own=[Organisation.id],
        city=Organisation.city,
        region=Organisation.region,
    )


def facts(ctx: Context, organisation_id: uuid.UUID) -> list[OrganisationFact]:
    """The history of an organisation's facts, newest first."""
    get(ctx, organisation_id)
    return list(
        ctx.session.scalars(
            select(OrganisationFact)
            .where(OrganisationFact.organisation_id == organisation_id)
            .order_by(OrganisationFact.created_at.desc(), OrganisationFact.id.desc())
        )
    )


def waiting_facts(ctx: Context) -> Select[Any]:
    """Changes within reach that wait for an officer: (OrganisationFact, Organisation)."""
    statement: Any = (
        select(OrganisationFact, Organisation)
        .join(Organisation, Organisation.id == OrganisationFact.organisation_id)
        .where(OrganisationFact.state == FactState.PROPOSED)
    )
    return ground.visible(
        ctx, permissions.CONFIRM, statement, own=[], city=Organisation.city, region=Organisation.region
    )


def fact(ctx: Context, fact_id: uuid.UUID) -> tuple[OrganisationFact, Organisation]:
    """One fact within reach, locked, with its organisation."""
    found = ctx.session.get(OrganisationFact, fact_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound("organisation_fact")
    return found, lock(ctx, found.organisation_id)


def shareholders(ctx: Context, organisation_id: uuid.UUID) -> list[Shareholding]:
    """Who owns the organisation now."""
    get(ctx, organisation_id)
    return list(
        ctx.session.scalars(
            select(Shareholding)
            .where(Shareholding.organisation_id == organisation_id, Shareholding.valid_until.is_(None))
            .order_by(Shareholding.share_bps.desc(), Shareholding.id)
        )
    )


def papers(ctx: Context, organisation_id: uuid.UUID) -> list[OrganisationPaper]:
    """Documents that show who it is, newest first."""
    get(ctx, organisation_id)
    return list(
        ctx.session.scalars(
            select(OrganisationPaper)
            .where(OrganisationPaper.organisation_id == organisation_id)
            .order_by(OrganisationPaper.created_at.desc(), OrganisationPaper.id.desc())
        )
    )


def may_register(ctx: Context) -> bool:
    """Whether whoever looks may register an organisation: whose role has the verb, and who acts for nobody yet."""
    return ctx.who.role is None or ctx.may(permissions.REGISTER)


def cases(ctx: Context, state: CaseState | None = None) -> Select[Any]:
    """Ownership cases within reach: (OwnershipCase, Organisation)."""
    statement: Any = select(OwnershipCase, Organisation).join(
        Organisation, Organisation.id == OwnershipCase.organisation_id
    )
    if state is not None:
        statement = statement.where(OwnershipCase.state == state)
    return ground.visible(ctx, permissions.READ_CASE, statement, city=OwnershipCase.city, region=OwnershipCase.region)


def case(ctx: Context, case_id: uuid.UUID) -> tuple[OwnershipCase, Organisation]:
    """One ownership case, for those who read or decide it and for the claimant herself."""
    row = ctx.session.execute(
        select(OwnershipCase, Organisation)
        .join(Organisation, Organisation.id == OwnershipCase.organisation_id)
        .where(OwnershipCase.id == case_id)
    ).one_or_none()
    if row is None:
        raise NotFound("ownership_case")
    found, organisation = row
    mine = ctx.actor is not None and ctx.actor.person_id == found.claimant_id
    if not mine and not any(ctx.may(verb, found) for verb in (permissions.READ_CASE, permissions.DECIDE_CASE)):
        raise NotFound("ownership_case")
    return found, organisation


def profiles(ctx: Context, organisation_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, rules.Profile]:
    """What relations are read from, with history, for several organisations at once. Does not ask who looks."""
    found = many(ctx, organisation_ids)
    ids = set(found)
    said: dict[tuple[uuid.UUID, FactKind], set[str]] = {}
    kinds = (FactKind.LEGAL_REPRESENTATIVE, FactKind.PHONE, FactKind.ADDRESS)
    for fact_ in ctx.session.scalars(
        select(OrganisationFact).where(
            OrganisationFact.organisation_id.in_(ids),
            OrganisationFact.kind.in_(kinds),
            OrganisationFact.state.in_([FactState.CURRENT, FactState.PAST]),
        )
    ):
        said.setdefault((fact_.organisation_id, fact_.kind), set()).add(fact_.value)
    holders: dict[uuid.UUID, list[rules.Holder]] = {}
    for share in ctx.session.scalars(select(Shareholding).where(Shareholding.organisation_id.in_(ids))):
        holder = rules.Holder(share.holder_name, share.holder_uscc, share.share_bps)
        holders.setdefault(share.organisation_id, []).append(holder)
    numbers: dict[uuid.UUID, set[str]] = {}
    for organisation_id, number in ctx.session.execute(
        select(BankAccount.organisation_id, BankAccount.number).where(BankAccount.organisation_id.in_(ids))
    ):
        numbers.setdefault(organisation_id, set()).add(number)
    return {
        o.id: rules.Profile(
            uscc=o.uscc,
            name=o.name,
            legal_representatives=frozenset(said.get((o.id, FactKind.LEGAL_REPRESENTATIVE), ())),
            phones=frozenset(said.get((o.id, FactKind.PHONE), ())),
            addresses=frozenset(said.get((o.id, FactKind.ADDRESS), ())),
            holders=tuple(holders.get(o.id, ())),
            accounts=frozenset(numbers.get(o.id, ())),
        )
        for o in found.values()
    }


def relations(ctx: Context, a: uuid.UUID, b: uuid.UUID) -> list[str]:
    """In what two organisations are related, see `rules.relations`. Does not ask who looks."""
    found = profiles(ctx, [a, b])
    return rules.relations(found[a], found[b]) if a in found and b in found else []
