"""Who records levels, and who sees them."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

READ = Permission("level.read", N_("查看数字化水平"))
RECORD = Permission("level.record", N_("登记数字化水平"))

MATRIX = {
    READ: {
        Role.ENTERPRISE: Within.OWN,
        Role.PILOT: Within.PLACE,
        Role.CITY: Within.PLACE,
        Role.FINANCE: Within.PLACE,
        Role.PROVINCE: Within.PLACE,
        Role.AUDITOR: Within.PLACE,
    },
    RECORD: {Role.PILOT: Within.PLACE, Role.CITY: Within.PLACE},
}
