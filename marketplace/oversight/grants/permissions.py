"""Who brings in lists of other programmes, and who reads them."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

READ = Permission("grant_list.read", N_("查看其他资金扶持名单"))
BRING_IN = Permission("grant_list.bring_in", N_("导入和撤回其他资金扶持名单"))

MATRIX = {
    READ: {
        Role.CITY: Within.PLACE,
        Role.FINANCE: Within.PLACE,
        Role.PROVINCE: Within.PLACE,
        Role.AUDITOR: Within.PLACE,
    },
    BRING_IN: {Role.CITY: Within.PLACE, Role.PROVINCE: Within.PLACE},
}
