"""What wallets plug into the house: this is how an order reserves and redeems a voucher."""

from __future__ import annotations

from marketplace.base.house import JOBS, House, Job
from marketplace.base.roles import Role
from marketplace.base.stage import SCENES
from marketplace.base.text import N_
from marketplace.policy.findings.detectors import DETECTORS
from marketplace.record.audit.words import WORDS, Words
from marketplace.shop.orders.events import (
    ContractFiled,
    DeliveryConfirmed,
    DisputeDismissed,
    DisputeUpheld,
    MilestoneConfirmed,
    OrderDisputed,
    OrderEnded,
    OrderPlaced,
)
from marketplace.shop.orders.ports import ORDER_PANELS, VOUCHER_CHOICES
from marketplace.web.nav import API_BLUEPRINTS, BLUEPRINTS, CARDS, MENU, MenuEntry
from vouchers.schemes.ports import VERSION_STEPS
from vouchers.wallets import api, automatic, pages, panels, permissions, scenes, spending

ACTS = Words(
    kinds={
        "voucher": N_("企业服务券"),
    },
    verbs={
        "voucher.issued": N_("批量发放服务券"),
        "voucher.reserved": N_("预留服务券金额"),
        "voucher.transferred": N_("服务券锁定金额转给新服务商"),
        "voucher.released": N_("释放服务券金额"),
        "voucher.refunded": N_("退回服务券金额"),
        "voucher.recalled": N_("收回服务券金额"),
        "voucher.given_back": N_("企业退回服务券金额"),
        "voucher.frozen": N_("冻结服务券"),
        "voucher.thawed": N_("解冻服务券"),
        "voucher.kept_frozen": N_("服务券继续冻结"),
    },
)


def wire(house: House) -> None:
    house.matrix.add(permissions.MATRIX)
    house.add(WORDS, ACTS)
    house.add(BLUEPRINTS, pages.bp)
    house.add(API_BLUEPRINTS, api.bp)
    house.add(
        MENU,
        MenuEntry(
            "wallets.index", N_("服务券"), permissions.READ, order=40, group="money", front=frozenset({Role.ENTERPRISE})
        ),
    )
    house.add(CARDS, panels.home)
    house.add(DETECTORS, automatic.SUSPICION)
    house.add(JOBS, Job("wallets.automatic", N_("发放自动额度"), automatic.give_all, at="07:30"))
    house.add(VOUCHER_CHOICES, panels.choices)
    house.add(ORDER_PANELS, panels.arithmetic)
    house.add(VERSION_STEPS, panels.issue_step)
    house.subscribe(OrderPlaced, spending.reserve)
    house.subscribe(ContractFiled, spending.recompute)
    house.subscribe(MilestoneConfirmed, spending.redeem_part)
    house.subscribe(DeliveryConfirmed, spending.redeem)
    house.subscribe(OrderEnded, spending.release)
    house.subscribe(OrderDisputed, spending.freeze)
    house.subscribe(DisputeDismissed, spending.thaw)
    house.subscribe(DisputeUpheld, spending.thaw)
    for scene in scenes.scenes():
        house.add(SCENES, scene)
