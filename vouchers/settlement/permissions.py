"""Who makes, releases and reads payments. Maker and checker hold the same role; the act compares the persons."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

MAKE = Permission("batch.make", N_("编制支付批次"))
APPROVE = Permission("batch.approve", N_("复核支付批次（须为另一人）"))
LOAD = Permission("batch.load_return", N_("导入银行回单"))
READ = Permission("batch.read", N_("查看支付批次"))
SET_TIERS = Permission("batch.tiers", N_("设定支付批次的复核人数"))

MATRIX = {
    SET_TIERS: {Role.CITY: Within.PLACE},
    MAKE: {Role.FINANCE: Within.PLACE},
    APPROVE: {Role.FINANCE: Within.PLACE},
    LOAD: {Role.FINANCE: Within.PLACE},
    READ: {
        Role.FINANCE: Within.PLACE,
        Role.PILOT: Within.PLACE,
        Role.CITY: Within.PLACE,
        Role.PROVINCE: Within.PLACE,
        Role.AUDITOR: Within.PLACE,
    },
}
