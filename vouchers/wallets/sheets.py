"""A spreadsheet of vouchers to issue: one row per enterprise, each bad row named, nothing issued while one is bad."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from marketplace.base import money, sheets, uscc
from marketplace.base.context import Context
from marketplace.base.errors import Refusal
from marketplace.base.text import N_, Text
from marketplace.people.organisations.models import Organisation
from marketplace.people.organisations.states import OrganisationState
from marketplace.pilots.members.models import Member
from marketplace.pilots.members.states import MemberState
from marketplace.policy.sanctions import queries as sanctions
from marketplace.policy.sanctions.models import Ban
from marketplace.policy.sanctions.states import Subject
from vouchers.schemes import rules as terms
from vouchers.schemes.models import SchemeVersion
from vouchers.wallets import queries

HEADERS = {
    "uscc": ("统一社会信用代码", "企业代码", "uscc", "enterprise"),
    "face": ("面额", "金额", "face", "amount"),
}
CHUNK = 500


@dataclass(frozen=True)
class Row:
    """One row as read: its number in the sheet, what it names, and what is wrong with it."""

    number: int
    uscc: str
    face_fen: int | None
    enterprise_id: uuid.UUID | None = None
    name: str = ""
    fault: Text | None = None


@dataclass(frozen=True)
class DryRun:
    """What a sheet would issue."""

    sha256: bytes
    rows: Sequence[Row]

    @property
    def faults(self) -> list[Row]:
        return [row for row in self.rows if row.fault is not None]

    @property
    def total_fen(self) -> int:
        return sum(row.face_fen or 0 for row in self.rows if row.fault is None)


def examine(ctx: Context, version: SchemeVersion, data: bytes, *, filename: str = "") -> DryRun:
    """Read and check a sheet against a scheme version without issuing anything."""
    read = _read(sheets.read(data, filename=filename), version)
    found = _enterprises(ctx, version.pilot_id, [row.uscc for row in read if row.fault is None])
    seen: dict[str, int] = {}
    rows = []
    for row in read:
        if row.fault is None:
            row = _known(row, found, seen)
        rows.append(row)
    rows = _used_enough(ctx, version, rows)
    if not rows:
        raise Refusal("sheet.empty", N_("表格中没有数据行。"), field="file")
    return DryRun(hashlib.sha256(data).digest(), rows)


def _used_enough(ctx: Context, version: SchemeVersion, rows: list[Row]) -> list[Row]:
    """The rows, those of enterprises that have not used enough of earlier vouchers with that as their fault."""
    if version.min_use_bps is None:
        return rows
    sound = [row.enterprise_id for row in rows if row.fault is None and row.enterprise_id]
    uses = queries.use_of(ctx, version.scheme_id, sound)
    checked = []
    for row in rows:
        if row.fault is None and row.enterprise_id in uses:
            try:
                terms.check_use(*uses[row.enterprise_id], version.min_use_bps)
            except Refusal as refusal:
                row = replace(row, fault=refusal.text)
        checked.append(row)
    return checked


def _read(table: list[list[str]], version: SchemeVersion) -> list[Row]:
    at, columns = _header(table)
    rows = []
    for number, cells in enumerate(table[at + 1 :], start=at + 2):
        if not any(cell.strip() for cell in cells):
            continue
        code = cells[columns["uscc"]] if columns["uscc"] < len(cells) else ""
        amount = cells[columns["face"]] if columns["face"] < len(cells) else ""
        rows.append(_row(number, code, amount, version))
    return rows


def _header(table: list[list[str]]) -> tuple[int, dict[str, int]]:
    """The header row (at most five title rows above it) and the place of each column."""
    for at, cells in enumerate(table[:6]):
        named = [cell.strip().casefold() for cell in cells]
        places = {
            key: next((named.index(name) for name in names if name in named), -1) for key, names in HEADERS.items()
        }
        if all(place >= 0 for place in places.values()):
            return at, places
    raise Refusal("sheet.header", N_("表头需要“统一社会信用代码”和“面额”两列。"), field="file")


def _row(number: int, code: str, amount: str, version: SchemeVersion) -> Row:
    try:
        normal = uscc.check(code)
    except Refusal as refusal:
        return Row(number, code[:24], None, fault=refusal.text)
    try:
        face = money.parse(amount)
    except Refusal as refusal:
        return Row(number, normal, None, fault=refusal.text)
    try:
        terms.check_face(face, cap_voucher_fen=version.cap_voucher_fen, faces_fen=version.faces_fen)
    except Refusal as refusal:
        return Row(number, normal, face, fault=refusal.text)
    return Row(number, normal, face)


@dataclass(frozen=True)
class Enterprise:
    """What an enterprise that a row names must be: confirmed, on the pilot's list, not banned."""

    id: uuid.UUID
    name: str
    state: OrganisationState
    member: MemberState | None
    ban: Ban | None


def _enterprises(ctx: Context, pilot_id: uuid.UUID, codes: Iterable[str]) -> dict[str, Enterprise]:
    """Organisations by code with their membership in the pilot and their bans, a few hundred per statement."""
    wanted = sorted(set(codes))
    found: dict[str, Enterprise] = {}
    for start in range(0, len(wanted), CHUNK):
        rows = ctx.session.execute(
            select(Organisation.uscc, Organisation.id, Organisation.name, Organisation.state, Member.state)
            .outerjoin(
                Member,
                (Member.enterprise_id == Organisation.id)
                & (Member.pilot_id == pilot_id)
                & (Member.state != MemberState.WITHDRAWN),
            )
            .where(Organisation.uscc.in_(wanted[start : start + CHUNK]))
        ).all()
        bans = sanctions.active_among(ctx, Subject.ORGANISATION, [row[1] for row in rows], ctx.today)
        found |= {
            code: Enterprise(organisation_id, name, state, member, bans.get(str(organisation_id)))
            for code, organisation_id, name, state, member in rows
        }
    return found


def _known(row: Row, found: dict[str, Enterprise], seen: dict[str, int]) -> Row:
    """The row with its enterprise, or with what is wrong with it."""
    enterprise = found.get(row.uscc)
    fault = _fault(row, enterprise, seen)
    seen.setdefault(row.uscc, row.number)
    if enterprise is None:
        return Row(row.number, row.uscc, row.face_fen, fault=fault)
    return Row(row.number, row.uscc, row.face_fen, enterprise.id, enterprise.name, fault)


def _fault(row: Row, enterprise: Enterprise | None, seen: dict[str, int]) -> Text | None:
    """Unknown, repeated, not on the pilot's list, not confirmed, or banned: the rules of a single issue."""
    if enterprise is None:
        return Text(N_("平台上没有代码为 {uscc} 的企业。"), {"uscc": row.uscc})
    if row.uscc in seen:
        return Text(N_("与第 {first} 行重复。"), {"first": seen[row.uscc]})
    if enterprise.member is not MemberState.CONFIRMED:
        return Text(N_("{name} 不在本试点的改造名单内（二(一)）。"), {"name": enterprise.name})
    if enterprise.state is not OrganisationState.CONFIRMED:
        return Text(N_("{name} 的身份尚未确认。"), {"name": enterprise.name})
    if enterprise.ban is not None:
        values = {"name": enterprise.name, "until": enterprise.ban.until_day, "clause": enterprise.ban.clause}
        return Text(N_("{name} 被取消资格至 {until}（{clause}）。"), values)
    return None
