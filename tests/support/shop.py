"""A city in which somebody can sell and buy: a rule book, a running pilot, a member, a provider on the list."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Flask

from marketplace.base.context import Actor, Context
from marketplace.base.ids import random_number
from marketplace.base.roles import Role
from marketplace.people.accounts.models import Person
from marketplace.people.organisations.models import Organisation
from marketplace.pilots.members.models import Member
from marketplace.pilots.members.states import MemberState
from marketplace.pilots.programmes.models import Batch, Pilot, Programme
from marketplace.pilots.programmes.states import PilotState
from marketplace.policy.editions import actions as editions
from marketplace.record.documents import actions as documents
from marketplace.shop.catalogue import actions as catalogue
from marketplace.shop.catalogue.models import Listing, Package, Product
from marketplace.shop.orders import actions as orders
from marketplace.shop.orders.models import Order
from marketplace.shop.orders.rules import LineInput
from marketplace.shop.roster.models import RosterEntry
from marketplace.shop.roster.states import RosterState, ServiceClass
from tests.support.people import CITY, COUNTY, PROVINCE, acting, make_actor, make_organisation

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@dataclass
class Town:
    """Who is there. Actors act; persons sign in."""

    app: Flask
    pilot: Pilot
    enterprise: Actor
    provider: Actor
    city: Actor
    office: Actor
    persons: dict[str, Person]

    def act(self, verb: Any, actor: Actor | None = None) -> Any:
        return acting(self.app)(verb, actor)


def build_town(app: Flask, today: date, *, city: str = CITY, county: str = COUNTY) -> Town:
    """A county pilot of `city` that runs from 30 days ago for two years, with everybody in place."""
    act = acting(app)
    pilot = _pilot(app, today, city, county)
    persons: dict[str, Person] = {}
    enterprise_org = make_organisation(act, capacity="enterprise", region=county)
    provider_org = make_organisation(act, capacity="provider", region=county)
    enterprise, persons["enterprise"] = make_actor(act, Role.ENTERPRISE, organisation=enterprise_org)
    provider, persons["provider"] = make_actor(act, Role.PROVIDER, organisation=provider_org)
    officer, persons["city"] = make_actor(act, Role.CITY, region=city)
    office, persons["office"] = make_actor(act, Role.PILOT, pilot_id=pilot.id, region=county)
    town = Town(app, pilot, enterprise, provider, officer, office, persons)
    enrol(town, enterprise_org.id)
    enlist(town, provider_org.id, today)
    return town


def _pilot(app: Flask, today: date, city: str, county: str) -> Pilot:
    act = acting(app)
    departments = [make_organisation(act, capacity="bureau", region=city).id for _ in range(3)]

    def make(ctx: Context) -> Pilot:
        edition = editions.publish(ctx, "jiangxi-2023")
        programme = ctx.add(
            Programme(
                code=f"P{random_number(4)}",
                name="试点",
                region=PROVINCE,
                edition_id=edition.id,
                industry_department_id=departments[0],
                finance_department_id=departments[1],
                publicity_days=5,
            )
        )
        ctx.session.flush()
        batch = ctx.add(
            Batch(
                programme_id=programme.id,
                edition_id=edition.id,
                number=1,
                name="第一批",
                region=PROVINCE,
                year1_end=today + timedelta(days=335),
                year2_end=today + timedelta(days=700),
            )
        )
        ctx.session.flush()
        return ctx.add(
            Pilot(
                programme_id=programme.id,
                batch_id=batch.id,
                edition_id=edition.id,
                name="丰城市中小企业试点",
                type="county",
                klass="county_1",
                region=county,
                city=city,
                office_organisation_id=departments[2],
                focus_kind="chain",
                focus="装备制造",
                target_enterprises=40,
                plan_document_id=uuid.uuid4(),
                state=PilotState.APPROVED,
                award_fen=1_000_000_000,
                approved_on=today - timedelta(days=30),
            )
        )

    found: Pilot = act(make)
    return found


def enrol(town: Town, enterprise_id: uuid.UUID, *, key_link: bool = False) -> None:
    """Put an enterprise on the pilot's renovation list; its target is what the book demands (二(二))."""
    town.act(
        lambda ctx: ctx.add(
            Member(
                pilot_id=town.pilot.id,
                programme_id=town.pilot.programme_id,
                enterprise_id=enterprise_id,
                city=town.pilot.city,
                chain_or_cluster="装备制造",
                key_enterprise=False,
                key_link=key_link,
                baseline_level="L3",
                target_level="L7" if key_link else "L6",
                urgency=1,
                state=MemberState.CONFIRMED,
                confirmed_at=ctx.now,
            )
        )
    )


def enlist(town: Town, provider_id: uuid.UUID, today: date, state: RosterState = RosterState.ACTIVE) -> RosterEntry:
    """Put a provider on the city's list for a year."""
    entry: RosterEntry = town.act(
        lambda ctx: ctx.add(
            RosterEntry(
                provider_id=provider_id,
                city=town.pilot.city,
                klass=ServiceClass.PRODUCT,
                call_id=uuid.uuid4(),
                application_id=uuid.uuid4(),
                certificate_number=random_number(15),
                valid_from=today - timedelta(days=10),
                valid_until=today + timedelta(days=355),
                state=state,
                state_since=today,
                state_reason=None if state is RosterState.ACTIVE else "投诉属实",
                state_clause=None if state is RosterState.ACTIVE else "二(四)",
            )
        )
    )
    return entry


def content(**changes: Any) -> dict[str, Any]:
    """A draft that lacks nothing: software at 16,800.00 and a gateway at 2,000.00."""
    return {
        "name": "轻质检",
        "klass": "product",
        "summary": "来料与过程检验，手机扫码录入，不合格自动追溯到批次与设备。",
        "scenarios": ["07", "06"],
        "industries": ["C33", "C34"],
        "deployment": "saas",
        "delivery_days": 12,
        "small": "三个人就能用起来，不需要机房。",
        "fast": "十二天上线，近十个项目平均十一天。",
        "light": "按年订阅，不改造现有设备与系统。",
        "precise": "面向金属制品行业的来料与过程检验。",
        "cases": "恒达机械，2030 年上线，返工率下降三成。",
        "exit_terms": "终止后三十天内导出全部检验数据。",
        "packages": [
            {"name": "年度订阅", "unit": "年", "cost_type": "software", "price_fen": 1_680_000},
            {"name": "采集网关", "unit": "台", "cost_type": "hardware", "price_fen": 200_000},
        ],
        **changes,
    }


CATEGORIES = {"county": "renovation"}


def publish(town: Town, **changes: Any) -> Product:
    """A product of the town's provider with its first edition."""
    product = town.act(lambda ctx: catalogue.draft_product(ctx, content=content(**changes)), town.provider)
    town.act(lambda ctx: catalogue.publish_edition(ctx, product.id), town.provider)
    return product  # type: ignore[no-any-return]


def list_product(town: Town, categories: dict[str, str] | None = None, **changes: Any) -> Listing:
    """A product that the city has listed."""
    product = publish(town, **changes)
    listing = town.act(lambda ctx: catalogue.submit_listing(ctx, product.id, city=town.pilot.city), town.provider)
    return town.act(  # type: ignore[no-any-return]
        lambda ctx: catalogue.review_listing(
            ctx, listing.id, approve=True, reason="", categories=categories or CATEGORIES
        ),
        town.city,
    )


def packages_of(town: Town, listing: Listing) -> list[Package]:
    """The prices of a listing's edition, in order."""
    found: list[Package] = town.act(
        lambda ctx: list(ctx.session.query(Package).filter_by(edition_id=listing.edition_id).order_by(Package.position))
    )
    return found


def place_order(town: Town, listing: Listing, quantities: tuple[int, ...] = (1,), **more: Any) -> Order:
    """An order of the town's enterprise: so many of each package."""
    wanted = [(p.id, q) for p, q in zip(packages_of(town, listing), quantities, strict=False) if q]
    order: Order = town.act(
        lambda ctx: orders.place(ctx, listing_id=listing.id, packages=wanted, pilot_id=town.pilot.id, **more),
        town.enterprise,
    )
    return order


def file_contract(
    town: Town, order: Order, lines: list[LineInput], *, signed_on: date, number: str = "HT-2031-001", data: bytes = PDF
) -> Any:
    """The provider files a contract with a document of its own."""

    def verb(ctx: Context) -> Any:
        document = documents.store(ctx, data, "合同.pdf", "contract")
        return orders.file_contract(
            ctx, order.id, number=number, signed_on=signed_on, document_id=document.id, lines=lines
        )

    return town.act(verb, town.provider)


def organisation_of(town: Town, actor: Actor) -> Organisation:
    """The organisation an actor acts for."""
    found: Organisation = town.act(lambda ctx: ctx.session.get(Organisation, actor.organisation_id))
    return found
