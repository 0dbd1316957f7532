"""Every proof, in the order of the page."""

from __future__ import annotations

from tests.proof import matrix, model
from tests.proof.parts import Part

PARTS: list[Part] = [model.PART, matrix.PART]
