"""The chapters as people meet them: every page opens in both languages, and the forms do what the acts do."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from marketplace.base import sheets as spreadsheets
from marketplace.base.roles import Role
from marketplace.pilots.levels import actions as levels
from marketplace.pilots.members.models import Member
from marketplace.pilots.programmes import actions as pilots
from marketplace.pilots.programmes.models import Pilot, Tranche
from marketplace.pilots.programmes.states import PilotState, TrancheState
from marketplace.policy.editions.models import BookEdition
from marketplace.policy.findings import actions as findings
from marketplace.policy.findings.detectors import Suspicion
from marketplace.policy.findings.states import Severity
from marketplace.policy.sanctions import actions as sanctions
from marketplace.policy.sanctions.models import Ban
from marketplace.policy.sanctions.states import Subject
from marketplace.procedure.publicity import actions as publicity
from tests.support.people import CITY, COUNTY, OTHER_CITY, client_as, make_organisation, make_uscc, post
from tests.support.pilots import PDF, World

HAN = re.compile(r"[\u4e00-\u9fff]")


def upload(name: str = "a.pdf") -> tuple[io.BytesIO, str]:
    return io.BytesIO(PDF), name


Open = Callable[..., FlaskClient]


@pytest.fixture
def door(app: Flask, world: World) -> Open:
    """``door("city")``: a browser that signs in now; a session does not outlive the days that tests let pass."""

    def opened(who: str) -> FlaskClient:
        if who == "city":
            return client_as(app, Role.CITY)
        actor = world.industry if who == "industry" else world.finance_department
        return client_as(app, Role.PROVINCE, organisation=actor.organisation_id)

    return opened


def good(answer: Any) -> str:
    assert answer.status_code == 200, answer.get_data(as_text=True)[:2000]
    return str(answer.get_data(as_text=True))


def test_every_public_page_opens_for_a_visitor_in_both_languages(app: Flask, world: World) -> None:
    pilot = world.approved()
    visitor = client_as(app, None)
    urls = [
        "/policy",
        f"/policy/{world.edition.id}",
        "/programmes",
        f"/programmes/{world.programme.id}",
        "/pilots",
        f"/pilots/{pilot.id}",
        "/sanctions",
    ]
    for url in urls:
        assert "zh-Hans" in good(visitor.get(url))
        assert 'lang="en"' in good(visitor.get(url + "?lang=en"))
    assert "¥10,000,000.00" in good(visitor.get(f"/pilots/{pilot.id}"))
    answer = visitor.get(f"/policy/{world.edition.id}/text")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.get_data(as_text=True) == world.edition.text


def test_the_policy_page_says_it_all_in_english(app: Flask, world: World) -> None:
    page = good(client_as(app, None).get(f"/policy/{world.edition.id}?lang=en"))
    body = page[page.index("<main") : page.index("</main>")]
    text = re.sub(r"<[^>]+>", "\n", body)
    allowed = re.compile(r"^[一二三四五六]\(|^三\(|、")  # clauses, and the names a bureau writes
    left = [line.strip() for line in text.split("\n") if HAN.search(line) and not allowed.search(line.strip())]
    names = {alias for use in world.book.prohibited.values() for alias in use.aliases_zh}
    assert [line for line in left if line not in names and line != world.edition.published_by_name] == []
    for kind in world.book.types.values():
        for klass in kind.classes.values():
            assert klass.name_en in page
    for use in world.book.prohibited.values():
        assert use.name_en in page


def test_officers_pages_open(app: Flask, world: World, door: Open) -> None:
    pilot = world.approved()
    industry, city = door("industry"), door("city")
    member = world.member(pilot)
    world.act(
        lambda ctx: levels.record(
            ctx, enterprise_id=member.enterprise_id, value="L5", assessor="中心", assessed_on=ctx.today
        ),
        world.city,
    )
    finding = world.act(
        lambda ctx: findings.open(
            ctx,
            detector="x",
            clause="四(二)",
            severity=Severity.WARN,
            suspicion=Suspicion("order", "1", CITY, "{a} 与 {b} 相同", {"a": "甲", "b": "乙"}, url="/pilots"),
        )
    )
    office = client_as(app, Role.PILOT, pilot_id=pilot.id, region=COUNTY)
    tranche = world.act(lambda ctx: pilots.propose_tranche(ctx, pilot.id, 1_00), world.industry)
    change = world.act(
        lambda ctx: pilots.request_change(ctx, pilot.id, title="增加", text="理由"), world.officer(Role.PILOT, pilot)
    )
    ban = world.act(
        lambda ctx: sanctions.impose(
            ctx, subject_kind=Subject.REGION, subject_id="360921", reason="…", edition_id=world.edition.id
        ),
        world.industry,
    )
    pages: list[tuple[FlaskClient, str]] = [
        (industry, "/policy/publish"),
        (industry, "/programmes/open"),
        (industry, f"/programmes/{world.programme.id}/batches/open"),
        (industry, f"/pilots/{pilot.id}"),
        (industry, f"/pilots/{pilot.id}/review"),
        (industry, f"/pilots/{pilot.id}/approval"),
        (industry, f"/pilots/{pilot.id}/suspension"),
        (industry, f"/pilots/{pilot.id}/tranches/propose"),
        (industry, f"/pilots/tranches/{tranche.id}/release"),
        (industry, f"/pilots/tranches/{tranche.id}/refusal"),
        (industry, f"/pilots/{pilot.id}/evaluation"),
        (industry, f"/pilots/changes/{change.id}"),
        (industry, "/sanctions/impose"),
        (industry, f"/sanctions/{ban.id}/lift"),
        (city, "/pilots?state=approved&city=" + CITY),
        (city, f"/pilots/nominate/{world.batch.id}"),
        (city, f"/pilots/nominate/{world.batch.id}?type=county"),
        (city, f"/pilots/{pilot.id}/withdrawal"),
        (city, "/members"),
        (city, f"/members/of/{pilot.id}"),
        (city, f"/members/{member.id}"),
        (city, f"/members/{member.id}/withdrawal"),
        (city, "/levels"),
        (city, f"/levels/of/{member.enterprise_id}"),
        (city, f"/levels/record/{member.id}"),
        (city, "/findings"),
        (city, "/findings?state=all&severity=warn"),
        (city, f"/findings/{finding.id}"),
        (office, f"/members/of/{pilot.id}/nominate"),
        (office, f"/members/of/{pilot.id}/sheet"),
        (office, f"/pilots/{pilot.id}/changes/request"),
        (office, "/"),
        (client_as(app, Role.FINANCE, pilot_id=pilot.id), f"/pilots/tranches/{tranche.id}/receipt"),
    ]
    for client, url in pages:
        good(client.get(url))
        assert 'lang="en"' in good(client.get(url + ("&" if "?" in url else "?") + "lang=en"))


def test_from_the_rule_book_to_the_money_by_hand(app: Flask, world: World, door: Open) -> None:
    """One pilot over the pages alone: recommended, reviewed, published, approved, funded, arrived."""
    city, industry = door("city"), door("industry")
    form: dict[str, Any] = {
        "name": "丰城试点",
        "class": "county_1",
        "region": COUNTY,
        "office_uscc": world.office.uscc,
        "focus": "医药",
        "target_enterprises": "40",
        "plan": upload(),
    }
    for place in (0, 1):
        form |= {f"letter_number_{place}": f"宜字{place}号", f"letter_file_{place}": upload()}
    for code, condition in world.book.application.conditions.items():
        if "county" in condition.types:
            form[f"statement_{code}"] = "已具备"
    url = f"/pilots/nominate/{world.batch.id}?type=county"
    short = {**form, "target_enterprises": "39", "plan": upload(), "letter_file_0": upload(), "letter_file_1": upload()}
    answer = post(city, url, short, content_type="multipart/form-data")
    assert answer.status_code == 409 and "二(二)" in answer.get_data(as_text=True)
    answer = post(city, url, form, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.get_data(as_text=True)
    pilot: Pilot = world.act(lambda ctx: ctx.session.scalars(select(Pilot)).one())
    assert f"/pilots/{pilot.id}" in good(industry.get("/"))

    home = f"/pilots/{pilot.id}"
    assert post(industry, f"{home}/review", {"note": "同意"}).status_code == 422
    assert world.see(Pilot, pilot.id).state is PilotState.NOMINATED
    assert post(industry, f"{home}/review", {"result": "pass", "note": "同意"}).status_code == 303
    assert post(industry, f"/programmes/batches/{world.batch.id}/shortlist").status_code == 303
    notice_id = world.see(Pilot, pilot.id).notice_id
    world.clock.advance(days=20)
    world.act(lambda ctx: publicity.clear(ctx, notice_id), world.industry)
    industry, treasury = door("industry"), door("treasury")
    answer = post(industry, f"{home}/approval", {"award": "10000000.01"})
    assert answer.status_code == 409 and "四(一)" in answer.get_data(as_text=True)
    assert post(industry, f"{home}/approval", {"award": "10000000.00"}).status_code == 303
    assert post(industry, f"{home}/tranches/propose", {"amount": "5000000"}).status_code == 303
    tranche: Tranche = world.act(lambda ctx: ctx.session.scalars(select(Tranche)).one())
    sending = f"/pilots/tranches/{tranche.id}/release"
    assert sending in good(treasury.get("/")) and sending in good(treasury.get(home))
    assert sending not in good(industry.get(home))
    assert post(industry, sending, {"release_number": "1"}).status_code == 409
    assert post(treasury, sending, {"release_number": "赣财1号"}).status_code == 303
    arriving = f"/pilots/tranches/{tranche.id}/receipt"
    world.clock.advance(days=4)
    finance = client_as(app, Role.FINANCE, pilot_id=pilot.id)
    assert arriving in good(finance.get("/"))
    day = world.clock.moment.date() - timedelta(days=1)
    assert post(finance, arriving, {"received_on": day.isoformat(), "bank_reference": "B-1"}).status_code == 303
    assert world.see(Tranche, tranche.id).state is TrancheState.RECEIVED
    assert "B-1" in good(finance.get(home))
    assert "B-1" not in good(client_as(app, None).get(home))


def test_members_by_hand_and_by_sheet(app: Flask, world: World, door: Open) -> None:
    pilot = world.approved()
    city = door("city")
    office = client_as(app, Role.PILOT, pilot_id=pilot.id, region=COUNTY)
    first, second = make_organisation(world.act), make_organisation(world.act)
    base = f"/members/of/{pilot.id}"
    answer = post(
        office, f"{base}/nominate", {"uscc": first.uscc, "focus": "航空", "target_level": "L6", "urgency": "1"}
    )
    assert answer.status_code == 409 and "三(二)" in answer.get_data(as_text=True)
    assert (
        post(office, f"{base}/nominate", {"uscc": make_uscc(), "focus": "医药", "target_level": "L6"}).status_code
        == 422
    )
    answer = post(
        office, f"{base}/nominate", {"uscc": first.uscc, "focus": "医药", "target_level": "L6", "urgency": "1"}
    )
    assert answer.status_code == 303
    member: Member = world.act(lambda ctx: ctx.session.scalars(select(Member)).one())
    assert base in good(city.get("/"))
    assert post(office, f"/members/{member.id}/confirmation").status_code == 403
    assert post(city, f"/members/{member.id}/confirmation").status_code == 303
    data = spreadsheets.write_xlsx({"x": (("企业代码", "目标水平"), [(first.uscc, "L6"), (second.uscc, "L6")])})
    tried = post(
        office,
        f"{base}/sheet",
        {"file": (io.BytesIO(data), "a.xlsx"), "mode": "check"},
        content_type="multipart/form-data",
    )
    assert second.name in good(tried)
    done = post(
        office,
        f"{base}/sheet",
        {"file": (io.BytesIO(data), "a.xlsx"), "mode": "write"},
        content_type="multipart/form-data",
    )
    assert done.status_code == 303
    assert world.act(lambda ctx: len(ctx.session.scalars(select(Member)).all())) == 2


def test_another_city_sees_nothing_of_an_application(app: Flask, world: World, door: Open) -> None:
    pilot = world.nominate()
    city = door("city")
    stranger = client_as(app, Role.CITY, region=OTHER_CITY)
    assert city.get(f"/pilots/{pilot.id}").status_code == 200
    for url in (f"/pilots/{pilot.id}", f"/members/of/{pilot.id}"):
        assert stranger.get(url).status_code == 404
        assert client_as(app, None).get(url).status_code in (302, 404)
    approved = world.approved("zone")
    member = world.member(approved)
    stranger = client_as(app, Role.CITY, region=OTHER_CITY)
    assert stranger.get(f"/members/{member.id}").status_code == 404
    assert stranger.get(f"/levels/of/{member.enterprise_id}").status_code == 404
    page = good(stranger.get(f"/pilots/{approved.id}"))
    assert "同意" not in page and "推荐函" not in page


def test_a_rule_book_is_uploaded_and_a_ban_imposed_over_the_pages(app: Flask, world: World, door: Open) -> None:
    industry = door("industry")
    wrong = post(
        industry, "/policy/publish", {"file": (io.BytesIO(b'code = "x"'), "x.toml")}, content_type="multipart/form-data"
    )
    assert wrong.status_code == 422
    text = world.edition.text.replace(f'version = "{world.edition.version}"', 'version = "8.0"')
    right = post(
        industry, "/policy/publish", {"file": (io.BytesIO(text.encode()), "x.toml")}, content_type="multipart/form-data"
    )
    assert right.status_code == 303
    assert world.act(lambda ctx: len(ctx.session.scalars(select(BookEdition)).all())) == 2
    form = {"region": COUNTY, "edition_id": str(world.edition.id), "reason": "弄虚作假"}
    assert post(industry, "/sanctions/impose", {**form, "uscc": world.office.uscc}).status_code == 422
    assert post(industry, "/sanctions/impose", form).status_code == 303
    ban: Ban = world.act(lambda ctx: ctx.session.scalars(select(Ban)).one())
    assert ban.subject_name in good(client_as(app, None).get("/sanctions"))
    assert post(industry, f"/sanctions/{ban.id}/lift", {"reason": "复核"}).status_code == 303
    assert ban.subject_name not in good(client_as(app, None).get("/sanctions"))
