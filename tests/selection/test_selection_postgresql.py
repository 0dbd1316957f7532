"""A whole selection on PostgreSQL, and two rivals who begin the same application at once."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from flask import Flask

from marketplace.base.clock import SetClock
from marketplace.base.errors import Refusal
from marketplace.policy.editions import actions as editions
from marketplace.shop.roster import queries as roster
from marketplace.shop.roster.states import ServiceClass
from providers.applications import actions as applying
from providers.applications import queries as applications
from tests.conftest import actor_of
from tests.selection.conftest import City
from tests.support import people

pytestmark = pytest.mark.postgres


@pytest.fixture
def city(postgres_app: Flask, clock: SetClock) -> City:
    act = actor_of(postgres_app)
    act(lambda ctx: editions.publish(ctx, "jiangxi-2023"))
    officer, _ = people.make_actor(act, "city")
    chief, _ = people.make_actor(act, "city")
    return City(act, clock, officer, chief)


def test_a_selection_from_call_to_list(city: City) -> None:
    provider = city.provider("江西轻准软件有限公司")
    city.select(provider)
    entry = city.act(lambda ctx: roster.require_active(ctx, provider.organisation_id, city.code))
    page = city.act(lambda ctx: roster.search(ctx, name="轻准", industry=None, limit=1))
    assert [item.entry.id for item in page.items] == [entry.id]


def test_two_browsers_begin_one_application(city: City) -> None:
    provider = city.provider()
    call = city.call()
    gate, answers = threading.Barrier(2), []

    def begin() -> None:
        gate.wait()
        try:
            answers.append(city.act(lambda ctx: applying.begin(ctx, call.id, klass=ServiceClass.PRODUCT), provider))
        except Refusal as refusal:
            answers.append(refusal)

    racers = [threading.Thread(target=begin) for _ in range(2)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    refused: list[Any] = [a for a in answers if isinstance(a, Refusal)]
    assert [r.code for r in refused] == ["application.twice"]
    assert len(city.act(lambda ctx: applications.own(ctx, call.id), provider)) == 1
