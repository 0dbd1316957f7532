"""A browser's window on the city: opens a page as somebody, and tells what a careful eye would object to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
HEIGHT = 900
LOCALES = {"zh": "zh-CN", "en": "en"}
_AXE = """tags => axe.run(document, {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]}).then(
  found => found.violations.map(v => [v.id, v.help, v.nodes.length, v.nodes[0].target.join(" "),
    (v.nodes[0].any[0] || v.nodes[0].all[0] || v.nodes[0].none[0] || {message: ""}).message]))"""
_TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
_WIDER = """() => {
  const width = document.documentElement.clientWidth, wide = [];
  if (document.documentElement.scrollWidth <= width) return null;
  const scrolls = e => e && e !== document.body && (getComputedStyle(e).overflowX !== "visible" || scrolls(e.parentElement));
  for (const e of document.body.querySelectorAll("*")) {
    const right = e.getBoundingClientRect().right + scrollX;
    if (right > width + 1 && !scrolls(e.parentElement)) {
      const name = e.localName + (e.id ? "#" + e.id : "") + [...e.classList].map(c => "." + c).join("");
      wide.push([right, name, e.textContent.trim().slice(0, 40)]);
    }
  }
  wide.sort((a, b) => b[0] - a[0]);
  const [right, name, words] = wide[0] || [document.documentElement.scrollWidth, "page", ""];
  return `${Math.round(right - width)} px too wide: ${name} “${words}”`;
}"""


class Window:
    """One window of one person; what happens in it while pages are opened is kept in `complaints`."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.complaints: list[str] = []
        page.on("console", self._said)
        page.on("pageerror", lambda fault: self.complaints.append(f"script: {fault}"))
        page.on("request", self._asked)
        page.on("response", self._answered)
        page.on("requestfailed", lambda r: self.complaints.append(f"request failed: {self._short(r.url)}: {r.failure}"))

    def _said(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"console: {self._short(message.text)}")

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.address + "/", "data:", "blob:", "file:")):
            self.complaints.append(f"outside request: {request.url}")

    def _answered(self, response: Any) -> None:
        if response.status >= 400:
            self.complaints.append(f"answer {response.status}: {self._short(response.url)}")

    def _short(self, text: str) -> str:
        return text.replace(self.address, "")

    def open(self, url: str) -> list[str]:
        """Open a page of the city and wait until nothing is loaded any more; what was complained about meanwhile."""
        self.complaints.clear()
        self.page.goto(self.address + url, wait_until="networkidle" if url.startswith("/api/") else "load")
        self.page.evaluate(_TWO_FRAMES)
        return list(dict.fromkeys(self.complaints))

    def widen(self, width: int) -> None:
        """Give the open page another width, and its scripts the time to notice."""
        self.page.set_viewport_size({"width": width, "height": HEIGHT})
        self.page.evaluate(_TWO_FRAMES)

    def overflow(self) -> list[str]:
        """What reaches beyond the right edge, so that the whole page would have to be pushed sideways."""
        found = self.page.evaluate(_WIDER)
        return [found] if found else []

    def barriers(self) -> list[str]:
        """What axe-core finds against WCAG 2.2 A and AA: for each of its rules a line, and a tab before the details."""
        return [
            f"axe {rule}: {words}\t{count} ×, first {target}: {why}"
            for rule, words, count, target, why in self.page.evaluate(_AXE, RULES)
        ]


@contextmanager
def window(
    browser: Browser,
    address: str,
    cookies: dict[str, str],
    *,
    language: str = "zh",
    width: int = 1440,
    scheme: Any = "light",
) -> Iterator[Window]:
    """A window of its own, with the cookies of one person."""
    context = browser.new_context(
        locale=LOCALES[language],
        viewport={"width": width, "height": HEIGHT},
        color_scheme=scheme,
        reduced_motion="reduce",
    )
    context.set_default_timeout(20_000)
    context.add_cookies([{"name": name, "value": value, "url": address} for name, value in cookies.items()])
    context.add_init_script(AXE_SCRIPT)
    try:
        yield Window(context.new_page(), address)
    finally:
        context.close()
