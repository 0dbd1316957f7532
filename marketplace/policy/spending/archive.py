"""The ZIP around a workbook: sizes are checked before anything is unpacked, and nothing is unpacked to disk."""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import Path
from typing import IO

from marketplace.policy.spending.fault import Unusable

MAX_UNPACKED = 1 << 30
_MAX_DIRECTORY = 4 << 20
"""Bytes of a ZIP's own table of contents: a workbook needs a few kilobytes."""
_END, _LOCATOR, _END64 = b"PK\x05\x06", b"PK\x06\x07", b"PK\x06\x06"
_ELSEWHERE = 0xFFFFFFFF
"""Stands in a field whose value is in the longer record."""
_ENCRYPTED = 0x1
DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, ValueError, NotImplementedError)
"""What reading a damaged archive may raise."""


class Archive:
    """An open ZIP of parts, found by name without regard to case. Raises `Unusable` for what is none, or too large."""

    def __init__(self, file: Path) -> None:
        _check_directory(file)
        try:
            self._zip = zipfile.ZipFile(file)
        except DAMAGED:
            raise damaged() from None
        try:
            self._check_members()
        except Unusable:
            self.close()
            raise
        self._names = {_plain(member.filename): member for member in self._zip.infolist()}

    def close(self) -> None:
        """Let go of the file."""
        self._zip.close()

    def __contains__(self, part: str) -> bool:
        return _plain(part) in self._names

    def open(self, part: str) -> IO[bytes]:
        """The bytes of a part, as they are unpacked. Raises `Unusable` where there is no such part."""
        member = self._names.get(_plain(part))
        if member is None:
            raise no_workbook()
        return self._zip.open(member)

    def _check_members(self) -> None:
        members = self._zip.infolist()
        if sum(member.file_size for member in members) > MAX_UNPACKED:
            raise Unusable("文件解压后超过 1 GiB", "is larger than 1 GiB when unpacked")
        if any(member.flag_bits & _ENCRYPTED for member in members):
            raise Unusable("文件已加密，请先取消密码", "is encrypted; remove the password first")
        # Only these two are unpacked piece by piece; the others may swell to any size at once.
        if any(member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for member in members):
            raise damaged()


def _plain(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").casefold()


def _check_directory(file: Path) -> None:
    """Look at the end of the ZIP before its table of contents is read: it could fill the memory by itself."""
    with file.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - (1 << 16) - 64))
        tail = stream.read()
        at = tail.rfind(_END)
        if at < 0 or len(tail) < at + 22:
            raise no_workbook()
        lengths = [int.from_bytes(tail[at + 12 : at + 16], "little")]
        locator = tail[max(0, at - 20) : at]
        if locator.startswith(_LOCATOR):
            # Readers differ in where they look for the longer record: both places count.
            for place in (size - len(tail) + at - 76, int.from_bytes(locator[8:16], "little")):
                stream.seek(min(max(0, place), size))
                end = stream.read(56)
                if end.startswith(_END64):
                    lengths.append(int.from_bytes(end[40:48], "little"))
            if len(lengths) > 1 and lengths[0] == _ELSEWHERE:
                del lengths[0]
    if max(lengths) > _MAX_DIRECTORY:
        raise Unusable("文件内含的部分过多，不是正常的工作簿", "holds too many parts for a workbook")


def no_workbook() -> Unusable:
    """What is said of a ZIP that holds something else."""
    return Unusable(
        "文件不是 XLSX 工作簿（旧的 .xls、.ods 请另存为 .xlsx）",
        "is no XLSX workbook (save .xls or .ods as .xlsx first)",
    )


def damaged() -> Unusable:
    """What is said of a workbook that cannot be unpacked or parsed."""
    return Unusable("工作簿已损坏，请用表格软件另存后再试", "is a damaged workbook; save it anew")
