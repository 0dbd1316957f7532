"""The lists of a selection: each filter and each order gives the right rows, and the file holds the same."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from marketplace.people.accounts.models import Person
from marketplace.procedure.panels import actions as pooling
from marketplace.procedure.panels import queries as experts
from marketplace.shop.roster import queries as roster
from marketplace.shop.roster.states import ServiceClass
from providers.calls import actions as calling
from providers.standing import actions as standing
from providers.standing.states import Measure
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


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["乙软件", "甲软件"]),
        ("sort=ending", ["甲软件", "乙软件"]),
        ("state=suspended", ["甲软件"]),
        ("state=active", ["乙软件"]),
        ("class=product", ["乙软件", "甲软件"]),
        ("class=integrated", []),
        ("q=甲", ["甲软件"]),
        ("q={number}", ["甲软件"]),
        ("until={ends}", ["甲软件"]),
    ],
)
def test_the_list_as_its_keepers_see_it(city: City, act: Any, ask: Ask, query: str, found: list[str]) -> None:
    first = city.provider("甲软件")
    city.select(first)
    [entry] = act(lambda ctx: roster.search(ctx, name="甲")).items
    measure = {"kind": Measure.SUSPEND, "reason": "交付严重延误", "clause": "管理办法第十二条", "due_on": None}
    act(lambda ctx: standing.take(ctx, entry.entry.id, **measure), city.chief)
    city.select(city.provider("乙软件"))
    asked = query.format(number=entry.entry.certificate_number, ends=entry.entry.valid_until)
    assert ask(city.officer, f"/standing?{asked}", "standing") == found
    if not query:
        assert ask(first, "/standing?state=suspended", "standing") == ["甲软件"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["第二批", "第一批"]),
        ("sort=oldest", ["第一批", "第二批"]),
        ("state=closed", ["第一批"]),
        ("q=第二", ["第二批"]),
        ("q=%25", []),
        ("city=360100", ["第二批", "第一批"]),  # not offered to a city
    ],
)
def test_panels(city: City, ask: Ask, query: str, found: list[str]) -> None:
    city.pool()
    panels = []
    for title in ("第一批", "第二批"):
        call = city.call(title=title)
        made = city.apply(call, city.provider())
        city.close(call)
        city.qualify(made)
        panels.append(city.panel(call))
        if title == "第一批":
            city.score(panels[0])
    assert [title[:3] for title in ask(city.officer, f"/panels?{query}", "panels")] == found
    if not query:
        _, expert = city.seated(panels[1])[0]
        assert "第二批" in ask(expert, "/panels?state=drawn", "panels")[0]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["乙专家", "甲专家"]),
        ("sort=newest", ["甲专家", "乙专家"]),
        ("active=False", ["甲专家"]),
        ("active=True", ["乙专家"]),
        ("q=乙", ["乙专家"]),
    ],
)
def test_the_pool(city: City, act: Any, ask: Ask, query: str, found: list[str]) -> None:
    city.expert("乙专家")
    first = city.expert("甲专家")
    pool = act(lambda ctx: experts.search_experts(ctx), city.officer).items
    [held] = [e for e in pool if e.person_id == first.person_id]
    act(lambda ctx: pooling.set_active(ctx, held.id, False), city.officer)
    assert ask(city.officer, f"/panels/experts?{query}", "experts") == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [1, 0]),
        ("sort=oldest", [0, 1]),
        ("state=cleared", [0]),
        ("state=open", [1]),
        ("q={title}", [1]),
        ("city=360900&since={later}", [1]),
        ("until={before}", [0]),
        ("city=360100", []),
    ],
)
def test_notices(city: City, act: Any, ask: Ask, query: str, found: list[int]) -> None:
    city.pool()
    notices = []
    for title in ("第一批", "第二批"):
        call = city.call(title=title)
        made = city.apply(call, city.provider())
        city.close(call)
        city.qualify(made)
        city.score(city.panel(call))
        notices.append(city.propose(call))
        if title == "第一批":
            city.clear(notices[0])
    later = notices[1].starts_on
    asked = query.format(title="第二批", later=later, before=later - timedelta(days=1))
    assert ask(None, f"/publicity?{asked}", "publicity") == [notices[at].title for at in found]
