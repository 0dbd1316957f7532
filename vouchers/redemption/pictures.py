"""Reading the QR on a picture that a stranger's camera or folder sends: bounded before anything is unpacked."""

from __future__ import annotations

import io
import struct
import warnings

from PIL import Image
from zxingcpp import barcode_formats_from_str, read_barcodes

from marketplace.base.errors import Refusal
from marketplace.base.text import N_

MAX_FRAME = 1 << 20
"""Bytes of a camera's frame: the page sends less than a tenth."""
MAX_PHOTO = 12 << 20
MAX_PIXELS = 50_000_000
"""Of a JPEG, which is unpacked at an eighth where it is large. Telephones take 12 to 48 million."""
MAX_PNG_PIXELS = 16_000_000
"""Of a PNG, which is unpacked whole."""
SIDE = 1600
"""The longer side at which a picture is looked at."""

_QR = barcode_formats_from_str("QRCode")
_FAULTS = (OSError, ValueError, SyntaxError, EOFError, struct.error, MemoryError, Image.DecompressionBombError)


def read(data: bytes, *, limit: int) -> str | None:
    """The text of the first QR on a JPEG or PNG, or None where there is none to be read.

    Refuses what is larger than `limit` bytes or has too many pixels (`picture.too_large`), and what is no such
    picture or broken (`picture.unreadable`).
    """
    if len(data) > limit:
        raise _too_large()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as image:
                return _look(image)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise _too_large() from None
    except _FAULTS:
        raise Refusal(
            "picture.unreadable", N_("这张图片无法读取，请换一张 JPEG 或 PNG 图片。"), field="photo"
        ) from None


def _look(image: Image.Image) -> str | None:
    width, height = image.size
    if width * height > (MAX_PIXELS if image.format == "JPEG" else MAX_PNG_PIXELS):
        raise _too_large()
    image.draft("L", (SIDE, SIDE))
    grey = image.convert("L")
    grey.thumbnail((SIDE, SIDE))
    pixels = memoryview(grey.tobytes()).cast("B", (grey.height, grey.width))
    found = read_barcodes(pixels, formats=_QR)
    return next((code.text for code in found if code.valid), None)


def _too_large() -> Refusal:
    return Refusal("picture.too_large", N_("图片太大，请拍近一些或换一张小一点的。"), field="photo")
