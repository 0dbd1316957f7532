"""A town with money: the award booked and divided, a scheme published, vouchers to be issued."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from flask import Flask

from marketplace.base.actor import Actor
from marketplace.base.roles import Role
from marketplace.pilots.programmes.events import PilotApproved, TrancheReceived
from marketplace.shop.catalogue.models import Listing
from marketplace.shop.orders.states import Mode
from tests.support.people import make_actor
from tests.support.shop import Town, build_town, list_product
from vouchers.funds import actions as funds
from vouchers.ledger.models.commitments import Commitment
from vouchers.schemes import actions as schemes
from vouchers.schemes import queries as terms
from vouchers.schemes.actions import TermsInput
from vouchers.schemes.models import SchemeVersion
from vouchers.schemes.states import Basis, OnShort
from vouchers.wallets import actions as wallets

AWARD = 10_000_000_00


@dataclass
class Purse:
    town: Town
    finance: Actor
    version_id: uuid.UUID
    terms: TermsInput

    def act(self, verb: Any, actor: Actor | None = None) -> Any:
        return self.town.act(verb, actor)

    def issue(self, face: int = 120_000_00, key: str = "first") -> uuid.UUID:
        """One voucher for the town's enterprise; gives its id."""
        issued = self.act(
            lambda ctx: wallets.issue_one(
                ctx, self.version_id, enterprise_id=self.town.enterprise.organisation_id, face_fen=face, key=key
            ),
            self.town.office,
        )
        first: uuid.UUID = issued.commitment_ids[0]
        return first

    def balances(self, voucher_id: uuid.UUID) -> tuple[int, ...]:
        """available, reserved, payable, paid, recalled, clawed in fen."""
        row = self.act(lambda ctx: ctx.session.get(Commitment, voucher_id, populate_existing=True))
        return row.available, row.reserved, row.payable, row.paid, row.recalled, row.clawed


def fill_purse(app: Flask, today: date, *, allotted_fen: int = 1_000_000_00) -> Purse:
    """A town whose pilot has 10,000,000.00 yuan, half of it arrived, and a published scheme of 40 %."""
    town = build_town(app, today)
    finance, _ = make_actor(town.act, Role.FINANCE, region=town.pilot.city)
    town.act(
        lambda ctx: funds.book_award(
            ctx, PilotApproved(town.pilot.id, town.pilot.city, town.pilot.edition_id, AWARD, ctx.today)
        )
    )
    town.act(
        lambda ctx: funds.book_receipt(
            ctx, TrancheReceived(town.pilot.id, uuid.uuid4(), AWARD // 2, ctx.today, "BANK-1")
        )
    )
    town.act(
        lambda ctx: funds.allot(ctx, town.pilot.id, category="renovation", amount_fen=allotted_fen, key="allot"),
        finance,
    )
    made = TermsInput(
        category="renovation",
        mode=Mode.DIRECT,
        basis=Basis.GROSS,
        rate_bps=4000,
        cap_voucher_fen=150_000_00,
        cap_enterprise_year_fen=200_000_00,
        cost_types=["software", "cloud", "hardware"],
        on_short=OnShort.REFUSE,
        use_by=today + timedelta(days=90),
        redeem_by=today + timedelta(days=180),
    )
    scheme = town.act(
        lambda ctx: schemes.draft_scheme(ctx, pilot_id=town.pilot.id, code="RX", name="改造券", terms=made), town.office
    )
    version = town.act(lambda ctx: terms.versions(ctx, terms.get(ctx, scheme.id))[0], town.office)
    town.act(lambda ctx: schemes.publish_version(ctx, version.id), town.office)
    return Purse(town, finance, version.id, made)


def list_software(purse: Purse) -> Listing:
    """A product of 100,000.00 yuan of software, listed for renovation."""
    return list_product(
        purse.town,
        {"county": "renovation", "zone": "renovation"},
        packages=[{"name": "系统", "unit": "套", "cost_type": "software", "price_fen": 100_000_00}],
    )


def change(purse: Purse, **terms: Any) -> None:
    """Follow the town's scheme with a version that has other terms."""
    town = purse.town
    scheme_id = purse.act(lambda ctx: ctx.session.get_one(SchemeVersion, purse.version_id).scheme_id)
    version = purse.act(
        lambda ctx: schemes.draft_version(ctx, scheme_id, terms=replace(purse.terms, **terms)), town.office
    )
    purse.act(lambda ctx: schemes.publish_version(ctx, version.id), town.office)
    purse.version_id = version.id
