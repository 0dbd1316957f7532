"""The lists of a selection: each filter and each order gives the right rows, and the file holds the same."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from marketplace.people.accounts.models import Person
from marketplace.shop.roster.states import ServiceClass
from providers.calls import actions as calling
from tests.selection.conftest import City
from tests.support.html import parse
from tests.support.people import sign_in

Ask = Callable[[Any, str, str], list[str]]


@pytest.fixture
def ask(app: Any, act: Any) -> Ask:
    """``ask(actor, "/calls?q=x", "calls")``: what leads each row, the same on the page and in both files."""

    def run(actor: Any, address: str, name: str) -> list[str]:
        client = app.test_client()
        if actor is not None:
            sign_in(client, act(lambda ctx: ctx.session.get(Person, actor.person_id)))
        page = client.get(address)
        assert page.status_code == 200 and f'id="list-{name}"' in page.text, address
        rows = (e for e in parse(page.text).iter("td") if "cell-first" in str(e.get("class")))
        found = ["".join((next(cell.iter("a"), cell)).itertext()) for cell in rows]
        join = "&" if "?" in address else "?"
        lines = list(csv.reader(io.StringIO(client.get(f"{address}{join}format=csv").data.decode("utf-8-sig"))))
        assert [line[0] for line in lines[1:]] == found
        with client.get(f"{address}{join}format=xlsx") as book:
            assert book.data[:2] == b"PK"
        return found

    return run


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["第二批", "第一批"]),
        ("sort=oldest", ["第一批", "第二批"]),
        ("state=open", ["第二批"]),
        ("state=reviewing", ["第一批"]),
        ("q=第一", ["第一批"]),
        ("q=7号", ["第二批"]),
        ("q=%25", []),
        ("city=360900", ["第二批", "第一批"]),
        ("city=360100", []),
        ("open=1", ["第二批"]),
        ("since={later}", ["第二批"]),
        ("until={before}", ["第一批"]),
        ("state=draft", ["第二批", "第一批"]),  # no such tab for a visitor
    ],
)
def test_calls(city: City, act: Any, ask: Ask, query: str, found: list[str]) -> None:
    city.close(city.call(title="第一批"))
    second = city.draft(title="第二批", number="宜工信字〔2031〕7号")
    act(lambda ctx: calling.publish(ctx, second.id), city.officer)
    city.draft(title="草稿一件")
    city.at(second.opens_on)
    asked = query.format(later=second.opens_on, before=second.opens_on - timedelta(days=1))
    assert ask(None, f"/calls?{asked}", "calls") == found
    if not query:
        assert ask(city.officer, "/calls?state=draft", "calls") == ["草稿一件"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["乙软件", "甲软件"]),
        ("sort=oldest", ["甲软件", "乙软件"]),
        ("q=甲", ["甲软件"]),
        ("state=qualified", ["乙软件"]),
        ("class=product", ["甲软件"]),
        ("call={call}", ["乙软件", "甲软件"]),
        ("call=00000000-0000-0000-0000-000000000000", []),
        ("since={day}&until={day}", ["乙软件", "甲软件"]),
        ("until={before}", []),
        ("since={after}", []),
    ],
)
def test_applications(city: City, ask: Ask, query: str, found: list[str]) -> None:
    call = city.call(seats={"integrated": 2, "product": 3, "chain_leader": 0})
    first = city.provider("甲软件")
    city.apply(call, first)
    second = city.apply(call, city.provider("乙软件"), ServiceClass.INTEGRATED)
    day = city.today
    city.close(call)
    city.qualify(second)
    days = {"day": day, "before": day - timedelta(days=1), "after": day + timedelta(days=1)}
    assert ask(city.officer, f"/applications?{query.format(call=call.id, **days)}", "applications") == found
    if not query:
        assert ask(first, "/applications", "applications") == [call.title]
        assert ask(first, "/applications?q=乙", "applications") == [call.title]  # not offered to an applicant
