"""From an act to a program: signed, at least once under one id, in no order, retried, given up, never redirected."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from marketplace.people.organisations import actions as organisations
from marketplace.people.webhooks import actions, delivery, sending
from marketplace.people.webhooks.models import Webhook, WebhookDelivery
from marketplace.record.audit.models import AuditRow
from marketplace.record.notices.models import Notice, Outbox
from tests.support.people import make_actor, make_organisation
from tests.webhooks.conftest import Bench, Receiver

pytestmark = pytest.mark.usefixtures("opened")


def verify(secret: str, headers: dict[str, str], body: bytes, now: float) -> dict[str, Any]:
    """A receiver's own check, written from the Standard Webhooks specification and from nothing of the platform's."""
    key = base64.b64decode(secret[len("whsec_") :])
    assert len(key) == 32
    assert abs(now - int(headers["webhook-timestamp"])) < 300
    content = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    expected = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    given = [mark.split(",", 1) for mark in headers["webhook-signature"].split(" ")]
    assert ["v1", expected] in given, "the signature is not ours"
    found: dict[str, Any] = json.loads(body)
    return found


def confirm_one(bench: Bench) -> Any:
    """Something happens to the owner's organisation: it is registered anew for another one, and confirmed."""
    made = make_organisation(bench.act, capacity="provider", confirmed=False)
    bench.owner, _ = make_actor(bench.act, "provider", organisation=made)
    return made


def rows(bench: Bench) -> list[WebhookDelivery]:
    return list(
        bench.act(
            lambda ctx: ctx.session.scalars(
                select(WebhookDelivery).order_by(WebhookDelivery.created_at, WebhookDelivery.id)
            ).all()
        )
    )


def state_of(bench: Bench, webhook: Webhook) -> str:
    return str(bench.act(lambda ctx: ctx.session.get(Webhook, webhook.id).state.value))


def test_an_act_reaches_the_program_signed(bench: Bench, receiver: Receiver) -> None:
    firm = confirm_one(bench)
    webhook = bench.register(receiver.url)
    bench.act(lambda ctx: organisations.confirm(ctx, firm.id))
    assert receiver.heard == []  # nothing is said inside the act
    bench.fan_out()
    assert bench.deliver() == "1 delivered, 0 failed"
    [(headers, body)] = receiver.heard
    said = verify(bench.secret(webhook), headers, body, bench.clock.moment.timestamp())
    assert (said["type"], said["data"]) == ("organisation.confirmed", {"organisation_id": str(firm.id)})
    assert datetime.fromisoformat(said["timestamp"]) == datetime(2031, 3, 12, 4, 0, tzinfo=UTC)
    assert headers["content-type"] == "application/json" and headers["host"] == receiver.url.split("/")[2]
    with pytest.raises(AssertionError, match="not ours"):
        verify(bench.secret(webhook), headers, body + b" ", bench.clock.moment.timestamp())
    assert bench.deliver() == ""


def test_a_refused_act_tells_nobody(bench: Bench, receiver: Receiver) -> None:
    firm = confirm_one(bench)
    bench.register(receiver.url)

    def verb(ctx: Any) -> None:
        organisations.confirm(ctx, firm.id)
        raise LookupError

    with pytest.raises(LookupError):
        bench.act(verb)
    bench.fan_out()
    assert bench.deliver() == "" and rows(bench) == []


def test_it_hears_of_its_own_organisation_and_of_its_topics_only(bench: Bench, receiver: Receiver) -> None:
    firm = confirm_one(bench)
    bench.register(receiver.url, ["bank_account.confirmed"])
    make_organisation(bench.act)  # a stranger is confirmed
    bench.act(lambda ctx: organisations.confirm(ctx, firm.id))
    bench.fan_out()
    assert rows(bench) == []


def test_what_nobody_wants_leaves_no_row(bench: Bench) -> None:
    firm = confirm_one(bench)
    bench.act(lambda ctx: organisations.confirm(ctx, firm.id))
    waiting = select(func.count()).select_from(Outbox).where(Outbox.topic == "webhook")
    assert bench.act(lambda ctx: ctx.session.scalar(waiting)) == 0


def test_it_is_sent_again_under_its_id_until_it_is_taken(bench: Bench, receiver: Receiver) -> None:
    webhook = bench.register(receiver.url)
    bench.act(lambda ctx: actions.test(ctx, webhook.id), bench.owner)
    receiver.status = 500
    waits = []
    for _ in range(4):
        before = bench.clock.moment
        assert bench.deliver() == "0 delivered, 1 failed"
        [row] = rows(bench)
        assert (row.status, row.problem, row.state) == (500, "status", "waiting")
        waits.append((row.next_try_at - before).total_seconds())
        assert bench.deliver() == ""  # not before its time
        bench.clock.set(row.next_try_at)
    assert waits == [30, 60, 120, 240]
    receiver.status = 200
    assert bench.deliver() == "1 delivered, 0 failed"
    assert len({headers["webhook-id"] for headers, _ in receiver.heard}) == 1
    assert len({body for _, body in receiver.heard}) == 1
    assert len({headers["webhook-timestamp"] for headers, _ in receiver.heard}) == 5
    [row] = rows(bench)
    assert (row.state, row.attempts, row.problem) == ("delivered", 5, None)
    bench.act(lambda ctx: actions.replay(ctx, webhook.id, row.id), bench.owner)
    bench.deliver()
    assert len({headers["webhook-id"] for headers, _ in receiver.heard}) == 1 and len(receiver.heard) == 6


def test_a_sender_that_died_leaves_it_to_the_next(bench: Bench, receiver: Receiver) -> None:
    webhook = bench.register(receiver.url)
    bench.act(lambda ctx: actions.test(ctx, webhook.id), bench.owner)
    [errand] = bench.act(delivery._claim)
    delivery._run(errand)  # it arrived, and nobody wrote that down
    assert bench.deliver() == ""
    bench.clock.advance(minutes=6)
    assert bench.deliver() == "1 delivered, 0 failed"
    first, second = receiver.heard
    assert first[0]["webhook-id"] == second[0]["webhook-id"] and first[1] == second[1]


def test_no_message_waits_for_another(bench: Bench, receiver: Receiver) -> None:
    webhook = bench.register(receiver.url)
    first = bench.act(lambda ctx: actions.test(ctx, webhook.id), bench.owner)
    receiver.status = 503
    bench.deliver()
    receiver.status = 204
    second = bench.act(lambda ctx: actions.test(ctx, webhook.id), bench.owner)
    assert bench.deliver() == "1 delivered, 0 failed"
    bench.clock.advance(minutes=1)
    assert bench.deliver() == "1 delivered, 0 failed"
    taken = [headers["webhook-id"] for headers, _ in receiver.heard]
    assert taken == [str(first.message_id), str(second.message_id), str(first.message_id)]


def test_after_three_days_it_is_given_up_and_the_address_is_stopped(bench: Bench, receiver: Receiver) -> None:
    webhook = bench.register(receiver.url)
    bench.act(lambda ctx: actions.test(ctx, webhook.id), bench.owner)
    receiver.status, began = 500, bench.clock.moment
    for _ in range(60):
        bench.deliver()
        [row] = rows(bench)
        if row.state == "given_up":
            break
        assert row.next_try_at > bench.clock.moment
        bench.clock.set(row.next_try_at)
    assert row.state == "given_up"
    assert timedelta(days=2, hours=18) <= bench.clock.moment - began <= timedelta(days=3)
    assert 15 <= row.attempts <= 25
    assert state_of(bench, webhook) == "stopped"
    notices = bench.act(lambda ctx: ctx.session.scalars(select(Notice)).all())
    assert [n.url for n in notices if n.organisation_id == bench.owner.organisation_id][-1] == f"/webhooks/{webhook.id}"
    verbs = bench.act(lambda ctx: ctx.session.scalars(select(AuditRow.verb)).all())
    assert "webhook.stopped" in verbs
    bench.act(lambda ctx: actions.resume(ctx, webhook.id), bench.owner)
    receiver.status = 200
    bench.act(lambda ctx: actions.replay(ctx, webhook.id, row.id), bench.owner)
    assert bench.deliver() == "1 delivered, 0 failed"


def test_one_bad_message_does_not_stop_an_address_that_takes_others(bench: Bench, receiver: Receiver) -> None:
    webhook = bench.register(receiver.url)
    bad = bench.act(lambda ctx: actions.test(ctx, webhook.id), bench.owner)

    def choosy(handler: Any) -> None:
        refused = handler.headers["webhook-id"] == str(bad.message_id)
        handler.send_response(500 if refused else 200)
        handler.end_headers()

    receiver.behave = choosy
    bench.deliver()
    bench.act(lambda ctx: actions.test(ctx, webhook.id), bench.owner)
    bench.deliver()
    bench.clock.advance(days=4)
    bench.deliver()
    assert sorted(row.state for row in rows(bench)) == ["delivered", "given_up"]
    assert state_of(bench, webhook) == "active"


def test_gone_is_gone(bench: Bench, receiver: Receiver) -> None:
    webhook = bench.register(receiver.url)
    bench.act(lambda ctx: actions.test(ctx, webhook.id), bench.owner)
    receiver.status = 410
    bench.deliver()
    assert state_of(bench, webhook) == "stopped"


def test_while_paused_messages_are_collected(bench: Bench, receiver: Receiver) -> None:
    firm = confirm_one(bench)
    webhook = bench.register(receiver.url)
    bench.act(lambda ctx: actions.pause(ctx, webhook.id), bench.owner)
    bench.act(lambda ctx: organisations.confirm(ctx, firm.id))
    bench.fan_out()
    bench.clock.advance(days=5)
    assert bench.deliver() == "" and [row.state for row in rows(bench)] == ["waiting"]
    bench.act(lambda ctx: actions.resume(ctx, webhook.id), bench.owner)
    assert bench.deliver() == "1 delivered, 0 failed"


def test_for_a_day_both_secrets_sign(bench: Bench, receiver: Receiver) -> None:
    webhook = bench.register(receiver.url)
    old = bench.secret(webhook)
    bench.act(lambda ctx: actions.rotate(ctx, webhook.id), bench.owner)
    new = bench.secret(webhook)
    assert old != new
    for late in (timedelta(), timedelta(hours=25)):
        bench.clock.advance(seconds=late.total_seconds())
        bench.act(lambda ctx: actions.test(ctx, webhook.id), bench.owner)
        bench.deliver()
    now = bench.clock.moment.timestamp()
    (within, first), (after, second) = receiver.heard
    for secret in (old, new):
        verify(secret, within, first, now - 25 * 3600)
    verify(new, after, second, now)
    with pytest.raises(AssertionError, match="not ours"):
        verify(old, after, second, now)


def _redirect(handler: Any) -> None:
    handler.send_response(302)
    handler.send_header("Location", f"http://127.0.0.1:{handler.server.server_address[1]}/inside")
    handler.end_headers()


def _silent(handler: Any) -> None:
    time.sleep(1.5)


def _drips(handler: Any) -> None:
    """A byte at a time, each within the patience of a socket."""
    try:
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"z" * 60:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        pass


def _garbage(handler: Any) -> None:
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")


def _many_headers(handler: Any) -> None:
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 100_000)
    except OSError:
        pass


@pytest.mark.parametrize(
    ("behave", "problem", "status"),
    [
        (_redirect, "redirect", 302),
        (_silent, "timeout", None),
        (_drips, "timeout", None),
        (_garbage, "answer", None),
        (_many_headers, "answer", None),
    ],
)
def test_hostile_receivers(
    bench: Bench,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    behave: Callable[[Any], None],
    problem: str,
    status: int | None,
) -> None:
    monkeypatch.setattr(sending, "PATIENCE", 0.6)
    webhook = bench.register(receiver.url)
    bench.act(lambda ctx: actions.test(ctx, webhook.id), bench.owner)
    receiver.behave = behave
    began = time.monotonic()
    assert bench.deliver() == "0 delivered, 1 failed"
    assert time.monotonic() - began < 1.4
    [row] = rows(bench)
    assert (row.problem, row.status) == (problem, status)
    assert len(receiver.heard) == 1  # no redirect was followed


def test_a_huge_answer_is_hardly_read(bench: Bench, receiver: Receiver) -> None:
    sent = 0

    def huge(handler: Any) -> None:
        nonlocal sent
        handler.send_response(200)
        handler.send_header("Content-Length", str(1 << 30))
        handler.end_headers()
        try:
            while sent < 1 << 30:
                sent += handler.wfile.write(b"x" * 65536) or 65536
        except OSError:
            pass

    receiver.behave = huge
    webhook = bench.register(receiver.url)
    bench.act(lambda ctx: actions.test(ctx, webhook.id), bench.owner)
    assert bench.deliver() == "1 delivered, 0 failed"
    time.sleep(0.1)
    assert sent < 64 << 20  # what the buffers of both sides take


def test_a_long_queue_holds_nobody_up(bench: Bench, receiver: Receiver) -> None:
    """Of one batch each address gets its share, so the second one's only message goes with the first batch."""
    crowded, quiet = bench.register(receiver.url), bench.register(receiver.url + "/quiet")
    for _ in range(20):
        bench.act(lambda ctx: actions.test(ctx, crowded.id), bench.owner)
    bench.act(lambda ctx: actions.test(ctx, quiet.id), bench.owner)
    errands = bench.act(delivery._claim)
    assert len(errands) == delivery.SHARE + 1
    assert [errand.url for errand in errands].count(receiver.url + "/quiet") == 1
