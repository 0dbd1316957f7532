"""Every text that the platform marks for translation, and what the English fragments make of it.

``python -m tests.support.strings orders`` prints what a chapter (``orders``), a group of chapters (``shop``) or a
package (``vouchers``) still lacks, as PO entries to be filled in; without a name it counts what each chapter lacks.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent.parent
ENGLISH = ROOT / "marketplace" / "translations" / "en"
PACKAGES = ("marketplace", "vouchers", "providers")
FRAME = ("layouts", "parts", "errors", "home", "api", "mail", "styleguide")
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
HEADER = """msgid ""
msgstr ""
"Language: en\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"""
_BRACES = re.compile(r"\{(\w+)[^{}]*\}")
_PERCENT = re.compile(r"%\((\w+)\)[a-z]")

Texts = tuple[str, ...]
"""A text, or the singular and plural of one."""


@dataclass
class Source:
    """Where a text stands: the first few places, and whether a template says it (whose ``%`` are then special)."""

    places: list[str] = field(default_factory=list)
    in_template: bool = False


def chapter_of(path: Path) -> str:
    """The chapter a file belongs to, as ``shop.orders``; the frame of every page is ``web``."""
    parts = path.relative_to(ROOT).parts
    if parts[0] == "templates":
        return "web" if parts[1] in FRAME else _chapters().get(parts[1], parts[1])
    if parts[0] != "marketplace":
        return ".".join(parts[:2]) if len(parts) > 2 else parts[0]
    if len(parts) == 2 or parts[1] in ("base", "web"):
        return parts[1] if len(parts) > 2 else "base"
    return ".".join(parts[1:3]) if len(parts) > 3 else parts[1]


@cache
def _chapters() -> dict[str, str]:
    """Chapters by their own name, so that a folder of templates finds its chapter."""
    found = {}
    for package in PACKAGES:
        for init in (ROOT / package).rglob("__init__.py"):
            names = init.parent.relative_to(ROOT).parts
            if package == "marketplace" and len(names) == 3:
                found.setdefault(names[2], ".".join(names[1:]))
            elif package != "marketplace" and len(names) == 2:
                found.setdefault(names[1], ".".join(names))
    return found


@cache
def sources() -> dict[str, dict[Texts, Source]]:
    """The marked texts of each chapter."""
    found: dict[str, dict[Texts, Source]] = defaultdict(dict)
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            _read(path, "python", found)
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.is_file():
            _read(path, "jinja2", found)
    return dict(found)


def _read(path: Path, method: str, found: dict[str, dict[Texts, Source]]) -> None:
    options = {"trimmed": "true", "silent": "false"} if method == "jinja2" else {}
    with path.open("rb") as file:
        for line, message, _, _ in extract(method, file, keywords=KEYWORDS, options=options):
            texts = message if isinstance(message, tuple) else (message,)
            if not all(isinstance(t, str) and t for t in texts):
                continue
            source = found[chapter_of(path)].setdefault(tuple(texts), Source())
            source.places.append(f"{path.relative_to(ROOT)}:{line}")
            source.in_template = source.in_template or method == "jinja2"


@cache
def fragment(path: Path) -> Catalog:
    """One English fragment."""
    with path.open("rb") as file:
        return read_po(file, locale="en")


@cache
def english() -> dict[Texts, dict[str, Texts]]:
    """Every English text by its source, with the name of each fragment that says it."""
    found: dict[Texts, dict[str, Texts]] = defaultdict(dict)
    for path in sorted(ENGLISH.glob("*.po")):
        for message in fragment(path):
            if message.id:
                found[_tuple(message.id)][path.stem] = _tuple(message.string)
    return dict(found)


def _tuple(texts: str | tuple[str, ...] | list[str]) -> Texts:
    return (texts,) if isinstance(texts, str) else tuple(texts)


def missing(chapter: str) -> dict[Texts, Source]:
    """What a chapter says that no fragment has in English."""
    said = {texts[0] for texts, found in english().items() if all(all(t) for t in found.values())}
    return {texts: source for texts, source in sources().get(chapter, {}).items() if texts[0] not in said}


def places_of(text: str) -> tuple[set[str], set[str]]:
    """The names of the places that a text leaves for values: in braces, and after a percent sign."""
    return set(_BRACES.findall(text)), set(_PERCENT.findall(text))


def entry(texts: Texts, source: Source) -> str:
    """A PO entry with an empty translation."""
    lines = [f"#: {' '.join(source.places[:3])}", f"msgid {_quoted(texts[0])}"]
    if len(texts) > 1:
        lines += [f"msgid_plural {_quoted(texts[1])}", 'msgstr[0] ""', 'msgstr[1] ""']
    else:
        lines.append('msgstr ""')
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def main(arguments: list[str]) -> int:
    chapters = sorted(sources())
    if not arguments:
        for chapter in chapters:
            print(f"{chapter}: {len(missing(chapter))} of {len(sources()[chapter])} missing")
        return 0
    name = arguments[0]
    asked = [c for c in chapters if c == name or name in c.split(".")]
    if not asked:
        print(f"no chapter is called {name}; there are {', '.join(chapters)}", file=sys.stderr)
        return 2
    if not (ENGLISH / f"{name}.po").exists():
        print(HEADER)
    lacking: dict[Texts, Source] = {}
    for chapter in asked:
        lacking.update(missing(chapter))
    for texts, source in lacking.items():
        print(entry(texts, source) + "\n")
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
