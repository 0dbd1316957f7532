"""Pages: entries of the list with their measures, for officers and for the provider itself."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from flask import Blueprint, url_for

from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.base.ids import spoken
from marketplace.base.text import N_, Text
from marketplace.shop.roster import queries as roster
from marketplace.shop.roster.states import CLASS_LABELS, LIFECYCLE
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import say
from marketplace.web.nav import Task
from marketplace.web.runtime import reading
from marketplace.web.security import access
from providers.standing import actions, queries
from providers.standing.permissions import MEASURE, READ
from providers.standing.schemas import TakeMeasureSchema
from providers.standing.states import LABELS, Measure

bp = Blueprint("standing", __name__, url_prefix="/standing")


@bp.get("")
@access(READ)
def index() -> str:
    ctx = reading()
    return render("standing/index.html", ctx=ctx, listed=queries.entries(ctx), classes=CLASS_LABELS, spoken=spoken)


@bp.route("/<uuid:entry_id>", methods=["GET", "POST"])
@access(READ, post=MEASURE)
def show(entry_id: uuid.UUID) -> Any:
    """One entry with its measures; an officer takes another."""
    form = Form(TakeMeasureSchema)
    if form.submitted and form.act(lambda ctx, data: actions.take(ctx, entry_id, **data)):
        return done(N_("处理已作出，并已通知服务商。"), url_for("standing.show", entry_id=entry_id))
    ctx = reading()
    item = roster.get(ctx, entry_id)
    if not ctx.may(READ, item.entry):
        raise NotFound("roster_entry")
    open_ = [kind for kind in Measure if LIFECYCLE.allows(item.entry, kind.value)]
    return (
        render(
            "standing/show.html",
            ctx=ctx,
            form=form,
            item=item,
            entry=item.entry,
            measures=queries.of_entry(ctx, entry_id),
            labels=LABELS,
            klass=CLASS_LABELS[item.entry.klass],
            kinds=[(kind.value, say(LABELS[kind])) for kind in open_] if ctx.may(MEASURE, item.entry) else [],
            number=spoken(item.entry.certificate_number),
        ),
        form.status,
    )


def tasks(ctx: Context) -> Iterable[Task]:
    """Rectifications whose period is over."""
    if ctx.actor is None or ctx.matrix.within(MEASURE, ctx.actor.role) is None:
        return
    for entry in queries.rectifications_due(ctx):
        yield Task(
            Text(N_("整改期限已到，请核查服务商"), {}),
            url_for("standing.show", entry_id=entry.id),
            due=entry.rectify_by,
            tone="warn",
        )
