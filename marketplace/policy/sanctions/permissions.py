"""Who imposes bans, and who sees them all. The bans that hold are public."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

IMPOSE = Permission("sanction.impose", N_("作出和撤销取消资格的处理"))
READ = Permission("sanction.read", N_("查看取消资格的全部记录"))

MATRIX = {
    IMPOSE: {Role.PROVINCE: Within.PLACE},
    READ: {
        Role.PILOT: Within.ANY,
        Role.CITY: Within.ANY,
        Role.FINANCE: Within.ANY,
        Role.PROVINCE: Within.ANY,
        Role.AUDITOR: Within.ANY,
    },
}
