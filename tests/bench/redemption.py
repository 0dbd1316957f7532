"""Redemptions: through HTTP, as the same act in process, and as the ledger's act alone, in turns."""

from __future__ import annotations

import http.client
import itertools
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from marketplace.shop.orders import actions as orders
from tests.bench.figures import Figure, Round, percentile, rate_of, throughput
from tests.bench.ground import Desk, Ground, apart, lonely
from tests.bench.orders import SUBSIDY, Waiting, deliver
from tests.bench.serving import Server
from vouchers.ledger.actions import holds

CLIENTS = 8
PROCESSES = 2
WARM = 40
PACE, PACED = 50, 200

Turn = Callable[[Sequence[Waiting]], Round]


def measure(ground: Ground, *, acts: int, rounds: int) -> list[Figure]:
    """The figures of `rounds` interleaved rounds of `acts` redemptions, each of a voucher that nobody touched."""
    with Server(ground.place, workers=PROCESSES) as server, _crew(ground, PROCESSES) as two, _crew(ground, 1) as one:
        turns: dict[str, Turn] = {
            "HTTP": lambda found: _through_http(server.port, ground.enterprise_token, found),
            "act": lambda found: _in_process(two, "act", found),
            "act in one process": lambda found: _in_process(one, "act", found),
            "ledger": lambda found: _in_process(two, "ledger", found),
        }
        store = iter(apart(deliver, ground, len(turns) * (WARM + rounds * acts) + PACED))
        results: dict[str, list[Round]] = {name: [] for name in turns}
        for turn in turns.values():
            turn(list(itertools.islice(store, WARM)))
        for _ in range(rounds):
            for name, turn in turns.items():
                results[name].append(turn(list(itertools.islice(store, acts))))
        paced = _at_a_pace(server.port, ground.enterprise_token, list(store))
    return _figures(results, paced)


def _figures(results: dict[str, list[Round]], paced: Sequence[float]) -> list[Figure]:
    http_rate, act_rate = rate_of(results["HTTP"]), rate_of(results["act"])
    waits = [x * 1000 for x in paced]
    return [
        throughput(f"through HTTP, granian with {PROCESSES} workers", results["HTTP"]),
        throughput(f"the same act in {PROCESSES} processes, no HTTP", results["act"]),
        throughput("the same act in one process, no HTTP", results["act in one process"]),
        throughput(f"the ledger's act alone in {PROCESSES} processes", results["ledger"]),
        Figure(
            "HTTP / act, as many processes",
            f"{http_rate / act_rate:.2f}",
            "at least 0.50",
            http_rate >= 0.50 * act_rate,
        ),
        Figure("HTTP / act in one process", f"{http_rate / rate_of(results['act in one process']):.2f}"),
        Figure("act / ledger's act alone", f"{act_rate / rate_of(results['ledger']):.2f}"),
        Figure(
            f"p99 through HTTP at {PACE} redemptions/s, open loop",
            f"{percentile(waits, 0.99):.1f} ms",
            f"p50 {percentile(waits, 0.5):.1f} ms, max {max(waits):.1f} ms, of {len(waits)}; at most 25 ms",
            percentile(waits, 0.99) <= 25,
        ),
    ]


@contextmanager
def _crew(ground: Ground, processes: int) -> Iterator[list[ProcessPoolExecutor]]:
    """Processes that stand ready with an engine and a house each."""
    pools = [lonely() for _ in range(processes)]
    try:
        for ready in [pool.submit(_open, ground) for pool in pools]:
            ready.result(timeout=60)
        yield pools
    finally:
        for pool in pools:
            pool.shutdown(cancel_futures=True)


_desk: Desk | None = None


def _open(ground: Ground) -> None:
    global _desk  # one desk per process of the crew
    _desk = Desk(ground.place)
    _desk.token = ground.enterprise_token


def _in_process(crew: list[ProcessPoolExecutor], what: str, found: Sequence[Waiting]) -> Round:
    """The redemptions dealt out to the crew, `CLIENTS` threads in all."""
    threads = CLIENTS // len(crew)
    started = time.perf_counter()
    parts = [pool.submit(_redeem, what, found[n :: len(crew)], threads) for n, pool in enumerate(crew)]
    latencies = [x for part in parts for x in part.result(timeout=120)]
    return Round(time.perf_counter() - started, latencies)


def _redeem(what: str, found: Sequence[Waiting], threads: int) -> list[float]:
    desk = _desk
    assert desk is not None
    actor = desk.actor(desk.token)

    def confirm(waiting: Waiting) -> Any:
        return desk.act(lambda ctx: orders.confirm(ctx, waiting.order_id), actor)

    def redeem(waiting: Waiting) -> Any:
        key = f"order:{waiting.order_id}:redeem"
        return desk.act(lambda ctx: holds.redeem(ctx, waiting.hold_id, SUBSIDY, key, release_rest=True), actor)

    return _shared(found, threads, lambda: confirm if what == "act" else redeem)


def _shared(found: Sequence[Waiting], threads: int, client: Callable[[], Callable[[Waiting], Any]]) -> list[float]:
    """Threads that take from one list until it is empty, each with a client of its own; how long each act took."""
    todo, latencies, lock = iter(found), [], threading.Lock()

    def take() -> None:
        act, own = client(), []
        while True:
            with lock:
                waiting = next(todo, None)
            if waiting is None:
                break
            started = time.perf_counter()
            act(waiting)
            own.append(time.perf_counter() - started)
        with lock:
            latencies.extend(own)

    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(take) for _ in range(threads)]:
            done.result()
    return latencies


def _through_http(port: int, token: str, found: Sequence[Waiting]) -> Round:
    started = time.perf_counter()
    latencies = _shared(found, CLIENTS, lambda: _till(port, token))
    return Round(time.perf_counter() - started, latencies)


def _till(port: int, token: str) -> Callable[[Waiting], None]:
    """A client with one connection that stays open, as a program of a provider or an enterprise has it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Authorization": f"Bearer {token}", "Content-Length": "0"}

    def confirm(waiting: Waiting) -> None:
        path = f"/api/v1/orders/{waiting.order_id}/confirmation"
        connection.request("POST", path, headers={**headers, "Idempotency-Key": str(uuid.uuid4())})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status}: {body[:300]!r}")

    return confirm


def _at_a_pace(port: int, token: str, found: Sequence[Waiting]) -> list[float]:
    """One redemption every 1/`PACE` second whatever the server does; the wait counts from the moment it was due."""
    begin = time.perf_counter() + 0.1
    due = {waiting: begin + n / PACE for n, waiting in enumerate(found)}
    waits: list[float] = []

    def client() -> Callable[[Waiting], None]:
        confirm = _till(port, token)

        def at_its_time(waiting: Waiting) -> None:
            time.sleep(max(0.0, due[waiting] - time.perf_counter()))
            confirm(waiting)
            waits.append(time.perf_counter() - due[waiting])

        return at_its_time

    _shared(found, CLIENTS, client)
    return waits
