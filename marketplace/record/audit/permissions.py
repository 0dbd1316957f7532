"""Who reads what was written down."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

READ = Permission("audit.read", N_("查看操作记录"))

MATRIX = {READ: {Role.AUDITOR: Within.PLACE}}
"""An auditor of a city reads what was done in the city; `queries` says what becomes of acts that name no place."""
