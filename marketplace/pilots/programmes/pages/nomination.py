"""Pages: a city recommends an area. The form asks what the book of the batch demands of the type."""

from __future__ import annotations

import uuid
from typing import Any

from flask import request, url_for

from marketplace.base.context import Context
from marketplace.base.errors import Invalid, NotFound
from marketplace.base.text import N_
from marketplace.people.organisations import queries as organisations
from marketplace.people.regions import queries as regions
from marketplace.pilots.programmes import actions, queries
from marketplace.pilots.programmes.models import Batch, Pilot
from marketplace.pilots.programmes.pages.pilots import bp
from marketplace.pilots.programmes.pages.uploads import keep
from marketplace.pilots.programmes.permissions import NOMINATE
from marketplace.pilots.programmes.schemas import nomination_form
from marketplace.policy.books.model import Book
from marketplace.policy.editions import queries as editions
from marketplace.web.html import Form, done, render
from marketplace.web.runtime import reading
from marketplace.web.security import access


@bp.route("/nominate/<uuid:batch_id>", methods=["GET", "POST"])
@access(NOMINATE)
def nominate(batch_id: uuid.UUID) -> Any:
    ctx = reading()
    batch = queries.batch(ctx, batch_id)
    book = editions.book(ctx, batch.edition_id)
    kind = request.args.get("type") or next(iter(book.types))
    if kind not in book.types:
        raise NotFound("pilot_type")
    form = Form(nomination_form(book, kind))
    if form.submitted and form.act(lambda own, data: _nominate(own, batch, book, kind, data)):
        return done(N_("已推荐。"), url_for("pilots.show", pilot_id=form.result.id))
    ctx = reading()
    city = ctx.actor.region if ctx.actor and ctx.actor.region else ""
    return (
        render(
            "programmes/nominate.html",
            ctx=ctx,
            form=form,
            batch=batch,
            book=book,
            kind=book.types[kind],
            conditions=[c for c in book.application.conditions.values() if kind in c.types],
            areas=[(r.code, r.name) for r in regions.areas(ctx, city) if r.kind.value in book.types[kind].places],
        ),
        form.status,
    )


def _nominate(ctx: Context, batch: Batch, book: Book, kind: str, data: dict[str, Any]) -> Pilot:
    office = organisations.by_uscc(ctx, data["office_uscc"])
    if office is None:
        raise Invalid({"office_uscc": [N_("没有找到这家单位。")]})
    city = regions.city_of(ctx, data["region"])
    letters = []
    for place, department in enumerate(book.application.departments_zh):
        document_id = keep(ctx, data[f"letter_file_{place}"], "pilot_letter", city=city)
        if document_id is not None:
            letters.append(actions.Letter(department, data[f"letter_number_{place}"], document_id))
    declared = {
        code: actions.Declared(
            data[f"statement_{code}"], keep(ctx, data[f"evidence_{code}"], "pilot_evidence", city=city)
        )
        for code, condition in book.application.conditions.items()
        if kind in condition.types
    }
    plan = keep(ctx, data["plan"], "pilot_plan", city=city)
    assert plan is not None
    return actions.nominate(
        ctx,
        batch.id,
        name=data["name"],
        type=kind,
        klass=data["class"],
        region=data["region"],
        office_organisation_id=office.id,
        focus=data["focus"],
        target_enterprises=data["target_enterprises"],
        plan_document_id=plan,
        letters=letters,
        declarations=declared,
    )
