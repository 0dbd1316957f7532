"""Who submits, confirms, holds and reads invoices."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

SUBMIT = Permission("invoice.submit", N_("提交发票"))
CONFIRM = Permission("invoice.confirm", N_("企业确认发票"))
HOLD = Permission("invoice.hold", N_("暂缓发票"))
READ = Permission("invoice.read", N_("查看发票"))

MATRIX = {
    SUBMIT: {Role.PROVIDER: Within.OWN},
    CONFIRM: {Role.ENTERPRISE: Within.OWN},
    HOLD: {Role.PILOT: Within.PLACE, Role.CITY: Within.PLACE, Role.FINANCE: Within.PLACE},
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
