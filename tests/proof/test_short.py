"""The short form of each proof: the same attacks with small numbers, and every target must be kept."""

from __future__ import annotations

import pytest

from tests.proof.all import PARTS
from tests.proof.parts import Part
from tests.support.postgres import Cluster

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.code)
def test_the_short_form_keeps_every_target(postgres: Cluster, part: Part) -> None:
    counts = part.short(postgres)
    missed = [
        f"{figure.name}: {figure.value}, not {figure.target}" for figure in part.figures(counts) if not figure.good
    ]
    assert not missed, "\n".join(missed)
