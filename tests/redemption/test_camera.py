"""The whole way in a real browser: a film of the enterprise's screen is the provider's camera."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import qrcode
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from playwright.sync_api import BrowserType
from werkzeug.serving import make_server

from tests.redemption.conftest import SUBSIDY, Counter
from tests.redemption.test_pages import show
from tests.support.people import post
from tests.support.window import Window, window

pytestmark = pytest.mark.browser


@contextmanager
def served(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def film(path: Path, *texts: str | None) -> Path:
    """A camera that sees these QR codes one after another, askew and in bad light; None is an empty table."""
    pictures = []
    for text in texts:
        scene = Image.new("L", (640, 480), 120)
        if text is not None:
            code = qrcode.make(text).convert("L").resize((300, 300)).rotate(9, expand=True, fillcolor=120)
            scene.paste(code.point(lambda p: 60 + p // 2), (150, 70))
        made = io.BytesIO()
        scene.convert("RGB").save(made, "JPEG", quality=60)
        pictures += [made.getvalue()] * 10
    path.write_bytes(b"".join(pictures))
    return path


def cookies(app: Flask, client: FlaskClient) -> dict[str, str]:
    found = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert found is not None
    return {app.config["SESSION_COOKIE_NAME"]: found.value, "lang": "zh"}


@contextmanager
def telephone(
    kind: BrowserType, options: dict[str, Any], address: str, known: dict[str, str], *flags: str
) -> Iterator[Window]:
    """A browser 390 pixels wide, with a camera made by the flags."""
    browser = kind.launch(**{**options, "args": [*options["args"], *flags]})
    try:
        with window(browser, address, known, width=390) as opened:
            yield opened
    finally:
        browser.close()


def test_the_providers_camera_redeems_what_the_enterprise_shows(
    counter: Counter, tmp_path: Path, browser_type: BrowserType, browser_type_launch_args: dict[str, Any]
) -> None:
    app = counter.purse.town.app
    enterprise, provider = counter.browser("enterprise"), counter.browser("provider")
    code = show(counter, enterprise)
    camera = film(tmp_path / "camera.mjpeg", None, "https://example.com", f"DTC1.{code}")
    flags = (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={camera}",
    )
    with served(app) as address:
        known = cookies(app, provider)
        with telephone(browser_type, browser_type_launch_args, address, known, *flags) as opened:
            assert opened.open("/redemption/scan") == [] and opened.barriers() == [] and opened.overflow() == []
            opened.page.get_by_role("button", name="打开摄像头扫码").click()
            opened.page.get_by_text("核销成功").first.wait_for()
        assert counter.redeemed() == SUBSIDY
        with telephone(browser_type, browser_type_launch_args, address, cookies(app, enterprise)) as opened:
            assert opened.open(f"/redemption/orders/{counter.order.id}") == []
            assert "已核销" in opened.page.inner_text("main")


def test_the_enterprises_page_counts_down_and_changes_by_itself(
    counter: Counter, browser_type: BrowserType, browser_type_launch_args: dict[str, Any]
) -> None:
    app = counter.purse.town.app
    enterprise, provider = counter.browser("enterprise"), counter.browser("provider")
    with served(app) as address:
        known = cookies(app, enterprise)
        with telephone(browser_type, browser_type_launch_args, address, known) as opened:
            opened.open(f"/redemption/orders/{counter.order.id}")
            opened.page.get_by_role("button", name="出示核销码").click()
            digits = opened.page.locator(".redeem-digits")
            digits.wait_for()
            assert opened.barriers() == [] and opened.overflow() == []
            opened.page.locator("[data-left]", has_text=re.compile(r"^[1-5]?\d$")).wait_for()
            said = {"text": digits.inner_text()}
            assert post(provider, "/redemption/scan", said).status_code == 303
            opened.page.get_by_text("已核销").first.wait_for()
        assert counter.redeemed() == SUBSIDY


def test_without_a_camera_the_page_says_what_else_to_do(
    counter: Counter, browser_type: BrowserType, browser_type_launch_args: dict[str, Any]
) -> None:
    app = counter.purse.town.app
    with served(app) as address:
        known = cookies(app, counter.browser("provider"))
        with telephone(browser_type, browser_type_launch_args, address, known) as opened:
            opened.open("/redemption/scan")
            opened.page.get_by_role("button", name="打开摄像头扫码").click()
            opened.page.get_by_text("不能使用摄像头").wait_for()
            assert opened.page.locator("#f-text").is_visible()
