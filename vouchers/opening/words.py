"""What is said of rows that break a rule and are booked nevertheless, because they happened."""

from __future__ import annotations

from marketplace.base.text import N_
from marketplace.policy.findings.detectors import Detector
from marketplace.policy.findings.states import Severity

DETECTOR = "opening.rows"
BROKEN = {
    "support.double": N_("同一项目已获其他财政支持"),
    "party.same": N_("企业与服务商为同一单位"),
    "invoice.duplicate": N_("发票重复"),
    "date.outside_period": N_("日期不在实施期内"),
    "level.below_target": N_("改造后水平未达要求"),
    "enterprise.rate": N_("单家企业补助比例超过上限"),
    "enterprise.cap": N_("单家企业补助金额超过上限"),
}
"""Findings that fail and yet stand against no booking, in words."""
SUSPICIONS = (
    Detector(
        DETECTOR,
        N_("期初数据中有不符合规定的行"),
        "四(二)",
        Severity.FAIL,
        evidence={"number": N_("期初编号"), "what": N_("情形"), "count": N_("行数"), "rows": N_("行号")},
    ),
)
