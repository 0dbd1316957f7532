"""What is published of the offices' clocks: working days by step, nearest ranks, and nothing of few claims."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.support.payday import Payday, returned
from vouchers.claims import actions, timing
from vouchers.claims.states import Decision
from vouchers.claims.timing import within


def test_nearest_ranks_are_values_that_occurred() -> None:
    took = [9, 1, 2, 30, 3, 4, 5, 6, 7, 8]
    assert (within(took, 50), within(took, 90), within(took, 100)) == (5, 9, 30)
    assert (within([4], 50), within([4], 90)) == (4, 4)
    assert within([1, 2, 3, 4, 5], 90) == 5


def test_each_step_counts_from_the_one_before(payday: Payday, monkeypatch: pytest.MonkeyPatch) -> None:
    client = payday.town.app.test_client()
    assert client.get("/claims/times").status_code == 200
    order = payday.claimable()
    payday.clock.set(datetime(2031, 3, 17, 4, tzinfo=UTC))  # a Monday; nobody has published that year's holidays
    filed = payday.claim(order)
    payday.work_day(2)
    payday.review(filed, Decision.RETURNED, reason="补", notes={"statement": "补"})
    few = client.get("/api/v1/claims/times").get_json()
    assert [(step["count"], step["median"]) for step in few["steps"]] == [(1, None), (0, None), (0, None), (0, None)]
    payday.work_day(7)
    payday.act(lambda ctx: actions.correct(ctx, filed.id, statement="补了", promise=True), payday.town.provider)
    payday.work_day(5)  # Wednesday to Monday: three
    payday.review(filed)
    payday.work_day(8)  # Monday to the Tuesday after next: six
    payday.review(filed, actor=payday.town.city)
    monkeypatch.setattr(timing, "FEWEST", 1)
    found = client.get("/api/v1/claims/times").get_json()
    pilot, city, payment, whole = found["steps"]
    assert (pilot["count"], pilot["median"], pilot["ninetieth"], pilot["in_time"]) == (2, 2, 3, 2)
    assert (city["count"], city["median"], city["in_time"], city["target"]) == (1, 6, 0, 5)
    assert (payment["count"], whole["count"]) == (0, 0)
    assert (found["waiting"], found["late"]) == (1, 0)
    payday.work_day(15)
    assert client.get("/api/v1/claims/times").get_json()["late"] == 1
    page = client.get("/claims/times", headers={"Accept-Language": "en"}).text
    assert filed.form.number not in page


def test_a_paid_claim_counts_whole(payday: Payday, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "FEWEST", 1)
    filed = payday.approved(payday.claimable())
    batch = payday.released(filed)
    [code] = payday.ids(batch)
    payday.load(batch, returned([(code, "成功", "REF1", "", "")]))
    found = payday.act(timing.timings)
    _, _, payment, whole = found.steps
    assert (payment.count, whole.count) == (1, 1)
    assert payment.in_time == whole.in_time == 1
    assert whole.median >= payment.median >= 0
