"""Chinese full text without extensions: bigram tokens that FTS5 and tsvector('simple') both understand."""

from __future__ import annotations

import re
import unicodedata

_RUN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+|[0-9a-z]+")


def tokens(text: str) -> list[str]:
    """Tokens of a text: Chinese runs as overlapping pairs (plus the last character), Latin words whole."""
    found: list[str] = []
    for run in _RUN.findall(unicodedata.normalize("NFKC", text).casefold()):
        if run[0].isascii():
            found.append(run)
        else:
            found.extend(run[i : i + 2] for i in range(len(run) - 1))
            found.append(run[-1])
    return found


def query_tokens(text: str) -> list[str]:
    """Tokens that must all occur: pairs only, a single character stands for itself as a prefix."""
    found: list[str] = []
    for run in _RUN.findall(unicodedata.normalize("NFKC", text).casefold()):
        if run[0].isascii() or len(run) == 1:
            found.append(run)
        else:
            found.extend(run[i : i + 2] for i in range(len(run) - 1))
    return found
