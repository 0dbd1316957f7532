"""Public notices: working days, objections by anybody, rulings, and what stops the clearing."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest

from marketplace.base.errors import Forbidden, Invalid, NotFound, Refusal, Throttled
from marketplace.base.workdays import add_workdays
from marketplace.procedure.publicity import actions, queries
from marketplace.procedure.publicity.events import NoticeCleared, ObjectionUpheld
from marketplace.procedure.publicity.models import Objection
from marketplace.procedure.publicity.states import NoticeState, ObjectionState
from marketplace.record.audit.models import AccessRow
from tests.support import people

SAID = {"name": "李四", "contact": "13800001111", "text": "该单位案例合同与客户陈述不符，请核查。"}


@pytest.fixture
def heard(app):
    """Facts that were announced in a test."""
    found = []
    announcements = app.extensions["house"].announcements
    for kind in (NoticeCleared, ObjectionUpheld):
        announcements.subscribe(kind, lambda ctx, fact: found.append(fact))
    yield found
    for kind in (NoticeCleared, ObjectionUpheld):
        announcements._subscribers[kind].pop()


@pytest.fixture
def publish(city, act):
    def make(items=(), days=5, **changes):
        values = {
            "subject_kind": "test",
            "subject_id": uuid.uuid4(),
            "city": city.code,
            "title": "拟入选名单公示",
            "body": "现予公示。",
            "working_days": days,
            "items": items,
            "clause": "五(三)",
            **changes,
        }
        return act(lambda ctx: actions.publish(ctx, **values), city.officer)

    return make


def object_to(act, notice, **changes):
    return act(lambda ctx: actions.object(ctx, notice.id, **{**SAID, **changes}), visitor=True)


def test_the_first_day_is_not_counted_and_the_last_day_never_moves(city, publish, act):
    city.at(date(2026, 9, 28))  # a Monday; 1 to 7 October are holidays, Saturday the 10th is worked instead
    notice = publish()
    assert (notice.starts_on, notice.ends_on, notice.provisional) == (date(2026, 9, 28), date(2026, 10, 10), False)
    city.at(date(2031, 3, 12))
    later = publish()
    assert (later.ends_on, later.provisional) == (date(2031, 3, 19), True)
    assert act(lambda ctx: queries.get(ctx, notice.id)).ends_on == date(2026, 10, 10)


def test_only_officers_of_the_place_publish(city, publish, act):
    foreign, _ = people.make_actor(act, "city", region=people.OTHER_CITY)
    provider = city.member(city.firm())
    for actor in (foreign, provider):
        with pytest.raises(Forbidden):
            act(
                lambda ctx: actions.publish(
                    ctx,
                    subject_kind="test",
                    subject_id=uuid.uuid4(),
                    city=city.code,
                    title="公示",
                    body="",
                    working_days=5,
                ),
                actor,
            )


def test_a_subject_has_one_running_notice(publish):
    notice = publish()
    with pytest.raises(Refusal) as refused:
        publish(subject_id=notice.subject_id)
    assert (refused.value.code, refused.value.clause) == ("notice.running", "五(三)")
    with pytest.raises(Invalid):
        publish(days=0)


def test_objections_are_taken_to_the_last_second_in_shanghai(city, publish, act):
    notice = publish()
    city.at(notice.ends_on, 23, 59, 59)
    objection = object_to(act, notice)
    assert objection.due_on == add_workdays(notice.ends_on, 7).day
    assert act(lambda ctx: queries.get(ctx, notice.id)).state is NoticeState.OBJECTED
    city.at(notice.ends_on + timedelta(days=1))
    with pytest.raises(Refusal) as refused:
        object_to(act, notice)
    assert (refused.value.code, refused.value.clause) == ("notice.over", "五(三)")
    assert len(act(lambda ctx: ctx.session.query(Objection).all())) == 1


@pytest.mark.parametrize(
    ("field", "value"), [("name", "某"), ("name", "12345"), ("contact", "无"), ("text", "不公平"), ("contact", "")]
)
def test_an_objection_needs_a_name_a_contact_and_reasons(publish, act, field, value):
    notice = publish()
    with pytest.raises(Invalid) as refused:
        object_to(act, notice, **{field: value})
    assert list(refused.value.errors) == [field]
    assert act(lambda ctx: queries.get(ctx, notice.id)).state is NoticeState.OPEN


def test_an_objection_names_an_entry_of_the_list_or_none(publish, act):
    notice = publish(items=[(uuid.uuid4(), "甲公司", "第 1 名")])
    with pytest.raises(Refusal) as refused:
        object_to(act, notice, item_id=uuid.uuid4())
    assert (refused.value.code, refused.value.field) == ("notice.item_unknown", "item_id")


def test_one_address_cannot_flood_a_notice(publish, act):
    notice = publish()
    for _ in range(10):
        object_to(act, notice, address="10.0.0.1")
    with pytest.raises(Throttled):
        object_to(act, notice, address="10.0.0.1")
    object_to(act, notice, address="10.0.0.2")


def test_a_notice_is_cleared_only_after_its_last_day(city, publish, act, heard):
    notice = publish()
    city.at(notice.ends_on, 23, 59, 59)
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.clear(ctx, notice.id), city.officer)
    assert (refused.value.code, refused.value.clause) == ("notice.running", "五(三)")
    assert heard == []
    city.clear(notice)
    assert heard == [NoticeCleared(notice.id, "test", notice.subject_id)]
    with pytest.raises(Refusal):
        act(lambda ctx: actions.clear(ctx, notice.id), city.officer)
    assert len(heard) == 1


def test_an_open_objection_stops_the_clearing_until_it_is_dismissed(city, publish, act, heard):
    notice = publish()
    first, second = object_to(act, notice), object_to(act, notice)
    city.at(notice.ends_on + timedelta(days=1))
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.clear(ctx, notice.id), city.officer)
    assert refused.value.code == "notice.objected"
    for objection in (first, second):
        act(lambda ctx, o=objection: actions.rule(ctx, o.id, False, "经核查不属实。"), city.chief)
    assert act(lambda ctx: queries.get(ctx, notice.id)).state is NoticeState.OPEN
    act(lambda ctx: actions.clear(ctx, notice.id), city.officer)
    assert [type(fact) for fact in heard] == [NoticeCleared]


def test_who_published_does_not_rule_and_a_ruling_has_reasons(city, publish, act):
    notice = publish()
    objection = object_to(act, notice)
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.rule(ctx, objection.id, False, "不属实。"), city.officer)
    assert refused.value.code == "objection.own_notice"
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.rule(ctx, objection.id, False, "  "), city.chief)
    assert (refused.value.code, refused.value.field) == ("objection.reason_missing", "reason")
    foreign, _ = people.make_actor(act, "city", region=people.OTHER_CITY)
    with pytest.raises(NotFound):
        act(lambda ctx: actions.rule(ctx, objection.id, False, "不属实。"), foreign)
    assert act(lambda ctx: ctx.session.get(Objection, objection.id)).state is ObjectionState.OPEN


def test_an_objection_upheld_against_one_entry_strikes_it_and_the_rest_goes_on(city, publish, act, heard):
    item, other = uuid.uuid4(), uuid.uuid4()
    notice = publish(items=[(item, "甲公司", "第 1 名"), (other, "乙公司", "第 2 名")])
    objection = object_to(act, notice, item_id=item)
    act(lambda ctx: actions.rule(ctx, objection.id, True, "合同系伪造。"), city.chief)
    assert heard == [ObjectionUpheld(objection.id, notice.id, "test", notice.subject_id, item, "合同系伪造。")]
    struck = {i.title: i.struck_reason for i in act(lambda ctx: queries.items(ctx, notice.id))}
    assert struck == {"甲公司": "合同系伪造。", "乙公司": None}
    city.clear(notice)


def test_an_objection_upheld_against_the_whole_stops_the_notice(city, publish, act, heard):
    notice = publish()
    objection = object_to(act, notice)
    act(lambda ctx: actions.rule(ctx, objection.id, True, "程序违规。"), city.chief)
    stopped = act(lambda ctx: queries.get(ctx, notice.id))
    assert (stopped.state, stopped.ended_reason) == (NoticeState.STOPPED, "程序违规。")
    assert heard[0].item_id is None
    city.at(notice.ends_on + timedelta(days=1))
    with pytest.raises(Refusal):
        act(lambda ctx: actions.clear(ctx, notice.id), city.officer)
    assert publish(subject_id=notice.subject_id).state is NoticeState.OPEN


def test_who_objected_is_seen_only_by_officers_of_the_place_who_say_why(city, publish, act):
    notice = publish()
    objection = object_to(act, notice)
    foreign, _ = people.make_actor(act, "city", region=people.OTHER_CITY)
    for actor in (foreign, city.member(city.firm())):
        assert act(lambda ctx: queries.objections_to(ctx, notice.id), actor) == []
        with pytest.raises(NotFound):
            act(lambda ctx: actions.reveal(ctx, objection.id, "核实"), actor)
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.reveal(ctx, objection.id, " "), city.chief)
    assert refused.value.code == "look.reason_missing"
    assert act(lambda ctx: actions.reveal(ctx, objection.id, "核实异议"), city.chief).contact == "13800001111"
    looks = act(lambda ctx: ctx.session.query(AccessRow).all())
    assert [(row.person_id, row.object_id, row.reason) for row in looks] == [
        (city.chief.person_id, str(objection.id), "核实异议")
    ]


def test_a_receipt_shows_the_answer_and_a_wrong_one_nothing(city, publish, act):
    objection = object_to(act, publish())
    found = act(lambda ctx: queries.by_receipt(ctx, objection.receipt.lower()), visitor=True)
    assert found.id == objection.id
    with pytest.raises(NotFound):
        act(lambda ctx: queries.by_receipt(ctx, "0" * 16), visitor=True)
