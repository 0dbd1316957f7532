"""Who divides the money, and who reads where it stands."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

ALLOT = Permission("fund.allot", N_("按资金用途安排额度"))
READ = Permission("fund.read", N_("查看资金情况"))

MATRIX = {
    ALLOT: {Role.FINANCE: Within.PLACE},
    READ: {
        Role.PILOT: Within.PLACE,
        Role.CITY: Within.PLACE,
        Role.FINANCE: Within.PLACE,
        Role.PROVINCE: Within.PLACE,
        Role.AUDITOR: Within.PLACE,
    },
}
