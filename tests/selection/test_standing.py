"""Standing on the list: terms, measures with reasons, and what a suspended provider may still do."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest

from marketplace.base.errors import Forbidden, Refusal
from marketplace.base.ids import spoken
from marketplace.shop.roster import actions as roster
from marketplace.shop.roster import queries as listed
from marketplace.shop.roster.events import ProviderListed, ProviderReinstated, ProviderRemoved, ProviderSuspended
from marketplace.shop.roster.models import RosterEntry
from marketplace.shop.roster.states import RosterState, ServiceClass
from providers.calls.states import Fact
from providers.review import queries as review
from providers.standing import actions, queries
from providers.standing.models import StandingMeasure
from providers.standing.states import Measure
from tests.support import people

SAID = {"reason": "交付严重延误", "clause": "管理办法第十二条"}


@pytest.fixture
def enter(city, act):
    """``enter(provider_id, …)``: an entry of the list, as the selection writes it."""

    def make(provider_id, klass=ServiceClass.PRODUCT, years=2, **changes):
        values = {
            "provider_id": provider_id,
            "city": city.code,
            "klass": klass,
            "industries": ["C39"],
            "call_id": uuid.uuid4(),
            "application_id": uuid.uuid4(),
            "valid_until": actions.last_day(city.today, years),
            **changes,
        }
        return act(lambda ctx: roster.enter(ctx, **values))

    return make


@pytest.fixture
def entry(enter, city):
    return enter(city.firm("甲软件有限公司").id)


def require(act, entry, city, klass=None):
    return act(lambda ctx: listed.require_active(ctx, entry.provider_id, city.code, klass))


def take(act, city, entry, kind, actor=None, **changes):
    said = {**SAID, **changes}
    return act(lambda ctx: actions.take(ctx, entry.id, kind, **said), actor or city.officer)


@pytest.mark.parametrize(
    ("start", "years", "last"),
    [
        (date(2031, 3, 12), 2, date(2033, 3, 11)),
        (date(2028, 2, 29), 1, date(2029, 2, 28)),
        (date(2028, 2, 29), 4, date(2032, 2, 28)),
        (date(2031, 1, 1), 1, date(2031, 12, 31)),
    ],
)
def test_a_term_of_full_years_ends_before_the_anniversary(start, years, last):
    assert actions.last_day(start, years) == last


def test_the_term_holds_to_its_last_day_and_the_job_ends_it(entry, city, act):
    city.at(entry.valid_until, 23, 59, 59)
    assert require(act, entry, city).id == entry.id
    assert act(roster.end_expired) == ""
    city.at(entry.valid_until + timedelta(days=1), 0)
    with pytest.raises(Refusal) as refused:
        require(act, entry, city)
    assert (refused.value.code, refused.value.clause) == ("provider.not_on_roster", "二(四)")
    assert act(lambda ctx: listed.search(ctx)).items == []
    assert act(roster.end_expired) == "1 ended"
    assert act(lambda ctx: listed.get(ctx, entry.id)).entry.state is RosterState.ENDED


def test_nobody_stands_in_another_city_or_class(entry, city, act):
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: listed.require_active(ctx, entry.provider_id, people.OTHER_CITY))
    assert refused.value.code == "provider.not_on_roster"
    with pytest.raises(Refusal):
        require(act, entry, city, ServiceClass.INTEGRATED)


def test_a_suspension_in_one_class_stops_new_orders_in_all(entry, enter, city, act):
    enter(entry.provider_id, ServiceClass.INTEGRATED)
    take(act, city, entry, Measure.SUSPEND)
    with pytest.raises(Refusal) as refused:
        require(act, entry, city)
    assert (refused.value.code, refused.value.clause) == ("provider.suspended", "二(四)")
    take(act, city, entry, Measure.LIFT)
    assert require(act, entry, city)


@pytest.mark.parametrize("kind", [Measure.WARN, Measure.RECTIFY])
def test_a_warned_or_rectifying_provider_keeps_taking_orders(entry, city, act, kind):
    due_on = city.today + timedelta(days=30) if kind is Measure.RECTIFY else None
    take(act, city, entry, kind, due_on=due_on)
    assert require(act, entry, city).state_reason == SAID["reason"]


def test_a_removed_provider_is_off_the_list_and_stays_off(entry, city, act):
    take(act, city, entry, Measure.REMOVE)
    with pytest.raises(Refusal) as refused:
        require(act, entry, city)
    assert refused.value.code == "provider.not_on_roster"
    with pytest.raises(Refusal) as refused:
        take(act, city, entry, Measure.LIFT)
    assert refused.value.code == "state.not_allowed"
    found = act(lambda ctx: listed.by_certificate(ctx, spoken(entry.certificate_number))).entry
    assert (found.state, found.state_clause) == (RosterState.REMOVED, SAID["clause"])


@pytest.mark.parametrize(
    ("kind", "changes", "code"),
    [
        (Measure.WARN, {"reason": " "}, "roster.reason_missing"),
        (Measure.WARN, {"clause": ""}, "roster.reason_missing"),
        (Measure.RECTIFY, {}, "standing.due"),
        (Measure.SUSPEND, {"due_on": date(2031, 12, 1)}, "standing.due"),
        (Measure.RECTIFY, {"due_on": date(2031, 3, 12)}, "roster.rectify_by"),
        (Measure.LIFT, {}, "state.not_allowed"),
    ],
)
def test_a_measure_without_grounds_changes_nothing(entry, city, act, kind, changes, code):
    with pytest.raises(Refusal) as refused:
        take(act, city, entry, kind, **changes)
    assert refused.value.code == code
    assert act(lambda ctx: listed.get(ctx, entry.id)).entry.state is RosterState.ACTIVE
    assert act(lambda ctx: ctx.session.query(StandingMeasure).count()) == 0


def test_only_officers_of_the_city_take_measures(entry, city, act):
    foreign, _ = people.make_actor(act, "city", region=people.OTHER_CITY)
    provider, _ = people.make_actor(act, "provider", organisation=entry.provider_id)
    for actor in (foreign, provider):
        with pytest.raises(Forbidden):
            take(act, city, entry, Measure.WARN, actor)
    take(act, city, entry, Measure.WARN)
    assert len(act(lambda ctx: queries.of_entry(ctx, entry.id), provider)) == 1
    for actor in (foreign, city.member(city.firm())):
        assert act(lambda ctx: queries.of_entry(ctx, entry.id), actor) == []


def test_a_new_selection_takes_the_place_of_the_old_entry(entry, enter, city, act):
    city.at(city.today + timedelta(days=300))
    newer = enter(entry.provider_id)
    assert require(act, entry, city).id == newer.id
    assert act(lambda ctx: listed.get(ctx, entry.id)).entry.state is RosterState.ENDED
    assert newer.certificate_number != entry.certificate_number


def test_a_new_selection_does_not_undo_a_suspension(entry, enter, city, act):
    take(act, city, entry, Measure.SUSPEND)
    with pytest.raises(Refusal) as refused:
        enter(entry.provider_id)
    assert refused.value.code == "roster.suspended"
    assert act(lambda ctx: ctx.session.query(RosterEntry).count()) == 1


def test_facts_are_announced(entry, enter, city, act, app):
    heard = []
    announcements = app.extensions["house"].announcements
    kinds = (ProviderListed, ProviderSuspended, ProviderReinstated, ProviderRemoved)
    for kind in kinds:
        announcements.subscribe(kind, lambda ctx, fact: heard.append(type(fact)))
    try:
        take(act, city, entry, Measure.WARN)
        take(act, city, entry, Measure.LIFT)
        take(act, city, entry, Measure.SUSPEND)
        take(act, city, entry, Measure.LIFT)
        take(act, city, entry, Measure.REMOVE)
        enter(entry.provider_id)
    finally:
        for kind in kinds:
            announcements._subscribers[kind].pop()
    assert heard == [ProviderSuspended, ProviderReinstated, ProviderRemoved, ProviderListed]


def test_a_removal_is_a_fact_of_later_calls(entry, city, act):
    take(act, city, entry, Measure.REMOVE)
    actor, _ = people.make_actor(act, "provider", organisation=entry.provider_id)
    city.dossier(actor)
    call = city.call()
    application = city.apply(call, actor)
    city.close(call)
    found = {c.code: c for c in act(lambda ctx: review.all_checks(ctx, [application.id]))[application.id]}
    check = found[Fact.YEARS_SINCE_REMOVAL.value]
    assert (check.machine.value, check.actual) == ("fail", 0)


def test_the_list_is_paged_and_searched(enter, city, act):
    for number in range(5):
        enter(city.firm(f"第{number}软件有限公司").id, industries=["C39" if number % 2 else "C13"])
    seen, cursor = [], None
    while True:
        page = act(lambda ctx, c=cursor: listed.search(ctx, limit=2, cursor=c))
        seen += [item.name for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 5
    assert len(act(lambda ctx: listed.search(ctx, industry="C39")).items) == 2
    assert [i.name for i in act(lambda ctx: listed.search(ctx, name="第3")).items] == ["第3软件有限公司"]
    assert act(lambda ctx: listed.search(ctx, name="%")).items == []
    assert act(lambda ctx: listed.search(ctx, klass=ServiceClass.INTEGRATED)).items == []
    assert act(lambda ctx: listed.search(ctx, city=people.OTHER_CITY)).items == []
