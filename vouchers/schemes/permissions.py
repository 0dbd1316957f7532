"""Who makes schemes, and who reads them before they are published."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

MAKE = Permission("scheme.make", N_("制定服务券方案"))
READ = Permission("scheme.read", N_("查看服务券方案"))

MATRIX = {
    MAKE: {Role.PILOT: Within.PLACE},
    READ: {
        Role.PILOT: Within.PLACE,
        Role.CITY: Within.PLACE,
        Role.FINANCE: Within.PLACE,
        Role.PROVINCE: Within.PLACE,
        Role.AUDITOR: Within.PLACE,
    },
}
