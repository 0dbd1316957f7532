"""Panels: the draw, conflicts from data and declared, blind scoring, and the arithmetic."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.base.errors import Forbidden, Invalid, NotFound, Refusal
from marketplace.people.organisations import facts as organisations
from marketplace.people.organisations.rules import Holder
from marketplace.procedure.panels import actions, drawing, queries
from marketplace.procedure.panels.models import Panel, Score
from marketplace.procedure.panels.scoring import Criterion, Given, plain, result
from marketplace.procedure.panels.states import PanelState, SeatState
from providers.applications import queries as applications
from tests.selection.conftest import sheet
from tests.support import people

CRITERIA = [Criterion("cases", "案例", 60_00), Criterion("price", "价格", 40_00)]


@pytest.fixture
def draw(city, act):
    def make(*organisations, size=5, actor=None, **changes):
        candidates = [
            actions.Candidate(uuid.uuid4(), getattr(o, "id", o), f"候选{n}", "/x") for n, o in enumerate(organisations)
        ]
        values = {
            "subject_kind": "test",
            "subject_id": uuid.uuid4(),
            "title": "评审",
            "city": city.code,
            "size": size,
            "candidates": candidates,
            "criteria": CRITERIA,
            **changes,
        }
        return act(lambda ctx: actions.draw(ctx, **values), actor or city.officer)

    return make


@pytest.mark.parametrize("size", [1, 3, 4, 6])
def test_a_panel_is_odd_and_at_least_five(city, draw, act, size):
    city.pool(7)
    with pytest.raises(Refusal) as refused:
        draw(None, size=size)
    assert (refused.value.code, refused.value.clause) == ("panel.size", drawing.CLAUSE)
    assert act(lambda ctx: ctx.session.query(Panel).count()) == 0


def test_a_draw_needs_candidates_and_a_pool(city, draw, act):
    city.pool(4)
    with pytest.raises(Refusal) as refused:
        draw()
    assert refused.value.code == "panel.no_candidates"
    with pytest.raises(Refusal) as refused:
        draw(None)
    assert (refused.value.code, refused.value.text.values["eligible"]) == ("panel.pool_short", 4)


def test_experts_of_another_city_and_retired_ones_are_not_drawn(city, draw, act):
    pool = city.pool(6)
    expert_ids = {e.person_id: e for e in act(lambda ctx: queries.search_experts(ctx), city.officer).items}
    act(lambda ctx: actions.set_active(ctx, expert_ids[pool[0].person_id].id, False), city.officer)
    foreign, _ = people.make_actor(act, "city", region=people.OTHER_CITY)
    with pytest.raises(NotFound):
        act(lambda ctx: queries.expert(ctx, expert_ids[pool[1].person_id].id), foreign)
    panel = draw(None)
    assert pool[0].person_id not in {seat.person_id for seat, _ in city.seated(panel)}
    with pytest.raises(Forbidden):
        draw(None, actor=foreign)


def test_chance_decides(city, draw):
    city.pool(9)
    drawn = {frozenset(seat.person_id for seat, _ in city.seated(draw(None))) for _ in range(6)}
    assert len(drawn) > 1


def test_conflicts_from_data_exclude_and_are_written_down(city, draw, act):
    candidate = people.make_organisation(act, capacity="provider", legal_representative="赵大")
    sister = people.make_organisation(act, capacity="provider", legal_representative="赵大")
    holder = people.make_organisation(act, capacity="provider", legal_representative="钱二")
    act(lambda ctx: organisations.state_shareholders(ctx, candidate.id, [Holder(holder.name, holder.uscc, 3000)]))
    free = city.pool(5)
    tied = {
        "employer": city.expert(uscc=candidate.uscc),
        "related": city.expert(uscc=sister.uscc),
        "representative": city.expert(name="赵大"),
    }
    by_share = city.expert(uscc=holder.uscc)
    member = city.expert()
    people.make_actor(
        act,
        "provider",
        organisation=candidate,
        person=act(lambda ctx: ctx.session.get(people.Person, member.person_id)),
    )
    panel = draw(candidate)
    assert {seat.person_id for seat, _ in city.seated(panel)} == {e.person_id for e in free}
    excluded = panel.draw["excluded"]
    assert {excluded[str(e.person_id)][0] for e in tied.values()} == set(tied)
    assert excluded[str(by_share.person_id)] == ["related"]
    assert excluded[str(member.person_id)] == ["member"]
    assert sorted(panel.draw["pool"]) == sorted(str(e.person_id) for e in free)


@pytest.mark.parametrize(("days_ago", "conflict"), [(3 * 365, True), (3 * 365 + 2, False)])
def test_an_employment_counts_for_three_years(city, draw, act, days_ago, conflict):
    candidate = city.firm()
    expert = city.expert()
    row = next(
        e for e in act(lambda ctx: queries.search_experts(ctx), city.officer).items if e.person_id == expert.person_id
    )
    act(
        lambda ctx: actions.employ(
            ctx,
            row.id,
            employer_uscc=candidate.uscc,
            employer_name=candidate.name,
            until_day=city.today - timedelta(days=days_ago),
        ),
        city.officer,
    )
    city.pool(5)
    assert (str(expert.person_id) in draw(candidate).draw["excluded"]) is conflict


def test_a_declared_conflict_bars_reading_and_draws_a_substitute(city, act):
    application, panel = _before_a_panel(city, 6)
    seat, expert = city.seated(panel)[0]
    with pytest.raises(NotFound):
        act(lambda ctx: applications.get(ctx, application.id), expert)
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.declare(ctx, panel.id, True), expert)
    assert refused.value.code == "panel.reason_missing"
    act(lambda ctx: actions.declare(ctx, panel.id, False), expert)
    assert act(lambda ctx: applications.get(ctx, application.id), expert).id == application.id
    before = {s.person_id for s, _ in city.seated(panel)}
    act(lambda ctx: actions.declare(ctx, panel.id, True, "师生关系"), expert)
    for verb in (
        lambda ctx: applications.get(ctx, application.id),
        lambda ctx: queries.get(ctx, panel.id),
        lambda ctx: actions.score(ctx, panel.id, application.id, sheet(panel, 80)),
    ):
        with pytest.raises(NotFound):
            act(verb, expert)
    after = {s.person_id for s, _ in city.seated(panel)}
    assert len(after) == 5 and seat.person_id not in after and len(after - before) == 1


def test_a_conflict_is_never_refused_for_want_of_a_substitute(city, act):
    application, panel = _before_a_panel(city, 5)
    _, expert = city.seated(panel)[0]
    act(lambda ctx: actions.declare(ctx, panel.id, True, "近亲属"), expert)
    assert len(city.seated(panel)) == 4
    for _, other in city.seated(panel):
        act(lambda ctx: actions.declare(ctx, panel.id, False), other)
        act(lambda ctx: actions.score(ctx, panel.id, application.id, sheet(panel, 80)), other)
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.close(ctx, panel.id), city.officer)
    assert refused.value.code == "panel.incomplete"
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.substitute(ctx, panel.id), city.officer)
    assert refused.value.code == "panel.pool_short"
    city.expert()
    act(lambda ctx: actions.substitute(ctx, panel.id), city.officer)
    assert len(city.seated(panel)) == 5


def test_saying_none_against_the_data_is_refused(city, act):
    application, panel = _before_a_panel(city, 5)
    _, expert = city.seated(panel)[0]
    row = next(
        e for e in act(lambda ctx: queries.search_experts(ctx), city.officer).items if e.person_id == expert.person_id
    )
    firm = act(lambda ctx: ctx.session.get(people.Organisation, application.applicant_organisation_id))
    act(lambda ctx: actions.employ(ctx, row.id, employer_uscc=firm.uscc, employer_name=firm.name), city.officer)
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.declare(ctx, panel.id, False), expert)
    assert (refused.value.code, refused.value.clause) == ("panel.conflict", "财库〔2016〕198号第十五条")
    with pytest.raises(NotFound):
        act(lambda ctx: applications.get(ctx, application.id), expert)


def test_an_expert_scores_only_own_panels_after_declaring(city, act):
    application, panel = _before_a_panel(city, 5)
    _, expert = city.seated(panel)[0]
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.score(ctx, panel.id, application.id, sheet(panel, 80)), expert)
    assert refused.value.code == "panel.not_declared"
    stranger = city.expert()
    with pytest.raises(NotFound):
        act(lambda ctx: actions.declare(ctx, panel.id, False), stranger)
    with pytest.raises(NotFound):
        act(lambda ctx: queries.get(ctx, panel.id), stranger)
    assert act(lambda ctx: ctx.session.query(Score).count()) == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"c1": None}, "c1"),
        ({"c1": Given(15_01, "理由充分")}, "c1"),
        ({"c1": Given(-1, "理由充分")}, "c1"),
        ({"c1": Given(10_00, " ")}, "c1_reason"),
        ({"c9": Given(1_00, "理由充分")}, "c9"),
    ],
)
def test_every_criterion_has_points_within_its_maximum_and_a_reason(city, act, change, field):
    application, panel = _before_a_panel(city, 5)
    _, expert = city.seated(panel)[0]
    act(lambda ctx: actions.declare(ctx, panel.id, False), expert)
    given_ = {k: v for k, v in {**sheet(panel, 80), **change}.items() if v is not None}
    with pytest.raises(Invalid) as refused:
        act(lambda ctx: actions.score(ctx, panel.id, application.id, given_), expert)
    assert list(refused.value.errors) == [field]
    assert act(lambda ctx: ctx.session.query(Score).count()) == 0
    assert act(lambda ctx: queries.get(ctx, panel.id)).state is PanelState.DRAWN


def test_others_scores_are_hidden_until_the_closing(city, act):
    application, panel = _before_a_panel(city, 5)
    (first, one), (_, two) = city.seated(panel)[:2]
    for expert in (one, two):
        act(lambda ctx: actions.declare(ctx, panel.id, False), expert)
    act(lambda ctx: actions.score(ctx, panel.id, application.id, sheet(panel, 90)), one)
    own = act(lambda ctx: queries.own_sheet(ctx, queries.own_seat(ctx, panel.id)), two)
    assert own == {}
    for actor in (two, city.officer):
        assert act(lambda ctx: queries.results(ctx, panel.id), actor) == []
        assert act(lambda ctx: queries.all_scores(ctx, queries.get(ctx, panel.id)), actor) == []
    assert act(lambda ctx: queries.progress(ctx, panel.id), city.officer) == {first.id: 1}


def test_rescoring_keeps_the_earlier_scores(city, act):
    application, panel = _before_a_panel(city, 5)
    _, expert = city.seated(panel)[0]
    act(lambda ctx: actions.declare(ctx, panel.id, False), expert)
    act(lambda ctx: actions.score(ctx, panel.id, application.id, sheet(panel, 90)), expert)
    changed = {**sheet(panel, 90), "c1": Given(5_00, "复核后下调")}
    act(lambda ctx: actions.score(ctx, panel.id, application.id, changed), expert)
    rows = act(lambda ctx: ctx.session.query(Score).filter(Score.criterion == "c1").order_by(Score.id).all())
    assert [(r.points, r.superseded_at is None) for r in rows] == [(13_50, False), (5_00, True)]
    others = act(lambda ctx: ctx.session.query(Score).filter(Score.criterion != "c1").all())
    assert len(others) == 5 and all(r.superseded_at is None for r in others)


def test_closing_needs_every_sheet_and_ends_scoring(city, act):
    application, panel = _before_a_panel(city, 5)
    seated = city.seated(panel)
    for _, expert in seated:
        act(lambda ctx: actions.declare(ctx, panel.id, False), expert)
    for _, expert in seated[:4]:
        act(lambda ctx: actions.score(ctx, panel.id, application.id, sheet(panel, 80)), expert)
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.close(ctx, panel.id), city.officer)
    assert refused.value.code == "panel.unscored"
    act(lambda ctx: actions.score(ctx, panel.id, application.id, sheet(panel, 80)), seated[4][1])
    foreign, _ = people.make_actor(act, "city", region=people.OTHER_CITY)
    with pytest.raises(NotFound):
        act(lambda ctx: actions.close(ctx, panel.id), foreign)
    act(lambda ctx: actions.close(ctx, panel.id), city.officer)
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.score(ctx, panel.id, application.id, sheet(panel, 10)), seated[0][1])
    assert refused.value.code == "panel.closed"
    with pytest.raises(NotFound):
        act(lambda ctx: applications.get(ctx, application.id), seated[0][1])


def test_an_excused_experts_sheet_does_not_count(city, act):
    application, panel = _before_a_panel(city, 6)
    seat, expert = city.seated(panel)[0]
    act(lambda ctx: actions.declare(ctx, panel.id, False), expert)
    act(lambda ctx: actions.score(ctx, panel.id, application.id, sheet(panel, 0)), expert)
    excused = act(lambda ctx: actions.excuse(ctx, panel.id, seat.id, "因病"), city.officer)
    assert excused.state is SeatState.EXCUSED
    city.score(panel)
    found = act(lambda ctx: queries.results(ctx, panel.id))
    assert [(r.mean, r.spread, r.sheets) for r in found] == [(80_00, 0, 5)]


def test_the_arithmetic_drops_one_highest_and_one_lowest_of_five():
    sheets = [{"a": a, "b": b} for a, b in ((50, 40), (30, 30), (20, 10), (60, 40), (30, 31))]
    found = result(uuid.uuid4(), sheets)  # totals 90, 60, 30, 100, 61: without 30 and 100 the mean is 70.33
    assert (found.mean, found.spread, found.sheets) == (70, 70, 5)
    assert found.means == {"a": 37, "b": 34}
    four = result(uuid.uuid4(), sheets[:4])  # too few to drop any: 280 / 4
    assert (four.mean, four.sheets) == (70, 4)


@given(st.lists(st.integers(0, 10_000), min_size=5, max_size=9))
def test_the_mean_lies_between_the_extremes_and_extremes_do_not_move_it(points):
    found = result(uuid.uuid4(), [{"a": p} for p in points])
    inner = sorted(points)[1:-1]
    assert inner[0] <= found.mean <= inner[-1]
    assert abs(found.mean * len(inner) - sum(inner)) * 2 <= len(inner)
    higher = sorted(points)[:-1] + [10_000]
    assert result(uuid.uuid4(), [{"a": p} for p in higher]).mean == found.mean


def test_points_are_written_as_people_write_them():
    assert [plain(p) for p in (0, 5, 50, 1250, 10000)] == ["0", "0.05", "0.5", "12.5", "100"]


def _before_a_panel(city, pool):
    """One qualified application and a panel of five that was drawn for it."""
    provider = city.provider()
    call = city.call()
    application = city.apply(call, provider)
    city.close(call)
    city.qualify(application)
    city.pool(pool)
    return application, city.panel(call)
