"""Loading the places, and the province's corrections to them."""

from __future__ import annotations

import tomllib
from pathlib import Path

from sqlalchemy import func, select

from marketplace.base.context import Context
from marketplace.base.errors import Refusal
from marketplace.base.text import N_
from marketplace.people.regions import permissions, queries
from marketplace.people.regions.models import Region, RegionClass
from marketplace.people.regions.states import CLASS_LABELS, RegionKind, ZoneLevel
from marketplace.record.audit import actions as audit

FILES = sorted(Path(__file__).parent.glob("*.toml"))


def load_reference(ctx: Context) -> None:
    """Write the places of every file; names are brought up to date, classes that stand are left alone."""
    known = {region.code: region for region in ctx.session.scalars(select(Region))}
    classed = {(region, year) for region, year in ctx.session.execute(select(RegionClass.region, RegionClass.year))}
    for path in FILES:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        for entry in data["region"]:
            region = known.get(entry["code"])
            if region is None:
                region = known[entry["code"]] = Region(
                    code=entry["code"],
                    name=entry["name"],
                    name_en=entry["name_en"],
                    kind=RegionKind(entry["kind"]),
                    parent=entry.get("parent"),
                    zone_level=ZoneLevel(entry["zone_level"]) if "zone_level" in entry else None,
                )
                ctx.session.add(region)
            elif region.kind is not RegionKind.ZONE:
                region.name, region.name_en = entry["name"], entry["name_en"]
        ctx.session.flush()
        for entry in data.get("class", []):
            if (entry["region"], entry["year"]) not in classed:
                ctx.session.add(RegionClass(**{**entry, "kind": RegionKind(entry["kind"])}, verified=False))
    ctx.session.flush()


def classify(ctx: Context, region: str, year: int, value: str, source: str) -> RegionClass:
    """Set the class (1, 2 or 3) of a city or county from a year on, with the document it comes from."""
    place = queries.get(ctx, region)
    ctx.require(permissions.CLASSIFY, place)
    if place.kind not in (RegionKind.CITY, RegionKind.COUNTY):
        raise Refusal("region.no_class", N_("只有设区市和县（市、区）有类别。"), field="region")
    if value not in CLASS_LABELS or (place.kind is RegionKind.CITY and value == "3"):
        raise Refusal("region.class_unknown", N_("设区市分一类、二类，县分一类、二类、三类。"), field="value")
    row = ctx.session.get(RegionClass, (region, year))
    before = row.value if row else None
    if row is None:
        row = RegionClass(region=region, year=year, kind=place.kind)
        ctx.session.add(row)
    row.value, row.source, row.verified = value, source, True
    ctx.session.flush()
    audit.record(ctx, "region.classified", ("region", region), year=year, value=value, before=before, source=source)
    return row


def add_zone(ctx: Context, city: str, name: str, name_en: str, level: ZoneLevel) -> Region:
    """Register a development zone of a city under the next number of our own code space."""
    place = queries.get(ctx, city)
    ctx.require(permissions.ADD_ZONE, place)
    if place.kind is not RegionKind.CITY:
        raise Refusal("region.not_a_city", N_("开发区应登记在设区市之下。"), field="city")
    if ctx.session.scalar(select(Region.code).where(Region.name == name.strip())):
        raise Refusal("region.name_taken", N_("已有同名地区。"), field="name")
    last = ctx.session.scalar(
        select(func.max(Region.code)).where(Region.parent == city, Region.kind == RegionKind.ZONE)
    )
    number = int(last[7:]) + 1 if last else 1
    zone = Region(
        code=f"Z{city}{number:02d}",
        name=name.strip(),
        name_en=name_en.strip(),
        kind=RegionKind.ZONE,
        parent=city,
        zone_level=level,
    )
    ctx.session.add(zone)
    ctx.session.flush()
    audit.record(ctx, "region.zone_added", ("region", zone.code), name=zone.name, level=level.value)
    return zone
