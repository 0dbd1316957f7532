"""PDFs and pictures that strangers send are opened in a process of their own: bounds on time and memory, nothing kept.

It knows neither settings nor database, answers in JSON, and whatever goes wrong in it means that nothing was read.
"""

from __future__ import annotations

import io
import json
import os
import resource
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SECONDS = 6
"""Of work; an invoice takes a tenth of it."""
_WAITING = 2 * SECONDS
MEMORY = 768 << 20
MAX_BYTES = 20 << 20
MAX_PAGES = 3
MAX_WORDS = 100_000
MAX_PIXELS = 30_000_000
MAX_PICTURES = 6
_AT_ONCE = threading.BoundedSemaphore(2)
_PATIENCE = 10
"""Seconds that somebody waits while others' invoices are read."""
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Seen:
    """What is on a page or a picture: its words, the named values of its description, the QR codes."""

    text: str = ""
    info: dict[str, str] = field(default_factory=dict)
    codes: tuple[str, ...] = ()


def look(data: bytes) -> Seen:
    """What a PDF, PNG or JPEG shows; nothing for a file that is damaged, too large, or takes too long."""
    if len(data) > MAX_BYTES or not _worth_opening(data) or not _AT_ONCE.acquire(timeout=_PATIENCE):
        return Seen()
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__],
            cwd=_ROOT,
            env={"PATH": os.defpath, "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"},
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_WAITING,
            check=False,
        )
        told = json.loads(done.stdout) if done.returncode == 0 else {}
    except (subprocess.TimeoutExpired, ValueError):
        return Seen()
    finally:
        _AT_ONCE.release()
    return Seen(told.get("text", ""), told.get("info", {}), tuple(told.get("codes", ())))


def _worth_opening(data: bytes) -> bool:
    """A PDF without any page, plain or in a stream of objects, shows nothing."""
    return not data.startswith(b"%PDF-") or b"/Page" in data or b"/ObjStm" in data


def _bound() -> None:
    """Less priority than whoever waits for a page, and an end to everything."""
    os.nice(5)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
    if sys.platform == "linux":  # others know no such bound
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _picture(data: bytes) -> list[str]:
    from PIL import Image  # in this process alone: it takes a while to load
    from zxingcpp import barcode_formats_from_str, read_barcodes

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    kinds = barcode_formats_from_str("QRCode")
    with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as image:
        if image.width * image.height > MAX_PIXELS:
            return []
        return [found.text for found in read_barcodes(image.convert("L"), formats=kinds)]


def _pdf(data: bytes) -> dict[str, Any]:
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(data))
    info = {str(key): str(value)[:400] for key, value in list((reader.metadata or {}).items())[:60]}
    text, codes = "", list[str]()
    for page in reader.pages[:MAX_PAGES]:
        text = (text + page.extract_text() + "\n")[:MAX_WORDS]
        codes += _codes_on(page)
    return {"text": text, "info": info, "codes": codes}


def _codes_on(page: Any) -> list[str]:
    """QR codes among the pictures of a page; a picture that cannot be read is passed over."""
    from PIL import Image
    from zxingcpp import barcode_formats_from_str, read_barcodes

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    kinds, found = barcode_formats_from_str("QRCode"), []
    for name in list(page.images.keys())[:MAX_PICTURES]:
        try:
            image = page.images[name].image
            if image is not None and image.width * image.height <= MAX_PIXELS:
                found += [code.text for code in read_barcodes(image.convert("L"), formats=kinds)]
        except Exception:  # noqa: S112 - whatever a stranger's picture provokes
            continue
    return found


def _work(data: bytes) -> dict[str, Any]:
    return _pdf(data) if data.startswith(b"%PDF-") else {"codes": _picture(data)}


if __name__ == "__main__":
    _bound()
    sys.stdout.write(json.dumps(_work(sys.stdin.buffer.read())))
