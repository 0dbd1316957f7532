"""``make shots``: every page of the demo's city in pictures, as each role, and what a careful eye objects to.

The city is built anew in a temporary folder and served on the loopback interface; nothing else is touched. One address
stands for each role, route and template; it is opened in both languages and at each width. Pictures go to
``var/shots/<role>/<route>.<language>.<width>.png``, with ``var/shots/<role>.png`` as the contact sheet and everything
found in ``var/shots/findings.txt``. The exit code is 1 when something was found.
"""

from __future__ import annotations

import argparse
import base64
import html
import logging
import multiprocessing
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as BrowserError

from tests.support.chromium import launch_options
from tests.support.city import LANGUAGES, ROLES, City, Place
from tests.support.window import Window, window

ROOT = Path(__file__).resolve().parent.parent
WIDTHS = (390, 768, 1440)
HANDS = 2
"""Browsers at work side by side."""

SHEET_COLUMNS, THUMB_HEIGHT = 2, 230
"""Pages beside each other on a contact sheet, and how much of each is shown, in pixels of the sheet."""
STYLE = """body{margin:16px;font:13px system-ui,sans-serif;background:#fff;color:#111}
main{display:grid;grid-template-columns:repeat(%d,max-content);gap:18px 28px}
figure{margin:0}figcaption{margin-bottom:4px}figcaption b{margin-right:8px}
.bad{color:#b00020}div{display:flex;gap:6px;align-items:flex-start}
img{border:1px solid #999;display:block}"""


@dataclass(frozen=True)
class Job:
    """One role in one language: the pages to open, and with which cookies."""

    role: str
    language: str
    address: str
    cookies: dict[str, str]
    places: list[tuple[str, str]]
    """Name of the picture, and address."""

    widths: tuple[int, ...]
    scheme: str
    folder: Path


@dataclass
class Seen:
    """What came of a job: for each picture its thumbnail, and for each finding where it was found."""

    job: Job
    thumbs: dict[tuple[str, int], bytes] = field(default_factory=dict)
    found: list[tuple[str, str, int]] = field(default_factory=list)
    """Name of the picture, finding, width."""


def named(places: list[Place]) -> list[tuple[str, str]]:
    """A file name for each page: its route, with the template where one route has several."""
    count: dict[str, int] = defaultdict(int)
    for place in places:
        count[place.endpoint] += 1
    return [
        (
            place.endpoint
            if count[place.endpoint] == 1
            else f"{place.endpoint}-{place.template.removesuffix('.html').replace('/', '-')}",
            place.url,
        )
        for place in places
    ]


def look(job: Job) -> Seen:
    """Open every page of a job, at every width, with pictures; runs in a process of its own."""
    seen = Seen(job)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        try:
            with window(browser, job.address, job.cookies, language=job.language, scheme=job.scheme) as opened:
                for name, url in job.places:
                    try:
                        _look_at(opened, job, name, url, seen)
                    except BrowserError as fault:
                        seen.found.append((name, f"not opened: {str(fault).splitlines()[0]}", 0))
        finally:
            browser.close()
    return seen


def _look_at(opened: Window, job: Job, name: str, url: str, seen: Seen) -> None:
    opened.widen(job.widths[0])
    complaints = opened.open(url)
    for width in job.widths:
        opened.widen(width)
        path = job.folder / job.role / f"{name}.{job.language}.{width}.png"
        opened.page.screenshot(path=path, full_page=True, animations="disabled")
        seen.thumbs[name, width] = _thumb(opened.page, width)
        seen.found += [(name, finding, width) for finding in (*complaints, *opened.overflow(), *opened.barriers())]
        complaints = []


def _thumb_width(width: int) -> int:
    return min(round(width * 0.3), 300)


def _thumb(page: Page, width: int) -> bytes:
    """The top of the open page, small."""
    scale = _thumb_width(width) / width
    session = page.context.new_cdp_session(page)
    clip = {"x": 0, "y": 0, "width": width, "height": THUMB_HEIGHT / scale, "scale": scale}
    taken = session.send(
        "Page.captureScreenshot", {"format": "jpeg", "quality": 80, "clip": clip, "captureBeyondViewport": True}
    )
    session.detach()
    return base64.b64decode(taken["data"])


def contact_sheet(browser: Browser, role: str, seen: list[Seen], folder: Path) -> Path:
    """All pages of a role on one picture."""
    found = {name for s in seen for name, _, _ in s.found}
    names = list(dict.fromkeys(name for s in seen for name, _ in s.job.places))
    figures = []
    for name in names:
        images = "".join(
            f'<img width="{_thumb_width(width)}" src="data:image/jpeg;base64,{base64.b64encode(thumb).decode()}">'
            for s in seen
            for width in s.job.widths
            if (thumb := s.thumbs.get((name, width)))
        )
        bad = ' class="bad"' if name in found else ""
        figures.append(f"<figure><figcaption{bad}><b>{html.escape(name)}</b></figcaption><div>{images}</div></figure>")
    page = browser.new_page(viewport={"width": 800, "height": 300})
    page.set_content(f"<style>{STYLE % SHEET_COLUMNS}</style><main>{''.join(figures)}</main>")
    wide = page.evaluate("document.querySelector('main').getBoundingClientRect().width")
    page.set_viewport_size({"width": int(wide) + 40, "height": 300})
    path = folder / f"{role}.png"
    page.screenshot(path=path, full_page=True)
    page.close()
    return path


def folded(seen: list[Seen]) -> Iterator[str]:
    """Each finding once, with all the pages and widths where it was made, and the details of the first."""
    places: dict[str, dict[tuple[str, str], list[str]]] = defaultdict(lambda: defaultdict(list))
    details: dict[tuple[str, str, str], str] = {}
    for one in seen:
        for name, finding, width in one.found:
            head, _, detail = finding.partition("\t")
            places[head][one.job.role, name].append(f"{one.job.language} {width}")
            details.setdefault((head, one.job.role, name), detail)
    for head, where in places.items():
        yield head
        for (role, name), at in where.items():
            detail = details[head, role, name]
            yield f"    {role} {name} ({', '.join(at)}){': ' + detail if detail else ''}"


def _arguments(given: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make shots", description="Pictures of every page, as each role.")
    parser.add_argument("--role", action="append", choices=ROLES, help="only this role; may be repeated")
    parser.add_argument("--only", action="append", metavar="/PATH", help="only addresses that begin so; repeatable")
    parser.add_argument("--out", type=Path, default=ROOT / "var" / "shots", help="folder of the pictures")
    parser.add_argument("--widths", default=",".join(map(str, WIDTHS)), help="in pixels, with commas")
    parser.add_argument("--languages", default=",".join(LANGUAGES), help="zh, en or both with a comma")
    parser.add_argument("--scheme", default="light", choices=["light", "dark"])
    return parser.parse_args(given)


def main(given: list[str]) -> int:
    asked = _arguments(given)
    logging.disable(logging.INFO)
    started = time.monotonic()
    widths = tuple(int(width) for width in asked.widths.split(","))
    with tempfile.TemporaryDirectory() as place:
        city = City(Path(place))
        jobs, broken = _jobs(city, asked, widths)
        print(f"the city stands after {time.monotonic() - started:.0f} s", flush=True)
        with city.served() as address:
            ready = [Job(role, language, address, cookies, places, widths, asked.scheme, asked.out)
                     for role, language, cookies, places in jobs]  # fmt: skip
            seen = _look_all(ready)
        city.close()
    _draw_sheets(seen, asked.out)
    lines = [*broken, *folded(seen)]
    (asked.out / "findings.txt").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))
    pages, count = sum(len(s.job.places) for s in seen), sum(len(s.found) for s in seen) + len(broken)
    shots = sum(len(s.thumbs) for s in seen)
    print(f"{pages} pages, {shots} pictures in {asked.out}, {count} findings, {time.monotonic() - started:.0f} s")
    if not pages:
        print("no page was asked for")
    return 1 if count or not pages else 0


def _jobs(
    city: City, asked: argparse.Namespace, widths: tuple[int, ...]
) -> tuple[list[tuple[str, str, dict[str, str], list[tuple[str, str]]]], list[str]]:
    """What to open as whom, and the links that led to a fault on the way."""
    roles = asked.role or ROLES
    places = [p for p in city.representatives(roles) if not asked.only or p.url.startswith(tuple(asked.only))]
    broken = [] if asked.only else [str(fault) for role in roles for fault in city.walk(role).broken]
    jobs = []
    for role in roles:
        own = named([p for p in places if p.role == role])
        if own:
            (asked.out / role).mkdir(parents=True, exist_ok=True)
            jobs += [(role, language, city.cookies(role, language), own) for language in asked.languages.split(",")]
    return jobs, broken


def _look_all(jobs: list[Job]) -> list[Seen]:
    """Do the jobs side by side, the long ones first; in the order of the jobs."""
    order = sorted(jobs, key=lambda job: -len(job.places))
    done: dict[tuple[str, str], Seen] = {}
    with multiprocessing.get_context("spawn").Pool(min(HANDS, len(jobs) or 1), maxtasksperchild=4) as pool:
        for seen in pool.imap_unordered(look, order):
            done[seen.job.role, seen.job.language] = seen
            print(
                f"{seen.job.role} {seen.job.language}: {len(seen.thumbs)} pictures, {len(seen.found)} findings",
                flush=True,
            )
    return [done[job.role, job.language] for job in jobs]


def _draw_sheets(seen: list[Seen], folder: Path) -> None:
    by_role: dict[str, list[Seen]] = defaultdict(list)
    for one in seen:
        by_role[one.job.role].append(one)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        for role, own in by_role.items():
            contact_sheet(browser, role, own, folder)
        browser.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
