"""Who may do what in the catalogue. Listed products are public."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

OFFER = Permission("product.offer", N_("编写产品并提交上架"))
READ = Permission("listing.read", N_("查看未公开的上架申请"))
REVIEW = Permission("listing.review", N_("审核产品上架"))

MATRIX = {
    OFFER: {Role.PROVIDER: Within.OWN},
    READ: {
        Role.PROVIDER: Within.OWN,
        Role.CITY: Within.PLACE,
        Role.PROVINCE: Within.PLACE,
        Role.AUDITOR: Within.PLACE,
    },
    REVIEW: {Role.CITY: Within.PLACE},
}
