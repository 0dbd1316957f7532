"""Bank accounts: two persons, the organisation's own name, three working days, one active at most."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from marketplace.base.clock import SHANGHAI, SetClock
from marketplace.base.context import Actor
from marketplace.base.errors import Busy, Forbidden, NotFound, Refusal
from marketplace.people.accounts import invitations
from marketplace.people.accounts.models import Person
from marketplace.people.organisations import actions, facts, queries
from marketplace.people.organisations.models import BankAccount
from marketplace.people.organisations.states import AccountState, FactKind
from marketplace.record.notices.models import Notice
from tests.support.people import OTHER_CITY, OTHER_COUNTY, make_actor, make_organisation, make_person, newcomer


@pytest.fixture
def firm(act: Any) -> Any:
    return make_organisation(act, "江西（测试）智能装备有限公司", capacity="provider")


@pytest.fixture
def owner(act: Any, firm: Any) -> Actor:
    return make_actor(act, "provider", organisation=firm)[0]


@pytest.fixture
def clerk(act: Any, firm: Any) -> Actor:
    return make_actor(act, "provider", organisation=firm)[0]


def propose(act: Any, firm: Any, actor: Actor | None = None, **values: Any) -> BankAccount:
    given = {
        "holder_name": firm.name,
        "bank_name": "中国工商银行高安支行",
        "number": "1506 2100 0930 0012 345",
        **values,
    }
    return act(lambda ctx: actions.propose_account(ctx, firm.id, **given), actor)


def payable(act: Any, firm: Any) -> BankAccount:
    return act(lambda ctx: queries.payable_account(ctx, firm.id))


def test_one_proposes_another_confirms_and_it_is_paid_after_three_working_days(
    act: Any, firm: Any, owner: Actor, clerk: Actor, clock: SetClock
) -> None:
    account = propose(act, firm, owner)
    assert account.number == "1506210009300012345"
    with pytest.raises(Refusal) as refused:
        payable(act, firm)
    assert refused.value.code == "account.none"
    confirmed = act(lambda ctx: actions.confirm_account(ctx, account.id), clerk)
    # Wednesday 12 March 2031 noon; Thursday, Friday and Monday cool, Tuesday 18 March pays.
    usable = datetime(2031, 3, 18, tzinfo=SHANGHAI)
    assert confirmed.effective_from == usable
    clock.set((usable - timedelta(microseconds=1)).astimezone(UTC))
    with pytest.raises(Refusal) as refused:
        payable(act, firm)
    assert refused.value.code == "account.cooling"
    assert "2031-03-18" in str(refused.value)
    clock.set(usable.astimezone(UTC))
    assert payable(act, firm).id == account.id


def test_nobody_confirms_the_own_proposal(act: Any, firm: Any, owner: Actor) -> None:
    account = propose(act, firm, owner)
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.confirm_account(ctx, account.id), owner)
    assert refused.value.code == "person.same"
    assert act(lambda ctx: ctx.session.get(BankAccount, account.id)).state is AccountState.PROPOSED


def test_the_same_person_in_another_role_is_still_the_same_person(act: Any, firm: Any, owner: Actor) -> None:
    account = propose(act, firm, owner)
    person = act(lambda ctx: ctx.session.get(Person, owner.person_id))
    city, _ = make_actor(act, "city", person=person)
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.confirm_account(ctx, account.id), city)
    assert refused.value.code == "person.same"


def test_the_database_itself_keeps_the_two_persons_apart(act: Any, firm: Any, owner: Actor) -> None:
    account = propose(act, firm, owner)

    def spoil(ctx: Any) -> None:
        ctx.session.get(BankAccount, account.id).confirmed_by = owner.person_id
        ctx.session.flush()

    with pytest.raises(IntegrityError, match="two_persons"):
        act(spoil)


@pytest.mark.parametrize("holder", ["江西(测试)智能装备有限公司", "江西（测试） 智能装备有限公司"])
def test_the_holder_is_compared_after_normalising(act: Any, firm: Any, owner: Actor, holder: str) -> None:
    assert propose(act, firm, owner, holder_name=holder).state is AccountState.PROPOSED


def test_another_holder_is_refused(act: Any, firm: Any, owner: Actor) -> None:
    with pytest.raises(Refusal) as refused:
        propose(act, firm, owner, holder_name="江西测试智能装备有限公司")
    assert (refused.value.code, refused.value.field) == ("account.holder_differs", "holder_name")


@pytest.mark.parametrize("number", ["1234567", "1" * 31, "62220000abcd", "６２２２"])
def test_what_is_no_account_number_is_refused(act: Any, firm: Any, owner: Actor, number: str) -> None:
    with pytest.raises(Refusal) as refused:
        propose(act, firm, owner, number=number)
    assert refused.value.code == "account.number"


def test_an_unconfirmed_organisation_proposes_nothing(act: Any) -> None:
    firm = make_organisation(act, confirmed=False)
    owner, _ = make_actor(act, "enterprise", organisation=firm)
    with pytest.raises(Refusal) as refused:
        propose(act, firm, owner)
    assert refused.value.code == "organisation.not_confirmed"


@pytest.mark.parametrize(
    ("role", "place", "outcome"),
    [
        ("city", {}, None),
        ("pilot", {}, None),
        ("finance", {}, None),
        ("city", {"region": OTHER_CITY}, NotFound),
        ("pilot", {"region": OTHER_COUNTY}, NotFound),
        ("province", {}, Forbidden),
        ("auditor", {}, Forbidden),
        ("admin", {}, Forbidden),
        ("provider", {}, NotFound),
    ],
)
def test_who_may_be_the_second_person(
    act: Any, firm: Any, owner: Actor, role: str, place: dict[str, Any], outcome: Any
) -> None:
    account = propose(act, firm, owner)
    actor, _ = make_actor(act, role, **place)
    if outcome is None:
        assert act(lambda ctx: actions.confirm_account(ctx, account.id), actor).state is AccountState.ACTIVE
        return
    with pytest.raises(outcome):
        act(lambda ctx: actions.confirm_account(ctx, account.id), actor)


def test_an_invited_colleague_is_no_second_person_for_the_inviter(act: Any, firm: Any, owner: Actor) -> None:
    person = make_person(act)
    _, secret = act(lambda ctx: invitations.invite(ctx, person.phone, owner.role, organisation_id=firm.id), owner)
    held = act(lambda ctx: invitations.accept(ctx, secret), newcomer(person))
    invited = Actor(person.id, held.id, held.role, organisation_id=firm.id)
    account = propose(act, firm, owner)
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.confirm_account(ctx, account.id), invited)
    assert refused.value.code == "account.confirmer_invited"
    act(lambda ctx: actions.refuse_account(ctx, account.id, "换人办理"), owner)
    other_way = propose(act, firm, invited)
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.confirm_account(ctx, other_way.id), owner)
    assert refused.value.code == "account.confirmer_invited"
    assert act(lambda ctx: ctx.session.get(BankAccount, other_way.id)).state is AccountState.PROPOSED
    city, _ = make_actor(act, "city")
    act(lambda ctx: actions.confirm_account(ctx, other_way.id), city)


def test_a_change_ends_the_former_account_and_cools_again(
    act: Any, firm: Any, owner: Actor, clerk: Actor, clock: SetClock
) -> None:
    first = propose(act, firm, owner)
    act(lambda ctx: actions.confirm_account(ctx, first.id), clerk)
    clock.advance(days=10)
    assert payable(act, firm).id == first.id
    second = propose(act, firm, clerk, number="6222000011112222")
    assert payable(act, firm).id == first.id, "a proposal alone changes nothing"
    act(lambda ctx: actions.confirm_account(ctx, second.id), owner)
    with pytest.raises(Refusal) as refused:
        payable(act, firm)
    assert refused.value.code == "account.cooling"
    clock.advance(days=10)
    assert payable(act, firm).id == second.id
    states = act(lambda ctx: [a.state for a in queries.accounts(ctx, firm.id)], owner)
    assert states == [AccountState.ACTIVE, AccountState.RETIRED]


def test_one_proposal_at_a_time_and_never_the_same_account(act: Any, firm: Any, owner: Actor, clerk: Actor) -> None:
    account = propose(act, firm, owner)
    with pytest.raises(Refusal) as refused:
        propose(act, firm, clerk, number="6222000011112222")
    assert refused.value.code == "account.waiting"
    act(lambda ctx: actions.confirm_account(ctx, account.id), clerk)
    with pytest.raises(Refusal) as refused:
        propose(act, firm, clerk)
    assert refused.value.code == "account.same"


def test_one_person_is_enough_to_stop(act: Any, firm: Any, owner: Actor, clerk: Actor, clock: SetClock) -> None:
    account = propose(act, firm, owner)
    act(lambda ctx: actions.confirm_account(ctx, account.id), clerk)
    act(lambda ctx: actions.stop_account(ctx, account.id, "账户异常"), owner)
    clock.advance(days=10)
    with pytest.raises(Refusal) as refused:
        payable(act, firm)
    assert refused.value.code == "account.none"


def test_a_new_name_makes_the_old_account_unpayable(
    act: Any, firm: Any, owner: Actor, clerk: Actor, clock: SetClock
) -> None:
    account = propose(act, firm, owner)
    act(lambda ctx: actions.confirm_account(ctx, account.id), clerk)
    clock.advance(days=10)
    fact = act(lambda ctx: facts.change(ctx, firm.id, FactKind.NAME, "江西更名后有限公司"), owner)
    assert payable(act, firm).id == account.id
    city, _ = make_actor(act, "city")
    act(lambda ctx: facts.decide(ctx, fact.id, True), city)
    with pytest.raises(Refusal) as refused:
        payable(act, firm)
    assert refused.value.code == "account.holder_differs"


def test_every_member_is_told_of_every_change(act: Any, firm: Any, owner: Actor, clerk: Actor) -> None:
    account = propose(act, firm, owner)
    act(lambda ctx: actions.confirm_account(ctx, account.id), clerk)
    act(lambda ctx: actions.stop_account(ctx, account.id, "账户异常"), clerk)
    told = act(
        lambda ctx: ctx.session.scalars(
            select(Notice.template).where(Notice.organisation_id == firm.id, Notice.url.endswith("/accounts"))
        ).all()
    )
    assert len(told) == 3


def test_a_second_active_account_is_impossible(act: Any, firm: Any, owner: Actor, clerk: Actor) -> None:
    account = propose(act, firm, owner)
    act(lambda ctx: actions.confirm_account(ctx, account.id), clerk)

    def spoil(ctx: Any) -> None:
        ctx.add(
            BankAccount(
                organisation_id=firm.id,
                holder_name=firm.name,
                bank_name="x",
                bank_code="",
                number="6222000011112222",
                state=AccountState.ACTIVE,
                effective_from=ctx.now,
                reason="",
            )
        )
        ctx.session.flush()

    with pytest.raises(Busy):
        act(spoil)


def test_the_waiting_list_leaves_out_what_one_proposed_oneself(act: Any, firm: Any, owner: Actor, clerk: Actor) -> None:
    account = propose(act, firm, owner)

    def waiting(actor: Actor) -> list[Any]:
        return act(lambda ctx: [row[0].id for row in ctx.session.execute(queries.waiting_accounts(ctx))], actor)

    assert waiting(owner) == []
    assert waiting(clerk) == [account.id]
    assert waiting(make_actor(act, "city")[0]) == [account.id]
    assert waiting(make_actor(act, "city", region=OTHER_CITY)[0]) == []


def test_accounts_of_others_are_not_found(act: Any, firm: Any, owner: Actor) -> None:
    account = propose(act, firm, owner)
    for role, error in (("enterprise", NotFound), ("admin", NotFound), ("expert", NotFound)):
        actor, _ = make_actor(act, role)
        with pytest.raises(error):
            act(lambda ctx: queries.account(ctx, account.id), actor)
        with pytest.raises(error):
            act(lambda ctx: queries.accounts(ctx, firm.id), actor)
