"""Registering organisations and confirming who they are; what happens when two persons claim the same one."""

from __future__ import annotations

import uuid

from sqlalchemy import select

from marketplace.base import uscc as codes
from marketplace.base.context import Context
from marketplace.base.errors import Refusal
from marketplace.base.permissions import Scope
from marketplace.base.text import N_
from marketplace.people.organisations import facts, industries, letters, permissions, queries, rules
from marketplace.people.organisations.bank import confirm_account, propose_account, refuse_account, stop_account
from marketplace.people.organisations.events import (
    OrganisationConfirmed,
    OrganisationRegistered,
    OrganisationRejected,
    OwnershipClaimed,
    OwnershipDecided,
)
from marketplace.people.organisations.models import Capacity, Organisation, OwnershipCase, UsccOverride
from marketplace.people.organisations.states import (
    CASE,
    OPEN_TO_ALL,
    ORGANISATION,
    CapacityKind,
    CaseState,
    OrganisationState,
)
from marketplace.people.regions import queries as regions
from marketplace.record.audit import actions as audit

__all__ = [
    "admit_code",
    "confirm",
    "confirm_account",
    "decide_case",
    "propose_account",
    "refuse_account",
    "register",
    "reject",
    "resubmit",
    "stop_account",
]


def register(
    ctx: Context,
    *,
    uscc: str,
    name: str,
    capacity: CapacityKind,
    region: str,
    legal_representative: str,
    phone: str,
    industry: str,
    employees: int | None = None,
    revenue_fen: int | None = None,
    address: str = "",
) -> Organisation | OwnershipCase:
    """Register an organisation by its credit code. Nothing it does binds until an officer has confirmed it.

    Whoever registers it becomes its first member, unless an officer did it on its behalf: then its own person claims
    it. When others registered it before, nobody takes it over: a case is opened and returned, for an officer to
    decide; an officer is told so (`organisation.known`). Authorities, pilot offices and banks are registered by
    officers, and stand confirmed.
    """
    if ctx.actor is not None and ctx.actor.role is not None:
        ctx.require(permissions.REGISTER)  # who acts for nobody yet gets a first role so
    code = _code(ctx, uscc)
    office = capacity not in OPEN_TO_ALL
    facts.check_place(ctx, region, office=office)
    city = regions.city_of(ctx, region)
    if office:
        ctx.require(permissions.REGISTER_OFFICE, Scope.of(city=city))
    person = ctx.actor.person_id if ctx.actor else None
    if person is None and not ctx.system:
        ctx.who  # noqa: B018 - refuses the visitor
    rules.check_figures(employees, revenue_fen)
    organisation = Organisation(
        uscc=code,
        name=rules.check_text(name, "name"),
        region=region,
        city=city,
        address=rules.check_text(address, "address", most=200) if address.strip() else "",
        legal_representative=rules.check_text(legal_representative, "legal_representative", most=60),
        phone=rules.check_phone(phone),
        industry=industries.check(industry),
        employees=employees,
        revenue_fen=revenue_fen,
        state=OrganisationState.REGISTERED,
        registered_by=person,
        reason="",
    )
    known = ctx.session.scalars(select(Organisation).where(Organisation.uscc == code).with_for_update()).one_or_none()
    if known is not None:
        return _known(ctx, known, organisation, capacity)
    organisation.size_class = rules.size_class(organisation.industry, employees, revenue_fen)
    if office:
        organisation.state = OrganisationState.CONFIRMED
        organisation.decided_by, organisation.decided_at = person, ctx.now
    ctx.add(organisation)
    ctx.session.flush()
    facts.begin(ctx, organisation, person)
    _add_capacity(ctx, organisation, capacity, person)
    return organisation


def _code(ctx: Context, text: str) -> str:
    """The credit code in normal form: valid by GB 32100-2015, or admitted by an officer."""
    code = codes.normal(text)
    if not codes.is_valid(code) and ctx.session.get(UsccOverride, code) is None:
        codes.check(text)
    return code


def _add_capacity(ctx: Context, organisation: Organisation, capacity: CapacityKind, person: uuid.UUID | None) -> None:
    ctx.session.add(Capacity(organisation_id=organisation.id, kind=capacity, created_at=ctx.now))
    ctx.session.flush()
    audit.record(ctx, "organisation.registered", organisation, capacity=capacity.value, uscc=organisation.uscc)
    if organisation.state is OrganisationState.REGISTERED:
        letters.to_officers(ctx, organisation, N_("“{name}”已登记，等待确认身份。"))
    ctx.announce(OrganisationRegistered(organisation.id, capacity, person))


def _known(
    ctx: Context, organisation: Organisation, claimed: Organisation, capacity: CapacityKind
) -> Organisation | OwnershipCase:
    """A code that is registered already: a further capacity for its own member, a case for anybody else."""
    actor = ctx.actor
    if actor is None or actor.organisation_id == organisation.id or capacity not in OPEN_TO_ALL:
        if capacity not in queries.capacities(ctx, organisation.id):
            _add_capacity(ctx, organisation, capacity, actor.person_id if actor else None)
        return organisation
    if rules.on_behalf(actor.role):
        raise Refusal("organisation.known", N_("该单位已登记，应由其本单位人员主张代表。"), field="uscc")
    open_one = ctx.session.scalars(
        select(OwnershipCase).where(
            OwnershipCase.organisation_id == organisation.id,
            OwnershipCase.claimant_id == actor.person_id,
            OwnershipCase.state == CaseState.OPEN,
        )
    ).one_or_none()
    if open_one is not None:
        return open_one
    case = ctx.add(
        OwnershipCase(
            organisation_id=organisation.id,
            city=organisation.city,
            region=organisation.region,
            claimant_id=actor.person_id,
            capacity=capacity,
            claimed={
                "name": claimed.name,
                "legal_representative": claimed.legal_representative,
                "phone": claimed.phone,
                "address": claimed.address,
            },
            state=CaseState.OPEN,
            reason="",
        )
    )
    ctx.session.flush()
    audit.record(ctx, "ownership_case.opened", case, organisation=organisation.id)
    url = f"/organisations/cases/{case.id}"
    letters.to_officers(ctx, organisation, N_("有人主张代表“{name}”，请核实处理。"), url=url)
    letters.to_members(ctx, organisation, N_("另有人主张代表“{name}”，主管部门将核实处理。"))
    ctx.announce(OwnershipClaimed(case.id, organisation.id, actor.person_id))
    return case


def confirm(ctx: Context, organisation_id: uuid.UUID) -> Organisation:
    """An officer of the place has seen licence and legal representative: the organisation's acts bind from now on."""
    organisation = queries.lock(ctx, organisation_id)
    ctx.require(permissions.CONFIRM, organisation)
    _other_person(ctx, organisation.registered_by)
    ORGANISATION.move(organisation, "confirm")
    _decided(ctx, organisation, "")
    audit.record(ctx, "organisation.confirmed", organisation)
    letters.to_members(ctx, organisation, N_("“{name}”的身份已确认，可以办理业务。"))
    ctx.announce(OrganisationConfirmed(organisation.id))
    return organisation


def reject(ctx: Context, organisation_id: uuid.UUID, reason: str) -> Organisation:
    """An officer could not confirm it, and says why; a member may correct the facts and submit it again."""
    organisation = queries.lock(ctx, organisation_id)
    ctx.require(permissions.CONFIRM, organisation)
    reason = rules.check_text(reason, "reason", most=500)
    ORGANISATION.move(organisation, "reject")
    _decided(ctx, organisation, reason)
    audit.record(ctx, "organisation.rejected", organisation)
    letters.to_members(ctx, organisation, N_("“{name}”未通过确认：{reason}"), reason=reason)
    ctx.announce(OrganisationRejected(organisation.id))
    return organisation


def _decided(ctx: Context, organisation: Organisation, reason: str) -> None:
    organisation.decided_by = ctx.actor.person_id if ctx.actor else None
    organisation.decided_at = ctx.now
    organisation.reason = reason
    ctx.session.flush()


def _other_person(ctx: Context, maker: uuid.UUID | None) -> None:
    if ctx.actor and maker is not None and ctx.actor.person_id == maker:
        raise Refusal("person.same", N_("经办与复核不能是同一人。"))


def resubmit(ctx: Context, organisation_id: uuid.UUID) -> Organisation:
    """Ask again for confirmation, after the facts were corrected."""
    organisation = queries.lock(ctx, organisation_id)
    ctx.require(permissions.CHANGE, organisation)
    ORGANISATION.move(organisation, "resubmit")
    organisation.decided_by = organisation.decided_at = None
    ctx.session.flush()
    audit.record(ctx, "organisation.resubmitted", organisation)
    letters.to_officers(ctx, organisation, N_("“{name}”已更正并重新提交，等待确认身份。"))
    return organisation


def admit_code(ctx: Context, uscc: str, reason: str, document_id: uuid.UUID | None = None) -> UsccOverride:
    """Admit a real credit code whose check character does not fit, after the licence was seen (audited).

    Length and characters must still be those of GB 32100-2015; a code that is valid needs no admission.
    """
    ctx.require(permissions.ADMIT_CODE)
    code = codes.normal(uscc)
    if codes.is_valid(code):
        raise Refusal("uscc.valid", N_("该代码校验无误，不需要核准。"), field="uscc")
    if len(code) != 18 or set(code) - set("0123456789ABCDEFGHJKLMNPQRTUWXY"):
        codes.check(uscc)
    if ctx.session.get(UsccOverride, code) is not None:
        raise Refusal("uscc.admitted", N_("该代码已经核准。"), field="uscc")
    facts.check_evidence(ctx, document_id)
    override = UsccOverride(
        uscc=code,
        city=(ctx.actor.region or "") if ctx.actor else "",
        reason=rules.check_text(reason, "reason", most=500),
        document_id=document_id,
        allowed_by=ctx.actor.person_id if ctx.actor else None,
        created_at=ctx.now,
    )
    ctx.session.add(override)
    ctx.session.flush()
    audit.record(ctx, "uscc.admitted", override, document=document_id)
    return override


def decide_case(
    ctx: Context, case_id: uuid.UUID, grant: bool, reason: str, *, exclusive: bool = False
) -> OwnershipCase:
    """An officer decides who may act for an organisation, with reasons.

    Granted, the claimant becomes a member; `exclusive` also ends everybody else's membership, as after an impostor.
    """
    case, organisation = queries.case(ctx, case_id)
    ctx.require(permissions.DECIDE_CASE, case)
    _other_person(ctx, case.claimant_id)
    CASE.move(case, "grant" if grant else "refuse")
    case.reason = rules.check_text(reason, "reason", most=500)
    case.decided_by = ctx.actor.person_id if ctx.actor else None
    case.decided_at = ctx.now
    ctx.session.flush()
    if grant and case.capacity not in queries.capacities(ctx, organisation.id):
        ctx.session.add(Capacity(organisation_id=organisation.id, kind=case.capacity, created_at=ctx.now))
        ctx.session.flush()
    audit.record(ctx, "ownership_case.decided", case, organisation=organisation.id, granted=grant, exclusive=exclusive)
    outcome = N_("您对“{name}”的主张已获认定。") if grant else N_("您对“{name}”的主张未获认定：{reason}")
    letters.to_person(ctx, organisation, case, outcome)
    ctx.announce(
        OwnershipDecided(case.id, organisation.id, case.claimant_id, case.capacity, grant, grant and exclusive)
    )
    return case
