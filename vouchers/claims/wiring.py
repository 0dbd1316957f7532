"""What claims plug into the house."""

from __future__ import annotations

from marketplace.base.house import JOBS, House, Job
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.people.webhooks.topics import offer
from marketplace.policy.findings.detectors import DETECTORS
from marketplace.record.audit.words import WORDS, Words
from marketplace.shop.orders.events import DisputeUpheld, OrderDisputed
from marketplace.shop.orders.ports import ORDER_PANELS, ORDER_STEPS
from marketplace.web import nav
from marketplace.web.nav import MenuEntry
from vouchers.claims import api, disputes, messages, models, outcome, permissions, suspicions, topics
from vouchers.claims.pages import claims, desk, frame, payee  # noqa: F401 - add their routes
from vouchers.contracts.ports import CONTRACT_PANELS
from vouchers.invoices.events import InvoiceHeld, InvoiceWithdrawn

ACTS = Words(
    kinds={
        "claim_form": N_("兑付申请单"),
    },
    verbs={
        "claim.submitted": N_("提交兑付申请"),
        "claim.own_payment": N_("填写企业付款回单"),
        "claim.corrected": N_("更正兑付申请"),
        "claim.withdrawn": N_("撤回兑付申请"),
        "claim.reviewed": N_("审核兑付申请"),
        "claim.overturned": N_("异议成立而终止兑付"),
        "claim.paid": N_("兑付完成"),
        "claim.payment_failed": N_("兑付付款失败"),
        "claim.revoked": N_("撤销兑付审定"),
    },
)


def wire(house: House) -> None:
    """Permissions, pages, API, the panel and the station on an order's page, messages, the clock that reminds."""
    house.matrix.add(permissions.MATRIX)
    house.add(WORDS, ACTS)
    house.add(nav.BLUEPRINTS, claims.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(
        nav.MENU,
        MenuEntry(
            "claims.index",
            N_("兑付申请"),
            permissions.READ,
            order=54,
            group="money",
            front=frozenset({Role.ENTERPRISE, Role.PROVIDER, Role.PILOT, Role.CITY}),
        ),
    )
    house.add(nav.TASKS, frame.tasks)
    house.add(ORDER_PANELS, frame.panel)
    house.add(ORDER_STEPS, frame.steps)
    house.add(CONTRACT_PANELS, frame.contract_panel)
    for fact, listener in messages.SUBSCRIPTIONS.items():
        house.subscribe(fact, listener)
    house.subscribe(InvoiceWithdrawn, outcome.keep_papers)
    house.subscribe(InvoiceHeld, outcome.suspect_payment)
    house.subscribe(OrderDisputed, disputes.refuse_paid)
    house.subscribe(DisputeUpheld, disputes.overturn)
    for detector in suspicions.SUSPICIONS:
        house.add(DETECTORS, detector)
    house.add(JOBS, Job("claims.remind", N_("提醒超期的兑付申请"), outcome.remind, at="08:30"))
    house.add(JOBS, Job("claims.escalate", N_("上报久拖未办的兑付申请"), outcome.escalate, at="08:35"))
    offer(house, *topics.TOPICS)


__all__ = ["models", "wire"]
