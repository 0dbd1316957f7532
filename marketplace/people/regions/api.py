"""REST: places, open to everybody, and the province's corrections to them."""

from __future__ import annotations

from typing import Any

from marketplace.base.paging import Key, Page, fetch
from marketplace.people.regions import actions, queries
from marketplace.people.regions.models import Region
from marketplace.people.regions.permissions import ADD_ZONE, CLASSIFY
from marketplace.people.regions.schemas import (
    ClassifyShape,
    RegionArgs,
    RegionClassSchema,
    RegionSchema,
    ZoneShape,
)
from marketplace.people.regions.states import RegionKind
from marketplace.web import rest
from marketplace.web.rest import ApiBlueprint, page_of
from marketplace.web.runtime import reading
from marketplace.web.security import PUBLIC, access

bp = ApiBlueprint("regions_api", __name__, description="Places: province, cities, counties, development zones")


@bp.get("/regions")
@access(PUBLIC)
@bp.arguments(RegionArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(RegionSchema))
def regions(parent: str | None, kind: RegionKind | None, limit: int, cursor: str | None) -> Page[Any]:
    """Places in the order of their codes, narrowed by parent and kind."""
    ctx = reading()
    return fetch(ctx.session, queries.search(parent, kind), [Key(Region.code)], limit=limit, cursor=cursor)


@bp.post("/regions/classes")
@access(CLASSIFY)
@bp.arguments(ClassifyShape)
@bp.alt_response(200, schema=RegionClassSchema)
def classify(data: dict[str, Any]) -> Any:
    """Say of which class a city or county is from a year on, with the document it comes from."""
    return rest.do(RegionClassSchema, lambda ctx: actions.classify(ctx, **data))


@bp.post("/regions/zones")
@access(ADD_ZONE)
@bp.arguments(ZoneShape)
@bp.alt_response(201, schema=RegionSchema)
def add_zone(data: dict[str, Any]) -> Any:
    """Register a development zone of a city."""
    return rest.do(RegionSchema, lambda ctx: actions.add_zone(ctx, **data), status=201)
