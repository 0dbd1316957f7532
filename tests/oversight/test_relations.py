"""Firms that belong together: declared or found out, from the threshold on, each pair once."""

from __future__ import annotations

import random
import uuid
from itertools import product
from typing import Any

import pytest
from sqlalchemy import text

from marketplace.oversight.relations import queries
from marketplace.people.organisations import facts, rules
from marketplace.people.organisations.models import BankAccount, Organisation
from marketplace.people.organisations.rules import Holder, Profile
from marketplace.people.organisations.states import AccountState, FactKind
from marketplace.policy.findings import limits
from marketplace.shop.orders.states import OrderState
from tests.support.people import OTHER_COUNTY, client_as, make_organisation, make_uscc
from tests.support.suspects import Market

_numbers = iter(range(1, 10_000))


def firm(market: Market, capacity: str = "enterprise", **more: Any) -> Organisation:
    """A firm that shares nothing with any other unless told so."""
    number = next(_numbers)
    own = {"legal_representative": f"人{number}", "phone": f"0795-{number:07d}", "address": f"甲路{number}号"}
    return make_organisation(market.act, capacity=capacity, **own | more)


def hold(market: Market, organisation: Organisation, *holders: tuple[str, str | None, int]) -> None:
    named = [Holder(name, code, bps) for name, code, bps in holders]
    market.act(lambda ctx: facts.state_shareholders(ctx, organisation.id, named))


def pairs(market: Market) -> set[tuple[uuid.UUID, uuid.UUID, tuple[str, ...]]]:
    share = limits.of("party.related")["share_bps"]
    return market.act(lambda ctx: {(r.enterprise_id, r.provider_id, r.relations) for r in queries.related(ctx, share)})


@pytest.mark.parametrize(
    ("shared", "code"),
    [
        ({"legal_representative": "王　小明"}, "same.legal_representative"),
        ({"phone": "+86795-8888888"}, "same.phone"),
        ({"address": "乙路 9 号"}, "same.address"),
    ],
)
def test_what_stands_in_both_files_relates_them(market: Market, shared: dict[str, str], code: str) -> None:
    changed = {k: v.replace("　", "").replace("+86", "").replace(" ", "") for k, v in shared.items()}
    enterprise, provider = firm(market, **shared), firm(market, "provider", **changed)
    market.order(enterprise.id, provider.id)
    market.order(firm(market).id, provider.id)
    assert pairs(market) == {(enterprise.id, provider.id, (code,))}


def test_shareholders_relate_from_a_quarter_on(market: Market) -> None:
    holding = make_uscc()
    cases = {bps: (firm(market), firm(market, "provider")) for bps in (2499, 2500)}
    for bps, (enterprise, provider) in cases.items():
        hold(market, enterprise, ("控股公司", holding, bps))
        hold(market, provider, ("控股有限公司", holding, 2500))
        market.order(enterprise.id, provider.id)
    owner, owned = firm(market), firm(market, "provider")
    hold(market, owned, (owner.name, owner.uscc, 2500), ("某人", None, 7500))
    market.order(owner.id, owned.id)
    small, partly = firm(market), firm(market, "provider")
    hold(market, partly, (small.name, small.uscc, 2499))
    market.order(small.id, partly.id)
    assert pairs(market) == {
        (cases[2500][0].id, cases[2500][1].id, ("same.shareholder",)),
        (owner.id, owned.id, ("holds",)),
    }


def test_a_common_account_and_a_former_representative_count(market: Market) -> None:
    enterprise, provider = firm(market), firm(market, "provider", legal_representative="前任")

    def accounts(ctx: Any) -> None:
        for one in (enterprise, provider):
            ctx.add(BankAccount(organisation_id=one.id, holder_name=one.name, bank_name="银行", bank_code="",
                                number="622200001111", state=AccountState.PROPOSED))  # fmt: skip

    market.act(accounts)
    market.order(enterprise.id, provider.id)
    assert pairs(market) == {(enterprise.id, provider.id, ("same.account",))}
    was = firm(market, legal_representative="前任", confirmed=False)
    market.act(lambda ctx: facts.change(ctx, was.id, FactKind.LEGAL_REPRESENTATIVE, "现任"))
    market.order(was.id, provider.id)
    assert (was.id, provider.id, ("same.legal_representative",)) in pairs(market)


def test_only_orders_that_get_money_and_each_pair_once_until_more_is_known(market: Market) -> None:
    enterprise, provider = firm(market, phone="0795-1111111"), firm(market, "provider", phone="07951111111")
    market.order(enterprise.id, provider.id, voucher=False)
    market.order(enterprise.id, provider.id, state=OrderState.CANCELLED)
    assert market.look("party.related") == 0
    market.order(enterprise.id, provider.id)
    order = market.order(enterprise.id, provider.id)
    assert (market.look("party.related"), market.look("party.related")) == (1, 0)
    [case] = market.cases("party.related")
    assert (case.clause, case.severity, case.subject_id) == ("二(四)", "warn", str(enterprise.id))
    assert case.evidence["relations"] == ["电话相同"] and case.evidence["provider"] == provider.name
    hold(market, provider, (enterprise.name, enterprise.uscc, 9000))
    assert (market.look("party.related"), market.look("party.related")) == (1, 0)
    page = client_as(market.purse.town.app, "city").get(f"/orders/{order}").text
    assert "疑似关联" in page and "电话相同" in page
    other = client_as(market.purse.town.app, "provider", organisation=provider).get(f"/orders/{order}")
    assert other.status_code == 200 and "疑似关联" not in other.text


def test_a_stream_of_pairs_gives_what_comparing_each_with_each_gives(market: Market, monkeypatch: Any) -> None:
    """Against a second reading of the rules over plain SQL; in chunks of three."""
    monkeypatch.setattr(queries, "_CHUNK", 3)
    dice = random.Random(11)
    people, phones = ["甲", "乙", "丙", "丁"], ["0795-1234567", "07951234567", "0795-7654321", "0795-1111222"]
    some = {"legal_representative": people, "phone": phones}
    enterprises, providers = (
        [firm(market, kind, **{k: dice.choice(v) for k, v in some.items() if dice.random() < 0.4}) for _ in range(5)]
        for kind in ("enterprise", "provider")
    )
    for one in (*enterprises, *providers):
        hold(market, one, (dice.choice(people), None, dice.choice([2400, 2500, 6000])))
    traded = [pair for pair in product(enterprises, providers) if dice.random() < 0.7]
    for enterprise, provider in traded:
        market.order(enterprise.id, provider.id)
    rows = market.act(lambda ctx: ctx.session.execute(text(
        "SELECT o.id, o.legal_representative, replace(o.phone, '-', ''), s.holder_name, s.share_bps FROM organisation o"
        " LEFT JOIN shareholding s ON s.organisation_id = o.id"
    )).all())  # fmt: skip
    known = {uuid.UUID(str(row[0])): row[1:] for row in rows}
    wanted = set()
    for enterprise, provider in traded:
        a, b = known[enterprise.id], known[provider.id]
        codes = []
        if a[0] == b[0]:
            codes.append("same.legal_representative")
        if a[1] == b[1]:
            codes.append("same.phone")
        if a[2] == b[2] and min(a[3], b[3]) >= 2500:
            codes.append("same.shareholder")
        if (b[2] == a[0] and b[3] >= 2500) or (a[2] == b[0] and a[3] >= 2500):
            codes.append("representative.holds")
        if codes:
            wanted.add((enterprise.id, provider.id, tuple(codes)))
    assert pairs(market) == wanted and len(wanted) > 3


def test_many_firms_with_one_telephone_or_address_are_one_case_per_city(market: Market) -> None:
    assert limits.of("signup.phone")["firms"] == 3 and limits.of("signup.address")["firms"] == 5
    market.act(lambda ctx: ctx.session.query(Organisation).update({"phone": "0795-0000000", "address": ""}))
    market.act(
        lambda ctx: [setattr(o, "phone", f"0795-9{n:06d}") for n, o in enumerate(ctx.session.query(Organisation))]
    )
    first = firm(market, phone="0795-5555555")
    firm(market, phone="07955555555")
    firm(market, phone="0795-5555555", region=OTHER_COUNTY)
    assert market.look("signup.phone") == 0
    firm(market, phone="+86795-5555555".replace("+86", "+860"))
    assert market.look("signup.phone") == 1
    [case] = market.cases("signup.phone")
    assert (case.subject_id, case.evidence["count"]) == (str(first.id), 3) and first.name in case.evidence["names"]
    assert market.look("signup.phone") == 0
    firm(market, "provider", phone="0795-5555555")
    assert market.look("signup.phone") == 1  # four are twice as many as two: a new power of two
    assert market.look("signup.phone", "signup.address") == 0
    for place in ("丙路1号（东）", "丙路 1 号(东)", "丙路1号（东)", "丙路1号（东）"):
        firm(market, address=place)
    assert market.look("signup.address") == 0
    firm(market, address="丙路1号(东）")
    assert market.look("signup.address") == 1


@pytest.mark.parametrize("phone", ["0795-3998877", "+8613900000000", "13900000000", "+86795-3998877", "1-2-3-4-5-6"])
def test_the_database_reads_a_telephone_as_the_rules_do(market: Market, phone: str) -> None:
    one = firm(market, phone=phone)
    read = market.act(lambda ctx: ctx.session.query(queries.phone_key()).filter(Organisation.id == one.id).scalar())
    assert read == rules.phone_key(phone)


def test_owners_below_the_threshold_relate_where_none_is_asked_for() -> None:
    a, b = (Profile(code, code, holders=(Holder("同一人", None, 100),)) for code in ("A", "B"))
    assert rules.relations(a, b) == ["same.shareholder"]
    assert rules.relations(a, b, least_bps=101) == []
