"""Signing a report: what was said of a day is kept with its digest, and opened again only as a new version."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, select

from marketplace.base import paging, permissions
from marketplace.base.context import Context
from marketplace.base.errors import NotFound, Refusal
from marketplace.base.money import plain
from marketplace.base.text import N_
from marketplace.base.types import canonical
from marketplace.policy.engine import render
from marketplace.record.audit import actions as audit
from vouchers.funds.history import PARTS, CategoryState
from vouchers.reports import permissions as verbs
from vouchers.reports import queries
from vouchers.reports.models import SignedReport

NEWEST = (paging.Key(SignedReport.created_at, True), paging.Key(SignedReport.id, True))


@dataclass(frozen=True)
class Difference:
    """One value that changed between two versions; `place` is its path in the content."""

    place: str
    before: str
    after: str


def sign(ctx: Context, pilot_id: uuid.UUID, *, as_of: date, reason: str = "") -> SignedReport:
    """Sign the report of a pilot for the end of a day that is over; from the second version on with a reason.

    Refuses a day that still goes on (its figures can change), a signature without a reason where the day was signed
    before, and one that would say the same again.
    """
    if as_of >= ctx.today:
        raise Refusal("report.day_not_over", N_("请选择已经结束的日期；当天的数字还会变动。"), field="as_of")
    whole = queries.whole(ctx, pilot_id, as_of)
    report = whole.report
    ctx.require(verbs.SIGN, report.pilot)
    last = _latest(ctx, pilot_id, as_of)
    content = content_of(whole)
    digest = digest_of(content)
    if last is not None and not reason.strip():
        raise Refusal(
            "report.reason_missing",
            N_("{day}的报告已签署第 {version} 版，重新签署须写明理由。"),
            field="reason",
            day=as_of,
            version=last.version,
        )
    if last is not None and last.sha256 == digest:
        raise Refusal("report.unchanged", N_("与第 {version} 版完全相同，不必重新签署。"), version=last.version)
    signed = ctx.add(
        SignedReport(
            pilot_id=report.pilot.id,
            city=report.pilot.city,
            as_of=as_of,
            version=1 if last is None else last.version + 1,
            content=content,
            sha256=digest,
            signed_by=ctx.who.person_id,
            reason="" if last is None else reason.strip(),
        )
    )
    ctx.session.flush()
    audit.record(ctx, "report.signed", signed, as_of=as_of, version=signed.version, sha256=digest)
    return signed


def content_of(whole: queries.Whole) -> dict[str, Any]:
    """Everything the report says, as plain data: money in yuan by category and by source, month by month, how it
    arrived, and the answer on each rule. What is only projected is no part of what is signed."""
    report = whole.report
    return {
        "pilot": report.pilot.name,
        "as_of": report.as_of.isoformat(),
        "awarded": plain(report.award),
        "received": plain(report.received),
        "categories": {row.code: _parts(row.money) for row in report.rows},
        "sources": {
            source.code: {
                **{name: plain(getattr(source, name)) for name in ("award", "received", "recovered", "returned")},
                **_parts(source.total),
            }
            for source in whole.sources
        },
        "months": {
            month.day.isoformat(): {name: plain(getattr(month, name)) for name in ("received", "committed", "paid")}
            for month in whole.months
        },
        "arrivals": {
            str(arrival.tranche.number): {
                "amount": plain(arrival.tranche.amount_fen),
                "released_on": arrival.tranche.released_on.isoformat() if arrival.tranche.released_on else None,
                "received_on": arrival.came.isoformat() if arrival.came else None,
                "days": arrival.days,
            }
            for arrival in whole.arrivals
        },
        "answer": render.to_json(report.verdict),
    }


def _parts(money: CategoryState) -> dict[str, str]:
    return {part: plain(getattr(money, part)) for part in PARTS}


def digest_of(content: dict[str, Any]) -> str:
    """SHA-256 of the canonical JSON text, in hex."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def visible(ctx: Context) -> Select[SignedReport]:
    """The signed reports this person may read."""
    return permissions.visible(
        ctx, verbs.READ, select(SignedReport), pilot=SignedReport.pilot_id, city=SignedReport.city
    )


def listed(ctx: Context, *, pilot_id: uuid.UUID | None = None, city: str | None = None) -> Select[SignedReport]:
    """The same, narrowed by pilot and city."""
    wanted = [(SignedReport.pilot_id, pilot_id), (SignedReport.city, city)]
    return visible(ctx).where(*(column == value for column, value in wanted if value))


def get(ctx: Context, signed_id: uuid.UUID) -> SignedReport:
    """One signed report this person may read; NotFound otherwise."""
    row = ctx.session.scalars(visible(ctx).where(SignedReport.id == signed_id)).one_or_none()
    if row is None:
        raise NotFound("signed_report")
    return row


def of_pilot(ctx: Context, pilot_id: uuid.UUID, limit: int = 20) -> Sequence[SignedReport]:
    """The reports of a pilot that were signed, the newest first; the caller has authorised the pilot."""
    return ctx.session.scalars(
        select(SignedReport)
        .where(SignedReport.pilot_id == pilot_id)
        .order_by(SignedReport.created_at.desc(), SignedReport.id.desc())
        .limit(limit)
    ).all()


def before(ctx: Context, signed: SignedReport) -> SignedReport | None:
    """The version before this one, None for the first."""
    return ctx.session.scalars(
        select(SignedReport).where(
            SignedReport.pilot_id == signed.pilot_id,
            SignedReport.as_of == signed.as_of,
            SignedReport.version == signed.version - 1,
        )
    ).one_or_none()


@dataclass(frozen=True)
class Edition:
    """A signed report with whether its content still has its digest, and what differs from the version before."""

    row: SignedReport
    earlier: SignedReport | None
    whole: bool
    changes: Sequence[Difference]


def edition(ctx: Context, signed_id: uuid.UUID) -> Edition:
    """One signed report this person may read, proved; NotFound otherwise."""
    row = get(ctx, signed_id)
    earlier = before(ctx, row)
    return Edition(row, earlier, digest_of(row.content) == row.sha256, differences(earlier, row) if earlier else [])


def differences(old: SignedReport, new: SignedReport) -> list[Difference]:
    """What the new version says differently, in the order of the content; sentences are left out, figures tell it."""
    earlier, later = dict(_leaves(old.content)), dict(_leaves(new.content))
    return [
        Difference(place, earlier.get(place, "—"), later.get(place, "—"))
        for place in dict.fromkeys([*later, *earlier])
        if earlier.get(place) != later.get(place) and not place.endswith(".message")
    ]


def _leaves(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, f"{place}.{name}".lstrip("."))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            name = inner["code"] + (f".{inner['base']}" if inner.get("base") else "") if "code" in inner else number
            yield from _leaves(inner, f"{place}.{name}")
    else:
        yield place, "—" if value is None else str(value)


def _latest(ctx: Context, pilot_id: uuid.UUID, as_of: date) -> SignedReport | None:
    return ctx.session.scalars(
        select(SignedReport)
        .where(SignedReport.pilot_id == pilot_id, SignedReport.as_of == as_of)
        .order_by(SignedReport.version.desc())
        .limit(1)
        .with_for_update()
    ).one_or_none()
