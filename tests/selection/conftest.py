"""A city that selects: officers, experts, providers, and the steps of a selection one by one."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from marketplace.base.clock import SHANGHAI, SetClock
from marketplace.base.context import Actor
from marketplace.people.organisations.models import Organisation
from marketplace.policy.editions import actions as editions
from marketplace.procedure.panels import actions as panels
from marketplace.procedure.panels import queries as panel_queries
from marketplace.procedure.panels.models import Panel, PanelCandidate, PanelSeat
from marketplace.procedure.panels.scoring import Given
from marketplace.procedure.panels.states import SITTING
from marketplace.procedure.publicity import actions as publicity
from marketplace.shop.roster.states import ServiceClass
from providers.applications import actions as applying
from providers.applications.models import Application
from providers.applications.states import ProofKind
from providers.calls import actions as calling
from providers.calls import template
from providers.calls.models import Call
from providers.review import actions as reviewing
from providers.review import queries as review_queries
from tests.support import people

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
DOSSIER: dict[str, Any] = {
    "founded_on": date(2020, 5, 1),
    "staff": 60,
    "technical_staff": 40,
    "revenue_fen": 30_000_000_00,
    "bad_credit": False,
    "introduction": "专注电子行业的生产执行软件。",
    "knowledge": "深耕电子行业十年。",
    "engineering": "交付团队四十人。",
    "ecosystem": "与三家平台合作。",
    "continuity": "七乘八小时服务。",
}


@dataclass
class City:
    """Who selects in a city, and the steps of a selection as one person after another does them."""

    act: Callable[..., Any]
    clock: SetClock
    officer: Actor
    chief: Actor
    code: str = people.CITY
    experts: dict[uuid.UUID, Actor] = field(default_factory=dict)

    def at(self, day: date, hour: int = 9, minute: int = 0, second: int = 0) -> None:
        """Set the clock to a time in Shanghai."""
        self.clock.set(datetime.combine(day, time(hour, minute, second), SHANGHAI).astimezone(UTC))

    @property
    def today(self) -> date:
        return self.clock.moment.astimezone(SHANGHAI).date()

    def terms(self, **changes: Any) -> dict[str, Any]:
        values = self.act(lambda ctx: template.prefill(ctx), self.officer)
        return {**values, "number": f"宜工信字〔2031〕{uuid.uuid4().hex[:6]}号", "contact": "0795-3998877", **changes}

    def draft(self, **changes: Any) -> Call:
        terms = self.terms(**changes)
        return self.act(lambda ctx: calling.draft(ctx, **terms), self.officer)

    def call(self, **changes: Any) -> Call:
        """A published call, on its first day."""
        made = self.draft(**changes)
        self.act(lambda ctx: calling.publish(ctx, made.id), self.officer)
        self.at(made.opens_on)
        return made

    def provider(self, name: str = "", **facts: Any) -> Actor:
        """A confirmed provider with a full dossier."""
        actor = self.member(self.firm(name, **facts))
        self.dossier(actor)
        return actor

    def firm(self, name: str = "", **facts: Any) -> Organisation:
        return people.make_organisation(self.act, name, capacity="provider", **facts)

    def member(self, organisation: Organisation) -> Actor:
        return people.make_actor(self.act, "provider", organisation=organisation)[0]

    def dossier(self, actor: Actor, **changes: Any) -> None:
        facts = {**DOSSIER, **changes}
        self.act(lambda ctx: applying.save(ctx, **facts), actor)
        self.act(
            lambda ctx: applying.add_case(
                ctx,
                client_name="某电子有限公司",
                industry="C39",
                title="生产执行系统",
                finished_on=date(2030, 6, 1),
                amount_fen=300_000_00,
                effect="产能提高一成。",
                contact="王先生 13900001111",
            ),
            actor,
        )
        self.act(
            lambda ctx: applying.add_proof(
                ctx, kind=ProofKind.COPYRIGHT, name="生产执行软件", number="2024SR1", data=PDF, filename="证书.pdf"
            ),
            actor,
        )

    def apply(self, call: Call, actor: Actor, klass: ServiceClass = ServiceClass.PRODUCT) -> Application:
        """A submitted application."""
        made = self.act(
            lambda ctx: applying.begin(ctx, call.id, klass=klass, proposal="提供轻量化生产执行产品。"), actor
        )
        return self.act(lambda ctx: applying.submit(ctx, made.id, promise=True), actor)

    def close(self, call: Call) -> None:
        """Close the call on the day after its last, and open the applications."""
        self.at(call.closes_on + timedelta(days=1))
        self.act(lambda ctx: calling.close(ctx, call.id), self.officer)
        self.act(lambda ctx: reviewing.begin(ctx, call.id), self.officer)

    def qualify(self, application: Application) -> Application:
        """Decide what the machine left open, all in favour, and conclude."""
        checks = self.act(lambda ctx: review_queries.all_checks(ctx, [application.id]))[application.id]
        for check in checks:
            if check.decision is None:
                self.act(
                    lambda ctx, code=check.code: reviewing.decide_condition(
                        ctx, application.id, code, passed=True, reason="材料属实"
                    ),
                    self.officer,
                )
        return self.act(lambda ctx: reviewing.conclude(ctx, application.id), self.officer)

    def pool(self, count: int = 7, **employer: Any) -> list[Actor]:
        """Experts in the city's pool, each employed somewhere of their own."""
        return [self.expert(**employer) for _ in range(count)]

    def expert(self, name: str = "", uscc: str = "", employer: str = "某大学") -> Actor:
        person = people.make_person(self.act, name)
        self.act(
            lambda ctx: panels.enlist(
                ctx,
                phone=person.phone,
                fields=["智能制造"],
                title="教授",
                employer_uscc=uscc or people.make_uscc(),
                employer_name=employer,
            ),
            self.officer,
        )
        actor, _ = people.make_actor(self.act, "expert", person=person, region=self.code)
        self.experts[person.id] = actor
        return actor

    def panel(self, call: Call, size: int = 5) -> Panel:
        return self.act(lambda ctx: reviewing.draw_panel(ctx, call.id, size), self.officer)

    def panel_of(self, ctx: Any, call: Call) -> Panel:
        found = review_queries.panel(ctx, call.id)
        assert found is not None
        return found

    def seated(self, panel: Panel) -> list[tuple[PanelSeat, Actor]]:
        seats = self.act(lambda ctx: panel_queries.seats(ctx, panel.id))
        return [(seat, self.experts[seat.person_id]) for seat in seats if seat.state in SITTING]

    def candidates(self, panel: Panel) -> list[PanelCandidate]:
        return self.act(lambda ctx: panel_queries.candidates(ctx, panel.id))

    def score(self, panel: Panel, points: dict[uuid.UUID, int] | None = None) -> None:
        """Every expert declares no conflict and gives each candidate a share (percent) of every maximum."""
        for _, expert in self.seated(panel):
            self.act(lambda ctx: panels.declare(ctx, panel.id, False), expert)
            for candidate in self.candidates(panel):
                self.act(
                    lambda ctx, c=candidate: panels.score(
                        ctx, panel.id, c.candidate_id, sheet(panel, (points or {}).get(c.candidate_id, 80))
                    ),
                    expert,
                )
        self.act(lambda ctx: panels.close(ctx, panel.id), self.officer)

    def propose(self, call: Call) -> Any:
        return self.act(lambda ctx: reviewing.propose(ctx, call.id), self.officer)

    def clear(self, notice: Any) -> None:
        self.at(notice.ends_on + timedelta(days=1))
        self.act(lambda ctx: publicity.clear(ctx, notice.id), self.officer)

    def select(self, *actors: Actor) -> Call:
        """A whole selection in which everybody who applies is chosen."""
        call = self.call()
        made = [self.apply(call, actor) for actor in actors]
        self.close(call)
        for application in made:
            self.qualify(application)
        if len(self.experts) < 5:
            self.pool()
        self.score(self.panel(call))
        self.clear(self.propose(call))
        self.act(lambda ctx: reviewing.decide(ctx, call.id), self.chief)
        return call


def sheet(panel: Panel, percent: int, reason: str = "材料充分") -> dict[str, Given]:
    """A score sheet that gives the same share of every maximum."""
    return {c["code"]: Given(c["max"] * percent // 100, reason) for c in panel.criteria}


@pytest.fixture
def city(act: Callable[..., Any], clock: SetClock) -> City:
    """The city of Yichun with a rule book, an officer, and a chief who decides."""
    act(lambda ctx: editions.publish(ctx, "jiangxi-2023"))
    officer, _ = people.make_actor(act, "city")
    chief, _ = people.make_actor(act, "city")
    return City(act, clock, officer, chief)
