"""A request for a voucher: what is refused to whom and why, what comes back for correction, and what is issued."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from marketplace.base.actor import Actor
from marketplace.base.clock import SetClock, day_of
from marketplace.base.errors import Forbidden, Invalid, NotFound, Refusal
from marketplace.base.roles import Role
from marketplace.pilots.members.models import Member
from marketplace.pilots.members.states import MemberState
from marketplace.record.audit.models import AuditRow
from marketplace.record.notices.models import Notice
from tests.support.people import OTHER_CITY, make_actor, make_organisation
from tests.support.purse import Purse, change
from tests.support.shop import enrol
from vouchers.funds import actions as funds
from vouchers.funds import queries as money
from vouchers.ledger import verify
from vouchers.ledger.models.commitments import Commitment, Voucher
from vouchers.requests import actions, queries
from vouchers.requests.models import VoucherRequest
from vouchers.requests.rules import Wish
from vouchers.requests.states import RequestState, Verdict
from vouchers.schemes import actions as schemes

WISH = Wish(40_000_00, 100_000_00, "上线排产软件")


def ask(purse: Purse, wish: Wish = WISH, actor: Actor | None = None, promised: bool = True) -> VoucherRequest:
    made: VoucherRequest = purse.act(
        lambda ctx: actions.submit(ctx, purse.version_id, wish=wish, promised=promised),
        actor or purse.town.enterprise,
    )
    return made


def decide(purse: Purse, made: VoucherRequest, actor: Actor, verdict: str = "approved", **said: Any) -> VoucherRequest:
    done: VoucherRequest = purse.act(lambda ctx: actions.review(ctx, made.id, verdict=Verdict(verdict), **said), actor)
    return done


def refused(code: str, act: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act()
    assert caught.value.code == code
    return caught.value


def vouchers(purse: Purse) -> int:
    found: int = purse.act(lambda ctx: ctx.session.scalar(select(func.count()).select_from(Voucher)))
    return found


def available(purse: Purse) -> int:
    found: int = purse.act(lambda ctx: money.line_of(ctx, purse.town.pilot.id, "renovation").available)
    return found


def test_two_offices_agree_and_the_voucher_is_there(purse: Purse) -> None:
    town, before = purse.town, available(purse)
    made = ask(purse)
    assert (made.state, made.round, made.number[0]) == (RequestState.SUBMITTED, 1, "A")
    refused_by = pytest.raises(Forbidden)
    with refused_by:
        decide(purse, made, town.city)
    assert decide(purse, made, town.office).state is RequestState.REVIEWED
    assert (vouchers(purse), available(purse)) == (0, before)
    with pytest.raises(Forbidden):
        decide(purse, made, town.office)
    granted = decide(purse, made, town.city)
    assert (granted.state, granted.granted_fen, granted.due_on) == (RequestState.GRANTED, WISH.wanted_fen, None)
    held = purse.act(lambda ctx: ctx.session.get_one(Commitment, granted.voucher_id))
    owner = purse.act(lambda ctx: ctx.session.get_one(Voucher, granted.voucher_id))
    assert (held.face, held.available) == (WISH.wanted_fen, WISH.wanted_fen)
    assert (owner.enterprise_id, owner.scheme_version_id) == (town.enterprise.organisation_id, purse.version_id)
    assert available(purse) == before - WISH.wanted_fen
    refused("state.not_allowed", lambda: decide(purse, made, town.city))
    assert vouchers(purse) == 1 and purse.act(lambda ctx: verify.verify(ctx.session)).sound


def test_what_may_be_asked_for_to_the_fen(purse: Purse) -> None:
    """40 % of 333.33 yuan are 133.33: a fen more is refused with the sum; so is more than the cap of one voucher."""
    over = refused("voucher_request.above_terms", lambda: ask(purse, Wish(133_34, 333_33, "x")))
    assert over.clause == "四(二)" and over.field == "wanted"
    assert ("133.33", "40") == (str(over.text.values["most"]).strip("¥ 元"), over.text.values["rate"])
    cap = purse.terms.cap_voucher_fen
    refused("voucher_request.above_terms", lambda: ask(purse, Wish(cap + 1, 10 * cap, "x")))
    for wish, field in (
        (Wish(0, 1_00, "x"), "wanted"),
        (Wish(1_00, 0, "x"), "planned"),
        (Wish(1, 100, " "), "purpose"),
    ):
        with pytest.raises(Invalid) as caught:
            ask(purse, wish)
        assert field in caught.value.errors
    with pytest.raises(Invalid) as unsaid:
        ask(purse, promised=False)
    assert "promised" in unsaid.value.errors
    assert ask(purse, Wish(133_33, 333_33, "x")).wanted_fen == 133_33


def test_one_request_for_a_scheme_at_a_time(purse: Purse) -> None:
    made = ask(purse)
    refused("voucher_request.under_way", lambda: ask(purse))
    assert purse.act(lambda ctx: actions.withdraw(ctx, made.id), purse.town.enterprise).state is RequestState.WITHDRAWN
    again = ask(purse)
    decide(purse, again, purse.town.office, "rejected", reason="不在支持范围")
    assert ask(purse).round == 1


def test_sent_back_with_a_note_and_corrected_on_the_same_form(purse: Purse) -> None:
    town = purse.town
    made = ask(purse)
    with pytest.raises(Invalid) as unsaid:
        decide(purse, made, town.office, "returned", reason="请补正")
    assert "notes" in unsaid.value.errors
    with pytest.raises(Invalid) as silent:
        decide(purse, made, town.office, "returned", notes={"purpose": "写明车间"})
    assert "reason" in silent.value.errors
    refused(
        "voucher_request.note_field",
        lambda: decide(purse, made, town.office, "returned", reason="请补正", notes={"face": "?"}),
    )
    back = decide(purse, made, town.office, "returned", reason="请补正", notes={"purpose": "写明车间"})
    assert (back.state, back.due_on) == (RequestState.RETURNED, None)
    fixed = purse.act(
        lambda ctx: actions.correct(ctx, made.id, wish=Wish(30_000_00, 90_000_00, "二号车间排产"), promised=True),
        town.enterprise,
    )
    assert (fixed.state, fixed.round, fixed.wanted_fen) == (RequestState.SUBMITTED, 2, 30_000_00)
    decide(purse, made, town.office)
    decide(purse, made, town.city, "returned", reason="再补", notes={"wanted": "太多"})
    reviews = purse.act(lambda ctx: queries.reviews(ctx, made.id))
    assert [(r.round, r.desk.value, r.verdict.value) for r in reviews] == [
        (1, "pilot", "returned"),
        (2, "pilot", "approved"),
        (2, "city", "returned"),
    ]
    refused("state.not_allowed", lambda: decide(purse, made, town.office))


def test_less_than_was_asked_for_has_its_reason(purse: Purse) -> None:
    town = purse.town
    made = ask(purse)
    refused("voucher_request.above_wanted", lambda: decide(purse, made, town.office, agreed_fen=WISH.wanted_fen + 1))
    with pytest.raises(Invalid):
        decide(purse, made, town.office, agreed_fen=20_000_00)
    decide(purse, made, town.office, agreed_fen=20_000_00, reason="先做一条产线")
    with pytest.raises(Invalid):
        decide(purse, made, town.city, agreed_fen=30_000_00)
    granted = decide(purse, made, town.city)
    assert (granted.granted_fen, purse.balances(granted.voucher_id)[0]) == (20_000_00, 20_000_00)


def test_when_the_money_has_run_out_nothing_is_granted(purse: Purse) -> None:
    town, left = purse.town, available(purse)
    made = ask(purse)
    decide(purse, made, town.office)
    for n in range(left // purse.terms.cap_voucher_fen):
        purse.issue(purse.terms.cap_voucher_fen, f"n{n}")
    rest = available(purse) - WISH.wanted_fen + 1
    purse.issue(rest, "rest")
    refused("line.exhausted", lambda: decide(purse, made, town.city))
    again = purse.act(lambda ctx: queries.get(ctx, made.id), town.city)
    assert (again.state, again.voucher_id) == (RequestState.REVIEWED, None)
    granted = decide(purse, made, town.city, agreed_fen=WISH.wanted_fen - 1, reason="额度只剩这些")
    assert granted.granted_fen == WISH.wanted_fen - 1 and available(purse) == 0
    assert purse.act(lambda ctx: verify.verify(ctx.session)).sound


def test_who_left_the_list_is_asked_again_at_each_desk(purse: Purse) -> None:
    town = purse.town
    outsider = make_organisation(town.act, capacity="enterprise", region=town.pilot.region)
    stranger, _ = make_actor(town.act, Role.ENTERPRISE, organisation=outsider)
    refused("member.not_in_pilot", lambda: ask(purse, actor=stranger))
    made = ask(purse)
    decide(purse, made, town.office)

    def leave(ctx: Any) -> None:
        for member in ctx.session.scalars(select(Member)):
            member.state, member.withdrawal_reason = MemberState.WITHDRAWN, "停产"

    town.act(leave)
    refused("member.not_in_pilot", lambda: decide(purse, made, town.city))
    assert vouchers(purse) == 0


def test_terms_that_were_followed_by_others_are_asked_anew(purse: Purse) -> None:
    """A request goes on under the version it was made for only while that is open; corrected, it has the new one."""
    town = purse.town
    made = ask(purse)
    decide(purse, made, town.office)
    purse.act(lambda ctx: schemes.close_version(ctx, purse.version_id), town.office)
    refused("scheme.not_open", lambda: decide(purse, made, town.city))
    decide(purse, made, town.city, "returned", reason="条款已更新", notes={"wanted": "按新条款填"})
    correct = lambda ctx: actions.correct(ctx, made.id, wish=WISH, promised=True)  # noqa: E731
    refused("scheme.not_open", lambda: purse.act(correct, town.enterprise))
    version = purse.act(lambda ctx: schemes.draft_version(ctx, made.scheme_id, terms=purse.terms), town.office)
    purse.act(lambda ctx: schemes.publish_version(ctx, version.id), town.office)
    assert purse.act(correct, town.enterprise).version_id == version.id


def test_the_last_day_to_ask(purse: Purse, clock: SetClock) -> None:
    clock.advance(days=(purse.terms.use_by - day_of(clock.now())).days)
    made = ask(purse)
    clock.advance(days=1)
    refused("scheme.over", lambda: decide_all(purse, made))
    refused("scheme.over", lambda: ask(purse))


def decide_all(purse: Purse, made: VoucherRequest) -> None:
    decide(purse, made, purse.town.office)
    decide(purse, made, purse.town.city)


def test_nobody_sees_or_decides_what_is_not_his(purse: Purse) -> None:
    town = purse.town
    made = ask(purse)
    other = make_organisation(town.act, capacity="enterprise", region=town.pilot.region)
    stranger, _ = make_actor(town.act, Role.ENTERPRISE, organisation=other)
    enrol(town, other.id)
    far, _ = make_actor(town.act, Role.CITY, region=OTHER_CITY)
    for actor in (stranger, far, town.provider):
        with pytest.raises((NotFound, Forbidden)):
            purse.act(lambda ctx: queries.get(ctx, made.id), actor)
        with pytest.raises((NotFound, Forbidden)):
            purse.act(lambda ctx: actions.withdraw(ctx, made.id), actor)
    with pytest.raises((NotFound, Forbidden)):
        decide(purse, made, far)
    refused("scheme.not_open", lambda: closed(purse))
    with pytest.raises(NotFound):
        purse.act(lambda ctx: actions.submit(ctx, uuid.uuid4(), wish=WISH, promised=True), town.enterprise)


def closed(purse: Purse) -> None:
    purse.act(lambda ctx: schemes.close_version(ctx, purse.version_id), purse.town.office)
    ask(purse)


def test_one_person_decides_on_one_desk(purse: Purse) -> None:
    """Somebody who is at both offices is still one person."""
    town = purse.town
    made = ask(purse)
    decide(purse, made, town.office)
    both = Actor(**{**vars(town.city), "person_id": town.office.person_id}) if hasattr(town.city, "__dict__") else None
    assert both is not None
    refused("voucher_request.same_person", lambda: decide(purse, made, both))


def test_each_step_is_told_and_recorded(purse: Purse) -> None:
    town = purse.town
    made = ask(purse)
    decide(purse, made, town.office)
    decide(purse, made, town.city, "rejected", reason="本年度不再支持")
    told = purse.act(lambda ctx: list(ctx.session.scalars(select(Notice).order_by(Notice.created_at, Notice.id))))
    mine = [n for n in told if n.url.startswith("/voucher-requests/")]
    assert [(n.role, n.organisation_id) for n in mine] == [
        ("pilot", None),
        ("city", None),
        (None, town.enterprise.organisation_id),
    ]
    verbs = purse.act(
        lambda ctx: list(ctx.session.scalars(select(AuditRow.verb).where(AuditRow.verb.like("voucher_request.%"))))
    )
    assert sorted(verbs) == ["voucher_request.reviewed", "voucher_request.reviewed", "voucher_request.submitted"]


def test_a_desk_has_five_working_days(purse: Purse, clock: SetClock) -> None:
    made = ask(purse)
    day = day_of(clock.now())
    assert made.due_on is not None and timedelta(days=5) <= made.due_on - day <= timedelta(days=16)
    late = lambda: len(  # noqa: E731
        purse.act(lambda ctx: queries.listed(ctx, overdue=True), purse.town.office).items
    )
    clock.advance(days=(made.due_on - day).days)
    assert late() == 0
    clock.advance(days=1)
    assert late() == 1


def test_money_that_came_later_serves_who_waited(purse: Purse) -> None:
    town, left = purse.town, available(purse)
    made = ask(purse)
    decide(purse, made, town.office)
    cap = purse.terms.cap_voucher_fen
    for n in range(left // cap):
        purse.issue(cap, f"n{n}")
    if available(purse) >= WISH.wanted_fen:
        purse.issue(available(purse) - WISH.wanted_fen + 1, "rest")
    refused("line.exhausted", lambda: decide(purse, made, town.city))
    town.act(
        lambda ctx: funds.allot(ctx, town.pilot.id, category="renovation", amount_fen=500_000_00, key="more"),
        purse.finance,
    )
    assert decide(purse, made, town.city).state is RequestState.GRANTED


def test_a_request_is_for_one_of_the_scheme_s_faces(purse: Purse) -> None:
    change(purse, faces_fen=[20_000_00, 40_000_00])
    other = refused("voucher.other_face", lambda: ask(purse, replace(WISH, wanted_fen=30_000_00)))
    assert other.field == "wanted"
    made = ask(purse, replace(WISH, wanted_fen=40_000_00))
    less = {"agreed_fen": 30_000_00, "reason": "按预算"}
    assert refused("voucher.other_face", lambda: decide(purse, made, purse.town.office, **less)).field == "agreed"
    decide(purse, made, purse.town.office, agreed_fen=20_000_00, reason="按预算")
