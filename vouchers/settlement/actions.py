"""The verbs of settlement, in the order in which money leaves."""

from __future__ import annotations

from vouchers.settlement.answering import Loaded, load_return
from vouchers.settlement.batching import add, approve, cancel, make, take_out
from vouchers.settlement.sending import write_payment_file

__all__ = ["Loaded", "add", "approve", "cancel", "load_return", "make", "take_out", "write_payment_file"]
