"""Who may do what with public notices. Reading a notice needs nothing."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

PUBLISH = Permission("publicity.publish", N_("发布和结束公示"))
READ_OBJECTIONS = Permission("publicity.objections", N_("查看异议人信息"))
RULE = Permission("publicity.rule", N_("答复异议"))

MATRIX = {
    PUBLISH: {Role.CITY: Within.PLACE, Role.PROVINCE: Within.PLACE},
    READ_OBJECTIONS: {Role.CITY: Within.PLACE, Role.PROVINCE: Within.PLACE, Role.AUDITOR: Within.PLACE},
    RULE: {Role.CITY: Within.PLACE, Role.PROVINCE: Within.PLACE},
}
