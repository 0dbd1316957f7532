"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import JOBS, House, Job
from marketplace.base.text import N_
from marketplace.people.webhooks.topics import offer
from marketplace.record.audit.words import WORDS, Words
from marketplace.shop.roster import actions, api, pages, topics
from marketplace.shop.roster.permissions import MATRIX
from marketplace.web import nav
from marketplace.web.nav import MenuEntry

ACTS = Words(
    kinds={
        "roster_entry": N_("名录条目"),
    },
    verbs={
        "roster.entered": N_("列入名录"),
        "roster.warn": N_("名录警告"),
        "roster.rectify": N_("责令限期整改"),
        "roster.suspend": N_("名录暂停"),
        "roster.lift": N_("解除名录处理"),
        "roster.remove": N_("从名录移出"),
        "roster.ended": N_("名录到期"),
    },
)


def wire(house: House) -> None:
    """Permissions, the public pages, and the job that ends what has run out."""
    house.matrix.add(MATRIX)
    house.add(WORDS, ACTS)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(nav.MENU, MenuEntry("roster.index", N_("服务商名录"), order=40, group="market"))
    house.add(nav.SEARCH, nav.SearchSource(N_("服务商"), pages.find))
    house.add(JOBS, Job("roster.expire", N_("名录到期处理"), actions.end_expired, at="00:10"))
    offer(house, *topics.TOPICS)
