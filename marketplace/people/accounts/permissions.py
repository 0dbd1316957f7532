"""Who may make persons known and give roles. What concerns only oneself needs no permission beyond signing in."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

READ = Permission("person.read", N_("查看人员及其身份"))
CREATE = Permission("person.create", N_("建立人员账号"))
BLOCK = Permission("person.block", N_("停用或恢复人员账号"))
GRANT = Permission("assignment.grant", N_("授予、撤销身份或邀请人员"))

MATRIX = {
    READ: {
        Role.ADMIN: Within.ANY,
        Role.CITY: Within.PLACE,
        Role.AUDITOR: Within.PLACE,
        Role.ENTERPRISE: Within.OWN,
        Role.PROVIDER: Within.OWN,
    },
    CREATE: {Role.ADMIN: Within.ANY},
    BLOCK: {Role.ADMIN: Within.ANY},
    GRANT: {
        Role.ADMIN: Within.ANY,
        Role.CITY: Within.PLACE,
        Role.ENTERPRISE: Within.OWN,
        Role.PROVIDER: Within.OWN,
    },
}
