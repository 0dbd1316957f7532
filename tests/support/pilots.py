"""A programme with its officers, as far along as a test needs: nominated, cleared, approved, funded, with members."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from marketplace.base.clock import SetClock
from marketplace.base.context import Actor
from marketplace.base.roles import Role
from marketplace.people.accounts.models import Person
from marketplace.people.organisations.models import Organisation
from marketplace.people.organisations.states import CapacityKind
from marketplace.people.regions import actions as regions
from marketplace.pilots.members import actions as members
from marketplace.pilots.members.models import Member
from marketplace.pilots.programmes import actions as pilots
from marketplace.pilots.programmes.models import Batch, Pilot, Programme
from marketplace.policy.books import shelf
from marketplace.policy.books.model import Book
from marketplace.policy.editions import actions as editions
from marketplace.policy.editions.models import BookEdition
from marketplace.procedure.publicity import actions as publicity
from marketplace.record.documents import actions as documents
from tests.support.people import CITY, COUNTY, PROVINCE, ZONE, Act, make_actor, make_organisation

PDF = b"%PDF-1.4\n%test\n"
TODAY = date(2031, 3, 12)
"""The suite's noon."""


@dataclass
class World:
    """The people of one programme of the suite's year, and what they made."""

    act: Act
    clock: SetClock
    book: Book
    edition: BookEdition
    industry: Actor
    finance_department: Actor
    city: Actor
    programme: Programme
    batch: Batch
    office: Organisation

    def document(self, actor: Actor | None = None, **place: Any) -> uuid.UUID:
        """A stored file of the city, or of whoever is named."""
        place = place or {"city": CITY}
        made = self.act(lambda ctx: documents.store(ctx, PDF, "file.pdf", "test", **place), actor or self.city)
        found: uuid.UUID = made.id
        return found

    def application(self, kind: str = "county", **changes: Any) -> dict[str, Any]:
        """Everything a recommendation needs; `changes` replace single values."""
        document_id = self.document()
        conditions = self.book.application.conditions.items()
        zone = kind == "zone"
        values: dict[str, Any] = {
            "name": "丰城试点" if not zone else "宜春开发区试点",
            "type": kind,
            "klass": "national_zone" if zone else "county_1",
            "region": ZONE if zone else COUNTY,
            "office_organisation_id": self.office.id,
            "focus": "锂电新能源" if zone else "医药",
            "target_enterprises": 40,
            "plan_document_id": document_id,
            "letters": [
                pilots.Letter(department, f"宜字〔2031〕{place}号", document_id)
                for place, department in enumerate(self.book.application.departments_zh)
            ],
            "declarations": {c: pilots.Declared("已具备", document_id) for c, x in conditions if kind in x.types},
        }
        return values | changes

    def nominate(self, kind: str = "county", actor: Actor | None = None, **changes: Any) -> Pilot:
        values = self.application(kind, **changes)
        made: Pilot = self.act(lambda ctx: pilots.nominate(ctx, self.batch.id, **values), actor or self.city)
        return made

    def cleared(self, kind: str = "county", **changes: Any) -> Pilot:
        """A pilot that may be approved: reviewed, published, the notice over."""
        pilot = self.nominate(kind, **changes)
        self.act(lambda ctx: pilots.review(ctx, pilot.id, passed=True, note="同意"), self.industry)
        notice = self.act(lambda ctx: pilots.publish_shortlist(ctx, self.batch.id), self.industry)
        self.clock.advance(days=(notice.ends_on - notice.starts_on).days + 1)
        self.act(lambda ctx: publicity.clear(ctx, notice.id), self.industry)
        return self.see(Pilot, pilot.id)

    def approved(self, kind: str = "county", award_fen: int = 10_000_000_00, **changes: Any) -> Pilot:
        pilot = self.cleared(kind, **changes)
        self.act(lambda ctx: pilots.approve(ctx, pilot.id, award_fen), self.industry)
        return self.see(Pilot, pilot.id)

    def officer(self, role: Role, pilot: Pilot) -> Actor:
        """A pilot-office or finance officer of a pilot."""
        return make_actor(self.act, role, pilot_id=pilot.id, region=pilot.region)[0]

    def member(self, pilot: Pilot, enterprise: Organisation | None = None, **changes: Any) -> Member:
        """A confirmed member of a pilot."""
        enterprise = enterprise or make_organisation(self.act, region=COUNTY)
        values = {"focus": pilot.focus, "target_level": "L6", "key_enterprise": True} | changes
        made = self.act(
            lambda ctx: members.nominate(ctx, pilot.id, enterprise.id, **values), self.officer(Role.PILOT, pilot)
        )
        self.act(lambda ctx: members.confirm(ctx, made.id), self.city)
        return self.see(Member, made.id)

    def see(self, kind: type[Any], identity: Any) -> Any:
        """A row as the database holds it now."""
        return self.act(lambda ctx: ctx.session.get_one(kind, identity))


def make_world(act: Act, clock: SetClock) -> World:
    """A published book, two departments, a city, an open programme and batch in the suite's year."""
    board = make_organisation(act, "江西省工业和信息化厅", capacity=CapacityKind.BUREAU, region=PROVINCE)
    treasury = make_organisation(act, "江西省财政厅", capacity=CapacityKind.BUREAU, region=PROVINCE)
    office = make_organisation(act, "丰城市数字化转型办公室", capacity=CapacityKind.PILOT_OFFICE, region=COUNTY)
    industry = _of(make_actor(act, Role.PROVINCE, organisation=board)[0], board)
    finance = _of(make_actor(act, Role.PROVINCE, organisation=treasury)[0], treasury)
    city = make_actor(act, Role.CITY)[0]
    edition = act(lambda ctx: editions.publish(ctx, "jiangxi-2023"), industry)
    act(lambda ctx: regions.classify(ctx, COUNTY, 2030, "1", "赣发〔2030〕1号"), industry)
    programme = act(
        lambda ctx: pilots.open_programme(
            ctx, code="test-2031", name="测试项目", edition_id=edition.id, finance_department_id=treasury.id
        ),
        industry,
    )
    batch = act(
        lambda ctx: pilots.open_batch(
            ctx,
            programme.id,
            name="首批",
            year1_end=date(2032, 3, 31),
            year2_end=date(2033, 3, 31),
            applications_until=TODAY + timedelta(days=30),
        ),
        industry,
    )
    book = shelf.load("jiangxi-2023")
    return World(act, clock, book, edition, industry, finance, city, programme, batch, office)


def _of(actor: Actor, organisation: Organisation) -> Actor:
    return replace(actor, organisation_id=organisation.id, organisation_name=organisation.name)


def make_city_world(act: Act, clock: SetClock, code: str = "national-2023") -> World:
    """A programme of a book of pilot cities; its calendar stands with the batch, for the book has none."""
    board = make_organisation(act, "江西省工业和信息化厅", capacity=CapacityKind.BUREAU, region=PROVINCE)
    treasury = make_organisation(act, "江西省财政厅", capacity=CapacityKind.BUREAU, region=PROVINCE)
    office = make_organisation(act, "宜春市数字化转型办公室", capacity=CapacityKind.PILOT_OFFICE, region=CITY)
    industry = _of(make_actor(act, Role.PROVINCE, organisation=board)[0], board)
    finance = _of(make_actor(act, Role.PROVINCE, organisation=treasury)[0], treasury)
    city = make_actor(act, Role.CITY)[0]
    edition = act(lambda ctx: editions.publish(ctx, code), industry)
    programme = act(
        lambda ctx: pilots.open_programme(
            ctx, code="city-2031", name="城市试点", edition_id=edition.id, finance_department_id=treasury.id
        ),
        industry,
    )
    batch = act(
        lambda ctx: pilots.open_batch(
            ctx,
            programme.id,
            name="首批",
            year1_end=date(2032, 3, 31),
            year2_end=date(2033, 3, 31),
            applications_until=TODAY + timedelta(days=30),
        ),
        industry,
    )
    return World(act, clock, shelf.load(code), edition, industry, finance, city, programme, batch, office)


def city_application(world: World, **changes: Any) -> dict[str, Any]:
    """What a pilot city puts forward: the book asks neither letters nor declarations."""
    values = {
        "name": "宜春市城市试点",
        "type": "city",
        "klass": "other",
        "region": CITY,
        "office_organisation_id": world.office.id,
        "focus": "锂电新能源",
        "target_enterprises": 400,
        "plan_document_id": world.document(),
        "letters": [],
        "declarations": {},
    }
    return values | changes


def approve_city(world: World, award_fen: int, received_fen: int) -> tuple[Pilot, Actor, Person]:
    """A pilot city whose award stands and has arrived in part; with a finance officer of its own."""
    values = city_application(world)
    pilot = world.act(lambda ctx: pilots.nominate(ctx, world.batch.id, **values), world.city)
    world.act(lambda ctx: pilots.review(ctx, pilot.id, passed=True, note="同意"), world.industry)
    notice = world.act(lambda ctx: pilots.publish_shortlist(ctx, world.batch.id), world.industry)
    world.clock.advance(days=(notice.ends_on - notice.starts_on).days + 1)
    world.act(lambda ctx: publicity.clear(ctx, notice.id), world.industry)
    world.act(lambda ctx: pilots.approve(ctx, pilot.id, award_fen), world.industry)
    tranche = world.act(lambda ctx: pilots.propose_tranche(ctx, pilot.id, received_fen), world.industry)
    world.act(lambda ctx: pilots.release_tranche(ctx, tranche.id, "赣财〔2031〕1号"), world.finance_department)
    officer, person = make_actor(world.act, Role.FINANCE, pilot_id=pilot.id, region=pilot.region)
    world.act(lambda ctx: pilots.receive_tranche(ctx, tranche.id, received_on=ctx.today, bank_reference="B-1"), officer)
    return world.see(Pilot, pilot.id), officer, person
