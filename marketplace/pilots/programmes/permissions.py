"""Who may do what with programmes and pilots. Programmes, batches and approved pilots are public."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

OPEN = Permission("programme.open", N_("设立试点项目和批次"))
READ = Permission("pilot.read", N_("查看试点申报和办理情况"))
NOMINATE = Permission("pilot.nominate", N_("推荐试点"))
REVIEW = Permission("pilot.review", N_("登记专家评审结果"))
PUBLISH = Permission("pilot.publish", N_("发布入围名单公示"))
APPROVE = Permission("pilot.approve", N_("批复试点和核定奖补资金"))
GOVERN = Permission("pilot.govern", N_("暂停、恢复、结束试点"))
EVALUATE = Permission("pilot.evaluate", N_("登记中期评估结果"))
PROPOSE = Permission("tranche.propose", N_("提出资金安排建议"))
RELEASE = Permission("tranche.release", N_("确定下达奖补资金"))
RECEIVE = Permission("tranche.receive", N_("确认资金到位"))
CHANGE = Permission("plan.change", N_("申请调整实施方案"))
DECIDE_CHANGE = Permission("plan.decide", N_("批准实施方案调整"))

_PROVINCE = {Role.PROVINCE: Within.PLACE}

MATRIX = {
    OPEN: _PROVINCE,
    READ: {
        Role.PILOT: Within.PLACE,
        Role.CITY: Within.PLACE,
        Role.FINANCE: Within.PLACE,
        Role.PROVINCE: Within.PLACE,
        Role.AUDITOR: Within.PLACE,
    },
    NOMINATE: {Role.CITY: Within.PLACE},
    REVIEW: _PROVINCE,
    PUBLISH: _PROVINCE,
    APPROVE: _PROVINCE,
    GOVERN: _PROVINCE,
    EVALUATE: _PROVINCE,
    PROPOSE: _PROVINCE,
    RELEASE: _PROVINCE,
    RECEIVE: {Role.FINANCE: Within.PLACE},
    CHANGE: {Role.PILOT: Within.PLACE, Role.CITY: Within.PLACE},
    DECIDE_CHANGE: _PROVINCE,
}
