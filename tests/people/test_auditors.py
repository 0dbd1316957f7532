"""An auditor is bounded by the assignment: a city's sees the city, the province's its cities, and both the platform."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.base.context import Actor
from marketplace.record.audit import actions as audit
from marketplace.record.audit import queries
from tests.support.people import CITY, OTHER_CITY, OTHER_COUNTY, PROVINCE, make_actor, make_organisation


def auditor(act: Any, region: str) -> Actor:
    return make_actor(act, "auditor", region=region)[0]


@pytest.fixture
def rows(act: Any) -> None:
    """What was done, by name: in a city, without a place by somebody of a city, and without any place at all."""
    officer, elsewhere = make_actor(act, "city")[0], make_actor(act, "city", region=OTHER_CITY)[0]
    firm = make_actor(act, "provider", organisation=make_organisation(act, capacity="provider", region=OTHER_COUNTY))[0]
    admin = make_actor(act, "admin")[0]
    at = make_organisation(act)

    def note(name: str, who: Actor | None, target: Any) -> None:
        act(lambda ctx: audit.record(ctx, f"test.{name}", target), who)
        act(lambda ctx: audit.look(ctx, "test", name, "why"), who)

    note("here", officer, at)
    note("foreign", elsewhere, ("thing", 1))
    note("firm", firm, ("thing", 2))
    note("admin", admin, ("thing", 3))
    note("platform", None, ("thing", 4))


def acts_seen(act: Any, who: Actor) -> set[str]:
    found, cursor = [], None
    while True:
        page = act(lambda ctx, cursor=cursor: queries.search(ctx, limit=100, cursor=cursor), who)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    return {row.verb.removeprefix("test.") for row in found if row.verb.startswith("test.")}


def looks_seen(act: Any, who: Actor) -> set[str]:
    return {row.object_id for row in act(lambda ctx: queries.looks(ctx, limit=100), who).items}


@pytest.mark.parametrize(
    ("region", "seen"),
    [
        (CITY, {"here", "admin", "platform"}),
        (OTHER_CITY, {"foreign", "firm", "admin", "platform"}),
        (PROVINCE, {"here", "foreign", "firm", "admin", "platform"}),
    ],
)
@pytest.mark.usefixtures("rows")
def test_what_an_auditor_reads(act: Any, region: str, seen: set[str]) -> None:
    who = auditor(act, region)
    assert acts_seen(act, who) == seen
    assert looks_seen(act, who) == seen


def test_the_record_names_who_acted(act: Any) -> None:
    who, person = make_actor(act, "city", name="钱进")
    assert act(lambda ctx: queries.names(ctx, [who.person_id])) == {person.id: "钱进"}
