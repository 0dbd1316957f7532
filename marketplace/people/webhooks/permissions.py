"""An organisation's own people look after its webhooks; nobody else sees them."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

MANAGE = Permission("webhook.manage", N_("管理本单位的推送地址"))

MATRIX = {MANAGE: {Role.ENTERPRISE: Within.OWN, Role.PROVIDER: Within.OWN}}
