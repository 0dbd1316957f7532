"""A PostgreSQL server of the tests' own: made in a temporary folder, stopped and removed at the end.

Load it with ``pytest_plugins = ["tests.support.postgres"]`` and ask for ``postgres`` (the server) or
``postgres_database`` (an empty database that is dropped after the test). ``python -m tests.support.postgres`` says
whether the machine has a server, for scripts.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

INSTALL = "apt-get install postgresql (Debian) or brew install postgresql@17 (macOS)"
_START_TIMEOUT = 30.0
_STOP_TIMEOUT = 30.0


def find_binaries() -> Path | None:
    """The folder of ``initdb`` and ``postgres``, the newest version first; None where there is no server."""
    found = [
        *Path("/usr/lib/postgresql").glob("*/bin"),
        *Path("/usr").glob("pgsql-*/bin"),
        *Path("/opt/homebrew/opt").glob("postgresql@*/bin"),
        *Path("/usr/local/opt").glob("postgresql@*/bin"),
    ]
    newest_first = sorted(found, key=_version, reverse=True)
    on_path = shutil.which("initdb")
    if on_path:
        newest_first.append(Path(on_path).resolve().parent)
    for folder in newest_first:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return None


def _version(folder: Path) -> int:
    digits = "".join(c for c in folder.parent.name.rpartition("-")[2].rpartition("@")[2] if c.isdigit())
    return int(digits or 0)


class Cluster:
    """One running server. Its files are synced to disk as in production, or races would go unnoticed."""

    user = "marketplace"

    def __init__(self, binaries: Path) -> None:
        self.binaries = binaries
        self.password = secrets.token_urlsafe(16)
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None
        # Not pytest's tmp_path: that one is closed to the account `postgres`, and too long for a socket's name.
        self.folder = Path(tempfile.mkdtemp(prefix="marketplace-pg-"))
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"

    def __enter__(self) -> Cluster:
        try:
            self._create()
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)  # "fast": ends open connections
            try:
                self._process.wait(_STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)
                self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str) -> str:
        """SQLAlchemy's address of a database, over the loopback port."""
        return f"postgresql+psycopg://{self.user}:{self.password}@127.0.0.1:{self.port}/{database}"

    def socket_url(self, database: str) -> str:
        """The same over the Unix socket: no password, and less to set up per connection."""
        return f"postgresql+psycopg://{self.user}@/{database}?host={self.folder}&port={self.port}"

    def create_database(self, name: str, template: str = "template0") -> str:
        """Make a database, empty or as a copy of another to which nobody is connected; returns its address."""
        self._administer("CREATE DATABASE {} TEMPLATE {}", name, template)
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Remove a database, and the connections that a failed test left open."""
        self._administer("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _administer(self, statement: str, *names: str) -> None:
        with psycopg.connect(**self._administrator(), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _administrator(self) -> dict[str, Any]:
        return {"host": str(self.folder), "port": self.port, "user": self.user, "dbname": "postgres"}

    def crash(self) -> None:
        """Kill the server with SIGKILL, as a failing machine would; its own processes notice and go."""
        if self._process is None:
            raise RuntimeError("the server was never started")
        self._process.kill()
        self._process.wait()

    def recover(self) -> None:
        """Start a crashed server again on its files, on the same port. It refuses while processes of the old one still
        live, so it is asked until they are gone."""
        deadline = time.monotonic() + _START_TIMEOUT
        while True:
            try:
                self._start(self.port)
                return
            except RuntimeError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def _create(self) -> None:
        account = _account()
        if account is not None:
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        password_file = self.folder / "password"
        password_file.write_text(self.password)
        password_file.chmod(0o600)
        if account is not None:
            os.chown(password_file, account.pw_uid, account.pw_gid)
        command: list[Any] = [
            self.binaries / "initdb",
            "--pgdata",
            self.data,
            "--username",
            self.user,
            "--pwfile",
            password_file,
        ]
        # The folder is closed to other accounts, and so the socket in it needs no password.
        command += ["--auth-local=trust", "--auth-host=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-sync"]
        made = subprocess.run(command, **self._as_account(), capture_output=True, text=True, check=False)
        if made.returncode:
            raise RuntimeError(f"initdb failed: {made.stderr or made.stdout}")

    def _start(self, port: int = 0) -> None:
        self.port = port or free_port()
        options = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": self.folder,
            "timezone": "UTC",
            "max_connections": 100,
            "shared_buffers": "64MB",
            "log_min_messages": "warning",
        }
        command: list[Any] = [self.binaries / "postgres", "-D", self.data]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(command, **self._as_account(), stdout=log, stderr=log)
        deadline = time.monotonic() + _START_TIMEOUT
        while True:
            try:
                psycopg.connect(**self._administrator(), connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"PostgreSQL did not start: {self.log.read_text()}") from None
                time.sleep(0.02)

    def _as_account(self) -> dict[str, Any]:
        account = _account()
        who: dict[str, Any] = (
            {} if account is None else {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        )
        return {**who, "cwd": self.folder, "stdin": subprocess.DEVNULL, "env": {"PATH": os.defpath, "LC_ALL": "C"}}


def _account() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root; its Debian package brings an account of its own."""
    return pwd.getpwnam("postgres") if os.geteuid() == 0 else None


def free_port() -> int:
    """A port on the loopback interface that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def cluster() -> Iterator[Cluster]:
    """A running server; RuntimeError where none is installed."""
    binaries = find_binaries()
    if binaries is None:
        raise RuntimeError(f"no PostgreSQL server found: {INSTALL}")
    with Cluster(binaries) as running:
        yield running


def transplant(old: Cluster, name: str, fresh: Cluster, restored: str) -> str:
    """Dump a database of one server and restore it on another, as after a disaster; returns its new address."""
    url = fresh.create_database(restored)

    def run(program: str, address: str, *words: str, stdin: bytes | None = None) -> bytes:
        bare = address.replace("postgresql+psycopg://", "postgresql://")
        done = subprocess.run(
            [old.binaries / program, *words, "-d", bare], input=stdin, capture_output=True, check=False
        )
        if done.returncode:
            raise RuntimeError(done.stderr.decode())
        return done.stdout

    dump = run("pg_dump", old.socket_url(name))
    run("psql", fresh.socket_url(restored), "-v", "ON_ERROR_STOP=1", "-q", stdin=dump)
    return url


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """The session's server; skips where none is installed."""
    if find_binaries() is None:
        pytest.skip(f"needs a PostgreSQL server: {INSTALL}")
    with cluster() as running:
        yield running


@pytest.fixture
def postgres_database(postgres: Cluster) -> Iterator[str]:
    """The address of an empty database, dropped after the test."""
    name = f"test_{secrets.token_hex(4)}"
    yield postgres.create_database(name)
    postgres.drop_database(name)


if __name__ == "__main__":
    sys.exit(find_binaries() is None)
