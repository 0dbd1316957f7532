"""English is complete: every marked text is said in it, with the same places for values, and nothing is left over."""

from __future__ import annotations

import re

import pytest

from tests.support import strings

FRAGMENTS = sorted(strings.ENGLISH.glob("*.po"))


@pytest.mark.parametrize("chapter", sorted(strings.sources()))
def test_everything_a_chapter_says_is_said_in_english(chapter: str) -> None:
    lacking = strings.missing(chapter)
    shown = "\n\n".join(strings.entry(texts, source) for texts, source in lacking.items())
    assert not lacking, f"{len(lacking)} texts without English (python -m tests.support.strings {chapter}):\n{shown}"


@pytest.mark.parametrize("path", FRAGMENTS, ids=lambda path: path.stem)
def test_a_fragment_is_filled_in_and_keeps_the_places(path) -> None:
    faults = []
    for message in strings.fragment(path):
        if not message.id:
            continue
        sources = message.id if isinstance(message.id, tuple) else (message.id,)
        said = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        if not all(said):
            faults.append(f"empty: {sources[0]}")
            continue
        if message.fuzzy:
            faults.append(f"fuzzy: {sources[0]}")
        wanted = strings.places_of(sources[-1])
        faults += [f"places differ: {sources[-1]} | {text}" for text in said if strings.places_of(text) != wanted]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("path", FRAGMENTS, ids=lambda path: path.stem)
def test_a_fragment_holds_nothing_that_nobody_says(path) -> None:
    said = {texts[0] for chapter in strings.sources().values() for texts in chapter}
    left_over = [m.id for m in strings.fragment(path) if m.id and strings._tuple(m.id)[0] not in said]
    assert not left_over, "\n".join(map(str, left_over))


def test_two_fragments_never_say_the_same_text_differently() -> None:
    differing = {t[0]: found for t, found in strings.english().items() if len(set(found.values())) > 1}
    assert not differing, "\n".join(f"{text}: {found}" for text, found in differing.items())


def test_a_percent_sign_in_a_template_is_doubled() -> None:
    """Jinja fills in values after translating, so that a lone percent sign would break the page."""
    lone = re.compile(r"%(?![(%])")
    faults = [
        f"{source.places[0]}: {text}"
        for chapter in strings.sources().values()
        for texts, source in chapter.items()
        if source.in_template
        for text in (*texts, *(said for found in strings.english().get(texts, {}).values() for said in found))
        if lone.search(text.replace("%%", ""))
    ]
    assert not faults, "\n".join(faults)


def test_no_sentence_is_left_unmarked_in_a_template() -> None:
    """Chinese outside of a call or a `trans` block would be shown to an English reader."""
    comment, marked = re.compile(r"{#.*?#}", re.S), re.compile(r"{%.*?%}|{{.*?}}", re.S)
    trans = re.compile(r"{%-?\s*trans\b.*?endtrans\s*-?%}", re.S)
    faults = []
    for path in sorted((strings.ROOT / "templates").rglob("*.html")):
        text = trans.sub("", comment.sub("", path.read_text()))
        bare = marked.sub("", text).replace("中文", "")
        faults += [f"{path.relative_to(strings.ROOT)}: {run}" for run in re.findall(r"[\u4e00-\u9fff].*", bare)]
    assert not faults, "\n".join(faults)
