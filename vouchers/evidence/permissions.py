"""Who takes a pack away: the auditor of the place."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

EXPORT = Permission("evidence.export", N_("导出证据包"))

MATRIX = {EXPORT: {Role.AUDITOR: Within.PLACE}}
