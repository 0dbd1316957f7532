"""Looking places up. They are public reference data: nothing here asks who looks."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Select, or_, select

from marketplace.base.context import Context
from marketplace.base.errors import Refusal
from marketplace.base.text import N_
from marketplace.people.regions.models import Region, RegionClass
from marketplace.people.regions.states import RegionKind


def get(ctx: Context, code: str) -> Region:
    """The place of a code; refuses an unknown one (`region.unknown`)."""
    region = ctx.session.get(Region, code)
    if region is None:
        raise Refusal("region.unknown", N_("没有代码为“{region}”的地区。"), field="region", region=code[:20])
    return region


def city_of(ctx: Context, code: str) -> str:
    """Code of the prefecture city in which a county or zone lies; cities and provinces answer with their own."""
    return get(ctx, code).city


def names(ctx: Context, codes: Iterable[str]) -> dict[str, Region]:
    """Several places at once, by code; unknown codes are left out."""
    wanted = {code for code in codes if code}
    if not wanted:
        return {}
    return {r.code: r for r in ctx.session.scalars(select(Region).where(Region.code.in_(wanted)))}


def search(parent: str | None = None, kind: RegionKind | None = None) -> Select[Region]:
    """Places, narrowed by parent and kind."""
    statement = select(Region)
    if parent is not None:
        statement = statement.where(Region.parent == parent)
    return statement if kind is None else statement.where(Region.kind == kind)


def cities(ctx: Context, province: str | None = None) -> list[Region]:
    """Prefecture cities, of one province when given, in the order of their codes."""
    found = select(Region).where(Region.kind == RegionKind.CITY).order_by(Region.code)
    return list(ctx.session.scalars(found if province is None else found.where(Region.parent == province)))


def within(ctx: Context, city: str, kind: RegionKind | None = None) -> list[Region]:
    """Counties and zones of a city (or only one kind), in the order of their codes."""
    found = select(Region).where(Region.parent == city).order_by(Region.code)
    return list(ctx.session.scalars(found if kind is None else found.where(Region.kind == kind)))


def areas(ctx: Context, city: str) -> list[Region]:
    """A city itself, then its counties and zones: whatever it may put forward, in the order of their codes."""
    found = select(Region).where(or_(Region.code == city, Region.parent == city))
    return list(ctx.session.scalars(found.order_by(Region.code != city, Region.code)))


def tree(ctx: Context) -> list[Region]:
    """Every place: the province, then each city followed by its counties and zones."""
    found = list(ctx.session.scalars(select(Region).order_by(Region.code)))
    rank = {RegionKind.PROVINCE: 0, RegionKind.CITY: 1, RegionKind.COUNTY: 2, RegionKind.ZONE: 3}
    return sorted(
        found, key=lambda r: (r.city[:2], "" if r.kind is RegionKind.PROVINCE else r.city, rank[r.kind], r.code)
    )


def class_of(ctx: Context, code: str, year: int) -> RegionClass | None:
    """The class that holds for a city or county in a year: the latest one of that year or before; None if unknown."""
    return ctx.session.scalars(
        select(RegionClass)
        .where(RegionClass.region == code, RegionClass.year <= year)
        .order_by(RegionClass.year.desc())
        .limit(1)
    ).one_or_none()


def classes(ctx: Context, year: int) -> dict[str, RegionClass]:
    """Every class that holds in a year, by region code."""
    rows = ctx.session.scalars(select(RegionClass).where(RegionClass.year <= year).order_by(RegionClass.year))
    return {row.region: row for row in rows}
