"""Who issues, holds and sees vouchers."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

ISSUE = Permission("voucher.issue", N_("发放服务券"))
RECALL = Permission("voucher.recall", N_("收回、冻结或解冻服务券"))
GIVE_BACK = Permission("voucher.give_back", N_("退回用不到的服务券金额"))
READ = Permission("voucher.read", N_("查看服务券"))

MATRIX = {
    ISSUE: {Role.PILOT: Within.PLACE},
    RECALL: {Role.PILOT: Within.PLACE, Role.CITY: Within.PLACE},
    GIVE_BACK: {Role.ENTERPRISE: Within.OWN},
    READ: {
        Role.ENTERPRISE: Within.OWN,
        Role.PILOT: Within.PLACE,
        Role.CITY: Within.PLACE,
        Role.FINANCE: Within.PLACE,
        Role.PROVINCE: Within.PLACE,
        Role.AUDITOR: Within.PLACE,
    },
}
