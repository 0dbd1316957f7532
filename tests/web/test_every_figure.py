"""Every figure of every report of the made-up city opens to ledger lines that add up to it."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from tests.conftest import NOON
from tests.support.city import City

LINK = re.compile(r'<a data-figure="\w+" href="([^"]+)">([^<]+)</a>')
SHOWN = re.compile(r'<span class="figure-value">([^<]+)</span>')
EARLIER = (NOON - timedelta(days=40)).date()


def amount(text: str) -> Decimal:
    return Decimal(text.replace("¥", "").replace(",", "").replace("−", "-"))


def figures(client: FlaskClient, address: str) -> list[tuple[str, Decimal]]:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status)
    return [(html.unescape(link), amount(text)) for link, text in LINK.findall(answer.text)]


def reports(client: FlaskClient) -> list[str]:
    """The report of each pilot and of each place and batch, today and weeks ago."""
    index = client.get("/reports/settlement").text
    pilots = sorted(set(re.findall(r'href="(/reports/settlement/[0-9a-f-]{36})"', index)))
    overview = client.get("/reports/overview").text
    narrowed = [f"/reports/overview?city={code}" for code in re.findall(r'<option value="(\d{6})"', overview)]
    narrowed += [f"/reports/overview?batch={id_}" for id_ in re.findall(r'<option value="([0-9a-f-]{36})"', overview)]
    found = [*pilots, "/reports/overview", *narrowed]
    assert len(pilots) > 1 and len(narrowed) > 1
    dated = [f"{address}{'&' if '?' in address else '?'}as_of={EARLIER}" for address in found]
    return [address for address in [*found, *dated] if client.get(address).status_code == 200]


@pytest.fixture(scope="module")
def opened(demo_city: City) -> dict[str, Decimal]:
    """Each address that a figure leads to, with the figure."""
    client = demo_city.client("province")
    found: dict[str, Decimal] = {}
    for address in reports(client):
        for link, shown in figures(client, address):
            assert found.setdefault(link, shown) == shown, "two reports say the same of the same lines"
    return found


def test_the_lines_behind_a_figure_add_up_to_it(demo_city: City, opened: dict[str, Decimal]) -> None:
    client = demo_city.client("province")
    assert len(opened) > 200 and len({value for value in opened.values() if value}) > 20
    for link, shown in opened.items():
        page = client.get(link)
        assert page.status_code == 200, link
        assert amount(SHOWN.findall(page.text)[-1]) == shown, link


def test_so_do_the_lines_of_the_file(demo_city: City, opened: dict[str, Decimal]) -> None:
    client = demo_city.client("province")
    some = [(link, shown) for link, shown in opened.items() if shown][::7]
    assert len(some) > 20
    for link, shown in some:
        rows = list(csv.DictReader(io.StringIO(client.get(f"{link}&format=csv").get_data().decode("utf-8-sig"))))
        lines = sum((amount(row["计入金额（元）"].lstrip("'")) for row in rows), Decimal(0))
        said = [amount(text) for text in SHOWN.findall(client.get(link).text)]
        assert lines == said[0] and said[-1] == shown, link
        # What was brought from before stands in rows of its own sheets, and beside the lines on the page.
        assert rows if len(said) == 1 else sum(said[:-1]) == shown, link
