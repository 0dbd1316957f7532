"""Issuing vouchers to enterprises on a pilot's list: one by one, from a spreadsheet, on an enterprise's request."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from marketplace.base.context import Context
from marketplace.base.errors import Invalid, Refusal
from marketplace.base.money import Yuan
from marketplace.base.text import N_, Text
from marketplace.people.organisations import queries as organisations
from marketplace.pilots.members import queries as members
from marketplace.pilots.programmes import queries as pilots
from marketplace.policy.sanctions import queries as sanctions
from marketplace.record.audit import actions as audit
from marketplace.record.notices import actions as notices
from vouchers.funds import gate
from vouchers.funds import queries as funds
from vouchers.ledger.actions import issue as ledger
from vouchers.ledger.models.commitments import Commitment, Voucher
from vouchers.ledger.models.funds import IssueBatch
from vouchers.ledger.posting import other_request, scope
from vouchers.schemes import queries as schemes
from vouchers.schemes import rules as terms
from vouchers.schemes.models import SchemeVersion
from vouchers.wallets import permissions, queries, sheets
from vouchers.wallets.events import VouchersIssued


@dataclass(frozen=True)
class Award:
    """One voucher to be: who gets it, and its face in fen."""

    enterprise_id: uuid.UUID
    face_fen: int


def issue_one(
    ctx: Context, version_id: uuid.UUID, *, enterprise_id: uuid.UUID, face_fen: int, key: str, reason: str = ""
) -> ledger.Issued:
    """Issue one voucher under a published scheme version.

    The enterprise is confirmed, on the pilot's list (二(一)) and not banned; the face is within the scheme's cap; the
    line of the scheme's category has the money (四(一)); the engine has nothing against it, and where it warns there is
    a `reason` (四(二)). `key` names the act, made by the client.
    """
    version = _version(ctx, version_id)
    require_eligible(ctx, version, enterprise_id)
    require_face(version, face_fen)
    return award(ctx, version, [Award(enterprise_id, face_fen)], key=key, reason=reason)


def grant(
    ctx: Context, version_id: uuid.UUID, *, enterprise_id: uuid.UUID, face_fen: int, key: str, reason: str = ""
) -> ledger.Issued:
    """Issue the voucher that an enterprise asked for and the offices agreed on, under the rules of `issue_one`.

    The caller has authorised the act: whoever decides a request need not be whoever issues by himself.
    """
    version = _open(ctx, version_id)
    require_eligible(ctx, version, enterprise_id)
    require_face(version, face_fen)
    return award(ctx, version, [Award(enterprise_id, face_fen)], key=key, reason=reason)


def require_eligible(ctx: Context, version: SchemeVersion, enterprise_id: uuid.UUID) -> None:
    """The enterprise is confirmed, on the pilot's list (二(一)), not banned, and has used enough of what it got."""
    enterprise = organisations.require_confirmed(ctx, enterprise_id)
    members.require_live(ctx, enterprise.id, version.pilot_id)
    sanctions.require_none(ctx, "organisation", str(enterprise.id))
    if version.min_use_bps is not None:
        claimed, used = queries.use_of(ctx, version.scheme_id, [enterprise.id]).get(enterprise.id, (0, 0))
        terms.check_use(claimed, used, version.min_use_bps)


def require_face(version: SchemeVersion, face_fen: int) -> None:
    """A face is within the cap of one voucher and one of the scheme's face values, where it has some; in fen."""
    terms.check_face(face_fen, cap_voucher_fen=version.cap_voucher_fen, faces_fen=version.faces_fen)


def examine_sheet(ctx: Context, version_id: uuid.UUID, *, data: bytes, filename: str) -> sheets.DryRun:
    """What a sheet would issue, with every bad row named; changes nothing."""
    return sheets.examine(ctx, _version(ctx, version_id), data, filename=filename)


def issue_sheet(ctx: Context, version_id: uuid.UUID, *, data: bytes, filename: str, reason: str = "") -> ledger.Issued:
    """Issue every row of a sheet, or nothing. The same file under the same version issues nothing a second time.

    Where the engine warns of what the whole sheet does, it takes a `reason` (四(二)).
    """
    version = _version(ctx, version_id)
    run = sheets.examine(ctx, version, data, filename=filename)
    if run.faults:
        raise Invalid(
            {
                "file": [
                    Text(N_("第 {number} 行：{fault}"), {"number": row.number, "fault": row.fault})
                    for row in run.faults[:20]
                ]
            },
            code="sheet.rows",
        )
    awards = [Award(row.enterprise_id, row.face_fen) for row in run.rows if row.enterprise_id and row.face_fen]
    key = f"sheet:{version.id}:{run.sha256.hex()}"
    return award(ctx, version, awards, key=key, reason=reason, file_sha256=run.sha256)


def _version(ctx: Context, version_id: uuid.UUID) -> SchemeVersion:
    """A version under which whoever acts may issue."""
    version = schemes.open_version(ctx, version_id)
    ctx.require(permissions.ISSUE, version)
    return _open(ctx, version_id)


def _open(ctx: Context, version_id: uuid.UUID) -> SchemeVersion:
    version = schemes.open_version(ctx, version_id)
    pilots.require_running(ctx, version.pilot_id)
    check_open(version, ctx.today)
    return version


def check_open(version: SchemeVersion, today: date) -> None:
    """Vouchers are issued under a version as long as one can order with them."""
    if version.use_by < today:
        raise Refusal("scheme.over", N_("方案的使用期已于 {day} 截止，不能再发券。"), day=version.use_by)


def award(
    ctx: Context,
    version: SchemeVersion,
    awards: Sequence[Award],
    *,
    key: str,
    reason: str,
    field: str | None = "face",
    file_sha256: bytes | None = None,
) -> ledger.Issued:
    """Issue vouchers to enterprises that were found eligible, each at a face that was checked: all of them or none.

    What is refused is refused before anything is written; `field` is the input at fault, if there is one.
    """
    line = funds.line_of(ctx, version.pilot_id, version.category).line
    numbers = _award_numbers(ctx, line.id, awards)
    earlier = _issued_before(ctx, line.id, key, version, awards)  # after the numbers, or a rival's would look like ours
    if earlier is not None:
        return earlier
    _check_scheme(ctx, version, sum(award.face_fen for award in awards))
    last_day = terms.last_day(version.use_by, version.use_days, ctx.today)
    items = []
    for award in awards:
        numbers[award.enterprise_id] = numbers.get(award.enterprise_id, 0) + 1
        items.append(
            ledger.VoucherItem(award.face_fen, last_day, award.enterprise_id, version.id, numbers[award.enterprise_id])
        )
    answers: list[gate.Answer] = []
    total = {version.category: sum(award.face_fen for award in awards)}
    given: Counter[uuid.UUID] = Counter()
    for award in awards:
        given[award.enterprise_id] += award.face_fen

    def ask() -> None:
        asked = gate.Act.ISSUE, total
        answers.append(gate.ask(ctx, version.pilot_id, *asked, enterprises=given, reason=reason, field=field))

    issued = ledger.issue(ctx, line.id, items, key, file_sha256=file_sha256, before=ask)
    if issued.replayed:
        return issued
    facts = {"batch_id": issued.batch_id, "number": len(items), "total_fen": issued.total}
    audit.record(ctx, "voucher.issued", version, **facts, **answers[0].kept)
    for award in awards if len(awards) <= TELL_EACH else ():
        notices.tell(
            ctx,
            organisation_id=award.enterprise_id,
            text=Text(N_("您收到一张数字化转型服务券，面额 {face}。"), {"face": Yuan(award.face_fen)}),
            url="/vouchers",
        )
    ctx.announce(VouchersIssued(version.pilot_id, version.id, len(items), issued.total))
    return issued


def _check_scheme(ctx: Context, version: SchemeVersion, asked_fen: int) -> None:
    """All vouchers of a scheme together stay within its total, where it has one."""
    if version.cap_scheme_fen is None:
        return
    issued = queries.issued_under(ctx, version.scheme_id)
    if issued + asked_fen > version.cap_scheme_fen:
        raise Refusal(
            "scheme.exhausted",
            N_("方案发券总额 {cap}，已发放 {issued}，本次 {asked}，超出总额。"),
            clause=terms.CLAUSE,
            field="face",
            cap=Yuan(version.cap_scheme_fen),
            issued=Yuan(issued),
            asked=Yuan(asked_fen),
        )


FEW = 500
"""Up to so many enterprises are named in a statement; beyond, the whole line is read."""
TELL_EACH = 500
"""Beyond this a bulk issue tells nobody one by one; the wallets show it."""


def _issued_before(
    ctx: Context, line_id: uuid.UUID, key: str, version: SchemeVersion, awards: Sequence[Award]
) -> ledger.Issued | None:
    """What the same key issued before out of this line: a sheet loaded twice, a button pressed twice.

    Refuses a key that issued something else: a form sent again from the browser's history with another enterprise.
    """
    batch = ctx.session.scalars(
        select(IssueBatch).where(
            IssueBatch.line_id == line_id, IssueBatch.idem_scope == scope(ctx), IssueBatch.idem_key == key
        )
    ).one_or_none()
    if batch is None:
        return None
    found = ctx.session.execute(
        select(Commitment.id, Commitment.face, Voucher.enterprise_id, Voucher.scheme_version_id)
        .join(Voucher, Voucher.commitment_id == Commitment.id)
        .where(Commitment.issue_batch_id == batch.id)
        .order_by(Commitment.id)
    ).all()
    before = Counter((row.enterprise_id, row.face, row.scheme_version_id) for row in found)
    if before != Counter((award.enterprise_id, award.face_fen, version.id) for award in awards):
        raise other_request()
    return ledger.Issued(batch.id, [row.id for row in found], batch.total, replayed=True)


def _award_numbers(ctx: Context, line_id: uuid.UUID, awards: Sequence[Award]) -> dict[uuid.UUID, int]:
    """How many vouchers of a line each enterprise has; of a few enterprises only theirs are counted."""
    statement = select(Voucher.enterprise_id, func.max(Voucher.award_no)).where(Voucher.line_id == line_id)
    if len(awards) <= FEW:
        statement = statement.where(Voucher.enterprise_id.in_({award.enterprise_id for award in awards}))
    rows = ctx.session.execute(statement.group_by(Voucher.enterprise_id))
    return {enterprise_id: number for enterprise_id, number in rows}
