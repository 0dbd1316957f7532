"""Who may do what with standing on the list."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

READ = Permission("standing.read", N_("查看对服务商的处理"))
MEASURE = Permission("standing.measure", N_("警告、整改、暂停和移出服务商"))

MATRIX = {
    READ: {
        Role.PROVIDER: Within.OWN,
        Role.CITY: Within.PLACE,
        Role.PROVINCE: Within.PLACE,
        Role.AUDITOR: Within.PLACE,
    },
    MEASURE: {Role.CITY: Within.PLACE},
}
