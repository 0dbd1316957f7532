"""What a file is, told from its content alone: the name and the browser's word count for nothing.

Seven kinds are let in. A ZIP is let in only as the sheet or the invoice that it proves to be.
"""

from __future__ import annotations

import codecs
import io
import zipfile
from dataclasses import dataclass
from typing import BinaryIO

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

MAX_MEMBERS = 5_000
MAX_UNPACKED = 512 * 1024 * 1024
_CHUNK = 1024 * 1024
_CONTROLS = bytes(sorted(set(range(32)) - {9, 10, 12, 13}))


@dataclass(frozen=True)
class Kind:
    """One allowed kind of file."""

    media_type: str
    extension: str
    others: tuple[str, ...] = ()
    """Other usual endings of a name."""


PDF = Kind("application/pdf", "pdf")
PNG = Kind("image/png", "png")
JPEG = Kind("image/jpeg", "jpg", ("jpeg",))
XLSX = Kind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx")
OFD = Kind("application/ofd", "ofd")
XML = Kind("application/xml", "xml")
CSV = Kind("text/csv", "csv", ("txt",))
ALLOWED = (PDF, PNG, JPEG, XLSX, OFD, XML, CSV)


def recognise(file: BinaryIO) -> Kind | None:
    """The kind of a file, or None when it is none that we take. Reads it, and leaves it at its beginning."""
    try:
        file.seek(0)
        head = file.read(1024)
        if head.startswith(b"%PDF-"):
            return PDF
        if head.startswith(b"\x89PNG\r\n\x1a\n"):
            return PNG
        if head.startswith(b"\xff\xd8\xff"):
            return JPEG
        if head.startswith(b"PK\x03\x04"):
            return _archive(file)
        if head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"<") or head[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return XML if _is_xml(file) else None
        return CSV if _is_text(file) else None
    finally:
        file.seek(0)


def _archive(file: BinaryIO) -> Kind | None:
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
            if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
                return None
            if any(member.flag_bits & 1 for member in members) or "xl/vbaProject.bin" in names:
                return None
    except (zipfile.BadZipFile, ValueError, OSError):
        return None
    if {"[Content_Types].xml", "xl/workbook.xml"} <= names:
        return XLSX
    return OFD if "OFD.xml" in names else None


def _is_xml(file: BinaryIO) -> bool:
    """Well-formed, and without a document type: no entity of any kind. Web pages and drawings are refused."""
    file.seek(0)
    root = None
    try:
        for event, element in iterparse(file, events=("start", "end"), forbid_dtd=True):
            if event == "start":
                root = root or element.tag.rpartition("}")[2].lower()
                if root in ("html", "svg"):
                    return False
            else:
                element.clear()
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return False
    return root is not None


def _is_text(file: BinaryIO) -> bool:
    """A table of text: UTF-8 or GB18030, no control characters, with a separator somewhere near its beginning."""
    file.seek(0)
    beginning = file.read(_CHUNK)
    if not any(separator in beginning for separator in (b",", b";", b"\t")):
        return False
    return any(_decodes(file, encoding) for encoding in ("utf-8", "gb18030"))


def _decodes(file: BinaryIO, encoding: str) -> bool:
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while chunk := file.read(_CHUNK):
            if len(chunk.translate(None, _CONTROLS)) != len(chunk):
                return False
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def of_bytes(data: bytes) -> Kind | None:
    """The kind of a file that is at hand as bytes."""
    return recognise(io.BytesIO(data))
