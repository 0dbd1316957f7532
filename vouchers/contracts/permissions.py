"""Who records, confirms and accepts contracts of direct expenditure, and who reads them."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

RECORD = Permission("contract.record", N_("登记直接支出合同"))
CONFIRM = Permission("contract.confirm", N_("复核直接支出合同"))
ACCEPT = Permission("contract.accept", N_("验收直接支出合同的交付"))
RECALL = Permission("contract.recall", N_("调减直接支出合同"))
READ = Permission("contract.read", N_("查看直接支出合同"))

_OFFICERS = {Role.PILOT: Within.PLACE, Role.CITY: Within.PLACE}

MATRIX = {
    RECORD: _OFFICERS,
    CONFIRM: {**_OFFICERS, Role.FINANCE: Within.PLACE},
    ACCEPT: _OFFICERS,
    RECALL: _OFFICERS,
    READ: {
        Role.PROVIDER: Within.OWN,
        **_OFFICERS,
        Role.FINANCE: Within.PLACE,
        Role.PROVINCE: Within.PLACE,
        Role.AUDITOR: Within.PLACE,
    },
}
