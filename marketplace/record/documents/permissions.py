"""Who reads files: the owner, the place (its auditor too); a matter may open a file to others."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

READ = Permission("document.read", N_("查看文件"))

STORE = Permission("document.store", N_("上传文件"))
"""To upload a file by a program, before an act names it; pages take the file with the act."""

MATRIX: dict[Permission, dict[Role, Within]] = {
    STORE: {role: Within.OWN for role in Role if role is not Role.AUDITOR},
    READ: {
        Role.ENTERPRISE: Within.OWN,
        Role.PROVIDER: Within.OWN,
        Role.PILOT: Within.PLACE,
        Role.CITY: Within.PLACE,
        Role.FINANCE: Within.PLACE,
        Role.PROVINCE: Within.PLACE,
        Role.EXPERT: Within.SELF,
        Role.AUDITOR: Within.PLACE,
    },
}
