"""Every page that somebody in the demo's city can reach: it is there, its links hold, it speaks its reader's language."""

from __future__ import annotations

import gzip
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from marketplace.policy.books import shelf
from tests.support import strings
from tests.support.city import ROLES, City, Place
from tests.support.html import unmarked, without_english
from tests.support.words import CHINESE, Data, Piece, held, pieces

HEAVIEST = 120 * 1024
"""Bytes of a page with its style and scripts, as they travel: compressed."""

SAMPLES = ("styleguide/",)
"""Folders of templates that show made-up names which no database holds."""

OUR_OWN = {
    "中文": "the switch to the other language, in that language",
    "基本情况": "a criterion of a call, as it was published",
    "未被列入严重失信主体名单，未被限制申报": "a condition of a call, as it was published",
}
"""Chinese texts of the product that may stand whole on an English page, with the reason."""

QUOTED = {
    "clause": re.compile(r"[一二三四五六七八九十]+\([一二三四五六七八九十]+\)\d*、?"),
    "document": re.compile(r"[\u4e00-\u9fff]+〔\d{4}〕\d+号"),
    "amount in capital numerals": re.compile(r"负?[零壹贰叁肆伍陆柒捌玖拾佰仟万亿]+元[零壹贰叁肆伍陆柒捌玖角分整]+"),
    "masked name": re.compile(r"[\u4e00-\u9fff]\*+"),
    "columns of a file": re.compile(
        r"Header: .*|金额\(万元\)|columns \"统一社会信用代码\" \(or uscc\) and \"面额\" \(or face\)"
    ),
}
"""What an English sentence cites as it stands in Chinese papers."""


def test_every_page_is_reached_by_somebody(demo_city: City) -> None:
    unseen = demo_city.unseen()
    assert not unseen, "\n".join(unseen.values())


def test_no_link_leads_to_a_fault(demo_city: City) -> None:
    broken = [fault for role in ROLES for fault in demo_city.walk(role).broken]
    assert not broken, "\n".join(str(fault) for fault in broken)


def test_an_english_page_says_nothing_in_chinese_but_names_and_quotations(demo_city: City) -> None:
    own = {text for texts in strings.english() for text in texts}
    walks = {role: demo_city.walk(role) for role in ROLES}  # whoever signs in for the first time is written down
    data = Data((held(demo_city) | _books()) - own)
    faults: dict[tuple[str, str], str] = {}
    for role in ROLES:
        client = demo_city.client(role, "en")
        for place in walks[role].places:
            if place.template.startswith(SAMPLES):
                continue
            html = unmarked(client.get(place.url).get_data(as_text=True))
            for piece in pieces(html):
                rest = _unexplained(piece, data)
                if rest:
                    faults.setdefault((place.template, rest), f"{place.template} as {role} {piece.place}: {rest}")
    assert not faults, "\n".join(sorted(faults.values()))


def _unexplained(piece: Piece, data: Data) -> str:
    """What of a text is Chinese and is neither data, nor a quotation, nor allowed; empty when nothing is."""
    text = piece.text.removeprefix(": ")  # what a link is about, told to those who hear the page
    if not CHINESE.search(text) or text in OUR_OWN or piece.place == "<textarea>":
        return ""  # what stands in a text area is typed
    for quoted in QUOTED.values():
        text = quoted.sub("…", text)
    text = data.without(text)
    return text if CHINESE.search(text) else ""


def _books() -> set[str]:
    """What the policy's books quote in Chinese alone; what they say in English too, a page must say in English."""

    def read(inner: Any, twin: bool) -> Iterator[str]:
        if isinstance(inner, dict):
            for key, value in inner.items():
                yield from read(value, f"{key.removesuffix('_zh')}_en" in inner)
        elif isinstance(inner, list):
            for value in inner:
                yield from read(value, twin)
        elif isinstance(inner, str) and not twin:
            yield inner

    return {text for path in shelf.FOLDER.glob("*.toml") for text in read(tomllib.loads(path.read_text()), False)}


def test_a_chinese_page_says_nothing_of_the_product_in_english(demo_city: City) -> None:
    english = {said for found in strings.english().values() for texts in found.values() for said in texts}
    english -= {text for texts in strings.english() for text in texts}
    faults = {
        f"{place.template} as {place.role} {piece.place}: {piece.text}"
        for place in demo_city.places()
        for piece in pieces(without_english(place.html))
        if piece.text in english
    }
    assert not faults, "\n".join(sorted(faults))


def test_a_page_travels_light(demo_city: City) -> None:
    """Each page with all the style and script that it asks for, compressed: a phone on a poor line waits for it."""
    weights: dict[str, int] = {}
    heaviest: dict[str, tuple[int, Place]] = defaultdict(lambda: (0, None))  # type: ignore[assignment, return-value]
    for place in demo_city.representatives():
        weight = len(gzip.compress(place.html.encode(), 6))
        for asset in re.findall(r'<(?:link rel="stylesheet" href|script src)="([^"]+)"', place.html):
            if asset not in weights:
                answer = demo_city.app.test_client().get(asset)
                weights[asset] = len(gzip.compress(answer.get_data(), 6))
                answer.close()
            weight += weights[asset]
        if weight > heaviest[place.template][0]:
            heaviest[place.template] = (weight, place)
    assert len(weights) >= 3, "the style and the scripts are counted"
    heavy = [f"{p.template} as {p.role}: {w / 1024:.0f} KiB" for w, p in heaviest.values() if w > HEAVIEST]
    assert not heavy, "\n".join([*heavy, *(f"{name}: {w / 1024:.0f} KiB" for name, w in weights.items())])


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Signed by 张三", ""),
        ("Signed by 张三丰", "Signed by …丰"),
        ("企业", "企业"),
        ("Basis: 三(二)2、四(二)", ""),
        ("/ 年", ""),
        ("一年", "一年"),
        ("中文", ""),
        (": 基本情况", ""),
        ("聂**", ""),
        ("聂小*", "聂…"),
        ("¥1 壹元整", ""),
        ("Basis: 三(二)2 企业", "Basis: … 企业"),
    ],
)
def test_only_what_is_data_is_excused(text: str, left: str) -> None:
    assert _unexplained(Piece("p", text), Data({"张三", "年"})) == left
