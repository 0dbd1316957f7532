"""Who opens a recovery, answers it, decides about it, books the money, and reads it."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

OPEN = Permission("recovery.open", N_("发起追回"))
ANSWER = Permission("recovery.answer", N_("对追回作出说明"))
DECIDE = Permission("recovery.decide", N_("复核追回（须为另一人）"))
RECEIVE = Permission("recovery.receive", N_("登记退款到账"))
READ = Permission("recovery.read", N_("查看追回"))

_DESKS = {Role.PILOT: Within.PLACE, Role.CITY: Within.PLACE, Role.FINANCE: Within.PLACE}
_FIRMS = {Role.ENTERPRISE: Within.OWN, Role.PROVIDER: Within.OWN}

MATRIX = {
    OPEN: _DESKS,
    ANSWER: _FIRMS,
    DECIDE: {Role.CITY: Within.PLACE, Role.FINANCE: Within.PLACE},
    RECEIVE: {Role.FINANCE: Within.PLACE},
    READ: {**_FIRMS, **_DESKS, Role.PROVINCE: Within.PLACE, Role.AUDITOR: Within.PLACE},
}
