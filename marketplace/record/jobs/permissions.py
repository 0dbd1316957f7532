"""Who looks after scheduled work."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

READ = Permission("job.read", N_("查看定时任务"))
RUN = Permission("job.run", N_("手动运行定时任务"))

MATRIX = {
    READ: {Role.ADMIN: Within.ANY, Role.AUDITOR: Within.ANY},
    RUN: {Role.ADMIN: Within.ANY},
}
