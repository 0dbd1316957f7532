"""Signed reports: locked with their digest, opened again only with a reason, with what changed."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from marketplace.base.clock import SetClock, day_of
from marketplace.base.errors import Forbidden, NotFound, Refusal
from marketplace.base.roles import Role
from tests.support.html import PageClient
from tests.support.people import OTHER_CITY, make_actor, post, sign_in
from tests.support.purse import Purse, list_software
from tests.support.shop import place_order
from vouchers.reports import paper, queries, signing
from vouchers.reports.models import SignedReport
from vouchers.reports.words import Words

WORDS = Words(str, "zh")


@pytest.fixture
def day(purse: Purse, clock: SetClock) -> date:
    """A day that is over, with all that the purse holds booked on it."""
    over = day_of(clock.moment)
    clock.advance(days=1)
    return over


def sign(purse: Purse, day: date, reason: str = "", who: Any = None) -> SignedReport:
    signed: SignedReport = purse.act(
        lambda ctx: signing.sign(ctx, purse.town.pilot.id, as_of=day, reason=reason), who or purse.finance
    )
    return signed


def test_what_is_signed_is_the_report_of_that_day(purse: Purse, day: date) -> None:
    signed = sign(purse, day)
    assert (signed.version, signed.as_of) == (1, day)
    assert signed.content["categories"]["renovation"]["committed"] == "40000.00"
    text = json.dumps(signed.content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(text.encode()).hexdigest() == signed.sha256


def test_today_is_not_over_and_a_day_before_the_pilot_has_no_report(purse: Purse, clock: SetClock, day: date) -> None:
    with pytest.raises(Refusal) as found:
        sign(purse, day_of(clock.moment))
    assert found.value.code == "report.day_not_over"
    with pytest.raises(Refusal) as found:
        sign(purse, day - timedelta(days=4000))
    assert found.value.code == "report.before_approval"


def test_the_same_day_again_needs_a_reason_and_something_new(purse: Purse, clock: SetClock, day: date) -> None:
    first = sign(purse, day)
    with pytest.raises(Refusal) as found:
        sign(purse, day)
    assert found.value.code == "report.reason_missing"
    with pytest.raises(Refusal) as found:
        sign(purse, day, "再看一次")
    assert found.value.code == "report.unchanged"
    purse.act(lambda ctx: setattr(ctx.session.get(SignedReport, first.id), "sha256", "0" * 64))
    second = sign(purse, day, "更正验收日期")
    assert (second.version, second.reason) == (2, "更正验收日期")
    assert purse.act(lambda ctx: signing.before(ctx, second)).id == first.id


def test_what_happens_later_changes_nothing_that_was_signed(purse: Purse, clock: SetClock, day: date) -> None:
    before = sign(purse, day).content
    place_order(purse.town, list_software(purse), voucher_id=purse.issue(key="second"))
    clock.advance(days=1)
    later = sign(purse, day_of(clock.moment) - timedelta(days=1))
    assert later.content["categories"]["renovation"]["committed"] == "80000.00"
    kept = purse.act(lambda ctx: signing.of_pilot(ctx, purse.town.pilot.id))
    assert [row.content["categories"]["renovation"]["committed"] for row in kept] == ["80000.00", "40000.00"]
    assert kept[1].content == before


def test_the_differences_name_place_and_both_values(purse: Purse, clock: SetClock, day: date) -> None:
    old = sign(purse, day)
    place_order(purse.town, list_software(purse), voucher_id=purse.issue(key="second"))
    clock.advance(days=1)
    new = sign(purse, day + timedelta(days=1))
    found = {change.place: (change.before, change.after) for change in signing.differences(old, new)}
    assert found["categories.renovation.committed"] == ("40000.00", "80000.00")
    assert found["answer.checks.share.renovation.floor.award.actual"] == ("40000.00", "80000.00")
    assert not any(place.endswith("message") for place in found) and "awarded" not in found


def test_who_signs_and_who_only_reads(purse: Purse, day: date) -> None:
    with pytest.raises(Forbidden):
        sign(purse, day, who=purse.town.city)
    stranger, _ = make_actor(purse.act, Role.FINANCE, region=OTHER_CITY)
    with pytest.raises(NotFound):
        sign(purse, day, who=stranger)
    signed = sign(purse, day)
    with pytest.raises(NotFound):
        purse.act(lambda ctx: signing.get(ctx, signed.id), stranger)


@pytest.fixture
def client(purse: Purse, day: date, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """The pilot office, signed in on the day after."""
    monkeypatch.setattr(purse.town.app, "test_client_class", PageClient)
    return sign_in(purse.town.app.test_client(), purse.town.persons["office"])


def test_the_pages_sign_show_and_give_the_very_bytes(purse: Purse, client: FlaskClient, day: date) -> None:
    address = f"/reports/settlement/{purse.town.pilot.id}"
    assert f"{address}/sign" in client.get(address).text
    client.get(f"{address}/sign")
    answer = post(client, f"{address}/sign", {"as_of": day.isoformat()}, follow_redirects=True)
    assert answer.status_code == 200 and "内容与签署时的摘要一致" in answer.text
    row = purse.act(lambda ctx: signing.of_pilot(ctx, purse.town.pilot.id))[0]
    assert f"/reports/signed/{row.id}" in client.get(address).text
    data = client.get(f"/reports/signed/{row.id}.json").data
    assert hashlib.sha256(data).hexdigest() == row.sha256
    printed = client.get(f"/reports/signed/{row.id}.pdf")
    assert printed.mimetype == "application/pdf" and printed.data.startswith(b"%PDF")
    refused = post(client, f"{address}/sign", {"as_of": day.isoformat()})
    assert refused.status_code == 409 and "须写明理由" in refused.text and day.isoformat() in refused.text


def test_a_changed_content_is_seen(purse: Purse, client: FlaskClient, day: date) -> None:
    signed = sign(purse, day)
    wrong = {**signed.content, "awarded": "1.00"}
    purse.act(lambda ctx: setattr(ctx.session.get(SignedReport, signed.id), "content", wrong))
    assert "摘要不一致" in client.get(f"/reports/signed/{signed.id}").text


def test_the_paper_says_what_was_signed_and_nothing_newer(purse: Purse, clock: SetClock, day: date) -> None:
    """The paper of the signed version keeps its figures while the books go on; version, signer and digest stand on it."""
    signed = sign(purse, day)
    place_order(purse.town, list_software(purse), voucher_id=purse.issue(key="second"))
    report = purse.act(lambda ctx: queries.settlement(ctx, purse.town.pilot.id), purse.finance)
    live = purse.act(lambda ctx: paper.of_pilot(queries.whole(ctx, purse.town.pilot.id), WORDS), purse.finance)
    assert dict(live["facts"])["已承诺"] == "80,000.00"
    data = paper.of_signed(signed, report, WORDS, signer="周岚", signed_at="2031-03-13 12:00")
    facts = dict(data["facts"])
    assert (facts["已承诺"], facts["截至"], facts["版本"]) == ("40,000.00", day.isoformat(), "1")
    assert (facts["签署人"], facts["内容摘要（SHA-256）"]) == ("周岚", signed.sha256)
    before = paper.of_pilot(purse.act(lambda ctx: queries.whole(ctx, purse.town.pilot.id, day), purse.finance), WORDS)
    for part in ("rows", "sources", "checks", "months", "heads", "source_heads", "month_heads", "verdict_word"):
        assert data[part] == before[part], part
