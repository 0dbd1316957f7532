"""Applications: the period to the second, who may submit, what is frozen, and who reads it."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest

from marketplace.base.errors import Forbidden, Invalid, NotFound, Refusal
from marketplace.policy.sanctions import actions as sanctions
from marketplace.policy.sanctions.states import Subject
from marketplace.shop.roster.states import ServiceClass
from providers.applications import actions, facts, queries
from providers.applications.models import Application
from providers.applications.states import ApplicationState
from providers.calls import actions as calling
from providers.calls.states import Fact
from providers.review import actions as reviewing
from tests.support import people

PRODUCT = ServiceClass.PRODUCT


@pytest.fixture
def call(city):
    return city.call()


@pytest.fixture
def provider(city, call):
    return city.provider()


@pytest.fixture
def draft(call, provider, act):
    return act(lambda ctx: actions.begin(ctx, call.id, klass=PRODUCT, proposal="提供产品。"), provider)


def state_of(act, application):
    return act(lambda ctx: ctx.session.get(Application, application.id)).state


def submit(act, application, actor, promise=True):
    return act(lambda ctx: actions.submit(ctx, application.id, promise=promise), actor)


def test_the_last_second_of_the_last_day_is_in_time(city, call, provider, draft, act):
    city.at(call.closes_on, 23, 59, 59)
    done = submit(act, draft, provider)
    assert (done.state, done.submitted_at) == (ApplicationState.SUBMITTED, city.clock.moment)


def test_a_second_late_is_refused_before_any_job_has_run(city, call, provider, draft, act):
    city.at(call.closes_on + timedelta(days=1), 0, 0, 0)
    with pytest.raises(Refusal) as refused:
        submit(act, draft, provider)
    assert (refused.value.code, refused.value.clause) == ("application.not_open", "二(四)")
    assert state_of(act, draft) is ApplicationState.DRAFT
    with pytest.raises(Refusal):
        act(lambda ctx: actions.begin(ctx, call.id, klass=PRODUCT), city.provider())


def test_a_second_early_is_refused_and_the_first_second_is_in_time(city, act):
    made = city.draft()
    act(lambda ctx: calling.publish(ctx, made.id), city.officer)
    provider = city.provider()
    begun = act(lambda ctx: actions.begin(ctx, made.id, klass=PRODUCT, proposal="提供产品。"), provider)
    city.at(made.opens_on - timedelta(days=1), 23, 59, 59)
    with pytest.raises(Refusal) as refused:
        submit(act, begun, provider)
    assert refused.value.code == "application.not_open"
    city.at(made.opens_on, 0, 0, 0)
    assert submit(act, begun, provider).state is ApplicationState.SUBMITTED


def test_without_the_promise_of_truth_nothing_is_submitted(provider, draft, act):
    with pytest.raises(Refusal) as refused:
        submit(act, draft, provider, promise=False)
    assert (refused.value.code, refused.value.clause, refused.value.field) == (
        "application.promise_missing",
        "六(二)",
        "promise",
    )
    assert state_of(act, draft) is ApplicationState.DRAFT


def test_an_organisation_that_is_not_confirmed_does_not_submit(city, call, act):
    actor = city.member(people.make_organisation(act, capacity="provider", confirmed=False))
    city.dossier(actor)
    begun = act(lambda ctx: actions.begin(ctx, call.id, klass=PRODUCT, proposal="提供产品。"), actor)
    with pytest.raises(Refusal) as refused:
        submit(act, begun, actor)
    assert refused.value.code == "organisation.not_confirmed"
    assert state_of(act, begun) is ApplicationState.DRAFT


def test_a_banned_organisation_does_not_submit_and_is_told_why(city, provider, draft, act):
    act(
        lambda ctx: sanctions.impose(
            ctx,
            subject_kind=Subject.ORGANISATION,
            subject_id=str(provider.organisation_id),
            reason="弄虚作假",
            basis="服务商管理办法",
            clause="第十五条",
            until=city.today + timedelta(days=365),
        )
    )
    with pytest.raises(Refusal) as refused:
        submit(act, draft, provider)
    assert (refused.value.code, refused.value.clause) == ("application.banned", "第十五条")
    checks = {o.condition.fact: o for o in act(lambda ctx: actions.check(ctx, draft), provider)}
    assert (checks[Fact.BAD_CREDIT].result, checks[Fact.BAD_CREDIT].actual) == ("fail", 1)


def test_a_submission_needs_a_dossier_and_a_proposal(city, call, act):
    bare = city.member(city.firm())
    begun = act(lambda ctx: actions.begin(ctx, call.id, klass=PRODUCT, proposal="提供产品。"), bare)
    with pytest.raises(Refusal) as refused:
        submit(act, begun, bare)
    assert refused.value.code == "dossier.missing"
    silent = city.provider()
    begun = act(lambda ctx: actions.begin(ctx, call.id, klass=PRODUCT), silent)
    with pytest.raises(Refusal) as refused:
        submit(act, begun, silent)
    assert (refused.value.code, refused.value.field) == ("application.proposal_missing", "proposal")
    assert state_of(act, begun) is ApplicationState.DRAFT


def test_an_application_does_not_change_into_a_class_that_has_one(city, act):
    call = city.call(seats={"product": 5, "integrated": 3})
    provider = city.provider()
    for klass in (PRODUCT, ServiceClass.INTEGRATED):
        begun = act(lambda ctx, k=klass: actions.begin(ctx, call.id, klass=k), provider)
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.revise(ctx, begun.id, klass=PRODUCT, industries=[], proposal=""), provider)
    assert (refused.value.code, refused.value.field) == ("application.twice", "klass")


def test_one_live_application_in_a_class_and_only_in_classes_sought(call, provider, draft, act):
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.begin(ctx, call.id, klass=PRODUCT), provider)
    assert refused.value.code == "application.twice"
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.begin(ctx, call.id, klass=ServiceClass.INTEGRATED), provider)
    assert (refused.value.code, refused.value.field) == ("application.class_not_sought", "klass")
    act(lambda ctx: actions.withdraw(ctx, draft.id), provider)
    assert act(lambda ctx: actions.begin(ctx, call.id, klass=PRODUCT), provider).state is ApplicationState.DRAFT


def test_industries_lie_within_those_of_the_call(city, act):
    call = city.call(industries=["39", "C38"])
    assert call.industries == ["C38", "C39"]
    provider = city.provider()
    with pytest.raises(Invalid):
        act(lambda ctx: actions.begin(ctx, call.id, klass=PRODUCT, industries=["C13"]), provider)
    begun = act(lambda ctx: actions.begin(ctx, call.id, klass=PRODUCT), provider)
    assert begun.industries == ["C38", "C39"]


def test_what_was_submitted_is_a_copy(city, provider, draft, act):
    submit(act, draft, provider)
    city.dossier(provider, staff=10, technical_staff=5)
    frozen = act(lambda ctx: ctx.session.get(Application, draft.id)).dossier
    assert (frozen["staff"], len(frozen["cases"])) == (60, 1)
    assert len(act(lambda ctx: queries.held(ctx, provider.organisation_id), provider).cases) == 2
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.revise(ctx, draft.id, klass=PRODUCT, industries=[], proposal="另一个"), provider)
    assert refused.value.code == "application.submitted"


def test_the_machine_checks_before_the_submission(city, call, provider, draft, act):
    found = {o.condition.fact: (o.result, o.actual) for o in act(lambda ctx: actions.check(ctx, draft), provider)}
    assert found.pop(None) == ("person", None)
    assert found == {
        Fact.YEARS_IN_BUSINESS: ("pass", 10),
        Fact.CASES_IN_INDUSTRY: ("pass", 1),
        Fact.SOFTWARE_COPYRIGHTS: ("pass", 1),
        Fact.BAD_CREDIT: ("pass", 0),
        Fact.YEARS_SINCE_REMOVAL: ("pass", facts.NEVER),
    }
    young = call.closes_on.replace(year=call.closes_on.year - 3)
    for founded_on, result in ((young, "pass"), (young + timedelta(days=1), "fail")):
        city.dossier(provider, founded_on=founded_on)
        checks = {o.condition.fact: o.result for o in act(lambda ctx: actions.check(ctx, draft), provider)}
        assert checks[Fact.YEARS_IN_BUSINESS] == result


def test_without_a_dossier_every_condition_is_for_a_person(city, call, act):
    actor = city.member(city.firm())
    begun = act(lambda ctx: actions.begin(ctx, call.id, klass=PRODUCT), actor)
    assert {o.result for o in act(lambda ctx: actions.check(ctx, begun), actor)} == {"person"}


def test_nobody_else_reads_an_application_before_it_is_opened(city, call, provider, draft, act):
    submit(act, draft, provider)
    auditor, _ = people.make_actor(act, "auditor", region=people.PROVINCE)
    foreign, _ = people.make_actor(act, "city", region=people.OTHER_CITY)
    rival = city.provider()
    for actor in (city.officer, auditor, foreign, rival):
        with pytest.raises(NotFound):
            act(lambda ctx: queries.get(ctx, draft.id), actor)
        assert act(lambda ctx: queries.search(ctx, call_id=call.id), actor).items == []
    city.close(call)
    for actor in (city.officer, auditor, provider):
        assert act(lambda ctx: queries.get(ctx, draft.id), actor).id == draft.id
    for actor in (foreign, rival):
        with pytest.raises(NotFound):
            act(lambda ctx: queries.get(ctx, draft.id), actor)
    document = uuid.UUID(act(lambda ctx: queries.get(ctx, draft.id)).dossier["proofs"][0]["document_id"])
    assert act(lambda ctx: queries.document(ctx, draft.id, document), city.officer).id == document
    with pytest.raises(NotFound):
        act(lambda ctx: queries.document(ctx, draft.id, document), rival)
    with pytest.raises(NotFound):
        act(lambda ctx: queries.document(ctx, draft.id, uuid.uuid4()), city.officer)


def test_a_supplement_comes_in_by_its_last_day_after_the_call_is_closed(city, call, provider, draft, act):
    submit(act, draft, provider)
    city.close(call)
    asked = act(lambda ctx: reviewing.ask(ctx, draft.id, "请补充社保证明", 3), city.officer)
    city.dossier(provider, staff=61)
    city.at(asked.supplement_until, 23, 59, 59)
    assert act(lambda ctx: actions.supplement(ctx, draft.id, promise=True), provider).dossier["staff"] == 61
    assert state_of(act, draft) is ApplicationState.SUBMITTED


def test_a_supplement_a_second_late_is_refused(city, call, provider, draft, act):
    submit(act, draft, provider)
    city.close(call)
    asked = act(lambda ctx: reviewing.ask(ctx, draft.id, "请补充社保证明", 3), city.officer)
    city.at(asked.supplement_until + timedelta(days=1), 0)
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.supplement(ctx, draft.id, promise=True), provider)
    assert (refused.value.code, refused.value.clause) == ("application.supplement_late", "二(四)")
    assert state_of(act, draft) is ApplicationState.RETURNED


def test_a_dossier_is_kept_by_its_own_organisation(city, provider, act):
    rival = city.provider()
    with pytest.raises(NotFound):
        act(lambda ctx: queries.held(ctx, provider.organisation_id), rival)
    case = act(lambda ctx: queries.held(ctx, provider.organisation_id), provider).cases[0]
    with pytest.raises(NotFound):
        act(lambda ctx: actions.drop_case(ctx, case.id), rival)
    with pytest.raises(Forbidden):
        act(lambda ctx: queries.held(ctx, provider.organisation_id), city.officer)
    act(lambda ctx: actions.drop_case(ctx, case.id), provider)
    assert act(lambda ctx: queries.held(ctx, provider.organisation_id), provider).cases == []


def test_a_dossier_says_nothing_impossible(city, provider, act):
    with pytest.raises(Invalid) as refused:
        city.dossier(provider, staff=3, technical_staff=4)
    assert list(refused.value.errors) == ["technical_staff"]
    with pytest.raises(Invalid):
        city.dossier(provider, founded_on=city.today + timedelta(days=1))
    with pytest.raises(Refusal) as late:
        act(
            lambda ctx: actions.add_case(
                ctx, client_name="甲", industry="C39", title="在建", finished_on=date(2032, 1, 1), amount_fen=None,
                effect="无", contact="无",
            ),
            provider,
        )  # fmt: skip
    assert late.value.code == "case.unfinished"
