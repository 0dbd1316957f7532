"""Who looks after what leaves the house. One's own inbox needs no permission."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

READ_OUTBOX = Permission("outbox.read", N_("查看待发送的消息"))
RETRY = Permission("outbox.retry", N_("重新发送消息"))

MATRIX = {
    READ_OUTBOX: {Role.ADMIN: Within.ANY, Role.AUDITOR: Within.ANY},
    RETRY: {Role.ADMIN: Within.ANY},
}
