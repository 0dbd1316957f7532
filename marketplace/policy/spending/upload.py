"""A sheet that somebody sent: a file while it is read, and what is wrong with it as the answer to a form."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from marketplace.base.errors import Invalid
from marketplace.base.text import Bilingual
from marketplace.policy.spending.fault import Unusable, UnusableCells, one_line, said


@contextmanager
def uploaded(content: BinaryIO, code: str) -> Iterator[Path]:
    """The content as a file for as long as it is read.

    What its reader finds unusable becomes `Invalid` about the field ``file``, under `code`: one line for each cell that
    nobody can understand (the first twenty, named as the spreadsheet names them), or the reason why it is no sheet.
    """
    with tempfile.TemporaryDirectory(prefix="sheet-") as folder:
        path = Path(folder) / "sheet"
        with path.open("wb") as out:
            shutil.copyfileobj(content, out)
        try:
            yield path
        except UnusableCells as fault:
            lines = zip(fault.lines("zh"), fault.lines("en"), strict=True)
            raise Invalid({"file": [_told(zh, en) for zh, en in lines]}, code) from None
        except Unusable as fault:
            raise Invalid({"file": [_told(said(fault.words, "zh"), said(fault.words, "en"))]}, code) from None


def _told(zh: str, en: str) -> Bilingual:
    return Bilingual(one_line(zh), {}, one_line(en))
