"""Speaking to the outside: after commit, at least once, with pauses, and nothing is lost."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import false, true

from marketplace.base.actor import Actor
from marketplace.base.context import Context
from marketplace.base.errors import Forbidden, NotFound, Refusal
from marketplace.base.house import JOBS
from marketplace.base.roles import Role
from marketplace.record.notices import actions, delivery, outbox, queries
from marketplace.record.notices.outbox import OUTBOX_HANDLERS, Handler, Message
from tests.support.ledger import counted
from tests.support.outbox import LETTER, Ear, deliver, put, waiting


def test_a_crowd_leaves_in_one_run_unless_a_receiver_is_away(platform: Any) -> None:
    ear = Ear(platform)
    platform.act(lambda ctx: [outbox.send(ctx, "test", {"n": n}) for n in range(101)])
    assert deliver(platform) == "101 sent, 0 failed"
    assert sorted(message.payload["n"] for message in ear.heard) == list(range(101))
    ear.fault = OSError("away")
    platform.act(lambda ctx: [outbox.send(ctx, "test", {"n": n}) for n in range(51)])
    assert deliver(platform) == "0 sent, 50 failed"
    ear.fault = None
    assert deliver(platform) == "1 sent, 0 failed"


def test_a_message_leaves_once_after_commit(platform: Any) -> None:
    ear = Ear(platform)
    message_id = put(platform, "test", {"n": 1})
    assert ear.heard == []
    assert deliver(platform) == "1 sent, 0 failed"
    assert deliver(platform) == ""
    assert [(m.message_id, m.payload, m.attempts) for m in ear.heard] == [(message_id, {"n": 1}, 1)]
    (row,) = waiting(platform)
    assert row.sent_at == platform.clock.moment and row.last_error is None
    assert (row.xid is not None) == platform.is_postgresql


def test_a_refused_act_sends_nothing(platform: Any) -> None:
    def verb(ctx: Context) -> None:
        outbox.send(ctx, "test", {})
        raise Refusal("no", "不行")

    ear = Ear(platform)
    with pytest.raises(Refusal):
        platform.act(verb)
    assert deliver(platform) == "" and ear.heard == []


@pytest.mark.parametrize("number", [2, 45])
def test_what_an_act_sends_is_written_once_in_its_order(platform: Any, number: int) -> None:
    """Twenty messages to an INSERT, between them those that somebody wants and those that nobody does."""

    def verb(ctx: Context) -> list[uuid.UUID]:
        outbox.send(ctx, "test", {"n": "unwanted"}, only_if=false())
        return [outbox.send(ctx, "test", {"n": n}, only_if=true() if n % 2 else None) for n in range(number)]

    with counted(platform.engine) as said:
        sent = platform.act(verb)
    assert [(row.message_id, row.payload) for row in waiting(platform)] == [(m, {"n": n}) for n, m in enumerate(sent)]
    assert len(said) == number // 20 + 1 and all(one.startswith("INSERT INTO outbox") for one in said)


def test_failures_are_tried_again_with_longer_pauses(platform: Any) -> None:
    ear = Ear(platform)
    ear.fault = OSError("no route")
    put(platform, "test", {})
    pauses = []
    for _ in range(5):
        assert deliver(platform) == "0 sent, 1 failed"
        (row,) = waiting(platform)
        assert row.last_error == "OSError: no route"
        pauses.append((row.next_try_at - platform.clock.moment).total_seconds())
        platform.clock.set(row.next_try_at - timedelta(seconds=1))
        assert deliver(platform) == "", "not before its time"
        platform.clock.advance(seconds=1)
    assert pauses == [30, 60, 120, 240, 480]
    assert delivery.pause(99) == timedelta(hours=6)
    ear.fault = None
    assert deliver(platform) == "1 sent, 0 failed"
    assert len({m.message_id for m in ear.heard}) == 1 and [m.attempts for m in ear.heard] == [1, 2, 3, 4, 5, 6]


def test_one_failure_does_not_hold_up_the_others(platform: Any) -> None:
    ear, deaf = Ear(platform), Ear(platform, "deaf")
    deaf.fault = RuntimeError("x")
    for topic in ("deaf", "test", "deaf", "test"):
        put(platform, topic, {})
    assert deliver(platform) == "2 sent, 2 failed"
    assert len(ear.heard) == 2


def test_what_nobody_can_send_waits_untried(platform: Any) -> None:
    ear = Ear(platform)
    ear.is_ready = False
    put(platform, "test", {})
    put(platform, "unknown", {})
    put(platform, "mail", LETTER)
    put(platform, "sms", {"to": "1", "text": "x"})
    assert deliver(platform) == ""
    assert [row.attempts for row in waiting(platform)] == [0, 0, 0, 0]
    ear.is_ready = True
    assert deliver(platform) == "1 sent, 0 failed"


def test_a_deliverer_that_dies_leaves_the_message_to_the_next(platform: Any) -> None:
    """Killed between sending and marking: the receiver gets it twice, under one id."""
    ear = Ear(platform)
    ear.fault = SystemExit()  # type: ignore[assignment]
    put(platform, "test", {})
    with pytest.raises(SystemExit):
        deliver(platform)
    ear.fault = None
    assert deliver(platform) == ""
    platform.clock.advance(minutes=5)
    assert deliver(platform) == "1 sent, 0 failed"
    assert len(ear.heard) == 2 and len({m.message_id for m in ear.heard}) == 1


def test_inside_handlers_and_their_mark_are_one_act(platform: Any) -> None:
    def inside(ctx: Context, message: Message) -> None:
        outbox.send(ctx, "echo", message.payload)
        if message.payload["n"] == 2:
            raise RuntimeError("x")

    platform.house.add(OUTBOX_HANDLERS, Handler("inside", inside=inside))
    put(platform, "inside", {"n": 1})
    put(platform, "inside", {"n": 2})
    assert deliver(platform) == "1 sent, 1 failed"
    assert [row.payload for row in waiting(platform) if row.topic == "echo"] == [{"n": 1}]


@pytest.mark.postgres
def test_two_deliverers_share_the_work(on_postgres: Any) -> None:
    ear = Ear(on_postgres)
    for number in range(120):
        put(on_postgres, "test", {"n": number})

    def work() -> None:
        while deliver(on_postgres):
            pass

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    work()
    assert sorted(m.payload["n"] for m in ear.heard) == list(range(120))


def test_the_administrator_sees_what_waits_and_can_hurry_it(platform: Any, officer: Actor) -> None:
    admin = Actor(uuid.UUID(int=5), uuid.UUID(int=6), Role.ADMIN)
    ear = Ear(platform)
    ear.fault = OSError("x")
    put(platform, "test", {})
    deliver(platform)
    ear.fault = None
    (row,) = platform.act(queries.waiting, admin).items
    with pytest.raises(Forbidden):
        platform.act(lambda ctx: actions.retry(ctx, row.id), officer)
    with pytest.raises(Forbidden):
        platform.act(queries.waiting, officer)
    platform.act(lambda ctx: actions.retry(ctx, row.id), admin)
    assert deliver(platform) == "1 sent, 0 failed"
    with pytest.raises(NotFound):
        platform.act(lambda ctx: actions.retry(ctx, row.id), admin)


def test_what_was_sent_is_forgotten_after_ninety_days(platform: Any) -> None:
    ear = Ear(platform)
    put(platform, "test", {"n": 1})
    deliver(platform)
    ear.is_ready = False
    put(platform, "test", {"n": 2})
    platform.clock.advance(days=90)
    assert platform.act(actions.tidy) == ""
    platform.clock.advance(seconds=1)
    assert platform.act(actions.tidy) == "1 sent messages forgotten"
    assert [row.payload for row in waiting(platform)] == [{"n": 2}]


def test_the_deliverer_is_a_job_of_the_outside(platform: Any) -> None:
    (job,) = [job for job in platform.house.all(JOBS) if job.name == "notices.deliver"]
    assert job.outside and job.run is delivery.deliver
