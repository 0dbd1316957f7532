"""Who may do what with calls. A published call is public."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

READ = Permission("call.read", N_("查看遴选公告草稿"))
MANAGE = Permission("call.manage", N_("起草、发布和终止遴选公告"))

MATRIX = {
    READ: {Role.CITY: Within.PLACE, Role.PROVINCE: Within.PLACE, Role.AUDITOR: Within.PLACE},
    MANAGE: {Role.CITY: Within.PLACE},
}
