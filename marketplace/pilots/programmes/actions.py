"""The verbs of programmes and pilots, in the order in which they are done."""

from __future__ import annotations

from marketplace.pilots.programmes.deciding import approve, close, decline, publish_shortlist, resume, review, suspend
from marketplace.pilots.programmes.nominating import Declared, Letter, nominate, withdraw
from marketplace.pilots.programmes.opening import open_batch, open_programme
from marketplace.pilots.programmes.plans import decide_change, request_change, require_approved
from marketplace.pilots.programmes.tranches import (
    correct_receipt,
    evaluate,
    propose_tranche,
    receive_tranche,
    refuse_tranche,
    release_tranche,
)

__all__ = [
    "correct_receipt",
    "Declared",
    "Letter",
    "approve",
    "close",
    "decide_change",
    "decline",
    "evaluate",
    "nominate",
    "open_batch",
    "open_programme",
    "propose_tranche",
    "publish_shortlist",
    "receive_tranche",
    "refuse_tranche",
    "release_tranche",
    "request_change",
    "require_approved",
    "resume",
    "review",
    "suspend",
    "withdraw",
]
