"""Every proof, in the order of the page."""

from __future__ import annotations

from tests.proof import (
    ablation,
    bookkeeping,
    checks,
    crashing,
    expiry,
    fuzzing,
    interleaving,
    killing,
    matrix,
    model,
    mutation,
    prefixes,
    rounding,
    sealing,
    soak,
    tampering,
)
from tests.proof.parts import Part

PARTS: list[Part] = [
    model.PART,
    matrix.PART,
    interleaving.PART,
    ablation.PART,
    checks.PART,
    killing.PART,
    crashing.PART,
    prefixes.PART,
    tampering.PART,
    rounding.PART,
    bookkeeping.PART,
    expiry.PART,
    sealing.PART,
    mutation.PART,
    soak.PART,
    fuzzing.PART,
]
