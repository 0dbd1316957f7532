"""Pages: what waits to be paid, a batch with its maker and checker, the files to and from the bank."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, Response, request, send_file, url_for
from werkzeug.wrappers import Response as Redirect

from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.base.roles import Role
from marketplace.base.sheets import MAX_BYTES
from marketplace.base.text import N_, Text
from marketplace.people.accounts import queries as accounts
from marketplace.people.regions import queries as regions
from marketplace.pilots.programmes import queries as pilots
from marketplace.record.documents import actions as documents
from marketplace.record.documents.names import disposition
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import moment, say
from marketplace.web.nav import Task
from marketplace.web.runtime import act, reading
from marketplace.web.security import access
from vouchers.ledger.models.funds import Fund
from vouchers.ledger.models.payments import PaymentBatch
from vouchers.ledger.states import BatchState, ItemState
from vouchers.settlement import actions, late, queries, tiers
from vouchers.settlement.listings import BATCHES, WAITING
from vouchers.settlement.permissions import APPROVE, LOAD, MAKE, READ, SET_TIERS
from vouchers.settlement.schemas import ApprovalForm, BatchForm, ReturnForm, TierForm
from vouchers.settlement.states import BATCH

bp = Blueprint("settlement", __name__, url_prefix="/settlement")


@bp.get("")
@access(READ)
def index() -> str | Redirect:
    """Funds with claims that wait, the one that is due first first, and the batches below."""
    ctx = reading()
    piles = queries.waiting_by_fund(ctx)
    funds = queries.funds(ctx, piles)
    desks = sorted(
        ((funds[fund_id], pile) for fund_id, pile in piles.items() if fund_id in funds),
        key=lambda desk: (desk[1].due_on or date.max, desk[0].id),
    )
    return BATCHES.answer(
        "settlement/index.html",
        ctx=ctx,
        desks=[(fund, pile, _cash(fund)) for fund, pile in desks],
        pilots=pilots.names(ctx, [fund.pilot_id for fund in funds.values()]),
        may_make=ctx.may(MAKE),
        today=ctx.today,
    )


def _cash(fund: Fund) -> int:
    """What of a fund may still be paid, in fen: what has arrived and is neither given back nor spent (四(一))."""
    return fund.received - fund.returned - fund.paid + fund.recovered


@bp.route("/funds/<uuid:fund_id>", methods=["GET", "POST"])
@access(MAKE)
def fund(fund_id: uuid.UUID) -> Any:
    """Approved claims of one fund: what is ticked becomes a batch."""
    form = Form(BatchForm)
    if form.submitted and form.act(lambda ctx, data: actions.make(ctx, fund_id, data["claims"])):
        return done(N_("批次已制单，请另一人复核。"), url_for("settlement.batch", batch_id=form.result.id))
    ctx = reading()
    found = queries.fund(ctx, fund_id)
    answer = WAITING.answer(
        "settlement/fund.html",
        ctx=ctx,
        given={"fund_id": fund_id},
        form=form,
        fund=found,
        cash=_cash(found),
        pile=queries.waiting_by_fund(ctx).get(fund_id),
        chosen=request.form.getlist("claims") if form.submitted else None,
        pilot_name=pilots.names(ctx, [found.pilot_id]).get(found.pilot_id, ""),
    )
    return (answer, form.status) if isinstance(answer, str) else answer


@bp.get("/batches/<uuid:batch_id>")
@access(READ)
def batch(batch_id: uuid.UUID) -> str:
    """A batch, and the one next thing for whoever looks."""
    return _batch(batch_id, Form(ReturnForm))[0]


def _batch(batch_id: uuid.UUID, form: Form, approval: Form | None = None) -> tuple[str, int]:
    ctx = reading()
    found = queries.get(ctx, batch_id)
    mine = ctx.who.person_id == found.maker_id
    draft = found.state is BatchState.DRAFT
    files = queries.files(ctx, batch_id)
    lines = queries.lines(ctx, batch_id)
    releases = tiers.released_by(ctx, batch_id) if draft else []
    needed = tiers.needed(ctx, found) if draft else 1
    mine = mine or ctx.who.person_id in {row.person_id for row in releases}
    people = accounts.names(
        ctx, [found.maker_id, found.checker_id, *(f.loaded_by for f in files), *(row.person_id for row in releases)]
    )
    page = render(
        "settlement/batch.html",
        ctx=ctx,
        form=form,
        approval=approval,
        batch=found,
        late=late.of_batch(ctx, batch_id),
        lines=lines,
        counted=Counted.of(lines),
        files=files,
        path=_path(found, people, len(releases), needed),
        people=people,
        releases=releases,
        needed=needed,
        pilot_name=pilots.names(ctx, [found.pilot_id]).get(found.pilot_id, ""),
        may_approve=draft and not mine and ctx.may(APPROVE, found),
        may_edit=draft and ctx.who.person_id == found.maker_id and ctx.may(MAKE, found),
        may_cancel=draft and ctx.may(MAKE, found),
        waits_for_another=draft and mine,
        may_write=found.state is BatchState.APPROVED and ctx.may(LOAD, found),
        may_load=found.state is BatchState.SENT and ctx.may(LOAD, found),
        may_download=ctx.may(LOAD, found) and any(f.kind == "payment" for f in files),
        has_message=any("message" in f.summary for f in files),
    )
    return page, (approval or form).status


@dataclass(frozen=True)
class Counted:
    """What became of a batch's payments; what was taken out before it left is none of them."""

    payments: int
    paid: int
    paid_fen: int
    failed: int
    failed_fen: int

    @property
    def answered(self) -> bool:
        """Whether the bank has said anything yet."""
        return bool(self.paid or self.failed)

    @staticmethod
    def of(lines: Sequence[queries.Line]) -> Counted:
        paid = [line.item.amount for line in lines if line.item.state is ItemState.PAID]
        failed = [line.item.amount for line in lines if line.item.state is ItemState.FAILED and line.attempt]
        waiting = sum(line.item.state is ItemState.OPEN for line in lines)
        return Counted(len(paid) + len(failed) + waiting, len(paid), sum(paid), len(failed), sum(failed))


_DONE = {BatchState.DRAFT: 1, BatchState.CANCELLED: 1, BatchState.APPROVED: 2, BatchState.SENT: 3, BatchState.DONE: 5}
"""How many of a batch's steps are behind it."""


def _path(batch: PaymentBatch, people: Mapping[uuid.UUID, str], released: int, needed: int) -> list[dict[str, str]]:
    """The way of a batch, with who made and who released it."""
    hints = {
        0: f"{people.get(batch.maker_id, '')} {moment(batch.created_at)}".strip(),
        1: f"{people.get(batch.checker_id, '')} {batch.approved_on}".strip() if batch.checker_id else "",
    }
    if needed > 1:
        hints[1] = say(Text(N_("已复核 {released} 人，共需 {needed} 人"), {"released": released, "needed": needed}))
    labels = (N_("制单"), N_("另一人复核"), N_("生成付款文件"), N_("导入回单"), N_("已办结"))
    done = _DONE[batch.state]
    path = [
        {
            "label": say(label),
            "state": "done" if place < done else "now" if place == done else "next",
            "hint": hints.get(place, ""),
        }
        for place, label in enumerate(labels)
    ]
    if batch.state is BatchState.CANCELLED:
        path[1] |= {"state": "bad", "hint": say(BATCH.labels[batch.state])}
    return path


@bp.post("/batches/<uuid:batch_id>/approve")
@access(APPROVE)
def approve(batch_id: uuid.UUID) -> Redirect | tuple[str, int]:
    """Another person releases a batch; what it warns of stands above the field for the reason."""
    form = Form(ApprovalForm)
    if not form.act(lambda ctx, data: actions.approve(ctx, batch_id, **data).id):
        return _batch(batch_id, Form(ReturnForm), form)
    released = queries.get(reading(), batch_id).state is not BatchState.DRAFT
    told = N_("已复核，付款文件正在生成。") if released else N_("已记录您的复核，还须由另一人继续复核。")
    return done(told, url_for("settlement.batch", batch_id=batch_id))


@bp.get("/tiers")
@access(READ)
def tier_list() -> tuple[str, int]:
    """How many persons release a batch, by its amount."""
    return _tiers(Form(TierForm))


@bp.post("/tiers")
@access(SET_TIERS)
def put_tier() -> Any:
    """A tier is set."""
    form = Form(TierForm)
    if form.act(lambda ctx, data: tiers.put(ctx, above_fen=data["above"], persons=data["persons"]).id):
        return done(N_("已设定，对尚未复核完的批次立即生效。"), url_for("settlement.tier_list"))
    return _tiers(form)


def _tiers(form: Form) -> tuple[str, int]:
    ctx = reading()
    found = tiers.listed(ctx)
    page = render(
        "settlement/tiers.html",
        ctx=ctx,
        form=form,
        tiers=found,
        several=len({tier.city for tier in found}) > 1,
        cities=regions.names(ctx, {tier.city for tier in found}),
        people=accounts.names(ctx, [tier.made_by for tier in found]),
        may_set=ctx.may(SET_TIERS),
    )
    return page, form.status


@bp.post("/tiers/<uuid:tier_id>/end")
@access(SET_TIERS)
def end_tier(tier_id: uuid.UUID) -> Redirect:
    """A tier is ended."""
    act(lambda ctx: tiers.end(ctx, tier_id).id)
    return done(N_("已取消。"), url_for("settlement.tier_list"))


@bp.post("/batches/<uuid:batch_id>/cancel")
@access(MAKE)
def cancel(batch_id: uuid.UUID) -> Redirect:
    act(lambda ctx: actions.cancel(ctx, batch_id).id)
    return done(N_("批次已作废，其中的申请可另行制单。"), url_for("settlement.index"))


@bp.post("/items/<uuid:item_id>/take-out")
@access(MAKE)
def take_out(item_id: uuid.UUID) -> Redirect:
    batch_id = act(lambda ctx: actions.take_out(ctx, item_id).id)
    return done(N_("已移出本批次。"), url_for("settlement.batch", batch_id=batch_id))


@bp.post("/batches/<uuid:batch_id>/payment-file")
@access(LOAD)
def write(batch_id: uuid.UUID) -> Redirect:
    """Write the payment file now, without waiting for the outbox."""
    act(lambda ctx: actions.write_payment_file(ctx, batch_id).id)
    return done(N_("付款文件已生成。"), url_for("settlement.batch", batch_id=batch_id))


@bp.get("/batches/<uuid:batch_id>/payment-file")
@access(LOAD)
def download(batch_id: uuid.UUID) -> Response:
    """The payment file; each look at it is written down."""
    return payment_file_answer(reading(), batch_id)


@bp.get("/batches/<uuid:batch_id>/payment-file.xml")
@access(LOAD)
def message(batch_id: uuid.UUID) -> Response:
    """The same payments as ISO 20022 pain.001."""
    return payment_file_answer(reading(), batch_id, iso=True)


def payment_file_answer(ctx: Context, batch_id: uuid.UUID, *, iso: bool = False) -> Response:
    """The stored file as it went out, byte for byte: the sheet, or with `iso` the message."""
    ctx.require(LOAD, queries.get(ctx, batch_id))
    kept = queries.payment_file(ctx, batch_id)
    if kept is None or (iso and "message" not in kept.summary):
        raise NotFound("payment_file")
    wanted = uuid.UUID(kept.summary["message"]) if iso else kept.document_id
    document, content = documents.open_file(ctx, wanted, N_("下载支付文件"))
    response = send_file(content, mimetype="application/xml" if iso else "text/csv", max_age=0, etag=False)
    response.headers["Content-Disposition"] = disposition(document.name)
    response.headers["Content-Length"] = str(document.size)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/batches/<uuid:batch_id>/return-file")
@access(LOAD)
def load(batch_id: uuid.UUID) -> Any:
    """Read what the bank answered; what is wrong is named line by line beside the field."""
    form = Form(ReturnForm)
    if form.act(lambda ctx, data: _load(ctx, batch_id, data["file"])):
        if form.result.repeated:
            return done(N_("这份回单此前已导入，没有变化。"), url_for("settlement.batch", batch_id=batch_id))
        counts = form.result.file.summary
        message = N_("回单已导入：成功 {paid} 笔，失败 {failed} 笔。")
        url = url_for("settlement.batch", batch_id=batch_id)
        return done(message, url, paid=counts["paid"], failed=counts["failed"])
    return _batch(batch_id, form)


def _load(ctx: Context, batch_id: uuid.UUID, upload: Any) -> actions.Loaded:
    upload.stream.seek(0)  # a second try of the act reads it again
    return actions.load_return(ctx, batch_id, upload.stream.read(MAX_BYTES + 1), upload.filename)


def tasks(ctx: Context) -> list[Task]:
    """What waits for a finance officer: claims to pay, batches of others to check, return files to load."""
    if ctx.actor is None or ctx.actor.role is not Role.FINANCE:
        return []
    found = []
    waiting = queries.waiting_by_fund(ctx)
    if waiting:
        due = min((pile.due_on for pile in waiting.values() if pile.due_on), default=None)
        tone = "danger" if due and due < ctx.today else "warn"
        count = sum(pile.number for pile in waiting.values())
        text = Text(N_("{count} 份审定的兑付申请待付款"), {"count": count})
        found.append(Task(text, url_for("settlement.index"), due=due, tone=tone))
    check = queries.to_check(ctx)
    if check:
        url = url_for("settlement.index", state=BatchState.DRAFT.value)
        found.append(Task(Text(N_("{count} 个支付批次待您复核"), {"count": check}), url, tone="warn"))
    sent = queries.counts(ctx).get(BatchState.SENT, 0)
    if sent:
        url = url_for("settlement.index", state=BatchState.SENT.value)
        found.append(Task(Text(N_("{count} 个支付批次待导入银行回单"), {"count": sent}), url))
    return found
