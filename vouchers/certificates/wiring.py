"""What certificates plug into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.stage import SCENES
from marketplace.base.text import N_
from marketplace.record.audit.words import WORDS, Words
from marketplace.web import nav
from vouchers.certificates import api, models, pages, scenes
from vouchers.claims.ports import CLAIM_PANELS

ACTS = Words(
    kinds={"payable_certificate": N_("应付确认书")},
    verbs={"certificate.issued": N_("开具应付确认书")},
)


def wire(house: House) -> None:
    """Pages, API and the way to a certificate on its claim's page; who may is said by the claims."""
    house.add(WORDS, ACTS)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(CLAIM_PANELS, pages.panel)
    for scene in scenes.scenes():
        house.add(SCENES, scene)


__all__ = ["models", "wire"]
