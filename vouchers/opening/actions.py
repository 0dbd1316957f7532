"""Uploading, submitting, sending back and releasing what a pilot brings along."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, BinaryIO

from sqlalchemy import insert

from marketplace.base.context import Context
from marketplace.base.errors import Refusal
from marketplace.base.ids import random_number
from marketplace.base.text import N_
from marketplace.pilots.programmes import queries as pilots
from marketplace.pilots.programmes.models import Pilot
from marketplace.policy.books.model import Book
from marketplace.policy.engine.rows import Row, folded
from marketplace.policy.findings import actions as findings
from marketplace.policy.findings.detectors import Suspicion
from marketplace.policy.findings.states import Severity
from marketplace.record.audit import actions as audit
from marketplace.record.documents import actions as documents
from marketplace.record.documents.models import Document
from vouchers.funds import actions as money
from vouchers.funds import queries as funds
from vouchers.ledger.actions import openings as ledger
from vouchers.ledger.models.funds import BudgetLine
from vouchers.ledger.models.openings import Opening, OpeningRow
from vouchers.ledger.refusals import civil
from vouchers.opening import judging, permissions, queries, reading, rules, words
from vouchers.opening.events import OpeningReleased, OpeningReturned, OpeningSubmitted
from vouchers.opening.judging import Judged
from vouchers.opening.rules import Fault
from vouchers.opening.states import OPENING

ROWS_NAMED = 20
"""Rows of the sheet that a refusal names; the page names all."""


def upload(ctx: Context, pilot_id: uuid.UUID, content: BinaryIO, filename: str) -> Opening:
    """Read a spending sheet and keep its rows for a pilot, without any effect on its money.

    Raises `Invalid` with every cell that nobody can understand, and keeps nothing then. Refuses ``opening.same_rows``
    when another opening of the pilot says the same, in whatever form of file, unless that was withdrawn.
    """
    pilot = pilots.get(ctx, pilot_id)
    ctx.require(permissions.PREPARE, pilot)
    pilots.require_running(ctx, pilot_id)
    fund, book = funds.governed(ctx, pilot_id), pilots.book(ctx, pilot_id)
    document = documents.store(ctx, content, filename, "opening_sheet", pilot_id=pilot.id, city=pilot.city)
    with documents.open_file(ctx, document.id, "opening")[1] as stored:
        sheet = reading.read(stored, book, pilot.type)
    digest = rules.digest(sheet.rows)
    same = queries.same_rows(ctx, pilot_id, digest)
    if same is not None:
        raise Refusal(
            "opening.same_rows",
            N_("这份表格的内容已在期初数据 {number} 中，不能重复导入。"),
            clause="四(二)",
            field="file",
            number=same.number,
        )
    opening = _kept(ctx, pilot, fund.id, document, digest, sheet, book)
    audit.record(
        ctx,
        "opening.uploaded",
        opening,
        number=opening.number,
        sha256=opening.file_sha256,
        rows=opening.n,
        arranged_fen=opening.arranged,
        paid_fen=opening.paid,
    )
    return opening


def _kept(
    ctx: Context, pilot: Pilot, fund_id: uuid.UUID, document: Document, digest: str, sheet: reading.Read, book: Book
) -> Opening:
    found, days = rules.groups(sheet.rows), [row.day for row in sheet.rows]
    opening = Opening(
        fund_id=fund_id,
        pilot_id=pilot.id,
        city=pilot.city,
        number="Q" + random_number(9),
        document_id=document.id,
        file_sha256=document.sha256,
        rows_sha256=digest,
        n=len(sheet.rows),
        skipped=sheet.skipped,
        first_day=min(days),
        last_day=max(days),
        arranged=sum(group.arranged for group in found),
        paid=sum(group.paid for group in found),
        refunded=sum(group.sums.refunded for group in found),
        maker_id=ctx.who.person_id,
    )
    levels = book.level_scale.levels
    with civil():
        ctx.add(opening)
        ctx.session.flush()
        ctx.session.execute(
            insert(OpeningRow),
            [
                _row(opening.id, row, renovation, levels)
                for row, renovation in zip(sheet.rows, sheet.renovation, strict=True)
            ],
        )
    return opening


def _row(opening_id: uuid.UUID, row: Row, renovation: bool, levels: Sequence[str]) -> dict[str, Any]:
    return {
        "opening_id": opening_id,
        "number": row.number,
        "day": row.day,
        "kind": row.kind.value,
        "category": row.category,
        "renovation": renovation,
        "amount": row.amount,
        "enterprise": row.enterprise,
        "enterprise_key": folded(row.enterprise),
        "provider": row.provider,
        "contract": row.contract,
        "contract_key": folded(row.contract),
        "invoices": "、".join(row.invoices),
        "invoice_lost": row.invoice_lost,
        "other_support": row.other_support,
        "key_link": row.key_link,
        "level": levels[row.level - 1] if row.level else None,
        "rank": row.level,
        "accepted": row.accepted,
        "total": row.total,
    }


def submit(ctx: Context, opening_id: uuid.UUID, note: str) -> Opening:
    """The person who uploaded a sheet puts it before another one, with a note on where its figures come from.

    Refuses what stands against booking it, in the engine's words: rows of a use that is not the pilot's, contracts the
    books have already, more paid than has arrived (四(一)), more promised than the rules leave room for (四(二)).
    """
    opening = queries.get(ctx, opening_id, lock=True)
    ctx.require(permissions.PREPARE, opening)
    _require_maker(ctx, opening)
    if not note.strip():
        raise Refusal("opening.note_missing", N_("请写明数据来源和核对情况。"), field="note")
    if not OPENING.allows(opening, "submit"):
        OPENING.move(opening, "submit")
    pilots.require_running(ctx, opening.pilot_id)
    _refuse(judging.judged(ctx, opening, queries.engine_rows(ctx, opening.id)))
    opening.note, opening.submitted_at = note.strip(), ctx.now
    opening.checker_id = opening.reason = None
    OPENING.move(opening, "submit")
    ctx.session.flush()
    audit.record(ctx, "opening.submitted", opening, rows=opening.n, paid_fen=opening.paid)
    ctx.announce(OpeningSubmitted(opening.id, opening.n, opening.arranged, opening.paid))
    return opening


def send_back(ctx: Context, opening_id: uuid.UUID, reason: str) -> Opening:
    """Another person does not release an opening, and says why; its maker corrects or withdraws it."""
    opening = queries.get(ctx, opening_id, lock=True)
    ctx.require(permissions.RELEASE, opening)
    _require_another(ctx, opening)
    if not reason.strip():
        raise Refusal("opening.reason_missing", N_("请写明退回的理由。"), field="reason")
    OPENING.move(opening, "send_back")
    opening.checker_id, opening.reason = ctx.who.person_id, reason.strip()
    ctx.session.flush()
    audit.record(ctx, "opening.returned", opening)
    ctx.announce(OpeningReturned(opening.id))
    return opening


def withdraw(ctx: Context, opening_id: uuid.UUID) -> Opening:
    """Its maker gives up an opening that is not released; the same rows may be uploaded again."""
    opening = queries.get(ctx, opening_id, lock=True)
    ctx.require(permissions.PREPARE, opening)
    _require_maker(ctx, opening)
    OPENING.move(opening, "withdraw")
    ctx.session.flush()
    audit.record(ctx, "opening.withdrawn", opening)
    return opening


def release(ctx: Context, opening_id: uuid.UUID) -> Opening:
    """Another person puts an opening into the books: commitments and payments of all its rows, in this one act.

    Persons are compared, not assignments (`opening.same_person`). All rules of `submit` are asked again, under the lock
    of the fund. What its categories lack is allotted first (四(二)). Rows that break a rule and yet happened become
    cases for the city. What is released is never taken back.
    """
    opening = queries.get(ctx, opening_id, lock=True)
    ctx.require(permissions.RELEASE, opening)
    _require_another(ctx, opening)
    if not OPENING.allows(opening, "release"):
        OPENING.move(opening, "release")
    pilots.require_running(ctx, opening.pilot_id)
    funds.lock(ctx, opening.fund_id)
    judged = judging.judged(ctx, opening, queries.engine_rows(ctx, opening.id))
    _refuse(judged)
    lines = _lines(ctx, opening, judged)
    batch_id = ledger.post(ctx, opening, lines, _balances(ctx, opening, judged))
    opening.checker_id, opening.released_on, opening.batch_id = ctx.who.person_id, ctx.today, batch_id
    opening.judged = judged.kept()
    OPENING.move(opening, "release")
    with civil():
        ctx.session.flush()
    _open_cases(ctx, opening, judged)
    audit.record(
        ctx,
        "opening.released",
        opening,
        maker_id=opening.maker_id,
        rows=opening.n,
        arranged_fen=opening.arranged,
        paid_fen=opening.paid,
    )
    ctx.announce(OpeningReleased(opening.id, opening.pilot_id, opening.n, opening.arranged, opening.paid))
    return opening


def _require_maker(ctx: Context, opening: Opening) -> None:
    if opening.maker_id != ctx.who.person_id:
        raise Refusal("opening.not_maker", N_("只有上传人可以提交或撤回期初数据 {number}。"), number=opening.number)


def _require_another(ctx: Context, opening: Opening) -> None:
    if opening.maker_id == ctx.who.person_id:
        raise Refusal(
            "opening.same_person",
            N_("期初数据 {number} 由您本人提交，须由另一人复核。"),
            clause="四(二)",
            number=opening.number,
        )


def _refuse(judged: Judged) -> None:
    """Refuse with the first thing that stands against booking; the page shows all of them."""
    for fault in judged.faults:
        raise _refusal(fault)


def _refusal(fault: Fault) -> Refusal:
    if not fault.rows:
        refusal = Refusal(fault.code, fault.text.template, clause=fault.clause)
        refusal.text = fault.text
        return refusal
    shown = "、".join(map(str, fault.rows[:ROWS_NAMED])) + ("…" if len(fault.rows) > ROWS_NAMED else "")
    return Refusal(fault.code, N_("{what}（表格第 {rows} 行）"), clause=fault.clause, what=fault.text, rows=shown)


def _lines(ctx: Context, opening: Opening, judged: Judged) -> dict[str, BudgetLine]:
    """A line with enough money for each category of the sheet: opened where there is none, allotted what it lacks."""
    known = {state.line.category: state.line for state in funds.by_fund(ctx, funds.governed(ctx, opening.pilot_id))}
    for line in judged.lines:
        if line.short:
            known[line.category] = money.allot(
                ctx,
                opening.pilot_id,
                category=line.category,
                amount_fen=line.short,
                key=f"opening:{opening.id}:{line.category}:allot",
            )
        elif line.category not in known:
            known[line.category] = money.open_line(ctx, opening.pilot_id, category=line.category)
    return {line.category: known[line.category] for line in judged.lines}


def _balances(ctx: Context, opening: Opening, judged: Judged) -> list[ledger.Balance]:
    providers = queries.organisations(ctx, {folded(group.provider) for group in judged.groups})
    numbers = rules.numbers(judged.groups, opening.number)
    return [
        ledger.Balance(
            category=group.category,
            contract=group.contract,
            contract_key=group.key,
            first_row=group.first.number,
            signed_on=group.signed_on,
            arranged=group.arranged,
            paid=group.paid,
            refunded=group.sums.refunded,
            number=number,
            reference=rules.reference(opening.number, group),
            provider_id=providers.get(folded(group.provider)) if group.key else None,
        )
        for group, number in zip(judged.groups, numbers, strict=True)
    ]


def _open_cases(ctx: Context, opening: Opening, judged: Judged) -> None:
    """One case for the city per rule that rows break; they happened, so they are booked and not forgotten."""
    for code, found in judged.failing.items():
        rows = [finding.row for finding in found if finding.row is not None]
        findings.open(
            ctx,
            detector=words.DETECTOR,
            clause=found[0].clause,
            severity=Severity.FAIL,
            suspicion=Suspicion(
                subject_kind="opening",
                subject_id=str(opening.id),
                city=opening.city,
                pilot_id=opening.pilot_id,
                fingerprint=code,
                template=N_("期初数据 {number} 有 {count} 行不符合规定（{what}）：第 {rows} 行。"),
                evidence={
                    "number": opening.number,
                    "what": [words.BROKEN.get(code, code)],
                    "count": len(rows),
                    "rows": "、".join(map(str, rows[:ROWS_NAMED])) + ("…" if len(rows) > ROWS_NAMED else ""),
                },
                url=f"/openings/{opening.id}",
            ),
        )
