"""Who may do what with orders."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

PLACE = Permission("order.place", N_("下单"))
CONFIRM = Permission("order.confirm", N_("确认交付与发票、取消、提出异议"))
FULFIL = Permission("order.fulfil", N_("接单、备案合同、交付"))
RULE = Permission("order.rule", N_("裁定订单争议"))
READ = Permission("order.read", N_("查看订单"))

MATRIX = {
    PLACE: {Role.ENTERPRISE: Within.OWN},
    CONFIRM: {Role.ENTERPRISE: Within.OWN},
    FULFIL: {Role.PROVIDER: Within.OWN},
    RULE: {Role.CITY: Within.PLACE},
    READ: {
        Role.ENTERPRISE: Within.OWN,
        Role.PROVIDER: Within.OWN,
        Role.PILOT: Within.PLACE,
        Role.CITY: Within.PLACE,
        Role.FINANCE: Within.PLACE,
        Role.PROVINCE: Within.PLACE,
        Role.AUDITOR: Within.PLACE,
    },
}
