"""Who prepares, releases and reads opening entries. The act compares the persons: nobody releases what is their own."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

PREPARE = Permission("opening.prepare", N_("上传并提交期初数据"))
RELEASE = Permission("opening.release", N_("复核期初数据并入账（须为另一人）"))
READ = Permission("opening.read", N_("查看期初数据"))

MATRIX = {
    PREPARE: {Role.PILOT: Within.PLACE, Role.FINANCE: Within.PLACE, Role.CITY: Within.PLACE},
    RELEASE: {Role.FINANCE: Within.PLACE},
    READ: {
        Role.PILOT: Within.PLACE,
        Role.FINANCE: Within.PLACE,
        Role.CITY: Within.PLACE,
        Role.PROVINCE: Within.PLACE,
        Role.AUDITOR: Within.PLACE,
    },
}
