"""Calls: terms that hold together, a period that is exact to the second, and what is public."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marketplace.base.errors import Forbidden, Invalid, NotFound, Refusal
from providers.calls import actions, queries, template
from providers.calls.models import Call
from providers.calls.rules import lint
from providers.calls.states import CallState
from tests.support import people


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"seats": {}}, "seats"),
        ({"seats": {"product": 0}}, "seats"),
        ({"scoring": [{"code": "c1", "label": "案例", "max": 99}], "tie_break": []}, "scoring"),
        ({"tie_break": ["c9"]}, "tie_break"),
        ({"conditions": []}, "conditions"),
        ({"pass_line": 101}, "pass_line"),
        ({"publicity_days": 0}, "publicity_days"),
        ({"term_years": 0}, "term_years"),
    ],
)
def test_terms_must_hold_together(city, act, change, field):
    terms = city.terms(**change)
    with pytest.raises(Invalid) as refused:
        act(lambda ctx: actions.draft(ctx, **terms), city.officer)
    assert list(refused.value.errors) == [field]
    assert act(lambda ctx: ctx.session.query(Call).count()) == 0


def test_the_last_day_is_not_before_the_first_and_a_machine_condition_is_complete(city, act):
    terms = city.terms()
    with pytest.raises(Invalid) as refused:
        act(
            lambda ctx: actions.draft(ctx, **{**terms, "closes_on": terms["opens_on"] - timedelta(days=1)}),
            city.officer,
        )
    assert list(refused.value.errors) == ["closes_on"]
    broken = [{**terms["conditions"][0], "value": None}]
    with pytest.raises(Invalid) as refused:
        act(lambda ctx: actions.draft(ctx, **{**terms, "conditions": broken}), city.officer)
    assert list(refused.value.errors) == ["conditions"]


def test_the_template_is_complete_and_cites_the_book(city, act):
    call = city.draft()
    assert (call.clause, call.publicity_days, call.term_years, call.pass_line) == ("二(四)", 5, 2, 60)
    assert sum(line["max"] for line in call.scoring) == 100
    kinds = [c["kind"] for c in call.conditions]
    assert (kinds.count("machine"), kinds.count("person")) == (5, 5)
    labels = {line["code"]: line["label"] for line in call.scoring}
    assert [labels[code] for code in call.tie_break] == ["行业经验与案例", "价格让利"]
    assert act(lambda ctx: actions.remarks(ctx, call), city.officer) == []


def test_a_draft_is_seen_by_officers_of_its_city_alone(city, act):
    call = city.draft()
    foreign, _ = people.make_actor(act, "city", region=people.OTHER_CITY)
    for actor, visitor in ((foreign, False), (None, True), (city.member(city.firm()), False)):
        with pytest.raises(NotFound):
            act(lambda ctx: queries.get(ctx, call.id), actor, visitor=visitor)
    with pytest.raises(NotFound):
        act(lambda ctx: actions.publish(ctx, call.id), foreign)
    act(lambda ctx: actions.publish(ctx, call.id), city.officer)
    assert act(lambda ctx: queries.get(ctx, call.id), visitor=True).state is CallState.OPEN
    for verb in (lambda ctx: actions.publish(ctx, call.id), lambda ctx: actions.cancel(ctx, call.id, "作废")):
        with pytest.raises(Forbidden):
            act(verb, foreign)


def test_only_a_city_drafts_for_itself(city, act):
    terms = city.terms()
    province, _ = people.make_actor(act, "province")
    for actor in (province, city.member(city.firm())):
        with pytest.raises(Forbidden):
            act(lambda ctx: actions.draft(ctx, city=city.code, **terms), actor)
    with pytest.raises(Forbidden):
        act(lambda ctx: actions.draft(ctx, city=people.OTHER_CITY, **terms), city.officer)


def test_a_published_call_never_changes(city, act):
    call = city.call()
    terms = city.terms()
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.revise(ctx, call.id, **terms), city.officer)
    assert (refused.value.code, refused.value.clause) == ("call.published", "二(四)")
    with pytest.raises(Refusal):
        act(lambda ctx: actions.publish(ctx, call.id), city.officer)


def test_a_number_is_used_once_in_a_city_and_a_draft_keeps_its_own(city, act):
    terms = city.terms(number="宜工信字〔2031〕1号")
    call = act(lambda ctx: actions.draft(ctx, **terms), city.officer)
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.draft(ctx, **terms), city.officer)
    assert (refused.value.code, refused.value.field) == ("call.number_taken", "number")
    revised = act(lambda ctx: actions.revise(ctx, call.id, **{**terms, "title": "新标题"}), city.officer)
    assert revised.title == "新标题"
    other, _ = people.make_actor(act, "city", region=people.OTHER_CITY)
    assert act(lambda ctx: actions.draft(ctx, **terms), other).city == people.OTHER_CITY


def test_a_first_day_that_has_passed_cannot_be_published(city, act):
    call = city.draft()
    city.at(call.opens_on + timedelta(days=1))
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.publish(ctx, call.id), city.officer)
    assert (refused.value.code, refused.value.field) == ("call.opens_past", "opens_on")
    assert act(lambda ctx: queries.get(ctx, call.id)).state is CallState.DRAFT


def test_a_call_is_closed_after_its_last_second_by_hand_or_by_the_job(city, act):
    call = city.call()
    city.at(call.closes_on, 23, 59, 59)
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.close(ctx, call.id), city.officer)
    assert refused.value.code == "call.still_open"
    assert act(actions.close_overdue) == ""
    city.at(call.closes_on + timedelta(days=1), 0)
    assert act(actions.close_overdue) == "1 closed"
    assert act(actions.close_overdue) == ""
    assert act(lambda ctx: queries.get(ctx, call.id)).state is CallState.CLOSED


def test_cancelling_needs_a_reason_which_is_public(city, act):
    call = city.call()
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.cancel(ctx, call.id, " "), city.officer)
    assert refused.value.code == "call.reason_missing"
    act(lambda ctx: actions.cancel(ctx, call.id, "政策调整"), city.officer)
    found = act(lambda ctx: queries.get(ctx, call.id), visitor=True)
    assert (found.state, found.end_reason) == (CallState.CANCELLED, "政策调整")


@pytest.mark.parametrize(
    "words",
    [
        "须在本市注册",
        "注册地应在本市",
        "在本地设立分支机构",
        "仅限本市企业参加",
        "本地企业优先",
        "在我市缴纳社保满一年",
    ],
)
def test_wording_of_local_protection_is_noticed(city, words):
    day = city.today
    found = lint([words], publicity_days=5, opens_on=day, closes_on=day + timedelta(days=20), clause="二(四)")
    assert [remark.code for remark in found] == ["call.local_protection"]


@pytest.mark.parametrize("words", ["有本市企业成功案例", "为本市企业提供服务", "成立并实际经营满 3 年"])
def test_plain_wording_is_left_alone(city, words):
    day = city.today
    assert lint([words], publicity_days=5, opens_on=day, closes_on=day + timedelta(days=20), clause="二(四)") == []


def test_the_template_needs_no_rule_book_to_be_shown(act):
    officer, _ = people.make_actor(act, "city")
    values = act(lambda ctx: template.prefill(ctx), officer)
    assert values["edition_id"] is None and len(values["conditions"]) == 5
