"""A town that buys by contract: a line for platforms, and contracts as far along as is needed."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from marketplace.base.actor import Actor
from marketplace.people.organisations.models import Organisation
from tests.support.payday import Payday
from tests.support.shop import PDF
from vouchers.claims import actions as claims
from vouchers.claims.queries import Filed
from vouchers.contracts import actions as contracts
from vouchers.contracts import queries
from vouchers.contracts.models import ContractPart, ContractRecord
from vouchers.contracts.queries import Held
from vouchers.contracts.states import Method
from vouchers.funds import actions as funds
from vouchers.invoices import actions as invoices
from vouchers.invoices.models import Invoice

CEILING = 2_000_000_00
"""What a county pilot of ten million may spend outside renovation: a fifth of the award (四(二))."""
AMOUNT = 300_000_00
_numbers = itertools.count(1)


@dataclass
class Direct:
    """Everybody who has a hand in a contract, on top of the people of a payday."""

    payday: Payday
    category: str = "platform"

    @property
    def maker(self) -> Actor:
        return self.payday.town.office

    @property
    def checker(self) -> Actor:
        return self.payday.checker

    def act(self, verb: Any, actor: Actor | None = None) -> Any:
        return self.payday.act(verb, actor)

    def values(self, **changes: Any) -> dict[str, Any]:
        """What an officer types; `changes` replace single values."""
        provider: Organisation = self.payday.see(Organisation, self.payday.town.provider.organisation_id)
        today = self.payday.today
        values = {
            "category": self.category,
            "provider_uscc": provider.uscc,
            "number": f"ZC-{next(_numbers)}",
            "title": "产业大脑一期建设",
            "method": Method.OPEN_TENDER,
            "amount_fen": AMOUNT,
            "signed_on": today,
            "last_day": today + timedelta(days=200),
        }
        values |= changes
        values.setdefault("total_fen", values["amount_fen"])
        values["document_id"] = changes.get("document_id") or self.payday.document(self.maker, "contract")
        return values

    def recorded(self, actor: Actor | None = None, **changes: Any) -> ContractRecord:
        values = self.values(**changes)
        pilot_id = self.payday.town.pilot.id
        made: ContractRecord = self.act(lambda ctx: contracts.record(ctx, pilot_id, **values), actor or self.maker)
        return made

    def confirm(self, contract: ContractRecord, actor: Actor | None = None, **more: Any) -> ContractRecord:
        made: ContractRecord = self.act(lambda ctx: contracts.confirm(ctx, contract.id, **more), actor or self.checker)
        return made

    def confirmed(self, **changes: Any) -> ContractRecord:
        return self.confirm(self.recorded(**changes), reason="按年度计划签订。")

    def accept(self, contract: ContractRecord, amount_fen: int, key: str = "", **changes: Any) -> ContractPart:
        values: dict[str, Any] = {
            "amount_fen": amount_fen,
            "content": "一期上线并通过验收",
            "accepted_on": self.payday.today,
            "document_id": self.payday.document(self.maker, "acceptance"),
            "key": key or str(uuid.uuid4()),
        }
        values |= changes
        made: ContractPart = self.act(lambda ctx: contracts.accept_part(ctx, contract.id, **values), self.maker)
        return made

    def recall(self, contract: ContractRecord, amount_fen: int, key: str = "", reason: str = "补充协议调减。") -> Any:
        return self.act(
            lambda ctx: contracts.recall(
                ctx, contract.id, amount_fen=amount_fen, reason=reason, key=key or str(uuid.uuid4())
            ),
            self.maker,
        )

    def held(self, contract: ContractRecord) -> Held:
        """A contract with its money as it stands now."""
        found: Held = self.act(lambda ctx: queries.held(ctx, contract.id), self.maker)
        return found

    def invoice_values(self, contract: ContractRecord, gross: int, **changes: Any) -> dict[str, Any]:
        seller: Organisation = self.payday.see(Organisation, contract.provider_id)
        buyer: Organisation = self.payday.see(Organisation, contract.buyer_id)
        tax = gross * 6 // 106
        values = {
            "number": f"{9_000_000_000_000_000_000 + next(_numbers):020d}",
            "issued_on": self.payday.today,
            "seller_uscc": seller.uscc,
            "buyer_uscc": buyer.uscc,
            "net_fen": gross - tax,
            "tax_fen": tax,
            "gross_fen": gross,
        }
        values["document_id"] = changes.pop("document_id", None) or self.payday.document(self.payday.town.provider)
        return values | changes

    def invoice(self, contract: ContractRecord, gross: int, *, confirmed: bool = True, **changes: Any) -> Invoice:
        values = self.invoice_values(contract, gross, **changes)
        made: Invoice = self.act(
            lambda ctx: invoices.submit_for_contract(ctx, contract.id, **values), self.payday.town.provider
        )
        if confirmed:
            self.act(lambda ctx: invoices.confirm(ctx, made.id), self.maker)
        return made

    def claim(self, contract: ContractRecord, actor: Actor | None = None) -> Filed:
        made: Filed = self.act(
            lambda ctx: claims.submit_for_contract(ctx, contract.id, statement="已验收并开票。", promise=True),
            actor or self.payday.town.provider,
        )
        return made


def open_direct(payday: Payday, amount_fen: int = CEILING, category: str = "platform") -> Direct:
    """The same town with a line for direct expenditure."""
    pilot = payday.town.pilot
    payday.act(
        lambda ctx: funds.allot(ctx, pilot.id, category=category, amount_fen=amount_fen, key=str(uuid.uuid4())),
        payday.maker,
    )
    return Direct(payday, category)


def paper(text: str) -> bytes:
    """A file of its own."""
    return PDF + f"%{text} {next(_numbers)}\n".encode()
