"""Pages and REST of webhooks: one's own only, the secret once, and the sample of the documentation."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from marketplace.base.clock import SetClock
from marketplace.people.organisations import actions as organisations
from marketplace.people.webhooks import actions, delivery, topics
from marketplace.people.webhooks.models import Webhook
from marketplace.record.notices import delivery as outbox
from tests.support.people import acting, client_as, make_actor, make_organisation, post, token_for
from tests.support.rest import Program
from tests.webhooks.conftest import EVERY, Bench, Receiver

URL = "https://erp.example.com/hook"
DOCS = Path(__file__).resolve().parents[2] / "docs" / "webhooks.md"


@pytest.fixture
def program(bench: Bench) -> Program:
    return Program(bench.app, token_for(bench.app, bench.owner))


def test_the_whole_life_over_rest(bench: Bench, program: Program) -> None:
    body = {"url": URL, "topics": EVERY[:1], "note": "ERP"}
    made = program.post("/webhooks", body, 201)
    secret, key = made.pop("secret"), made["id"]
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", secret)
    assert program.get(f"/webhooks/{key}") == made
    assert program.items("/webhooks") == [made]
    changed = program.put(f"/webhooks/{key}", {"url": URL + "2", "topics": EVERY})
    assert (changed["url"], changed["topics"], changed["note"]) == (URL + "2", sorted(EVERY), "")
    assert program.post(f"/webhooks/{key}/secret")["secret"] != secret
    sent = program.post(f"/webhooks/{key}/test", status=201)
    assert (sent["topic"], sent["state"], sent["attempts"]) == ("webhook.test", "waiting", 0)
    assert program.items(f"/webhooks/{key}/deliveries?state=waiting") == [sent]
    assert program.items(f"/webhooks/{key}/deliveries?state=delivered") == []
    assert program.get(f"/webhooks/{key}/deliveries/{sent['id']}")["body"].startswith('{"data":{"webhook_id"')
    assert program.post(f"/webhooks/{key}/pause")["state"] == "paused"
    program.refused("POST", f"/webhooks/{key}/test", code="webhook.not_active")
    assert program.post(f"/webhooks/{key}/resume")["state"] == "active"
    program.refused("POST", f"/webhooks/{key}/deliveries/{sent['id']}/replay", code="state.not_allowed")
    assert program.send("DELETE", f"/webhooks/{key}").status_code == 204
    program.get(f"/webhooks/{key}", 404)
    assert program.items("/webhooks") == []


def test_a_repeated_registration_is_answered_with_its_secret_and_keeps_none(bench: Bench, program: Program) -> None:
    body = {"url": URL, "topics": EVERY}
    first = program.send("POST", "/webhooks", body, key="once").get_json()
    again = program.send("POST", "/webhooks", body, key="once")
    assert again.get_json() == first and again.headers["Idempotency-Replayed"] == "true"
    kept = (Path(bench.app.extensions["settings"].data_dir) / "marketplace.db").read_bytes()
    wal = Path(bench.app.extensions["settings"].data_dir) / "marketplace.db-wal"
    kept += wal.read_bytes() if wal.exists() else b""
    assert first["id"].encode() in kept and first["secret"].encode() not in kept


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"url": "http://erp.example.com/", "topics": EVERY}, "url"),
        ({"url": "https://10.0.0.1/", "topics": EVERY}, "url"),
        ({"url": URL, "topics": []}, "topics"),
        ({"url": URL, "topics": ["everything"]}, "topics"),
        ({"url": URL, "topics": EVERY, "organisation_id": "x"}, "organisation_id"),
    ],
)
def test_what_is_refused(program: Program, body: dict[str, Any], field: str) -> None:
    answer = program.send("POST", "/webhooks", body)
    assert answer.status_code in (409, 422) and field in answer.get_json()["errors"]


def test_ten_are_enough(bench: Bench, program: Program) -> None:
    for number in range(10):
        bench.register(f"{URL}/{number}")
    program.refused("POST", "/webhooks", {"url": URL, "topics": EVERY}, code="webhook.too_many")
    assert len(program.items("/webhooks?limit=4")) == 4


def test_tests_are_counted(bench: Bench, program: Program) -> None:
    webhook = bench.register(URL)
    answers = [program.send("POST", f"/webhooks/{webhook.id}/test").status_code for _ in range(31)]
    assert answers == [201] * 30 + [429]


def test_a_stranger_finds_nothing(bench: Bench) -> None:
    webhook = bench.register(URL)
    sent = bench.act(lambda ctx: actions.test(ctx, webhook.id), bench.owner)
    stranger, _ = make_actor(bench.act, "provider", organisation=make_organisation(bench.act, capacity="provider"))
    other = Program(bench.app, token_for(bench.app, stranger))
    mine = bench.register(URL)  # noqa: F841 - a second row that must not be seen either
    assert other.items("/webhooks") == []
    base = f"/webhooks/{webhook.id}"
    for method, path in (
        ("GET", base), ("DELETE", base), ("POST", base + "/secret"), ("POST", base + "/test"), ("POST", base + "/pause"),
        ("GET", base + "/deliveries"), ("GET", f"{base}/deliveries/{sent.id}"),
        ("POST", f"{base}/deliveries/{sent.id}/replay"),
    ):  # fmt: skip
        assert other.send(method, path).status_code == 404, path
    own = bench.act(lambda ctx: actions.register(ctx, URL, EVERY).id, stranger)
    assert other.send("GET", f"/webhooks/{own}/deliveries/{sent.id}").status_code == 404
    reader = Program(bench.app, token_for(bench.app, bench.owner, "organisation.read"))
    assert reader.send("GET", "/webhooks").status_code == 403


def test_the_secret_stands_on_one_page_only(app: Flask) -> None:
    client = client_as(app, "provider")
    page = post(client, "/webhooks/new", {"url": URL, "topics": EVERY[0]})
    text = page.get_data(as_text=True)
    [secret] = re.findall(r"whsec_[A-Za-z0-9+/]{43}=", text.replace("&#43;", "+"))
    webhook_id = acting(app)(lambda ctx: ctx.session.query(Webhook).one().id)
    for path in ("/webhooks", f"/webhooks/{webhook_id}", f"/webhooks/{webhook_id}/change"):
        page = client.get(path)
        assert page.status_code == 200 and "whsec_" not in page.get_data(as_text=True)
    rotated = post(client, f"/webhooks/{webhook_id}/secret").get_data(as_text=True)
    assert "whsec_" in rotated and secret not in rotated
    for step, path in (("test", ""), ("pause", ""), ("resume", ""), ("remove", "")):
        assert post(client, f"/webhooks/{webhook_id}/{step}{path}").status_code == 303, step
    assert client.get(f"/webhooks/{webhook_id}").status_code == 404
    bad = post(client, "/webhooks/new", {"url": "https://127.0.0.1/", "topics": EVERY[0]})
    assert bad.status_code == 409 and "f-url" in bad.get_data(as_text=True)


@pytest.mark.usefixtures("opened")
def test_the_sample_of_the_documentation_verifies(bench: Bench, receiver: Receiver, clock: SetClock) -> None:
    [sample] = re.findall(r"```python\n(.+?)```", DOCS.read_text(encoding="utf-8"), re.S)
    written: dict[str, Any] = {}
    exec(sample, written)
    clock.set(clock.moment.fromtimestamp(time.time(), clock.moment.tzinfo))
    webhook = bench.register(receiver.url)
    bench.act(lambda ctx: actions.test(ctx, webhook.id), bench.owner)
    bench.deliver()
    [(headers, body)] = receiver.heard
    verify: Callable[..., Any] = written["verify"]
    assert verify(bench.secret(webhook), headers, body)["type"] == "webhook.test"
    with pytest.raises(ValueError, match="not signed"):
        verify(bench.secret(webhook), headers, body + b" ")


def test_topics_are_named_once_translated_and_of_real_facts(app: Flask) -> None:
    house = app.extensions["house"]
    names = [topic.name for topic in house.all(topics.TOPICS)]
    assert len(set(names)) == len(names) and set(EVERY) <= set(names)
    assert all(re.fullmatch(r"[a-z_]+\.[a-z_]+", name) for name in names)
    with pytest.raises(ValueError, match="twice"):
        topics.offer(house, house.all(topics.TOPICS)[0])
    listed = Program(app).items("/webhooks/topics?limit=100")
    assert [topic["name"] for topic in listed] == sorted(names)
    private = {"person_id", "claimant_id", "proposed_by", "confirmed_by"}
    assert not any(private & set(topic["fields"]) for topic in listed)


def test_on_postgresql_it_is_claimed_sent_and_settled(postgres_app: Flask, receiver: Receiver, clock: SetClock) -> None:
    """The statements that differ there: INSERT from SELECT, the window of the queue, SKIP LOCKED."""
    postgres_app.extensions["house"].settings.webhook_networks = "127.0.0.0/8"
    act = acting(postgres_app)
    firm = make_organisation(act, capacity="provider", confirmed=False)
    owner, _ = make_actor(act, "provider", organisation=firm)
    act(lambda ctx: actions.register(ctx, receiver.url, EVERY), owner)
    act(lambda ctx: organisations.confirm(ctx, firm.id))
    outbox.deliver(act)
    assert delivery.deliver(act) == "1 delivered, 0 failed"
    assert b'"organisation.confirmed"' in receiver.heard[0][1]
