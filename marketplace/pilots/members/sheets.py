"""Nominating many enterprises from a spreadsheet: first a dry run that names each bad row, then all or nothing."""

from __future__ import annotations

import unicodedata
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from marketplace.base import sheets, uscc
from marketplace.base.context import Context
from marketplace.base.errors import Invalid, Refusal
from marketplace.base.text import N_, Text
from marketplace.people.organisations import queries as organisations
from marketplace.people.organisations.models import Organisation
from marketplace.pilots.members import actions, queries, rules
from marketplace.pilots.members.models import Member
from marketplace.pilots.members.rules import Nomination
from marketplace.pilots.programmes import queries as pilots
from marketplace.policy.sanctions import queries as sanctions
from marketplace.policy.sanctions.states import Subject
from marketplace.record.audit import actions as audit

COLUMNS = {
    "uscc": ("uscc", "enterprise", "统一社会信用代码", "企业代码"),
    "focus": ("focus", "cluster", "chain", "产业集群", "产业链"),
    "key_enterprise": ("key_enterprise", "重点企业"),
    "key_link": ("key_link", "关键环节"),
    "baseline_level": ("baseline_level", "改造前水平"),
    "target_level": ("target_level", "目标水平"),
    "urgency": ("urgency", "迫切程度"),
    "note": ("note", "备注"),
}
REQUIRED = ("uscc", "target_level")
_YES, _NO = {"yes", "y", "是", "1", "true", "√"}, {"", "no", "n", "否", "0", "false"}


@dataclass(frozen=True)
class Row:
    """What becomes of one row: `number` as the spreadsheet shows it; `fault` says why it cannot be taken."""

    number: int
    uscc: str
    name: str
    outcome: str
    fault: Text | str | None = None


@dataclass(frozen=True)
class Report:
    """Every row with its outcome: ``new``, ``known`` (on the list already), ``bad``."""

    rows: list[Row]
    written: bool

    def count(self, outcome: str) -> int:
        """How many rows have this outcome."""
        return sum(row.outcome == outcome for row in self.rows)


def nominate_sheet(ctx: Context, pilot_id: uuid.UUID, data: bytes, *, dry_run: bool = True) -> Report:
    """Nominate the enterprises of a sheet. A dry run writes nothing; a bad row refuses the whole sheet.

    The same file twice changes nothing: who is on this pilot's list already is counted and left as it is.
    """
    pilot = actions._running(ctx, pilot_id)
    book = pilots.book(ctx, pilot.id)
    lines = _lines(sheets.read(data))
    found = _organisations(ctx, [line["uscc"] for _, line in lines])
    ids = [organisation.id for organisation in found.values()]
    capacities = organisations.capacities_of(ctx, ids)
    bans = sanctions.active_among(ctx, Subject.ORGANISATION, ids, ctx.today)
    standing = queries.standing_among(ctx, pilot.programme_id, ids)
    own = set(ctx.session.scalars(_here(pilot.id)))
    rows: list[Row] = []
    fresh: list[Member] = []
    for number, line in lines:
        organisation = found.get(line["uscc"])
        name = organisation.name if organisation else ""
        if organisation is not None and organisation.id in own:
            rows.append(Row(number, line["uscc"], name, "known"))
            continue
        try:
            if organisation is None:
                raise Refusal("member.unknown", N_("没有登记这家企业。"))
            if organisation.id in standing:
                raise rules.already(book, name)
            given = _nomination(line, pilot.focus)
            ban = bans.get(str(organisation.id))
            member = actions.checked(book, pilot, organisation, capacities.get(organisation.id, set()), ban, given)
        except Invalid as fault:
            rows.append(Row(number, line["uscc"], name, "bad", next(iter(fault.errors.values()))[0]))
        except Refusal as fault:
            rows.append(Row(number, line["uscc"], name, "bad", fault.text))
        else:
            standing.add(organisation.id)
            fresh.append(member)
            rows.append(Row(number, line["uscc"], name, "new"))
    report = Report(rows, written=not dry_run)
    if dry_run:
        return report
    if report.count("bad"):
        raise _bad(report)
    for member in fresh:
        member.nominated_by = ctx.actor.person_id if ctx.actor else None
        actions.save(ctx, member)
    audit.record(ctx, "member.sheet_nominated", pilot, new=len(fresh), known=report.count("known"))
    return report


def _bad(report: Report) -> Invalid:
    shown = [row for row in report.rows if row.outcome == "bad"]
    return Invalid(
        {
            "file": [
                Text(N_("第 {row} 行 {uscc}：{fault}"), {"row": r.number, "uscc": r.uscc, "fault": r.fault})
                for r in shown[:20]
            ]
        },
        "member.sheet_has_faults",
    )


def _here(pilot_id: uuid.UUID) -> Any:
    return select(Member.enterprise_id).where(Member.pilot_id == pilot_id, Member.state != "withdrawn")


def _organisations(ctx: Context, codes: list[str]) -> dict[str, Organisation]:
    wanted = select(Organisation).where(Organisation.uscc.in_(set(codes)))
    return {organisation.uscc: organisation for organisation in ctx.session.scalars(wanted)}


def _lines(rows: list[list[str]]) -> list[tuple[int, dict[str, str]]]:
    """The rows under the header, by column; blank rows are skipped, their numbers count."""
    names = {_folded(alias): column for column, aliases in COLUMNS.items() for alias in aliases}
    headers = [[names.get(_folded(cell)) for cell in row] for row in rows[:6]]
    start = next((place for place, header in enumerate(headers) if "uscc" in header), None)
    if start is None:
        raise Invalid({"file": [N_("表头应有“统一社会信用代码”和“目标水平”两列。")]})
    header = headers[start]
    missing = [column for column in REQUIRED if column not in header]
    doubled = len([c for c in header if c]) != len({c for c in header if c})
    if missing or doubled:
        raise Invalid({"file": [N_("表头应有“统一社会信用代码”和“目标水平”两列。")]})
    found = []
    for number, row in enumerate(rows[start + 1 :], start=start + 2):
        line = dict.fromkeys(COLUMNS, "") | {c: v.strip() for c, v in zip(header, row, strict=False) if c}
        if any(line.values()):
            line["uscc"] = uscc.normal(line["uscc"])
            found.append((number, line))
    return found


def _nomination(line: dict[str, str], plan_focus: str) -> Nomination:
    urgency = line["urgency"] or "1"
    if not urgency.isdecimal() or not 1 <= int(urgency) <= 9999:
        raise Invalid({"urgency": [N_("迫切程度从 1 开始排序。")]})
    return Nomination(
        focus=line["focus"] or plan_focus,
        target_level=line["target_level"],
        key_link=_flag(line["key_link"], "key_link"),
        key_enterprise=_flag(line["key_enterprise"], "key_enterprise"),
        baseline_level=line["baseline_level"] or None,
        urgency=int(urgency),
        note=line["note"],
    )


def _flag(text: str, field: str) -> bool:
    folded = _folded(text)
    if folded in _YES or folded in _NO:
        return folded in _YES
    raise Invalid({field: [Text(N_("“{value}”应填是或否。"), {"value": text[:20]})]})


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()
