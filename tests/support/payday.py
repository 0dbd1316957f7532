"""A town in which money flows: a funded pilot, a scheme, two finance officers, orders as far along as is needed."""

from __future__ import annotations

import csv
import io
import itertools
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from marketplace.base.clock import SetClock, day_of
from marketplace.base.context import Actor, Context
from marketplace.base.errors import Refusal
from marketplace.base.roles import Role
from marketplace.people.accounts.models import Person
from marketplace.people.organisations import actions as organisations
from marketplace.people.organisations.models import Organisation
from marketplace.pilots.programmes import queries as pilots
from marketplace.pilots.programmes.events import PilotApproved, TrancheReceived
from marketplace.policy.sanctions import actions as sanctions
from marketplace.policy.sanctions.states import Subject
from marketplace.record.documents import actions as documents
from marketplace.shop.acceptance import actions as acceptance
from marketplace.shop.acceptance.states import Result
from marketplace.shop.catalogue.states import CostType
from marketplace.shop.orders import actions as orders
from marketplace.shop.orders.models import Order
from marketplace.shop.orders.rules import LineInput
from marketplace.shop.orders.states import Mode
from tests.support.people import make_actor
from tests.support.shop import PDF, Town, build_town, file_contract, list_product, place_order
from vouchers.claims import actions as claims
from vouchers.claims import queries as claim_queries
from vouchers.claims.queries import Filed
from vouchers.claims.states import Decision
from vouchers.funds import actions as funds
from vouchers.invoices import actions as invoices
from vouchers.invoices.models import Invoice
from vouchers.ledger.models.funds import Fund
from vouchers.ledger.models.payments import PaymentBatch
from vouchers.schemes import actions as schemes
from vouchers.schemes.actions import TermsInput
from vouchers.schemes.models import SchemeVersion
from vouchers.schemes.states import Basis, OnShort
from vouchers.settlement import actions as settlement
from vouchers.settlement import queries as settled
from vouchers.wallets import issuing

_numbers = itertools.count(1)
AWARD, RECEIVED = 1_000_000_000, 500_000_000
RATE_BPS = 4000
GROSS, TAX = 1_680_000, 96_680
SUBSIDY = (GROSS - TAX) * RATE_BPS // 10_000
"""What one subscription gets: forty per cent of the net amount, down to the fen."""
STATEMENT = "已按合同完成实施并通过验收。"


@dataclass
class Payday:
    """Everybody who has a hand in a payment, and the acts that lead to it."""

    town: Town
    clock: SetClock
    maker: Actor
    checker: Actor
    fund_id: uuid.UUID
    version: SchemeVersion
    persons: dict[str, Person]
    listing: Any = None

    @property
    def today(self) -> date:
        return day_of(self.clock.now())

    def act(self, verb: Any, actor: Actor | None = None) -> Any:
        return self.town.act(verb, actor)

    def see(self, kind: type[Any], identity: Any) -> Any:
        """A row as the database holds it now."""
        return self.act(lambda ctx: ctx.session.get_one(kind, identity))

    def fund(self) -> Fund:
        found: Fund = self.see(Fund, self.fund_id)
        return found

    def work_day(self, days: int = 1) -> None:
        """Let days go by."""
        self.clock.advance(days=days)

    def ban(self, organisation_id: Any) -> None:
        """The province bars an organisation for a year."""
        self.act(
            lambda ctx: sanctions.impose(
                ctx,
                subject_kind=Subject.ORGANISATION,
                subject_id=str(organisation_id),
                reason="弄虚作假",
                basis="遴选文件",
                clause="二(四)",
                until=self.today + timedelta(days=365),
            )
        )

    # ------------------------------------------------------------ up to the claim

    def voucher(self, face_fen: int = 5_000_000) -> uuid.UUID:
        issued = self.act(
            lambda ctx: issuing.issue_one(
                ctx,
                self.version.id,
                enterprise_id=self.town.enterprise.organisation_id,
                face_fen=face_fen,
                key=str(uuid.uuid4()),
            ),
            self.town.office,
        )
        found: uuid.UUID = issued.commitment_ids[0]
        return found

    def contracted(self, quantities: tuple[int, ...] = (1,), **more: Any) -> Order:
        """An order with a voucher, accepted, its contract filed."""
        mode = Mode(self.version.mode)
        order = place_order(self.town, self.listing, quantities, voucher_id=self.voucher(), mode=mode, **more)
        self.act(lambda ctx: orders.accept(ctx, order.id), self.town.provider)
        lines = [LineInput("年度订阅", CostType.SOFTWARE, Decimal(quantities[0]), Decimal("16800"), GROSS, TAX)]
        if len(quantities) > 1 and quantities[1]:
            lines.append(LineInput("采集网关", CostType.HARDWARE, Decimal(1), Decimal("2000"), 200_000, 23_009))
        number = next(_numbers)
        file_contract(
            self.town, order, lines, signed_on=self.today, number=f"HT-{number}", data=PDF + f"%{number}\n".encode()
        )
        return order

    def delivered(self, **more: Any) -> Order:
        """The same, delivered and confirmed: the voucher is redeemed."""
        order = self.contracted(**more)
        self.act(lambda ctx: orders.deliver(ctx, order.id, text="已上线并培训。"), self.town.provider)
        self.act(lambda ctx: orders.confirm(ctx, order.id), self.town.enterprise)
        return order

    def accept(self, order: Order, result: Result = Result.PASSED) -> None:
        def verb(ctx: Context) -> Any:
            angles = pilots.book(ctx, order.pilot_id).acceptance.angles
            return acceptance.judge(
                ctx,
                order.id,
                scores=dict.fromkeys(angles, 80),
                level_after="L6",
                result=result,
                finance_clean=True,
                reason="符合要求。",
            )

        self.act(verb, self.town.city)

    def document(self, actor: Actor, kind: str = "invoice", data: bytes = b"") -> uuid.UUID:
        """A file of its own, uploaded by the actor."""
        content = data or PDF + f"%file {next(_numbers)}\n".encode()
        stored = self.act(lambda ctx: documents.store(ctx, content, f"{kind}.pdf", kind), actor)
        found: uuid.UUID = stored.id
        return found

    def invoice_values(self, order: Order, gross: int = GROSS, tax: int = TAX, **changes: Any) -> dict[str, Any]:
        """What the provider types; `changes` replace single values."""
        provider: Organisation = self.see(Organisation, self.town.provider.organisation_id)
        enterprise: Organisation = self.see(Organisation, self.town.enterprise.organisation_id)
        values = {
            "number": f"{next(_numbers):020d}",
            "issued_on": self.today,
            "seller_uscc": provider.uscc,
            "buyer_uscc": enterprise.uscc,
            "net_fen": gross - tax,
            "tax_fen": tax,
            "gross_fen": gross,
        }
        values["document_id"] = changes.pop("document_id", None) or self.document(self.town.provider)
        return values | changes

    def invoice(self, order: Order, *, confirmed: bool = True, **changes: Any) -> Invoice:
        values = self.invoice_values(order, **changes)
        made: Invoice = self.act(lambda ctx: invoices.submit(ctx, order.id, **values), self.town.provider)
        if confirmed:
            self.act(lambda ctx: invoices.confirm(ctx, made.id), self.town.enterprise)
        return made

    def claimable(self, **more: Any) -> Order:
        """An order that may be claimed: delivered, accepted, invoiced, confirmed."""
        order = self.delivered(**more)
        self.accept(order)
        self.invoice(order)
        return order

    def claimable_of(self, quantities: tuple[int, ...]) -> Order:
        """The same with a second line of hardware, which the scheme does not subsidise."""
        order = self.delivered(quantities=quantities)
        self.accept(order)
        self.invoice(order, gross=GROSS + 200_000, tax=TAX + 23_009)
        return order

    # ------------------------------------------------------------ claim and payment

    def claim(self, order: Order, actor: Actor | None = None, **changes: Any) -> Filed:
        values: dict[str, Any] = {"statement": STATEMENT, "promise": True, **changes}
        made: Filed = self.act(lambda ctx: claims.submit(ctx, order.id, **values), actor or self.town.provider)
        return made

    def review(self, claim: Filed, decision: Decision = Decision.APPROVED, actor: Any = None, **more: Any) -> Filed:
        decided: Filed = self.act(
            lambda ctx: claims.review(ctx, claim.id, decision=decision, **more), actor or self.town.office
        )
        return decided

    def approved(self, order: Order | None = None, **more: Any) -> Filed:
        """A claim that pilot office and city have approved."""
        claim = self.claim(order or self.claimable())
        self.review(claim)
        return self.review(claim, actor=self.town.city, **more)

    def see_claim(self, claim_id: uuid.UUID) -> Filed:
        """A claim as it stands now."""
        found: Filed = self.act(lambda ctx: claim_queries.get(ctx, claim_id), self.town.office)
        return found

    def batch(self, *claims_: Filed, actor: Actor | None = None) -> PaymentBatch:
        made: PaymentBatch = self.act(
            lambda ctx: settlement.make(ctx, self.fund_id, [c.id for c in claims_]), actor or self.maker
        )
        return made

    def released(self, *claims_: Filed, reason: str = "") -> PaymentBatch:
        """A batch that the second person has released, with a `reason` where it warns; its payment file is written."""
        batch = self.batch(*claims_)
        self.act(lambda ctx: settlement.approve(ctx, batch.id, reason=reason), self.checker)
        self.act(lambda ctx: settlement.write_payment_file(ctx, batch.id), self.checker)
        found: PaymentBatch = self.see(PaymentBatch, batch.id)
        return found

    def payment_rows(self, batch: PaymentBatch) -> list[list[str]]:
        """The payment file as a treasury reads it."""

        def verb(ctx: Context) -> bytes:
            file = settled.payment_file(ctx, batch.id)
            assert file is not None
            with documents.open_file(ctx, file.document_id)[1] as content:
                return content.read()

        data = self.act(verb, self.checker)
        assert data.startswith(b"\xef\xbb\xbf")
        return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))

    def ids(self, batch: PaymentBatch) -> list[str]:
        """End-to-end ids of a batch, in the order of its file."""
        return [row[-1] for row in self.payment_rows(batch)[1:]]

    def load(self, batch: PaymentBatch, data: bytes, actor: Actor | None = None) -> Any:
        return self.act(lambda ctx: settlement.load_return(ctx, batch.id, data, "回单.csv"), actor or self.checker)


def refused(call: Callable[[], Any]) -> Refusal:
    """The refusal that a call ends in."""
    with pytest.raises(Refusal) as fault:
        call()
    return fault.value


def returned(rows: Iterable[tuple[str, ...]], header: str = "端到端编号,结果,银行流水号,原因,日期") -> bytes:
    """A return file of these rows."""
    return ("\ufeff" + "\r\n".join([header, *(",".join(row) for row in rows)]) + "\r\n").encode()


def build_payday(app: Flask, clock: SetClock, *, mode: Mode = Mode.DIRECT) -> Payday:
    """The town of the shop with money in it: ten million awarded, half of it arrived, eight million for renovation."""
    today = day_of(clock.now())
    town = build_town(app, today)
    act = town.act
    pilot = town.pilot

    def money(ctx: Context) -> uuid.UUID:
        funds.book_award(ctx, PilotApproved(pilot.id, pilot.city, pilot.edition_id, AWARD, today))
        funds.book_receipt(ctx, TrancheReceived(pilot.id, uuid.uuid4(), RECEIVED, today, "T-1"))
        found: uuid.UUID = ctx.session.query(Fund).filter_by(pilot_id=pilot.id).one().id
        return found

    fund_id = act(money)
    maker, maker_person = make_actor(act, Role.FINANCE, pilot_id=pilot.id, region=pilot.region)
    checker, checker_person = make_actor(act, Role.FINANCE, pilot_id=pilot.id, region=pilot.region)
    act(
        lambda ctx: funds.allot(ctx, pilot.id, category="renovation", amount_fen=800_000_000, key=str(uuid.uuid4())),
        maker,
    )
    terms = TermsInput(
        category="renovation",
        mode=mode,
        basis=Basis.NET,
        rate_bps=RATE_BPS,
        cap_voucher_fen=5_000_000,
        cap_enterprise_year_fen=None,
        cost_types=["software", "cloud"],
        on_short=OnShort.PARTIAL,
        use_by=today + timedelta(days=180),
        redeem_by=today + timedelta(days=365),
    )

    def scheme(ctx: Context) -> SchemeVersion:
        made = schemes.draft_scheme(ctx, pilot_id=pilot.id, code="RENO-1", name="改造券", terms=terms)
        [version] = ctx.session.query(SchemeVersion).filter_by(scheme_id=made.id)
        return schemes.publish_version(ctx, version.id)

    version = act(scheme, town.office)
    persons = {**town.persons, "maker": maker_person, "checker": checker_person}
    payday = Payday(town, clock, maker, checker, fund_id, version, persons)
    payday.listing = list_product(town)
    payee = town.provider if mode is Mode.DIRECT else town.enterprise
    open_account(payday, payee.organisation_id)
    clock.advance(days=7)
    return payday


def open_account(payday: Payday, organisation_id: Any, number: str = "6222021502010000017") -> Any:
    """An account in the organisation's name, proposed and confirmed; payable after the pause of three working days."""
    organisation: Organisation = payday.see(Organisation, organisation_id)

    proposed = payday.act(
        lambda ctx: organisations.propose_account(
            ctx,
            organisation_id,
            holder_name=organisation.name,
            bank_name="中国工商银行丰城支行",
            number=number,
            bank_code="102436000017",
        )
    )
    return payday.act(lambda ctx: organisations.confirm_account(ctx, proposed.id))
