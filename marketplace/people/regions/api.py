"""REST: places, open to everybody."""

from __future__ import annotations

from typing import Any

from marketplace.base.paging import Key, Page, fetch
from marketplace.people.regions import queries
from marketplace.people.regions.models import Region
from marketplace.people.regions.schemas import RegionArgs, RegionSchema
from marketplace.people.regions.states import RegionKind
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
