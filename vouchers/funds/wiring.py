"""What funds plug into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.roles import Role
from marketplace.base.stage import SCENES
from marketplace.base.text import N_
from marketplace.pilots.programmes.events import PilotApproved, TrancheReceived
from marketplace.record.audit.words import WORDS, Words
from marketplace.web.nav import API_BLUEPRINTS, BLUEPRINTS, MENU, MenuEntry
from vouchers.funds import actions, api, pages, permissions, scenes

ACTS = Words(
    kinds={
        "fund": N_("资金池"),
        "budget_line": N_("预算科目"),
    },
    verbs={
        "fund.award_booked": N_("登记奖补额度"),
        "fund.receipt_booked": N_("登记资金到账"),
        "line.opened": N_("设立预算科目"),
        "line.allotted": N_("分配预算"),
        "line.unallotted": N_("收回预算"),
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
            "funds.index", N_("资金"), permissions.READ, order=60, group="money", front=frozenset({Role.FINANCE})
        ),
    )
    house.subscribe(PilotApproved, actions.book_award)
    house.subscribe(TrancheReceived, actions.book_receipt)
    for scene in scenes.scenes():
        house.add(SCENES, scene)
