"""The roles a person may act under, as users know them."""

from __future__ import annotations

from enum import StrEnum

from marketplace.base.text import N_


class Role(StrEnum):
    ENTERPRISE = "enterprise"
    PROVIDER = "provider"
    PILOT = "pilot"
    CITY = "city"
    FINANCE = "finance"
    EXPERT = "expert"
    PROVINCE = "province"
    AUDITOR = "auditor"
    ADMIN = "admin"


LABELS = {
    Role.ENTERPRISE: N_("中小企业"),
    Role.PROVIDER: N_("数字化服务商"),
    Role.PILOT: N_("试点办公室"),
    Role.CITY: N_("设区市工信局"),
    Role.FINANCE: N_("财政经办"),
    Role.EXPERT: N_("评审专家"),
    Role.PROVINCE: N_("省级部门"),
    Role.AUDITOR: N_("审计"),
    Role.ADMIN: N_("平台管理员"),
}
