"""Who proposes an adjustment, who books it, and who reads them: two persons of finance, never one."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

PROPOSE = Permission("adjustment.propose", N_("提出年终与更正事项"))
BOOK = Permission("adjustment.book", N_("复核年终与更正事项并入账"))
READ = Permission("adjustment.read", N_("查看年终与更正事项"))

_FINANCE = {Role.FINANCE: Within.PLACE}

MATRIX = {
    PROPOSE: _FINANCE,
    BOOK: _FINANCE,
    READ: {
        **_FINANCE,
        Role.PILOT: Within.PLACE,
        Role.CITY: Within.PLACE,
        Role.PROVINCE: Within.PLACE,
        Role.AUDITOR: Within.PLACE,
    },
}
