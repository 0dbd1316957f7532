"""Where contents lie: one small port, and the folder that serves it. A content is named by its SHA-256.

A content is stored before its act commits: when the act is undone, an orphan is left that nobody can reach, and a job
sweeps it away later. So nothing that a row names is ever missing.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from marketplace.base.house import House, Port

_CHUNK = 1024 * 1024


class TooLarge(Exception):
    """The stream holds more bytes than the limit."""


class Received:
    """A stream on its way in: a temporary file with digest and size, not yet a content of the store."""

    def __init__(self, path: Path, sha256: str, size: int):
        self.path, self.sha256, self.size = path, sha256, size

    def open(self) -> BinaryIO:
        return self.path.open("rb")

    def drop(self) -> None:
        self.path.unlink(missing_ok=True)


class Storage(Protocol):
    """What a store of contents can do."""

    def receive(self, stream: BinaryIO, limit: int) -> Received:
        """Take a stream in, hashing it; TooLarge beyond `limit` bytes."""

    def keep(self, received: Received) -> None:
        """Make what was received a content, durably; a content that is there already stays as it is."""

    def open(self, sha256: str) -> BinaryIO:
        """A content for reading; FileNotFoundError when it is gone."""

    def older(self, age: timedelta) -> Iterator[str]:
        """Contents that were last kept longer ago than `age`, by the store's own clock."""

    def remove(self, sha256: str, age: timedelta) -> bool:
        """Forget a content, unless it was kept again meanwhile; says whether it is forgotten."""


STORAGE: Port[Callable[[Any], Storage]] = Port("document storage")
"""From the settings to a store; the last one that was registered serves."""


def storage(house: House) -> Storage:
    """The store of this installation."""
    return house.all(STORAGE)[-1](house.settings)


class Folder:
    """Contents in a local folder: ``ab/cd/<sha256>``, each written elsewhere, synced, and renamed into its place."""

    def __init__(self, root: Path):
        self.root = root
        self.incoming = root / "incoming"

    @classmethod
    def of(cls, settings: Any) -> Folder:
        return cls(Path(settings.data_dir) / "documents")

    def receive(self, stream: BinaryIO, limit: int) -> Received:
        self.incoming.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=self.incoming)
        path, digest, size = Path(name), hashlib.sha256(), 0
        try:
            with os.fdopen(descriptor, "wb") as file:
                while chunk := stream.read(_CHUNK):
                    size += len(chunk)
                    if size > limit:
                        raise TooLarge
                    digest.update(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return Received(path, digest.hexdigest(), size)

    def keep(self, received: Received) -> None:
        place = self._place(received.sha256)
        place.parent.mkdir(parents=True, exist_ok=True)
        received.path.chmod(0o440)
        os.replace(received.path, place)
        for folder in (place.parent, place.parent.parent, self.root):
            _sync(folder)

    def open(self, sha256: str) -> BinaryIO:
        return self._place(sha256).open("rb")

    def older(self, age: timedelta) -> Iterator[str]:
        limit = self._now() - age.total_seconds()
        for stale in self.incoming.glob("*"):
            if stale.stat().st_mtime < limit:
                stale.unlink(missing_ok=True)
        for path in self.root.glob("??/??/*"):
            if path.stat().st_mtime < limit:
                yield path.name

    def remove(self, sha256: str, age: timedelta) -> bool:
        path = self._place(sha256)
        if path.stat().st_mtime >= self._now() - age.total_seconds():
            return False
        path.unlink()
        return True

    def _now(self) -> float:
        """The file system's present moment: the platform's clock may be set to another year."""
        self.incoming.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self.incoming) as probe:
            return os.fstat(probe.fileno()).st_mtime

    def _place(self, sha256: str) -> Path:
        if len(sha256) != 64 or set(sha256) - set("0123456789abcdef"):
            raise FileNotFoundError(sha256)
        return self.root / sha256[:2] / sha256[2:4] / sha256


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
