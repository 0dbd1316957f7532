"""Chinese names on English pages are marked as Chinese, whatever stands around them, and nothing else is touched."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import html5lib
import pytest
from flask import Flask, Response, render_template_string
from flask.testing import FlaskClient

from marketplace.web.tongues import marked
from tests.support.people import client_as

ZH = '<span lang="zh-Hans">'

CASES = {
    "a name": ("<p>江西恒达机械有限公司</p>", f"<p>{ZH}江西恒达机械有限公司</span></p>"),
    "a name in a sentence": ("<p>Signed by 张三 today</p>", f"<p>Signed by {ZH}张三</span> today</p>"),
    "two names": ("<p>张三 approved 李四</p>", f"<p>{ZH}张三</span> approved {ZH}李四</span></p>"),
    "words of one name": ("<p>云溪 ERP系统（二期）V2</p>", f"<p>{ZH}云溪</span> ERP{ZH}系统（二期）</span>V2</p>"),
    "spaces between words": ("<p>恒达 机械 MES</p>", f"<p>{ZH}恒达 机械</span> MES</p>"),
    "brackets that open": ("<p>《办法》 a 【b】</p>", f"<p>{ZH}《办法》</span> a 【b】</p>"),
    "a clause": ("<p>Notice, 四(二) 1 (see 五)</p>", f"<p>Notice, {ZH}四(二)</span> 1 (see {ZH}五</span>)</p>"),
    "a rare character": ("<p>\U00020bb7野</p>", f"<p>{ZH}\U00020bb7野</span></p>"),
    "entities": ("<p>&lt;张三&gt;&amp;李四&#39;</p>", f"<p>&lt;{ZH}张三</span>&gt;&amp;{ZH}李四</span>&#39;</p>"),
    "a lone less-than sign": ("<p>1 < 2 张三</p>", f"<p>1 < 2 {ZH}张三</span></p>"),
    "a greater-than sign in an attribute": ('<p title="a>张三">b</p>', '<p title="a>张三">b</p>'),
    "quotes in other quotes": ("""<p title='"张三>"'>李四</p>""", f"""<p title='"张三>"'>{ZH}李四</span></p>"""),
    "a stray quote": ("""<p title=it's>李四</p>""", f"""<p title=it's>{ZH}李四</span></p>"""),
    "an attribute is no text": ('<a href="/张三" data-x="李四">c</a>', '<a href="/张三" data-x="李四">c</a>'),
    "a comment": ("<!-- 张三 <p> --><p>a</p>", "<!-- 张三 <p> --><p>a</p>"),
    "a title": ("<title>张三 · Platform</title>", '<title lang="zh-Hans">张三 · Platform</title>'),
    "an English title": ("<title>A</title>张", f"<title>A</title>{ZH}张</span>"),
    "an option": ('<option value="1" selected>张三</option><option>b', '<option lang="zh-Hans" value="1" selected>张三</option><option>b'),
    "a text area": ("<textarea rows=2>\n张三 <b></textarea>", '<textarea lang="zh-Hans" rows=2>\n张三 <b></textarea>'),
    "a field": ('<input name="n" value="张三">', '<input lang="zh-Hans" name="n" value="张三">'),
    "a hidden field": ('<input type="hidden" value="张三">', '<input type="hidden" value="张三">'),
    "an image": ('<img src="/a" alt="张三"/>', '<img lang="zh-Hans" src="/a" alt="张三"/>'),
    "a script": ('<script>if (a<b) "张三"</script>李四', f'<script>if (a<b) "张三"</script>{ZH}李四</span>'),
    "a drawing": ("<svg><text>张三</text><svg></svg><title>李四</title></svg>王", f"<svg><text>张三</text><svg></svg><title>李四</title></svg>{ZH}王</span>"),
    "already marked": ('<b lang="zh-Hans">张<b>三</b>四</b>五', f'<b lang="zh-Hans">张<b>三</b>四</b>{ZH}五</span>'),
    "marked after a greater-than sign": ('<b title="a>b" lang=zh>张</b>三', f'<b title="a>b" lang=zh>张</b>{ZH}三</span>'),
    "marked, with tags in attributes": ('<b lang=zh><i title="</b>">张</i></b>三', f'<b lang=zh><i title="</b>">张</i></b>{ZH}三</span>'),
    "a language that is only told of": ('<b title=" lang=zh">张</b>', f'<b title=" lang=zh">{ZH}张</span></b>'),
    "English inside": ('<p lang="en">张</p>', f'<p lang="en">{ZH}张</span></p>'),
    "the language of a link's target": ('<a hreflang="zh" href="/">张</a>', f'<a hreflang="zh" href="/">{ZH}张</span></a>'),
    "capitals": ("<TITLE>张</TITLE><P>三</P>", f'<TITLE lang="zh-Hans">张</TITLE><P>{ZH}三</span></P>'),
    "a tag that never ends": ('张<p title="三', f'{ZH}张</span><p title="三'),
    "a comment that never ends": ("张<!-- 三", f"{ZH}张</span><!-- 三"),
    "an element that never ends": ("张<script>三", f"{ZH}张</span><script>三"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_is_chinese_is_marked_and_nothing_else(name: str) -> None:
    before, after = CASES[name]
    assert marked(before) == after
    assert marked(after) == after, "marking twice changes nothing"


def test_a_page_without_chinese_is_not_even_copied() -> None:
    page = "<p>“quoted” – ¥1,200.00</p>" * 100
    assert marked(page) is page


def test_a_reader_sees_the_same_page() -> None:
    """Over all cases at once: the same text and the same attributes, but for the language."""
    body = "".join(before for name, (before, _) in CASES.items() if "never" not in name)
    page = f"<!doctype html><html lang=en><title>x</title><body>{body}</body>"

    def read(text: str) -> tuple[str, list[tuple[str, str]]]:
        tree = html5lib.parse(text, namespaceHTMLElements=False)
        kept = [(k, v) for e in tree.iter() if isinstance(e.tag, str) for k, v in e.attrib.items() if k != "lang"]
        return "".join(t for e in tree.iter() if isinstance(e.tag, str) for t in e.itertext()), kept

    assert read(marked(page))[1] == read(page)[1]
    assert "".join(html5lib.parse(marked(page)).itertext()) == "".join(html5lib.parse(page).itertext())


def test_a_long_page_costs_a_few_milliseconds() -> None:
    row = '<tr><td data-label="Name"><a href="/organisations/1" class="code">江西恒达机械有限公司</a></td><td class="n">¥1,200.00</td></tr>\n'
    page = "<table>" + row * (100_000 // len(row.encode())) + "</table>"
    spent = []
    for _ in range(5):
        started = time.perf_counter()
        assert marked(page).count(ZH) == page.count("江西")
        spent.append(time.perf_counter() - started)
    assert min(spent) < 0.025, f"{min(spent) * 1000:.1f} ms for a page of 100 KB"


@pytest.mark.parametrize("hostile", ["<" * 20_000, "张<" * 20_000, "（" * 20_000, "<p a=" * 10_000 + "张", "<b lang=zh>" * 5_000 + "张", "张x" * 20_000])  # fmt: skip
def test_no_text_takes_for_ever(hostile: str) -> None:
    started = time.perf_counter()
    assert re.sub(r"</?span[^>]*>", "", marked(hostile)).replace(' lang="zh-Hans"', "") == hostile
    assert time.perf_counter() - started < 1


def show_at_home(app: Flask, monkeypatch: pytest.MonkeyPatch, answer: Callable[[], Any]) -> None:
    """Let the address / give an answer made by the test."""

    def view() -> Any:
        return answer()

    view.__access__ = app.view_functions["home.index"].__access__  # type: ignore[attr-defined]
    monkeypatch.setitem(app.view_functions, "home.index", view)


def test_english_pages_are_marked_on_their_way_out(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    page = '{% extends "layouts/page.html" %}{% block title %}张三{% endblock %}{% block content %}<h1>王五 & co</h1>{% endblock %}'
    show_at_home(app, monkeypatch, lambda: render_template_string(page))
    client = client_as(app, "enterprise")
    english = client.get("/?lang=en").get_data(as_text=True)
    assert f"<h1>{ZH}王五</span>" in english and '<title lang="zh-Hans">张三' in english
    assert re.search(r"<strong><span lang=\"zh-Hans\">测试", english), "the name in the frame as well"
    assert 'lang="zh-Hans">中文</button>' in english
    chinese = client.get("/?lang=zh").get_data(as_text=True)
    assert "<h1>王五" in chinese and ZH not in chinese


ANSWERS = {
    "streamed": ("en", lambda: Response(iter(["<p>张", "三</p>"]), mimetype="text/html")),
    "no page": ("en", lambda: Response("<p>张三</p>", mimetype="text/plain")),
    "a piece of a Chinese page": ("zh", lambda: "<p>张三</p>"),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_what_is_streamed_or_chinese_or_no_page_goes_as_it_is(
    app: Flask, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    language, answer = ANSWERS[kind]
    show_at_home(app, monkeypatch, answer)
    lenient = FlaskClient(app, response_wrapper=app.response_class)
    assert lenient.get(f"/?lang={language}").get_data(as_text=True) == "<p>张三</p>"
