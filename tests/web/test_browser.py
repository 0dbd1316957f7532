"""The shell in a real browser: nothing is refused by the policy, nothing is cut off, and the few scripts do their work."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask, render_template_string
from playwright.sync_api import Browser, Page
from sqlalchemy import delete
from werkzeug.serving import make_server

from marketplace.people.accounts.models import WebSession
from marketplace.web.db import db
from tests.support.people import PASSWORD, acting, make_actor, make_person, make_uscc, sign_in

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
    page.locator(".operation > summary").first.click()
    assert page.locator(".operation .table").first.is_visible()
    assert complaints == [] and Axe().run(page).violations_count == 0
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


def enter(page: Page, site: str, app: Flask, person: Any, path: str) -> None:
    """A page of somebody who has signed in already."""
    client = sign_in(app.test_client(), person)
    with client.session_transaction() as session:
        session.permanent = True
    cookie = client.get_cookie("marketplace")
    assert cookie
    page.context.add_cookies([{"name": "marketplace", "value": cookie.value, "url": site}])
    page.goto(site + path)
    page.wait_for_load_state("networkidle")


def said(page: Page, name: str, text: str) -> None:
    page.locator(f"#l-{name}", has_text=text).wait_for()


def test_a_long_form_helps_while_it_is_filled_in(browser: Browser, site: str, app: Flask) -> None:
    page, complaints = watched(browser, locale="zh-CN")
    enter(page, site, app, make_person(acting(app)), "/organisations/register")
    uscc = make_uscc()
    page.locator("#f-uscc").press_sequentially(uscc[:6])
    said(page, "uscc", "已填 6 位，还差 12 位。")
    page.fill("#f-uscc", uscc[:-1] + ("0" if uscc[-1] != "0" else "1"))
    said(page, "uscc", "第 18 位校验码不正确")
    assert page.get_attribute("#f-uscc", "aria-invalid") == "true"
    page.fill("#f-uscc", uscc)
    said(page, "uscc", f"{uscc[:4]} {uscc[4:8]}")
    assert page.get_attribute("#f-uscc", "aria-invalid") is None
    page.locator("#f-revenue").press_sequentially("1,234.5")
    said(page, "revenue", "壹仟贰佰叁拾肆元伍角整")
    page.fill("#f-revenue", "12.345")
    said(page, "revenue", "不是有效金额")
    page.fill("#f-name", "江西")
    page.press("#f-name", "Tab")
    page.fill("#f-name", "")
    page.press("#f-name", "Tab")
    said(page, "name", "此项必填。")
    assert page.get_attribute("#l-name", "aria-live") == "polite"
    assert "field-bad" in str(page.locator(".field", has=page.locator("#f-name")).get_attribute("class"))
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert complaints == []
    page.context.close()


def test_a_place_is_chosen_in_two_steps_and_without_scripts_in_one(browser: Browser, site: str, app: Flask) -> None:
    person = make_person(acting(app))
    page, complaints = watched(browser, locale="zh-CN")
    enter(page, site, app, person, "/organisations/register")
    assert page.is_disabled("#f-region")
    page.select_option("#f-region-city", label="宜春市")
    page.locator("#f-region:enabled option", has_text="高安市").wait_for(state="attached")
    assert page.locator("#f-region option").count() < 40 and page.locator("#f-region optgroup").count() == 0
    page.select_option("#f-region", "360983")
    page.reload()
    page.locator("main [role=status]", has_text="已为您恢复").wait_for()
    assert (page.input_value("#f-region-city"), page.input_value("#f-region")) == ("360900", "360983")
    page.get_by_role("button", name="不要恢复").click()
    assert (page.input_value("#f-region-city"), page.is_disabled("#f-region")) == ("", True)
    assert page.evaluate("sessionStorage.length") == 0 and complaints == []
    page.context.close()
    page, _ = watched(browser, java_script_enabled=False, locale="zh-CN")
    enter(page, site, app, person, "/organisations/register")
    assert not page.is_visible("#f-region-city") and page.locator("#f-region optgroup").count() == 11
    page.context.close()


def test_a_file_is_refused_in_place_or_sent_with_a_bar(browser: Browser, site: str, app: Flask, tmp_path: Path) -> None:
    actor, person = make_actor(acting(app), "enterprise")
    (tmp_path / "证.exe").write_bytes(b"MZ")
    (tmp_path / "证.pdf").write_bytes(b"%PDF-1.4\n" + b"0" * 400_000)
    (tmp_path / "空.pdf").write_bytes(b"\x00\x01")
    page, complaints = watched(browser, locale="zh-CN")
    enter(page, site, app, person, f"/organisations/{actor.organisation_id}/papers")
    page.check("input[name=kind] >> nth=0")
    page.set_input_files("#f-document", tmp_path / "证.exe")
    said(page, "document", "不是可以上传的类型")
    page.click("main button[type=submit]")
    assert page.evaluate("document.activeElement.id") == "f-document" and page.is_enabled("main button[type=submit]")
    page.set_input_files("#f-document", tmp_path / "空.pdf")
    page.click("main button[type=submit]")
    page.wait_for_selector("#e-document")
    assert page.evaluate("document.activeElement.id") == "error-summary"
    assert page.is_checked("input[name=kind] >> nth=0")
    assert page.evaluate("document.getElementById('f-document').files[0].name") == "空.pdf"
    page.set_input_files("#f-document", tmp_path / "证.pdf")
    said(page, "document", "已选：证.pdf（391 KiB）")
    assert page.locator("#e-document").count() == 0
    slow = page.context.new_cdp_session(page)
    limits = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 300_000}
    slow.send("Network.emulateNetworkConditions", limits)
    page.click("main button[type=submit]")
    page.locator("progress[value]:not([value='0'])").wait_for()
    page.wait_for_url(f"**/organisations/{actor.organisation_id}")
    assert "文件已归档。" in page.locator("main").inner_text()
    assert [c for c in complaints if "409" not in c] == [] and page.evaluate("sessionStorage.length") == 0
    page.context.close()


def test_the_end_of_a_session_is_told_before_and_loses_nothing(
    browser: Browser, site: str, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = make_person(acting(app))
    monkeypatch.setitem(app.config, "PERMANENT_SESSION_LIFETIME", timedelta(seconds=6))
    page, complaints = watched(browser, locale="zh-CN")
    enter(page, site, app, person, "/account/profile")
    page.fill("#f-name", "没有提交的名字")
    page.locator("#leaving[open]").wait_for()
    assert page.evaluate("document.activeElement.textContent") == "继续使用"
    assert "剩余时间 0:0" in page.inner_text("#leaving") and "秒" in page.inner_text("#leaving [role=status]")
    for _ in range(4):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || Boolean(document.activeElement.closest('#leaving'))"
        )
    page.get_by_role("button", name="继续使用").click()
    page.locator("#leaving:not([open])").wait_for(state="attached")
    page.locator("#leaving[open]").wait_for()
    with app.app_context():
        db.session.execute(delete(WebSession))
        db.session.commit()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="重新登录").wait_for()
    assert "登录已结束" in page.inner_text("#leaving")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.get_by_role("link", name="重新登录").click()
    page.wait_for_url("**/account/sign-in?next=%2Faccount%2Fprofile")
    monkeypatch.setitem(app.config, "PERMANENT_SESSION_LIFETIME", timedelta(hours=2))
    page.fill("#f-login", person.phone)
    page.fill("#f-password", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(site + "/account/profile")
    assert page.input_value("#f-name") == "没有提交的名字"
    kept = page.evaluate("JSON.stringify(sessionStorage)")
    assert PASSWORD not in kept and "没有提交的名字" in kept
    page.locator(".who-menu summary").click()
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url(site + "/")
    assert page.evaluate("sessionStorage.length") == 0 and complaints == []
    page.context.close()


def test_characters_are_counted(browser: Browser, site: str, app: Flask) -> None:
    actor, person = make_actor(acting(app), "provider")
    page, complaints = watched(browser, locale="zh-CN")
    enter(page, site, app, person, "/products/new")
    area = page.locator("textarea[data-limit]").first
    limit, name = int(area.get_attribute("data-limit") or 0), area.get_attribute("name")
    area.fill("四个汉字")
    assert page.inner_text(f"#c-{name}") == f"还可填写 {limit - 4} 个字符"
    area.fill("字" * (limit + 2))
    assert page.inner_text(f"#c-{name}") == "超出 2 个字符" and complaints == []
    page.context.close()
