"""Who judges a renovation, and who may read the judgement."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

JUDGE = Permission("acceptance.judge", N_("组织验收"))
READ = Permission("acceptance.read", N_("查看验收结论"))

MATRIX = {
    JUDGE: {Role.CITY: Within.PLACE},
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
