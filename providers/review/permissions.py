"""Who may do what in the review of a call."""

from __future__ import annotations

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_

READ = Permission("review.read", N_("查看遴选评审"))
REVIEW = Permission("review.check", N_("形式审查、组织评审和提出拟入选名单"))
DECIDE = Permission("review.decide", N_("确定入选名单"))

MATRIX = {
    READ: {Role.CITY: Within.PLACE, Role.PROVINCE: Within.PLACE, Role.AUDITOR: Within.PLACE},
    REVIEW: {Role.CITY: Within.PLACE},
    DECIDE: {Role.CITY: Within.PLACE},
}
