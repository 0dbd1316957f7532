"""What settlement plugs into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.roles import Role
from marketplace.base.stage import SCENES
from marketplace.base.text import N_
from marketplace.policy.findings.detectors import DETECTORS, Detector
from marketplace.policy.findings.states import Severity
from marketplace.record.audit.words import WORDS, Words
from marketplace.record.notices.outbox import OUTBOX_HANDLERS, Handler
from marketplace.web import nav
from marketplace.web.nav import MenuEntry
from vouchers.claims.events import ClaimOverturned
from vouchers.settlement import api, batching, late, messages, models, pages, permissions, scenes, sending
from vouchers.settlement.batching import TOPIC

ACTS = Words(
    kinds={
        "payment_batch": N_("付款批次"),
        "approval_tier": N_("复核人数"),
    },
    verbs={
        "batch.made": N_("编成支付批次"),
        "batch.extended": N_("加入支付批次"),
        "batch.shortened": N_("移出支付批次"),
        "batch.cancelled": N_("取消支付批次"),
        "batch.released": N_("复核支付批次，待另一人"),
        "tier.set": N_("设定复核人数"),
        "tier.ended": N_("取消复核人数规定"),
        "batch.approved": N_("批准支付批次"),
        "batch.file_written": N_("生成支付文件"),
        "batch.return_loaded": N_("读入银行回单"),
        "batch.late_payment": N_("登记银行迟报的成功付款"),
        "batch.late_booked": N_("确认银行迟报的成功付款"),
    },
)
TWICE = Detector(
    late.TWICE,
    N_("疑似重复付款"),
    "四(二)",
    Severity.FAIL,
    evidence={"number": N_("申请编号"), "reference": N_("银行流水号")},
)


def wire(house: House) -> None:
    """Permissions, pages, API, messages, and the payment file that follows a release."""
    house.matrix.add(permissions.MATRIX)
    house.add(WORDS, ACTS)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(
        nav.MENU,
        MenuEntry(
            "settlement.index",
            N_("资金支付"),
            permissions.READ,
            order=62,
            group="money",
            front=frozenset({Role.FINANCE}),
        ),
    )
    house.add(nav.TASKS, pages.tasks)
    house.add(DETECTORS, TWICE)
    for fact, listener in messages.SUBSCRIPTIONS.items():
        house.subscribe(fact, listener)
    house.subscribe(ClaimOverturned, batching.let_go)
    house.add(OUTBOX_HANDLERS, Handler(TOPIC, inside=sending.deliver, label=N_("支付文件")))
    for scene in scenes.scenes():
        house.add(SCENES, scene)


__all__ = ["models", "wire"]
