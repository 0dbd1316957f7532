"""Above an amount more persons release a batch: counted as persons, at the fen, and anew when the batch changes."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.base.actor import Actor
from marketplace.base.errors import Forbidden, NotFound
from marketplace.base.roles import Role
from tests.support.html import PageClient
from tests.support.payday import SUBSIDY, Payday, refused
from tests.support.people import OTHER_CITY, make_actor, post, sign_in, token_for
from tests.support.rest import Program
from vouchers.ledger.models.payments import PaymentBatch
from vouchers.ledger.states import BatchState
from vouchers.settlement import actions as settlement
from vouchers.settlement import tiers


def put(payday: Payday, above: int, persons: int, actor: Actor | None = None) -> Any:
    return payday.act(lambda ctx: tiers.put(ctx, above_fen=above, persons=persons), actor or payday.town.city)


def finance(payday: Payday) -> Actor:
    pilot = payday.town.pilot
    found: Actor = make_actor(payday.town.act, Role.FINANCE, pilot_id=pilot.id, region=pilot.region)[0]
    return found


def release(payday: Payday, batch: PaymentBatch, actor: Actor) -> BatchState:
    payday.act(lambda ctx: settlement.approve(ctx, batch.id), actor)
    return BatchState(payday.see(PaymentBatch, batch.id).state)


@pytest.mark.parametrize(
    ("above", "persons"), [(SUBSIDY + 1, 1), (SUBSIDY, 1), (SUBSIDY - 1, 2), (0, 2)], ids=["a fen less", "exactly", "a fen more", "all"]
)  # fmt: skip
def test_more_than_the_amount_at_the_fen(payday: Payday, above: int, persons: int) -> None:
    put(payday, above, 2)
    batch = payday.batch(payday.approved())
    state = release(payday, batch, payday.checker)
    assert state is (BatchState.APPROVED if persons == 1 else BatchState.DRAFT)
    assert payday.fund().paid == (SUBSIDY if persons == 1 else 0)


def test_each_person_counts_once_and_the_maker_never(payday: Payday) -> None:
    put(payday, 0, 3)
    put(payday, SUBSIDY * 10, 4)
    batch = payday.batch(payday.approved())
    second, third = finance(payday), finance(payday)
    assert release(payday, batch, payday.checker) is BatchState.DRAFT
    assert refused(lambda: release(payday, batch, payday.checker)).code == "settlement.released_before"
    assert refused(lambda: release(payday, batch, payday.maker)).code == "settlement.same_person"
    assert release(payday, batch, second) is BatchState.DRAFT
    assert payday.fund().paid == 0, "nothing leaves before the last word"
    assert release(payday, batch, third) is BatchState.APPROVED
    assert payday.fund().paid == SUBSIDY


def test_a_changed_batch_is_released_anew(payday: Payday) -> None:
    put(payday, 0, 2)
    batch = payday.batch(payday.approved())
    assert release(payday, batch, payday.checker) is BatchState.DRAFT
    more = payday.approved()
    payday.act(lambda ctx: settlement.add(ctx, batch.id, [more.id]), payday.maker)
    assert release(payday, batch, payday.checker) is BatchState.DRAFT, "the first word was for another batch"
    assert release(payday, batch, finance(payday)) is BatchState.APPROVED


def test_an_ended_tier_binds_nobody_and_another_citys_never_did(payday: Payday) -> None:
    other, _ = make_actor(payday.town.act, Role.CITY, region=OTHER_CITY)
    put(payday, 0, 4, other)
    tier = put(payday, 0, 3)
    with pytest.raises(NotFound):
        payday.act(lambda ctx: tiers.end(ctx, tier.id), other)
    payday.act(lambda ctx: tiers.end(ctx, tier.id), payday.town.city)
    with pytest.raises(NotFound):
        payday.act(lambda ctx: tiers.end(ctx, tier.id), payday.town.city)
    assert release(payday, payday.batch(payday.approved()), payday.checker) is BatchState.APPROVED


def test_finance_does_not_set_what_binds_it(payday: Payday) -> None:
    with pytest.raises(Forbidden):
        put(payday, 0, 2, payday.checker)


def test_a_new_word_for_an_amount_replaces_the_old_one(payday: Payday) -> None:
    put(payday, 100, 2)
    assert refused(lambda: put(payday, 100, 2)).code == "tier.same"
    put(payday, 100, 3)
    found = payday.act(lambda ctx: tiers.listed(ctx), payday.town.city)
    assert [(tier.above_fen, tier.persons) for tier in found] == [(100, 3)]
    for number in range(tiers.MOST - 1):
        put(payday, 1_000 + number, 2)
    assert refused(lambda: put(payday, 9_999, 2)).code == "tier.too_many"


def test_on_pages(payday: Payday, monkeypatch: pytest.MonkeyPatch) -> None:
    app = payday.town.app
    monkeypatch.setattr(app, "test_client_class", PageClient)
    city = sign_in(app.test_client(), payday.persons["city"])
    assert post(city, "/settlement/tiers", {"above": "5000.00", "persons": "2"}).status_code == 303
    assert post(city, "/settlement/tiers", {"above": "5000.00", "persons": "9"}).status_code == 422
    assert "5,000.00" in city.get("/settlement/tiers").text
    batch = payday.batch(payday.approved())
    checker = sign_in(app.test_client(), payday.persons["checker"])
    assert "须由 2 人复核，已有 0 人" in checker.get(f"/settlement/batches/{batch.id}").text
    answer = post(checker, f"/settlement/batches/{batch.id}/approve")
    told = checker.get(answer.headers["Location"]).text
    assert "还须由另一人继续复核" in told and "您已复核" in told and "已复核 1 人，共需 2 人" in told


def test_by_rest(payday: Payday) -> None:
    app = payday.town.app
    program = Program(app, token_for(app, payday.town.city))
    made = program.post("/batches/tiers", {"above": {"amount": "5000.00", "currency": "CNY"}, "persons": 2}, 201)
    assert [tier["id"] for tier in program.items("/batches/tiers")] == [made["id"]]
    program.post(f"/batches/tiers/{made['id']}/end")
    assert program.items("/batches/tiers") == []
