"""Findings are cases: found once, due on a working day, decided by the right desk with a reason."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace.base.errors import Forbidden, NotFound, Refusal
from marketplace.base.roles import Role
from marketplace.policy.findings import actions, queries
from marketplace.policy.findings.detectors import DETECTORS, Detector, Suspicion
from marketplace.policy.findings.models import Finding
from marketplace.policy.findings.states import Decision, FindingState, Severity
from tests.support.people import CITY, OTHER_CITY, Act, make_actor

SEEN = Suspicion("order", "77", CITY, "企业与服务商电话相同：{phone}", {"phone": "0795-1"}, fingerprint="phone")


def found(act: Act, suspicion: Suspicion = SEEN, **more: Any) -> Finding:
    made: Finding = act(
        lambda ctx: actions.open(
            ctx, detector="party.related", clause="二(四)", severity=Severity.WARN, suspicion=suspicion, **more
        )
    )
    return made


def count(act: Act) -> int:
    return act(lambda ctx: ctx.session.scalar(select(func.count()).select_from(Finding)))


def test_one_suspicion_opens_one_case_even_after_its_decision(act: Act) -> None:
    finding = found(act)
    assert (finding.due, finding.due_provisional) == (date(2031, 3, 26), True)
    assert found(act).id == finding.id
    act(lambda ctx: actions.decide(ctx, finding.id, Decision.DISMISSED, "园区总机"), make_actor(act, Role.CITY)[0])
    assert (found(act).id, count(act)) == (finding.id, 1)
    other = Suspicion("order", "77", CITY, SEEN.template, SEEN.evidence, fingerprint="address")
    assert found(act, other).id != finding.id


def test_a_decision_needs_its_reason_and_stays(act: Act) -> None:
    finding = found(act)
    city = make_actor(act, Role.CITY)[0]
    with pytest.raises(Refusal) as caught:
        act(lambda ctx: actions.decide(ctx, finding.id, Decision.CONFIRMED, "  "), city)
    assert (caught.value.code, caught.value.clause) == ("finding.reason_missing", "二(四)")
    act(lambda ctx: actions.decide(ctx, finding.id, Decision.CONFIRMED, "同一实际控制人"), city)
    row = act(lambda ctx: ctx.session.get(Finding, finding.id))
    assert (row.state, row.decision, row.decided_by) == (FindingState.DECIDED, Decision.CONFIRMED, city.person_id)
    with pytest.raises(Refusal) as caught:
        act(lambda ctx: actions.decide(ctx, finding.id, Decision.DISMISSED, "改判"), city)
    assert caught.value.code == "state.not_allowed"


def test_a_finding_is_decided_at_its_own_desk_or_by_the_province(act: Act) -> None:
    finding = found(act)
    finance = make_actor(act, Role.FINANCE)[0]
    with pytest.raises(Refusal) as caught:
        act(lambda ctx: actions.decide(ctx, finding.id, Decision.CONFIRMED, "…"), finance)
    assert (caught.value.code, caught.value.clause) == ("finding.other_desk", "二(四)")
    with pytest.raises(Forbidden):
        act(lambda ctx: actions.decide(ctx, finding.id, Decision.CONFIRMED, "…"), make_actor(act, Role.AUDITOR)[0])
    province = make_actor(act, Role.PROVINCE)[0]
    assert (
        act(lambda ctx: actions.decide(ctx, finding.id, Decision.RECTIFY, "限期整改"), province).decision == "rectify"
    )


def test_another_city_and_an_enterprise_find_nothing(act: Act) -> None:
    finding = found(act)
    for actor in (make_actor(act, Role.CITY, region=OTHER_CITY)[0], make_actor(act, Role.ENTERPRISE)[0]):
        with pytest.raises(NotFound):
            act(lambda ctx: queries.get(ctx, finding.id), actor)
        assert act(lambda ctx: queries.count_open(ctx), actor) == 0
    assert act(lambda ctx: queries.count_open(ctx), make_actor(act, Role.CITY)[0]) == 1


def test_detectors_run_again_without_doubling(act: Act, app: Flask) -> None:
    house = app.extensions["house"]
    seen = [SEEN, Suspicion("order", "78", CITY, SEEN.template, SEEN.evidence), SEEN]
    house.add(DETECTORS, Detector("test.phone", "电话相同", "二(四)", Severity.FAIL, lambda ctx: seen, working_days=3))
    try:
        assert act(actions.detect) == "2 opened"
        assert act(actions.detect) == "0 opened"
    finally:
        house._entries[DETECTORS.name].pop()
    rows = act(lambda ctx: ctx.session.scalars(select(Finding)).all())
    assert {(row.detector, row.severity, row.due) for row in rows} == {("test.phone", Severity.FAIL, date(2031, 3, 17))}
