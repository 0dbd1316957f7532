"""Every list that is declared: it stands on a page, and each filter, order, column and file of it answers."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
import python_calamine
from werkzeug.test import TestResponse

from marketplace.web.listings import REGISTERED, Choice, Day, Listing, Same, Tick, Words
from tests.support.city import City, Place

HOSTILE = ["", "'; DROP TABLE entry; --", "%00", "\u202e", "9" * 400, "-1", "0001-01-01", "9999-12-31", "[]", "é" * 200]


@pytest.fixture(scope="module")
def placed(demo_city: City) -> dict[str, Place]:
    """Each list by name, with the first page on which somebody meets it."""
    found: dict[str, Place] = {}
    for place in demo_city.places():
        for name in re.findall(r'<div class="listing" id="list-([\w-]+)"', place.html):
            found.setdefault(name, place)
    return found


def asked(where: City, place: Place, /, **args: Any) -> TestResponse:
    answer: TestResponse = where.client(place.role).get(place.url.partition("?")[0], query_string=args)
    return answer


def test_every_list_stands_on_a_page(placed: dict[str, Place]) -> None:
    assert set(placed) == set(REGISTERED), set(REGISTERED) ^ set(placed)


def test_every_filter_order_and_column_answers(demo_city: City, placed: dict[str, Place]) -> None:
    for name, listing in REGISTERED.items():
        place = placed[name]
        for args in [*_filters(place, listing), *_orders(listing), *_columns(listing)]:
            answer = asked(demo_city, place, **args)
            assert answer.status_code == 200, (name, args)
            assert f'id="list-{name}"' in answer.text, (name, args)


def _filters(place: Place, listing: Listing) -> Iterator[dict[str, str]]:
    for filter_ in listing.filters:
        if isinstance(filter_, Choice):
            options = re.search(rf'<select[^>]* name="{filter_.key}".*?</select>', place.html, re.S)
            links = re.findall(rf"[?&;]{filter_.key}=([\w.-]+)", place.html)
            values = re.findall(r'<option value="([^"]*)"', options[0]) if options else links
            yield from ({filter_.key: value} for value in values)
        elif isinstance(filter_, Words):
            yield {filter_.key: "木"}
        elif isinstance(filter_, Day):
            yield {filter_.key: "2031-03-01"}
        elif isinstance(filter_, Tick):
            yield {filter_.key: "1"}
        elif isinstance(filter_, Same):
            yield {filter_.key: "01890000-0000-7000-8000-000000000000"}
        yield from ({filter_.key: value} for value in HOSTILE)


def _orders(listing: Listing) -> Iterator[dict[str, str]]:
    yield from ({"sort": sort.name} for sort in listing.sorts)
    yield from ({"sort": value} for value in HOSTILE)


def _columns(listing: Listing) -> Iterator[dict[str, Any]]:
    yield {"column": [column.name for column in listing.columns]}
    yield {"column": HOSTILE}


def test_a_cursor_of_nobodys_making_is_refused_in_words(demo_city: City, placed: dict[str, Place]) -> None:
    for name, place in placed.items():
        for cursor in ("x", "W10", "bm9uc2Vuc2U", "W251bGxd"):
            answer = asked(demo_city, place, cursor=cursor)
            assert answer.status_code in (200, 409), (name, cursor, answer.status_code)


def test_every_file_holds_the_rows_of_the_page(demo_city: City, placed: dict[str, Place]) -> None:
    for name, listing in REGISTERED.items():
        place = placed[name]
        page = asked(demo_city, place)
        if not listing.exports:
            assert asked(demo_city, place, format="csv").mimetype == "text/html", name
            continue
        table = asked(demo_city, place, format="csv")
        assert table.mimetype == "text/csv" and table.get_data().startswith(b"\xef\xbb\xbf"), name
        lines = list(csv.reader(io.StringIO(table.get_data().decode("utf-8-sig"))))
        assert all(len(line) == len(lines[0]) for line in lines), name
        assert not [cell for line in lines for cell in line if cell[:1] in ("=", "@", "\t")], name
        book = asked(demo_city, place, format="xlsx")
        sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(book.get_data())).get_sheet_by_index(0)
        book.close()
        assert len(sheet.to_python()) == len(lines), name
        shown = page.text.partition(f'id="list-{name}"')[2].partition("</table>")[0].count('<tr role="row">') - 1
        assert len(lines) - 1 >= max(shown, 0), name
