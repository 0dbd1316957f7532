"""The shell, the first page and the error pages, in both languages, with and without a database."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask, abort, g, render_template
from sqlalchemy.exc import OperationalError

from marketplace.base.actor import Actor
from marketplace.base.errors import Invalid, Refusal, Throttled
from marketplace.base.money import Yuan
from marketplace.base.roles import LABELS, Role
from marketplace.base.text import Text
from marketplace.web import errors, runtime, security
from marketplace.web.nav import Link, Task
from tests.support.html import PageClient, PageFault, faults_of, parse

OFFICER = Actor(uuid.uuid4(), uuid.uuid4(), Role.CITY, uuid.uuid4(), None, "360900", "李明", "宜春市工业和信息化局")


@pytest.fixture
def client(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[PageClient]:
    """A visitor whose every page is read strictly; an unexpected error is shown, not raised."""
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    with app.test_client() as made:
        assert isinstance(made, PageClient)
        yield made


def raising(monkeypatch: pytest.MonkeyPatch, app: Flask, fault: Exception | int) -> None:
    """Let the first page fail in a certain way."""

    def view() -> Any:
        if isinstance(fault, int):
            abort(fault)
        raise fault

    view.__access__ = app.view_functions["home.index"].__access__  # type: ignore[attr-defined]
    monkeypatch.setitem(app.view_functions, "home.index", view)


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
@pytest.mark.parametrize("path", ["/", "/search", "/search?q=%E8%B4%A8%E9%87%8F", "/api/docs"])
def test_public_pages(client: PageClient, path: str, lang: str) -> None:
    answer = client.get(path, headers={"Accept-Language": lang})
    assert answer.status_code == 200
    assert parse(answer.text).get("lang") == ("en" if lang == "en" else "zh-Hans")


@pytest.mark.parametrize("path", ["/", "/search?q=x", "/nowhere"])
def test_an_english_page_holds_no_chinese_of_ours(client: PageClient, path: str) -> None:
    page = parse(client.get(path, headers={"Accept-Language": "en"}).text)
    shown = [text for element in page.iter("main") for text in element.itertext()]
    shown += [text for element in page.iter("footer") for text in element.itertext()]
    assert not [text for text in shown if re.search(r"[\u4e00-\u9fff]", text)]


def test_a_visitor_is_led_to_pages_that_exist(client: PageClient, app: Flask) -> None:
    page = parse(client.get("/").text)
    links = {a.get("href", "") for a in page.iter("a")} - {"", "#main"}
    assert "/account/sign-in" in links
    adapter = app.url_map.bind("localhost")
    for link in links:
        adapter.match(link.partition("?")[0])


def words(element: Any) -> str:
    return "".join(element.itertext()).strip()


def test_the_language_switch_leads_back(client: PageClient) -> None:
    page = parse(client.get("/search?q=abc").text)
    form = next(f for f in page.iter("form") if f.get("action") == "/language")
    fields = {i.get("name"): i.get("value") for i in form.iter("input")}
    answer = client.post("/language", data={**fields, "lang": "en"})
    assert (answer.status_code, answer.location) == (303, "/search?q=abc")
    assert parse(client.get("/").text).get("lang") == "en"


def test_who_acts_stands_in_the_header(app: Flask) -> None:
    with app.test_request_context("/"):
        html = render_template("home/index.html", actor=OFFICER, menu=[], tasks=[])
    assert not faults_of(html)
    header = next(parse(html).iter("header"))
    said = " ".join("".join(header.itertext()).split())
    assert "李明 设区市工信局 · 宜春市工业和信息化局" in said
    assert {f.get("action") for f in header.iter("form")} >= {"/account/sign-out", "/language"}
    assert any(a.get("href") == "/account" for a in header.iter("a"))


@pytest.mark.parametrize("role", [None, *Role])
def test_every_role_has_a_desk(app: Flask, role: Role | None) -> None:
    actor = Actor(uuid.uuid4(), uuid.uuid4() if role else None, role, None, None, None, "李明")
    waiting = [Task(Text("一件事"), "/a", tone="warn")]
    with app.test_request_context("/"):
        g.locale_override = "zh"
        for tasks in ([], waiting):
            html = render_template(
                "home/index.html",
                actor=actor,
                menu=[Link("订单", "/orders", "orders.index", "market", True)],
                tasks=tasks,
            )
            assert not faults_of(html)
    assert ("下一步" in html) == (role is None)
    assert LABELS[role] in html if role else "尚无身份" in html


def test_a_short_menu_stands_whole(app: Flask) -> None:
    entries = [Link(f"第{i}项", f"/{i}", f"c{i}.index", "money", False) for i in range(8)]
    with app.test_request_context("/search"):
        html = render_template("home/search.html", actor=None, menu=entries, words="", found=[])
    wide = next(n for n in parse(html).iter("nav") if n.get("class") == "nav-wide")
    assert [a.get("href") for a in wide.iter("a")] == [f"/{i}" for i in range(8)]
    assert not list(wide.iter("details"))


def test_a_long_menu_shows_the_daily_work_and_folds_all_by_theme(app: Flask) -> None:
    themes = ["market", "selection", "money"]
    entries = [Link(f"第{i}项", f"/{i}", f"c{i}.index", themes[i % 3], i in (3, 7)) for i in range(12)]
    entries[10] = Link("搜索", "/search", "home.search", "selection", False)
    with app.test_request_context("/search"):
        html = render_template("home/search.html", actor=OFFICER, menu=entries, words="", found=[])
    assert not faults_of(html)
    wide = next(n for n in parse(html).iter("nav") if n.get("class") == "nav-wide")
    in_sight = [li.find("a").get("href") for li in wide.find(".//ul") if li.find("a") is not None]  # type: ignore
    assert in_sight == ["/", "/3", "/7"]
    folds = {words(d.find("summary")): [a.get("href") for a in d.iter("a")] for d in wide.iter("details")}
    assert folds == {
        "选购与交付": ["/0", "/3", "/6", "/9"],
        "遴选与公示": ["/1", "/4", "/7", "/search"],
        "券与资金": ["/2", "/5", "/8", "/11"],
    }
    assert [a.get("href") for a in wide.iter("a") if a.get("aria-current")] == ["/search"]
    assert [words(s) for s in wide.iter("summary") if s.get("class") == "here"] == ["遴选与公示"]
    narrow = next(n for n in parse(html).iter("nav") if n.get("class") == "nav-narrow")
    assert sorted(a.get("href", "") for a in narrow.iter("a")) == sorted(["/", *(e.url for e in entries)])


def test_the_header_counts_what_is_unread(app: Flask) -> None:
    with app.test_request_context("/"):
        for unread, said in ((0, "我的消息"), (7, "我的消息 7 条未读"), (100, "我的消息 99+ 条未读")):
            html = render_template(
                "home/index.html", actor=OFFICER, menu=[], tasks=[], unread_notices=lambda n=unread: n
            )
            bell = next(a for a in parse(html).iter("a") if a.get("class") == "bell")
            assert words(bell) == said.replace(" ", "")


@pytest.mark.parametrize("status", sorted(errors.PAGES))
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_error_page_says_what_happened_and_what_to_do(app: Flask, status: int, lang: str) -> None:
    refusal = Refusal("engine.room", "金额超出系统上限。", clause="四(二)") if status == 409 else None
    with app.test_request_context("/x"):
        g.locale_override = lang
        html = errors._page(status, refusal=refusal)
        other = errors._page(status, expired=True)
        number = runtime.request_id()
    assert not faults_of(html) and not faults_of(other)
    assert number in html and str(status) in html
    if refusal:
        assert "四(二)" in html and ("金额超出系统上限。" in html) == (lang == "zh")


def test_a_refusal_is_shown_with_its_rule_and_its_values(
    client: PageClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    raising(monkeypatch, app, Refusal("engine.room", "尚可安排 {room}。", clause="四(二)", room=Yuan(2_000_000)))
    answer = client.get("/", headers={"Referer": "http://localhost/search?q=1"})
    assert answer.status_code == 409
    assert "尚可安排 ¥20,000.00。" in answer.text and "依据：四(二)" in answer.text
    assert 'href="/search?q=1"' in answer.text
    raising(monkeypatch, app, Invalid({"name": [Text("此项必填。")]}))
    answer = client.get("/")
    assert answer.status_code == 422 and "此项必填。" in answer.text
    raising(monkeypatch, app, Throttled(30))
    answer = client.get("/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "30") and "30 秒" in answer.text


@pytest.mark.parametrize("status", [400, 403, 404, 405, 413, 415, 503])
def test_http_errors_keep_the_shell(
    client: PageClient, app: Flask, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    raising(monkeypatch, app, status)
    answer = client.get("/")
    assert answer.status_code == status
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    menus = [n for n in parse(answer.text).iter("nav")]
    assert bool(menus) == (status < 500)


def test_a_failure_never_shows_its_cause(client: PageClient, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    raising(monkeypatch, app, RuntimeError("secret detail"))
    answer = client.get("/")
    assert answer.status_code == 500 and "secret detail" not in answer.text


def test_the_page_about_a_failed_database_needs_none(
    client: PageClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = OperationalError("SELECT 1", {}, Exception("gone"))

    def nobody_knows() -> Any:
        raise gone

    monkeypatch.setattr(runtime, "actor", nobody_knows)
    raising(monkeypatch, app, gone)
    answer = client.get("/")
    assert answer.status_code == 500 and "gone" not in answer.text
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_a_form_sent_without_its_token_is_told_that_the_page_expired(client: PageClient) -> None:
    answer = client.post("/language", data={"lang": "en"}, headers={"Accept-Language": "zh"})
    assert answer.status_code == 400 and "已经过期" in answer.text


def test_signing_in_leads_back_to_the_page_of_the_form(app: Flask) -> None:
    for referer, wanted in [
        ("http://localhost/orders/new?x=1", "/orders/new?x=1"),
        ("http://elsewhere.example/orders", "/"),
        ("http://localhost//elsewhere.example", "/"),
        (None, "/"),
    ]:
        with app.test_request_context("/orders", method="POST", headers={"Referer": referer} if referer else {}):
            answer = security._unknown()
            assert answer.location == "/account/sign-in?" + urlencode({"next": wanted})


def test_the_api_needs_no_form_token_and_a_page_does(client: PageClient, app: Flask) -> None:
    """Tokens authenticate under /api; a cookie does nothing there, so no form of another site can do anything."""
    exempt = {b if isinstance(b, str) else b.name for b in security.csrf._exempt_blueprints}
    posting = [r for r in app.url_map.iter_rules() if "POST" in (r.methods or ()) and r.rule.startswith("/api/v1")]
    assert posting
    for rule in posting:
        assert rule.endpoint.rpartition(".")[0] in exempt, rule
    plain = next(r for r in posting if not r.arguments)
    answer = client.post(plain.rule, json={})
    assert answer.status_code == 401 and answer.mimetype == "application/problem+json"
    pages = [r for r in app.url_map.iter_rules() if not r.rule.startswith("/api/")]
    assert not {r.endpoint.rpartition(".")[0] for r in pages} & exempt


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<p>x</div>", "not well-formed"),
        ('<p style="color:red">x</p>', "inline style"),
        ("<script>1</script>", "inline <script>"),
        ("<style>p{}</style>", "inline <style>"),
        ('<button onclick="x()">x</button>', "inline onclick"),
        ('<a href="javascript:x()">x</a>', "leads away"),
        ('<p id="a"></p><p id="a"></p>', "id a stands twice"),
        ('<label for="b">x</label>', "points to b"),
        ('<a href="#c">x</a>', "leads to #c"),
        ('<input name="d">', "has no label"),
        ('<form method="post"><button>x</button></form>', "carries no csrf_token"),
        ("<h3>x</h3>", "<h3> follows <h1>"),
        ("<h1>x</h1>", "2 <h1>"),
        ('<img src="/x.png">', "without alt"),
        ('<a href="/x"></a>', "without words"),
    ],
)
def test_the_strict_reader_stumbles(body: str, said: str) -> None:
    page = '<!doctype html><html lang="en"><head><title>t</title></head><body><h1>t</h1>{}</body></html>'
    assert faults_of(page.format("<p>x</p>")) == []
    assert said in "\n".join(faults_of(page.format(body)))


def test_the_client_raises_what_the_strict_reader_finds(
    client: PageClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def view() -> str:
        return "<p style='x'>"

    view.__access__ = app.view_functions["home.index"].__access__  # type: ignore[attr-defined]
    monkeypatch.setitem(app.view_functions, "home.index", view)
    with pytest.raises(PageFault):
        client.get("/")
