"""The platform as an operator starts it, on a free port of the loopback interface, stopped at the end."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

from tests.bench.ground import Place
from tests.support.postgres import free_port

COMMAND = [sys.executable, "-m", "marketplace.cli"]
START, STOP = 60.0, 10.0


class Server:
    """``marketplace run`` without scheduled work; `waited` tells the seconds until the first page was served."""

    def __init__(self, place: Place, *, workers: int = 1, jobs: bool = False) -> None:
        self.place = place
        self.port = free_port()
        self.waited = 0.0
        self._command = [*COMMAND, "run", "--port", str(self.port), "--workers", str(workers)]
        if not jobs:
            self._command.append("--no-jobs")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Server:
        started = time.perf_counter()
        # A session of its own: its workers are stopped with it, whatever happens.
        self._process = subprocess.Popen(
            self._command,
            env={**os.environ, **self.place.environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            while not self._answers():
                if self._process.poll() is not None or time.perf_counter() - started > START:
                    raise RuntimeError(f"the server did not start (exit code {self._process.poll()})")
                time.sleep(0.02)
        except BaseException:
            self.__exit__()
            raise
        self.waited = time.perf_counter() - started
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=10) as page:
                return bool(page.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False
