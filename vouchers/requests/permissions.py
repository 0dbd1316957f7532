"""Who asks for a voucher, who looks at the request first, who decides."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

SUBMIT = Permission("voucher_request.submit", N_("申领服务券"))
REVIEW_PILOT = Permission("voucher_request.review_pilot", N_("初审服务券申领"))
REVIEW_CITY = Permission("voucher_request.review_city", N_("复审服务券申领并发券"))
READ = Permission("voucher_request.read", N_("查看服务券申领"))

MATRIX = {
    SUBMIT: {Role.ENTERPRISE: Within.OWN},
    REVIEW_PILOT: {Role.PILOT: Within.PLACE},
    REVIEW_CITY: {Role.CITY: Within.PLACE},
    READ: {
        Role.ENTERPRISE: Within.OWN,
        Role.PILOT: Within.PLACE,
        Role.CITY: Within.PLACE,
        Role.FINANCE: Within.PLACE,
        Role.PROVINCE: Within.PLACE,
        Role.AUDITOR: Within.PLACE,
    },
}
