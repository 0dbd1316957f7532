"""The facts of an organisation through time: said by a member, confirmed by an officer where they identify it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update

from marketplace.base import uscc as codes
from marketplace.base.context import Context
from marketplace.base.errors import Refusal
from marketplace.base.text import N_
from marketplace.people.organisations import industries, permissions, queries, rules
from marketplace.people.organisations.events import FactChanged, PaperFiled
from marketplace.people.organisations.models import Organisation, OrganisationFact, OrganisationPaper, Shareholding
from marketplace.people.organisations.states import (
    FACT,
    NEEDS_OFFICER,
    FactKind,
    FactState,
    OrganisationState,
    PaperKind,
)
from marketplace.people.regions import queries as regions
from marketplace.people.regions.states import RegionKind
from marketplace.record.audit import actions as audit
from marketplace.record.documents import actions as documents


def check(ctx: Context, kind: FactKind, value: Any) -> Any:
    """The value in the form in which it is kept, or a refusal that names what is wrong."""
    match kind:
        case FactKind.NAME:
            return rules.check_text(value, "name")
        case FactKind.LEGAL_REPRESENTATIVE:
            return rules.check_text(value, "legal_representative", most=60)
        case FactKind.PHONE:
            return rules.check_phone(value)
        case FactKind.ADDRESS:
            return rules.check_text(value, "address", most=200)
        case FactKind.INDUSTRY:
            return industries.check(value)
        case FactKind.SIZE:
            rules.check_figures(value["employees"], value["revenue_fen"])
            return {"employees": value["employees"], "revenue_fen": value["revenue_fen"]}
        case FactKind.REGION:
            return check_place(ctx, value)


def check_place(ctx: Context, code: str, *, office: bool = False) -> str:
    """The county or zone where an organisation sits; a city for a firm from elsewhere, a province for an office."""
    place = regions.get(ctx, code)
    if place.kind is RegionKind.PROVINCE and not office:
        raise Refusal("organisation.region", N_("请选择县（市、区）、开发区或设区市。"), field="region")
    return place.code


def check_evidence(ctx: Context, document_id: uuid.UUID | None) -> None:
    """A document may be named as evidence only by who may read it: nobody files a stranger's paper."""
    if document_id is not None:
        documents.get(ctx, document_id)


def current(organisation: Organisation, kind: FactKind) -> Any:
    """The value that holds now."""
    if kind is FactKind.SIZE:
        return {"employees": organisation.employees, "revenue_fen": organisation.revenue_fen}
    return getattr(organisation, kind.value)


def begin(ctx: Context, organisation: Organisation, person_id: uuid.UUID | None) -> None:
    """Write down the first value of every fact of a new organisation."""
    for kind in FactKind:
        value = current(organisation, kind)
        if value:
            ctx.add(
                OrganisationFact(
                    organisation_id=organisation.id,
                    kind=kind,
                    value=value,
                    state=FactState.CURRENT,
                    proposed_by=person_id,
                    valid_from=ctx.now,
                )
            )


def change(
    ctx: Context, organisation_id: uuid.UUID, kind: FactKind, value: Any, document_id: uuid.UUID | None = None
) -> OrganisationFact:
    """State a new value of a fact.

    Name, legal representative and place of a confirmed organisation wait for an officer; the rest holds at once.
    """
    organisation = queries.lock(ctx, organisation_id)
    ctx.require(permissions.CHANGE, organisation)
    value = check(ctx, kind, value)
    check_evidence(ctx, document_id)
    if value == current(organisation, kind):
        raise Refusal("fact.same", N_("与现有内容相同，没有变更。"), field="value")
    fact = ctx.add(
        OrganisationFact(
            organisation_id=organisation.id,
            kind=kind,
            value=value,
            state=FactState.PROPOSED,
            proposed_by=ctx.actor.person_id if ctx.actor else None,
            document_id=document_id,
        )
    )
    ctx.session.flush()
    audit.record(ctx, "organisation.change_proposed", organisation, fact=fact.id, kind=kind.value)
    if organisation.state is not OrganisationState.CONFIRMED or kind not in NEEDS_OFFICER:
        _hold(ctx, organisation, fact)
    return fact


def decide(ctx: Context, fact_id: uuid.UUID, accept: bool) -> OrganisationFact:
    """An officer accepts or refuses a proposed change, having seen the evidence; never the one who proposed it."""
    fact, organisation = queries.fact(ctx, fact_id)
    ctx.require(permissions.CONFIRM, organisation)
    if ctx.actor and ctx.actor.person_id == fact.proposed_by:
        raise Refusal("person.same", N_("经办与复核不能是同一人。"))
    fact.decided_by = ctx.actor.person_id if ctx.actor else None
    fact.decided_at = ctx.now
    if accept:
        _hold(ctx, organisation, fact)
    else:
        FACT.move(fact, "refuse")
        ctx.session.flush()
    audit.record(ctx, "organisation.change_decided", organisation, fact=fact.id, kind=fact.kind.value, accepted=accept)
    return fact


def _hold(ctx: Context, organisation: Organisation, fact: OrganisationFact) -> None:
    """Let a proposed value hold from now on, and end the one before it."""
    ctx.session.execute(
        update(OrganisationFact)
        .where(
            OrganisationFact.organisation_id == organisation.id,
            OrganisationFact.kind == fact.kind,
            OrganisationFact.state == FactState.CURRENT,
        )
        .values(state=FactState.PAST, valid_until=ctx.now)
    )
    FACT.move(fact, "confirm")
    fact.valid_from = ctx.now
    if fact.kind is FactKind.SIZE:
        organisation.employees, organisation.revenue_fen = fact.value["employees"], fact.value["revenue_fen"]
    else:
        setattr(organisation, fact.kind.value, fact.value)
    if fact.kind is FactKind.REGION:
        organisation.city = regions.city_of(ctx, fact.value)
    organisation.size_class = rules.size_class(organisation.industry, organisation.employees, organisation.revenue_fen)
    ctx.session.flush()
    ctx.announce(FactChanged(organisation.id, fact.kind))


def state_shareholders(ctx: Context, organisation_id: uuid.UUID, holders: Sequence[rules.Holder]) -> list[Shareholding]:
    """State who owns the organisation now: the former list ends, and stays as history."""
    organisation = queries.lock(ctx, organisation_id)
    ctx.require(permissions.CHANGE, organisation)
    clean = [
        rules.Holder(
            rules.check_text(h.name, "shareholders"),
            codes.check(h.uscc, field="shareholders") if h.uscc else None,
            h.share_bps,
        )
        for h in holders
    ]
    rules.check_holders(clean)
    ctx.session.execute(
        update(Shareholding)
        .where(Shareholding.organisation_id == organisation_id, Shareholding.valid_until.is_(None))
        .values(valid_until=ctx.now)
    )
    rows = [
        ctx.add(
            Shareholding(
                organisation_id=organisation_id,
                holder_name=h.name,
                holder_uscc=h.uscc,
                share_bps=h.share_bps,
                valid_from=ctx.now,
                stated_by=ctx.actor.person_id if ctx.actor else None,
            )
        )
        for h in clean
    ]
    ctx.session.flush()
    audit.record(ctx, "organisation.shareholders_stated", organisation, count=len(rows))
    return rows


def file_paper(ctx: Context, organisation_id: uuid.UUID, kind: PaperKind, document_id: uuid.UUID) -> OrganisationPaper:
    """Put a document (licence, proof of identity, authorisation) into the organisation's file."""
    organisation = queries.get(ctx, organisation_id)
    ctx.require(permissions.CHANGE, organisation)
    check_evidence(ctx, document_id)
    filed = ctx.session.scalar(
        select(OrganisationPaper.id).where(
            OrganisationPaper.organisation_id == organisation_id, OrganisationPaper.document_id == document_id
        )
    )
    if filed:
        raise Refusal("paper.twice", N_("该文件已经归档。"), field="document")
    paper = ctx.add(
        OrganisationPaper(
            organisation_id=organisation_id,
            kind=kind,
            document_id=document_id,
            filed_by=ctx.actor.person_id if ctx.actor else None,
        )
    )
    ctx.session.flush()
    audit.record(ctx, "organisation.paper_filed", organisation, paper=kind.value, document=document_id)
    ctx.announce(PaperFiled(organisation.id, organisation.region, document_id))
    return paper
