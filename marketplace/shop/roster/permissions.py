"""Who may do what with the list."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

KEEP = Permission("roster.keep", N_("维护服务商名录"))

MATRIX = {KEEP: {Role.CITY: Within.PLACE}}
