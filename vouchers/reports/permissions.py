"""Who reads the settlement report before it is made public."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

READ = Permission("report.read", N_("查看结算报告"))
SIGN = Permission("report.sign", N_("签署结算报告"))

MATRIX = {
    READ: {
        Role.PILOT: Within.PLACE,
        Role.CITY: Within.PLACE,
        Role.FINANCE: Within.PLACE,
        Role.PROVINCE: Within.PLACE,
        Role.AUDITOR: Within.PLACE,
    },
    SIGN: {Role.PILOT: Within.PLACE, Role.FINANCE: Within.PLACE},
}
