"""The city's judgement: what comes before it, what passing needs, and that it is made once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from marketplace.base.errors import Forbidden, Invalid, NotFound, Refusal
from marketplace.pilots.levels import queries as levels
from marketplace.pilots.levels.models import LevelRecord
from marketplace.record.notices.models import Notice
from marketplace.shop.acceptance import actions, queries, rules
from marketplace.shop.acceptance.models import Acceptance
from marketplace.shop.acceptance.states import Result
from marketplace.shop.catalogue.states import CostType
from marketplace.shop.orders import actions as orders
from marketplace.shop.orders.models import Order
from marketplace.shop.orders.rules import LineInput
from tests.support.people import OTHER_CITY, make_actor
from tests.support.shop import Town, file_contract, list_product, place_order

SCORES = {"effect": 80, "data_flow": 70, "return": 60, "management": 65}


@pytest.fixture
def delivered(town: Town, today: date) -> Order:
    order = place_order(town, list_product(town))
    town.act(lambda ctx: orders.accept(ctx, order.id), town.provider)
    line = LineInput("年度订阅", CostType.SOFTWARE, Decimal(1), Decimal("16800"), 1_680_000, 95_094)
    file_contract(town, order, [line], signed_on=today)
    town.act(lambda ctx: orders.deliver(ctx, order.id, text="已上线"), town.provider)
    return order


@pytest.fixture
def confirmed(town: Town, delivered: Order) -> Order:
    town.act(lambda ctx: orders.confirm(ctx, delivered.id), town.enterprise)
    return delivered


def judge(town: Town, order: Order, actor: Any = None, **changes: Any) -> Acceptance:
    values: dict[str, Any] = {
        "scores": SCORES,
        "level_after": "L6",
        "result": Result.PASSED,
        "finance_clean": True,
        "reason": "达到要求",
        **changes,
    }
    found: Acceptance = town.act(lambda ctx: actions.judge(ctx, order.id, **values), actor or town.city)
    return found


def refused(call: Callable[[], Any]) -> Refusal:
    with pytest.raises(Refusal) as fault:
        call()
    return fault.value


def rows(town: Town, table: Any) -> int:
    return int(town.act(lambda ctx: ctx.session.scalar(select(func.count()).select_from(table))))


def test_passing_records_the_level_and_tells_both(town: Town, confirmed: Order, today: date) -> None:
    row = judge(town, confirmed)
    assert (row.points, row.level_before, row.level_after, row.rank_after) == (68, "L3", "L6", 6)
    enterprise_id = town.enterprise.organisation_id
    assert enterprise_id is not None
    latest = town.act(lambda ctx: levels.latest(ctx, enterprise_id, "jiangxi", today))
    assert latest.id == row.level_record_id and latest.value == "L6"
    told = town.act(
        lambda ctx: ctx.session.scalars(select(Notice.organisation_id).where(Notice.url == f"/acceptances/{row.id}"))
        .all()
    )  # fmt: skip
    assert set(told) == {town.enterprise.organisation_id, town.provider.organisation_id}
    assert town.act(lambda ctx: queries.passed(ctx, confirmed.id)).id == row.id


def test_nothing_is_judged_before_the_enterprise_confirmed(town: Town, delivered: Order) -> None:
    fault = refused(lambda: judge(town, delivered))
    assert (fault.code, fault.clause) == ("acceptance.not_confirmed", "二(五)")
    assert rows(town, Acceptance) == rows(town, LevelRecord) == 0


@pytest.mark.parametrize(
    ("changes", "code", "clause"),
    [
        ({"level_after": "L5"}, "level.below_target", "二(二)"),
        ({"scores": {**SCORES, "effect": 44}}, "acceptance.below_pass", "二(五)"),
        ({"finance_clean": False}, "acceptance.finance_open", "二(五)"),
    ],
)
def test_what_passing_needs(town: Town, confirmed: Order, changes: dict[str, Any], code: str, clause: str) -> None:
    fault = refused(lambda: judge(town, confirmed, **changes))
    assert (fault.code, fault.clause) == (code, clause)
    assert rows(town, Acceptance) == rows(town, LevelRecord) == 0
    assert judge(town, confirmed, **changes, result=Result.RECTIFY).result is Result.RECTIFY


def test_sixty_points_pass(town: Town, confirmed: Order) -> None:
    assert judge(town, confirmed, scores={**SCORES, "effect": 45}).points == 60


@pytest.mark.parametrize(
    "changes",
    [
        {"reason": "  "},
        {"level_after": "L11"},
        {"level_after": "三级"},
        {"scores": {"effect": 80}},
        {"scores": {**SCORES, "beauty": 100}},
        {"scores": {**SCORES, "effect": 101}},
        {"scores": {**SCORES, "effect": -1}},
    ],
)
def test_a_judgement_is_complete(town: Town, confirmed: Order, changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        judge(town, confirmed, **changes)
    assert rows(town, Acceptance) == 0


@pytest.mark.parametrize("result", [Result.PASSED, Result.FAILED])
def test_a_final_judgement_is_final(town: Town, confirmed: Order, result: Result) -> None:
    judge(town, confirmed, result=result)
    fault = refused(lambda: judge(town, confirmed))
    assert (fault.code, fault.clause) == ("acceptance.already_judged", "二(五)")
    assert rows(town, Acceptance) == 1


def test_rectification_is_followed_by_another_round(town: Town, confirmed: Order) -> None:
    waiting = lambda: [o.id for o in town.act(lambda ctx: queries.waiting(ctx).items, town.city)]  # noqa: E731
    assert waiting() == [confirmed.id]
    judge(town, confirmed, result=Result.RECTIFY, level_after="L5", reason="数据未贯通")
    assert waiting() == [confirmed.id]
    second = judge(town, confirmed)
    assert (second.round, second.level_before) == (2, "L5")
    assert waiting() == []


def test_only_this_city_judges(town: Town, confirmed: Order) -> None:
    elsewhere, _ = make_actor(town.act, "city", region=OTHER_CITY)
    with pytest.raises(NotFound):
        judge(town, confirmed, elsewhere)
    for wrong in (town.office, town.enterprise, town.provider):
        with pytest.raises(Forbidden):
            judge(town, confirmed, wrong)
    row = judge(town, confirmed)
    with pytest.raises(NotFound):
        town.act(lambda ctx: queries.get(ctx, row.id), elsewhere)
    assert town.act(lambda ctx: queries.get(ctx, row.id), town.enterprise).id == row.id


def test_points_are_cut_not_rounded() -> None:
    assert rules.points_of({"a": 60, "b": 59}, ["a", "b"]) == 59
