"""The rule books as they were published, the newest first."""

from __future__ import annotations

from flask import url_for

from marketplace.base.context import Context
from marketplace.base.paging import Key
from marketplace.base.text import N_
from marketplace.policy.editions import queries
from marketplace.policy.editions.models import BookEdition
from marketplace.web.i18n import language
from marketplace.web.listings import Choice, Column, Listing, Sort


def name(edition: BookEdition) -> str:
    """The book's name in the reader's language."""
    return edition.name_en if language() == "en" else edition.name_zh


def books(ctx: Context) -> dict[str, str]:
    """Each published book by its code, under its newest name."""
    return {edition.code: name(edition) for edition in reversed(queries.choices(ctx))}


EDITIONS = Listing(
    "editions",
    N_("政策规则"),
    statement=queries.search,
    columns=[
        Column(
            "name",
            N_("政策"),
            value=lambda edition, _: name(edition),
            link=lambda edition: url_for("editions.show", edition_id=edition.id),
        ),
        Column("version", N_("版本")),
        Column("created_at", N_("发布时间"), "moment"),
        Column("published_by_name", N_("发布单位")),
    ],
    filters=[Choice("code", N_("政策"), options=books)],
    sorts=[
        Sort("newest", N_("最新"), [Key(BookEdition.created_at, descending=True), Key(BookEdition.id, descending=True)])
    ],
    empty=N_("尚未发布政策规则。"),
)
