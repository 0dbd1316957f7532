"""What a book lets one enterprise have is given once, whoever gives it at the same moment."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import Any

import pytest
from flask import Flask

from tests.support.pilot_city import begin
from tests.support.races import platform, race  # noqa: F401
from vouchers.ledger import verify
from vouchers.wallets import issuing

pytestmark = pytest.mark.postgres


def test_eight_vouchers_at_once_stay_within_the_cap_of_one_enterprise(platform: Flask) -> None:  # noqa: F811
    """Each of 250,000.00 alone is within 400,000.00, no two are; the bucket of the line that pays is another for each."""
    house = platform.extensions["house"]
    city = begin("nanchang-2024", platform, house.clock)
    holder, office = city.payday.town.enterprise.organisation_id, city.payday.town.office

    def issue(ctx: Any) -> str:
        given = {"enterprise_id": holder, "face_fen": 250_000_00, "key": str(uuid.uuid4())}
        issuing.issue_one(ctx, city.payday.version.id, **given)
        return "issued"

    got = Counter(race(platform, [issue] * 8, [office] * 8))
    assert got == {"issued": 1, "enterprise.cap": 7}
    assert city.payday.act(lambda ctx: verify.verify(ctx.session)).sound
