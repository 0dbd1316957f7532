"""What makes a file unusable, said in both languages."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

Words = tuple[str, str]
"""A sentence in Chinese and in English."""
LANGUAGES = ("zh", "en")


class Unusable(ValueError):
    """A file that cannot be judged at all; `words` say why in one line."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.words: Words = (zh, en)


class BadCell(ValueError):
    """A cell that cannot be understood."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.words: Words = (zh, en)


@dataclass(frozen=True, slots=True)
class CellFault:
    """A cell that cannot be understood: its name in the spreadsheet (``C7``), the column's name, the reason."""

    cell: str
    column: str
    words: Words

    def line(self, language: str) -> str:
        """What to print."""
        return f"{self.cell} {self.column}: {said(self.words, language)}"


class UnusableCells(Unusable):
    """A sheet with cells that cannot be understood: the first ones, and how many there are in all."""

    def __init__(self, faults: list[CellFault], count: int) -> None:
        super().__init__(f"有{count}个单元格无法识别", f"{count} cells cannot be understood")
        self.faults, self.count = faults, count

    def lines(self, language: str) -> list[str]:
        """One line for each of the first faults, then how many more there are."""
        shown = [fault.line(language) for fault in self.faults]
        more = self.count - len(shown)
        if more:
            # Programs look for the English words in either language.
            shown.append(said((f"… and {more} more（另有 {more} 处）", f"… and {more} more"), language))
        return shown


def said(words: Words, language: str) -> str:
    """The sentence in a language: ``zh`` or ``en``."""
    return words[LANGUAGES.index(language)]


def one_line(text: str) -> str:
    """A text from a stranger's file as a terminal may show it: no line breaks, no control or direction characters."""
    if text.isprintable():
        return text
    kinds = ((character, unicodedata.category(character)) for character in " ".join(text.split()))
    return "".join("\N{REPLACEMENT CHARACTER}" if kind in _UNSHOWN else character for character, kind in kinds)


_UNSHOWN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
