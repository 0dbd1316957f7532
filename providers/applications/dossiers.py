"""Keeping the dossier: facts, cases, proofs."""

from __future__ import annotations

import uuid
from datetime import date
from typing import BinaryIO, TypedDict, Unpack

from sqlalchemy import select

from marketplace.base.context import Context
from marketplace.base.errors import Invalid, NotFound, Refusal
from marketplace.base.permissions import Scope
from marketplace.base.text import N_, Text
from marketplace.people.organisations import industries
from marketplace.record.audit import actions as audit
from marketplace.record.documents import actions as documents
from providers.applications import permissions
from providers.applications.models import Dossier, DossierCase, DossierProof
from providers.applications.states import ProofKind

MOST = 50
"""Cases and proofs a dossier may hold: more is read by nobody."""


class Facts(TypedDict):
    """What a dossier says. `revenue_fen` of the last full year."""

    founded_on: date
    staff: int
    technical_staff: int
    revenue_fen: int | None
    bad_credit: bool
    introduction: str
    knowledge: str
    engineering: str
    ecosystem: str
    continuity: str


def own_organisation(ctx: Context) -> uuid.UUID:
    """The organisation the acting provider keeps a dossier of."""
    organisation_id = ctx.who.organisation_id
    if organisation_id is None:
        raise NotFound("dossier")
    ctx.require(permissions.KEEP_DOSSIER, Scope.of(organisation_id))
    return organisation_id


def save(ctx: Context, **facts: Unpack[Facts]) -> Dossier:
    """Write the facts of the acting organisation's dossier, the first time or again."""
    organisation_id = own_organisation(ctx)
    errors: dict[str, list[Text | str]] = {}
    if facts["founded_on"] > ctx.today:
        errors["founded_on"] = [N_("成立日期不能晚于今天。")]
    if facts["technical_staff"] > facts["staff"]:
        errors["technical_staff"] = [N_("技术人员不能多于在职人员。")]
    if errors:
        raise Invalid(errors, "dossier.facts")
    dossier = _find(ctx, organisation_id)
    if dossier is None:
        dossier = ctx.add(Dossier(organisation_id=organisation_id, changed_at=ctx.now, **facts))
    else:
        for name, value in facts.items():
            setattr(dossier, name, value)
        dossier.changed_at = ctx.now
    ctx.session.flush()
    audit.record(ctx, "dossier.saved", dossier)
    return dossier


def add_case(
    ctx: Context,
    *,
    client_name: str,
    industry: str,
    title: str,
    finished_on: date,
    amount_fen: int | None,
    effect: str,
    contact: str,
) -> DossierCase:
    """Add a success case that is finished, with somebody who can be asked."""
    dossier = _locked(ctx)
    if finished_on > ctx.today:
        raise Refusal("case.unfinished", N_("案例应已完成，完成日期不能晚于今天。"), field="finished_on")
    _room(ctx, dossier, DossierCase)
    case = ctx.add(
        DossierCase(
            dossier_id=dossier.id,
            client_name=client_name,
            industry=industries.check(industry),
            title=title,
            finished_on=finished_on,
            amount_fen=amount_fen,
            effect=effect,
            contact=contact,
        )
    )
    ctx.session.flush()
    dossier.changed_at = ctx.now
    audit.record(ctx, "dossier.case_added", dossier, case_id=case.id)
    return case


def add_proof(
    ctx: Context, *, kind: ProofKind, name: str, number: str, data: bytes | BinaryIO, filename: str
) -> DossierProof:
    """Add a document to the dossier."""
    dossier = _locked(ctx)
    _room(ctx, dossier, DossierProof)
    document = documents.store(ctx, data, filename, f"dossier.{kind.value}", dossier.organisation_id)
    proof = ctx.add(DossierProof(dossier_id=dossier.id, kind=kind, name=name, number=number, document_id=document.id))
    ctx.session.flush()
    dossier.changed_at = ctx.now
    audit.record(ctx, "dossier.proof_added", dossier, proof_id=proof.id, document_id=document.id)
    return proof


def drop_case(ctx: Context, case_id: uuid.UUID) -> None:
    """Take a case out; what was submitted with it stays as submitted."""
    _drop(ctx, DossierCase, case_id)


def drop_proof(ctx: Context, proof_id: uuid.UUID) -> None:
    """Take a proof out; its document stays, because submissions may hold it."""
    _drop(ctx, DossierProof, proof_id)


def _drop(ctx: Context, kind: type[DossierCase] | type[DossierProof], row_id: uuid.UUID) -> None:
    dossier = _find(ctx, own_organisation(ctx))
    if dossier is None:
        raise NotFound(kind.__tablename__)
    row = ctx.session.scalars(select(kind).where(kind.id == row_id, kind.dossier_id == dossier.id)).one_or_none()
    if row is None:
        raise NotFound(kind.__tablename__)
    ctx.session.delete(row)
    dossier.changed_at = ctx.now
    audit.record(ctx, "dossier.dropped", dossier, what=kind.__tablename__, row_id=row_id)


def _find(ctx: Context, organisation_id: uuid.UUID) -> Dossier | None:
    statement = select(Dossier).where(Dossier.organisation_id == organisation_id).with_for_update()
    return ctx.session.scalars(statement).one_or_none()


def _locked(ctx: Context) -> Dossier:
    dossier = _find(ctx, own_organisation(ctx))
    if dossier is None:
        raise Refusal("dossier.missing", N_("请先填写申报资料的基本情况。"))
    return dossier


def _room(ctx: Context, dossier: Dossier, kind: type[DossierCase] | type[DossierProof]) -> None:
    held = len(ctx.session.scalars(select(kind.id).where(kind.dossier_id == dossier.id)).all())
    if held >= MOST:
        raise Refusal("dossier.full", N_("每类最多 {most} 项，请保留最能说明问题的。"), most=MOST)
