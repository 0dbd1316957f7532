"""Two officers at once, on PostgreSQL: the last room is promised once, a part is accepted once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from marketplace.base import acts
from marketplace.base.actor import Actor
from marketplace.base.clock import SetClock
from marketplace.base.errors import Refusal
from marketplace.web.db import db
from tests.support.direct import CEILING, Direct, open_direct
from tests.support.payday import build_payday
from vouchers.contracts import actions
from vouchers.funds import queries as funds
from vouchers.ledger import verify

pytestmark = pytest.mark.postgres


@pytest.fixture
def crowded(postgres_app: Flask, clock: SetClock) -> Direct:
    """The town with a line for platforms on PostgreSQL."""
    return open_direct(build_payday(postgres_app, clock))


def race(direct: Direct, verbs: list[Callable[[Any], Any]], actor: Actor) -> Counter[str]:
    """Do every verb at the same moment in a session of its own; counts what came of it."""
    app = direct.payday.town.app
    barrier, house = threading.Barrier(len(verbs)), app.extensions["house"]
    with app.app_context():
        engine = db.engine

    def one(verb: Callable[[Any], Any]) -> str:
        with Session(engine, expire_on_commit=False) as session:
            barrier.wait(timeout=30)
            try:
                acts.run(session, house, verb, actor=actor)
            except Refusal as refusal:
                return refusal.code
            return "done"

    with ThreadPoolExecutor(len(verbs)) as pool:
        return Counter(pool.map(one, verbs))


def test_the_last_room_is_promised_once(crowded: Direct) -> None:
    """Four contracts of two thirds of the room each, then two that fit it to the fen together with a fen too much."""
    share = CEILING * 2 // 3
    four = [crowded.recorded(amount_fen=share).id for _ in range(4)]
    got = race(crowded, [lambda ctx, i=i: actions.confirm(ctx, i, reason="平台先行") for i in four], crowded.checker)
    assert got["done"] == 1 and sum(got.values()) == 4, got
    rest = CEILING - share
    two = [crowded.recorded(amount_fen=amount).id for amount in (rest, 1)]
    got = race(crowded, [lambda ctx, i=i: actions.confirm(ctx, i, reason="平台先行") for i in two], crowded.checker)
    assert got["done"] == 1 and sum(got.values()) == 2, got
    pilot_id = crowded.payday.town.pilot.id
    state = crowded.act(lambda ctx: funds.line_of(ctx, pilot_id, "platform"))
    assert CEILING - rest < state.committed <= CEILING
    assert crowded.act(lambda ctx: verify.verify(ctx.session)).sound


def test_one_contract_is_confirmed_once_and_one_key_accepts_once(crowded: Direct) -> None:
    contract = crowded.recorded()
    got = race(crowded, [lambda ctx: actions.confirm(ctx, contract.id, reason="平台先行")] * 4, crowded.checker)
    assert got == {"done": 1, "state.not_allowed": 3}
    paper, today = crowded.payday.document(crowded.maker), crowded.payday.today

    def accept(ctx: Any) -> Any:
        values = {"content": "一期", "accepted_on": today, "document_id": paper}
        return actions.accept_part(ctx, contract.id, amount_fen=200_000_00, key="part", **values)

    assert race(crowded, [accept] * 4, crowded.maker) == {"done": 4}, "the same key answers what was done"
    assert crowded.held(contract).accepted_fen == 200_000_00
    assert crowded.act(lambda ctx: verify.verify(ctx.session)).sound
