"""The words a book may use: the checks and findings that the engine can make, the values their sentences may show."""

from __future__ import annotations

SHARE_CHECKS = frozenset({"share.renovation.floor", "share.other.ceiling"})
CHECKS = frozenset(
    {
        "award.cap",
        "received.tranche",
        "committed.total",
        "paid.total",
        "targets.enterprises",
        "targets.key_link_share",
        "targets.levels",
        *SHARE_CHECKS,
    }
)
STATUSES = frozenset({"pass", "open", "warn", "fail", "empty"})
"""What advice may answer to; ``empty`` is an open share whose base is not positive."""

CHECK_VALUES = frozenset(
    "base amount limit actual limit_share actual_share numerator shortfall award received pilot_class tranche_share "
    "selected renovated key_link at_level unknown below key_link_level other_level year1_end year2_end as_of".split()
)

_ROW = frozenset({"row"})
_MONEY = frozenset({"amount", "limit"})
ROW_FINDINGS = {
    "category.unknown": _ROW | {"category"},
    "category.not_for_pilot_type": _ROW | {"category", "type"},
    "use.prohibited": _ROW | {"category"},
    "support.double": _ROW | {"support"},
    "party.same": _ROW | {"code"},
    "invoice.duplicate": _ROW | {"invoice", "first"},
    "invoice.malformed": _ROW | {"invoice"},
    "date.outside_period": _ROW | {"date", "start", "end"},
    "date.after_as_of": _ROW | {"date", "as_of"},
    "paid.after_period": _ROW | {"date", "end", "contract"},
    "level.below_target": _ROW | {"enterprise", "level", "target"},
    "uscc.invalid": _ROW | {"column", "code"},
    "enterprise.missing": _ROW | {"category"},
    "row.repeated": _ROW | {"first"},
    "paid.without_commitment": _ROW | {"contract"},
    "paid.before_acceptance": _ROW | {"enterprise", "contract", "date"},
    "refund.exceeds_paid": _ROW | {"category", "contract", "amount", "limit"},
    "release.exceeds_committed": _ROW | {"category", "contract", "amount", "limit"},
    "enterprise.rate": _ROW | {"enterprise", "amount", "limit", "rate", "total"},
    "enterprise.cap": _ROW | {"enterprise", "amount", "limit"},
}
ACT_FINDINGS = {
    "award.above_cap": _MONEY | {"pilot_class"},
    "tranche.exceeds_share": _MONEY | {"share", "award"},
    "tranche.evaluation_missing": frozenset({"tranche"}),
    "receipt.exceeds_released": _MONEY,
    "nomination.quota": frozenset({"type", "city_class", "limit", "actual"}),
    "nomination.not_joint": frozenset({"missing"}),
    "area.in_scope": frozenset({"area"}),
    "area.banned": frozenset({"area", "until"}),
    "condition.undeclared": frozenset({"condition"}),
    "member.outside_focus": frozenset({"member", "focus"}),
    "member.not_key_enterprise": frozenset({"member"}),
    "allotment.exceeds_room": _MONEY | {"category", "reason"},
    "plan.change_unapproved": frozenset({"change"}),
}
FINDINGS = {**ROW_FINDINGS, **ACT_FINDINGS}
