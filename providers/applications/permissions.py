"""Who may do what with applications and dossiers."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

READ = Permission("application.read", N_("查看申报"))
APPLY = Permission("application.apply", N_("申报"))
KEEP_DOSSIER = Permission("dossier.keep", N_("维护申报资料"))

MATRIX = {
    READ: {
        Role.PROVIDER: Within.OWN,
        Role.CITY: Within.PLACE,
        Role.PROVINCE: Within.PLACE,
        Role.AUDITOR: Within.PLACE,
        Role.EXPERT: Within.SELF,
    },
    APPLY: {Role.PROVIDER: Within.OWN},
    KEEP_DOSSIER: {Role.PROVIDER: Within.OWN},
}
