"""REST: rule books, /api/v1/rule-books."""

from __future__ import annotations

import uuid
from typing import Any

from marketplace.base.context import Context
from marketplace.base.errors import Invalid
from marketplace.base.paging import Key, Page, fetch
from marketplace.base.text import N_
from marketplace.policy.editions import actions, queries
from marketplace.policy.editions.models import BookEdition
from marketplace.policy.editions.permissions import PUBLISH
from marketplace.policy.editions.schemas import RuleBookPublicationSchema, RuleBookSchema, RuleBookTextSchema
from marketplace.web import rest
from marketplace.web.rest import ApiBlueprint, ListArgs, page_of
from marketplace.web.runtime import reading
from marketplace.web.security import PUBLIC, access

bp = ApiBlueprint("rule_books_api", __name__, url_prefix="/rule-books", description="Published rule books")


@bp.get("")
@access(PUBLIC)
@bp.arguments(ListArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(RuleBookSchema))
def index(limit: int, cursor: str | None) -> Page[Any]:
    """Editions of rule books, newest first."""
    keys = [Key(BookEdition.created_at, descending=True), Key(BookEdition.id, descending=True)]
    return fetch(reading().session, queries.all_editions(), keys, limit=limit, cursor=cursor)


@bp.get("/<uuid:edition_id>")
@access(PUBLIC)
@bp.response(200, RuleBookTextSchema)
def show(edition_id: uuid.UUID) -> BookEdition:
    """One edition with its whole text."""
    return queries.get(reading(), edition_id)


@bp.post("")
@access(PUBLISH)
@bp.arguments(RuleBookPublicationSchema, as_kwargs=True)
@bp.alt_response(201, schema=RuleBookSchema)
def publish(code: str | None = None, text: str | None = None) -> Any:
    """Publish a book of the platform by `code`, or one's own as `text`; the same content twice changes nothing."""

    def verb(ctx: Context) -> BookEdition:
        if (code is None) == (text is None):
            raise Invalid({"code": [N_("请选择一部政策规则，或者提交文本，二者择一。")]})
        return actions.publish(ctx, code) if code is not None else actions.publish_file(ctx, (text or "").encode())

    return rest.do(RuleBookSchema, verb, status=201)
