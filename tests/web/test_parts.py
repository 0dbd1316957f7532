"""Every macro that pages are made of, rendered inside the shell and read strictly."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from flask import Flask, flash, g
from marshmallow import Schema, fields, validate

from marketplace.base.errors import Refusal
from marketplace.base.paging import Page
from marketplace.base.states import REGISTERED
from marketplace.base.text import N_, Text
from marketplace.people.regions.picker import Group, Picker
from marketplace.web import assets, charts
from marketplace.web.checks import Verdict
from marketplace.web.i18n import say
from marketplace.web.nav import Task
from tests.support.html import faults_of, parse

PARTS = Path(assets.OWN).parent.parent / "templates" / "parts"
Draw = Callable[..., Element]


@pytest.fixture
def draw(app: Flask) -> Draw:
    """``draw("{{ tag.plain('x') }}", lang="en", **values)``: the content inside a page, parsed."""
    imports = "".join(f'{{% import "parts/{p.name}" as {p.stem}_ %}}' for p in sorted(PARTS.glob("*.html")))

    def run(source: str, lang: str = "zh", heading: bool = True, **values: Any) -> Element:
        with app.test_request_context("/demo?lang=" + lang):
            g.locale_override = lang
            title = "<h1>样张</h1>" if heading else ""
            body = f'{{% extends "layouts/page.html" %}}{imports}{{% block content %}}{title}{source}{{% endblock %}}'
            html = app.jinja_env.from_string(body).render(
                actor=None, menu=[], **{"picker": PLACES, "cards": CARDS} | values
            )
        faults = faults_of(html)
        assert not faults, faults
        main: Element = next(parse(html).iter("main"))
        return main

    return run


def words(element: Element) -> str:
    return re.sub(r"\s+", " ", "".join(element.itertext())).strip()


def form_of(values: dict[str, Any] | None = None, **errors: list[str]) -> Any:
    return SimpleNamespace(values=values or {}, errors=errors, refusal=None)


def find(root: Element, **attributes: str) -> Element:
    for element in root.iter():
        if all(element.get(name.replace("_", "-")) == value for name, value in attributes.items()):
            return element
    raise AssertionError(f"no element with {attributes}")


def test_every_part_is_drawn_by_a_test_below() -> None:
    text = Path(__file__).read_text() + Path(__file__).with_name("test_listings.py").read_text()
    for path in PARTS.glob("*.html"):
        for name in re.findall(r"{% macro ([a-z]\w*)\(", path.read_text()):
            assert path.stem == "shell" or re.search(rf"{path.stem}_\.{name}\(", text), f"{path.stem}.{name}"


def test_a_title_row_has_crumbs_lead_and_one_next_step(draw: Draw) -> None:
    main = draw(
        '{{ page_.head("订单", lead="共 3 个", crumbs=[("首页", "/"), ("订单", none)],'
        ' action=button_.link("新增", "/new")) }}'
        '{% call page_.section("明细") %}<p>正文</p>{% endcall %}',
        heading=False,
    )
    assert find(main, href="/new").get("class") == "btn btn-primary"
    assert find(main, aria_current="page").text == "订单"
    assert [h.text for h in main.iter("h2")] == ["明细"]


def test_a_button_alone_is_a_form_with_its_own_token(draw: Draw) -> None:
    main = draw('{{ button_.post("撤回", "/withdraw", "danger", confirm="确定撤回？", fields={"id": 7}) }}')
    form = next(main.iter("form"))
    assert (form.get("method"), form.get("action")) == ("post", "/withdraw")
    assert find(form, name="id").get("value") == "7" and find(form, name="csrf_token").get("value")
    assert next(form.iter("button")).get("data-confirm") == "确定撤回？"


def test_what_an_act_warns_of_stands_above_the_field_for_the_reason(draw: Draw) -> None:
    warning = SimpleNamespace(message=Text("占比已低于 70%。"), clause="四(二)")
    form = SimpleNamespace(refusal=SimpleNamespace(warnings=[]), values={}, errors={}, key="")
    assert not list(draw("{{ form_.reason(form) }}", form=form).iter("textarea"))
    form.refusal.warnings = [warning]
    main = draw("{{ form_.reason(form) }}", form=form)
    assert "占比已低于 70%。" in "".join(main.itertext()) and "四(二)" in "".join(main.itertext())
    assert [area.get("name") for area in main.iter("textarea")] == ["reason"]


FIELDS = """
{{ form_.summary(form) }}{{ form_.open(form, "/send", multipart=true) }}
{{ form_.text(form, "name", "名称", hint="与执照一致", autocomplete="organization") }}
{{ form_.area(form, "why", "理由") }}
{{ form_.number(form, "count", "数量") }}
{{ form_.day(form, "day", "日期", required=false) }}
{{ form_.money(form, "amount", "金额") }}
{{ form_.uscc(form, "uscc", "代码") }}
{{ form_.choice(form, "city", "城市", [("360900", "宜春市"), ("360700", "赣州市")]) }}
{{ form_.radios(form, "way", "方式", [("a", "甲"), ("b", "乙")]) }}
{{ form_.checks(form, "many", "场景", [("a", "甲"), ("b", "乙")]) }}
{{ form_.tick(form, "agree", "同意", hint="可以撤回") }}
{{ form_.file(form, "paper", "文件", accept=".pdf") }}
{{ form_.password(form, "password", "密码") }}
{{ form_.phone(form, "phone", "手机") }}
{{ form_.email(form, "email", "邮箱") }}
{{ form_.code(form, "code", "验证码") }}
{{ form_.number(form, "people", "人数", unit="人", whole=true) }}
{{ form_.period(form, "begins", "ends", "时间", hint="含当日") }}
{{ form_.place(form, "place", "地区", picker) }}
{{ form_.radio_cards(form, "kind", "方式", cards) }}
{{ form_.hidden("key", "k1") }}{{ form_.submit("提交") }}{{ form_.close() }}
"""
NAMES = ("name", "why", "count", "day", "amount", "uscc", "city", "way", "many", "agree", "paper", "password", "phone")
NAMES += ("email", "code", "people", "begins", "ends", "place", "kind")
PLACES = Picker(
    [
        Group("360900", Text("宜春市"), [("360900", Text("全市")), ("360983", Text("高安市"))]),
        Group("360700", Text("赣州市"), [("360702", Text("章贡区"))]),
    ],
    "city,county",
)
CARDS = [
    {"value": "a", "title": "直接抵扣", "text": "付款时少付", "tag": "推荐", "price": "¥0.00"},
    {"value": "b", "title": "先付后补"},
]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_fields_keep_what_was_typed(draw: Draw, lang: str) -> None:
    typed = {
        "name": '恒达 "机械" <script>',
        "why": "\n第一行",
        "amount": "12,0",
        "city": "360700",
        "way": "b",
        "many": ["b"],
        "agree": True,
        "day": date(2031, 3, 12),
        "password": "secret",
        "phone": "13900000000",
        "code": "123456",
        "begins": "2031-03-01",
        "place": "360983",
        "kind": "b",
    }
    main = draw(FIELDS, lang=lang, form=form_of(typed))
    assert find(main, name="name").get("value") == typed["name"]
    assert find(main, name="why").text == typed["why"]
    assert find(main, name="amount").get("value") == "12,0"
    assert find(main, name="day").get("value") == "2031-03-12"
    assert [o.get("value") for o in main.iter("option") if o.get("selected") is not None] == ["360700", "360983"]
    checked = [(i.get("name"), i.get("value")) for i in main.iter("input") if i.get("checked") is not None]
    assert checked == [("way", "b"), ("many", "b"), ("agree", "true"), ("kind", "b")]
    assert find(main, name="password").get("value") is None and not find(main, name="code").get("value")
    assert find(main, name="phone").get("value") == "13900000000"
    assert find(main, name="begins").get("value") == "2031-03-01"
    assert find(main, name="key").get("value") == "k1"
    form = next(main.iter("form"))
    assert (form.get("action"), form.get("enctype")) == ("/send", "multipart/form-data")


def test_money_shows_fen_of_the_database_as_yuan_with_its_unit(draw: Draw) -> None:
    main = draw('{{ form_.money(form, "amount", "金额") }}', form=form_of({"amount": 3_840_005}))
    field = find(main, name="amount")
    assert field.get("value") == "38400.05" and field.get("inputmode") == "decimal"
    said = [words(find(main, id=name)) for name in field.get("aria-describedby", "").split()]
    assert said == ["元", "大写：叁万捌仟肆佰元零伍分"]


def test_a_wrong_field_is_named_marked_and_reached_from_the_summary(draw: Draw) -> None:
    main = draw(FIELDS, form=form_of(None, **{name: [f"{name} 有误", f"{name} 还缺"] for name in NAMES}))
    summary = find(main, role="alert")
    links = [a.get("href") for a in summary.iter("a")]
    for name in NAMES:
        assert links.count(f"#f-{name}") == 2
        field = find(main, id=f"f-{name}")
        assert f"e-{name}" in field.get("aria-describedby", "").split()
        assert words(find(main, id=f"e-{name}")) == f"{name} 有误{name} 还缺"
        assert field.tag == "fieldset" or field.get("aria-invalid") == "true"
    assert find(main, name="name").get("aria-describedby") == "h-name e-name"


def test_only_what_is_optional_says_so(draw: Draw) -> None:
    main = draw(FIELDS, form=form_of())
    assert [words(label) for label in main.iter("label") if "选填" in words(label)] == ["日期 （选填）"]
    assert find(main, name="day").get("required") is None and find(main, name="name").get("required") is not None


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_hints_say_what_a_field_takes(app: Flask, draw: Draw, lang: str) -> None:
    class Written(Schema):
        why = fields.String(validate=validate.Length(1, 500))

    form = form_of()
    form.schema = Written()
    main = draw(FIELDS, lang, form=form)
    limit = app.extensions["settings"].max_upload_mb
    zh = lang == "zh"
    assert words(find(main, id="h-paper")) == (f"PDF，不超过 {limit} MiB。" if zh else f"PDF, at most {limit} MiB.")
    assert words(find(main, id="h-day")).endswith("2026-03-31。" if zh else "2026-03-31.")
    assert words(find(main, id="h-begins-ends")).startswith("含当日格式" if zh else "含当日 Format")
    assert words(find(main, id="h-code")) == ("6 位数字。" if zh else "6 digits.")
    assert words(find(main, id="c-why")) == ("最多 500 个字符" if zh else "At most 500 characters")
    assert find(main, name="why").get("data-limit") == "500" and "c-why" in find(main, name="why").get(
        "aria-describedby", ""
    )
    others = draw('{{ form_.file(form, "x", "文件", limit=2) }}', lang, form=form_of())
    assert words(find(others, id="h-x")).endswith("2 MiB。" if zh else "2 MiB.")
    assert ".pdf,.png,.jpg,.jpeg" in find(others, name="x").get("accept", "")


def test_fields_tell_a_phones_keyboard_and_a_password_keeper_what_they_are(draw: Draw) -> None:
    main = draw(FIELDS, form=form_of())
    kinds = {n: [find(main, name=n).get(a) for a in ("type", "inputmode", "autocomplete")] for n in NAMES[-8:-2]}
    assert kinds["phone"] == ["tel", "tel", "tel"] and kinds["email"] == ["email", "email", "email"]
    assert kinds["code"] == ["text", "numeric", "one-time-code"] and kinds["people"] == ["text", "numeric", "off"]
    assert words(find(main, id="u-people")) == "人"


def test_a_place_is_one_list_by_cities_until_a_script_makes_it_two(draw: Draw) -> None:
    main = draw(FIELDS, form=form_of())
    groups = [(g.get("label"), [o.get("value") for o in g.iter("option")]) for g in main.iter("optgroup")]
    assert groups == [("宜春市", ["360900", "360983"]), ("赣州市", ["360702"])]
    first = find(main, name="place-city")
    assert find(main, **{"class": "place-first"}).get("hidden") is not None
    assert first.get("hx-get") == "/regions/options?kinds=city,county&of=place-city"
    alone = draw(FIELDS, form=form_of(), picker=Picker(PLACES.groups[:1], "city"))
    assert not [e for e in alone.iter("select") if e.get("name") == "place-city"]


def test_cards_explain_their_choice(draw: Draw) -> None:
    main = draw(FIELDS, form=form_of())
    first, second = [i for i in main.iter("input") if i.get("name") == "kind"]
    assert (
        words(find(main, id=first.get("aria-describedby", ""))) == "付款时少付"
        and second.get("aria-describedby") is None
    )
    assert words(find(main, **{"for": first.get("id", "")})) == "直接抵扣 推荐 ¥0.00"


def test_a_field_of_a_live_form_asks_for_itself_alone(draw: Draw) -> None:
    form = form_of()
    form.live = True
    main = draw(FIELDS, form=form)
    asking = {e.get("hx-params"): e for e in main.iter() if e.get("hx-post") is not None}
    assert set(asking) == set(NAMES) - {"password", "code", "paper", "agree"}
    for name, element in asking.items():
        assert json.loads(element.get("hx-headers", ""))["X-Check"] == name
        assert find(main, id=element.get("hx-target", "")[1:]).get("aria-live") == "polite"
        assert f"l-{name}" in find(main, id=f"f-{name}").get("aria-describedby", "").split()
    assert json.loads(asking["amount"].get("hx-headers", ""))["X-Check-Kind"] == "money"
    assert not [e for e in main.iter("input") if e.get("hx-get")]


@pytest.mark.parametrize(("lang", "said"), [("zh", "大写：壹元整"), ("en", "In Chinese capitals: 壹元整")])
def test_a_word_under_a_field(draw: Draw, lang: str, said: str) -> None:
    source = "{{ live_.said(a) }}{{ live_.said(b) }}{{ live_.said(c) }}{{ live_.said(d) }}"
    verdicts = {
        "a": Verdict(kind="money", value="壹元整"),
        "b": Verdict(["一", "二"]),
        "c": Verdict(kind="uscc", value="9136 0900"),
        "d": Verdict(),
    }
    paragraphs = [words(p) for p in draw(source, lang, **verdicts).iter("p")]
    assert paragraphs[:3] == [said, "一", "二"] and paragraphs[3].endswith("9136 0900") and len(paragraphs) == 4


def test_the_summary_says_the_rule_of_a_refusal_once(draw: Draw) -> None:
    form = form_of(None, amount=["超出尚可安排 ¥20.00。"])
    form.refusal = Refusal("engine.room", "超出尚可安排 ¥20.00。", clause="四(二)", field="amount")
    summary = find(draw(FIELDS, form=form), role="alert")
    assert words(summary).count("超出尚可安排 ¥20.00。") == 1 and "依据：四(二)" in words(summary)
    assert [a.get("href") for a in summary.iter("a")] == ["#f-amount"]
    form = form_of()
    form.refusal = Refusal("order.closed", "订单已关闭。")
    assert "订单已关闭。" in words(find(draw(FIELDS, form=form), role="alert"))


def test_a_form_without_faults_has_no_summary(draw: Draw) -> None:
    assert not [e for e in draw(FIELDS, form=form_of()).iter() if e.get("role") == "alert"]


ROWS = '<tr><td>一</td><td class="n">1</td></tr>'
HEADERS = '[{"label": "名称"}, {"label": "数量", "numeric": true}], "清单"'


@pytest.mark.parametrize(
    "source",
    [
        "{% call table_.start(" + HEADERS + ") %}" + ROWS + "{% endcall %}",
        "{{ table_.start(" + HEADERS + ") }}" + ROWS + "{{ table_.end() }}",
    ],
)
def test_a_table_is_a_named_region_with_scoped_heads(draw: Draw, source: str) -> None:
    main = draw(source)
    region = find(main, role="region")
    assert (region.get("aria-label"), region.get("tabindex")) == ("清单", "0")
    heads = [(th.get("scope"), th.get("class"), th.text) for th in main.iter("th")]
    assert heads == [("col", None, "名称"), ("col", "n", "数量")]
    assert [words(tr) for tr in main.iter("tr")][1:] == ["一1"]


def test_the_pager_keeps_the_filters(app: Flask) -> None:
    source = '{% import "parts/listing.html" as listing_ with context %}{{ listing_.pager(page, {"q": "质量"}) }}'
    with app.test_request_context("/search?q=质量"):
        draw_it = app.jinja_env.from_string(source).render
        html = draw_it(page=Page(["x"], "CURSOR", "BEFORE"))
        assert "cursor=CURSOR" in html and html.count("q=%E8%B4%A8%E9%87%8F") == 2
        assert draw_it(page=Page(["x"])).strip() == ""


def test_every_state_has_its_word_and_a_tone_that_is_drawn(draw: Draw) -> None:
    css = (assets.OWN / "main.css").read_text()
    source = "{% for kind, state in all %}<p>{{ tag_.state(kind, state) }}</p>{% endfor %}"
    states = [(kind, state) for kind, cycle in sorted(REGISTERED.items()) for state in cycle.labels]
    tags = [next(p.iter("span")) for p in draw(source, all=states).iter("p")]
    assert [words(t) for t in tags] == [REGISTERED[kind].labels[state] for kind, state in states]
    tones = {t.get("class", "").split()[-1] for t in tags} - {"tag-info"}
    assert {tone for tone in tones if not re.search(rf"\.{tone}[ ,]", css)} == set()


def test_small_parts(draw: Draw) -> None:
    main = draw(
        '{{ tag_.plain("本地样板", "ok") }}{{ facts_.list([("甲", 0), ("乙", none), ("丙", "")]) }}'
        '{% call card_.card("标题") %}<p>正文</p>{% endcall %}{{ card_.figure("已支付", "¥1.00", "共 2 笔") }}'
        "{{ money_.yuan(123450) }}{{ money_.words(123450) }}"
        '{{ notice_.banner("超出限额。", "bad") }}{{ notice_.clause("四(二)") }}{{ notice_.clause(none) }}'
    )
    said = words(main)
    assert [words(dd) for dd in main.iter("dd")] == ["0", "—", "—"]
    assert "¥1,234.50" in said and "壹仟贰佰叁拾肆元伍角整" in said
    assert words(find(main, role="alert")) == "超出限额。" and said.count("依据：") == 1


def test_a_timeline_says_its_states_in_words(draw: Draw) -> None:
    steps = [
        {"label": "下单", "at": datetime(2031, 3, 12, 4, 0, tzinfo=UTC), "who": "本人"},
        {"label": "确认", "state": "now"},
        {"label": "验收", "at": date(2031, 4, 1), "state": "next"},
        {"label": "评审", "state": "bad"},
    ]
    items = [words(li) for li in draw("{{ timeline_.steps(steps) }}", steps=steps).iter("li")]
    assert items == [
        "下单（已完成） 2031-03-12 12:00 · 本人",
        "确认（当前）",
        "验收（未开始） 2031-04-01",
        "评审（未通过）",
    ]


@pytest.mark.parametrize(
    ("actual", "limit", "kind", "status", "said"),
    [
        (8360, 8000, "floor", "pass", "83.60% 不低于 80.00% 符合 余 3.60 个百分点"),
        (7960, 8000, "floor", "fail", "79.60% 不低于 80.00% 不符合 差 0.40 个百分点"),
        (3110, 3000, "ceiling", "fail", "31.10% 不高于 30.00% 不符合 超 1.10 个百分点"),
        (3000, 3000, "ceiling", "warn", "30.00% 不高于 30.00% 接近限额 余 0.00 个百分点"),
        (None, 8000, "floor", "open", "0.00% 不低于 80.00% 进行中"),
        (12000, 10000, "ceiling", "fail", "120.00% 不高于 100.00% 不符合 超 20.00 个百分点"),
    ],
)
def test_a_gauge_has_its_limit_and_its_slack_in_words(
    draw: Draw, actual: int | None, limit: int, kind: str, status: str, said: str
) -> None:
    main = draw("{{ gauge_.share(actual, limit, kind, status) }}", actual=actual, limit=limit, kind=kind, status=status)
    assert words(next(e for e in main.iter("p"))) == said
    bars = [r.get("width") for r in main.iter("rect") if r.get("class") == "gauge-fill"]
    assert bars == ([] if not actual else [f"{min(actual, 10000) / 100}%"])


def test_a_gauge_in_english(draw: Draw) -> None:
    main = draw("{{ gauge_.share(8360, 8000, 'floor', 'pass') }}", lang="en")
    assert words(next(main.iter("p"))) == "83.60% at least 80.00% Met 3.60 points to spare"


def test_a_voucher_is_a_ticket_whose_parts_fill_the_bar(draw: Draw) -> None:
    voucher = {
        "title": "改造类",
        "face": 12_000_000,
        "parts": [("已支付", 4_560_000, "paid"), ("已锁定", 3_840_000, "reserved"), ("可用", 3_600_000, "available")],
        "note": "使用期至 2031-03-31",
        "number": "7K3M-Q9TX-2HVD",
        "svg": '<svg class="qr" viewBox="0 0 2 2"><path d="M0 0h1v1h-1z"></path></svg>',
        "url": "/vouchers/1",
    }
    main = draw("{{ ticket_.voucher(v) }}{{ ticket_.split(v.parts, v.face) }}{{ qr_.code(v.svg) }}", v=voucher)
    bars = [(r.get("x"), r.get("width")) for r in next(main.iter("svg")).iter("rect")][1:]
    assert bars == [("0%", "38.0%"), ("38.0%", "32.0%"), ("70.0%", "30.0%")]
    assert "已支付 ¥45,600.00" in words(main) and find(main, href="/vouchers/1").text == "7K3M-Q9TX-2HVD"
    assert [e.get("aria-label") for e in main.iter("div") if e.get("role") == "img"] == ["二维码", "二维码"]


def test_tasks_lead_somewhere_and_say_when(draw: Draw) -> None:
    waiting = [
        Task(Text(N_("没有找到")), "/a", date(2031, 3, 14), "warn", Text(N_("请先登录"))),
        Task(Text("乙"), "/b"),
    ]
    late = draw("{{ tasks_.list(waiting, today) }}", waiting=waiting, today=date(2031, 3, 15))
    assert words(find(late, **{"class": "tag tag-bad"})) == "已过期限 2031-03-14"
    items = list(draw("{{ tasks_.list(waiting) }}", lang="en", waiting=waiting).iter("li"))
    assert words(items[0]) == "Not foundPlease sign inDue 2031-03-14"
    assert [find(li, href=f"/{name}") is not None for li, name in zip(items, "ab", strict=True)] == [True, True]


@pytest.mark.parametrize(("lang", "word"), [("zh", "数据表"), ("en", "Data table")])
def test_a_chart_has_its_title_a_sentence_and_the_table_behind_it(app: Flask, draw: Draw, lang: str, word: str) -> None:
    with app.test_request_context("/demo"):
        g.locale_override = lang
        uses = charts.stacked("按用途", ["已支付", "已锁定"], [("企业改造 <b>", [700, 300])])
        nothing = charts.bars("空", [])
    main = draw(
        "{{ chart_.figure(uses) }}{{ chart_.figure(uses) }}{{ chart_.figure(nothing) }}",
        lang,
        uses=uses,
        nothing=nothing,
    )
    figures = list(main.iter("figure"))
    for figure in figures[:2]:
        images = [e for e in figure.iter("svg") if e.get("role") == "img"]
        assert [e.get("class") for e in images] == ["chart-wide", "chart-narrow"]
        named = [find(figure, id=i) for i in images[0].get("aria-labelledby", "").split()]
        assert [words(e) for e in named] == ["按用途", uses.description]
        details = next(figure.iter("details"))
        assert details.get("open") is None and words(next(details.iter("summary"))) == word
        assert [words(c) for c in next(details.iter("tbody")).iter() if c.tag in ("th", "td")] == list(uses.rows[0])
    assert not list(figures[2].iter("details")) and "empty" in next(figures[2].iter("div")).get("class", "")


LANGUAGES = pytest.mark.parametrize("lang", ["zh", "en"])
STEPS = [
    {"label": "登记", "state": "done", "url": "/register"},
    {"label": "核对", "state": "now", "hint": "2 分钟"},
    {"label": "提交", "state": "next"},
]


@LANGUAGES
def test_the_way_through_a_process_says_where_one_is(draw: Draw, lang: str) -> None:
    main = draw('{{ steps_.path(items, "下单") }}', lang, items=STEPS)
    assert find(main, aria_label="下单").tag == "nav"
    wide, narrow = list(main.iter("ol"))
    assert [words(li) for li in wide.iter("li")] == [words(li) for li in narrow.iter("li")]
    assert [li.get("aria-current") for li in wide.iter("li")] == [None, "step", None]
    now = {"zh": "2核对（当前）2 分钟", "en": "2核对(now)2 分钟"}[lang]
    assert words(list(wide.iter("li"))[1]).replace(" (", "(") == now
    place = {"zh": "第 2 步，共 3 步核对", "en": "Step 2 of 3核对"}[lang]
    assert words(next(main.iter("summary"))) == place
    over = draw('{{ steps_.path(items, "下单") }}', lang, items=[{"label": "甲", "state": "done"}])
    assert words(next(over.iter("summary"))) == {"zh": "共 1 步下单", "en": "1 step下单"}[lang]


@LANGUAGES
def test_answers_can_each_be_changed(draw: Draw, lang: str) -> None:
    items = [
        {"label": "企业", "value": "甲 <b>", "url": "/name"},
        {"label": "电话", "value": None},
        {"label": "户数", "value": 0},
    ]
    source = '{{ answers_.list(items) }}{{ answers_.card("概况", items, actions=[("删除", "/delete")], tag=tag_.plain("草稿")) }}'
    main = draw(source, lang, items=items)
    lists = list(main.iter("dl"))
    for each in lists:
        assert [words(dd) for dd in each.iter("dd") if dd.get("class") is None] == ["甲 <b>", "—", "0"]
        assert words(find(each, href="/name")) == {"zh": "修改：企业", "en": "Change: 企业"}[lang]
    assert len(lists) == 2 and words(next(main.iter("h2"))) == "概况 草稿"
    assert words(find(main, href="/delete")).startswith("删除") and "概况" in words(find(main, href="/delete"))


@LANGUAGES
def test_the_parts_of_an_undertaking_have_their_state_in_words(draw: Draw, lang: str) -> None:
    states = ["done", "now", "todo", "locked", "bad", None]
    items = [{"label": f"第 {i}", "url": f"/{i}", "status": state, "hint": "说明"} for i, state in enumerate(states)]
    items.append({"label": "账户", "status": "bad", "words": "未通过校验"})
    rows = list(draw("{{ tasks_.todo(items) }}", lang, items=items).iter("li"))
    said = [words(next(e for e in row.iter("span"))) for row in rows]
    zh = ["已完成", "进行中", "未开始", "暂不能开始", "存在问题", "未开始", "未通过校验"]
    en = [
        "Completed",
        "Under way",
        "Not started",
        "Cannot start yet",
        "There is a problem",
        "Not started",
        "未通过校验",
    ]
    assert said == {"zh": zh, "en": en}[lang]
    assert [bool(list(row.iter("a"))) for row in rows] == [True, True, True, False, True, True, False]


@pytest.mark.parametrize(
    ("done", "total", "width"), [(0, 5, None), (2, 5, "40.00%"), (5, 5, "100.00%"), (7, 5, "100.00%"), (0, 0, None)]
)
def test_progress_in_words_and_as_a_bar(draw: Draw, done: int, total: int, width: str | None) -> None:
    source = '{{ progress_.bar(done, total, "材料") }}'
    main = draw(source, done=done, total=total)
    assert words(next(main.iter("p"))) == f"材料 已完成 {done} / {total}"
    assert words(next(draw(source, "en", done=done, total=total).iter("p"))) == f"材料 {done} of {total} done"
    assert [r.get("width") for r in main.iter("rect") if r.get("class") == "progress-fill"] == (
        [width] if width else []
    )
    assert words(next(draw('{{ progress_.bar(1, 1, "甲", "全部") }}').iter("strong"))) == "全部"


@LANGUAGES
def test_help_opens_without_a_script_and_a_clause_has_its_words(draw: Draw, lang: str) -> None:
    source = (
        "{% call help_.part('什么是关键环节？') %}<p>不可替代的企业。</p>{% endcall %}"
        '{{ help_.clause("四(二)") }}{{ help_.clause("四（二）", "jiangxi-2023") }}'
        '{{ help_.clause("GB 32100-2015") }}{{ help_.clause("四(二)", "elsewhere") }}{{ help_.clause(none) }}'
    )
    main = draw(source, lang)
    folds = list(main.iter("details"))
    assert [words(next(d.iter("summary"))) for d in folds] == {
        "zh": ["什么是关键环节？", "依据：四(二)", "依据：四（二）"],
        "en": ["什么是关键环节？", "Basis: 四(二)", "Basis: 四（二）"],
    }[lang]
    assert all(d.get("open") is None for d in folds)
    floor = {"zh": "企业数字化改造不低于奖补资金的 70%", "en": "At least 70% of the award for renovation"}[lang]
    forbidden = {"zh": "不得用于人员福利", "en": "Not to be used forstaff welfare"}[lang]
    for fold in folds[1:]:
        assert floor in words(fold) and forbidden in words(fold)
    assert len([e for e in main.iter("span") if e.get("class") == "clause"]) == 2


@LANGUAGES
def test_nothing_there_on_its_way_and_gone_wrong(draw: Draw, lang: str) -> None:
    main = draw(
        '{{ state_.empty("发券后会显示在这里。", title="还没有券", action=button_.link("看产品", "/shop")) }}'
        '{{ state_.loading() }}{{ state_.loading("正在核对", id="busy", shown=true) }}'
        '{{ state_.error(retry="/again") }}{{ state_.error("读取失败。") }}',
        lang,
    )
    assert "还没有券" in words(main) and find(main, href="/shop") is not None
    quiet, shown = (e for e in main.iter("p") if e.get("role") == "status")
    assert (quiet.get("class"), shown.get("class"), shown.get("id")) == ("loading loading-quiet", "loading", "busy")
    assert words(quiet) == {"zh": "正在读取……", "en": "Loading…"}[lang]
    first, second = (e for e in main.iter("div") if e.get("role") == "alert")
    assert words(find(first, href="/again")) == {"zh": "重试", "en": "Try again"}[lang]
    assert words(second) == "读取失败。"


@pytest.mark.parametrize("tone", ["info", "ok", "warn", "bad"])
def test_banners_and_notes_of_every_tone(draw: Draw, tone: str) -> None:
    main = draw(
        '{{ notice_.banner("一句话。", tone) }}{{ notice_.banner("两句话。", tone, title="标题", action=button_.link("看", "/see")) }}'
        '{% call notice_.banner("三", tone) %}<ul><li>四</li></ul>{% endcall %}{{ notice_.toast("已保存。", tone) }}',
        tone=tone,
    )
    banners = [e for e in main.iter() if e.get("class", "").startswith(f"banner banner-{tone}")]
    assert [words(b) for b in banners] == ["一句话。", "标题两句话。看", "三四", "已保存。"]
    assert [b.get("role") for b in banners] == ["alert" if tone == "bad" else "status"] * 3 + ["status"]
    assert all(list(b.iter("svg")) for b in banners) and banners[3].get("data-closes") is not None


def test_what_an_act_did_stands_on_the_next_page_without_a_script(app: Flask) -> None:
    with app.test_request_context("/demo"):
        flash("已保存 <1>。", "ok")
        html = app.jinja_env.from_string(
            '{% extends "layouts/page.html" %}{% block content %}<h1>x</h1>{% endblock %}'
        ).render(actor=None, menu=[])
    assert not faults_of(html)
    note = find(parse(html), role="status")
    assert (words(note), note.get("class")) == ("已保存 <1>。", "banner banner-ok flash")


@pytest.mark.parametrize(
    ("part", "whole", "actual", "said"),
    [
        (700_000_000, 1_000_000_000, 7000, "7,000,000.00 ÷ 10,000,000.00 = 70.00%"),
        (311_000_001, 1_000_000_000, 3110, "3,110,000.01 ÷ 10,000,000.00 ≈ 31.10%"),
        (0, 1_000_000_000, 0, "0.00 ÷ 10,000,000.00 = 0.00%"),
    ],
)
def test_a_gauge_shows_its_arithmetic(draw: Draw, part: int, whole: int, actual: int, said: str) -> None:
    main = draw("{{ gauge_.share(a, 7000, 'floor', 'pass', part=p, whole=w) }}", a=actual, p=part, w=whole)
    assert words(list(main.iter("p"))[1]) == said
    assert len(list(draw("{{ gauge_.share(1, 2, part=1, whole=0) }}").iter("p"))) == 1


def test_a_gauge_between_a_floor_and_a_ceiling(draw: Draw) -> None:
    source = "{{ gauge_.band(7312, 7000, 9000, 'pass', part=731200000, whole=1000000000) }}"
    assert [words(p) for p in draw(source).iter("p")] == [
        "73.12% 不低于 70.00% 不高于 90.00% 符合",
        "距下限：余 3.12 个百分点 距上限：余 16.88 个百分点",
        "7,312,000.00 ÷ 10,000,000.00 = 73.12%",
    ]
    assert [words(p) for p in draw(source, "en").iter("p")][:2] == [
        "73.12% at least 70.00% at most 90.00% Met",
        "Above the floor: 3.12 points to spare Below the ceiling: 16.88 points to spare",
    ]
    main = draw("{{ gauge_.band(none, 7000, 9000, 'open') }}")
    assert [words(p) for p in main.iter("p")] == ["0.00% 不低于 70.00% 不高于 90.00% 进行中"]
    assert len([r for r in main.iter("rect") if r.get("class") == "gauge-tick"]) == 2


def test_a_step_may_have_a_note_and_lead_somewhere(draw: Draw) -> None:
    items = [
        {"label": "下单", "at": date(2031, 3, 12), "url": "/order", "note": "6 份材料"},
        {"label": "验收", "at": "第二季度", "state": "next"},
    ]
    first, second = draw("{{ timeline_.steps(items) }}", items=items).iter("li")
    assert words(find(first, href="/order")) == "下单" and "6 份材料" in words(first)
    assert [t.get("datetime") for t in first.iter("time")] == ["2031-03-12"]
    assert "第二季度" in words(second) and not list(second.iter("time"))


@LANGUAGES
def test_a_code_has_its_number_in_groups_and_a_caption(draw: Draw, lang: str) -> None:
    svg = '<svg viewBox="0 0 2 2"><path d="M0 0h1v1h-1z"></path></svg>'
    figure = next(draw('{{ qr_.code(svg, caption="扫码验真", number="7K3MQ9TX2HVD1") }}', lang, svg=svg).iter("figure"))
    assert words(next(figure.iter("figcaption"))) == "7K3M Q9TX 2HVD 1扫码验真"
    assert find(figure, role="img").get("aria-label") == {"zh": "二维码", "en": "QR code"}[lang]
    kept = draw('{{ qr_.code(svg, number="7K3M-Q9TX") }}', svg=svg)
    assert words(next(kept.iter("figcaption"))) == "7K3M-Q9TX"


def test_the_states_of_a_lifecycle_are_told_apart_in_both_languages(app: Flask) -> None:
    """Once the application is built every chapter's lifecycle is registered; no two states of one look and read alike."""
    assert REGISTERED.keys() >= {"order", "claim"}
    faults = []
    for kind, cycle in sorted(REGISTERED.items()):
        if set(cycle.tones) - set(cycle.labels):
            faults.append(f"{kind}: a tone without a label")
        if unknown := set(cycle.tones.values()) - {"info", "ok", "warn", "bad", "quiet"}:
            faults.append(f"{kind}: nobody knows the tones {unknown}")
        for lang in ("zh", "en"):
            with app.test_request_context("/demo"):
                g.locale_override = lang
                said = {state: say(label).strip() for state, label in cycle.labels.items()}
            seen: dict[tuple[str, str], Any] = {}
            for state, word in said.items():
                if not word or (lang == "en" and re.search("[\u4e00-\u9fff]", word)):
                    faults.append(f"{kind}.{state} has no word in {lang}")
                twin = seen.setdefault((word, cycle.tones.get(state, "info")), state)
                if twin is not state:
                    faults.append(f"{kind}: {twin} and {state} are both {word} in {lang}")
    assert not faults, "\n".join(faults)
