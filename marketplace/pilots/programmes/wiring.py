"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.roles import Role
from marketplace.base.stage import SCENES
from marketplace.base.text import N_
from marketplace.people.accounts.places import PILOTS, PilotDirectory
from marketplace.pilots.programmes import deciding, queries, scenes, telling
from marketplace.pilots.programmes.api import pilots as pilots_api
from marketplace.pilots.programmes.api import programmes as programmes_api
from marketplace.pilots.programmes.events import PilotApproved, PilotSuspended, PlanChangeApproved, TrancheReleased
from marketplace.pilots.programmes.pages import money, nomination, pilots, programmes  # noqa: F401 - add their routes
from marketplace.pilots.programmes.pages.tasks import tasks
from marketplace.pilots.programmes.permissions import MATRIX
from marketplace.procedure.publicity.events import NoticeCleared, NoticeWithdrawn, ObjectionUpheld
from marketplace.record.audit.words import WORDS, Words
from marketplace.web import nav
from marketplace.web.nav import MenuEntry

ACTS = Words(
    kinds={
        "programme": N_("专项"),
        "programme_batch": N_("专项批次"),
        "pilot": N_("试点县区"),
        "tranche": N_("拨款"),
        "mid_term_evaluation": N_("中期评估"),
        "plan_change": N_("方案调整"),
    },
    verbs={
        "programme.opened": N_("设立专项"),
        "batch.opened": N_("启动专项批次"),
        "pilot.nominated": N_("上报试点"),
        "pilot.withdrawn": N_("撤回试点推荐"),
        "pilot.reviewed": N_("登记试点评审结果"),
        "pilot.published": N_("公示试点"),
        "pilot.cleared": N_("试点公示期满"),
        "pilot.unpublished": N_("撤下试点公示"),
        "pilot.approved": N_("批复试点"),
        "pilot.declined": N_("不予批复试点"),
        "pilot.suspended": N_("暂停试点"),
        "pilot.resumed": N_("恢复试点"),
        "pilot.closed": N_("试点结项"),
        "pilot.evaluated": N_("记录中期评估"),
        "plan.change_requested": N_("申请调整方案"),
        "plan.change_decided": N_("审定方案调整"),
        "tranche.proposed": N_("拟定拨款"),
        "tranche.released": N_("批准拨款"),
        "tranche.refused": N_("退回拨款"),
        "tranche.received": N_("确认拨款到账"),
        "tranche.receipt_corrected": N_("冲回拨款到账"),
    },
)


def wire(house: House) -> None:
    """Permissions, pages, what follows a public notice, whom to tell, and where a pilot lies."""
    house.matrix.add(MATRIX)
    house.add(WORDS, ACTS)
    house.add(nav.BLUEPRINTS, programmes.bp)
    house.add(nav.BLUEPRINTS, pilots.bp)
    house.add(nav.API_BLUEPRINTS, programmes_api.bp)
    house.add(nav.API_BLUEPRINTS, pilots_api.bp)
    house.add(
        nav.MENU, MenuEntry("pilots.index", N_("试点"), order=30, group="pilots", front=frozenset({Role.PROVINCE}))
    )
    house.add(nav.TASKS, tasks)
    house.add(PILOTS, PilotDirectory(queries.place, queries.staffed))
    house.subscribe(NoticeCleared, deciding.on_cleared)
    house.subscribe(ObjectionUpheld, deciding.on_objection)
    house.subscribe(NoticeWithdrawn, deciding.on_withdrawn)
    house.subscribe(PilotApproved, telling.approved)
    house.subscribe(PilotSuspended, telling.suspended)
    house.subscribe(TrancheReleased, telling.released)
    house.subscribe(PlanChangeApproved, telling.change_approved)
    for scene in scenes.scenes():
        house.add(SCENES, scene)
