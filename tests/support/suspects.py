"""Orders as the rules that look for suspicions find them: written down at once, without the steps that lead there."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from marketplace.base.context import Context
from marketplace.base.ids import random_number
from marketplace.pilots.programmes.models import Pilot
from marketplace.policy.findings import actions as findings
from marketplace.policy.findings.detectors import DETECTORS
from marketplace.policy.findings.models import Finding
from marketplace.record.documents.models import Document
from marketplace.shop.catalogue.models import Listing
from marketplace.shop.orders.models import Contract, Order
from marketplace.shop.orders.states import Mode, OrderState
from tests.support.purse import Purse, list_software
from vouchers.schemes.models import SubsidyTrace


@dataclass
class Market:
    """A town with money, and a product whose orders are written down as a test wants them."""

    purse: Purse
    listing: Listing

    @classmethod
    def of(cls, purse: Purse) -> Market:
        return cls(purse, list_software(purse))

    def act(self, verb: Any, actor: Any = None) -> Any:
        return self.purse.act(verb, actor)

    def order(
        self,
        enterprise_id: uuid.UUID | None = None,
        provider_id: uuid.UUID | None = None,
        *,
        title: str = "轻质检",
        contract: str = "",
        total_fen: int = 100_000_00,
        subsidy_fen: int = 40_000_00,
        days_ago: int = 0,
        state: OrderState = OrderState.CONTRACTED,
        voucher: bool = True,
        pilot: Pilot | None = None,
    ) -> uuid.UUID:
        """One order with a voucher under the town's scheme; gives its id."""
        town = self.purse.town
        return self.act(  # type: ignore[no-any-return]
            lambda ctx: self.write(
                ctx,
                enterprise_id=enterprise_id or town.enterprise.organisation_id,
                provider_id=provider_id or town.provider.organisation_id,
                pilot=pilot or town.pilot,
                title=title,
                contract=contract,
                total_fen=total_fen,
                subsidy_fen=subsidy_fen if voucher else 0,
                at=ctx.now - timedelta(days=days_ago),
                state=state,
                voucher_id=uuid.uuid4() if voucher else None,
            )
        )

    def write(self, ctx: Context, *, contract: str, at: datetime, pilot: Pilot, **facts: Any) -> uuid.UUID:
        """The rows of an order."""
        order = ctx.add(
            Order(
                number=random_number(10),
                pilot_id=pilot.id,
                city=pilot.city,
                listing_id=self.listing.id,
                edition_id=self.listing.edition_id,
                category="renovation",
                mode=Mode.DIRECT,
                state_since=at,
                note="",
                created_at=at,
                **facts,
            )
        )
        ctx.session.flush()
        if order.voucher_id:
            version = self.purse.version_id
            kept = SubsidyTrace(order_id=order.id, stage="order", version_id=version, steps=[], amount_fen=1)
            ctx.add(kept)
        if contract:
            self._contract(ctx, order, contract)
        return order.id

    def _contract(self, ctx: Context, order: Order, number: str) -> None:
        digest = hashlib.sha256(order.id.bytes).hexdigest()
        paper = ctx.add(
            Document(
                sha256=digest, size=1, media_type="application/pdf", name="合同.pdf", kind="contract",
                personal=False, public=False, retention="standard",
            )
        )  # fmt: skip
        ctx.session.flush()
        ctx.add(
            Contract(
                provider_id=order.provider_id,
                order_id=order.id,
                number=number,
                signed_on=ctx.today,
                document_id=paper.id,
                document_sha256=digest,
                net_fen=order.total_fen,
                tax_fen=0,
                gross_fen=order.total_fen,
                filed_by=uuid.uuid4(),
            )
        )

    def cases(self, *codes: str) -> list[Finding]:
        """The cases of some rules, in the order of their opening."""
        return self.act(  # type: ignore[no-any-return]
            lambda ctx: ctx.session.query(Finding).filter(Finding.detector.in_(codes)).order_by(Finding.id).all()
        )

    def look(self, *codes: str) -> int:
        """Let some rules look; gives how many cases they opened."""

        def verb(ctx: Context) -> int:
            rules = [d for d in ctx.house.all(DETECTORS) if d.code in codes]
            assert len(rules) == len(codes)
            return sum(findings.look(ctx, rule, rule.find(ctx)) for rule in rules if rule.find)

        return self.act(verb)  # type: ignore[no-any-return]
