"""Facts of vouchers, told inside the act. Amounts in fen."""

from __future__ import annotations

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class VouchersIssued:
    pilot_id: uuid.UUID
    version_id: uuid.UUID
    number: int
    total_fen: int


@dataclass(frozen=True)
class VoucherReserved:
    voucher_id: uuid.UUID
    order_id: uuid.UUID
    amount_fen: int


@dataclass(frozen=True)
class VoucherRedeemed:
    """A part was delivered and confirmed; it may be claimed now."""

    voucher_id: uuid.UUID
    order_id: uuid.UUID
    provider_id: uuid.UUID
    redemption_id: int
    amount_fen: int
