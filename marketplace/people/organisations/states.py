"""States and vocabularies of organisations."""

from __future__ import annotations

from enum import StrEnum

from marketplace.base.states import Lifecycle
from marketplace.base.text import N_


class OrganisationState(StrEnum):
    REGISTERED = "registered"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class CapacityKind(StrEnum):
    ENTERPRISE = "enterprise"
    PROVIDER = "provider"
    BUREAU = "bureau"
    PILOT_OFFICE = "pilot_office"
    BANK = "bank"


class SizeClass(StrEnum):
    LARGE = "large"
    MEDIUM = "medium"
    SMALL = "small"
    MICRO = "micro"


class FactKind(StrEnum):
    NAME = "name"
    LEGAL_REPRESENTATIVE = "legal_representative"
    PHONE = "phone"
    ADDRESS = "address"
    REGION = "region"
    INDUSTRY = "industry"
    SIZE = "size"


class FactState(StrEnum):
    PROPOSED = "proposed"
    CURRENT = "current"
    PAST = "past"
    REFUSED = "refused"


class AccountState(StrEnum):
    PROPOSED = "proposed"
    ACTIVE = "active"
    RETIRED = "retired"
    REFUSED = "refused"


class CaseState(StrEnum):
    OPEN = "open"
    GRANTED = "granted"
    REFUSED = "refused"


class PaperKind(StrEnum):
    LICENCE = "licence"
    LEGAL_REPRESENTATIVE = "legal_representative"
    AUTHORISATION = "authorisation"


ORGANISATION = Lifecycle(
    "organisation",
    {
        "confirm": (OrganisationState.REGISTERED, OrganisationState.CONFIRMED),
        "reject": (OrganisationState.REGISTERED, OrganisationState.REJECTED),
        "resubmit": (OrganisationState.REJECTED, OrganisationState.REGISTERED),
    },
    labels={
        OrganisationState.REGISTERED: N_("待确认"),
        OrganisationState.CONFIRMED: N_("已确认"),
        OrganisationState.REJECTED: N_("未通过确认"),
    },
    tones={
        OrganisationState.REGISTERED: "warn",
        OrganisationState.CONFIRMED: "ok",
        OrganisationState.REJECTED: "bad",
    },
)

FACT = Lifecycle(
    "organisation_fact",
    {
        "confirm": (FactState.PROPOSED, FactState.CURRENT),
        "refuse": (FactState.PROPOSED, FactState.REFUSED),
        "end": (FactState.CURRENT, FactState.PAST),
    },
    labels={
        FactState.PROPOSED: N_("待核实"),
        FactState.CURRENT: N_("现行"),
        FactState.PAST: N_("历史"),
        FactState.REFUSED: N_("未采纳"),
    },
    tones={FactState.PROPOSED: "warn", FactState.CURRENT: "ok", FactState.PAST: "quiet", FactState.REFUSED: "bad"},
)

ACCOUNT = Lifecycle(
    "bank_account",
    {
        "confirm": (AccountState.PROPOSED, AccountState.ACTIVE),
        "refuse": (AccountState.PROPOSED, AccountState.REFUSED),
        "retire": (AccountState.ACTIVE, AccountState.RETIRED),
    },
    labels={
        AccountState.PROPOSED: N_("待复核"),
        AccountState.ACTIVE: N_("启用"),
        AccountState.RETIRED: N_("已停用"),
        AccountState.REFUSED: N_("未通过复核"),
    },
    tones={
        AccountState.PROPOSED: "warn",
        AccountState.ACTIVE: "ok",
        AccountState.RETIRED: "quiet",
        AccountState.REFUSED: "bad",
    },
)

CASE = Lifecycle(
    "ownership_case",
    {
        "grant": (CaseState.OPEN, CaseState.GRANTED),
        "refuse": (CaseState.OPEN, CaseState.REFUSED),
    },
    labels={CaseState.OPEN: N_("待处理"), CaseState.GRANTED: N_("已认定"), CaseState.REFUSED: N_("已驳回")},
    tones={CaseState.OPEN: "warn", CaseState.GRANTED: "ok", CaseState.REFUSED: "bad"},
)

CAPACITY_LABELS = {
    CapacityKind.ENTERPRISE: N_("中小企业"),
    CapacityKind.PROVIDER: N_("数字化服务商"),
    CapacityKind.BUREAU: N_("主管部门"),
    CapacityKind.PILOT_OFFICE: N_("试点办公室"),
    CapacityKind.BANK: N_("银行"),
}
CAPACITY_HINTS = {
    CapacityKind.ENTERPRISE: N_("入选试点后领用服务券，选购数字化产品和服务。"),
    CapacityKind.PROVIDER: N_("申报入库，上架产品，为企业改造并兑付服务券。"),
    CapacityKind.BUREAU: N_("管理试点、审核材料和监督资金。"),
    CapacityKind.PILOT_OFFICE: N_("办理一个试点的改造名单、发券和验收。"),
    CapacityKind.BANK: N_("办理奖补资金的拨付和回单。"),
}
SIZE_LABELS = {
    SizeClass.LARGE: N_("大型"),
    SizeClass.MEDIUM: N_("中型"),
    SizeClass.SMALL: N_("小型"),
    SizeClass.MICRO: N_("微型"),
}
FACT_LABELS = {
    FactKind.NAME: N_("名称"),
    FactKind.LEGAL_REPRESENTATIVE: N_("法定代表人"),
    FactKind.PHONE: N_("联系电话"),
    FactKind.ADDRESS: N_("地址"),
    FactKind.REGION: N_("所在地"),
    FactKind.INDUSTRY: N_("行业"),
    FactKind.SIZE: N_("规模"),
}
PAPER_LABELS = {
    PaperKind.LICENCE: N_("营业执照"),
    PaperKind.LEGAL_REPRESENTATIVE: N_("法定代表人身份证明"),
    PaperKind.AUTHORISATION: N_("经办人授权书"),
}
OPEN_TO_ALL = (CapacityKind.ENTERPRISE, CapacityKind.PROVIDER)
"""Capacities that anybody may register; the others are given by officers or the platform."""
NEEDS_OFFICER = (FactKind.NAME, FactKind.LEGAL_REPRESENTATIVE, FactKind.REGION)
"""Facts that identify an organisation: a change waits until an officer has seen the licence."""

RELATIONS = {
    "same.organisation": N_("同一主体"),
    "same.legal_representative": N_("法定代表人相同"),
    "same.phone": N_("电话相同"),
    "same.address": N_("地址相同"),
    "same.account": N_("账户相同"),
    "holds": N_("一方持有另一方股权"),
    "same.shareholder": N_("股东相同"),
    "representative.holds": N_("法定代表人持股"),
}
"""In what two organisations are related, see `rules.relations`."""
