"""Facts of requests, told inside the act. Amounts in fen."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from vouchers.requests.states import Desk, Verdict


@dataclass(frozen=True)
class VoucherRequested:
    """Submitted, the first time or corrected; it lies on the pilot office's desk."""

    request_id: uuid.UUID


@dataclass(frozen=True)
class VoucherRequestReviewed:
    """Decided on one desk; the city's yes has issued the voucher of `agreed_fen`."""

    request_id: uuid.UUID
    desk: Desk
    verdict: Verdict
    agreed_fen: int | None
    reason: str
