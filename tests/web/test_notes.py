"""Notes in a real browser: what an act did can be closed, a failed update offers to try again, paper shows everything."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask, render_template_string
from playwright.sync_api import Browser, Page, Route, expect
from werkzeug.serving import make_server

pytestmark = pytest.mark.browser

SAMPLE = """{% extends "layouts/page.html" %}{% import "parts/notice.html" as notice %}{% block content %}<h1>样张</h1>
{{ notice.toast("已保存。") }}<p id="part">旧</p>
<button type="button" id="ask" hx-get="/search?q=part" hx-target="#part" hx-swap="innerHTML">读取</button>
<span data-quiet><button type="button" id="hush" hx-get="/search?q=part" hx-target="#part">核对</button></span>{% endblock %}"""


@pytest.fixture
def site(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    home = app.view_functions["home.search"]

    def sample() -> Any:
        return render_template_string(SAMPLE)

    sample.__access__ = home.__access__  # type: ignore[attr-defined]
    monkeypatch.setitem(app.view_functions, "home.search", sample)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def answering(page: Page, answers: list[Any]) -> None:
    """What the address of the part answers, one after the other; None is a broken line."""

    def answer(route: Route) -> None:
        status = answers.pop(0)
        if status is None:
            route.abort()
        else:
            route.fulfill(status=status, body="新", content_type="text/html")

    page.route("**/search?q=part", answer)


def test_a_note_can_be_closed_and_the_reader_goes_on_in_the_page(site: str, page: Page) -> None:
    page.goto(f"{site}/search?q=x&lang=zh")
    note = page.locator(".flash")
    assert note.inner_text().startswith("已保存。")
    page.get_by_role("button", name="关闭").click()
    assert note.count() == 0 and page.evaluate("document.activeElement.id") == "main"


def test_a_note_stays_without_scripts(site: str, browser: Browser) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{site}/search?q=x")
    assert page.locator(".flash[role=status]").is_visible() and page.locator(".flash button").count() == 0


@pytest.mark.parametrize(("fault", "said"), [(500, "没有取到最新内容"), (None, "网络不通")])
def test_a_failed_update_says_so_and_tries_again(site: str, page: Page, fault: int | None, said: str) -> None:
    answering(page, [fault, fault, 200])
    page.goto(f"{site}/search?q=x&lang=zh")
    page.locator("#ask").click()
    alert = page.locator(".failed-update[role=alert]")
    alert.wait_for()
    assert said in alert.inner_text() and page.locator("#part").inner_text() == "旧"
    page.get_by_role("button", name="重试").click()
    expect(alert).to_have_count(1)  # one note, however often it fails
    page.get_by_role("button", name="重试").click()
    expect(page.locator("#part")).to_have_text("新")
    expect(alert).to_have_count(0)


def test_what_may_fail_quietly_does(site: str, page: Page) -> None:
    answering(page, [500])
    page.goto(f"{site}/search?q=x")
    with page.expect_response("**/search?q=part"):
        page.locator("#hush").click()
    page.wait_for_timeout(100)
    assert page.locator(".failed-update").count() == 0


def test_paper_shows_the_tables_and_codes_of_three_centimetres(site: str, browser: Browser) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{site}/styleguide")
    table = page.locator(".chart-data table").first
    assert not table.is_visible()
    page.emulate_media(media="print")
    assert table.is_visible()
    for box in page.locator(".qr-box svg").all():
        size = box.bounding_box()
        assert size is not None and size["width"] >= 3 / 2.54 * 96, size


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_parts_have_no_fault_that_can_be_measured(site: str, browser: Browser, width: int, scheme: Any) -> None:
    page = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.goto(f"{site}/styleguide?lang=zh")
    page.evaluate("document.querySelectorAll('.path-narrow, .help, .chart-data').forEach((d) => { d.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    shown = page.locator("#charts svg[role=img]:visible")
    assert shown.count() == 4, "of the two drawings of a chart one is shown"
    found = (
        Axe()
        .run(page, context={"include": [["#display"], ["#process"], ["#charts"], ["#messages"]]})
        .response["violations"]
    )
    assert not found, [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found]
    assert not complaints
