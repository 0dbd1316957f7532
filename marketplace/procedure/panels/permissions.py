"""Who may do what with experts and panels."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

READ_POOL = Permission("expert.read", N_("查看专家库"))
KEEP_POOL = Permission("expert.keep", N_("维护专家库"))
READ = Permission("panel.read", N_("查看评审专家组"))
DRAW = Permission("panel.draw", N_("抽取和更换评审专家"))
CLOSE = Permission("panel.close", N_("结束评分"))
SCORE = Permission("panel.score", N_("声明回避和评分"))

_OFFICERS = {Role.CITY: Within.PLACE, Role.PROVINCE: Within.PLACE}

MATRIX = {
    READ_POOL: {**_OFFICERS, Role.AUDITOR: Within.PLACE},
    KEEP_POOL: _OFFICERS,
    READ: {**_OFFICERS, Role.AUDITOR: Within.PLACE, Role.EXPERT: Within.SELF},
    DRAW: _OFFICERS,
    CLOSE: _OFFICERS,
    SCORE: {Role.EXPERT: Within.SELF},
}
