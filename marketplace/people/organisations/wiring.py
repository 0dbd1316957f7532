"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.people.organisations import api
from marketplace.people.organisations.pages import bank, desk, ownership, registry, upkeep
from marketplace.people.organisations.permissions import MATRIX, READ, READ_CASE
from marketplace.record.audit.words import WORDS, Words
from marketplace.web import nav

FIRMS = frozenset({Role.ENTERPRISE, Role.PROVIDER})


ACTS = Words(
    kinds={
        "organisation": N_("单位"),
        "ownership_case": N_("单位归属核实"),
        "uscc_override": N_("信用代码核准"),
    },
    verbs={
        "organisation.registered": N_("登记新单位"),
        "organisation.confirmed": N_("核实单位"),
        "organisation.rejected": N_("退回单位登记"),
        "organisation.resubmitted": N_("重新提交单位登记"),
        "organisation.change_proposed": N_("申请变更单位信息"),
        "organisation.change_decided": N_("审定单位信息变更"),
        "organisation.shareholders_stated": N_("申报股东"),
        "organisation.paper_filed": N_("提交单位证照"),
        "ownership_case.opened": N_("申请认领单位"),
        "ownership_case.decided": N_("裁定单位归属"),
        "uscc.admitted": N_("核准异常信用代码"),
        "bank_account.proposed": N_("登记收款账户"),
        "bank_account.confirmed": N_("核准收款账户"),
        "bank_account.refused": N_("退回收款账户"),
        "bank_account.stopped": N_("停用单位收款账户"),
    },
)


def wire(house: House) -> None:
    """Permissions and pages of organisations."""
    house.matrix.add(MATRIX)
    house.add(WORDS, ACTS)
    for blueprint in (registry.bp, upkeep.bp, bank.bp, ownership.bp):
        house.add(nav.BLUEPRINTS, blueprint)
    house.add(nav.API_BLUEPRINTS, api.bp)
    officers = frozenset(set(Role) - FIRMS)
    house.add(
        nav.MENU, nav.MenuEntry("organisations.mine", N_("我的单位"), READ, order=30, roles=FIRMS, group="pilots")
    )
    house.add(
        nav.MENU, nav.MenuEntry("organisations.index", N_("单位"), READ, order=30, roles=officers, group="pilots")
    )
    house.add(nav.MENU, nav.MenuEntry("ownership.index", N_("归属争议"), READ_CASE, order=86, group="pilots"))
    house.add(nav.TASKS, desk.tasks)
    house.add(nav.SEARCH, nav.SearchSource(N_("单位"), desk.find))
