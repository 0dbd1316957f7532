"""Opening programmes and their batches."""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import func, select

from marketplace.base.context import Context
from marketplace.base.errors import Invalid, Refusal
from marketplace.base.permissions import Scope, province_of
from marketplace.base.text import N_
from marketplace.people.organisations import queries as organisations
from marketplace.people.regions import queries as regions
from marketplace.pilots.programmes import departments, permissions, queries
from marketplace.pilots.programmes.models import Batch, Programme
from marketplace.policy.editions import queries as editions
from marketplace.record.audit import actions as audit

PUBLICITY_DAYS = 5
"""Working days of the public notice where the programme sets none: the notice itself names no number (五(三))."""


def open_programme(
    ctx: Context,
    *,
    code: str,
    name: str,
    edition_id: uuid.UUID,
    finance_department_id: uuid.UUID,
    industry_department_id: uuid.UUID | None = None,
    region: str | None = None,
    publicity_days: int = PUBLICITY_DAYS,
) -> Programme:
    """Open a programme under a rule book; province and industry department are those acted for unless named."""
    province = regions.get(ctx, region or (ctx.actor.region if ctx.actor else None) or "")
    ctx.require(permissions.OPEN, Scope.of(province=province_of(province.code)))
    industry = industry_department_id or (ctx.actor.organisation_id if ctx.actor else None)
    if industry is None:
        raise Invalid({"industry_department_id": [N_("此项必填。")]})
    if industry == finance_department_id:
        raise Refusal(
            "programme.one_department",
            N_("工业和信息化主管部门与财政部门须为两个单位。"),
            field="finance_department_id",
        )
    for organisation_id in (industry, finance_department_id):
        organisations.require_confirmed(ctx, organisation_id)
    if publicity_days < 1:
        raise Invalid({"publicity_days": [N_("公示期至少 1 个工作日。")]})
    edition = editions.get(ctx, edition_id)
    programme = ctx.add(
        Programme(
            code=code.strip(),
            name=name.strip(),
            region=province.code,
            edition_id=edition.id,
            industry_department_id=industry,
            finance_department_id=finance_department_id,
            publicity_days=publicity_days,
            opened_by=departments.person(ctx),
        )
    )
    ctx.session.flush()
    audit.record(ctx, "programme.opened", programme, edition_id=edition.id, publicity_days=publicity_days)
    return programme


def open_batch(
    ctx: Context,
    programme_id: uuid.UUID,
    *,
    name: str,
    book_batch: str | None = None,
    year1_end: date | None = None,
    year2_end: date | None = None,
    applications_until: date | None = None,
    edition_id: uuid.UUID | None = None,
) -> Batch:
    """Open the next batch. With `book_batch` its days are the book's (四(一)); else both year ends are named.

    `edition_id` adopts another edition of the same book for this batch on; pilots keep the edition of their batch.
    """
    programme = queries.programme(ctx, programme_id, lock=True)
    ctx.require(permissions.OPEN, programme)
    departments.require_industry(ctx, programme.id, None)
    edition = editions.get(ctx, edition_id or programme.edition_id)
    if edition.code != editions.get(ctx, programme.edition_id).code:
        raise Refusal("batch.other_book", N_("批次须沿用本项目的政策规则。"), field="edition_id")
    book = editions.book(ctx, edition.id)
    if book_batch:
        if book_batch not in book.batches:
            raise Invalid({"book_batch": [N_("请从列表中选择。")]})
        known = book.batches[book_batch]
        for given, day, field in (
            (year1_end, known.year1_end, "year1_end"),
            (year2_end, known.year2_end, "year2_end"),
        ):
            if given is not None and given != day:
                raise Refusal(
                    "batch.other_calendar", N_("政策规定的日期为 {day}。"), clause=known.clause, field=field, day=day
                )
        year1_end, year2_end = known.year1_end, known.year2_end
        applications_until = applications_until or known.applications_until
    if year1_end is None or year2_end is None or year1_end >= year2_end:
        raise Invalid({"year1_end": [N_("请填写两个实施年度的最后一天，第一年早于第二年。")]})
    last = ctx.session.scalar(select(func.max(Batch.number)).where(Batch.programme_id == programme.id)) or 0
    batch = ctx.add(
        Batch(
            programme_id=programme.id,
            edition_id=edition.id,
            number=last + 1,
            name=name.strip(),
            region=programme.region,
            book_batch=book_batch or None,
            applications_until=applications_until,
            year1_end=year1_end,
            year2_end=year2_end,
        )
    )
    ctx.session.flush()
    audit.record(ctx, "batch.opened", batch, number=batch.number, year1_end=year1_end, year2_end=year2_end)
    return batch
