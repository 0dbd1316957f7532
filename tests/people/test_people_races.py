"""Sixteen at once, on PostgreSQL: one registration, one confirmation, and no guess that slips past the count."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace.base.roles import Role
from marketplace.people.accounts import actions as accounts
from marketplace.people.accounts import queries as persons
from marketplace.people.accounts import rules, signing
from marketplace.people.accounts.models import Person
from marketplace.people.organisations import actions, queries
from marketplace.people.organisations.models import BankAccount, Organisation, OwnershipCase
from marketplace.people.organisations.states import AccountState, CapacityKind
from tests.support.people import (
    COUNTY,
    PASSWORD,
    acting,
    make_actor,
    make_organisation,
    make_person,
    make_uscc,
    newcomer,
)
from tests.support.races import RACERS, platform, race  # noqa: F401

pytestmark = pytest.mark.postgres


def test_no_guess_slips_past_the_count(platform: Flask) -> None:  # noqa: F811
    got = race(platform, [lambda ctx: signing.count_sign_in(ctx, "13900000000", "192.0.2.1")] * RACERS)
    allowed = rules.SIGN_IN_ACCOUNT.attempts
    assert Counter(got) == {None: allowed, "throttled": RACERS - allowed}


def test_one_code_registered_at_once_is_one_organisation_and_the_others_are_cases(platform: Flask) -> None:  # noqa: F811
    act = acting(platform)
    code = make_uscc()
    people = [newcomer(make_person(act)) for _ in range(RACERS)]
    values: dict[str, Any] = {
        "uscc": code,
        "name": "江西同时登记有限公司",
        "capacity": CapacityKind.ENTERPRISE,
        "region": COUNTY,
        "legal_representative": "张三",
        "phone": "0795-3998877",
        "industry": "C39",
    }
    got = race(platform, [lambda ctx: actions.register(ctx, **values)] * RACERS, list(people))
    kinds = Counter(type(answer) if not isinstance(answer, str) else answer for answer in got)
    assert kinds[Organisation] == 1
    assert kinds[Organisation] + kinds[OwnershipCase] + kinds["busy"] == RACERS
    firm = next(answer for answer in got if isinstance(answer, Organisation))
    members = act(lambda ctx: persons.persons_of(ctx, organisation_id=firm.id))
    assert [member.id for member in members] == [firm.registered_by]


def test_one_account_is_confirmed_once_and_one_is_in_use(platform: Flask) -> None:  # noqa: F811
    act = acting(platform)
    firm = make_organisation(act, capacity="provider")
    owner, _ = make_actor(act, "provider", organisation=firm)
    officers = [make_actor(act, "city")[0] for _ in range(RACERS)]

    def propose(number: str) -> BankAccount:
        return act(
            lambda ctx: actions.propose_account(
                ctx, firm.id, holder_name=firm.name, bank_name="中国银行", number=number
            ),
            owner,
        )

    for number in ("6222000011112222", "6222000011113333"):
        account = propose(number)
        got = race(platform, [lambda ctx, a=account: actions.confirm_account(ctx, a.id)] * RACERS, list(officers))
        codes = Counter(answer if isinstance(answer, str) else "done" for answer in got)
        assert codes["done"] == 1
        assert codes["state.not_allowed"] == RACERS - 1
    rows = act(lambda ctx: queries.accounts(ctx, firm.id))
    assert [row.state for row in rows] == [AccountState.ACTIVE, AccountState.RETIRED]


def test_one_phone_number_is_one_person(platform: Flask) -> None:  # noqa: F811
    got = race(platform, [lambda ctx: accounts.sign_up(ctx, "赵六", "13511112222", None, PASSWORD)] * (RACERS // 2))
    codes = Counter(answer if isinstance(answer, str) else "done" for answer in got)
    assert codes == {"done": 1, "person.known": RACERS // 2 - 1}
    count = select(func.count()).select_from(Person)
    assert acting(platform)(lambda ctx: ctx.session.scalar(count)) == 1


def test_the_same_role_given_twice_at_once_is_one_assignment(platform: Flask) -> None:  # noqa: F811
    act = acting(platform)
    person = make_person(act)
    got = race(platform, [lambda ctx: accounts.grant(ctx, person.id, Role.CITY, region="360900")] * RACERS)
    assert len({answer.id for answer in got}) == 1
