"""The same acts through REST: answers, problems with clauses, and what a visitor may read."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from providers.calls import actions as calling
from tests.support import people


@pytest.fixture
def api(app):
    """``api(actor)(method, path, **json)``: a client of the API with the actor's token; None is a visitor."""

    def make(actor=None):
        headers = people.token_for(app, actor, days=300) if actor else {}
        client = app.test_client()

        def call(method, path, **body):
            return client.open(
                f"/api/v1{path}", method=method, headers=headers, json=body or None if method != "GET" else None
            )

        return call

    return make


def answered(response, status=200):
    assert response.status_code == status, response.get_data(as_text=True)
    return response.get_json() if response.data else None


def terms(city):
    values = city.terms()
    return {k: str(v) if k in ("edition_id", "opens_on", "closes_on") else v for k, v in values.items()}


def test_a_call_is_drafted_published_and_read_by_anybody(city, api):
    officer, visitor = api(city.officer), api()
    body = terms(city)
    made = answered(officer("POST", "/calls", **body), 201)
    answered(visitor("GET", f"/calls/{made['id']}"), 404)
    answered(officer("PUT", f"/calls/{made['id']}", **{**body, "title": "遴选公告"}))
    answered(officer("POST", f"/calls/{made['id']}/publication"))
    shown = answered(visitor("GET", f"/calls/{made['id']}"))
    assert (shown["title"], shown["state"], shown["clause"]) == ("遴选公告", "open", "二(四)")
    problem = answered(officer("PUT", f"/calls/{made['id']}", **body), 409)
    assert (problem["code"], problem["clause"]) == ("call.published", "二(四)")
    broken = answered(officer("POST", "/calls", **{**body, "number": "x", "scoring": body["scoring"][:2]}), 422)
    assert broken["code"] == "call.terms" and "scoring" in broken["errors"]
    assert answered(officer("POST", "/calls", **{**body, "colour": "red"}), 422)["errors"]["colour"]
    answered(visitor("POST", "/calls", **body), 401)
    answered(api(city.member(city.firm()))("POST", "/calls", **body), 403)


def test_a_selection_through_the_api(city, api, act):
    call = city.call()
    actor = city.provider("江西轻准软件有限公司")
    provider, officer, chief, visitor = api(actor), api(city.officer), api(city.chief), api()
    assert answered(provider("GET", "/applications/dossier"))["facts"]["revenue"]["amount"] == "30000000.00"
    made = answered(
        provider("POST", "/applications", call_id=str(call.id), **{"class": "product", "proposal": "提供产品。"}), 201
    )
    found = answered(provider("GET", f"/applications/{made['id']}/outcomes"))["items"]
    assert {item["result"] for item in found} == {"pass", "person"}
    problem = answered(provider("POST", f"/applications/{made['id']}/submission", promise=False), 409)
    assert (problem["code"], problem["clause"], list(problem["errors"])) == (
        "application.promise_missing",
        "六(二)",
        ["promise"],
    )
    answered(provider("POST", f"/applications/{made['id']}/submission", promise=True))
    answered(officer("GET", f"/applications/{made['id']}"), 404)
    city.at(call.closes_on + timedelta(days=1))
    act(calling.close_overdue)
    answered(officer("POST", f"/review/calls/{call.id}/opening"), 204)
    assert answered(officer("GET", f"/applications?call_id={call.id}"))["items"][0]["name"] == "江西轻准软件有限公司"
    for n in range(1, 6):
        answered(officer("PUT", f"/review/applications/{made['id']}/conditions/person_{n}", passed=True, reason="属实"))
    assert answered(officer("POST", f"/review/applications/{made['id']}/conclusion"))["state"] == "qualified"
    city.pool(5)
    answered(officer("POST", f"/review/calls/{call.id}/panel", size=4), 409)
    answered(officer("POST", f"/review/calls/{call.id}/panel", size=5), 204)
    panel = answered(officer("GET", "/panels"))["items"][0]
    assert panel["criteria"][0]["max"] == "15"
    sheet = {c["code"]: {"points": "9.5", "reason": "材料充分"} for c in panel["criteria"]}
    for seat, expert in city.seated(act(lambda ctx: city.panel_of(ctx, call))):
        judge = api(expert)
        shown = answered(judge("GET", f"/panels/{panel['id']}"))
        assert [s["id"] for s in shown["seats"]] == [str(seat.id)]
        answered(judge("POST", f"/panels/{panel['id']}/declaration", conflict=False))
        dossier = answered(judge("GET", f"/applications/{made['id']}"))["dossier"]
        assert "contact" not in dossier["cases"][0]
        answered(judge("PUT", f"/panels/{panel['id']}/scores/{made['id']}", scores=sheet), 204)
        assert answered(judge("GET", f"/panels/{panel['id']}/results"))["items"] == []
    results = answered(officer("POST", f"/panels/{panel['id']}/closing"))["items"]
    assert (results[0]["mean"], results[0]["spread"], results[0]["sheets"]) == ("57", "0", 5)
    problem = answered(officer("POST", f"/review/calls/{call.id}/proposal"), 409)
    assert (problem["code"], problem["values"]) == ("ranking.empty", {"line": "60"})
    answered(chief("GET", f"/review/calls/{call.id}/ranking"))
    answered(visitor("GET", f"/review/calls/{call.id}/ranking"), 401)


def test_notices_objections_and_the_roster(city, api, act):
    call = city.call()
    application = city.apply(call, city.provider("江西轻准软件有限公司"))
    city.close(call)
    city.qualify(application)
    city.pool(5)
    city.score(city.panel(call))
    officer, chief, visitor = api(city.officer), api(city.chief), api()
    answered(officer("POST", f"/review/calls/{call.id}/proposal"), 204)
    notice = answered(visitor("GET", f"/publicity?subject_id={call.id}"))["items"][0]
    listed = answered(visitor("GET", f"/publicity/{notice['id']}"))["items"]
    assert [item["title"] for item in listed] == ["江西轻准软件有限公司"]
    broken = answered(visitor("POST", f"/publicity/{notice['id']}/objections", name="1", contact="2", text="3"), 422)
    assert set(broken["errors"]) == {"name", "contact", "text"}
    said = {"name": "李四", "contact": "13800001111", "text": "该单位案例合同与客户陈述不符，请核查。"}
    receipt = answered(visitor("POST", f"/publicity/{notice['id']}/objections", **said), 201)
    assert set(receipt) & {"name", "contact"} == set()
    answered(visitor("GET", f"/publicity/{notice['id']}/objections"), 401)
    objection = answered(chief("GET", f"/publicity/{notice['id']}/objections"))["items"][0]
    assert "name" not in objection and "contact" not in objection
    shown = answered(chief("POST", f"/publicity/objections/{objection['id']}/objector", reason="核实"))
    assert shown == {"name": "李四", "contact": "13800001111"}
    answered(officer("POST", f"/publicity/objections/{objection['id']}/ruling", upheld=False, reason="不属实"), 409)
    answered(chief("POST", f"/publicity/objections/{objection['id']}/ruling", upheld=False, reason="不属实"))
    assert answered(visitor("GET", f"/publicity/receipts/{receipt['receipt']}"))["ruling"] == "不属实"
    problem = answered(officer("POST", f"/publicity/{notice['id']}/clearing"), 409)
    assert problem["code"] == "notice.running"
    city.at(city.today + timedelta(days=30))
    answered(officer("POST", f"/publicity/{notice['id']}/clearing"))
    answered(officer("POST", f"/review/calls/{call.id}/decision"), 409)
    answered(chief("POST", f"/review/calls/{call.id}/decision"), 204)
    entry = answered(visitor("GET", "/roster?class=product&name=轻准"))["items"][0]
    assert answered(visitor("GET", f"/roster/certificates/{entry['certificate_number']}"))["id"] == entry["id"]
    body = {"kind": "suspend", "reason": "交付严重延误", "clause": "管理办法第十二条"}
    answered(chief("POST", f"/standing/{entry['id']}/measures", **body), 201)
    assert answered(visitor("GET", f"/roster/{entry['id']}"))["state"] == "suspended"
    assert answered(chief("GET", f"/standing/{entry['id']}/measures"))["items"][0]["kind"] == "suspend"
    answered(visitor("GET", f"/roster/{uuid.uuid4()}"), 404)
