"""The tokens of the stylesheet: text is legible on what it stands on, by day and by night."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from marketplace.web import assets

CSS = (assets.OWN / "main.css").read_text()
TEMPLATES = Path(assets.OWN).parent.parent / "templates"
TEXT = [
    *((ink, ground) for ink in ("ink", "ink-2", "ink-3", "brand", "bad") for ground in ("paper", "card", "raised")),
    *((f"{tone}", f"{tone}-soft") for tone in ("ok", "warn", "bad", "brand")),
    *(("ink", f"{tone}-soft") for tone in ("ok", "warn", "bad", "brand")),
    ("ink-2", "line-2"),
    ("ok", "card"),
    ("warn", "card"),
    ("brand-ink", "brand"),
    ("brand-ink", "brand-strong"),
]
DRAWN = [
    *((f"fill-{tone}", ground) for tone in ("ok", "warn", "bad", "info", "gone") for ground in ("card", "paper")),
    ("edge", "card"),
    ("edge", "paper"),
    ("brand", "paper"),
]


SCHEMES = ["light", "dark", "light, more contrast", "dark, more contrast"]


def tokens(scheme: str) -> dict[str, str]:
    """Colours of the light scheme, and of the others over it, as the browser lays them."""
    light, dark, more, dark_more = re.findall(r":root \{(.*?)\n\s*\}", CSS, re.S)[:4]
    layers = [light]
    layers += [dark] if "dark" in scheme else []
    layers += [more] if "more" in scheme else []
    layers += [dark_more] if "dark" in scheme and "more" in scheme else []
    found: dict[str, str] = {}
    for block in layers:
        found.update(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
    return found


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_measured_as_wcag_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_stands_out_from_its_ground(scheme: str, ink: str, ground: str) -> None:
    colours = tokens(scheme)
    least = 7 if "more" in scheme else 4.5
    assert contrast(colours[ink], colours[ground]) >= least, (colours[ink], colours[ground])


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("drawn", "ground"), DRAWN)
def test_bars_edges_and_the_focus_ring_stand_out(scheme: str, drawn: str, ground: str) -> None:
    colours = tokens(scheme)
    assert contrast(colours[drawn], colours[ground]) >= 3, (colours[drawn], colours[ground])


def test_every_token_that_is_used_is_defined() -> None:
    used = set(re.findall(r"var\(--([\w-]+)\)", CSS))
    defined = set(re.findall(r"--([\w-]+):", CSS))
    assert used <= defined, used - defined


def test_every_class_of_a_template_has_a_rule() -> None:
    """A class nobody styles is a slip of the pen; those that templates put together are checked by their stem."""
    known = set(re.findall(r"\.([a-zA-Z][\w-]*)", CSS)) | {
        "visually-hidden",
        "step-done",
        "banner-info",
    }
    paper = set(re.findall(r"\.([a-zA-Z][\w-]*)", (TEMPLATES / "papers" / "paper.css").read_text()))
    faults = []
    for path in sorted(TEMPLATES.rglob("*.html")):
        for value in re.findall(r'class="([^"]*)"', path.read_text()):
            for name in re.sub(r"{%.*?%}|\S*{{.*?}}\S*", " ", value).split():
                if name not in (paper if path.parent.name == "papers" else known):
                    faults.append(f"{path.relative_to(TEMPLATES)}: {name}")
    assert not faults, "\n".join(faults)


def test_nothing_is_fetched_from_elsewhere() -> None:
    for path in assets.OWN.iterdir():
        assert not re.search(r"(url\(|@import|src=|href=)\s*['\"]?https?:", path.read_text()), path.name
