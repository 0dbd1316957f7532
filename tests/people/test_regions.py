"""Places: complete, loaded once, corrected by the province alone."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace import schema
from marketplace.base.errors import Forbidden, Refusal
from marketplace.people.regions import actions, queries
from marketplace.people.regions.models import Region, RegionClass
from marketplace.people.regions.states import RegionKind, ZoneLevel
from tests.support.people import make_actor

DATA = tomllib.loads(Path(actions.__file__).with_name("jiangxi.toml").read_text(encoding="utf-8"))
COUNTIES = {
    "360100": 9,
    "360200": 4,
    "360300": 5,
    "360400": 13,
    "360500": 2,
    "360600": 3,
    "360700": 18,
    "360800": 13,
    "360900": 10,
    "361000": 11,
    "361100": 12,
}


def test_the_data_hold_every_city_and_county() -> None:
    kinds = Counter(entry["kind"] for entry in DATA["region"])
    assert (kinds["province"], kinds["city"], kinds["county"]) == (1, 11, 100)
    found = Counter(entry["parent"] for entry in DATA["region"] if entry["kind"] == "county")
    assert found == COUNTIES
    codes = [entry["code"] for entry in DATA["region"]]
    assert len(codes) == len(set(codes))
    for entry in DATA["region"]:
        if entry["kind"] == "county":
            assert entry["code"][:4] + "00" == entry["parent"]
            suffix = "区" if int(entry["code"][4:]) <= 20 else "县" if int(entry["code"][4:]) < 80 else "市"
            assert entry["name"].endswith(suffix), entry
        if entry["kind"] == "zone":
            assert entry["code"].startswith("Z" + entry["parent"]) and len(entry["code"]) == 9
        assert entry["name_en"].isascii()


def test_loading_again_changes_nothing_and_keeps_corrections(act: Any) -> None:
    act(lambda ctx: actions.classify(ctx, "360900", 2023, "2", "赣府字〔2024〕1号"))
    before = act(lambda ctx: ctx.session.scalar(select(func.count()).select_from(Region)))
    act(schema.load_reference)
    after = act(lambda ctx: ctx.session.scalar(select(func.count()).select_from(Region)))
    held = act(lambda ctx: queries.class_of(ctx, "360900", 2031))
    assert before == after
    assert (held.value, held.verified) == ("2", True)


@pytest.mark.parametrize(
    ("code", "city"), [("360981", "360900"), ("Z36090001", "360900"), ("360900", "360900"), ("360000", "360000")]
)
def test_every_place_knows_its_city(act: Any, code: str, city: str) -> None:
    assert act(lambda ctx: queries.city_of(ctx, code)) == city


def test_an_unknown_place_is_refused(act: Any) -> None:
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: queries.get(ctx, "999999"))
    assert refused.value.code == "region.unknown"


def test_a_class_holds_from_its_year_on(act: Any) -> None:
    act(lambda ctx: actions.classify(ctx, "360981", 2025, "3", "甲"))
    act(lambda ctx: actions.classify(ctx, "360981", 2027, "2", "乙"))
    values = {y: act(lambda ctx, y=y: queries.class_of(ctx, "360981", y)) for y in (2024, 2025, 2026, 2027, 2031)}
    assert {y: c.value if c else None for y, c in values.items()} == {
        2024: None,
        2025: "3",
        2026: "3",
        2027: "2",
        2031: "2",
    }


def test_what_is_loaded_is_marked_as_hearsay(act: Any) -> None:
    assert act(lambda ctx: queries.class_of(ctx, "360900", 2023)).verified is False


def test_only_the_province_classifies(act: Any) -> None:
    city, _ = make_actor(act, "city")
    with pytest.raises(Forbidden):
        act(lambda ctx: actions.classify(ctx, "360900", 2031, "1", "x"), city)
    province, _ = make_actor(act, "province")
    assert act(lambda ctx: actions.classify(ctx, "360900", 2031, "2", "文件"), province).verified
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.classify(ctx, "360900", 2031, "3", "文件"), province)
    assert refused.value.code == "region.class_unknown"
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.classify(ctx, "Z36090001", 2031, "1", "文件"), province)
    assert refused.value.code == "region.no_class"


def test_a_new_zone_takes_the_next_number_of_its_city(act: Any) -> None:
    province, _ = make_actor(act, "province")
    last = max(e["code"] for e in DATA["region"] if e["kind"] == "zone" and e["parent"] == "360900")
    zone = act(
        lambda ctx: actions.add_zone(ctx, "360900", "江西万载工业园区", "Wanzai Industrial Park", ZoneLevel.PROVINCIAL),
        province,
    )
    assert zone.code == f"Z360900{int(last[-2:]) + 1:02d}"
    assert zone.kind is RegionKind.ZONE
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.add_zone(ctx, "360900", "江西万载工业园区", "x y", ZoneLevel.PROVINCIAL), province)
    assert refused.value.code == "region.name_taken"


def test_places_are_open_data(app: Flask) -> None:
    client = app.test_client()
    first = client.get("/api/v1/regions?parent=360900&kind=county&limit=4").get_json()
    second = client.get(f"/api/v1/regions?parent=360900&kind=county&limit=100&cursor={first['next_cursor']}").get_json()
    names = [r["name"] for r in first["items"] + second["items"]]
    assert len(names) == 10 and names[0] == "袁州区" and second["next_cursor"] is None
    assert client.get("/api/v1/regions?what=1").status_code == 422


def test_the_database_refuses_a_zone_without_level(act: Any) -> None:
    from sqlalchemy.exc import IntegrityError

    def spoil(ctx: Any) -> None:
        ctx.session.add(Region(code="Z36090099", name="x", name_en="x", kind=RegionKind.ZONE, parent="360900"))
        ctx.session.flush()

    with pytest.raises(IntegrityError, match="level_iff_zone"):
        act(spoil)
    with pytest.raises(IntegrityError, match="cities_have_two_classes"):
        act(
            lambda ctx: (
                ctx.session.add(
                    RegionClass(region="360900", year=2030, kind=RegionKind.CITY, value="3", source="x", verified=False)
                ),
                ctx.session.flush(),
            )
        )
