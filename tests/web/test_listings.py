"""Lists drawn from a declaration: what is asked, what is shown, what a file holds."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any

import pytest
import python_calamine
from flask import Flask, g
from werkzeug.wrappers import Response

from marketplace.base.paging import cut
from marketplace.base.text import N_
from marketplace.web import listings
from marketplace.web.listings import Choice, Column, Day, Listing, Same, Sort, Tick, Words
from tests.support.html import faults_of, parse


class Size(Enum):
    SMALL = "small"
    LARGE = "large"


@dataclass
class Thing:
    id: int
    name: str
    size: Size
    price: int
    made: date
    sold_at: datetime | None = None


THINGS = [
    Thing(1, '=HYPERLINK("http://x")', Size.SMALL, 12_34, date(2031, 1, 2), datetime(2031, 1, 3, 1, 2, tzinfo=UTC)),
    Thing(2, "激光切割机" * 12, Size.LARGE, 1_234_567_89, date(2031, 2, 3)),
    Thing(3, "数控机床 <b>", Size.LARGE, 0, date(2031, 3, 4)),
]


def rows(
    ctx: Any,
    *,
    words: str = "",
    size: Size | None = None,
    since: date | None = None,
    sold: bool | None = None,
    only: Any = None,
    order: Any = "newest",
    limit: int,
    cursor: str | None,
) -> Any:
    found = [
        t
        for t in THINGS
        if words in t.name and size in (None, t.size) and (since is None or t.made >= since) and (not sold or t.sold_at)
    ]
    return cut(sorted(found, key=lambda t: t.id, reverse=order == ["old"]), limit=limit, cursor=cursor)


@pytest.fixture
def things() -> Iterator[Listing]:
    made = Listing(
        "things",
        N_("记录"),
        rows=rows,
        columns=[
            Column("name", N_("名称"), link=lambda t: f"/things/{t.id}", under=lambda t, f: f["under"]),
            Column("size", N_("类型"), "word", value=lambda t, f: {Size.SMALL: "小", Size.LARGE: "大"}[t.size]),
            Column("price", N_("金额"), "money"),
            Column("made", N_("日期"), "day"),
            Column("sold_at", N_("时间"), "moment"),
            Column("id", N_("序号"), "count", hidden=True),
            Column("key", N_("编号"), "code", lambda t, f: f"T{t.id}", hidden=True, filed=True),
        ],
        filters=[
            Choice("size", N_("类型"), options={Size.SMALL: "小", Size.LARGE: "大"}, tabs=True, address="kind"),
            Words("words", N_("名称"), address="q"),
            Day("since", N_("起始日期")),
            Tick("sold", N_("是")),
            Same("only", N_("对象")),
        ],
        sorts=[Sort("new", N_("最新"), ["new"]), Sort("old", N_("最早"), ["old"])],  # type: ignore[list-item]
        prepare=lambda ctx, found: {"under": f"共{len(found)}"},
        limit=2,
    )
    yield made
    del listings.REGISTERED["things"]


Ask = Callable[..., Any]


@pytest.fixture
def ask(app: Flask, things: Listing) -> Ask:
    """``ask("q=x")``: the list's page, or its file, under this address."""
    source = (
        '{% extends "layouts/page.html" %}{% import "parts/listing.html" as listing_ with context %}'
        "{% block content %}<h1>样张</h1>{{ listing_.list(listing) }}{% endblock %}"
    )

    def run(query: str = "", lang: str = "zh") -> Any:
        with app.test_request_context(f"/search?{query}"):
            g.locale_override = lang
            template = app.jinja_env.from_string(source)
            answer = things.answer(template)  # type: ignore[arg-type]
            if isinstance(answer, Response):
                answer.direct_passthrough = False
                try:
                    return answer.get_data()
                finally:
                    answer.close()
        faults = faults_of(answer)
        assert not faults, faults
        return answer

    return run


def shown(html: str) -> list[str]:
    return re.findall(r'href="/things/(\d)"', html)


def test_a_page_of_rows_and_the_way_to_the_next(ask: Ask) -> None:
    html = ask()
    assert shown(html) == ["1", "2"]
    assert "¥1,234,567.89" in html and "2031-01-03 09:02" in html and "共2" in html
    following = re.search(r'rel="next" href="([^"]+)"', html)
    assert following
    assert shown(ask(following[1].partition("?")[2].replace("&amp;", "&"))) == ["3"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=small", ["1"]),
        ("kind=large", ["2", "3"]),
        ("q=数控", ["3"]),
        ("since=2031-03-01", ["3"]),
        ("sold=1", ["1"]),
        ("sort=old", ["3", "2"]),
        ("sort=old&kind=large&since=2031-02-03", ["3", "2"]),
        ("kind=%27;--&since=31.2.2031&sold=yes&only=x&sort=up&column=nothing", ["1", "2"]),
        ("since=9999-12-31", ["1", "2"]),
        ("q=" + "%00" * 5, ["1", "2"]),
        ("q=" + "z" * 5000, []),
    ],
)
def test_filters_narrow_and_what_is_no_filter_is_none(ask: Ask, query: str, found: list[str]) -> None:
    assert shown(ask(query)) == found


def test_every_control_keeps_what_was_asked_before(ask: Ask) -> None:
    html = ask("q=数控&kind=large&sort=old&column=name&column=price")
    assert [th.text for th in parse(html).iter("th")] == ["名称", "金额"]
    for address in re.findall(r'href="(/search\?[^"]+)"', html):
        kept = set(re.findall(r"(\w+)=", address))
        missing = {"q", "kind", "sort", "column"} - kept
        # a link takes one thing away, or puts another in its place: its own
        assert not missing or len(missing) == 1 and missing <= {"q", "kind", "sort"}, address
    hidden = {(e.get("name"), e.get("value")) for e in parse(html).iter("input") if e.get("type") == "hidden"}
    assert {("kind", "large"), ("sort", "old"), ("column", "name"), ("column", "price")} <= hidden


def test_a_filter_in_force_is_a_chip_that_takes_it_away(ask: Ask) -> None:
    html = ask("q=数控&since=2031-01-01")
    chips = re.findall(r'<a class="chip" href="([^"]+)">', html)
    assert [sorted(re.findall(r"(\w+)=", c)) for c in chips] == [["since"], ["q"]]
    assert "2031-01-01" in html


def test_nothing_found_offers_to_clear_the_filters(ask: Ask) -> None:
    html = ask("q=没有")
    assert 'href="/search">清除筛选' in html and "<table" not in html


def test_words_are_said_in_english(ask: Ask) -> None:
    html = ask("kind=small", lang="en")
    assert "Clear filters" not in html and "1 row on this page" in html and "Export" in html


def test_a_csv_holds_every_row_and_no_formula(ask: Ask) -> None:
    lines = ask("format=csv&sort=old&column=name&column=price&column=sold_at").decode("utf-8-sig").splitlines()
    assert lines[0] == "名称,金额（元）,时间"
    assert lines[1] == "数控机床 <b>,0.00,"
    assert lines[3].startswith("\"'=HYPERLINK") and lines[3].endswith("12.34,2031-01-03 09:02")
    assert len(lines) == 4


def test_a_workbook_has_numbers_days_and_texts(ask: Ask) -> None:
    sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(ask("format=xlsx"))).get_sheet_by_index(0)
    head, *cells = sheet.to_python()
    assert head == ["名称", "类型", "金额（元）", "日期", "时间", "编号"] and cells[0][5] == "T1"
    assert cells[0][:4] == ['=HYPERLINK("http://x")', "小", 12.34, date(2031, 1, 2)]
    assert cells[1][2] == 1_234_567.89 and cells[2][2] == 0
    assert len(cells) == 3


def test_a_file_says_when_it_is_not_all(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listings, "EXPORTED", 2)
    lines = ask("format=csv").decode("utf-8-sig").splitlines()
    assert len(lines) == 4 and "仅导出前 2 行" in lines[3]


def test_a_list_of_the_record_leaves_no_row_out_of_a_csv(
    ask: Ask, things: Listing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listings, "EXPORTED", 2)
    monkeypatch.setattr(listings, "MAX_CHUNK", 1)
    object.__setattr__(things, "whole", True)
    try:
        lines = ask("format=csv").decode("utf-8-sig").splitlines()
        sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(ask("format=xlsx"))).get_sheet_by_index(0)
    finally:
        object.__setattr__(things, "whole", False)
    assert len(lines) == 4 and "仅导出" not in lines[3]
    assert "CSV" in sheet.to_python()[3][0]


def test_a_declaration_that_cannot_be_kept_is_refused() -> None:
    column = Column("name", "名称")
    for wrong in (
        lambda: Column("state", "状态", "state"),
        lambda: Column("x", "x", "colour"),
        lambda: Listing("a", "a", columns=[column]),
        lambda: Listing("a", "a", rows=rows, columns=[column, column]),
        lambda: Listing("a", "a", rows=rows, columns=[column], sorts=[Sort(str(n), "s", []) for n in range(4)]),
    ):
        with pytest.raises(ValueError, match=r"\w"):
            wrong()
    assert "a" not in listings.REGISTERED
