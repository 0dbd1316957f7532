"""Pages: entries of the list with their measures, for officers and for the provider itself."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.base.ids import spoken
from marketplace.base.text import N_, Text
from marketplace.shop.roster import queries as roster
from marketplace.shop.roster.states import CLASS_LABELS, LIFECYCLE, RosterState
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import say
from marketplace.web.nav import Task
from marketplace.web.runtime import reading
from marketplace.web.security import access
from providers.standing import actions, queries
from providers.standing.listings import ENTRIES
from providers.standing.models import StandingMeasure
from providers.standing.permissions import MEASURE, READ
from providers.standing.schemas import TakeMeasureSchema
from providers.standing.states import EFFECTS, LABELS, Measure

bp = Blueprint("standing", __name__, url_prefix="/standing")


@bp.get("")
@access(READ)
def index() -> str | Response:
    return ENTRIES.answer("standing/index.html")


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
    may_measure = ctx.may(MEASURE, item.entry)
    measures = queries.of_entry(ctx, entry_id)
    return (
        render(
            "standing/show.html",
            ctx=ctx,
            form=form,
            item=item,
            entry=item.entry,
            measures=measures,
            steps=[_step(measure) for measure in measures],
            due=item.entry.state is RosterState.RECTIFYING
            and item.entry.rectify_by is not None
            and item.entry.rectify_by < ctx.today,
            klass=CLASS_LABELS[item.entry.klass],
            kinds=[{"value": k.value, "title": say(LABELS[k]), "text": say(EFFECTS[k])} for k in open_]
            if may_measure
            else [],
            number=spoken(item.entry.certificate_number),
        ),
        form.status,
    )


def _step(measure: StandingMeasure) -> dict[str, Any]:
    """A measure as a step of the entry's story, with its reason and clause."""
    said = Text(N_("{reason}（依据：{clause}）"), {"reason": measure.reason, "clause": measure.clause})
    return {
        "label": say(LABELS[measure.kind]),
        "at": measure.day,
        "state": "done" if measure.kind is Measure.LIFT else "bad",
        "who": say(Text(N_("整改期限 {day}"), {"day": measure.due_on})) if measure.due_on else None,
        "note": say(said),
    }


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
