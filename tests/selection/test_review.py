"""The review: machine and person, ranking with ties, who proposes and who decides, and the way back."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from marketplace.base.errors import Forbidden, NotFound, Refusal
from marketplace.procedure.panels.scoring import HUNDRED
from marketplace.procedure.publicity import actions as publicity
from marketplace.procedure.publicity import queries as notices
from marketplace.shop.roster import queries as roster
from marketplace.shop.roster.models import RosterEntry
from marketplace.shop.roster.states import ServiceClass
from providers.applications.models import Application
from providers.applications.states import ApplicationState
from providers.calls import queries as calls
from providers.calls.states import CallState
from providers.review import actions, queries
from providers.review.rules import Scored, rank
from tests.support import people

P, G = ServiceClass.PRODUCT, ServiceClass.INTEGRATED


@pytest.fixture
def one(city):
    """A call that is under review, with one application."""
    provider = city.provider()
    call = city.call()
    application = city.apply(call, provider)
    city.close(call)
    return call, application, provider


def state_of(act, application):
    return act(lambda ctx: ctx.session.get(Application, application.id)).state


def scored(klass, points, **means):
    return Scored(uuid.uuid4(), klass, points, means)


def places(ranked):
    return [(r.place, r.proposed) for r in ranked]


def test_ties_are_parted_by_the_named_criteria_in_order():
    found = [scored(P, 80_00, a=10, b=3), scored(P, 80_00, a=20, b=1), scored(P, 80_00, a=10, b=9), scored(P, 90_00)]
    ranked = rank(found, seats={"product": 3}, pass_line=60, tie_break=["a", "b"])
    assert [found.index(next(f for f in found if f.application_id == r.application_id)) for r in ranked] == [3, 1, 2, 0]
    assert places(ranked) == [(1, True), (2, True), (3, True), (4, False)]


def test_who_cannot_be_parted_at_the_last_seat_is_proposed_together():
    ranked = rank(
        [scored(P, 80_00) for _ in range(3)] + [scored(P, 70_00)], seats={"product": 2}, pass_line=60, tie_break=[]
    )
    assert places(ranked) == [(1, True), (1, True), (1, True), (4, False)]


def test_the_pass_line_is_exact_and_classes_are_ranked_apart():
    ranked = rank(
        [scored(P, 60_00), scored(P, 59_99), scored(G, 61_00)],
        seats={"product": 5, "integrated": 1},
        pass_line=60,
        tie_break=[],
    )
    assert [(r.klass, r.place, r.passed, r.proposed) for r in ranked] == [
        (G, 1, True, True),
        (P, 1, True, True),
        (P, 2, False, False),
    ]


def test_a_class_without_seats_is_not_proposed():
    assert not rank([scored(G, 99_00)], seats={"product": 1}, pass_line=60, tie_break=[])[0].proposed


def test_the_machine_decides_what_it_can_and_leaves_the_rest_open(one, city, act):
    _, application, _ = one
    found = act(lambda ctx: queries.all_checks(ctx, [application.id]))[application.id]
    assert [(c.machine.value, c.decision.value if c.decision else None) for c in found] == [("pass", "pass")] * 5 + [
        ("person", None)
    ] * 5
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.conclude(ctx, application.id), city.officer)
    assert refused.value.code == "review.undecided"


def test_deciding_otherwise_than_the_machine_needs_a_reason(one, city, act):
    call, application, _ = one
    decide = lambda ctx, **said: actions.decide_condition(ctx, application.id, "years_in_business", **said)  # noqa: E731
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: decide(ctx, passed=False), city.officer)
    assert (refused.value.code, refused.value.clause, refused.value.field) == (
        "review.reason_missing",
        "二(四)",
        "reason",
    )
    with pytest.raises(Refusal):
        act(lambda ctx: actions.decide_condition(ctx, application.id, "person_1", passed=True), city.officer)
    act(lambda ctx: decide(ctx, passed=False, reason="营业执照日期不符"), city.officer)
    done = city.qualify(application)
    assert done.state is ApplicationState.UNQUALIFIED
    assert done.note == "成立并实际经营满 3 年（营业执照日期不符）"
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: decide(ctx, passed=True), city.officer)
    assert refused.value.code == "review.concluded"
    with pytest.raises(NotFound):
        act(lambda ctx: actions.decide_condition(ctx, application.id, "nothing", passed=True), city.officer)


def test_a_foreign_officer_and_the_applicant_do_not_review(one, city, act):
    call, application, provider = one
    foreign, _ = people.make_actor(act, "city", region=people.OTHER_CITY)
    with pytest.raises(NotFound):
        act(lambda ctx: actions.conclude(ctx, application.id), foreign)
    with pytest.raises(NotFound):
        act(lambda ctx: queries.call(ctx, call.id), foreign)
    with pytest.raises(Forbidden):
        act(lambda ctx: actions.conclude(ctx, application.id), provider)
    for verb in (actions.propose, actions.decide):
        with pytest.raises(Forbidden):
            act(lambda ctx, verb=verb: verb(ctx, call.id), foreign)


def test_the_applicant_reads_the_checks_after_the_conclusion(one, city, act):
    _, application, provider = one
    get = lambda ctx: queries.checks(ctx, ctx.session.get(Application, application.id))  # noqa: E731
    assert act(get, provider) == []
    city.qualify(application)
    assert len(act(get, provider)) == 10


def test_a_supplement_is_waited_for_then_checked_afresh_or_found_wanting(one, city, act):
    _, application, _ = one
    asked = act(lambda ctx: actions.ask(ctx, application.id, "请补充社保证明"), city.officer)
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.conclude(ctx, application.id), city.officer)
    assert refused.value.code == "review.supplement_open"
    city.at(asked.supplement_until + timedelta(days=1))
    done = act(lambda ctx: actions.conclude(ctx, application.id), city.officer)
    assert (done.state, done.note) == (ApplicationState.UNQUALIFIED, "未在期限内补正")


def test_no_panel_before_every_check_has_ended_or_when_nobody_qualified(one, city, act):
    call, application, _ = one
    city.pool(5)
    with pytest.raises(Refusal) as refused:
        city.panel(call)
    assert (refused.value.code, refused.value.clause) == ("review.unfinished", "二(四)")
    act(
        lambda ctx: actions.decide_condition(ctx, application.id, "person_1", passed=False, reason="无行业积累"),
        city.officer,
    )
    city.qualify(application)
    with pytest.raises(Refusal) as refused:
        city.panel(call)
    assert refused.value.code == "review.none_qualified"


def test_no_proposal_without_scores_or_below_the_line(one, city, act):
    call, application, _ = one
    city.qualify(application)
    with pytest.raises(Refusal) as refused:
        city.propose(call)
    assert refused.value.code == "ranking.unscored"
    city.pool(5)
    city.score(city.panel(call), {application.id: 59})
    with pytest.raises(Refusal) as refused:
        city.propose(call)
    assert refused.value.code == "ranking.empty"
    assert act(lambda ctx: calls.get(ctx, call.id)).state is CallState.REVIEWING
    assert state_of(act, application) is ApplicationState.SCORED


@pytest.fixture
def proposed(city):
    """Three applicants of whom two are proposed; the notice runs."""
    names = ("甲软件有限公司", "乙软件有限公司", "丙软件有限公司")
    actors = [city.provider(name) for name in names]
    call = city.call(seats={"product": 2})
    made = [city.apply(call, actor) for actor in actors]
    city.close(call)
    for application in made:
        city.qualify(application)
    city.pool(5)
    city.score(city.panel(call), {made[0].id: 90, made[1].id: 80, made[2].id: 70})
    return call, made, city.propose(call), actors


def test_the_notice_lists_the_proposed_with_place_and_points(proposed, act):
    call, made, notice, _ = proposed
    items = act(lambda ctx: notices.items(ctx, notice.id))
    assert [(i.title, i.detail) for i in items] == [
        ("甲软件有限公司", "“小快轻准”产品服务商 · 第 1 名 · 90 分"),
        ("乙软件有限公司", "“小快轻准”产品服务商 · 第 2 名 · 80 分"),
    ]
    assert (notice.clause, notice.working_days) == ("二(四)", 5)
    assert [act(lambda ctx, a=a: ctx.session.get(Application, a.id)).score for a in made] == [
        90 * HUNDRED,
        80 * HUNDRED,
        70 * HUNDRED,
    ]


def test_nothing_is_decided_before_the_notice_is_cleared(proposed, city, act):
    call, made, notice, _ = proposed
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.decide(ctx, call.id), city.chief)
    assert refused.value.code == "state.not_allowed"
    assert act(lambda ctx: ctx.session.query(RosterEntry).count()) == 0


def test_who_proposed_does_not_decide(proposed, city, act):
    call, made, notice, actors = proposed
    city.clear(notice)
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.decide(ctx, call.id), city.officer)
    assert (refused.value.code, refused.value.clause) == ("decision.same_person", "二(四)")
    assert act(lambda ctx: ctx.session.query(RosterEntry).count()) == 0
    act(lambda ctx: actions.decide(ctx, call.id), city.chief)
    assert [state_of(act, a) for a in made] == [
        ApplicationState.SELECTED,
        ApplicationState.SELECTED,
        ApplicationState.NOT_SELECTED,
    ]
    listed = {e.provider_id for e in act(lambda ctx: ctx.session.query(RosterEntry).all())}
    assert listed == {a.organisation_id for a in actors[:2]}


def test_an_upheld_objection_takes_one_applicant_out_and_the_rest_is_decided(proposed, city, act):
    call, made, notice, actors = proposed
    objection = act(
        lambda ctx: publicity.object(
            ctx, notice.id, name="李四", contact="13800001111", text="案例合同系伪造，请核查。", item_id=made[0].id
        ),
        visitor=True,
    )
    city.at(notice.ends_on + timedelta(days=1))
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: publicity.clear(ctx, notice.id), city.officer)
    assert refused.value.code == "notice.objected"
    act(lambda ctx: publicity.rule(ctx, objection.id, True, "合同系伪造。"), city.chief)
    assert state_of(act, made[0]) is ApplicationState.NOT_SELECTED
    city.clear(notice)
    act(lambda ctx: actions.decide(ctx, call.id), city.chief)
    assert {e.provider_id for e in act(lambda ctx: ctx.session.query(RosterEntry).all())} == {actors[1].organisation_id}


@pytest.mark.parametrize("how", ["withdrawn", "stopped"])
def test_a_notice_that_ends_otherwise_opens_the_review_again(proposed, city, act, how):
    call, made, notice, _ = proposed
    if how == "withdrawn":
        act(lambda ctx: publicity.withdraw(ctx, notice.id, "材料有误"), city.officer)
    else:
        objection = act(
            lambda ctx: publicity.object(
                ctx, notice.id, name="李四", contact="13800001111", text="评审程序不合规，请核查。"
            ),
            visitor=True,
        )
        act(lambda ctx: publicity.rule(ctx, objection.id, True, "程序不合规。"), city.chief)
    assert act(lambda ctx: calls.get(ctx, call.id)).state is CallState.REVIEWING
    assert [state_of(act, a) for a in made] == [ApplicationState.SCORED] * 3
    act(lambda ctx: actions.exclude(ctx, made[0].id, "案例造假"), city.officer)
    again = city.propose(call)
    assert [i.title for i in act(lambda ctx: notices.items(ctx, again.id))] == ["乙软件有限公司", "丙软件有限公司"]


def test_a_further_panel_judges_only_after_the_review_was_reopened(proposed, city, act):
    call, *_ = proposed
    with pytest.raises(Refusal) as refused:
        city.panel(call)
    assert refused.value.code == "review.not_open"


def test_being_proposed_is_not_being_listed(proposed, city, act):
    """A provider that is only proposed may not take orders."""
    _, _, _, actors = proposed
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: roster.require_active(ctx, actors[0].organisation_id, city.code))
    assert refused.value.code == "provider.not_on_roster"
