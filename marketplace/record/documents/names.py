"""A file's name made harmless: no path, no hidden characters, no reserved word, and the ending of its true kind."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from marketplace.record.documents.kinds import Kind

LONGEST = 120
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?$")


def harmless(name: str, kind: Kind) -> str:
    """The name to keep: its last part, NFC, without controls or direction marks, ending as its kind does."""
    text = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
    text = " ".join(_FORBIDDEN.sub("_", text).split()).strip(". ")
    stem, dot, ending = text.rpartition(".")
    if dot and ending.lower() in (kind.extension, *kind.others):
        text = stem
        ending = ending.lower()
    else:
        ending = kind.extension
    text = text.strip(". ")
    if not text or _RESERVED.match(text):
        text = f"file{'_' + text if text else ''}"
    return f"{text[: LONGEST - len(ending) - 1].rstrip('. ')}.{ending}"


def disposition(name: str) -> str:
    """``Content-Disposition`` of a download, with the Chinese name as RFC 5987 wants it and a plain one beside it."""
    plain = name.encode("ascii", "replace").decode().replace("?", "_").replace("\\", "_").replace('"', "_")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
