"""The prefilled call: an officer opens one in minutes."""

from __future__ import annotations

import tomllib
import uuid
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from marketplace.base.context import Context
from marketplace.people.regions import queries as regions
from marketplace.policy.editions import queries as editions
from providers.calls import rules
from providers.calls.states import Fact


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "template.toml").read_text(encoding="utf-8"))


def prefill(ctx: Context, edition_id: uuid.UUID | None = None) -> dict[str, Any]:
    """Terms of a usual call for the officer's city, as `actions.draft` takes them, from tomorrow on.

    The qualities that the rule book asks of a provider become conditions for a person to judge.
    """
    data = _file()
    city = ctx.who.region or ""
    place = regions.names(ctx, [city]).get(city)
    opens_on = ctx.today + timedelta(days=1)
    newest = next(iter(editions.choices(ctx)), None)
    edition_id = edition_id or (newest.id if newest else None)
    conditions = [rules.machine_condition(Fact(fact), value) for fact, value in data["facts"].items()]
    if edition_id is not None:
        selection = editions.book(ctx, edition_id).selection
        qualities = selection.qualities.values() if selection else ()
        conditions += [rules.person_condition(n, item.name_zh) for n, item in enumerate(qualities, start=1)]
    lines = [rules.scoring_line(n, line["label"], line["max"]) for n, line in enumerate(data["scoring"], start=1)]
    ranked = sorted((line["tie_break"], n) for n, line in enumerate(data["scoring"]) if "tie_break" in line)
    return {
        "number": "",
        "title": data["title"].format(city=place.name if place else ""),
        "edition_id": edition_id,
        "seats": dict(data["seats"]),
        "industries": [],
        "conditions": conditions,
        "scoring": lines,
        "tie_break": [lines[n]["code"] for _, n in ranked],
        "pass_line": data["pass_line"],
        "opens_on": opens_on,
        "closes_on": opens_on + timedelta(days=data["open_days"] - 1),
        "publicity_days": data["publicity_days"],
        "term_years": data["term_years"],
        "materials": data["materials"].strip(),
        "duties": data["duties"].strip(),
        "contact": "",
    }
