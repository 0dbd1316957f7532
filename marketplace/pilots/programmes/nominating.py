"""A city puts an area forward: quota, two letters, conditions, and nobody twice (三(一), 五(一), 六(二))."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from marketplace.base.context import Context
from marketplace.base.errors import Invalid, Refusal
from marketplace.base.permissions import Scope
from marketplace.base.text import N_
from marketplace.people.organisations import queries as organisations
from marketplace.people.regions import queries as regions
from marketplace.people.regions.models import Region
from marketplace.pilots.programmes import departments, permissions, queries, rules
from marketplace.pilots.programmes.events import PilotNominated
from marketplace.pilots.programmes.models import Batch, Pilot, PilotDeclaration, Recommendation
from marketplace.pilots.programmes.states import PILOT, PUBLIC_STATES, PilotState
from marketplace.policy.books.model import Book, PilotType
from marketplace.policy.editions import queries as editions
from marketplace.policy.engine import acts
from marketplace.policy.engine.refusal import refuse
from marketplace.policy.sanctions import queries as sanctions
from marketplace.policy.sanctions.states import Subject
from marketplace.record.audit import actions as audit
from marketplace.record.documents import actions as documents


@dataclass(frozen=True)
class Letter:
    """One department's letter of recommendation: the department as the book names it, its number, the file."""

    department: str
    letter_number: str
    document_id: uuid.UUID


@dataclass(frozen=True)
class Declared:
    """How a condition of application is met, with a file where there is one."""

    statement: str
    document_id: uuid.UUID | None = None


def nominate(
    ctx: Context,
    batch_id: uuid.UUID,
    *,
    name: str,
    type: str,
    klass: str,
    region: str,
    office_organisation_id: uuid.UUID,
    focus: str,
    target_enterprises: int,
    plan_document_id: uuid.UUID,
    letters: Sequence[Letter],
    declarations: Mapping[str, Declared],
) -> Pilot:
    """Recommend an area for a batch. `type` and `klass` are the book's codes, `focus` the one cluster or the chain.

    Refuses beyond the city's quota and without both letters (五(一)), an area that is a pilot already or banned
    (五(一), 六(二)), undeclared conditions (三(一)), a plan below the least number of enterprises (二(二)).
    """
    batch = queries.batch(ctx, batch_id, lock=True)
    area = regions.get(ctx, region)
    ctx.require(permissions.NOMINATE, Scope.of(city=area.city))
    book = editions.book(ctx, batch.edition_id)
    kind = rules.kind_of(book, type)
    entry = rules.class_of(book, type, klass)
    rules.check_window(book, batch, ctx.today)
    rules.check_area(kind, klass, area, regions.class_of(ctx, area.code, ctx.today.year))
    if not focus.strip():
        raise Refusal(
            "pilot.focus_missing",
            N_("请写明聚焦的{focus}。"),
            clause=kind.focus.clause,
            field="focus",
            focus=rules.named(kind.focus),
        )
    rules.check_target(entry, target_enterprises)
    _check_free(ctx, book, batch, area)
    _check_quota(ctx, book, kind, batch, area)
    signed = {letter.department for letter in letters if letter.letter_number.strip()}
    refuse(acts.recommend(book, signed), field="letters")
    declared = {code: words for code, words in declarations.items() if words.statement.strip()}
    unknown = set(declared) - {code for code, c in book.application.conditions.items() if type in c.types}
    if unknown:
        raise Invalid({"declarations": [N_("申报条件与试点类型不符。")]})
    refuse(acts.declare(book, type, declared), field="declarations")
    office = organisations.require_confirmed(ctx, office_organisation_id)
    pilot = Pilot(
        programme_id=batch.programme_id,
        batch_id=batch.id,
        edition_id=batch.edition_id,
        name=name.strip(),
        type=type,
        klass=klass,
        region=area.code,
        city=area.city,
        office_organisation_id=office.id,
        focus_kind=kind.focus.kind,
        focus=focus.strip(),
        target_enterprises=target_enterprises,
        plan_document_id=documents.get(ctx, plan_document_id).id,
        state=PilotState.NOMINATED,
        nominated_by=departments.person(ctx),
    )
    _save(ctx, book, pilot, letters, declared)
    audit.record(
        ctx, "pilot.nominated", pilot, batch_id=batch.id, type=type, klass=klass, region=area.code,
        target_enterprises=target_enterprises,
    )  # fmt: skip
    ctx.announce(PilotNominated(pilot.id, pilot.city, pilot.region))
    return pilot


def withdraw(ctx: Context, pilot_id: uuid.UUID, reason: str) -> Pilot:
    """The city takes a recommendation back before the shortlist is published; its place in the quota is free again."""
    pilot = queries.get(ctx, pilot_id, lock=True)
    ctx.require(permissions.NOMINATE, pilot)
    if not reason.strip():
        raise Refusal("pilot.reason_missing", N_("请写明理由。"), field="reason")
    PILOT.move(pilot, "withdraw")
    pilot.state_reason = reason.strip()
    audit.record(ctx, "pilot.withdrawn", pilot)
    return pilot


def _check_free(ctx: Context, book: Book, batch: Batch, area: Region) -> None:
    states = queries.in_area(ctx, batch.programme_id, area.code)
    bans = sanctions.active_among(ctx, Subject.REGION, {area.code, area.city}, ctx.today)
    until = max((ban.until_day for ban in bans.values()), default=None)
    in_scope = any(state in PUBLIC_STATES for state in states)
    refuse(
        acts.area_free(book, area.name, in_scope=in_scope, banned_until=until, on=ctx.today), field="region"
    )  # fmt: skip
    if any(state not in (*PUBLIC_STATES, PilotState.NOT_APPROVED, PilotState.WITHDRAWN) for state in states):
        raise _applied(book, area)


def _check_quota(ctx: Context, book: Book, kind: PilotType, batch: Batch, area: Region) -> None:
    if not kind.quota:  # this policy sets none
        return
    found = regions.class_of(ctx, area.city, ctx.today.year)
    city_class = rules.city_class(book, found, kind.quota_clause)
    count = queries.nominated_count(ctx, batch.id, kind.code, area.city)
    refuse(acts.nominate(book, kind.code, city_class, count), field="region")


def _save(
    ctx: Context,
    book: Book,
    pilot: Pilot,
    letters: Sequence[Letter],
    declared: Mapping[str, Declared],
) -> None:
    ctx.add(pilot)
    ctx.session.flush()
    by_department = {letter.department: letter for letter in letters}
    for position, department in enumerate(book.application.departments_zh):
        if department in by_department:
            letter = by_department[department]
            ctx.add(
                Recommendation(
                    pilot_id=pilot.id,
                    position=position,
                    department=department,
                    letter_number=letter.letter_number.strip(),
                    document_id=documents.get(ctx, letter.document_id).id,
                )
            )
    for code, words in declared.items():
        ctx.add(
            PilotDeclaration(
                pilot_id=pilot.id,
                condition=code,
                clause=book.application.conditions[code].clause,
                statement=words.statement.strip(),
                document_id=documents.get(ctx, words.document_id).id if words.document_id else None,
                declared_by=departments.person(ctx),
            )
        )
    ctx.session.flush()
    _open_papers(ctx, pilot, letters, declared)


def _open_papers(ctx: Context, pilot: Pilot, letters: Sequence[Letter], declared: Mapping[str, Declared]) -> None:
    """Let the pilot's office read what was handed in for it: its plan binds it, and only now has it a place."""
    handed_in = [pilot.plan_document_id, *(letter.document_id for letter in letters)]
    handed_in += [words.document_id for words in declared.values() if words.document_id]
    for document_id in dict.fromkeys(handed_in):
        documents.open_to(ctx, documents.get(ctx, document_id), pilot_id=pilot.id)


def _applied(book: Book, area: Region) -> Refusal:
    return Refusal(
        "pilot.already_nominated",
        N_("“{area}”的申报正在办理中，不能重复申报。"),
        clause=book.application.once_clause,
        field="region",
        area=area.name,
    )
