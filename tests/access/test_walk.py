"""Every route, every verb, everybody: who comes in, what strangers find, and that looking writes nothing."""

from __future__ import annotations

import csv
import io
import re
import uuid
from typing import Any

import pytest
from werkzeug.routing import Rule

from marketplace.base.permissions import Permission
from marketplace.base.roles import Role
from marketplace.web.security import access_of
from tests.access.conftest import City, address_of, table_of
from tests.access.expected import GROUPS, READ_BY_POST, ROLES, expected

EVERYBODY = ("visitor", "newcomer", *ROLES)


def test_the_table_names_every_route_and_no_other(city: City) -> None:
    there = {(verb, rule.rule) for verb, rule in city.rules()}
    table = expected()
    assert not there - set(table), "routes without a line in tests/access/expected.py"
    assert not set(table) - there, "lines in tests/access/expected.py without a route"


@pytest.mark.parametrize("role", EVERYBODY)
def test_the_door_opens_to_whom_the_table_says(city: City, role: str) -> None:
    who, table = city.strangers[role], expected()
    faults = []
    for verb, rule in city.rules():
        address = address_of(rule)
        answer = city.knock(who, verb, address)
        came_in = bool(city.seen.views)
        if came_in != (role in table.get((verb, rule.rule), ())):
            faults.append(f"{verb} {rule.rule}: {'comes in' if came_in else 'is kept out'} ({answer.status_code})")
        if not came_in:
            faults += _kept_out(role, verb, rule, answer)
        elif "GET" == verb and (writes := _writes(city)):
            faults.append(f"{verb} {rule.rule} writes: {writes[0][:200]}")
        if answer.status_code >= 500:
            faults.append(f"{verb} {rule.rule}: {answer.status_code}")
    assert not faults, "\n".join(faults)


def test_nothing_is_changed_under_a_verb_of_whom_only_reads(city: City) -> None:
    """The auditor only reads, so a verb that it holds is a reading one, and no gate of a change."""
    rows: dict[Permission, Any] = city.app.extensions["house"].matrix.rows
    reading = {permission for permission, roles in rows.items() if Role.AUDITOR in roles}
    assert len(reading) > 20, "the auditor reads hardly anything"
    found = {
        rule.rule
        for verb, rule in city.rules()
        if verb != "GET" and reading & set(access_of(city.app, rule.endpoint, verb) or ())
    }
    assert found == set(READ_BY_POST)
    by_table = {rule for (verb, rule), who in expected().items() if verb != "GET" and _only_some(who, "auditor")}
    assert by_table == set(READ_BY_POST)


def _only_some(who: frozenset[str], role: str) -> bool:
    """Whether a role comes in as this role, and not because everybody does who has signed in."""
    return role in who and not set(GROUPS["signed_in"]) <= who


def test_an_auditor_at_home_changes_nothing(city: City) -> None:
    """Of everything that exists in its own city: no gate lets it through, and nothing is written."""
    who, table, tried, faults = city.insiders["auditor"], expected(), 0, []
    for verb, rule in city.rules():
        if (
            verb == "GET"
            or rule.rule in READ_BY_POST
            or set(GROUPS["signed_in"]) <= table.get((verb, rule.rule), set())
        ):
            continue
        names = [name for name in rule.arguments if name.endswith("_id")]
        for values in _combinations(city, rule, names) if names else [{}]:
            answer = city.knock(who, verb, address_of(rule, values))
            tried += 1
            if answer.status_code != 403 or city.seen.views or city.seen.writes:
                faults.append(f"{verb} {rule.rule}: {answer.status_code}, {city.seen}")
    assert not faults, "\n".join(faults)
    assert tried > 150


def _kept_out(role: str, verb: str, rule: Rule, answer: Any) -> list[str]:
    """A visitor is led to the sign-in, or told 401 by the API; anybody else is told 403."""
    by_token = rule.rule.startswith("/api/")
    nobody = role == "visitor" or (role == "newcomer" and by_token)
    wanted = (401 if by_token else 302) if nobody else 403
    if answer.status_code != wanted:
        return [f"{verb} {rule.rule}: {answer.status_code} instead of {wanted}"]
    if wanted == 302 and not answer.location.startswith("/account/sign-in"):
        return [f"{verb} {rule.rule}: leads to {answer.location}"]
    return []


def _writes(city: City) -> list[str]:
    """Statements that wrote, except the note that somebody looked at something protected."""
    return [sql for sql in city.seen.writes if "INTO access_row" not in sql]


ONE_PROVINCE = {"province", "admin"}
"""The province reaches every city of its own, the administrator every person: they are no strangers anywhere."""

PUBLIC = {
    "book_edition",
    "listing",
    "pilot",
    "programme",
    "programme_batch",
    "public_notice",
    "roster_entry",
    "scheme",
    "scheme_version",
    "selection_call",
}
"""Tables whose rows anybody may read at an address of their own: that they exist is no secret, but nobody foreign
changes them."""


CHECKED_INSIDE = {
    "/documents/<uuid:document_id>",
    "/api/v1/documents/<uuid:document_id>",
    "/api/v1/documents/<uuid:document_id>/content",
}
"""Open to everybody for what is public, and asked about each object inside."""

STRANGERS = [role for role in EVERYBODY if role not in ONE_PROVINCE]


@pytest.mark.parametrize("role", STRANGERS)
def test_a_stranger_learns_nothing_about_what_exists(city: City, role: str) -> None:
    """Behind an open door a foreign object and one that never was are told alike, and neither is shown or changed."""
    who, table = city.strangers[role], expected()
    faults = []
    for verb, rule in city.rules():
        names = [name for name in rule.arguments if name.endswith("_id")]
        if not names or role not in table.get((verb, rule.rule), ()):
            continue
        if "visitor" in table[verb, rule.rule] and rule.rule not in CHECKED_INSIDE:
            continue
        public = all(table_of(rule.rule, name) in PUBLIC for name in names)
        nowhere = city.knock(who, verb, address_of(rule))
        for values in _combinations(city, rule, names):
            answer = city.knock(who, verb, address_of(rule, values))
            if not (_alike(answer, nowhere) or (public and _harmless(verb, answer))):
                told = f"{answer.status_code}, nothing there: {nowhere.status_code}"
                faults.append(f"{verb} {rule.rule} {[str(v) for v in values.values()]}: {told}")
    assert not faults, "\n".join(faults)


def test_the_record_of_a_city_is_no_other_auditor_s(city: City) -> None:
    """What was done in the city stands before its own auditor, and not before one of another city."""
    read = {}
    for name, who in (("own", city.insiders["auditor"]), ("other", city.strangers["auditor"])):
        text = city.knock(who, "GET", "/audit?format=csv").get_data(as_text=True)
        read[name] = {row["地区代码"] for row in csv.DictReader(io.StringIO(text.lstrip("\ufeff")))}
    assert read["own"] == {city.insiders["auditor"].actor.region, ""}
    assert read["other"] == {city.strangers["auditor"].actor.region, ""}


def _alike(answer: Any, nowhere: Any) -> bool:
    """Whether two answers tell the same: both refusals of one kind, or both the same empty page."""
    if answer.status_code != nowhere.status_code:
        return False
    return answer.status_code >= 400 or _bare(answer) == _bare(nowhere)


def _bare(answer: Any) -> str:
    """An answer without ids and tokens."""
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", answer.get_data(as_text=True))
    return re.sub(r'(content|value)="[^"]{60,}"', "", text)


def _harmless(verb: str, answer: Any) -> bool:
    """Looking at what is public may show it; anything else is refused."""
    return answer.status_code in (200, 403, 404) if verb == "GET" else 400 <= answer.status_code < 500


def _combinations(city: City, rule: Rule, names: list[str]) -> list[dict[str, Any]]:
    """Existing objects for the arguments of a rule, the first ones together and the last ones together."""
    pools = [city.objects.get(table_of(rule.rule, name)) or [uuid.uuid4()] for name in names]
    first = [dict(zip(names, keys, strict=True)) for keys in zip(*pools, strict=False)]
    return first or [{}]


def test_every_argument_is_tried_with_something_that_exists(city: City) -> None:
    """Tables that the city's story leaves empty: a stranger's knock there proves less. Shorten this list."""
    empty = {name for name, keys in city.objects.items() if not keys}
    assert empty <= {"ban", "objection", "plan_change"}, empty


@pytest.mark.parametrize("role", ROLES)
def test_looking_at_what_is_there_writes_nothing_and_never_breaks(city: City, role: str) -> None:
    """The city's own people open every page of every object: shown, or refused, but without a fault or a write."""
    who, table = city.insiders[role], expected()
    faults, shown = [], 0
    for verb, rule in city.rules():
        if verb != "GET" or role not in table.get((verb, rule.rule), ()):
            continue
        names = [name for name in rule.arguments if name.endswith("_id")]
        for values in _combinations(city, rule, names) if names else [{}]:
            answer = city.knock(who, verb, address_of(rule, values))
            shown += answer.status_code == 200
            if answer.status_code not in (200, 302, 303, 403, 404):
                faults.append(f"{rule.rule} {values}: {answer.status_code}")
            if writes := _writes(city):
                faults.append(f"{rule.rule} writes: {writes[0][:200]}")
    assert not faults, "\n".join(faults)
    assert shown > 40, "hardly anything was shown"


def test_a_form_without_the_token_against_forgery_does_nothing(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(city.app.config, "WTF_CSRF_ENABLED", True)
    for role in ("admin", "city"):
        for verb, rule in city.rules():
            if verb != "GET" and not rule.rule.startswith("/api/"):
                answer = city.knock(city.strangers[role], verb, address_of(rule))
                assert answer.status_code == 400, f"{verb} {rule.rule}: {answer.status_code}"
                assert not city.seen.views and not _writes(city)


def test_a_cookie_opens_no_door_of_the_api(city: City) -> None:
    who, table = city.strangers["city"], expected()
    for verb, rule in city.rules():
        if not rule.rule.startswith("/api/v1/") or "visitor" in table.get((verb, rule.rule), ()):
            continue
        client = city.app.test_client()
        with client.session_transaction() as cookie:
            cookie["_user_id"] = who.secret
        assert client.open(address_of(rule), method=verb, json={}).status_code == 401, f"{verb} {rule.rule}"
