"""Who claims, who reviews, who reads."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

SUBMIT = Permission("claim.submit", N_("提交与补正兑付申请"))
SUBMIT_FOR = Permission("claim.submit_for", N_("代服务商提交直接支出合同的兑付申请"))
REVIEW_PILOT = Permission("claim.review_pilot", N_("初审兑付申请"))
REVIEW_CITY = Permission("claim.review_city", N_("复审兑付申请"))
READ = Permission("claim.read", N_("查看兑付申请"))

MATRIX = {
    SUBMIT: {Role.PROVIDER: Within.OWN, Role.ENTERPRISE: Within.OWN},
    SUBMIT_FOR: {Role.PILOT: Within.PLACE},
    REVIEW_PILOT: {Role.PILOT: Within.PLACE},
    REVIEW_CITY: {Role.CITY: Within.PLACE},
    READ: {
        Role.ENTERPRISE: Within.OWN,
        Role.PROVIDER: Within.OWN,
        Role.PILOT: Within.PLACE,
        Role.CITY: Within.PLACE,
        Role.FINANCE: Within.PLACE,
        Role.PROVINCE: Within.PLACE,
        Role.AUDITOR: Within.PLACE,
    },
}
