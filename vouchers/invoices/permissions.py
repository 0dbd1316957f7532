"""Who submits, confirms, holds and reads invoices."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

SUBMIT = Permission("invoice.submit", N_("提交发票"))
CONFIRM = Permission("invoice.confirm", N_("企业确认发票"))
HOLD = Permission("invoice.hold", N_("暂缓发票"))
CHECK = Permission("invoice.check", N_("登记发票的税务查验结果"))
SUBMIT_FOR = Permission("invoice.submit_for", N_("代服务商提交直接支出合同的发票"))
CONFIRM_FOR = Permission("invoice.confirm_for", N_("采购单位确认直接支出合同的发票"))
READ = Permission("invoice.read", N_("查看发票"))

MATRIX = {
    SUBMIT: {Role.PROVIDER: Within.OWN},
    CONFIRM: {Role.ENTERPRISE: Within.OWN},
    SUBMIT_FOR: {Role.PILOT: Within.PLACE},
    CONFIRM_FOR: {Role.PILOT: Within.PLACE},
    HOLD: {Role.PILOT: Within.PLACE, Role.CITY: Within.PLACE, Role.FINANCE: Within.PLACE},
    CHECK: {Role.PILOT: Within.PLACE, Role.CITY: Within.PLACE, Role.FINANCE: Within.PLACE},
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
