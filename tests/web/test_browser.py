"""The shell in a real browser: nothing is refused by the policy, nothing is cut off, and the few scripts do their work."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask, render_template_string
from playwright.sync_api import Browser, Page
from sqlalchemy import delete
from werkzeug.serving import make_server

from marketplace.people.accounts.models import WebSession
from marketplace.web.db import db
from tests.support.people import PASSWORD, acting, make_person

pytestmark = pytest.mark.browser

PAGES = ["/", "/search?q=x", "/nowhere", "/account/sign-in", "/account/sign-up", "/policy", "/vouchers/verify"]
SAMPLE = """{% extends "layouts/page.html" %}{% import "parts/table.html" as table %}{% import "parts/button.html" as button %}
{% block content %}<h1>样张</h1>
{% call table.start([{"label": "券号"}, {"label": "企业"}, {"label": "状态"}, {"label": "面额"}, {"label": "余额"}], "券") %}
<tr><td>一号券</td><td>江西恒达机械有限公司</td><td>可用</td><td class="n">120,000.00</td><td class="n">0.00</td></tr>{% endcall %}
{{ button.post("换成英文", "/language", confirm="确定吗？", fields={"lang": "en", "next": "/"}) }}{% endblock %}"""


@pytest.fixture
def site(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The application on a port of this machine; one address shows a sample of parts."""
    home = app.view_functions["home.search"]

    def search_or_sample() -> Any:
        from flask import request

        return render_template_string(SAMPLE) if request.args.get("q") == "sample" else home()

    search_or_sample.__access__ = home.__access__  # type: ignore[attr-defined]
    monkeypatch.setitem(app.view_functions, "home.search", search_or_sample)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def watched(browser: Browser, **options: Any) -> tuple[Page, list[str]]:
    """A new page, and what its console complains about."""
    page = browser.new_context(**options).new_page()
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: complaints.append(str(e)))
    return page, complaints


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (390, "dark"), (1440, "light"), (1440, "dark")])
def test_pages_fit_run_and_are_accessible(browser: Browser, site: str, width: int, scheme: Any, locale: str) -> None:
    page, complaints = watched(browser, viewport={"width": width, "height": 800}, color_scheme=scheme, locale=locale)
    for path in PAGES:
        page.goto(site + path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") == width, path
        found = Axe().run(page)
        assert found.violations_count == 0, path + found.generate_report()
    assert [c for c in complaints if "404" not in c] == []
    page.context.close()


def test_the_api_page_draws_the_operations(browser: Browser, site: str) -> None:
    page, complaints = watched(browser)
    page.goto(site + "/api/docs")
    page.wait_for_selector(".opblock")
    assert complaints == []
    page.context.close()


def test_without_scripts_the_menu_opens_and_a_form_works(browser: Browser, site: str) -> None:
    page, _ = watched(browser, java_script_enabled=False, viewport={"width": 390, "height": 800}, locale="zh-CN")
    page.goto(site + "/")
    entry = page.locator(".nav-narrow a").first
    assert not entry.is_visible()
    page.click(".fold summary")
    assert entry.is_visible()
    page.click("button[name=lang]")
    assert page.get_attribute("html", "lang") == "en"
    page.goto(site + "/search?q=sample")
    assert page.locator(".table-scroll").get_attribute("tabindex") == "0"
    page.context.close()


def test_a_question_comes_before_what_cannot_be_undone(browser: Browser, site: str) -> None:
    page, complaints = watched(browser, locale="zh-CN")
    page.goto(site + "/search?q=sample")
    button = page.get_by_role("button", name="换成英文")
    button.click()
    assert "确定吗？" in page.locator("dialog").inner_text()
    page.keyboard.press("Escape")
    page.locator("dialog").wait_for(state="detached")
    assert page.get_attribute("html", "lang") == "zh-Hans"
    button.click()
    page.get_by_role("button", name="确定", exact=True).click()
    page.wait_for_url(site + "/")
    assert page.get_attribute("html", "lang") == "en" and complaints == []
    page.context.close()


def test_a_wide_table_becomes_cards_on_a_phone_and_stays_a_table_to_a_screen_reader(
    browser: Browser, site: str
) -> None:
    page, _ = watched(browser, viewport={"width": 390, "height": 800}, locale="zh-CN")
    page.goto(site + "/search?q=sample")
    cell = page.get_by_role("cell", name="可用")
    assert cell.get_attribute("data-label") == "状态"
    assert cell.evaluate("e => getComputedStyle(e).display") == "flex"
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.locator(".table-scroll").get_attribute("tabindex") is None
    page.context.close()


def test_what_was_typed_survives_the_end_of_a_session(browser: Browser, site: str, app: Flask) -> None:
    person = make_person(acting(app))
    page, complaints = watched(browser, locale="zh-CN")

    def sign_in() -> None:
        page.fill("#f-login", person.phone)
        page.fill("#f-password", PASSWORD)
        page.click("main button[type=submit]")

    page.goto(site + "/account/sign-in?next=/account/profile")
    sign_in()
    page.fill("#f-name", "新名字")
    with app.app_context():
        db.session.execute(delete(WebSession))
        db.session.commit()
    page.click("main button[type=submit]")
    page.wait_for_url("**/account/sign-in?next=%2Faccount%2Fprofile")
    assert page.evaluate("Object.values(sessionStorage).join().includes('tea-field')") is False
    sign_in()
    page.wait_for_url(site + "/account/profile")
    assert page.input_value("#f-name") == "新名字"
    assert "已为您恢复" in page.locator("main [role=status]").last.inner_text()
    page.click("main button[type=submit]")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("sessionStorage.length") == 0
    assert "已为您恢复" not in page.locator("main").inner_text() and complaints == []
    page.context.close()


def test_the_first_fault_is_where_the_reader_lands(browser: Browser, site: str) -> None:
    page, _ = watched(browser, locale="zh-CN")
    page.goto(site + "/account/sign-in")
    page.click("main button[type=submit]")
    page.wait_for_selector("#error-summary")
    assert page.evaluate("document.activeElement.id") == "error-summary"
    page.click("#error-summary a >> nth=0")
    assert page.evaluate("document.activeElement.id") == "f-login"
    page.context.close()
