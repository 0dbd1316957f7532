"""On which line of a TOML text each key stands: the standard library's reader does not tell."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right

Path = tuple[str, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_TEXTS = (
    re.compile(r'"""(?:\\.|[^\\])*?"""(?:"{0,2})', re.DOTALL),
    re.compile(r"'''.*?'''(?:'{0,2})", re.DOTALL),
    re.compile(r'"(?:\\.|[^"\\\n])*"'),
    re.compile(r"'[^'\n]*'"),
)
_PLAIN = re.compile(r"[^,\]\}\n#]+")


def positions(text: str) -> dict[Path, int]:
    """The first line (from 1) of every key, table and array element of a TOML text that `tomllib` accepts."""
    return _Scanner(text).scan()


def shown(path: Path) -> str:
    """A path as one would write it in the file: ``findings."use.prohibited".clause``."""
    return ".".join(part if _BARE.fullmatch(part) else f'"{part}"' for part in path)


def nearest(lines: dict[Path, int], path: Path) -> int:
    """The line of the key, else of the nearest table around it, else 1."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return 1


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.breaks = [match.start() for match in re.finditer("\n", text)]
        self.lines: dict[Path, int] = {}
        self.counts: dict[Path, int] = {}

    def scan(self) -> dict[Path, int]:
        base: Path = ()
        while not self._done():
            if self._takes("[["):
                base = self._header(repeated=True)
            elif self._takes("["):
                base = self._header(repeated=False)
            else:
                self._assignment(base)
        return self.lines

    def _done(self) -> bool:
        self._skip(_BLANK)
        return self.at >= len(self.text)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        if match:
            self.at = match.end()

    def _takes(self, token: str) -> bool:
        if not self.text.startswith(token, self.at):
            return False
        self.at += len(token)
        return True

    def _note(self, path: Path, at: int) -> None:
        self.lines.setdefault(path, bisect_right(self.breaks, at - 1) + 1)

    def _header(self, *, repeated: bool) -> Path:
        start = self.at
        names = self._key()
        self.at += 2 if repeated else 1
        path: Path = ()
        for position, name in enumerate(names, start=1):
            path += (name,)
            self._note(path, start)
            if repeated and position == len(names):
                self.counts[path] = self.counts.get(path, -1) + 1
            if path in self.counts:
                path += (str(self.counts[path]),)
                self._note(path, start)
        return path

    def _key(self) -> list[str]:
        names = []
        while True:
            self._skip(_SPACE)
            names.append(self._name())
            self._skip(_SPACE)
            if not self._takes("."):
                return names

    def _name(self) -> str:
        for pattern in (_BARE, *_TEXTS[2:]):
            match = pattern.match(self.text, self.at)
            if match:
                self.at = match.end()
                raw = match.group()
                return str(tomllib.loads(f"name = {raw}")["name"]) if raw[0] in "\"'" else raw
        raise ValueError(f"no key at offset {self.at}")

    def _assignment(self, base: Path) -> None:
        start = self.at
        path = base
        for name in self._key():
            path += (name,)
            self._note(path, start)
        self._takes("=")
        self._skip(_SPACE)
        self._value(path)

    def _value(self, path: Path) -> None:
        if self._takes("["):
            self._array(path)
        elif self._takes("{"):
            self._inline(path)
        else:
            for pattern in (*_TEXTS, _PLAIN):
                match = pattern.match(self.text, self.at)
                if match:
                    self.at = match.end()
                    return

    def _array(self, path: Path) -> None:
        index = 0
        while True:
            self._skip(_BLANK)
            if self._takes("]"):
                return
            if self._takes(","):
                index += 1
                continue
            self._note((*path, str(index)), self.at)
            self._value((*path, str(index)))

    def _inline(self, path: Path) -> None:
        while True:
            self._skip(_BLANK)
            if self._takes("}"):
                return
            if not self._takes(","):
                self._assignment(path)
