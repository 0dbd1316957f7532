"""Who reads a statement: the payee its own."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

READ = Permission("statement.read", N_("查看本单位对账单"))

MATRIX = {READ: {Role.PROVIDER: Within.OWN, Role.ENTERPRISE: Within.OWN}}
