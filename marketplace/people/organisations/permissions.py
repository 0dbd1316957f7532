"""Who may do what with organisations.

Whoever acts for nobody yet may register one, because that is how a person gets her first role; whoever has a role needs
the verb in it.
"""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

REGISTER = Permission("organisation.register", N_("登记单位"))
READ = Permission("organisation.read", N_("查看单位"))
CHANGE = Permission("organisation.change", N_("变更单位信息"))
CONFIRM = Permission("organisation.confirm", N_("确认单位身份"))
ADMIT_CODE = Permission("organisation.admit_code", N_("核准校验码不符的统一社会信用代码"))
REGISTER_OFFICE = Permission("organisation.register_office", N_("登记主管部门、试点办公室和银行"))
READ_ACCOUNT = Permission("bank_account.read", N_("查看收款账户"))
PROPOSE_ACCOUNT = Permission("bank_account.propose", N_("提出收款账户"))
CONFIRM_ACCOUNT = Permission("bank_account.confirm", N_("复核收款账户"))
STOP_ACCOUNT = Permission("bank_account.stop", N_("停用收款账户"))
READ_CASE = Permission("ownership_case.read", N_("查看单位归属争议"))
DECIDE_CASE = Permission("ownership_case.decide", N_("处理单位归属争议"))

_OFFICERS = {Role.PILOT: Within.PLACE, Role.CITY: Within.PLACE}
_FIRMS = {Role.ENTERPRISE: Within.OWN, Role.PROVIDER: Within.OWN}

MATRIX = {
    REGISTER: {
        Role.ENTERPRISE: Within.ANY,
        Role.PROVIDER: Within.ANY,
        Role.EXPERT: Within.ANY,
        Role.PILOT: Within.ANY,
        Role.CITY: Within.ANY,
        Role.PROVINCE: Within.ANY,
        Role.ADMIN: Within.ANY,
    },
    READ: {
        **_FIRMS,
        **_OFFICERS,
        Role.FINANCE: Within.PLACE,
        Role.PROVINCE: Within.PLACE,
        Role.AUDITOR: Within.PLACE,
        Role.ADMIN: Within.ANY,
    },
    CHANGE: _FIRMS,
    CONFIRM: _OFFICERS,
    ADMIT_CODE: _OFFICERS,
    REGISTER_OFFICE: {Role.CITY: Within.PLACE, Role.PROVINCE: Within.PLACE, Role.ADMIN: Within.ANY},
    READ_ACCOUNT: {
        **_FIRMS,
        **_OFFICERS,
        Role.FINANCE: Within.PLACE,
        Role.PROVINCE: Within.PLACE,
        Role.AUDITOR: Within.PLACE,
    },
    PROPOSE_ACCOUNT: _FIRMS,
    CONFIRM_ACCOUNT: {**_FIRMS, **_OFFICERS, Role.FINANCE: Within.PLACE},
    STOP_ACCOUNT: {**_FIRMS, **_OFFICERS, Role.FINANCE: Within.PLACE},
    READ_CASE: {**_OFFICERS, Role.PROVINCE: Within.PLACE, Role.AUDITOR: Within.PLACE},
    DECIDE_CASE: _OFFICERS,
}
