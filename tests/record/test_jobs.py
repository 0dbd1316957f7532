"""Scheduled work: one elected process, every run logged, and a failing job that stops nobody."""

from __future__ import annotations

import multiprocessing
import threading
import time
import uuid
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import create_engine, select

from marketplace.base.actor import Actor
from marketplace.base.context import Context
from marketplace.base.errors import Forbidden, NotFound
from marketplace.base.house import JOBS, Job
from marketplace.base.idempotency import IdempotencyRecord
from marketplace.base.roles import Role
from marketplace.record.audit.models import AuditRow
from marketplace.record.jobs import actions, queries, scheduler
from marketplace.record.jobs.models import JobRun, Outcome
from marketplace.record.jobs.runner import Runner
from marketplace.record.jobs.scheduler import AdvisoryLock, LockFile, Scheduler, last_due

ADMIN = Actor(uuid.UUID(int=5), uuid.UUID(int=6), Role.ADMIN)


def job(run: Any, **more: Any) -> Job:
    more.setdefault("every", 3600)
    return Job("test.job", "试", run, **more)


def runs(platform: Any) -> list[JobRun]:
    return platform.act(lambda ctx: list(ctx.session.scalars(select(JobRun).order_by(JobRun.id))))


def test_a_run_is_one_act_and_is_logged(platform: Any) -> None:
    def work(ctx: Context) -> str:
        assert ctx.system and ctx.actor is None
        ctx.session.add(IdempotencyRecord(
            scope="s", key="k", request_hash=b"", status=200, body={}, created_at=ctx.now - timedelta(days=31)
        ))  # fmt: skip
        return "did it"

    done = Runner(platform.engine, platform.house).run(job(work))
    assert (done.outcome, done.account) == (Outcome.DONE, "did it")
    (row,) = runs(platform)
    assert (row.name, row.outcome, row.account, row.started_at) == (
        "test.job", Outcome.DONE, "did it", platform.clock.moment,
    )  # fmt: skip
    assert platform.sql("SELECT count(*) FROM idempotency_record")[0][0] == 1
    assert platform.act(actions.tidy) == "1 answers, 0 runs forgotten"


def test_a_failing_job_leaves_nothing_but_its_log(platform: Any) -> None:
    def work(ctx: Context) -> str:
        ctx.session.add(JobRun(
            name="half", started_at=ctx.now, finished_at=ctx.now, outcome=Outcome.DONE, account="half"
        ))  # fmt: skip
        ctx.session.flush()
        raise RuntimeError("broken\nsecret details on a second line")

    runner = Runner(platform.engine, platform.house)
    assert runner.run(job(work)).outcome is Outcome.FAILED
    (row,) = runs(platform)
    assert (row.name, row.outcome, row.account) == ("test.job", Outcome.FAILED, "RuntimeError: broken")
    assert runner.run(job(lambda ctx: "well again")).outcome is Outcome.DONE


def test_a_job_of_the_outside_has_no_transaction_open(platform: Any) -> None:
    seen: list[Any] = []

    def work(act: Any) -> str:
        seen.append(act(lambda ctx: ctx.now))
        seen.append(act(lambda ctx: ctx.system))
        return "spoke"

    assert Runner(platform.engine, platform.house).run(job(work, outside=True)).account == "spoke"
    assert seen == [platform.clock.moment, True]


def test_frequent_jobs_do_not_flood_the_log(platform: Any) -> None:
    runner = Runner(platform.engine, platform.house)
    accounts = iter(["", "", "made 1", "made 1", "", "", ""])
    frequent = job(lambda ctx: next(accounts), every=3)
    for _ in range(7):
        runner.run(frequent)
        platform.clock.advance(seconds=3)
    assert [row.account for row in runs(platform)] == ["made 1", "made 1", ""]
    platform.clock.advance(hours=2)
    runner.run(job(lambda ctx: "", every=3))
    assert [row.account for row in runs(platform)][3:] == [""], "once an hour it says that it is alive"


def test_the_same_fault_is_told_once_a_minute(platform: Any) -> None:
    runner = Runner(platform.engine, platform.house)

    def work(ctx: Context) -> str:
        raise OSError("away")

    for _ in range(40):
        runner.run(job(work, every=3))
        platform.clock.advance(seconds=3)
    assert [row.account for row in runs(platform)] == ["OSError: away"] * 2


def test_by_hand_it_is_always_logged_and_audited(platform: Any) -> None:
    Runner(platform.engine, platform.house).run(job(lambda ctx: "", every=3), by=ADMIN, by_hand=True)
    (row,) = runs(platform)
    assert row.person_id == ADMIN.person_id
    (audited,) = platform.act(lambda ctx: list(ctx.session.scalars(select(AuditRow))))
    assert (audited.verb, audited.object_id, audited.person_id) == ("job.run", "test.job", ADMIN.person_id)


def test_the_overview_is_for_the_administrator(platform: Any, officer: Actor) -> None:
    runner = Runner(platform.engine, platform.house)
    platform.house.add(JOBS, job(lambda ctx: "x"))
    runner.run(job(lambda ctx: "one"))
    runner.run(job(lambda ctx: "two"))
    overview = {j.name: run for j, run in platform.act(queries.overview, ADMIN)}
    assert overview["test.job"].account == "two" and overview["audit.seal"] is None
    page = platform.act(lambda ctx: queries.runs(ctx, "test.job", limit=1), ADMIN)
    assert [r.account for r in page.items] == ["two"] and page.next_cursor
    with pytest.raises(Forbidden):
        platform.act(queries.overview, officer)
    with pytest.raises(NotFound):
        platform.act(lambda ctx: queries.runs(ctx, "no.job"), ADMIN)


def test_last_due() -> None:
    noon = datetime(2031, 3, 12, 4, 0, tzinfo=UTC)
    assert last_due("11:59", noon).isoformat() == "2031-03-12T11:59:00+08:00"
    assert last_due("12:00", noon).isoformat() == "2031-03-12T12:00:00+08:00"
    assert last_due("12:01", noon).isoformat() == "2031-03-11T12:01:00+08:00"


def app_of(platform: Any) -> Any:
    """What a scheduler needs of an application."""
    return SimpleNamespace(
        extensions={"house": platform.house, "sqlalchemy": SimpleNamespace(engine=platform.engine)},
        app_context=nullcontext,
    )


def until(condition: Any, seconds: float = 8.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_of_two_schedulers_one_works_and_the_other_takes_over(platform: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "RENEW", 0.1)
    counted: list[str] = []
    missed: list[str] = []
    platform.house._entries[JOBS.name] = [
        Job("count", "数", lambda ctx: counted.append("x") or "", every=1),
        Job("broken", "坏", lambda ctx: 1 / 0, every=1),  # type: ignore[arg-type,return-value]
        Job("daily", "日", lambda ctx: missed.append("x") or "done", at="00:00"),
    ]
    first, second = Scheduler(app_of(platform)), Scheduler(app_of(platform))
    stops = threading.Event(), threading.Event()
    threads = [threading.Thread(target=s.run, args=(stop,)) for s, stop in zip((first, second), stops, strict=True)]
    try:
        threads[0].start()
        assert first.elected.wait(5)
        threads[1].start()
        assert until(lambda: len(counted) >= 2)
        assert not second.elected.is_set()
        assert missed == ["x"], "the hour of a daily job had passed unserved"
        stops[0].set()
        threads[0].join(10)
        before = len(counted)
        assert second.elected.wait(5)
        assert until(lambda: len(counted) > before)
    finally:
        for stop, thread in zip(stops, threads, strict=True):
            stop.set()
            if thread.is_alive():
                thread.join(10)
    assert missed == ["x"], "and it was not served twice"
    assert not any(thread.is_alive() for thread in threads)
    assert {row.name for row in runs(platform) if row.outcome is Outcome.FAILED} == {"broken"}


def _hold(path: str, ready: Any) -> None:
    lock = LockFile(Path(path))
    assert lock.take()
    ready.set()
    time.sleep(60)


def test_the_lock_file_is_freed_when_its_holder_is_killed(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    holder = context.Process(target=_hold, args=(str(tmp_path / "lock"), ready))
    holder.start()
    try:
        assert ready.wait(20)
        mine = LockFile(tmp_path / "lock")
        assert not mine.take() and not mine.held()
        holder.kill()
        holder.join()
        assert mine.take() and mine.held()
        assert not LockFile(tmp_path / "lock").take()
        mine.leave()
        assert LockFile(tmp_path / "lock").take()
    finally:
        holder.kill()
        holder.join()
        holder.close()


@pytest.mark.postgres
def test_the_advisory_lock_is_freed_when_its_connection_dies(on_postgres: Any) -> None:
    engines = [create_engine(on_postgres.url) for _ in range(2)]
    first, second = (AdvisoryLock(engine) for engine in engines)
    assert first.take() and first.held()
    assert not second.take() and not second.held()
    on_postgres.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = :key",
        key=scheduler.LOCK,
    )
    assert until(lambda: second.take())
    assert not first.held()
    first.leave()
    second.leave()
    third = AdvisoryLock(engines[0])
    assert third.take()
    third.leave()
    for engine in engines:
        engine.dispose()
