"""Facts of an order, told inside the act: this is how a voucher hears that it is wanted, used or free again."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from marketplace.shop.catalogue.states import CostType
from marketplace.shop.orders.states import ConsentStep, Mode


@dataclass(frozen=True)
class CostLine:
    """What a scheme needs of an order's or contract's line; amounts in fen."""

    name: str
    cost_type: CostType
    net_fen: int
    gross_fen: int


@dataclass(frozen=True)
class OrderPlaced:
    """Order lines carry no tax split yet: `net_fen` equals `gross_fen` until a contract is filed.

    `reason` is why it was ordered although a subscriber warned (`ReasonNeeded`); empty where nothing warned.
    `replaces` is the order of a failed provider whose set-aside money this one takes over.
    """

    order_id: uuid.UUID
    enterprise_id: uuid.UUID
    provider_id: uuid.UUID
    pilot_id: uuid.UUID
    city: str
    category: str
    mode: Mode
    voucher_id: uuid.UUID | None
    total_fen: int
    lines: tuple[CostLine, ...]
    reason: str = ""
    replaces: uuid.UUID | None = None


@dataclass(frozen=True)
class OrderAccepted:
    order_id: uuid.UUID
    enterprise_id: uuid.UUID
    provider_id: uuid.UUID


@dataclass(frozen=True)
class ContractFiled:
    order_id: uuid.UUID
    enterprise_id: uuid.UUID
    provider_id: uuid.UUID
    pilot_id: uuid.UUID
    voucher_id: uuid.UUID | None
    contract_id: uuid.UUID
    signed_on: date
    gross_fen: int
    lines: tuple[CostLine, ...]


@dataclass(frozen=True)
class OrderDelivered:
    order_id: uuid.UUID
    enterprise_id: uuid.UUID
    provider_id: uuid.UUID


@dataclass(frozen=True)
class DeliveryRejected:
    order_id: uuid.UUID
    enterprise_id: uuid.UUID
    provider_id: uuid.UUID
    reason: str


@dataclass(frozen=True)
class MilestoneConfirmed:
    """The enterprise confirmed a milestone that is not the last: its share of the voucher is redeemed.

    `subsidy_fen` is that share; `part` counts from 1 and `parts` says of how many.
    """

    order_id: uuid.UUID
    enterprise_id: uuid.UUID
    provider_id: uuid.UUID
    voucher_id: uuid.UUID | None
    reservation_id: uuid.UUID | None
    subsidy_fen: int
    part: int
    parts: int


@dataclass(frozen=True)
class DeliveryConfirmed:
    """The enterprise confirmed what it got, or the last milestone of it: the moment at which the voucher is redeemed.

    `subsidy_fen` is what is redeemed now: the whole subsidy, or what the milestones before left of it.
    """

    order_id: uuid.UUID
    enterprise_id: uuid.UUID
    provider_id: uuid.UUID
    pilot_id: uuid.UUID
    voucher_id: uuid.UUID | None
    reservation_id: uuid.UUID | None
    subsidy_fen: int


@dataclass(frozen=True)
class OrderEnded:
    """Declined by the provider, cancelled by the enterprise before a contract, or ended by an upheld dispute."""

    order_id: uuid.UUID
    voucher_id: uuid.UUID | None
    reason: str
    upheld: bool = False


@dataclass(frozen=True)
class OrderDisputed:
    """The money is frozen; a subscriber refuses once it has been paid."""

    order_id: uuid.UUID
    voucher_id: uuid.UUID | None
    enterprise_id: uuid.UUID
    reason: str


@dataclass(frozen=True)
class DisputeUpheld:
    """The city found for the enterprise. Told before `OrderEnded`, so that claims let go of what is then given back."""

    order_id: uuid.UUID
    voucher_id: uuid.UUID | None
    reason: str


@dataclass(frozen=True)
class DisputeDismissed:
    """The city found the dispute without ground: the order goes on, the money is no longer frozen."""

    order_id: uuid.UUID
    voucher_id: uuid.UUID | None
    reason: str


@dataclass(frozen=True)
class ConsentGiven:
    order_id: uuid.UUID
    step: ConsentStep
    person_id: uuid.UUID
