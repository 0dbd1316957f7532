"""Charts: the same data give the same clean picture, whatever a label holds and however large a number is."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
from flask import Flask, g

from marketplace.web import assets, charts, drawing
from marketplace.web.charts import Chart, Share

HOSTILE = [
    "<script>alert(1)</script>",
    "\"'>&lt; ]]> </svg><style>*{}</style>",
    "宣传培训与公共服务平台建设" * 5,
    "emoji 👩‍🏭🚀 ÿ é",
    "line\nbreak\ttab\x00\x0b\x1f null",
    "datum.value}; url(https://x.invalid)",
    "",
]
DAYS = [date(2031, 1, 15) + timedelta(days=40 * i) for i in range(6)]
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@pytest.fixture(params=["zh", "en"])
def lang(request: pytest.FixtureRequest, app: Flask) -> Iterator[str]:
    with app.test_request_context("/demo"):
        g.locale_override = request.param
        yield request.param


def pictures(chart: Chart) -> list[Element]:
    drawn = [fromstring(str(p)) for p in chart.pictures("c1", "c1-title c1-words")]
    for root in drawn:
        assert_clean(root)
    return drawn


def assert_clean(root: Element) -> None:
    """Nothing but shapes, texts and patterns with classes: no style, no script, no link, no font."""
    rules = set(re.findall(r"\.(chart-[\w-]+)", (assets.OWN / "main.css").read_text()))
    ids = []
    for element in root.iter():
        assert element.tag in {"svg", "g", "path", "line", "text", "defs", "pattern", "rect"}, element.tag
        for name, value in element.attrib.items():
            assert name not in ("style", "href", "font-family", "filter", "clip-path") and not name.startswith("on"), (
                name
            )
            assert "http" not in value and "javascript" not in value, value
            for target in re.findall(r"url\((.*?)\)", value):
                assert target.startswith("#c1-"), target
            assert "NaN" not in value and "Infinity" not in value, value
        assert set(element.get("class", "").split()) <= rules, element.attrib
        ids += [element.attrib["id"]] if "id" in element.attrib else []
    assert len(ids) == len(set(ids))
    wanted = set(re.findall(r"url\(#(.*?)\)", " ".join(v for e in root.iter() for v in e.attrib.values())))
    assert wanted == set(ids)


def texts(root: Element) -> list[str]:
    return [e.text or "" for e in root.iter("text")]


def all_kinds(labels: list[str], values: list[int]) -> list[Chart]:
    return [
        charts.bars("标题", list(zip(labels, values, strict=True))),
        charts.stacked("标题", labels[:2], [(label, [v, v]) for label, v in zip(labels, values, strict=True)])
        if len(labels) > 1
        else charts.stacked("标题", ["甲"], [(label, [v]) for label, v in zip(labels, values, strict=True)]),
        charts.line(
            "标题",
            [DAYS[0] + timedelta(days=i) for i in range(len(values))],
            [(label, values) for label in labels[:2]],
            limit=("限额", max([*values, 1])) if values else None,
        ),
        charts.shares(
            "标题", [Share(label, v % 12_000, 8000, "floor", "pass") for label, v in zip(labels, values, strict=True)]
        ),
    ]


def test_the_same_data_give_the_same_picture_and_ids_of_its_own(lang: str) -> None:
    first, second = (
        charts.stacked("标题", ["已支付", "已锁定"], [("甲", [500, 300]), ("乙", [100, 0])]).pictures("c1", "t")
        for _ in range(2)
    )
    assert first == second
    drawing.drawn.cache_clear()
    assert (
        charts.stacked("标题", ["已支付", "已锁定"], [("甲", [500, 300]), ("乙", [100, 0])]).pictures("c1", "t")
        == first
    )
    other = charts.stacked("标题", ["已支付", "已锁定"], [("甲", [500, 300]), ("乙", [100, 0])]).pictures("c2", "t")
    both = " ".join([*first, *other])
    ids = re.findall(r'id="([^"]+)"', both)
    assert len(ids) == len(set(ids)) == 8 and "\x00" not in both


def test_hostile_labels_are_words_and_nothing_else(lang: str) -> None:
    for chart in all_kinds(HOSTILE, [7, 6, 5, 4, 3, 2, 1]):
        wide, narrow = pictures(chart)
        assert "<script>alert(1)</script>" in "".join(
            [*texts(wide), *(c for row in chart.rows for c in row), *str(chart.headers)]
        )
        for root, width in ((wide, drawing.WIDE), (narrow, drawing.NARROW)):
            for text in texts(root):
                assert drawing.width_of(text) <= width + 20, text


def test_a_long_label_is_cut_in_the_picture_and_whole_in_the_table(lang: str) -> None:
    long = "数" * 60
    chart = charts.bars("标题", [(long, 123_456_789)])
    wide, narrow = pictures(chart)
    cut = next(t for t in texts(narrow) if t.endswith("…"))
    assert len(cut) < 25 and chart.rows[0][0] == long
    assert any(t.endswith("…") and len(t) > len(cut) for t in texts(wide))


def test_without_data_there_is_no_picture_but_a_sentence(lang: str) -> None:
    for chart in all_kinds([], [])[:1] + [
        charts.stacked("t", ["甲"], []),
        charts.shares("t", []),
        charts.line("t", [], []),
    ]:
        assert chart.pictures("c1", "t") == [] and chart.rows == ()
        assert chart.description == {"zh": "暂无数据。", "en": "No data yet."}[lang]
    gaps = charts.line("t", DAYS[:2], [("甲", [None, None])])
    assert gaps.pictures("c1", "t") == [] and gaps.rows[0] == ("2031-01-15", "—")


def test_one_datum_is_a_picture(lang: str) -> None:
    for chart in all_kinds(["甲"], [1_234_567]):
        assert len(pictures(chart)) == 2
    root = pictures(charts.line("t", DAYS[:1], [("甲", [500])]))[0]
    assert [e for e in root.iter("path") if "chart-fill-ok" in e.get("class", "")], "a single value is a point"


@pytest.mark.parametrize("values", [[10**20, 1, 0], [-(10**18), -5, -1], [5_000, -3_000, 0], [0, 0, 0]])
def test_huge_and_negative_numbers_stay_within_the_picture(lang: str, values: list[int]) -> None:
    for chart in all_kinds(["甲", "乙", "丙"], values):
        for root in pictures(chart):
            width = float(root.attrib["viewBox"].split()[2])
            for element in root.iter("path"):
                for number in NUMBER.findall(element.get("d", "")):
                    assert -width - 20 <= float(number) <= 2 * width, element.attrib


def test_a_bar_is_as_long_as_its_value(lang: str) -> None:
    root = pictures(charts.bars("t", [("甲", 10_000), ("乙", 2_500)]))[0]
    shapes = [e.get("d", "") for e in root.iter("path")]
    widths = [float(m[1]) for d in shapes if (m := re.search(r"h(\d+(?:\.\d+)?)v", d))]
    assert widths == [680, 170]


def test_parts_lie_end_to_end_and_differ_by_pattern(lang: str) -> None:
    root = pictures(charts.stacked("t", ["甲", "乙", "丙"], [("行", [600, 300, 100])]))[0]
    bars = [e for e in root.iter("path") if e.get("fill", "").startswith("url(") and "h14" not in e.get("d", "")]
    found = [(float(m[1]), float(m[2])) for e in bars if (m := re.match(r"M([\d.]+),[\d.]+h([\d.]+)v", e.get("d", "")))]
    assert found == [(0, 408), (408, 204), (612, 68)]
    assert len({e.get("fill") for e in bars}) == 3


def test_a_line_breaks_where_a_value_lacks(lang: str) -> None:
    chart = charts.line("t", DAYS, [("甲", [1, 2, None, 4, 5, 6]), ("乙", [1, 2, 3, 4, 5, 6])], unit=charts.COUNT)
    root = pictures(chart)[0]
    first = [e for e in root.iter("path") if e.get("class") == "chart-stroke-ok"]
    second = [e for e in root.iter("path") if e.get("class") == "chart-stroke-info"]
    assert (len(first), len(second)) == (2, 1)
    assert not first[0].get("stroke-dasharray") and second[0].get("stroke-dasharray"), "lines differ by their dashes"


def test_what_a_chart_says(lang: str) -> None:
    said = {
        "zh": [
            "共 2 项，合计 ¥300.00；最多的是“乙”（¥200.00）。",
            "共 1 项，合计 ¥3.00，其中甲 ¥1.00、乙 ¥2.00。",
            "2031-01-15 至 2031-02-24；最近：甲 ¥2.00。上限 ¥5.00。",
            "共 2 项占比。1 项不符合。",
        ],
        "en": [
            '2 entries, ¥300.00 in all; the largest is "乙" (¥200.00).',
            "1 entry, ¥3.00 in all: 甲 ¥1.00, 乙 ¥2.00.",
            "2031-01-15 to 2031-02-24; latest: 甲 ¥2.00. 上限 ¥5.00.",
            "2 shares. 1 is not met.",
        ],
    }[lang]
    made = [
        charts.bars("t", [("甲", 10_000), ("乙", 20_000)]),
        charts.stacked("t", ["甲", "乙"], [("行", [100, 200])]),
        charts.line("t", DAYS[:2], [("甲", [100, 200])], limit=("上限", 500)),
        charts.shares("t", [Share("甲", 7000, 8000, "floor", "fail"), Share("乙", 2000, 3000, "ceiling")]),
    ]
    assert [chart.description for chart in made] == said


def test_short_amounts(lang: str) -> None:
    amounts = [0, 150, 999_900, 1_000_000, 183_640_000, -183_645_000, 25_000_000_000]
    said = {
        "zh": ["¥0", "¥1.50", "¥9,999", "¥1万", "¥183.64万", "-¥183.65万", "¥2.5亿"],
        "en": ["¥0", "¥1.50", "¥10k", "¥10k", "¥1.84m", "-¥1.84m", "¥250m"],
    }[lang]
    assert [charts.short(amount) for amount in amounts] == said


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 4_400, [0, 2_000, 4_000, 6_000]),
        (0, 1, [0, 1]),
        (0, 0, [0, 1]),
        (-300, 500, [-400, -200, 0, 200, 400, 600]),
        (0, 10**20, [0, 5 * 10**19, 10**20]),
    ],
)
def test_ticks_are_round_and_hold_everything(low: int, high: int, ticks: list[int]) -> None:
    assert drawing._ticks(low, high) == ticks


def test_the_cache_is_bounded_and_knows_a_picture_again(lang: str) -> None:
    drawing.drawn.cache_clear()
    for _ in range(3):
        charts.bars("t", [("甲", 1)]).pictures("c1", "t")
    info = drawing.drawn.cache_info()
    assert (info.misses, info.hits, info.maxsize) == (2, 4, drawing.KEPT)


def test_where_drawing_fails_the_table_stays(lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import vl_convert

    def fail(*_args: Any, **_named: Any) -> str:
        raise ValueError("no")

    monkeypatch.setattr(vl_convert, "vegalite_to_svg", fail)
    chart = charts.bars("t", [("从未画过", 77)])
    try:
        assert chart.pictures("c1", "t") == [] and chart.rows
    finally:
        drawing.drawn.cache_clear()


@pytest.mark.parametrize(
    "wrong", [lambda: charts.stacked("t", ["甲"], [("行", [1, 2])]), lambda: charts.line("t", DAYS, [("甲", [1])])]
)
def test_parts_and_values_must_match(lang: str, wrong: Callable[[], Chart]) -> None:
    with pytest.raises(ValueError, match="for each"):
        wrong()


def test_the_renderer_is_loaded_by_the_first_chart_only() -> None:
    program = "import sys, marketplace.app, marketplace.web.charts; sys.exit('vl_convert' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
