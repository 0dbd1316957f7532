"""A pilot city of another book with money, a scheme of sixty per cent, an enterprise on its list and a provider."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask

from marketplace.base.clock import SetClock, day_of
from marketplace.base.roles import Role
from marketplace.pilots.programmes.models import Pilot
from marketplace.shop.orders.states import Mode
from tests.support.payday import Payday, open_account
from tests.support.people import COUNTY, acting, make_actor, make_organisation
from tests.support.pilots import World, approve_city, make_city_world
from tests.support.shop import Town, enlist, list_product
from vouchers.funds import actions as funds
from vouchers.ledger.models.funds import Fund
from vouchers.schemes import actions as schemes
from vouchers.schemes.actions import TermsInput
from vouchers.schemes.states import Basis, OnShort
from vouchers.wallets import issuing

AWARD, RECEIVED = 100_000_000_00, 40_000_000_00
PRICE, SUBSIDY = 500_000_00, 300_000_00
"""A system of 500,000.00, of which sixty per cent are paid."""


@dataclass
class PilotCity:
    """The city's people, and the book that governs it."""

    code: str
    world: World
    payday: Payday
    terms: TermsInput

    @property
    def pilot(self) -> Pilot:
        return self.payday.town.pilot

    def issue(self, face: int, enterprise_id: uuid.UUID | None = None) -> uuid.UUID:
        town = self.payday.town
        holder = enterprise_id or town.enterprise.organisation_id
        issued = self.payday.act(
            lambda ctx: issuing.issue_one(
                ctx, self.payday.version.id, enterprise_id=holder, face_fen=face, key=str(uuid.uuid4())
            ),
            town.office,
        )
        found: uuid.UUID = issued.commitment_ids[0]
        return found


def begin(code: str, app: Flask, clock: SetClock) -> PilotCity:
    """A city under this book, from its award to a product that its enterprise can order; a voucher pays up to
    400,000.00."""
    act = acting(app)
    world = make_city_world(act, clock, code)
    pilot, finance, _ = approve_city(world, AWARD, RECEIVED)
    firms = [make_organisation(act, capacity=kind, region=COUNTY) for kind in ("enterprise", "provider")]
    persons, actors = {}, {}
    for role, firm in zip(("enterprise", "provider"), firms, strict=True):
        actors[role], persons[role] = make_actor(act, Role(role), organisation=firm)
    office, persons["office"] = make_actor(act, Role.PILOT, pilot_id=pilot.id, region=pilot.region)
    maker, persons["maker"] = make_actor(act, Role.FINANCE, pilot_id=pilot.id, region=pilot.region)
    town = Town(app, pilot, actors["enterprise"], actors["provider"], world.city, office, persons)
    world.member(pilot, firms[0], target_level="二级")
    today = day_of(world.clock.moment)
    enlist(town, firms[1].id, today)
    act(
        lambda ctx: funds.allot(ctx, pilot.id, category="renovation", amount_fen=60_000_000_00, key="renovation"),
        finance,
    )
    terms = TermsInput(
        category="renovation", mode=Mode.DIRECT, basis=Basis.GROSS, rate_bps=6000, cap_voucher_fen=400_000_00,
        cap_enterprise_year_fen=None, cost_types=["software"], on_short=OnShort.REFUSE,
        use_by=today + timedelta(days=180), redeem_by=today + timedelta(days=365),
    )  # fmt: skip
    scheme = act(
        lambda ctx: schemes.draft_scheme(ctx, pilot_id=pilot.id, code="GZ", name="改造券", terms=terms), office
    )
    version = act(lambda ctx: schemes.queries.versions(ctx, scheme)[0], office)
    act(lambda ctx: schemes.publish_version(ctx, version.id), office)
    fund_id = act(lambda ctx: ctx.session.query(Fund).filter_by(pilot_id=pilot.id).one().id)
    payday = Payday(town, clock, maker, finance, fund_id, version, persons)
    payday.listing = list_product(
        town, {"city": "renovation"},
        packages=[{"name": "系统", "unit": "套", "cost_type": "software", "price_fen": PRICE}],
    )  # fmt: skip
    open_account(payday, firms[1].id)
    clock.advance(days=7)
    return PilotCity(code, world, payday, terms)
