"""The life of a claim as people read it; the ledger keeps the same states."""

from __future__ import annotations

from enum import StrEnum

from marketplace.base.states import Lifecycle
from marketplace.base.text import N_
from vouchers.ledger.states import ClaimState


class Step(StrEnum):
    """Whose desk a claim is on."""

    PILOT = "pilot"
    CITY = "city"


class Decision(StrEnum):
    APPROVED = "approved"
    RETURNED = "returned"
    REJECTED = "rejected"


CLAIM = Lifecycle(
    "claim",
    {
        "review": (ClaimState.SUBMITTED, ClaimState.REVIEWED),
        "approve": (ClaimState.REVIEWED, ClaimState.APPROVED),
        "return": ({ClaimState.SUBMITTED, ClaimState.REVIEWED}, ClaimState.RETURNED),
        "correct": (ClaimState.RETURNED, ClaimState.SUBMITTED),
        "reject": ({ClaimState.SUBMITTED, ClaimState.REVIEWED}, ClaimState.REJECTED),
        "withdraw": (ClaimState.RETURNED, ClaimState.REJECTED),
        "revoke": (ClaimState.APPROVED, ClaimState.REJECTED),
        "overturn": (
            {ClaimState.SUBMITTED, ClaimState.REVIEWED, ClaimState.RETURNED, ClaimState.APPROVED},
            ClaimState.REJECTED,
        ),
        "pay": (ClaimState.APPROVED, ClaimState.PAID),
    },
    labels={
        ClaimState.SUBMITTED: N_("待试点办公室初审"),
        ClaimState.REVIEWED: N_("待设区市复审"),
        ClaimState.APPROVED: N_("已审定，待付款"),
        ClaimState.RETURNED: N_("已退回，待补正"),
        ClaimState.REJECTED: N_("未予兑付"),
        ClaimState.PAID: N_("已付款"),
    },
    tones={
        ClaimState.RETURNED: "warn",
        ClaimState.REJECTED: "bad",
        ClaimState.PAID: "ok",
    },
)

STEPS = {Step.PILOT: N_("试点办公室初审"), Step.CITY: N_("设区市工信局复审")}
DECISIONS = {
    Decision.APPROVED: N_("同意"),
    Decision.RETURNED: N_("退回，请补正"),
    Decision.REJECTED: N_("不予兑付"),
}
DESKS = {ClaimState.SUBMITTED: Step.PILOT, ClaimState.REVIEWED: Step.CITY}
"""On whose desk a claim of each state lies."""


class CutCode(StrEnum):
    """Why a part of a claim is not paid."""

    NOT_ELIGIBLE = "not_eligible"
    EVIDENCE = "evidence"
    PRICE = "price"
    DOUBLE = "double"
    OTHER = "other"


CUTS = {
    CutCode.NOT_ELIGIBLE: (N_("不属于补贴范围"), "四(二)"),
    CutCode.EVIDENCE: (N_("佐证材料不足"), "二(五)"),
    CutCode.PRICE: (N_("价格高于公开报价"), "二(四)"),
    CutCode.DOUBLE: (N_("重复支持"), "四(二)"),
    CutCode.OTHER: (N_("其他"), "四(二)"),
}
"""Label, and the clause that is cited unless the reviewer names another."""

FIELDS = {
    "statement": N_("申请说明"),
    "proof": N_("企业付款凭证"),
    "contract": N_("合同"),
    "acceptance": N_("验收"),
    "invoice": N_("发票"),
    "account": N_("收款账户"),
    "amount": N_("申请金额"),
}
"""What a reviewer may write a note to."""


class PaperKind(StrEnum):
    """What a claim stands on."""

    ORDER = "order"
    CONTRACT = "contract"
    ACCEPTANCE = "acceptance"
    INVOICE = "invoice"
    PROOF = "proof"
