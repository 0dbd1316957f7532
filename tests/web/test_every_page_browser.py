"""Every template in a real browser: accessible, no wider than its window, quiet, and alone with its own server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.city import City, Place
from tests.support.window import window

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDE, NARROW = 1440, 390


@pytest.fixture(scope="module")
def address(demo_city: City) -> Iterator[str]:
    with demo_city.served() as served:
        yield served


@pytest.fixture(scope="module")
def chosen(demo_city: City) -> list[Place]:
    """One page for each template, or each route of a template that draws several: the longest that anybody sees."""
    best: dict[tuple[str, str], Place] = {}
    for place in demo_city.representatives():
        key = (place.template, place.endpoint)
        if key not in best or len(place.html) > len(best[key].html):
            best[key] = place
    return list(best.values())


def by_role(places: list[Place]) -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = {}
    for place in places:
        found.setdefault(place.role, []).append(place)
    return found


def told(place: Place, width: int, findings: list[str]) -> list[str]:
    return [f"{place.template} as {place.role} at {width} ({place.url}): {finding}" for finding in findings]


def test_every_template_is_accessible_and_quiet(
    browser: Browser, demo_city: City, address: str, chosen: list[Place]
) -> None:
    """At 1440 pixels all of axe-core's rules of WCAG 2.2 A and AA; at 390 nothing reaches beyond the edge."""
    faults: list[str] = []
    for role, places in by_role(chosen).items():
        with window(browser, address, demo_city.cookies(role, "zh")) as opened:
            for place in places:
                opened.widen(WIDE)
                faults += told(place, WIDE, [*opened.open(place.url), *opened.barriers()])
                opened.widen(NARROW)
                faults += told(place, NARROW, opened.overflow())
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(("scheme", "width", "language"), [("dark", WIDE, "zh"), ("light", NARROW, "en")])
def test_a_sample_is_accessible_on_a_phone_and_in_the_dark(
    browser: Browser, demo_city: City, address: str, chosen: list[Place], scheme: str, width: int, language: str
) -> None:
    """A dozen folders of templates, those with the longest pages, and of each the page with most on it."""
    best: dict[str, Place] = {}
    for place in sorted(chosen, key=lambda place: -len(place.html)):
        best.setdefault(place.template.partition("/")[0], place)
    faults: list[str] = []
    for role, places in by_role(list(best.values())[:12]).items():
        cookies = demo_city.cookies(role, language)
        with window(browser, address, cookies, language=language, width=width, scheme=scheme) as opened:
            for place in places:
                findings = [*opened.open(place.url), *opened.overflow(), *opened.barriers()]
                faults += told(place, width, findings)
    assert not faults, "\n".join(faults)


def test_a_window_tells_what_is_wrong(browser: Browser, demo_city: City, address: str) -> None:
    """The checks above notice what they are there for."""
    with window(browser, address, demo_city.cookies("visitor", "zh"), width=NARROW) as opened:
        assert opened.open("/") == [] and opened.overflow() == []
        assert any("404" in complaint for complaint in opened.open("/nowhere"))
        opened.open("/")
        opened.page.evaluate(
            """() => {
              const wide = document.querySelector("main").appendChild(document.createElement("p"));
              wide.innerHTML = '<span>x</span><input>';
              wide.style.width = "900px";
              console.error("a complaint"); new Image().src = "http://127.0.0.1:9/outside.png";
            }"""
        )
        opened.page.wait_for_timeout(200)
        assert "px too wide: p “x”" in opened.overflow()[0]
        found = {line.split(":")[0] for line in opened.barriers()}
        assert "axe label" in found
        kinds = {complaint.split(":")[0] for complaint in opened.complaints}
        assert {"console", "outside request"} <= kinds
