"""Pure decisions about pilots. What the policy says is in the book; here its codes meet places and rows."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date

from marketplace.base.errors import Invalid, Refusal
from marketplace.base.text import N_, Bilingual
from marketplace.people.organisations.models import Organisation
from marketplace.people.regions.models import Region, RegionClass
from marketplace.people.regions.states import RegionKind, ZoneLevel
from marketplace.pilots.programmes.models import Batch, Pilot, Tranche
from marketplace.pilots.programmes.states import PilotState, TrancheState
from marketplace.policy.books.model import Book, Named, PilotClass, PilotType
from marketplace.policy.engine.pilot import Pilot as JudgedPilot


def clause_of(book: Book, step: str) -> str | None:
    """The clause of a step of the procedure, where the book names the step."""
    found = book.steps.get(step)
    return found.clause if found else None


def named(item: Named) -> Bilingual:
    """A thing of the book as both languages call it, for the inside of a sentence."""
    return Bilingual(item.name_zh, {}, item.name_en)


def kind_of(book: Book, type_code: str) -> PilotType:
    """The pilot type of a code; input that names none is unusable."""
    if type_code not in book.types:
        raise Invalid({"type": [N_("请从列表中选择。")]})
    return book.types[type_code]


def class_of(book: Book, type_code: str, class_code: str) -> PilotClass:
    """The class of a code within its type; input that names none is unusable."""
    kind = kind_of(book, type_code)
    if class_code not in kind.classes:
        raise Invalid({"klass": [N_("类别与试点类型不符。")]})
    return kind.classes[class_code]


def city_class(book: Book, found: RegionClass | None, clause: str) -> str:
    """The book's code for a city's class: classes stand in the book in their order, 一类 first.

    Refuses where the class of the city is not known (`region.class_missing`): the quota hangs on it.
    """
    codes = list(book.city_classes)
    place = int(found.value) if found is not None else 0
    if not 1 <= place <= len(codes):
        raise Refusal(
            "region.class_missing",
            N_("尚未认定本市的类别，无法核定推荐名额；请报省级先行认定。"),
            clause=clause,
            field="region",
        )
    return codes[place - 1]


def area_class(kind: PilotType, region: Region, found: RegionClass | None) -> str | None:
    """The class code that the reference data give to an area, in the order of the book's classes; None: not known.

    The class of a city says how many areas it may put forward, not what it is as a pilot itself.
    """
    place = 0
    if region.kind is RegionKind.ZONE and region.zone_level is not None:
        place = list(ZoneLevel).index(region.zone_level) + 1
    elif region.kind is RegionKind.COUNTY and found is not None:
        place = int(found.value)
    codes = list(kind.classes)
    return codes[place - 1] if 1 <= place <= len(codes) else None


def check_area(kind: PilotType, class_code: str, region: Region, found: RegionClass | None) -> None:
    """Refuse an area of the wrong kind for the type, or a class that the reference data contradict (三(一), 四(一))."""
    if region.kind.value not in kind.places:
        raise Refusal(
            "pilot.wrong_area",
            N_("“{area}”不属于“{type}”的试点对象。"),
            clause=kind.clause,
            field="region",
            area=region.name,
            type=named(kind),
        )
    known = area_class(kind, region, found)
    if known is not None and known != class_code:
        raise Refusal(
            "pilot.wrong_class",
            N_("“{area}”登记为{known}，与申报的{given}不符。"),
            clause=kind.classes[class_code].clause,
            field="klass",
            area=region.name,
            known=named(kind.classes[known]),
            given=named(kind.classes[class_code]),
        )


def check_target(klass: PilotClass, target: int) -> None:
    """Refuse a plan that renovates fewer enterprises than its class must (二(二))."""
    if target < klass.minimum_enterprises:
        raise Refusal(
            "pilot.target_too_low",
            N_("{klass}被改造企业不少于 {minimum} 家，方案为 {target} 家。"),
            clause=klass.minimum_clause,
            field="target_enterprises",
            klass=named(klass),
            minimum=klass.minimum_enterprises,
            target=target,
        )


def check_window(book: Book, batch: Batch, today: date) -> None:
    """Refuse a recommendation after the last day of the batch (五(一))."""
    if batch.applications_until is not None and today > batch.applications_until:
        raise Refusal(
            "nomination.too_late",
            N_("本批次推荐截止日为 {until}。"),
            clause=book.application.clause,
            until=batch.applications_until,
        )


def check_department(actor_organisation: uuid.UUID | None, department: Organisation, clause: str | None) -> None:
    """Refuse an act of the one department to the other: one proposes, the other decides (五(四))."""
    if actor_organisation != department.id:
        raise Refusal(
            "department.not_in_charge", N_("此事项由{department}办理。"), clause=clause, department=department.name
        )


def check_other_person(actor: uuid.UUID | None, *makers: uuid.UUID | None, clause: str | None) -> None:
    """Refuse to whoever did an earlier step of the same money: maker and checker are two persons."""
    if actor is not None and actor in makers:
        raise Refusal("person.same", N_("提出与办理须由不同人员完成，您已办理过前一环节。"), clause=clause)


def check_running(pilot: Pilot, clause: str | None) -> None:
    """Refuse what only an approved pilot may do."""
    if pilot.state is not PilotState.APPROVED:
        raise Refusal("pilot.not_running", N_("试点“{name}”未在实施中。"), clause=clause, name=pilot.name)


def judged(pilot: Pilot, batch: Batch, *, award: int, received: int, as_of: date) -> JudgedPilot:
    """The pilot as the engine knows it: its money in fen, its calendar, the day of the judgement."""
    return JudgedPilot(
        name=pilot.name,
        type=pilot.type,
        pilot_class=pilot.klass,
        award=award,
        received=received,
        batch=batch.book_batch or str(batch.number),
        approved_on=pilot.approved_on or as_of,
        as_of=as_of,
        year1_end=batch.year1_end,
        year2_end=batch.year2_end,
    )


def standing(tranches: Iterable[Tranche], *states: TrancheState) -> int:
    """The sum of the tranches in these states, in fen."""
    return sum(tranche.amount_fen for tranche in tranches if tranche.state in states)


def book_tranche(book: Book, award: int, released: int, amount: int) -> str:
    """Which tranche of the book an amount belongs to: the one in which its last fen falls; "" for a book without."""
    reach = 0
    for code, tranche in book.tranches.items():
        reach += tranche.share_bps
        if released + amount <= award * reach // 10_000:
            return code
    return next(reversed(list(book.tranches)), "")
