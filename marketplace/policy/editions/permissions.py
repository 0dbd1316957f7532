"""Who may publish a rule book. Reading one is open to everybody."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

PUBLISH = Permission("policy.publish", N_("发布政策规则"))

MATRIX = {PUBLISH: {Role.PROVINCE: Within.PLACE}}
