"""A command in a process of its own, with a bound on its memory, and what it took."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

COMMAND = (sys.executable, "-m", "marketplace.cli")
_KIB = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Done:
    """How a child ended: exit code, what it wrote, seconds by the clock and of work, MiB of memory at its peak."""

    code: int
    out: bytes
    err: str
    seconds: float
    cpu: float
    peak: float


def run(
    *words: object,
    address_space: int = 0,
    seconds: float = 120,
    command: Sequence[str] = COMMAND,
    environment: Mapping[str, str] | None = None,
) -> Done:
    """Run a command to its end; one that takes longer than `seconds` is stopped. `address_space` is MiB, 0 for any.

    `environment` is added to that of this process.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.TemporaryFile() as told:
        # A process starts with the peak of the one that it was forked from: a small one in between forgets ours.
        bounds = [str(address_space), str(seconds), str(told.fileno())]
        subprocess.run(
            [sys.executable, "-I", "-S", __file__, *bounds, *command, *map(str, words)],
            stdin=subprocess.DEVNULL, stdout=out, stderr=err, pass_fds=[told.fileno()], check=True,
            env={**os.environ, **(environment or {})},
        )  # fmt: skip
        for stream in (out, err, told):
            stream.seek(0)
        return Done(out=out.read(), err=err.read().decode(errors="replace"), **json.load(told))


def _watch(address_space: int, seconds: float, told: int, command: list[str]) -> None:
    started = time.perf_counter()
    child = os.fork()
    if not child:
        os.close(told)
        if address_space and sys.platform == "linux":  # others know no such bound
            resource.setrlimit(resource.RLIMIT_AS, (address_space << 20, address_space << 20))
        os.execv(command[0], command)
    signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
    signal.setitimer(signal.ITIMER_REAL, seconds)
    _, status, used = os.wait4(child, 0)
    answer = {
        "code": os.waitstatus_to_exitcode(status),
        "seconds": time.perf_counter() - started,
        "cpu": used.ru_utime + used.ru_stime,
        "peak": used.ru_maxrss * _KIB / (1 << 20),
    }
    os.write(told, json.dumps(answer).encode())


if __name__ == "__main__":
    _watch(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
