"""Who may correct the reference data of places. Reading it is open to everybody."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

CLASSIFY = Permission("region.classify", N_("认定设区市、县的类别"))
ADD_ZONE = Permission("region.add_zone", N_("登记开发区"))

MATRIX = {
    CLASSIFY: {Role.PROVINCE: Within.PLACE},
    ADD_ZONE: {Role.PROVINCE: Within.PLACE},
}
