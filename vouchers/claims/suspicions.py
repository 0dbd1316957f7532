"""What acts on claims hold to be suspicious, in words; the acts open the cases themselves, where they see them."""

from __future__ import annotations

from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.policy.findings.detectors import Detector
from marketplace.policy.findings.states import Severity

SUSPICIONS = (
    Detector(
        "claim.related_parties",
        N_("企业与服务商疑似关联"),
        "二(四)",
        Severity.WARN,
        evidence={"relations": N_("关联情形")},
    ),
    Detector(
        "claim.payee_banned",
        N_("收款单位在禁入期内"),
        "二(四)",
        Severity.WARN,
        evidence={"until": N_("禁入至")},
    ),
    Detector(
        "claim.invoice_held",
        N_("审定后发票被暂缓"),
        "四(二)",
        Severity.FAIL,
        evidence={"number": N_("申请编号"), "reason": N_("暂缓理由")},
    ),
    Detector(
        "claim.overdue",
        N_("兑付申请久拖未办"),
        "四(二)",
        Severity.WARN,
        owner=Role.PROVINCE,
        evidence={"number": N_("申请编号"), "day": N_("办理期限")},
    ),
)
