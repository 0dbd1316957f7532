"""Who puts enterprises on a pilot's list, and who confirms them."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

READ = Permission("member.read", N_("查看改造企业名单"))
NOMINATE = Permission("member.nominate", N_("提名改造企业"))
CONFIRM = Permission("member.confirm", N_("确认改造企业"))
WITHDRAW = Permission("member.withdraw", N_("将企业移出名单"))

MATRIX = {
    READ: {
        Role.ENTERPRISE: Within.OWN,
        Role.PILOT: Within.PLACE,
        Role.CITY: Within.PLACE,
        Role.FINANCE: Within.PLACE,
        Role.PROVINCE: Within.PLACE,
        Role.AUDITOR: Within.PLACE,
    },
    NOMINATE: {Role.PILOT: Within.PLACE},
    CONFIRM: {Role.CITY: Within.PLACE},
    WITHDRAW: {Role.PILOT: Within.PLACE, Role.CITY: Within.PLACE},
}
