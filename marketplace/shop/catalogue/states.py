"""States and fixed vocabularies of the catalogue."""

from __future__ import annotations

from enum import StrEnum

from marketplace.base.states import Lifecycle
from marketplace.base.text import N_


class ListingState(StrEnum):
    SUBMITTED = "submitted"
    LISTED = "listed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


LISTING = Lifecycle(
    "listing",
    {
        "list": (ListingState.SUBMITTED, ListingState.LISTED),
        "reject": (ListingState.SUBMITTED, ListingState.REJECTED),
        "withdraw": ({ListingState.SUBMITTED, ListingState.LISTED}, ListingState.WITHDRAWN),
    },
    labels={
        ListingState.SUBMITTED: N_("待审核"),
        ListingState.LISTED: N_("已上架"),
        ListingState.REJECTED: N_("未通过审核"),
        ListingState.WITHDRAWN: N_("已下架"),
    },
    tones={ListingState.LISTED: "ok", ListingState.SUBMITTED: "warn", ListingState.REJECTED: "bad"},
)


class CostType(StrEnum):
    """What a price pays for: schemes say which of these they subsidise."""

    SOFTWARE = "software"
    CLOUD = "cloud"
    HARDWARE = "hardware"
    SERVICE = "service"


COST_TYPES = {
    CostType.SOFTWARE: N_("软件"),
    CostType.CLOUD: N_("云服务"),
    CostType.HARDWARE: N_("数据采集与传输硬件"),
    CostType.SERVICE: N_("实施与服务"),
}


class Deployment(StrEnum):
    SAAS = "saas"
    PRIVATE = "private"
    HYBRID = "hybrid"
    EDGE = "edge"


DEPLOYMENTS = {
    Deployment.SAAS: N_("SaaS / 公有云"),
    Deployment.PRIVATE: N_("私有化部署"),
    Deployment.HYBRID: N_("混合部署"),
    Deployment.EDGE: N_("边缘一体机"),
}

SCENARIOS = {
    "01": N_("产品设计"),
    "02": N_("工艺设计"),
    "03": N_("营销管理"),
    "04": N_("售后服务"),
    "05": N_("计划排程"),
    "06": N_("生产管控"),
    "07": N_("质量管理"),
    "08": N_("设备管理"),
    "09": N_("安全生产"),
    "10": N_("能耗管理"),
    "11": N_("采购管理"),
    "12": N_("仓储物流"),
    "13": N_("财务管理"),
    "14": N_("人力资源"),
    "15": N_("协同办公"),
    "16": N_("决策支持"),
}
"""The sixteen scenarios of the national digital level assessment of 2024."""
