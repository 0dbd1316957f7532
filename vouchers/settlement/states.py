"""Batches, items and attempts as people read them; the ledger keeps the same states."""

from __future__ import annotations

from enum import StrEnum

from marketplace.base.states import Lifecycle
from marketplace.base.text import N_
from vouchers.ledger.states import AttemptState, BatchState, ItemState

BATCH = Lifecycle(
    "payment_batch",
    {
        "approve": (BatchState.DRAFT, BatchState.APPROVED),
        "cancel": (BatchState.DRAFT, BatchState.CANCELLED),
        "send": (BatchState.APPROVED, BatchState.SENT),
        "answer": (BatchState.SENT, BatchState.SENT),
        "close": (BatchState.SENT, BatchState.DONE),
    },
    labels={
        BatchState.DRAFT: N_("已制单，待复核"),
        BatchState.APPROVED: N_("已复核，付款文件生成中"),
        BatchState.SENT: N_("已生成付款文件，待银行回单"),
        BatchState.DONE: N_("已办结"),
        BatchState.CANCELLED: N_("已作废"),
    },
    tones={
        BatchState.DRAFT: "warn",
        BatchState.SENT: "warn",
        BatchState.DONE: "ok",
        BatchState.CANCELLED: "quiet",
    },
)

ITEM = Lifecycle(
    "batch_item",
    {
        "pay": (ItemState.OPEN, ItemState.PAID),
        "fail": (ItemState.OPEN, ItemState.FAILED),
    },
    labels={
        ItemState.OPEN: N_("办理中"),
        ItemState.PAID: N_("已付款"),
        ItemState.FAILED: N_("已退出本批次"),
    },
    tones={ItemState.PAID: "ok", ItemState.FAILED: "bad"},
)

ATTEMPT = Lifecycle(
    "payout_attempt",
    {
        "send": (AttemptState.PREPARED, AttemptState.SENT),
        "confirm": ({AttemptState.SENT, AttemptState.UNKNOWN}, AttemptState.CONFIRMED),
        "fail": ({AttemptState.PREPARED, AttemptState.SENT, AttemptState.UNKNOWN}, AttemptState.FAILED),
        "doubt": (AttemptState.SENT, AttemptState.UNKNOWN),
    },
    labels={
        AttemptState.PREPARED: N_("待发送"),
        AttemptState.SENT: N_("已列入付款文件"),
        AttemptState.CONFIRMED: N_("银行已付款"),
        AttemptState.FAILED: N_("银行退回"),
        AttemptState.UNKNOWN: N_("结果不明，待向银行核实"),
    },
    tones={AttemptState.CONFIRMED: "ok", AttemptState.FAILED: "bad", AttemptState.UNKNOWN: "warn"},
)


class FileKind(StrEnum):
    PAYMENT = "payment"
    RETURN = "return"


class Outcome(StrEnum):
    """What the bank says of one payment."""

    PAID = "paid"
    FAILED = "failed"
    UNKNOWN = "unknown"
