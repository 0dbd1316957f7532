"""Housekeeping of the record itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, delete

from marketplace.base.context import Context
from marketplace.base.idempotency import IdempotencyRecord
from marketplace.record.jobs.models import JobRun

ANSWERS_KEPT = timedelta(days=30)
RUNS_KEPT = timedelta(days=180)


def tidy(ctx: Context) -> str:
    """Forget answered requests after 30 days and runs of jobs after 180. Job `jobs.tidy`."""
    answers = _delete(ctx, delete(IdempotencyRecord).where(IdempotencyRecord.created_at < ctx.now - ANSWERS_KEPT))
    runs = _delete(ctx, delete(JobRun).where(JobRun.finished_at < ctx.now - RUNS_KEPT))
    return f"{answers} answers, {runs} runs forgotten" if answers or runs else ""


def _delete(ctx: Context, statement: Any) -> int:
    return cast("CursorResult[Any]", ctx.session.execute(statement)).rowcount
