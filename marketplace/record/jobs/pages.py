"""Scheduled work, for the administrator."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response

from marketplace.base.text import N_, Text
from marketplace.record.jobs import queries
from marketplace.record.jobs.listings import OUTCOMES, RUNS, TONES
from marketplace.record.jobs.models import Outcome
from marketplace.record.jobs.permissions import READ, RUN
from marketplace.record.jobs.runner import Runner
from marketplace.web.db import db
from marketplace.web.html import render
from marketplace.web.i18n import say
from marketplace.web.runtime import actor, house, reading
from marketplace.web.security import access

bp = Blueprint("jobs", __name__, url_prefix="/jobs")


@bp.get("")
@access(READ)
def index() -> str:
    """Every job with its schedule and last run."""
    ctx = reading()
    return render("jobs/index.html", ctx=ctx, jobs=queries.overview(ctx), outcomes=OUTCOMES, tones=TONES)


@bp.get("/<name>")
@access(READ)
def show(name: str) -> str | Response:
    """The kept runs of one job."""
    ctx = reading()
    job = queries.find(ctx.house, name)
    return RUNS.answer("jobs/show.html", ctx=ctx, given={"name": name}, job=job, may_run=ctx.may(RUN))


@bp.post("/<name>/run")
@access(RUN)
def run(name: str) -> Response:
    """Run one job now."""
    ctx = reading()
    ctx.require(RUN)
    job = queries.find(ctx.house, name)
    ctx.session.rollback()
    done = Runner(db.engine, house()).run(job, by=actor(), by_hand=True)
    good = done.outcome is Outcome.DONE
    text = Text(N_("任务已运行：{account}") if good else N_("任务失败：{account}"), {"account": done.account or "—"})
    flash(say(text), "ok" if good else "bad")
    return redirect(url_for("jobs.show", name=name), code=303)
