"""The same acts over REST: tokens, keys, problems with clauses, and nothing of strangers."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.base import sheets as spreadsheets
from marketplace.base.context import Actor
from marketplace.base.roles import Role
from marketplace.pilots.programmes.models import Pilot, Tranche
from marketplace.pilots.programmes.states import PilotState, TrancheState
from marketplace.policy.findings import actions as findings
from marketplace.policy.findings.detectors import Suspicion
from marketplace.policy.findings.states import Severity
from marketplace.procedure.publicity import actions as publicity
from tests.support.people import CITY, COUNTY, OTHER_CITY, make_actor, make_organisation, token_for
from tests.support.pilots import World

V1 = "/api/v1"


class Caller:
    """One actor with a token."""

    def __init__(self, app: Flask, actor: Actor | None):
        self.client: FlaskClient = app.test_client()
        self.headers = token_for(app, actor) if actor else {}

    def get(self, path: str) -> Any:
        return self.client.get(V1 + path, headers=self.headers)

    def post(self, path: str, body: Any = None, key: str | None = None) -> Any:
        headers = {**self.headers, **({"Idempotency-Key": key} if key else {})}
        return self.client.post(V1 + path, json=body if body is not None else {}, headers=headers)


@pytest.fixture
def call(app: Flask) -> Any:
    return lambda actor=None: Caller(app, actor)


def yuan(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


def test_rule_books_are_public_and_published_by_the_province(world: World, call: Any) -> None:
    visitor, industry = call(), call(world.industry)
    listed = visitor.get("/rule-books").json
    assert [item["code"] for item in listed["items"]] == ["jiangxi-2023"] and listed["next_cursor"] is None
    assert visitor.get(f"/rule-books/{world.edition.id}").json["text"] == world.edition.text
    again = industry.post("/rule-books", {"code": "jiangxi-2023"})
    assert (again.status_code, again.json["id"]) == (201, str(world.edition.id))
    assert industry.post("/rule-books", {}).status_code == 422
    assert industry.post("/rule-books", {"text": 'code = "x"'}).json["errors"]["file"]
    assert call(world.city).post("/rule-books", {"code": "jiangxi-2023"}).status_code == 403
    assert visitor.post("/rule-books", {"code": "jiangxi-2023"}).status_code == 401


def test_a_pilot_over_rest_from_recommendation_to_arrival(world: World, call: Any) -> None:
    city, industry, treasury = call(world.city), call(world.industry), call(world.finance_department)
    given = world.application()
    body = {
        "batch_id": str(world.batch.id),
        "name": given["name"],
        "type": "county",
        "class": "county_1",
        "region": COUNTY,
        "office_organisation_id": str(world.office.id),
        "focus": "医药",
        "target_enterprises": 40,
        "plan_document_id": str(given["plan_document_id"]),
        "letters": [
            {"department": x.department, "letter_number": x.letter_number, "document_id": str(x.document_id)}
            for x in given["letters"]
        ],
        "declarations": [{"condition": c, "statement": x.statement} for c, x in given["declarations"].items()],
    }
    low = city.post("/pilots", {**body, "target_enterprises": 39})
    assert (low.status_code, low.json["code"], low.json["clause"]) == (409, "pilot.target_too_low", "二(二)")
    assert low.content_type == "application/problem+json"
    made = city.post("/pilots", body)
    assert made.status_code == 201, made.json
    pilot = made.json
    assert (pilot["state"], pilot["class"], pilot["chain"], pilot["award"]) == ("nominated", "county_1", "医药", None)
    path = f"/pilots/{pilot['id']}"
    papers = industry.get(f"{path}/application").json
    assert len(papers["letters"]) == 2 and papers["declarations"][0]["clause"].startswith("三(一)")
    assert industry.post(f"{path}/review", {"passed": True, "note": "同意"}).json["state"] == "reviewed"
    notice = industry.post(f"/programmes/batches/{world.batch.id}/shortlist", {})
    assert notice.status_code == 201 and notice.json["ends_on"] > notice.json["starts_on"]
    world.clock.advance(days=20)
    notice_id = world.see(Pilot, pilot["id"]).notice_id
    world.act(lambda ctx: publicity.clear(ctx, notice_id), world.industry)
    assert industry.post(f"{path}/approval", {"award": yuan("10000000.00")}).status_code == 400
    over = industry.post(f"{path}/approval", {"award": yuan("10000000.01")}, "k0")
    assert (over.status_code, over.json["code"], over.json["clause"]) == (409, "award.above_cap", "四(一)")
    approved = industry.post(f"{path}/approval", {"award": yuan("10000000.00")}, "k0")
    assert approved.json["award"] == yuan("10000000.00")
    tranche = industry.post(f"{path}/tranches", {"amount": yuan("5000000.00")}, "k1").json
    again = industry.post(f"{path}/tranches", {"amount": yuan("5000000.00")}, "k1")
    assert again.json == tranche and again.headers["Idempotency-Replayed"] == "true"
    money = f"/pilots/tranches/{tranche['id']}"
    assert treasury.post(f"{money}/release", {"release_number": "赣财1号"}, "k2").json["state"] == "released"
    finance = call(make_actor(world.act, Role.FINANCE, pilot_id=world.see(Pilot, pilot["id"]).id)[0])
    day = world.clock.moment.date().isoformat()
    arrived = finance.post(f"{money}/receipt", {"received_on": day, "bank_reference": "B1"}, "k3").json
    assert (arrived["state"], arrived["received_on"], arrived["bank_reference"]) == ("received", day, "B1")
    assert [t["id"] for t in finance.get(f"{path}/tranches").json["items"]] == [tranche["id"]]
    assert world.see(Tranche, tranche["id"]).state is TrancheState.RECEIVED
    assert call().get("/pilots").json["items"][0]["award"] == yuan("10000000.00")
    assert call().get(f"{path}/tranches").status_code == 401


def test_the_pilots_later_life_over_rest(world: World, call: Any) -> None:
    pilot = world.approved()
    path, industry = f"/pilots/{pilot.id}", call(world.industry)
    office = call(world.officer(Role.PILOT, pilot))
    change = office.post(f"{path}/changes", {"title": "增加", "text": "理由"}).json
    assert change["state"] == "requested"
    decided = industry.post(f"/pilots/changes/{change['id']}/decision", {"approved": True})
    assert decided.json["state"] == "approved"
    assert [c["id"] for c in office.get(f"{path}/changes").json["items"]] == [change["id"]]
    early = industry.post(f"{path}/evaluation", {"grade": "good", "comment": "…"})
    assert (early.status_code, early.json["clause"]) == (409, "四(一)")
    for act, state in (("suspension", "suspended"), ("resumption", "approved"), ("closing", "closed")):
        assert industry.post(f"{path}/{act}", {"reason": "见通报"}).json["state"] == state
    assert industry.post(f"{path}/suspension", {"reason": "…"}).json["code"] == "state.not_allowed"
    assert world.see(Pilot, pilot.id).state is PilotState.CLOSED


def test_members_levels_and_sheets_over_rest(world: World, call: Any) -> None:
    pilot = world.approved()
    office, city = call(world.officer(Role.PILOT, pilot)), call(world.city)
    firm = make_organisation(world.act)
    body = {"pilot_id": str(pilot.id), "enterprise_id": str(firm.id), "focus": "医药", "target_level": "L5"}
    low = office.post("/members", body)
    assert (low.json["code"], low.json["clause"], list(low.json["errors"])) == (
        "member.target_too_low", "二(二)", ["target_level"],
    )  # fmt: skip
    member = office.post("/members", {**body, "target_level": "L6"}).json
    assert city.post(f"/members/{member['id']}/confirmation").json["state"] == "confirmed"
    second = office.post("/members", {**body, "target_level": "L6"})
    assert (second.status_code, second.json["code"], second.json["clause"]) == (409, "member.already", "四(二)")
    level = city.post(
        "/levels", {"enterprise_id": str(firm.id), "value": "6", "assessor": "中心", "assessed_on": "2031-03-12"}
    )
    assert (level.status_code, level.json["value"], level.json["scale"]) == (201, "L6", "jiangxi")
    assert len(city.get(f"/levels?enterprise_id={firm.id}").json["items"]) == 1
    data = spreadsheets.write_xlsx({"x": (("uscc", "target_level"), [(firm.uscc, "L6")])})
    answer = office.client.post(
        f"{V1}/members/sheets/{pilot.id}?dry_run=true",
        data={"file": (io.BytesIO(data), "a.xlsx")},
        headers=office.headers,
    )
    assert (answer.status_code, answer.json["rows"][0]["outcome"]) == (200, "known")
    gone = city.post(f"/members/{member['id']}/withdrawal", {"reason": "迁出"})
    assert gone.json["withdrawal_reason"] == "迁出"
    assert [m["id"] for m in city.get(f"/members?pilot_id={pilot.id}&state=withdrawn").json["items"]] == [member["id"]]


def test_strangers_get_404_and_unknown_fields_are_refused(world: World, call: Any) -> None:
    pilot = world.nominate()
    approved = world.approved("zone")
    member = world.member(approved)
    stranger = call(make_actor(world.act, Role.CITY, region=OTHER_CITY)[0])
    for path in (
        f"/pilots/{pilot.id}",
        f"/pilots/{pilot.id}/application",
        f"/pilots/{approved.id}/application",
        f"/pilots/{approved.id}/tranches",
        f"/members/{member.id}",
    ):
        assert stranger.get(path).status_code == 404, path
    assert call(world.city).get("/pilots?colour=red").status_code == 422
    assert call(world.city).get("/pilots?limit=101").status_code == 422
    assert (
        call(world.industry).post(f"/pilots/{pilot.id}/review", {"passed": True, "note": "x", "y": 1}).status_code
        == 422
    )


def test_findings_and_bans_over_rest(world: World, call: Any) -> None:
    for number in range(3):
        world.act(
            lambda ctx, n=number: findings.open(
                ctx,
                detector="x",
                clause="四(二)",
                severity=Severity.WARN,
                suspicion=Suspicion("order", str(n), CITY, "疑点 {n}", {"n": n}),
            )
        )
    city = call(world.city)
    first = city.get("/findings?limit=2").json
    rest = city.get(f"/findings?limit=2&cursor={first['next_cursor']}").json
    assert [len(first["items"]), len(rest["items"]), rest["next_cursor"]] == [2, 1, None]
    assert {i["message"] for i in first["items"] + rest["items"]} == {"疑点 0", "疑点 1", "疑点 2"}
    one = first["items"][0]["id"]
    assert city.post(f"/findings/{one}/decision", {"decision": "maybe", "reason": "x"}).status_code == 422
    assert city.post(f"/findings/{one}/decision", {"decision": "dismissed", "reason": "x"}).json["state"] == "decided"
    assert len(city.get("/findings?state=open").json["items"]) == 2
    industry = call(world.industry)
    body = {"subject_kind": "region", "subject_id": COUNTY, "reason": "造假", "edition_id": str(world.edition.id)}
    ban = industry.post("/sanctions", body)
    assert (ban.status_code, ban.json["clause"], ban.json["until_day"]) == (201, "六(二)", "2034-03-12")
    assert [b["id"] for b in call().get("/sanctions").json["items"]] == [ban.json["id"]]
    assert industry.post(f"/sanctions/{ban.json['id']}/lifting", {"reason": "复核"}).json["state"] == "lifted"
    assert call().get("/sanctions").json["items"] == []


def test_programmes_and_batches_over_rest(world: World, call: Any) -> None:
    industry, visitor = call(world.industry), call()
    body = {
        "code": "second",
        "name": "二",
        "edition_id": str(world.edition.id),
        "finance_department_id": str(world.programme.finance_department_id),
    }
    same = industry.post("/programmes", {**body, "finance_department_id": str(world.industry.organisation_id)})
    assert same.json["code"] == "programme.one_department"
    made = industry.post("/programmes", body)
    assert (made.status_code, made.json["publicity_days"]) == (201, 5)
    assert industry.post("/programmes", body).json["code"] == "programme.code_taken"
    path = f"/programmes/{made.json['id']}/batches"
    wrong = industry.post(path, {"name": "首批", "book_batch": "2023", "year1_end": "2024-10-30"})
    assert (wrong.json["code"], wrong.json["clause"]) == ("batch.other_calendar", "四(一)")
    batch = industry.post(path, {"name": "首批", "book_batch": "2023"})
    assert (batch.json["year1_end"], batch.json["year2_end"]) == ("2024-10-31", "2025-10-31")
    assert industry.post(path, {"name": "次批"}).status_code == 422
    assert [b["number"] for b in visitor.get(path).json["items"]] == [1]
    assert visitor.get("/programmes").json["items"][0]["code"] == "second"
    department = call(world.finance_department).post(
        path, {"name": "次批", "year1_end": "2033-01-01", "year2_end": "2034-01-01"}
    )
    assert department.json["code"] == "department.not_in_charge"
